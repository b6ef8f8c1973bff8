"""Questions to the store: a small language, read into a tree, compiled to parametrised SQL.

    language.py     text -> tree, or an error that points at the place
    fields.py       what a field's name means: attribute, alias, metric, setting
    values.py       what a value's text means: number, date, span, list
    expressions.py  what a field is as SQL
    compile.py      tree -> (SQL, parameters); no text of the query ever becomes SQL
    run.py          the search itself, with its limits
    columns.py      what runs have in the fields that a person names
    relevance.py    which text matches best, and where
    results.py      which way a measured number is better
    unmatched.py    why nothing may have been found

docs/search.md is the language as people read it; tests run its tables.
"""

from logbook.store.search.run import search_runs

__all__ = ["search_runs"]
