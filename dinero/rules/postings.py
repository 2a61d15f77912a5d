"""What a document does to the books, as debit and credit: for the eye, made of the plan that is sent.

Dinero posts a booked invoice on the customers' account, its lines' accounts without their VAT, and the VAT; a payment
moves it from the customers to the booking account (facts.md, Dinero 5c.1). A credit note is the reverse of both.
"""

from dataclasses import dataclass

from dinero.model.i18n import Text
from dinero.model.ledger import LedgerPlan
from dinero.model.money import Money, total
from dinero.model.plans import InvoicePlan, Kind

# Their numbers are the organization's own, and no call tells them; their names are those of the standard chart.
RECEIVABLES = Text("Receivables")
SALES_VAT = Text("VAT on sales")


@dataclass(frozen=True, slots=True)
class Posting:
    """A line of the books: `amount` is positive in debit and negative in credit. `account` is None for an account that
    Dinero chooses. `of_payment` tells the payment's postings from the document's."""

    account: int | None
    name: str | Text
    amount: Money
    vat_code: str = ""
    of_payment: bool = False

    @property
    def debit(self) -> Money | None:
        """The amount in debit, None where it is in credit."""
        return self.amount if self.amount.ore > 0 else None

    @property
    def credit(self) -> Money | None:
        """The amount in credit, None where it is in debit."""
        return -self.amount if self.amount.ore < 0 else None


def postings(plan: InvoicePlan) -> tuple[Posting, ...]:
    """The postings of a document and of the payment that is registered with it, in the document's currency: in another
    than kroner the kroner are Dinero's own. Debit and credit are the same to the øre."""
    way = -1 if plan.kind is Kind.CREDIT_NOTE else 1
    found = [Posting(None, RECEIVABLES, plan.total.times(way))]
    sales: dict[int, Posting] = {}
    for line in plan.lines:
        amount = (line.amount - line.vat).times(-way)
        if line.account in sales:
            amount = sales[line.account].amount + amount
        sales[line.account] = Posting(line.account, line.account_name, amount, line.vat_code)
    found += [*sales.values(), Posting(None, SALES_VAT, plan.vat.times(-way))]
    if plan.payment is not None:
        paid = plan.payment
        found += [
            Posting(paid.account, paid.account_name, paid.amount, of_payment=True),
            Posting(None, RECEIVABLES, -paid.amount, of_payment=True),
        ]
    return tuple(posting for posting in found if posting.amount.ore)


def ledger_postings(plan: LedgerPlan) -> tuple[Posting, ...]:
    """The postings of a ledger item: each line on its account, and what they move together from the booking account.
    Debit and credit are the same to the øre. What a VAT code adds on both of its sides is not among them."""
    found = [Posting(line.account, line.account_name, line.amount, line.vat_code) for line in plan.lines]
    for account, name in dict.fromkeys((line.balancing, line.balancing_name) for line in plan.lines):
        moved = [line.amount for line in plan.lines if line.balancing == account]
        found.append(Posting(account, name, -total(moved)))
    return tuple(posting for posting in found if posting.amount.ore)
