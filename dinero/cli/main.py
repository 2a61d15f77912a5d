"""`python -m dinero …`: the same jobs as the pages, without a browser.

Exit codes: 0 all done · 1 some orders are held, refused or unsure · 2 wrong use or settings · 3 the connection
needs the owner.
"""

import argparse
import csv
import json
import logging
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dinero.model import findings as found_reasons
from dinero.model.documents import CORRECTIONS, NEEDS_OWNER, PUSHABLE, STATES, Progress, StoredOrder
from dinero.model.errors import ConnectionStopped, DashboardError, SettingsError, TryLater
from dinero.model.i18n import Text

# What a command works with is imported when it runs: most of the time of a short one went into what it did not use.
if TYPE_CHECKING:
    from dinero.dashboard.dashboard import Dashboard

ROOT = Path(__file__).parents[2]
EVERYTHING = -1  # no limit
PAGE = 1000
DEMO_CALLS_PER_MINUTE = 600


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except DashboardError as error:
        print(error.text.render(_language()), file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m dinero", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")

    def add(name: str, run: Callable[[argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(command=run)
        return command

    sandbox = add("sandbox", _sandbox, "serve Dinero, Visma Connect and Shoporama on this machine")
    sandbox.add_argument("--port", type=int, default=8600)
    sandbox.add_argument("--orders", type=int, default=200)
    sandbox.add_argument("--seed", type=int, default=1)
    sandbox.add_argument("--calls-per-minute", type=int)
    sandbox.add_argument("--returns", action="store_true", help="some orders are the shop's credit notes")
    demo = add("demo", _demo, "the dashboard on a sandbox with orders waiting, in a data folder of its own")
    demo.add_argument("--port", type=int, default=8501)
    demo.add_argument("--orders", type=int, default=200)
    demo.add_argument("--seed", type=int, default=1)
    setup = add("setup", _setup, "store the settings of the environment, checked against Dinero")
    setup.add_argument("--from-env", action="store_true", required=True)
    fetch = add("fetch", _fetch, "read new and changed orders from the shop")
    fetch.add_argument("--all", action="store_true", help="read all orders, not only new and changed ones")
    orders = add("orders", _orders, "list orders")
    orders.add_argument("--state", choices=STATES)
    orders.add_argument("--json", action="store_true")
    push = add("push", _push, "transfer orders to Dinero")
    push.add_argument("--all", action="store_true", help="all orders that wait")
    push.add_argument("--json", action="store_true")
    push.add_argument("order", nargs="*", help="an order's id or number")
    history = add("history", _history, "the append-only history, oldest first")
    form = history.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true")
    form.add_argument("--csv", action="store_true")
    doctor = add("doctor", _doctor, "what is connected, what is missing, what to do")
    doctor.add_argument("--json", action="store_true")
    add("reset-password", _reset_password, "forget the dashboard's password, so that the next visitor chooses one")
    reconcile = add("reconcile", _reconcile, "compare a period's orders with Dinero, for the accountant")
    reconcile.add_argument("--from", dest="first", required=True, metavar="YYYY-MM-DD")
    reconcile.add_argument("--to", dest="last", required=True, metavar="YYYY-MM-DD")
    form = reconcile.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true")
    form.add_argument("--csv", action="store_true")
    form.add_argument("--pdf", metavar="FILE")
    answer = add("answer", _answer, "answer the question that holds an order")
    answer.add_argument("--rule", action="store_true", help="for all orders")
    answer.add_argument("order", help="the order's id or number")
    answer.add_argument("key", help="the question's key, as `orders --json` tells it")
    answer.add_argument("choice")
    correct = add("correct", _correct, "take a booked invoice back, credit a difference, or book anew")
    correct.add_argument("order", help="the order's id or number")
    correct.add_argument("action", choices=CORRECTIONS)
    correct.add_argument("--reason", required=True)
    correct.add_argument("--json", action="store_true")
    save = add("backup", _backup, "write the whole database to one file, also while the dashboard runs")
    save.add_argument("file", type=Path)
    back = add("restore", _restore, "put a backup in place of the database, which is kept beside it")
    back.add_argument("file", type=Path)
    everything = add("export", _export, "write orders, documents and history to a zip of CSV and JSON files")
    everything.add_argument("file", type=Path)
    forget = add("forget", _forget, "remove a customer's data from the orders that are finished")
    forget.add_argument("email", metavar="e-mail")
    run = add("run", _run, "fetch and transfer again and again, unattended")
    run.add_argument("--every", type=float, metavar="MINUTES", help="instead of what is set (15 unless changed)")
    run.add_argument("--once", action="store_true", help="one round, then end with its exit code")
    return parser


def this_dashboard() -> "Dashboard":
    """The dashboard's jobs on the data folder of the environment."""
    from dinero.dashboard.dashboard import dashboard as found

    return found()


def _language() -> str:
    try:
        return this_dashboard().settings.language()
    except (DashboardError, sqlite3.Error):
        return "da"


# --- sandbox and demo ----------------------------------------------------------------------------------


def _sandbox(options: argparse.Namespace) -> int:
    from dinero.sandbox import serve

    serve(
        port=options.port,
        orders=options.orders,
        seed=options.seed,
        calls_per_minute=options.calls_per_minute,
        returns=options.returns,
    )
    return 0


def _demo(options: argparse.Namespace) -> int:
    from dinero.environment import Environment
    from dinero.sandbox import Sandbox
    from dinero.sandbox.connect import CONNECT_CLIENT_ID, CONNECT_CLIENT_SECRET

    folder = Environment.read({}).data_dir / "demo"
    if folder.exists():
        shutil.rmtree(folder)
    sandbox = Sandbox(
        orders=options.orders,
        seed=options.seed,
        calls_per_minute=DEMO_CALLS_PER_MINUTE,
        webshop_account=False,
        latency=0.05,
        returns=True,
    )
    with sandbox:
        # The keys stay out: in the demo the owner walks through the steps as with the real systems.
        wanted = (
            "DINERO_API_URL",
            "DINERO_CONNECT_URL",
            "DINERO_TOKEN_URL",
            "SHOPORAMA_URL",
            "VIES_URL",
            "DINERO_CALLS_PER_MINUTE",
        )
        given = sandbox.environment()
        environment = {name: given[name] for name in wanted} | {
            "DINERO_DATA_DIR": str(folder),
            "DINERO_CONNECT_CLIENT_ID": CONNECT_CLIENT_ID,
            "DINERO_CONNECT_CLIENT_SECRET": CONNECT_CLIENT_SECRET,
        }
        print(f"Demo: http://127.0.0.1:{options.port} (Ctrl+C ends it)", flush=True)
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(options.port)]
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(("DINERO_", "SHOPORAMA_"))
        }
        process = subprocess.Popen(command, cwd=ROOT, env=inherited | environment)  # noqa: S603 - our own command
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: process.terminate())
        return process.wait()


