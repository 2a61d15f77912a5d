"""Webshop orders to booked, paid invoices in Dinero: exactly once, to the øre."""

__version__ = "2026.11.8"
