"""One order as it stands: read, with the owner's answers, its state and reasons, and the plan if it may go.

Intake, previews and the transfer all ask here, so what the owner sees is what is sent.
"""

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC
from decimal import Decimal
from typing import Any

from dinero.intake.reading import order_reader
from dinero.model.clock import copenhagen_date
from dinero.model.consultation import Consultation
from dinero.model.documents import FINISHED, Document, Figures, OrderKey, State, Step, StoredOrder
from dinero.model.errors import DashboardError
from dinero.model.findings import Choice, Finding, Question
from dinero.model.i18n import Text
from dinero.model.money import DKK, Money
from dinero.model.orders import UNKNOWN_ORDER, LineKind, Order
from dinero.model.plans import InvoicePlan, Kind
from dinero.model.settings import Settings
from dinero.model.words import Status, status_of
from dinero.model.zones import DANISH_VAT, Zone
from dinero.rules.changes import DIFFERS
from dinero.rules.charged import charged_vat, goods_of, line_rates
from dinero.rules.credits import plan_credit
from dinero.rules.evidence import number_to_check
from dinero.rules.interpreting import as_answered, interpret
from dinero.rules.invoices import plan_invoice
from dinero.rules.originals import Original
from dinero.rules.oss import VAT_LINE, country_of, oss_sums
from dinero.rules.places import destination, territory
from dinero.rules.states import assess
from dinero.rules.vat_free import product_of
from dinero.rules.vat_numbers import danish_number, eu_vat_number
from dinero.rules.zones import zone_of
from dinero.store import Store
from dinero.store.database import DatabaseMistake
from dinero.store.search import folded

log = logging.getLogger(__name__)

MAX_CANDIDATES = 5
MOST_OF_CUSTOMER = 200  # of a customer's orders, in all shops, the newest that are looked at

FORGOTTEN = Finding(
    "forgotten",
    Text("The customer's data was removed from the order, so it can't be booked from here."),
    Text("Leave it out, or enter it in Dinero by hand. It is read anew when the shop changes it."),
)


@dataclass(frozen=True, slots=True)
class Assessment:
    """An order with its state and reasons; `plan` is there when it may go, `original` for a credit note."""

    order: Order
    state: State
    findings: list[Finding]
    plan: InvoicePlan | None
    original: Original | None = None
    number: str | None = None  # the VAT number that VIES must know, where the order is sold without VAT because of it


def looked_for(order: Order) -> tuple[tuple[str, Any], ...]:
    """What the check of older orders looks for in Dinero, by the names of the store's columns. An order that tells
    other values than the store has was not looked for."""
    return (
        ("number", order.number),
        ("placed_on", order.placed_on.isoformat() if order.placed_on else None),
        ("email", order.email),
        ("total_ore", order.total.ore if order.total else None),
    )


