"""From outside into the store: orders, and the mirror of Dinero's accounts and customers."""
