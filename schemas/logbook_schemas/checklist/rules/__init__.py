"""One rule a file, by topic; `catalogue.py` lists them."""
