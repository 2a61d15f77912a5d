"""`python -m dinero …`: the same jobs as the pages, without a browser.

Exit codes: 0 all done · 1 some orders are held, refused or unsure · 2 wrong use or settings · 3 the connection
needs the owner.
"""

import argparse
import logging
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

from dinero.model.documents import CORRECTIONS, STATES
from dinero.model.errors import DashboardError

Command = Callable[[argparse.Namespace], int]
# Adds a command by its name, the function that it is ("module:function" of this room) and what the help says.
Add = Callable[[str, str, str], argparse.ArgumentParser]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    options = parser().parse_args(arguments)
    try:
        return function(options.command)(options)
    except DashboardError as error:
        # The owner's language is in the database, which the help and the sandbox don't open.
        from dinero.cli.words import complain

        return complain(error)
    except BrokenPipeError:
        return 1


def function(command: str) -> Command:
    """The function of a command, whose module is imported here: each waits for what it works with alone."""
    module, name = command.split(":")
    found: Command = getattr(import_module(f"dinero.cli.{module}"), name)
    return found


def parser() -> argparse.ArgumentParser:
    """All commands with their arguments; `command` is the one to run."""
    whole = argparse.ArgumentParser(prog="python -m dinero", description=__doc__)
    add = _below(whole)
    for room in (_demo, _running, _orders, _keeping):
        room(add)
    _shops(add)
    _payouts(_below(add("payouts", "", "what acquirers paid out: read it, list it and book it")))
    return whole


def _below(parser: argparse.ArgumentParser, *, required: bool = True) -> Add:
    """Adds commands below a command, which wants one of them unless it is one itself."""
    commands = parser.add_subparsers(required=required, metavar="command")

    def add(name: str, command: str, text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text)
        added.set_defaults(command=command)
        return added

    return add


def _demo(add: Add) -> None:
    sandbox = add("sandbox", "demo:sandbox", "serve Dinero, Visma Connect and webshops on this machine")
    sandbox.add_argument("--port", type=int, default=8600)
    sandbox.add_argument("--orders", type=int, default=200)
    sandbox.add_argument("--seed", type=int, default=1)
    sandbox.add_argument("--calls-per-minute", type=int)
    sandbox.add_argument("--returns", action="store_true", help="some orders are the shop's credit notes")
    sandbox.add_argument(
        "--payout-files", type=Path, metavar="DIR", help="write what acquirers paid out as their files into a folder"
    )
    sandbox.add_argument(
        "--woocommerce",
        type=int,
        nargs="?",
        const=60,
        metavar="ORDERS",
        help="print the variables of its WooCommerce too, which has so many orders (60 unless told)",
    )
    demo = add("demo", "demo:demo", "the dashboard on a sandbox with orders waiting, in a data folder of its own")
    demo.add_argument("--port", type=int, default=8501)
    demo.add_argument("--orders", type=int, default=200)
    demo.add_argument("--seed", type=int, default=1)


def _running(add: Add) -> None:
    setup = add("setup", "running:set_up", "store the settings of the environment, checked against Dinero")
    setup.add_argument("--from-env", action="store_true", required=True)
    doctor = add("doctor", "running:doctor", "what is connected, what is missing, what to do")
    doctor.add_argument("--json", action="store_true")
    run = add("run", "running:run", "fetch and transfer again and again, unattended")
    run.add_argument("--every", type=float, metavar="MINUTES", help="instead of what is set (15 unless changed)")
    run.add_argument("--once", action="store_true", help="one round, then end with its exit code")
    reconcile = add("reconcile", "running:reconcile", "compare a period's orders with Dinero, for the accountant")
    reconcile.add_argument("--from", dest="first", required=True, metavar="YYYY-MM-DD")
    reconcile.add_argument("--to", dest="last", required=True, metavar="YYYY-MM-DD")
    form = reconcile.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true")
    form.add_argument("--csv", action="store_true")
    form.add_argument("--pdf", metavar="FILE")
    balance = add("balance", "running:balance", "explain the booking account's balance in Dinero, to the øre")
    balance.add_argument("--on", metavar="YYYY-MM-DD", help="the day at whose end it is explained (today otherwise)")
    balance.add_argument("--json", action="store_true")


