"""One rule a file, by topic; each topic lists its own, and `catalogue.py` all."""
