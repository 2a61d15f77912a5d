"""The commands that invent a world: the other systems on this machine, and the dashboard on them."""

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from dinero.environment import Environment
from dinero.sandbox import Sandbox, serve
from dinero.sandbox.connect import CONNECT_CLIENT_ID, CONNECT_CLIENT_SECRET
from dinero.sandbox.payout_files import write_files

ROOT = Path(__file__).parents[2]
PAYOUT_FILES = "udbetalinger"  # the folder in the demo's data with acquirers' files to drop on its page
DEMO_CALLS_PER_MINUTE = 600
# What the demo's dashboard is told of the sandbox. The keys stay out: the owner walks through the steps as with the
# real systems.
TOLD = (
    "DINERO_API_URL",
    "DINERO_CONNECT_URL",
    "DINERO_TOKEN_URL",
    "SHOPORAMA_URL",
    "VIES_URL",
    "CLEARHAUS_URL",
    "VIPPS_URL",
    "DINERO_CALLS_PER_MINUTE",
)
# The same keys under names of the demo's own, for the owner who wants to see invoices at once.
KEYS = {
    "DINERO_DEMO_CLIENT_ID": "DINERO_CLIENT_ID",
    "DINERO_DEMO_CLIENT_SECRET": "DINERO_CLIENT_SECRET",
    "DINERO_DEMO_API_KEY": "DINERO_API_KEY",
    "DINERO_DEMO_ORGANIZATION": "DINERO_ORGANIZATION",
    "DINERO_DEMO_SHOP_KEY": "SHOPORAMA_KEY",
    "DINERO_DEMO_WOOCOMMERCE_URL": "WOOCOMMERCE_URL",
    "DINERO_DEMO_WOOCOMMERCE_KEY": "WOOCOMMERCE_KEY",
    "DINERO_DEMO_WOOCOMMERCE_SECRET": "WOOCOMMERCE_SECRET",
    "DINERO_DEMO_CLEARHAUS_CLIENT_ID": "CLEARHAUS_CLIENT_ID",
    "DINERO_DEMO_CLEARHAUS_CLIENT_SECRET": "CLEARHAUS_CLIENT_SECRET",
    "DINERO_DEMO_VIPPS_CLIENT_ID": "VIPPS_CLIENT_ID",
    "DINERO_DEMO_VIPPS_CLIENT_SECRET": "VIPPS_CLIENT_SECRET",
    "DINERO_DEMO_VIPPS_SUBSCRIPTION_KEY": "VIPPS_SUBSCRIPTION_KEY",
    "DINERO_DEMO_VIPPS_MSN": "VIPPS_MSN",
}


def sandbox(options: argparse.Namespace) -> int:
    """Serves the other systems until it is ended."""
    serve(
        port=options.port,
        orders=options.orders,
        seed=options.seed,
        calls_per_minute=options.calls_per_minute,
        returns=options.returns,
        payout_files=options.payout_files,
        woocommerce=options.woocommerce,
    )
    return 0


def demo(options: argparse.Namespace) -> int:
    """Serves the dashboard and its sandbox until it is ended, in a data folder of this port's that is made anew.

    Where something serves on that port already, nothing is begun: its data may be what would be made anew."""
    if _is_taken(options.port):
        print(f"Port {options.port} is in use already. Another one: --port {options.port + 1}", file=sys.stderr)
        return 1
    here = Environment.read({"DINERO_DATA_DIR": os.environ.get("DINERO_DATA_DIR", "")})
    folder = here.data_dir / "demo" / str(options.port)
    if folder.exists():
        shutil.rmtree(folder)
    systems = Sandbox(
        orders=options.orders,
        seed=options.seed,
        calls_per_minute=DEMO_CALLS_PER_MINUTE,
        webshop_account=False,
        latency=0.05,
        returns=True,
    )
    write_files(systems.payouts, folder / PAYOUT_FILES)
    with systems:
        print(f"Demo: http://127.0.0.1:{options.port} (Ctrl+C ends it)", flush=True)
        print(f"Acquirers' files: {folder / PAYOUT_FILES}", flush=True)
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(options.port)]
        environment = _environment(systems, folder)
        process = subprocess.Popen(command, cwd=ROOT, env=environment)  # noqa: S603 - our own command
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: process.terminate())
        return process.wait()


def _is_taken(port: int) -> bool:
    """Whether something on this machine listens on the port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _environment(systems: Sandbox, folder: Path) -> dict[str, str]:
    """The environment of the demo's dashboard: this one's, without what it says of real systems."""
    ours = ("DINERO_", "SHOPORAMA_", "WOOCOMMERCE_", "CLEARHAUS_", "VIPPS_")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    given = systems.environment(woocommerce=True)
    own = {
        "DINERO_DATA_DIR": str(folder),
        "DINERO_CONNECT_CLIENT_ID": CONNECT_CLIENT_ID,
        "DINERO_CONNECT_CLIENT_SECRET": CONNECT_CLIENT_SECRET,
    }
    return inherited | {name: given[name] for name in TOLD} | demo_keys(given) | own


def demo_keys(given: Mapping[str, str]) -> dict[str, str]:
    """A sandbox's keys, those that are given, under the names by which the demo sets itself up."""
    return {own: given[name] for own, name in KEYS.items() if name in given}
