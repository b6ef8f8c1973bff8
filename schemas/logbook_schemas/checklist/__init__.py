"""The checklist: rules that judge configs and records, one a file under `rules/<topic>/`."""
