"""The shop's orders: fetched, previewed, and what the owner says about them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from threading import Lock

from dinero.dashboard.selection import EXACT, Selection, planned, stored
from dinero.dashboard.settings import Choices
from dinero.dashboard.shops import Shops
from dinero.dashboard.vat_numbers import VatNumbers
from dinero.intake.assessing import Assessor
from dinero.intake.customers import differences, find_customer
from dinero.intake.fetches import Fetches, of_all
from dinero.intake.fetching import Fetched, fetch_orders
from dinero.intake.reading import order_reader
from dinero.intake.reassessing import reassess_answered, reassess_one
from dinero.model.attention import Answered
from dinero.model.clock import Clock, copenhagen_date
from dinero.model.documents import FINISHED, Event, OrderKey, State, StoredOrder
from dinero.model.errors import DashboardError, SettingsError, StorageFailed
from dinero.model.findings import Finding, Question
from dinero.model.health import FetchRecord
from dinero.model.i18n import Text
from dinero.model.money import DKK, Money
from dinero.model.orders import Order
from dinero.model.plans import InvoicePlan
from dinero.model.settings import Settings
from dinero.model.shops import ShopChoice
from dinero.model.words import proves_payment
from dinero.reports.fees import MeasuredFees, measured
from dinero.reports.overview import Overview, look
from dinero.rules.answers import is_of_shop
from dinero.rules.fees import PayoutEstimate, Sales, estimate_payout, is_direct, is_direct_method
from dinero.safekeeping.forgetting import forget_customer
from dinero.shops.shop_system import OnPage
from dinero.signin.sessions import OWNER, READER, may_answer
from dinero.store import Store

LONGEST_REASON = 300  # characters
MOST_KEPT = 2000  # orders whose day of payment is kept in memory
MANY = 50  # orders that are always transferred with one click, after the first time
USUAL_DAYS = 30  # back from today
LOOKED_THROUGH = 300  # orders whose fields are looked at for numbers
# What the history says when the owner did it, and when the accountant did.
_ANSWERED = (
    Text("{question} was answered: {answer}"),
    Text("{question} was answered by the accountant: {answer}"),
)
_ANSWERED_FOR_ALL = (
    Text("{question} was answered for all orders: {answer}"),
    Text("{question} was answered by the accountant for all orders: {answer}"),
)
_ANSWERED_FOR_SHOP = (
    Text("{question} was answered for all orders of {webshop}: {answer}"),
    Text("{question} was answered by the accountant for all orders of {webshop}: {answer}"),
)
_TAKEN_BACK = (
    Text("The answer about {question} was taken back."),
    Text("The answer about {question} was taken back by the accountant."),
)
_LEFT_OUT = (Text("The order was left out by the owner."), Text("The order was left out by the accountant."))
_TAKEN_IN = (
    Text("The owner no longer leaves the order out."),
    Text("The accountant no longer leaves the order out."),
)


@dataclass(frozen=True, slots=True)
class FetchedFromShops(Fetched):
    """What a fetch from several shops brought, and the errors of those that failed, by name."""

    failed: Mapping[str, DashboardError] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Preview:
    """What a push would do with one order: a plan, or the findings that hold it."""

    row: StoredOrder
    order: Order
    findings: list[Finding]
    plan: InvoicePlan | None
    customer_known: bool
    notes: tuple[Text, ...] = ()


class Orders:
    """The orders of one data folder."""

    def __init__(self, store: Store, clock: Clock, settings: Choices, shops: Shops, vat_numbers: VatNumbers) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings
        self._shops = shops
        self._vat_numbers = vat_numbers
        self._answering = Lock()
        self._summed: tuple[object, Selection] | None = None
        self._paid: dict[tuple[OrderKey, str], date | None] = {}

    # --- seen ----------------------------------------------------------------------------------------

    def fetch(self, *, shop: str | None = None, whole: bool = False, on_page: OnPage | None = None) -> FetchedFromShops:
        """Reads new and changed orders of all active shops (of one alone, by its name), or all orders (`whole`), and
        asks VIES about EU companies. A shop that fails stops no other: its error is in what is answered, unless all
        failed. `on_page` is told of pages read and orders seen so far. Raises DashboardError."""
        names = [self._shops.named(shop).name] if shop else [active.name for active in self._shops.active()]
        if not names:
            raise SettingsError(Text("The shop is not connected. Enter the shop's API key on the set-up page."))
        found, failed = Fetched(0, 0, 0), dict[str, DashboardError]()
        for name in names:
            try:
                found += self._fetch(name, whole=whole, on_page=on_page)
            except StorageFailed:
                raise
            except DashboardError as error:
                Fetches(self._store, name).failed(error.text)
                failed[name] = error
        if len(failed) == len(names):
            raise failed[names[0]]
        self._vat_numbers.consult()
        return FetchedFromShops(found.seen, found.new, found.changed, failed)

    def _fetch(self, name: str, *, whole: bool, on_page: OnPage | None) -> Fetched:
        found = fetch_orders(self._shops.client(name), self._store, name, whole=whole, on_page=on_page)
        Fetches(self._store, name).succeeded(found)
        return found

    def last_fetches(self) -> dict[str, FetchRecord | None]:
        """When each active shop's orders were fetched last and what came of it; None when nobody has tried."""
        return {shop.name: Fetches(self._store, shop.name).last() for shop in self._shops.active()}

    def last_fetch(self) -> FetchRecord | None:
        """The same of all active shops together: as old as the oldest, with the first one's trouble."""
        return of_all(self.last_fetches())

    def number_fields(self, shop: str) -> dict[str, int]:
        """The fields of a shop that may hold the buyer's CVR, VAT or EAN number, with how many of its newest orders
        have each."""
        read = order_reader(self._store, self._settings.load())
        found = Counter[str]()
        for row in self._store.orders.list(shop=shop, limit=LOOKED_THROUGH):
            found.update({field.name for field in read(row).numbers})
        return dict(found.most_common())

    def overview(self) -> Overview:
        """How things are now, summed from what is stored here."""
        return look(self._store, self._clock.now(), self._settings.load(), self.last_fetch())

    def paid_on(self, rows: Iterable[StoredOrder]) -> list[date | None]:
        """The Copenhagen day on which each order was paid, as the shop tells it; None where it does not. It is read
        once for each text of an order: a list is drawn again and again."""
        readable = Assessor(self._store, self._settings.load()).readable
        if len(self._paid) > MOST_KEPT:
            self._paid.clear()
        days = []
        for row in rows:
            kept = (row.key, row.raw_hash)
            if kept not in self._paid:
                at = readable(row).paid_at
                self._paid[kept] = copenhagen_date(at) if at else None
            days.append(self._paid[kept])
        return days

    def previews(self, rows: Iterable[StoredOrder]) -> list[Preview]:
        """What a push would do with these orders, by the same functions that the push uses."""
        chosen = self._settings.load()
        assess = Assessor(self._store, chosen)
        return [self._preview(row, assess, chosen) for row in rows]

    def _preview(self, row: StoredOrder, assess: Assessor, chosen: Settings) -> Preview:
        now = assess.safely(row)
        organization, plan = chosen.organization or "", now.plan
        contact = find_customer(self._store, organization, plan.customer) if plan and not now.original else None
        notes = [Text.loads(note) for note in plan.notes] if plan else []
        if plan is not None and contact is not None:
            notes += differences(self._store, organization, contact, plan.customer)
        known = plan is not None and (now.original is not None or contact is not None)
        return Preview(row, now.order, now.findings, plan, known, tuple(notes))

    def estimate(self, rows: Iterable[StoredOrder]) -> PayoutEstimate:
        """What the bank will receive of these orders in kroner, by what was measured, else by the owner's fee rates."""
        chosen = self._settings.load()
        read = order_reader(self._store, chosen)
        sales = []
        for row in rows:
            if row.total_ore is None or row.currency != DKK:
                continue
            known = chosen.of_order(row.shop, row.answers)
            direct = is_direct_method(row.payment_method, known.rules)
            # An order that is paid by card is not read anew: there may be thousands of them.
            if not direct and not (row.paid and proves_payment((row.payment_method,))):
                direct = is_direct(read(row), known)
            sales.append(Sales(row.payment_method, Money(row.total_ore), is_direct=direct))
        return estimate_payout(sales, chosen.fee_rates, self.measured_fees().of_methods(chosen))

    def measured_fees(self) -> MeasuredFees:
        """What acquirers kept of the sales that they paid out lately."""
        return measured(self._store, copenhagen_date(self._clock.now()))

    def summary(self, rows: Sequence[StoredOrder]) -> Selection:
        """What a transfer of these orders will do, as figures. Up to EXACT orders are planned for it, as the transfer
        does; they are not planned again while neither they nor the settings change."""
        chosen = self._settings.load()
        asked = (chosen, [(row.key, row.state, row.raw_hash, row.answers) for row in rows])
        kept = self._summed
        if kept is not None and kept[0] == asked:
            return kept[1]
        payout = self.estimate(rows)
        if len(rows) > EXACT:
            return stored(self._store, chosen.organization or "", rows, payout)
        found = [(preview.plan, preview.customer_known) for preview in self.previews(rows)]
        told = planned(rows, found, payout)
        self._summed = (asked, told)
        return told

    def is_unusual(self, n: int) -> bool:
        """Whether a transfer of `n` orders wants a second look: the first of all, or more than MANY and than ten usual
        days' orders."""
        if not self._store.orders.list(states=FINISHED, limit=1):
            return True
        if n <= MANY:
            return False
        today = copenhagen_date(self._clock.now())
        first = today - timedelta(days=USUAL_DAYS)
        done = sum(row.n for row in self._store.sums.transfers_by_day(first.isoformat(), today.isoformat()))
        return n > 10 * done / USUAL_DAYS

    # --- decided -------------------------------------------------------------------------------------

    # `actor` is OWNER or READER. Whoever may not answer, or may no longer, is refused: a page may be older than that.

    def _check(self, actor: str) -> None:
        if not may_answer(actor, self._settings.load()):
            raise SettingsError(Text("Your access is for reading only."))

    def ignore(self, row: StoredOrder, reason: str | None, *, actor: str = OWNER) -> None:
        """Leaves an order out, with a reason, or takes that back (None). Raises SettingsError."""
        self._check(actor)
        if reason is not None and not reason.strip():
            raise SettingsError(Text("Write why the order is left out."))
        told = reason.strip()[:LONGEST_REASON] if reason is not None else None
        texts = _LEFT_OUT if told is not None else _TAKEN_IN
        self._store.orders.ignore(row.key, told, text=texts[actor == READER], actor=actor)
        reassess_one(self._store, row.key)

    def answer(
        self, row: StoredOrder, question: Question, value: str, *, as_rule: bool = False, actor: str = OWNER
    ) -> None:
        """Answers a question for one order, or for all as a rule. Raises SettingsError for no such choice."""
        self._check(actor)
        told = _told_answer(question, value, as_rule=as_rule)
        if as_rule:
            self._save_rule(question, value, told, actor, [row.shop])
            return
        text = Text(_ANSWERED[actor == READER].message, question=question.key, answer=told)
        self._store.orders.answer(row.key, question.key, value, text=text, actor=actor)
        reassess_one(self._store, row.key)

    def _save_rule(self, question: Question, value: str, told: str, actor: str, shops: Sequence[str]) -> None:
        """Keeps an answer for all orders: for those of the shops that it was given for, where the next shop's may be
        another."""
        if is_of_shop(question.key):
            for shop in shops:
                rules = self._settings.load().shops.get(shop, ShopChoice()).rules
                self._settings.save_of_shop(shop, rules={**rules, question.key: value})
        else:
            self._settings.save(rules={**self._settings.load().rules, question.key: value})
        texts, more, titles = _ANSWERED_FOR_ALL, dict[str, str](), self._store.shops.titles()
        if titles and is_of_shop(question.key):
            texts, more = _ANSWERED_FOR_SHOP, {"webshop": ", ".join(titles.get(shop, shop) for shop in shops)}
        said = Text(texts[actor == READER].message, question=question.key, answer=told, **more)
        self._store.history.add(Event("answered", said, detail={"actor": actor}))

    def answer_all(
        self, keys: Iterable[OrderKey], question: Question, value: str, *, as_rule: bool = False, actor: str = OWNER
    ) -> Answered:
        """Answers a question for several orders, or as a rule for all. Each order is read anew, and answered only if it
        still asks this very question; so the second of two clicks answers nothing. Raises SettingsError for no such
        choice, and for a question whose answer of one order says nothing of the next."""
        self._check(actor)
        told = _told_answer(question, value, as_rule=as_rule)
        wanted = list(keys)
        if len(wanted) > 1 and not question.can_be_rule:
            raise SettingsError(Text("This is answered order by order."))
        with self._answering:
            with self._store.transaction():  # another process's click is after ours, or before it
                asking = self._asking(wanted, question)
                if not as_rule:
                    text = Text(_ANSWERED[actor == READER].message, question=question.key, answer=told)
                    for key in asking:
                        self._store.orders.answer(key, question.key, value, text=text, actor=actor)
                    reassess_answered(self._store, asking)
            if as_rule and asking:
                self._save_rule(question, value, told, actor, sorted({key.shop for key in asking}))
        now = (self._store.orders.get(key) for key in asking)
        return Answered(len(asking), len(wanted) - len(asking), Counter(row.state for row in now if row is not None))

    def _asking(self, keys: Iterable[OrderKey], question: Question) -> list[OrderKey]:
        """Those of these orders that are held for this question, with these words and choices, and have no answer."""
        chosen = self._settings.load()
        rows = (row for key in keys if (row := self._store.orders.get(key)) is not None and row.state == State.HELD)
        return [
            row.key
            for row in rows
            if any(finding.question == question for finding in row.reasons)
            and question.answer(chosen.of_order(row.shop, row.answers).rules) is None
        ]

    def take_answer_back(self, row: StoredOrder, key: str, *, actor: str = OWNER) -> None:
        """Takes an answer about one order back: its question is asked again. Raises SettingsError."""
        self._check(actor)
        text = Text(_TAKEN_BACK[actor == READER].message, question=key)
        self._store.orders.answer(row.key, key, None, text=text, actor=actor)
        reassess_one(self._store, row.key)

    def forget_rule(self, key: str, shop: str = "") -> None:
        """Takes a rule back, the company's or a shop's own: its question is asked again."""
        chosen = self._settings.load()
        rules = chosen.shops[shop].rules if shop else chosen.rules
        left = {name: value for name, value in rules.items() if name != key}
        if shop:
            self._settings.save_of_shop(shop, rules=left)
        else:
            self._settings.save(rules=left)

    def forget_customer(self, email: str) -> int:
        """Removes a customer from all that is stored here; returns in how many orders they were. Raises
        SettingsError."""
        return forget_customer(self._store, email)


def _told_answer(question: Question, value: str, *, as_rule: bool) -> str:
    """An answer as the history tells it. Raises SettingsError where it is none."""
    choice = next((choice for choice in question.choices if choice.value == value), None)
    if choice is None or (as_rule and not question.can_be_rule):
        raise SettingsError(Text("Choose one of the answers."))
    # A choice that names an order may name another customer, and what is in the history stays there.
    return value if choice.text.values else choice.text.render("en")
