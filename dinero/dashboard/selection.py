"""What a transfer of some orders will do, as figures: the line above the button that can't be taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from dinero.model.documents import StoredOrder
from dinero.model.plans import InvoicePlan, Kind
from dinero.rules.fees import PayoutEstimate
from dinero.store import Store

# So many are planned as the transfer plans them, about a millisecond each; of more the stored figures are told, which
# takes less than a tenth of a second for the 2,000 that one transfer may have.
EXACT = 200


@dataclass(frozen=True, slots=True)
class Selection:
    """Orders that were selected: how many invoices and credit notes they become, their sums and VAT by currency (øre or
    cents, credit notes taken off), how many customers Dinero gets, and what the bank receives of it.

    `first` and `last` are the documents' dates where `exact`, else those of the orders; VAT is then what the shop
    tells, and customers are told apart by e-mail alone.
    """

    invoices: int
    credit_notes: int
    sums: Mapping[str, int]
    vat: Mapping[str, int]
    new_customers: int
    first: date | None
    last: date | None
    exact: bool
    payout: PayoutEstimate


Planned = tuple[InvoicePlan | None, bool]  # None for an order that would be held now; whether the customer is known


def planned(rows: Sequence[StoredOrder], plans: Sequence[Planned], payout: PayoutEstimate) -> Selection:
    """The figures of orders by their plans."""
    vat: dict[str, int] = {}
    made = [(plan, known) for plan, known in plans if plan is not None]
    for plan, _ in made:
        ore = -plan.vat.ore if plan.kind is Kind.CREDIT_NOTE else plan.vat.ore
        vat[plan.vat.currency] = vat.get(plan.vat.currency, 0) + ore
    new = {plan.customer.key for plan, known in made if not known}
    days = [plan.issued_on for plan, _ in made]
    return _selection(rows, vat, len(new), days, payout, exact=True)


def stored(store: Store, organization: str, rows: Sequence[StoredOrder], payout: PayoutEstimate) -> Selection:
    """The figures of orders as they are stored, without reading them anew."""
    vat: dict[str, int] = {}
    for row in rows:
        vat[row.currency] = vat.get(row.currency, 0) + (row.vat_ore or 0)
    emails = {row.email.strip().lower() for row in rows if row.email.strip() and not row.is_credit}
    new = len(emails - store.contacts.known(organization, emails))
    days = [date.fromisoformat(row.placed_on) for row in rows if row.placed_on]
    return _selection(rows, vat, new, days, payout, exact=False)


def _selection(
    rows: Sequence[StoredOrder],
    vat: Mapping[str, int],
    new_customers: int,
    days: Sequence[date],
    payout: PayoutEstimate,
    *,
    exact: bool,
) -> Selection:
    sums: dict[str, int] = {}
    for row in rows:
        sums[row.currency] = sums.get(row.currency, 0) + (row.total_ore or 0)
    credit_notes = sum(row.is_credit for row in rows)
    return Selection(
        invoices=len(rows) - credit_notes,
        credit_notes=credit_notes,
        sums=dict(sorted(sums.items())),
        vat={currency: ore for currency, ore in sorted(vat.items()) if ore},
        new_customers=new_customers,
        first=min(days, default=None),
        last=max(days, default=None),
        exact=exact,
        payout=payout,
    )
