"""Backup, export and forgetting."""
