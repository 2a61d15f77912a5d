"""Ties the lines of payouts to the shop's orders, by what the acquirer was told of them (facts.md, Payouts 10.4).

A line is of the order whose number it names; of the order with that id in its shop, where no order has the number; or
of the one that the owner chose. Nothing else ties it by itself.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from dinero.collector import collector_at_rest
from dinero.model.documents import OrderKey
from dinero.model.money import DKK
from dinero.model.payouts import Movement
from dinero.model.settings import Settings
from dinero.model.settlements import LineState
from dinero.rules.matching import Judged, OrderLine, Registration, judge
from dinero.store import Store
from dinero.store.matches import BY_OWNER, Candidate, LineToMatch, Match, RegisteredDocument

_SEEN = "payouts:matched"
AT_ONCE = 5000  # lines, with their orders and documents
NUMBER = "number"  # `matched_by` of a line that names its order


def needs_match(store: Store, settings: Settings) -> bool:
    """Whether anything happened since the last `match` of all payouts that may change a line."""
    return _seen(store) != _now(store, settings)


@collector_at_rest()
def match(store: Store, settings: Settings, numbers: Sequence[int] | None = None) -> int:
    """Gives the lines of these payouts, or all that may have changed since the last time, their orders and states;
    returns how many changed. The other lines of their orders go with them, so that it is no matter when which payout
    is matched."""
    now = _now(store, settings)
    lines = store.matches.lines(numbers) if numbers is not None else _changed(store, _seen(store), now)
    changed = 0
    for first in range(0, len(lines), AT_ONCE):
        found = _matched(store, settings, lines[first : first + AT_ONCE])
        store.matches.save(found)
        changed += len(found)
    if numbers is None:
        store.look_ups.put(_SEEN, now)
    return changed


def candidates(store: Store, references: Iterable[str]) -> dict[str, list[Candidate]]:
    """The orders that each reference may mean: one that is alone is meant. Of each shop it is the number of its orders,
    or the id where none of them has the number."""
    wanted = {name for reference in references if (name := _name(reference))}
    found = store.matches.all_by_number(wanted)
    for reference, orders in store.matches.by_id(wanted).items():
        numbered = found.setdefault(reference, [])
        shops = {one.order.shop for one in numbered}
        numbered += [one for one in orders if one.order.shop not in shops]
    return {reference: _without_returns(orders) for reference, orders in found.items()}


def _name(reference: str) -> str:
    """A reference as it is compared. SQLite would end it at a NUL, and take the rest for the number of an order."""
    return "" if "\0" in reference else reference.strip()


def _meant(store: Store, references: Iterable[str]) -> dict[str, OrderKey]:
    """The one order that each reference means; those that mean none or several are left out."""
    wanted = dict.fromkeys(map(_name, references))  # in their order, which is that of the disk
    wanted.pop("", None)
    found = {name: order for name, order in store.matches.by_number(wanted).items() if order is not None}
    if store.matches.are_of_several_shops():  # a number of one may be an id of another
        for name, orders in store.matches.by_id(found).items():
            if any(one.order.shop != found[name].shop for one in orders):
                del found[name]
    rest = [name for name in wanted if name not in found]
    alone = {name: orders[0].order for name, orders in candidates(store, rest).items() if len(orders) == 1}
    return found | alone


def judged(store: Store, settings: Settings, order: OrderKey) -> Judged:
    """All lines of an order beside what is registered of it."""
    family, accounts = _Families(store, [order]), _Accounts(settings)
    lines = store.matches.lines_of(family.members(order))
    return judge([_line(line, accounts) for line in lines], family.registered(order))


def _now(store: Store, settings: Settings) -> list[object]:
    """What decides about lines: the history and the payouts; then what makes all of them new, the acquirers' booking
    accounts, and that Dinero has told the kroner of a payment."""
    accounts = {key: settings.acquirer(key).account for key in store.payouts.acquirers()}
    return [store.matches.newest_event(), store.matches.newest_payout(), accounts, store.matches.unknown_values()]


def _seen(store: Store) -> list[object] | None:
    kept = store.look_ups.get(_SEEN)
    return kept[0] if kept else None


def _changed(store: Store, seen: list[object] | None, now: list[object]) -> list[LineToMatch]:
    if seen is None or seen[2:] != now[2:]:
        return store.matches.lines()
    return store.matches.lines_to_see_to(int(str(seen[0])))


def _without_returns(orders: list[Candidate]) -> list[Candidate]:
    """A return that has its order's own number is not meant beside it."""
    names = {(one.order.shop, name) for one in orders if not one.credit_of for name in (one.number, one.order.id)}
    return [one for one in orders if (one.order.shop, one.credit_of) not in names]


