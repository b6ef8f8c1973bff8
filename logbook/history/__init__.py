"""Questions to the past: what differs, what was best, what it looked like. Pure functions over schemas."""
