"""Payouts in unattended running: fetched, booked where the owner said so, and told of. Trouble with them stops no
order."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from dinero.automatic.alarms import Alarms
from dinero.model.errors import ConnectionStopped, DashboardError, SettingsError, StorageFailed
from dinero.model.i18n import Text
from dinero.model.settlements import PayoutState
from dinero.store import Store
from dinero.store.leases import LeaseLost

log = logging.getLogger(__name__)

CAUSE = "payouts"  # of the alarms
TOLD, TROUBLES = "runner.told_payouts", "runner.told_payout_troubles"
NEED_OWNER = (PayoutState.HELD, PayoutState.REFUSED, PayoutState.UNSURE)
NAMED = 10  # payouts that an alarm names
MISTAKE = Text("The dashboard made a mistake with the payouts. See the log; it tries again.")


@dataclass(frozen=True, slots=True)
class PayoutWork:
    """What a round does with payouts; whoever makes a runner gives it. Each may raise a DashboardError."""

    fetch: Callable[[], object]  # reads what the connected acquirers paid out, ties it to orders and assesses it
    ask: Callable[[], object]  # asks for the booking of what is ready and is booked without a click
    run: Callable[[], bool]  # works off what was asked for; False while another worker has the organization
    prove: Callable[[Alarms], object]  # explains the booking accounts, and alarms of what is not right
    troubles: Callable[[], Iterable[Text]]  # what is wrong with the acquirers and with what they told


def look_after(work: PayoutWork, store: Store, alarms: Alarms, again: Callable[[], bool]) -> None:
    """A round's payouts. `again` waits a moment for another worker, and says whether to try once more. Raises
    StorageFailed and LeaseLost alone: the rest is told."""
    found: list[Text] = []
    for step in (work.fetch, work.ask, lambda: _work_off(work.run, again), lambda: work.prove(alarms)):
        try:
            step()
        except (StorageFailed, LeaseLost):
            raise
        except DashboardError as error:
            log.warning("payouts: %s", error)
            if isinstance(error, ConnectionStopped | SettingsError):
                found.append(error.text)
        except Exception:  # the other steps still run; the mistake is logged and told
            log.exception("a round's payouts failed")
            found.append(MISTAKE)
    _tell_troubles(store, alarms, [*found, *work.troubles()])
    _tell_payouts(store, alarms)


def _work_off(run: Callable[[], bool], again: Callable[[], bool]) -> None:
    while not run() and again():
        pass


def _tell_troubles(store: Store, alarms: Alarms, found: Iterable[Text]) -> None:
    """One alarm for each sentence, until it is heard no more."""
    now = {text.dumps(): text for text in found}
    cached = store.look_ups.get(TROUBLES)
    told = set(cached[0]) if cached else set()
    for packed, text in now.items():
        if packed not in told:
            alarms.raise_(CAUSE, text)
    if told != now.keys():
        store.look_ups.put(TROUBLES, sorted(now))


def _tell_payouts(store: Store, alarms: Alarms) -> None:
    """One alarm for the payouts that need the owner since the last look."""
    rows = {str(row.id): row.bank_text or row.payout for row in store.payouts.listed(states=NEED_OWNER)}
    for n, names in _news(store, TOLD, rows):
        text = Text(
            "{n} payout needs you: {names}. Open Payouts: the reason and what to do stand beside it.",
            "{n} payouts need you, among them {names}. Open Payouts: the reason and what to do stand beside each.",
            n=n,
            names=names,
        )
        alarms.raise_(CAUSE, text)


def _news(store: Store, key: str, rows: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    """How many of these were not told of before, with the names of some; nothing where all were."""
    cached = store.look_ups.get(key)
    told = set(cached[0]) if cached else set()
    fresh = [name for row, name in rows.items() if row not in told]
    if fresh:
        yield len(fresh), ", ".join(fresh[:NAMED])
    if told != rows.keys():
        store.look_ups.put(key, sorted(rows))
