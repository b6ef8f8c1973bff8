"""The healthy corpus: programs with nothing wrong, of many kinds. The checklist has nothing to warn of in any."""
