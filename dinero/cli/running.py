"""The commands that set the dashboard up and watch it: set-up, check-up, unattended rounds, and the proof."""

import argparse
import logging
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dinero.automatic.payouts import NEED_OWNER
from dinero.cli.words import language, print_json, say, sentence
from dinero.dashboard.dashboard import Dashboard
from dinero.dashboard.dashboard import dashboard as this_dashboard
from dinero.model.balance import ROW_NAMES, Balance
from dinero.model.documents import NEEDS_OWNER
from dinero.model.errors import ConnectionStopped, SettingsError
from dinero.model.findings import Finding
from dinero.model.i18n import Text
from dinero.model.settings import parse_date
from dinero.reports.export import reconciliation_csv, reconciliation_pdf

BANK_WARNING = Text(
    "The booking account is your bank account. Of each sale only the payout reaches it; the rest is fees to "
    "Nets, Clearhaus and others, so the bank will never fit. Choose an account between, such as “Webshop salg”."
)


def set_up(options: argparse.Namespace) -> int:
    """Stores the settings of the environment."""
    chosen = this_dashboard().set_up.from_environment()
    account = chosen.chart.deposits[chosen.booking_account or 0]
    say(
        Text(
            "Set up: {organization}, booking account {number} {account}.",
            organization=chosen.organization_name,
            number=str(account.number),
            account=account.name,
        )
    )
    if account.is_bank:
        say(BANK_WARNING)
    return 0


def doctor(options: argparse.Namespace) -> int:
    """Tells what is connected, what is missing and what to do: 3 for a connection that has ended, 2 for the rest."""
    dashboard = this_dashboard()
    findings = dashboard.checkup.findings()
    counts = {state: count for state, (count, _) in dashboard.store.sums.state_counts().items()}
    if options.json:
        print_json(_state(dashboard, findings, counts))
    else:
        for finding in findings:
            print(sentence(finding))
        if not findings:
            say(Text("Everything is connected and set up."))
        say(Text("{n} order needs you.", "{n} orders need you.", n=sum(counts.get(s, 0) for s in NEEDS_OWNER)))
    if dashboard.connection.has_ended:
        return ConnectionStopped.exit_code
    return SettingsError.exit_code if findings else 0


def _state(dashboard: Dashboard, findings: Sequence[Finding], counts: Mapping[str, int]) -> dict[str, Any]:
    """What `doctor --json` tells."""
    chosen = dashboard.settings.load()
    told = language()
    return {
        "ok": not findings,
        "connection": chosen.connection,
        "organization": chosen.organization,
        "booking_account": chosen.booking_account,
        "trigger": chosen.trigger,
        "shop": dashboard.shops.is_connected,
        "acquirers": dashboard.sources.connected(),
        "bank_account": chosen.bank_account,
        "demo": dashboard.demo,
        "orders": counts,
        "connections": dashboard.health.to_json(told),
        "findings": [
            {"code": f.code, "text": f.text.render(told), "fix": f.fix.render(told) if f.fix else ""} for f in findings
        ],
    }


def run(options: argparse.Namespace) -> int:
    """Fetches and transfers by itself until it is told to stop; a single round: 1 where orders or payouts need the
    owner."""
    dashboard = this_dashboard()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    runner = dashboard.automatic.runner("command", stop=stop, minutes=options.every)
    if options.once:
        error = runner.once()
        if error is not None:
            raise error
        left = dashboard.store.orders.count(states=NEEDS_OWNER) + dashboard.payouts.count(states=NEED_OWNER)
        return 1 if left else 0
    logging.getLogger("dinero").setLevel(logging.INFO)
    runner.loop()
    return 0


def reconcile(options: argparse.Namespace) -> int:
    """Compares a period's orders with Dinero: 1 where something does not fit."""
    dashboard = this_dashboard()
    result = dashboard.proof.reconcile(parse_date(options.first), parse_date(options.last))
    if options.csv:
        sys.stdout.write(reconciliation_csv(result, language(), dashboard.store.shops.titles()))
    elif options.pdf:
        organization = dashboard.settings.load().organization_name
        period = dashboard.balance.of_period(parse_date(options.first), parse_date(options.last))
        titles = dashboard.store.shops.titles()
        Path(options.pdf).write_bytes(reconciliation_pdf(result, organization, language(), period, titles))
    elif options.json:
        print_json(result.to_json())
    else:
        for status, n in sorted(result.counts.items()):
            print(f"{status}\t{n}")
        say(Text("Booked twice: {doubled}. Forgotten: {left_out}.", doubled=result.doubled, left_out=result.left_out))
    return 0 if result.fine else 1


def balance(options: argparse.Namespace) -> int:
    """Explains the booking account's balance, as Dinero has it now: 1 where something is unexplained."""
    result = this_dashboard().balance.ask(on=parse_date(options.on) if options.on else None)
    if options.json:
        print_json(_balance_json(result))
        return 0 if result.is_explained else 1
    say(result.sentence())
    chosen = language()
    for row in result.rows:
        name = ROW_NAMES[row.kind].render(chosen)
        words = [row.on.isoformat(), f"{row.ore / 100:.2f}", name, row.number or row.payout_name or row.voucher]
        print("\t".join([*words, row.text.render(chosen)]))
    for difference in result.differences:
        print(f"{difference.on.isoformat()}\t{difference.ore / 100:.2f}\t{difference.text.render(chosen)}")
    return 0 if result.is_explained else 1


def _balance_json(result: Balance) -> dict[str, Any]:
    rows = [
        {
            "kind": row.kind,
            "order": row.number or None,
            "payout": row.payout_name or None,
            "date": row.on.isoformat(),
            "ore": row.ore,
            "text": row.text.render(language()),
        }
        for row in result.rows
    ]
    return {
        "account": result.account,
        "on": result.on.isoformat(),
        "dinero_ore": result.dinero_ore,
        "explained_ore": result.explained_ore,
        "unexplained_ore": result.unexplained_ore,
        "rows": rows,
        "differences": [
            {
                "date": difference.on.isoformat(),
                "dinero_ore": difference.shown_ore,
                "here_ore": difference.said_ore,
                "text": difference.text.render(language()),
            }
            for difference in result.differences
        ],
    }
