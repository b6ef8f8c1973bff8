"""One HTML file that says everything of a run, or of several beside each other: to be sent to a colleague.

The file needs nothing from elsewhere, and may do nothing: pictures are in it, its policy forbids scripts and requests,
and every word of a record is escaped.
"""

from logbook.reporting.pages import comparison_page, run_page

__all__ = ["comparison_page", "run_page"]