class Assessor:
    """Assesses stored rows under one set of settings."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store = store
        self.settings = replace(settings, today=copenhagen_date(store.clock.now()))
        self._of_shops: dict[str, Settings] = {}
        self.read = order_reader(store, settings)
        self.titles = store.shops.titles()

    def __call__(self, row: StoredOrder) -> Assessment:
        """Assesses one row of the store's orders (at least "shop" and "raw")."""
        answers = row.answers
        order = as_answered(self.read(row), answers)
        chosen = self.chosen(order, answers)
        order = as_answered(order, chosen.rules)
        original, credited = None, None
        if order.is_credit:
            order = replace(order, credit_of=answers.get("credit_of") or order.credit_of or UNKNOWN_ORDER)
            original = self._credited_by(order, chosen=answers.get("credit_of"))
        elif may_be_taken_back(order):
            credited = self.store.orders.credited_in_shop(OrderKey(order.shop, order.id), order.number, order.currency)
        number, consultation = self.consultation(order, chosen)
        told, findings = assess(
            order,
            chosen,
            ignored_reason=row.ignored_reason,
            original=original,
            suspect=row.suspect or "",
            rebook=bool(row.rebook),
            gone=bool(row.gone_at),
            credited=credited,
            consultation=consultation,
            twin=self._twin(order),
            checked=bool(row.checked_at) and all(getattr(row, name) == value for name, value in looked_for(order)),
        )
        state = State(told)
        if row.forgotten_at and state in (State.WAITING, State.HELD):
            state, findings = State.HELD, [FORGOTTEN]
        if state != State.WAITING:
            findings = [self._ask_for_order(finding, order, original) for finding in findings]
            return Assessment(order, state, findings, None, original, number)
        if order.is_credit:
            if original is None:
                raise ValueError("a credit note without its invoice")
            return Assessment(order, state, findings, plan_credit(order, chosen, original), original)
        return Assessment(order, state, findings, plan_invoice(order, chosen), number=number)

    def _twin(self, order: Order) -> str:
        """The shop from which the same order goes: one site that was added as two shops is booked once."""
        if len(self.titles) < 2 or order.placed_at is None:
            return ""
        placed_at = order.placed_at.astimezone(UTC).isoformat()
        shop = self.store.orders.same_in_other_shop(OrderKey(order.shop, order.id), order.number, placed_at)
        return self.titles.get(shop, shop) if shop else ""

    def of_shop(self, shop: str) -> Settings:
        """The settings as they count for a shop; made once for each."""
        if shop not in self._of_shops:
            sells_with_vat = self.store.products.any_with_vat(shop)
            self._of_shops[shop] = replace(self.settings.of_shop(shop), sells_with_vat=sells_with_vat)
        return self._of_shops[shop]

    def consultation(self, order: Order, chosen: Settings) -> tuple[str | None, Consultation | None]:
        """The VAT number that VIES must know for an order to go as it is, and what it said last."""
        number = None if chosen.missing() else number_to_check(order, chosen)
        return number, self.store.consultations.latest(OrderKey(order.shop, order.id), number) if number else None

    def safely(self, row: StoredOrder) -> Assessment:
        """Assesses a row, and holds its order when that fails: our own mistake with one order must not stop the others
        (facts.md, rule 11); the log has the trace under the reference that the owner sees."""
        try:
            return self(row)
        except (DashboardError, DatabaseMistake):
            raise
        except Exception:  # noqa: BLE001 - see above
            return Assessment(self.readable(row), State.HELD, [mistake()], None)

    def readable(self, row: StoredOrder) -> Order:
        """The order of a row; an empty one where reading it fails, which the reader never should."""
        try:
            return self.read(row)
        except Exception:  # noqa: BLE001 - what can't even be read is kept under its id
            return Order(row.shop, row.id, row.number or row.id, None)

    def chosen(self, order: Order, answers: Mapping[str, str]) -> Settings:
        """The settings as they count for one order: with its own answers, and with those of its products without VAT
        that were sold with 25 % before."""
        chosen = self.of_shop(order.shop).with_answers(answers)
        free = order.vat is not None and not order.vat.ore
        keys = {
            product_of(line) for line in order.lines if line.kind is LineKind.PRODUCT and (free or line.vat_rate == 0)
        }
        if not keys:
            return chosen
        sold = self.store.products.with_vat(order.shop, keys)
        here = {product_of(line) for line in order.lines if line.vat_rate == DANISH_VAT and not free} & keys
        known = sold | dict.fromkeys(here, order.number)
        return replace(chosen, sold_with_vat=known)

    def _credited_by(self, order: Order, *, chosen: str | None) -> Original | None:
        """The order that a credit note credits: the one that the owner chose, or the one that it names by id or number,
        where that is one order alone and the same customer's, as far as both tell an e-mail."""
        if chosen:
            return self.original(order.shop, chosen, but=order.id)
        named = self._named(order)
        if len(named) != 1 or not _may_be_same_customer(order, named[0]):
            return None
        return self.original(order.shop, named[0].id, but=order.id)

    def _named(self, order: Order) -> list[StoredOrder]:
        """The orders that a credit note may mean: those whose id or number it names. A number may be another's id."""
        if order.credit_of in ("", UNKNOWN_ORDER):
            return []
        found = self.store.orders.find(order.credit_of)
        return [row for row in found if row.shop == order.shop and row.id != order.id and not row.is_credit]

    def original(self, shop: str, order_id: str, *, but: str = "") -> Original | None:
        """An order by its id, with what was booked and credited of it. `but` is the order whose own credit note does
        not count."""
        row = self.store.orders.get(OrderKey(shop, order_id))
        if row is None:
            return None
        document = self.store.documents.newest(OrderKey(shop, row.id), Kind.INVOICE)
        known = self._told(row)
        if document is None or not document.is_booked or _may_differ(document):
            return known
        credits = [
            (credit, credit.plan)
            for credit in self.store.documents.credits_of(document.guid)
            if credit.subject != but and not (credit.subject != row.id and _is_unsent(credit))
        ]
        return replace(
            known,
            plan=document.plan,
            guid=document.guid,
            contact_guid=document.contact_guid or "",
            invoice_number=document.invoice_number or "",
            organization=document.organization,
            credits=tuple(plan for _, plan in credits),
            under_way=tuple(plan.number for credit, plan in credits if not credit.is_booked),
        )

    def _told(self, row: StoredOrder) -> Original:
        """An order that a credit note credits, as the shop tells it and as far as the owner left it out."""
        order = self.readable(row)
        left_out = row.ignored_reason or ""
        codes = {finding.code for finding in row.reasons} if row.state == State.IGNORED else set()
        return Original(
            row.id,
            row.number,
            row.state,
            payment_method=order.payment_method,
            order_total=order.total,
            cancelled=may_be_taken_back(order),
            credited=self.store.orders.credited_in_shop(OrderKey(order.shop, order.id), order.number, order.currency)
            if left_out
            else None,
            is_none=bool(codes & {"evens_out", "cancelled"}),
            left_out=left_out,
        )

    def _ask_for_order(self, finding: Finding, order: Order, original: Original | None) -> Finding:
        """Offers the same customer's transferred orders for a credit note that names none, and those of its number for
        one that names several, or another customer's."""
        if finding.code == "credit_of_untransferred" and original is None:
            return self._ask_which(finding, order)
        if finding.code != "credit_of_unknown" or not order.email:
            return finding
        found = self.store.orders.of_customer(order.email.lower(), states=(State.DONE,), limit=MOST_OF_CUSTOMER)
        rows = [row for row in found if row.shop == order.shop][:MAX_CANDIDATES]
        choices = tuple(
            Choice(
                row.id,
                Text(
                    "Order {number} of {date}, invoice {invoice}",
                    number=row.number,
                    date=row.placed_on,
                    invoice=row.invoice_number,
                ),
            )
            for row in rows
        )
        if not choices:
            return finding
        explanation = Text("A credit note is set off against the invoice it credits.")
        return replace(finding, question=Question("credit_of", explanation, choices, can_be_rule=False))

    def _ask_which(self, finding: Finding, order: Order) -> Finding:
        found = self._named(order)
        if not found:
            return finding
        text = Text(
            "{n} orders have the number {order}, which the credit note is for.", n=len(found), order=order.credit_of
        )
        if len(found) == 1:
            text = Text(
                "The credit note is for order {order}, and the order of that number has another e-mail.",
                order=order.credit_of,
            )
        choices = tuple(
            Choice(
                row.id,
                Text(
                    "Order {number} of {date}, {customer}, {total}",
                    number=row.number,
                    date=row.placed_on or "–",
                    customer=row.customer[:40],
                    total=Money(row.total_ore or 0, row.currency),
                ),
            )
            for row in found[:MAX_CANDIDATES]
        )
        explanation = Text("A credit note is set off against the invoice it credits.")
        return Finding("credit_of_ambiguous", text, question=Question("credit_of", explanation, choices, False))


