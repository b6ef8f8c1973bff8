"""What the past says: pure functions over schemas."""
