"""The config language, format 1: one file a section, and in `identity` what makes two configs the same."""
