"""The commands about payouts: read them from files, fetch them, list them and book them."""

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from dinero.acquirers.opening import LARGEST
from dinero.acquirers.words import UnknownWord
from dinero.cli.words import complain, language, print_json, say, sentences
from dinero.dashboard.dashboard import dashboard as this_dashboard
from dinero.dashboard.payout_files import FileOutcome
from dinero.model.acquirers import acquirer_of
from dinero.model.errors import DashboardError, SettingsError
from dinero.model.i18n import Text
from dinero.model.payouts import RowProblem
from dinero.model.settlements import PAYOUT_STATE_NAMES, PayoutState, StoredPayout

# What is taken up by a booking of all, and what is done or the owner's own.
BOOKABLE = (PayoutState.READY, PayoutState.BOOKING, PayoutState.REFUSED, PayoutState.UNSURE)
DONE = (PayoutState.BOOKED, PayoutState.IN_LEDGER, PayoutState.LEFT)
ASKED_BY = "command"


def read(options: argparse.Namespace) -> int:
    """Reads files: 1 where one is refused, 2 where one can't be opened or the reader is not known."""
    files = [(path.name, _bytes(path)) for path in options.file]
    outcomes = [
        this_dashboard().payouts.read(name, data, reader=options.reader or "", another=options.another_account)
        for name, data in files
    ]
    if options.json:
        print_json([_outcome_json(outcome) for outcome in outcomes])
    else:
        for outcome in outcomes:
            _say_read(outcome)
    return 1 if any(outcome.is_refused for outcome in outcomes) else 0


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except OSError as error:
        raise SettingsError(Text("The file {file} can't be read.", file=str(path)), detail=str(error)) from error


def _outcome_json(outcome: FileOutcome) -> dict[str, Any]:
    return {
        "file": outcome.name,
        "new": len(outcome.new),
        "known": outcome.known,
        "notes": [note.render(language()) for note in outcome.notes],
        "problems": _problems_json(outcome.problems),
        "columns_unknown": outcome.proposal is not None,
        "words_unknown": [_word_json(word) for word in outcome.unknown],
    }


def _word_json(word: UnknownWord) -> dict[str, Any]:
    total = word.total
    return {
        "word": word.word,
        "rows": word.rows,
        "sum_ore": total.ore if total is not None else None,
        "currency": total.currency if total is not None else None,
        "suggestion": word.suggestion,
        "choices": word.choices,
    }


def _problems_json(problems: Iterable[RowProblem]) -> list[dict[str, Any]]:
    return [{"row": one.row, "code": one.code, "text": one.text.render(language())} for one in problems]


def _say_read(outcome: FileOutcome) -> None:
    for text in outcome.sentences:
        print(f"{outcome.name}\t{text.render(language())}", flush=True)


def fetch(options: argparse.Namespace) -> int:
    """Fetches payouts from the acquirers that are connected: the code of what failed first, 1 where one can't be
    used."""
    sources = this_dashboard().sources
    if not sources.connected():
        raise SettingsError(Text("No acquirer is connected. Connect one under Set-up, or read a file."))
    fetched = sources.fetch()
    for one in fetched:
        text = Text(
            "{acquirer}: {new} new payouts were read.", acquirer=acquirer_of(one.acquirer).name, new=len(one.new)
        )
        say(text)
        for problem in one.problems:
            say(problem.text)
    errors = [one.error for one in fetched if one.error is not None]
    if errors:
        return max(complain(error) for error in errors)
    return 1 if any(one.problems for one in fetched) else 0


def list_payouts(options: argparse.Namespace) -> int:
    """Lists the payouts, the newest first, as they stand now."""
    payouts = this_dashboard().payouts
    payouts.refresh()
    _print(payouts.listed(), options.json)
    return 0


def _print(rows: Sequence[StoredPayout], as_json: bool) -> None:
    if as_json:
        print_json([_payout_json(row) for row in rows])
        return
    for row in rows:
        state = PAYOUT_STATE_NAMES[row.state].render(language())
        amount = f"{row.net_ore / 100:.2f} {row.currency}"
        told = [row.payout, acquirer_of(row.acquirer).name, row.paid_on.isoformat(), amount]
        print("\t".join([*told, f"{row.matched}/{row.orders}", state, sentences(row.reasons)]))


def _payout_json(row: StoredPayout) -> dict[str, Any]:
    return {
        "payout": row.payout,
        "acquirer": row.acquirer,
        "date": row.paid_on.isoformat(),
        "currency": row.currency,
        "sold_ore": row.sold_ore,
        "refunded_ore": row.refunded_ore,
        "fees_ore": row.fees_ore,
        "other_ore": row.other_ore,
        "net_ore": row.net_ore,
        "orders": row.orders,
        "matched": row.matched,
        "state": row.state,
        "reason": sentences(row.reasons),
    }


def book(options: argparse.Namespace) -> int:
    """Books payouts: 1 where some are left."""
    if options.all == bool(options.payout):
        raise SettingsError(Text("Name the payouts to book, or use --all."))
    payouts = this_dashboard().payouts
    payouts.refresh()
    if options.all:
        chosen = [row.id for row in payouts.listed((*BOOKABLE, PayoutState.HELD))]
    else:
        chosen = list(dict.fromkeys(_named(name).id for name in options.payout))
    stopped = _work_off(chosen)
    rows = [row for number in chosen if (row := payouts.get(number)) is not None]
    if options.json:
        print_json({"payouts": len(rows), "booked": _count(rows), "rows": [_payout_json(row) for row in rows]})
    else:
        say(Text("{n} payout is booked.", "{n} payouts are booked.", n=_count(rows)))
        _print([row for row in rows if row.state is not PayoutState.BOOKED], as_json=False)
    if stopped is not None:
        return complain(stopped)
    return 0 if all(row.state in DONE for row in rows) else 1


def _count(rows: Iterable[StoredPayout]) -> int:
    return sum(row.state is PayoutState.BOOKED for row in rows)


def _named(name: str) -> StoredPayout:
    """The payout of an acquirer's id, a bank text or a row. Raises SettingsError when that is none, or several."""
    found = this_dashboard().payouts.named(name)
    if len(found) != 1:
        raise SettingsError(Text("There is not exactly one payout that is called {name}.", name=name[:80]))
    return found[0]


def _work_off(numbers: Sequence[int]) -> DashboardError | None:
    """Asks for these payouts and works them off, after any work that another process is at; what stopped it."""
    dashboard = this_dashboard()
    try:
        dashboard.payouts.book(numbers, actor=ASKED_BY)
        while not dashboard.payouts.work():
            dashboard.clock.sleep(0.5)
    except DashboardError as error:
        return error
    return None
