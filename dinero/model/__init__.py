"""The values and words that all parts share; nothing here reads a clock, a file or a database."""