def _orders(add: Add) -> None:
    fetch = add("fetch", "orders:fetch", "read new and changed orders from the shops")
    fetch.add_argument("--shop", metavar="NAME", help="from one shop alone")
    fetch.add_argument("--all", action="store_true", help="read all orders, not only new and changed ones")
    orders = add("orders", "orders:list_orders", "list orders")
    orders.add_argument("--state", choices=STATES)
    orders.add_argument("--json", action="store_true")
    push = add("push", "orders:push", "transfer orders to Dinero")
    push.add_argument("--all", action="store_true", help="all orders that wait")
    push.add_argument("--json", action="store_true")
    push.add_argument("order", nargs="*", help="an order's id or number; SHOP:NUMBER where two shops have it")
    correct = add("correct", "orders:correct", "take a booked invoice back, credit a difference, or book anew")
    correct.add_argument("order", help="the order's id or number")
    correct.add_argument("action", choices=CORRECTIONS)
    correct.add_argument("--reason", required=True)
    correct.add_argument("--json", action="store_true")
    answer = add("answer", "orders:answer", "answer the question that holds an order")
    answer.add_argument("--rule", action="store_true", help="for all orders")
    answer.add_argument("order", help="the order's id or number")
    answer.add_argument("key", help="the question's key, as `orders --json` tells it")
    answer.add_argument("choice")
    history = add("history", "orders:history", "the append-only history, oldest first")
    form = history.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true")
    form.add_argument("--csv", action="store_true")


def _shops(add: Add) -> None:
    shops = add("shops", "shops:list_shops", "list the shops; add, pause, resume or remove one")
    shops.add_argument("--json", action="store_true")
    below = _below(shops, required=False)
    new = below("add", "shops:add", "add the shop that the environment names; a known one is the same shop again")
    new.add_argument("system", choices=("woocommerce", "shoporama"))
    new.add_argument("--from-env", action="store_true", required=True)
    new.add_argument("--name", help="what you call the shop")
    for name, text in (
        ("pause", "fetch and transfer no more from a shop"),
        ("resume", "take a paused shop up again"),
        ("remove", "forget a shop's keys; what was booked stays"),
    ):
        below(name, f"shops:{name}", text).add_argument("shop", metavar="NAME", help="the shop's name")


def _payouts(add: Add) -> None:
    read = add("read", "payouts:read", "read payouts from files of acquirers")
    read.add_argument("--as", dest="reader", metavar="READER", help="the file's format, where it is not recognized")
    read.add_argument("--another-account", action="store_true", help="also of a merchant account that is new here")
    read.add_argument("--json", action="store_true")
    read.add_argument("file", nargs="+", type=Path)
    add("fetch", "payouts:fetch", "read new payouts from the acquirers that are connected")
    listed = add("list", "payouts:list_payouts", "list payouts")
    listed.add_argument("--json", action="store_true")
    book = add("book", "payouts:book", "book payouts and their fees in Dinero")
    book.add_argument("--all", action="store_true", help="all payouts that are ready")
    book.add_argument("--json", action="store_true")
    book.add_argument("payout", nargs="*", help="a payout's id at the acquirer, or its text at the bank")


def _keeping(add: Add) -> None:
    save = add("backup", "keeping:backup", "write the whole database to one file, also while the dashboard runs")
    save.add_argument("file", type=Path)
    back = add("restore", "keeping:restore", "put a backup in place of the database, which is kept beside it")
    back.add_argument("file", type=Path)
    everything = add("export", "keeping:export", "write orders, documents and history to a zip of CSV and JSON files")
    everything.add_argument("file", type=Path)
    forget = add("forget", "keeping:forget", "remove a customer's data from the orders that are finished")
    forget.add_argument("email", metavar="e-mail")
    add(
        "reset-password",
        "keeping:reset_password",
        "forget the dashboard's password, so that the next visitor chooses one",
    )
