"""The routes beside the pages, and the gate in front of all."""