def _matched(store: Store, settings: Settings, lines: Sequence[LineToMatch]) -> list[Match]:
    found = _meant(store, [line.order_ref for line in lines if line.matched_by != BY_OWNER])
    kept = _kept(store, [line for line in lines if _name(line.order_ref) not in found])
    of_line: dict[tuple[int, int], OrderKey | None] = {}
    orders: dict[OrderKey, None] = {}
    for line in lines:
        order = line.order if line.order_id else None
        if line.matched_by != BY_OWNER:
            if order is not None:
                orders[order] = None  # which may be another's now
            order = found.get(_name(line.order_ref)) or kept.get(line[:2])
        of_line[line[:2]] = order
        if order is not None:
            orders[order] = None
    families, accounts = _Families(store, orders), _Accounts(settings)
    more = [line for line in store.matches.lines_of(families.all_members()) if line[:2] not in of_line]
    by_family = defaultdict[OrderKey, list[LineToMatch]](list)
    changed = []
    for line in (*lines, *more):
        order = of_line.setdefault(line[:2], line.order)
        if order is None:
            changed += _as_it_is(line, None, LineState.NO_ORDER, None)
        else:
            by_family[families.root(order)].append(line)
    for root, members in by_family.items():
        documents = families.documents(root)
        if len(members) == len(documents) == 1 and _fits(members[0], documents[0], accounts):
            line = members[0]
            changed += _as_it_is(line, of_line[line[:2]], LineState.MATCHED, documents[0].ore)
            continue
        known = {line[:2]: line for line in members}
        result = judge([_line(line, accounts) for line in members], families.registered(root))
        for one, verdict in zip(result.lines, result.verdicts, strict=True):
            at = (one.payout, one.place)
            changed += _as_it_is(known[at], of_line[at], verdict.state, verdict.registered_ore)
    return changed


def _kept(store: Store, lines: Sequence[LineToMatch]) -> dict[tuple[int, int], OrderKey]:
    """The orders of lines that were posted before another shop had an order of the same number: they stay what they
    were when they were booked."""
    posted = {line[:2]: line for line in lines if line.is_posted and line.matched_by == NUMBER and line.order}
    meant = candidates(store, [line.order_ref for line in posted.values()]) if posted else {}
    kept = {}
    for at, line in posted.items():
        order = line.order
        same = [one.order for one in meant.get(_name(line.order_ref), []) if one.order.shop == line.shop]
        if order is not None and same == [order]:
            kept[at] = order
    return kept


def _fits(line: LineToMatch, document: RegisteredDocument, accounts: Mapping[str, int | None]) -> bool:
    """Most lines: the one sale of an order, in kroner, as it is registered. `judge` would say the same, at length."""
    return (
        line.gross_ore == document.ore
        and line.kind == Movement.SALE
        and line.currency == document.currency == DKK
        and document.account is not None
        and accounts[line.acquirer] in (None, document.account)
        and not document.is_credit
    )


def _as_it_is(line: LineToMatch, order: OrderKey | None, state: LineState, registered: int | None) -> list[Match]:
    """What is to be stored of a line, if anything became another."""
    shop, order_id = order or ("", "")
    before = line.matched_by
    by = before if before == BY_OWNER else NUMBER if order_id else ""
    if line[5:10] == (shop, order_id, by, state, registered):
        return []
    return [Match(shop, order_id, by, state, registered, line.payout, line.place, before)]


class _Accounts(dict[str, int | None]):
    """The booking account of each acquirer's sales, looked up once."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings

    def __missing__(self, acquirer: str) -> int | None:
        self[acquirer] = self._settings.acquirer(acquirer).account
        return self[acquirer]


def _line(line: LineToMatch, accounts: Mapping[str, int | None]) -> OrderLine:
    return OrderLine(
        line.paid_on,
        (line.acquirer, line.account, line.payout_name),
        line.place,
        line.payout,
        Movement(line.kind),
        line.gross_ore,
        line.currency,
        line.sold_for_ore,
        line.sold_for_currency,
        accounts[line.acquirer],
    )


class _Families:
    """Orders with their returns, which the shop may tell as orders of their own: the credit note of one takes back the
    invoice of the other. What is registered is asked for all at once."""

    def __init__(self, store: Store, orders: Iterable[OrderKey]) -> None:
        documents = store.matches.registered(orders)
        known = {*orders, *[document.order for document in documents]}
        guids = dict.fromkeys([document.guid for document in documents])
        credited = {document.credit_for for document in documents if document.credit_for}
        related = store.matches.invoiced(credited - guids.keys()) if credited - guids.keys() else []
        related += store.matches.credit_notes([*guids, *(credited - guids.keys())])
        others = sorted({order for order in related if order not in known})
        documents += store.matches.registered(others)
        credited |= {document.credit_for for document in documents if document.credit_for}
        of_guid = {document.guid: document.order for document in documents if document.guid in credited}
        self._root: dict[OrderKey, OrderKey] = {}
        self._documents: dict[OrderKey, list[RegisteredDocument]] = {}
        self._members: dict[OrderKey, list[OrderKey]] = {}
        for document in documents:
            root = order = document.order
            if document.credit_for:
                root = of_guid.get(document.credit_for, order)
            if root != order:
                self._root[order] = root
                self._members.setdefault(root, []).append(order)
            self._documents.setdefault(root, []).append(document)
        self._orders = [*known, *others]

    def root(self, order: OrderKey) -> OrderKey:
        """The order of which this one is a return, or itself."""
        return self._root.get(order, order)

    def members(self, order: OrderKey) -> list[OrderKey]:
        """An order's root and all its returns."""
        root = self.root(order)
        return list(dict.fromkeys([root, *self._members.get(root, [])]))

    def all_members(self) -> Iterable[OrderKey]:
        """All orders of all families."""
        return self._orders

    def documents(self, order: OrderKey) -> list[RegisteredDocument]:
        """The documents of an order's family."""
        return self._documents.get(self.root(order), [])

    def registered(self, order: OrderKey) -> list[Registration]:
        """What is registered of an order's family."""
        return [
            Registration(bool(d.is_credit), d.account, d.amount_ore or 0, d.currency, d.ore)
            for d in self.documents(order)
            if d.account is not None
        ]
