"""What people see: records in, text out. Plain text and a little colour; no library, so that it's quick."""
