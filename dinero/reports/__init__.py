"""Proofs and sums of what is stored."""