def _may_be_same_customer(order: Order, row: StoredOrder) -> bool:
    """Whether an order's e-mail is not known to be another one than a stored order's."""
    return len({folded(email.strip()) for email in (order.email, row.email or "")} - {""}) < 2


def may_be_taken_back(order: Order) -> bool:
    """Whether the shop says of an order that it was cancelled, withdrawn, refunded or returned."""
    taken = (Status.CANCELLED, Status.WITHDRAWN, Status.REFUNDED, Status.RETURNED)
    refunded = order.refunded is not None and bool(order.refunded.ore)
    return order.cancelled or order.withdrawn or refunded or status_of(order.status) in taken


def products_with_vat(order: Order) -> set[str]:
    """The products that the shop charged 25 % VAT on in an order, as it tells it: they are not exempt."""
    if order.is_credit or order.vat is None or not order.vat.ore:
        return set()
    order = interpret(order, Settings())
    rates = line_rates(order) or []
    return {
        product_of(line)
        for line, rate in zip(goods_of(order), rates, strict=False)
        if line.kind is LineKind.PRODUCT and rate == DANISH_VAT and line.total.ore > 0
    }


def mistake() -> Finding:
    """What an order that we failed with says; the log has the trace. To be called where the error is handled."""
    text = Text(
        "The dashboard made a mistake with this order. Report it with the reference {reference}.",
        reference=logged("order"),
    )
    return Finding("mistake", text)


