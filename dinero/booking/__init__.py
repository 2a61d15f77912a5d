"""The one machine that writes in Dinero."""