# --- the jobs ------------------------------------------------------------------------------------------


def _setup(options: argparse.Namespace) -> int:
    chosen = this_dashboard().set_up.from_environment()
    account = chosen.chart.deposits[chosen.booking_account or 0]
    _say(
        Text(
            "Set up: {organization}, booking account {number} {account}.",
            organization=chosen.organization_name,
            number=str(account.number),
            account=account.name,
        )
    )
    if account.is_bank:
        _say(BANK_WARNING)
    return 0


BANK_WARNING = Text(
    "The booking account is the bank account. The payout comes in less the fees of NETS, Clearhaus and others, "
    "so the bank reconciliation will not fit. Choose an account between, such as “Webshop salg”."
)


def _fetch(options: argparse.Namespace) -> int:
    fetched = this_dashboard().orders.fetch(whole=options.all)
    _say(
        Text(
            "{seen} orders were read, {new} new and {changed} changed.",
            seen=fetched.seen,
            new=fetched.new,
            changed=fetched.changed,
        )
    )
    return 0


def _orders(options: argparse.Namespace) -> int:
    rows = this_dashboard().store.orders.list(states=[options.state] if options.state else (), limit=EVERYTHING)
    if options.json:
        print(json.dumps([_order_json(row) for row in rows], ensure_ascii=False, indent=1))
        return 0
    for row in rows:
        amount = "" if row.total_ore is None else f"{row.total_ore / 100:.2f} {row.currency}"
        print("\t".join([row.id, row.number, row.placed_on or "", amount, row.state, _reason(row)]))
    return 0


