"""Which generation a payout's next item is: the following one, but where a backup was put back, what Dinero has of it
since is found by its Ids first.

What was booked and taken back stands no more, so it is not taken for the booking that was asked for now.
"""

from dinero.booking.ledger_run import LedgerRun
from dinero.model.errors import NotFound
from dinero.model.ledger import ItemKind, LedgerItem, item_guid
from dinero.model.responses import LedgerStatus
from dinero.model.settlements import StoredPayout

MORE = 10  # generations beyond those that are known here


def payout_generation(run: LedgerRun, payout: StoredPayout) -> int:
    """The generation of the item that books a payout: the newest in Dinero that is not known here and stands, or lies
    there unbooked; else one that was never used."""
    following = run.store.ledger_items.last_generation(payout.id, ItemKind.PAYOUT) + 1
    if not run.assess.was_booked_from_here(payout):
        return following
    there, back = _there(run, payout, ItemKind.PAYOUT), _there(run, payout, ItemKind.COUNTER)
    booked = _booked(there)
    if len(booked) > len(_booked(back)):
        return max(booked)
    if there and there[max(there)].is_draft:
        return max(there)
    # Its own counter item has no lower generation (see below), and must not find one that is there.
    return max([following, *(number + 1 for number in (*there, *back))])


def counter_generation(run: LedgerRun, payout: StoredPayout, booked: LedgerItem) -> int:
    """The generation of the item that takes a booked one back: the one in Dinero that did so already and is not known
    here, or lies there unbooked; else one that was never used. It is not below the generation of what it takes back:
    that of one before it may be in Dinero, and not known here."""
    following = max(run.store.ledger_items.last_generation(payout.id, ItemKind.COUNTER) + 1, booked.generation)
    if not run.assess.was_booked_from_here(payout):
        return following
    there, back = _there(run, payout, ItemKind.PAYOUT), _there(run, payout, ItemKind.COUNTER)
    taken = _booked(back)
    if len(taken) > len(_booked(there)):
        return max(taken)
    if back and back[max(back)].is_draft:
        return max(back)
    return max([following, *(number + 1 for number in back)])


def _there(run: LedgerRun, payout: StoredPayout, kind: ItemKind) -> dict[int, LedgerStatus]:
    """What Dinero has of a payout's items that are not known here, by generation."""
    known = {item.generation for item in run.store.ledger_items.of(payout.id) if item.kind is kind}
    found = {}
    for number in sorted(set(range(1, max(known, default=0) + MORE + 1)) - known):
        try:
            found[number] = run.dinero.ledger_status(item_guid(run.organization, payout.key, kind, number))
        except NotFound:
            continue
    return found


def _booked(there: dict[int, LedgerStatus]) -> list[int]:
    return [number for number, status in there.items() if not status.is_draft]
