"""Accounting as pure functions of the model."""