def _order_json(row: StoredOrder) -> dict[str, Any]:
    names = (
        "number",
        "state",
        "total_ore",
        "currency",
        "placed_on",
        "customer",
        "email",
        "paid",
        "sent",
        "payment_method",
        "invoice_number",
    )
    questions = [
        {"key": q.key, "choices": [choice.value for choice in q.choices], "rule": q.can_be_rule}
        for finding in row.reasons
        if (q := finding.question)
    ]
    told = {"order": row.id, "reason": _reason(row), "questions": questions, "changed": row.change is not None}
    return told | {name: getattr(row, name) for name in names}


def _push(options: argparse.Namespace) -> int:
    if options.all == bool(options.order):
        raise SettingsError(Text("Name the orders to transfer, or use --all."))
    store = this_dashboard().store
    rows = (
        store.orders.list(states=PUSHABLE, limit=EVERYTHING)
        if options.all
        else [_named(name) for name in options.order]
    )
    result, stopped = _transfer(this_dashboard(), rows)
    if options.all and stopped is None:  # returns whose orders were transferred just now
        tried = {row.id for row in rows}
        more = [row for row in store.orders.list(states=["waiting"], limit=EVERYTHING) if row.id not in tried]
        returns, stopped = _transfer(this_dashboard(), more)
        result = {name: result[name] + returns[name] for name in result}
    if options.all:
        held = store.orders.list(states=["held"], limit=EVERYTHING)
        result["rows"] += [_result_row(row.id, row.state, None, row.reasons) for row in held]
    if options.json:
        print(json.dumps(result, ensure_ascii=False, indent=1))
    else:
        _say(
            Text(
                "{invoices} invoices were booked and {payments} sales registered for {orders} orders.",
                invoices=result["invoices"],
                payments=result["payments"],
                orders=result["orders"],
            )
        )
        for row in result["rows"]:
            if row["state"] not in ("done", "not due", "ignored"):
                print(f"{row['order']}\t{row['state']}\t{row['reason']}")
    if stopped is not None:
        print(stopped.text.render(_language()), file=sys.stderr)
        return stopped.exit_code
    left = {row["state"] for row in result["rows"]} - {"done", "credited", "ignored", "not due"}
    return 1 if left else 0


def _correct(options: argparse.Namespace) -> int:
    dashboard = this_dashboard()
    operation_id = str(uuid.uuid4())
    dashboard.corrections.start(
        operation_id, _named(options.order), options.action, reason=options.reason, actor="command"
    )
    result, stopped = _work_off(dashboard, operation_id)
    (row,) = result["rows"]
    if options.json:
        print(json.dumps(result, ensure_ascii=False, indent=1))
    else:
        print(f"{row['order']}\t{row['state']}\t{row['reason']}")
    if stopped is not None:
        print(stopped.text.render(_language()), file=sys.stderr)
        return stopped.exit_code
    return 0 if row["state"] in ("credited", "done") and not row["reason"] else 1


def _answer(options: argparse.Namespace) -> int:
    row = _named(options.order)
    questions = {q.key: q for finding in row.reasons if (q := finding.question)}
    if options.key not in questions:
        keys = ", ".join(sorted(questions)) or "–"
        raise SettingsError(Text("The order is not held by that question. Its questions: {keys}", keys=keys))
    this_dashboard().orders.answer(row, questions[options.key], options.choice, as_rule=options.rule)
    return 0


