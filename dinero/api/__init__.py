"""Talking to Dinero: tokens, one session with budget and timeouts, one method an endpoint."""
