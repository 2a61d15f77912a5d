"""The shop's orders: fetched, previewed, and what the owner says about them."""

from collections.abc import Iterable
from dataclasses import dataclass

from dinero.dashboard.settings import Choices
from dinero.dashboard.shop import Shop
from dinero.dashboard.vat_numbers import VatNumbers
from dinero.intake.assessing import Assessor
from dinero.intake.customers import differences, find_customer
from dinero.intake.fetches import Fetches
from dinero.intake.fetching import Fetched, fetch_orders, reassess_one
from dinero.model.clock import Clock
from dinero.model.documents import Event, StoredOrder
from dinero.model.errors import DashboardError, SettingsError, StorageFailed
from dinero.model.findings import Finding, Question
from dinero.model.health import FetchRecord
from dinero.model.i18n import Text
from dinero.model.money import DKK, Money
from dinero.model.orders import Order
from dinero.model.plans import InvoicePlan
from dinero.model.settings import Settings
from dinero.reports.overview import Overview, look
from dinero.rules.fees import PayoutEstimate, estimate_payout
from dinero.safekeeping.forgetting import forget_customer
from dinero.shops.shoporama.client import OnPage
from dinero.signin.sessions import OWNER, READER
from dinero.store import Store

LONGEST_REASON = 300  # characters
# What the history says when the owner did it, and when the accountant did.
_ANSWERED = (
    Text("{question} was answered: {answer}"),
    Text("{question} was answered by the accountant: {answer}"),
)
_ANSWERED_FOR_ALL = (
    Text("{question} was answered for all orders: {answer}"),
    Text("{question} was answered by the accountant for all orders: {answer}"),
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

    def __init__(self, store: Store, clock: Clock, settings: Choices, shop: Shop, vat_numbers: VatNumbers) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings
        self._shop = shop
        self._vat_numbers = vat_numbers
        self._fetches = Fetches(store)

    # --- seen ----------------------------------------------------------------------------------------

    def fetch(self, *, whole: bool = False, on_page: OnPage | None = None) -> Fetched:
        """Reads new and changed orders from the shop, or all of them (`whole`), and asks VIES about EU companies.
        `on_page` is told of pages read and orders seen so far. Raises DashboardError."""
        try:
            found = fetch_orders(self._shop.client(), self._store, whole=whole, on_page=on_page)
        except StorageFailed:
            raise
        except DashboardError as error:
            self._fetches.failed(error.text)
            raise
        self._fetches.succeeded(found)
        self._vat_numbers.consult()
        return found

    def last_fetch(self) -> FetchRecord | None:
        """When the orders were fetched last and what came of it; None when nobody has tried."""
        return self._fetches.last()

    def overview(self) -> Overview:
        """How things are now, summed from what is stored here."""
        chosen = self._settings.load()
        return look(self._store, self._clock.now(), chosen.fee_rates, chosen.booking_account, self.last_fetch())

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
        """What the bank will receive of these orders in kroner, by the owner's fee rates."""
        sales = [
            (row.payment_method, Money(row.total_ore))
            for row in rows
            if row.total_ore is not None and row.currency == DKK
        ]
        return estimate_payout(sales, self._settings.load().fee_rates)

    # --- decided -------------------------------------------------------------------------------------

    # `actor` is OWNER or READER: whoever may answer, see signin.sessions.may_answer.

    def ignore(self, row: StoredOrder, reason: str | None, *, actor: str = OWNER) -> None:
        """Leaves an order out, with a reason, or takes that back (None). Raises SettingsError."""
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
        choice = next((choice for choice in question.choices if choice.value == value), None)
        if choice is None or (as_rule and not question.can_be_rule):
            raise SettingsError(Text("Choose one of the answers."))
        # A choice that names an order may name another customer, and what is in the history stays there.
        told = value if choice.text.values else choice.text.render("en")
        if as_rule:
            text = _ANSWERED_FOR_ALL[actor == READER]
            self._settings.save(rules={**self._settings.load().rules, question.key: value})
            said = Text(text.message, question=question.key, answer=told)
            self._store.history.add(Event("answered", said, detail={"actor": actor}))
            return
        text = Text(_ANSWERED[actor == READER].message, question=question.key, answer=told)
        self._store.orders.answer(row.key, question.key, value, text=text, actor=actor)
        reassess_one(self._store, row.key)

    def take_answer_back(self, row: StoredOrder, key: str, *, actor: str = OWNER) -> None:
        """Takes an answer about one order back: its question is asked again."""
        text = Text(_TAKEN_BACK[actor == READER].message, question=key)
        self._store.orders.answer(row.key, key, None, text=text, actor=actor)
        reassess_one(self._store, row.key)

    def forget_rule(self, key: str) -> None:
        """Takes a rule back: its question is asked again."""
        self._settings.save(rules={name: value for name, value in self._settings.load().rules.items() if name != key})

    def forget_customer(self, email: str) -> int:
        """Removes a customer from all that is stored here; returns in how many orders they were. Raises
        SettingsError."""
        return forget_customer(self._store, email)