def _reconcile(options: argparse.Namespace) -> int:
    from dinero.model.settings import parse_date
    from dinero.reports.export import reconciliation_csv, reconciliation_pdf

    dashboard = this_dashboard()
    result = dashboard.proof.reconcile(parse_date(options.first), parse_date(options.last))
    if options.csv:
        sys.stdout.write(reconciliation_csv(result, _language()))
    elif options.pdf:
        organization = dashboard.settings.load().organization_name
        Path(options.pdf).write_bytes(reconciliation_pdf(result, organization, _language()))
    elif options.json:
        print(json.dumps(result.to_json(), ensure_ascii=False, indent=1))
    else:
        for status, n in sorted(result.counts.items()):
            print(f"{status}\t{n}")
        _say(Text("Booked twice: {doubled}. Forgotten: {left_out}.", doubled=result.doubled, left_out=result.left_out))
    return 0 if result.fine else 1


def _named(name: str) -> StoredOrder:
    found = this_dashboard().store.orders.find(name)
    exact = [row for row in found if row.id == name] or found
    if len(exact) != 1:
        raise SettingsError(Text("There is not exactly one order with the id or number {name}.", name=name[:40]))
    return exact[0]


def _transfer(dashboard: "Dashboard", rows: Sequence[StoredOrder]) -> tuple[dict[str, Any], DashboardError | None]:
    """Pushes orders here and now."""
    from dinero.intake.fetching import ids

    if not rows:
        return {"orders": 0, "invoices": 0, "payments": 0, "credit_notes": 0, "calls": 0, "rows": []}, None
    operation_id = str(uuid.uuid4())
    dashboard.transfers.push(operation_id, ids(rows), actor="command")
    return _work_off(dashboard, operation_id)


def _work_off(dashboard: "Dashboard", operation_id: str) -> tuple[dict[str, Any], DashboardError | None]:
    """Works a stored push off, after any push that another process is at."""
    store = dashboard.store
    stopped: DashboardError | None = None
    try:
        while not dashboard.transfers.run(operation_id):
            dashboard.clock.sleep(0.5)
    except (ConnectionStopped, SettingsError) as error:
        stopped = error
    operation = store.operations.get(operation_id)
    if stopped is None and operation is not None and operation.status == Progress.STOPPED:
        stopped = TryLater(operation.reasons[0].text)
    results = store.operations.orders_of(operation_id)
    return {
        "orders": len(results),
        "invoices": sum(row.booked for row in results),
        "payments": sum(row.paid for row in results),
        "credit_notes": sum(row.credited for row in results),
        "calls": operation.calls if operation else 0,
        "rows": [
            _result_row(
                row.order_id,
                row.result or row.state,
                row.invoice_number,
                row.result_reasons if row.result else row.reasons,
            )
            for row in results
        ],
    }, stopped


def _result_row(
    order_id: str, state: str | None, invoice_number: str | None, reasons: Iterable[found_reasons.Finding]
) -> dict[str, Any]:
    return {"order": order_id, "state": state, "invoice_number": invoice_number, "reason": _texts(reasons)}


def _history(options: argparse.Namespace) -> int:
    from dinero.reports.export import cell

    names = ("at", "order_id", "number", "event", "state", "invoice_number", "guid", "operation_id")
    language = _language()
    writer = csv.writer(sys.stdout, delimiter=";")
    if options.csv:
        writer.writerow([*names, "text"])
    found: list[dict[str, Any]] = []
    offset = 0
    while rows := this_dashboard().store.history.list(oldest_first=True, limit=PAGE, offset=offset):
        offset += len(rows)
        for row in rows:
            text = row.text.render(language) if row.text else ""
            order_id = row.order.id if row.order else None
            told = {name: order_id if name == "order_id" else getattr(row, name) for name in names}
            if options.csv:
                writer.writerow([*map(cell, told.values()), cell(text)])
            elif options.json:
                found.append(told | {"order": order_id, "text": text})
            else:
                print(f"{row.at}\t{row.number or ''}\t{row.event}\t{text}")
    if options.json:
        print(json.dumps(found, ensure_ascii=False, indent=1))
    return 0


