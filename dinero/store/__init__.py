"""What the dashboard remembers: SQLite, and all of the SQL there is."""
