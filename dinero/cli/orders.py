"""The commands about orders: fetch and list them, transfer and correct them, answer for them, tell their history."""

import argparse
import csv
import sys
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from dinero.cli.words import complain, language, print_json, say, sentences
from dinero.dashboard.dashboard import dashboard as this_dashboard
from dinero.intake.fetching import ids
from dinero.model.documents import PUSHABLE, OrderKey, Progress, StoredOrder
from dinero.model.errors import ConnectionStopped, DashboardError, SettingsError, TryLater
from dinero.model.findings import Finding
from dinero.model.i18n import Text
from dinero.reports.cells import cell

EVERYTHING = -1  # no limit
PAGE = 1000  # rows of the history that are read at a time
HISTORY = ("at", "order_id", "number", "event", "state", "invoice_number", "guid", "operation_id", "shop")
# What a transfer came to, for another program too, and what stopped it.
Worked = tuple[dict[str, Any], DashboardError | None]


def fetch(options: argparse.Namespace) -> int:
    """Reads orders from all shops, or from one. A shop that fails stops no other: its error is told at the end."""
    dashboard = this_dashboard()
    shop = dashboard.shops.named(options.shop).name if options.shop else None
    fetched = dashboard.orders.fetch(shop=shop, whole=options.all)
    say(
        Text(
            "{seen} orders were read, {new} new and {changed} changed.",
            seen=fetched.seen,
            new=fetched.new,
            changed=fetched.changed,
        )
    )
    for name, error in fetched.failed.items():
        print(f"{name}: {error.text.render(language())}", file=sys.stderr)
    return max((error.exit_code for error in fetched.failed.values()), default=0)


def list_orders(options: argparse.Namespace) -> int:
    """Lists the stored orders."""
    rows = this_dashboard().store.orders.list(states=[options.state] if options.state else (), limit=EVERYTHING)
    if options.json:
        print_json([_order_json(row) for row in rows])
        return 0
    for row in rows:
        amount = "" if row.total_ore is None else f"{row.total_ore / 100:.2f} {row.currency}"
        print("\t".join([row.id, row.number, row.placed_on or "", amount, row.state, sentences(row.reasons)]))
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
    told = {
        "order": row.id,
        "shop": row.shop,
        "reason": sentences(row.reasons),
        "questions": questions,
        "changed": row.change is not None,
    }
    flags = {"paid": int(row.paid), "sent": int(row.sent)}  # 1 and 0, as in the zip of everything
    return told | {name: getattr(row, name) for name in names} | flags


def push(options: argparse.Namespace) -> int:
    """Transfers orders: 1 where some are left."""
    if options.all == bool(options.order):
        raise SettingsError(Text("Name the orders to transfer, or use --all."))
    result, stopped = _push_all() if options.all else _transfer([_named(name) for name in options.order])
    if options.json:
        print_json(result)
    else:
        _say_pushed(result)
    if stopped is not None:
        return complain(stopped)
    left = {row["state"] for row in result["rows"]} - {"done", "credited", "ignored", "not due"}
    return 1 if left else 0


def _push_all() -> Worked:
    """Pushes all orders that wait, and tells of those that are held."""
    stored = this_dashboard().store.orders
    rows = stored.list(states=PUSHABLE, limit=EVERYTHING)
    result, stopped = _transfer(rows)
    if stopped is None:  # returns whose orders were transferred just now
        tried = {row.key for row in rows}
        more = [row for row in stored.list(states=["waiting"], limit=EVERYTHING) if row.key not in tried]
        returns, stopped = _transfer(more)
        result = {name: result[name] + returns[name] for name in result}
    held = stored.list(states=["held"], limit=EVERYTHING)
    result["rows"] += [_result_row(row.key, row.state, None, row.reasons) for row in held]
    return result, stopped


def _say_pushed(result: Mapping[str, Any]) -> None:
    say(
        Text(
            "{invoices} invoices were booked and {payments} sales registered for {orders} orders.",
            invoices=result["invoices"],
            payments=result["payments"],
            orders=result["orders"],
        )
    )
    for row in result["rows"]:
        if row["state"] not in ("done", "not due", "ignored"):
            _print_row(row)


