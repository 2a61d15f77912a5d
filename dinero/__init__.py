"""Webshop orders to booked, paid invoices in Dinero: exactly once, to the øre."""

__version__ = "0.1.0"
