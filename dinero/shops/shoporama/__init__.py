"""The shop system Shoporama."""