def _doctor(options: argparse.Namespace) -> int:
    dashboard = this_dashboard()
    findings = dashboard.checkup.findings()
    chosen = dashboard.settings.load()
    counts = {state: count for state, (count, _) in dashboard.store.sums.state_counts().items()}
    language = _language()
    if options.json:
        answer = {
            "ok": not findings,
            "connection": chosen.connection,
            "organization": chosen.organization,
            "booking_account": chosen.booking_account,
            "trigger": chosen.trigger,
            "shop": dashboard.shop.is_connected,
            "demo": dashboard.demo,
            "orders": counts,
            "findings": [
                {"code": f.code, "text": f.text.render(language), "fix": f.fix.render(language) if f.fix else ""}
                for f in findings
            ],
        }
        print(json.dumps(answer, ensure_ascii=False, indent=1))
    else:
        for finding in findings:
            print(_sentence(finding))
        if not findings:
            _say(Text("Everything is connected and set up."))
        _say(Text("{n} order needs you.", "{n} orders need you.", n=sum(counts.get(s, 0) for s in NEEDS_OWNER)))
    if dashboard.connection.has_ended:
        return ConnectionStopped.exit_code
    return SettingsError.exit_code if findings else 0


def _reset_password(options: argparse.Namespace) -> int:
    this_dashboard().sign_in.forget_password()
    _say(Text("The password is forgotten. Open the dashboard and choose a new one now."))
    return 0


def _backup(options: argparse.Namespace) -> int:
    from dinero.safekeeping import backup as safekeeping
    from dinero.store.vault import KEY_FILE

    safekeeping.backup(this_dashboard().store, options.file)
    _say(
        Text(
            "The backup is {file}. The file {key} is not in it: keep a copy of that in another place.",
            file=str(options.file),
            key=KEY_FILE,
        )
    )
    return 0


def _restore(options: argparse.Namespace) -> int:
    from dinero.environment import Environment
    from dinero.safekeeping import backup as safekeeping
    from dinero.store.vault import KEY_FILE

    environment = Environment.read()
    restored = safekeeping.restore(
        environment.data_dir, options.file, check=lambda store: store.settings.pin_kind(demo=environment.demo)
    )
    _say(Text("The backup with {n} order was restored.", "The backup with {n} orders was restored.", n=restored.orders))
    if restored.kept is not None:
        _say(Text("The database as it was before is kept as {file}.", file=str(restored.kept)))
    _say(
        Text(
            "Sign in again with the password of that time, then fetch the orders: those that were booked since the "
            "backup are found in Dinero and are not booked again."
        )
    )
    if not restored.secrets_open:
        _say(
            Text(
                "The stored keys can't be opened here. Put the file {file} of that time beside the database, or "
                "connect Dinero and the shop again on the set-up page.",
                file=KEY_FILE,
            )
        )
    return 0


def _export(options: argparse.Namespace) -> int:
    from dinero.safekeeping.export import export_everything

    export_everything(this_dashboard().store, options.file)
    _say(
        Text("Everything is in {file}. It has names and addresses of customers: keep it safe.", file=str(options.file))
    )
    return 0


def _forget(options: argparse.Namespace) -> int:
    from dinero.safekeeping.forgetting import forget_customer

    forgotten = forget_customer(this_dashboard().store, options.email)
    _say(
        Text(
            "The customer's data was removed from {n} order.",
            "The customer's data was removed from {n} orders.",
            n=forgotten,
        )
    )
    return 0


def _run(options: argparse.Namespace) -> int:

    dashboard = this_dashboard()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    runner = dashboard.automatic.runner("command", stop=stop, minutes=options.every)
    if options.once:
        error = runner.once()
        if error is not None:
            raise error
        return 1 if dashboard.store.orders.count(states=NEEDS_OWNER) else 0
    logging.getLogger("dinero").setLevel(logging.INFO)
    runner.loop()
    return 0


# --- words ---------------------------------------------------------------------------------------------


def _say(text: Text) -> None:
    print(text.render(_language()), flush=True)


def _reason(row: StoredOrder) -> str:
    return _texts(row.reasons)


def _texts(reasons: Iterable[found_reasons.Finding]) -> str:
    return " ".join(_sentence(finding) for finding in reasons)


def _sentence(finding: found_reasons.Finding) -> str:
    language = _language()
    fix = f" {finding.fix.render(language)}" if finding.fix else ""
    return finding.text.render(language) + fix
