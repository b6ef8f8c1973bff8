"""What is measured and stored: the shapes that leave the store, one file a subject."""
