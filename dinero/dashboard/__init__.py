"""What pages, routes and commands may ask."""
