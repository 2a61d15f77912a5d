"""Dinero, Visma Connect and two shop systems on this machine: for the demo, the tests and the benchmarks."""

from dinero.sandbox.generate import make_order
from dinero.sandbox.server import Sandbox, serve

__all__ = ["Sandbox", "make_order", "serve"]