def logged(what: str) -> str:
    """Logs the error that is handled, and returns the reference that it is found by."""
    reference = secrets.token_hex(4)
    log.exception("%s failed, reference %s", what, reference)
    return reference


def _may_differ(document: Document) -> bool:
    """Whether Dinero has booked a document with other amounts than its plan's, as far as is known here: one that was
    found booked is compared before it is done."""
    differs = any(finding.code == DIFFERS for finding in document.reasons)
    return document.state not in (*FINISHED, State.REFUSED) or (document.state == State.REFUSED and differs)


def _is_unsent(credit: Document) -> bool:
    """Whether a return's credit note is only claimed: nothing of it is in Dinero, and it is planned anew from what
    remains of the invoice before anything of it is sent."""
    return credit.step is Step.CLAIMED and credit.pending is None


def figures(order: Order, settings: Settings, credit: InvoicePlan | None = None) -> Figures:
    """What lists and counters need of an order: VAT zone, country, amounts in øre without and of VAT, and whether the
    shop cancelled it. `credit` is the plan of a credit note, whose zone and VAT are those of its invoice, whatever the
    shop tells.

    `eu_net_ore` is the order's part of the year's sales to EU consumers, in kroner; None for all other orders. It
    does not depend on the answer about such sales, so that the owner sees the counter before answering.
    """
    order = interpret(order, settings)
    where = territory(destination(order))
    zone = Zone(credit.zone) if credit else zone_of(order, settings).zone
    sign = -1 if order.is_credit else 1
    country = where.country if where else ""
    vat = order.vat.ore if order.vat is not None else None
    if credit is not None:
        vat = credit.vat.ore + sum(line.amount.ore for line in credit.lines if line.kind == VAT_LINE)
        country = country_of(credit) or country
    net = order.total.ore - vat if order.total is not None and vat is not None else None
    if credit is not None and zone is Zone.OSS:  # goods alone: what is no sale has no rate
        net = sum(line.amount.ore for line in credit.lines if line.rate and line.kind != VAT_LINE)
    elif zone is Zone.OSS and (sums := oss_sums(order)) is not None:
        net, vat = sums
    consumer = (
        zone in (Zone.EU_CONSUMER, Zone.OSS)
        if credit
        else (
            where is not None
            and where.kind == "eu"
            and not eu_vat_number(order)
            and not danish_number(order)
            and charged_vat(order) != "none"
            and not (order.cancelled and not order.paid)
        )
    )
    return Figures(
        zone=zone.value if zone else "",
        country=country,
        net_ore=None if net is None else sign * net,
        vat_ore=None if vat is None else sign * vat,
        eu_net_ore=_in_kroner(sign * net, order.currency, settings) if consumer and net is not None else None,
        cancelled=order.cancelled,
    )


def _in_kroner(ore: int, currency: str, settings: Settings) -> int | None:
    rate = Decimal(100) if currency == DKK else settings.rates.get(currency)
    return None if rate is None else int((ore * rate / 100).to_integral_value())