def _print_row(row: Mapping[str, Any]) -> None:
    print(f"{row['order']}\t{row['state']}\t{row['reason']}")


def correct(options: argparse.Namespace) -> int:
    """Corrects a booked invoice: 1 where that is not done."""
    operation_id = str(uuid.uuid4())
    this_dashboard().corrections.start(
        operation_id, _named(options.order), options.action, reason=options.reason, actor="command"
    )
    result, stopped = _work_off(operation_id)
    (row,) = result["rows"]
    if options.json:
        print_json(result)
    else:
        _print_row(row)
    if stopped is not None:
        return complain(stopped)
    return 0 if row["state"] in ("credited", "done") and not row["reason"] else 1


def answer(options: argparse.Namespace) -> int:
    """Answers a question of an order, or of all orders that have it."""
    row = _named(options.order)
    questions = {q.key: q for finding in row.reasons if (q := finding.question)}
    if options.key not in questions:
        keys = ", ".join(sorted(questions)) or "–"
        raise SettingsError(Text("The order is not held by that question. Its questions: {keys}", keys=keys))
    this_dashboard().orders.answer(row, questions[options.key], options.choice, as_rule=options.rule)
    return 0


def history(options: argparse.Namespace) -> int:
    """Writes the history, oldest first."""
    if options.json:
        print_json([step | {"order": step["order_id"]} for step in _steps()])
        return 0
    writer = csv.writer(sys.stdout, delimiter=";")
    if options.csv:
        writer.writerow([*HISTORY, "text"])
    for step in _steps():
        if options.csv:
            writer.writerow(map(cell, step.values()))
        else:
            print(f"{step['at']}\t{step['number'] or ''}\t{step['event']}\t{step['text']}")
    return 0


def _steps() -> Iterator[dict[str, Any]]:
    """The history's rows by their names and as a text, read a part at a time."""
    chosen = language()
    offset = 0
    while rows := this_dashboard().store.history.list(oldest_first=True, limit=PAGE, offset=offset):
        offset += len(rows)
        for row in rows:
            of = {"order_id": row.order.id, "shop": row.order.shop} if row.order else {"order_id": None, "shop": None}
            told = {name: of[name] if name in of else getattr(row, name) for name in HISTORY}
            yield told | {"text": row.text.render(chosen) if row.text else ""}


def _named(name: str) -> StoredOrder:
    """The order of an id or a number. Raises SettingsError when that is none, or several."""
    found = this_dashboard().store.orders.find(name)
    if len({row.shop for row in found}) > 1:
        names = ", ".join(f"{row.shop}:{name}" for row in found)
        text = Text("Several shops have an order {name}. Name one of them: {names}", name=name[:40], names=names)
        raise SettingsError(text)
    exact = [row for row in found if row.id in (name, name.partition(":")[2])] or found
    if len(exact) != 1:
        raise SettingsError(Text("There is not exactly one order with the id or number {name}.", name=name[:40]))
    return exact[0]


def _transfer(rows: Sequence[StoredOrder]) -> Worked:
    """Pushes orders here and now."""
    if not rows:
        return {"orders": 0, "invoices": 0, "payments": 0, "credit_notes": 0, "calls": 0, "rows": []}, None
    operation_id = str(uuid.uuid4())
    this_dashboard().transfers.push(operation_id, ids(rows), actor="command")
    return _work_off(operation_id)


def _work_off(operation_id: str) -> Worked:
    """Works a stored push off, after any push that another process is at."""
    dashboard = this_dashboard()
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
                row.key,
                row.result or row.state,
                row.invoice_number,
                row.result_reasons if row.result else row.reasons,
            )
            for row in results
        ],
    }, stopped


def _result_row(
    order: OrderKey, state: str | None, invoice_number: str | None, reasons: Iterable[Finding]
) -> dict[str, Any]:
    return {
        "order": order.id,
        "shop": order.shop,
        "state": state,
        "invoice_number": invoice_number,
        "reason": sentences(reasons),
    }
