"""Sales with another EU country's VAT (One Stop Shop), booked as the owner's accountant names the accounts.

Dinero knows no foreign sales VAT (facts.md, Dinero 5b.3), so the goods go without VAT on one account, and the other
country's VAT on a liability account, both without a VAT code; rate and country are on each line. Never preset: without
the owner's rule such an order is held.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from dinero.model.chart import Account
from dinero.model.findings import Choice, Finding, Question
from dinero.model.i18n import Text
from dinero.model.money import Money, net_of_vat, whole_parts
from dinero.model.orders import Line, LineKind, Order
from dinero.model.plans import InvoicePlan, PlanLine
from dinero.model.settings import Settings
from dinero.model.zones import ZONE_CODES, Zone
from dinero.rules.charged import goods_of, line_rates, spread_discount, vat_slack
from dinero.rules.eu_rates import is_known_rate, per_cent, rate_question
from dinero.rules.places import destination, territory

SALES, LIABILITY = "sales.oss", "oss_vat"
VAT_LINE = "oss_vat"
WITHOUT_VAT = ZONE_CODES[Zone.DOMESTIC_FREE]

OSS_BOOKING = Question(
    "oss_booking",
    Text(
        "Dinero has no VAT of other countries. Your accountant can name an account without VAT for the goods and "
        "a liability account for the other country's VAT. You choose both under Set-up, at the accounts. The OSS "
        "return itself is made from the page EU sales."
    ),
    (Choice("book", Text("Book the goods and the other country's VAT on the accounts that my accountant named")),),
)


@dataclass(frozen=True, slots=True)
class Part:
    """One line of goods with what it cost in all (`gross`, with VAT) and its rate (a fraction)."""

    text: str
    gross: Money
    rate: Decimal
    kind: str
    key: str
    item: str = ""


def check_oss(order: Order, settings: Settings) -> list[Finding]:
    """Why an order with another country's VAT can't be booked; empty when it can."""
    if OSS_BOOKING.answer(settings.rules) is None:
        text = Text("The order has another EU country's VAT (OSS), for which Dinero has no VAT code.")
        fix = Text(
            "It stands on the page EU sales, ready for the OSS return. If your accountant has named accounts for "
            "it, answer below. Otherwise enter it in Dinero as your accountant says, then leave it out here."
        )
        return [Finding("oss", text, fix, OSS_BOOKING)]
    found = []
    fix = Text("Choose the account that your accountant names under Set-up, at the accounts.")
    unnamed = {
        SALES: Text("No account in use is named for goods with another country's VAT."),
        LIABILITY: Text("No account in use is named for another country's VAT."),
    }
    for role, text in unnamed.items():
        account = settings.chart.accounts.get(settings.account(role))
        if account is None or account.hidden:
            found.append(Finding("account_unnamed", text, fix))
        elif account.vat_code not in WITHOUT_VAT:
            text = Text(
                "Account {number} {name} has the VAT code “{code}”, and an account for OSS must have none.",
                number=str(account.number),
                name=account.name,
                code=account.vat_code,
            )
            found.append(Finding("account_vat", text, fix))
    rates, country = oss_rates(order), oss_country(order)
    if rates is None:
        text = Text(
            "Which VAT rates the order's lines have can't be told from {vat} in {total}.",
            vat=order.vat,
            total=order.total,
        )
        found.append(Finding("oss_rate", text, Text("See the order in {shop}.")))
    amounts = zip(goods_of(order), spread_discount(order), rates or (), strict=False)
    charged = {
        rate: line for line, cut, rate in amounts if line.kind is not LineKind.GIFT_CARD_SOLD and (line.total + cut).ore
    }
    for rate, line in charged.items():
        if not is_known_rate(country, rate, settings.rules):
            text = Text(
                "“{line}” has {rate} % VAT, which is no rate of {country}.",
                line=line.text[:60],
                rate=per_cent(rate),
                country=country,
            )
            found.append(Finding("oss_rate", text, question=rate_question(country, rate)))
    return found


def oss_rates(order: Order) -> list[Decimal] | None:
    """The rates (fractions) of an order's lines of goods, None when they can't be told.

    As the lines name them; freight and fees without one follow the goods; an order whose lines name none has one rate,
    in halves of a per cent, that its VAT fits to the øre or to what rounding makes of it. A gift card that is sold has
    none, and where nothing is charged the lines alone say.
    """
    goods = goods_of(order)
    if order.vat is None or order.total is None or not goods:
        return None
    taxed = _taxed(order)
    gross = sum(amount.ore for _, amount in taxed)
    if not gross:
        return [_own_rate(line) or Decimal(0) for line in goods]
    if (danish := line_rates(order)) is not None and any(danish):
        return danish
    named = {line.vat_rate for line, _ in taxed if line.vat_rate is not None}
    if len(named) > 1 and any(line.vat_rate is None and line.kind is LineKind.PRODUCT for line, _ in taxed):
        return None
    followed = (
        [max(named)]
        if named
        else [rate for base in (gross, gross - _by_card(order)) if (rate := _rate_in(base, order.vat)) is not None]
    )
    for rate in followed:
        rates = [rate if (own := _own_rate(line)) is None else own for line in goods]
        if _vat_told(order, rates) is not None:
            return rates
    return None


def _own_rate(line: Line) -> Decimal | None:
    return Decimal(0) if line.kind is LineKind.GIFT_CARD_SOLD else line.vat_rate


def _taxed(order: Order) -> list[tuple[Line, Money]]:
    """The lines that can have VAT, with what each cost after the discount."""
    lines = zip(goods_of(order), spread_discount(order), strict=True)
    return [(line, line.total + cut) for line, cut in lines if line.kind is not LineKind.GIFT_CARD_SOLD]


def _by_card(order: Order) -> int:
    """What was paid with a gift card, in øre."""
    return -sum(line.total.ore for line in order.lines if line.kind is LineKind.GIFT_CARD)


def _rate_in(gross: int, vat: Money) -> Decimal | None:
    net = gross - vat.ore
    return (Decimal(vat.ore) / net * 200).quantize(Decimal(1)) / 200 if net > 0 else None


def _vat_of(order: Order, rates: Sequence[Decimal]) -> int:
    """The VAT of an order's lines at these rates, in øre, line by line."""
    amounts = [line.total + cut for line, cut in zip(goods_of(order), spread_discount(order), strict=True)]
    return sum(amount.ore - net_of_vat(amount, rate).ore for amount, rate in zip(amounts, rates, strict=True))


def _vat_told(order: Order, rates: Sequence[Decimal]) -> Money | None:
    """The sale's VAT as the shop tells it, where these rates make it; None where they don't.

    A shop that takes a gift card for a discount tells the VAT of the rest; the sale's VAT is that of the whole.
    """
    if order.vat is None:
        return None
    charged, card, slack = _vat_of(order, rates), _by_card(order), vat_slack(order)
    if abs(charged - order.vat.ore) <= slack:
        return order.vat
    gross = sum(amount.ore for _, amount in _taxed(order))
    rest = Decimal(charged) * (gross - card) / gross if card and gross else Decimal(charged)
    return Money(charged, order.currency) if card and abs(rest - order.vat.ore) <= slack else None


def oss_vat(order: Order) -> Money | None:
    """The other country's VAT in an order, None when it can't be told."""
    rates = oss_rates(order)
    return _vat_told(order, rates) or Money(_vat_of(order, rates), order.currency) if rates is not None else None


def oss_sums(order: Order) -> tuple[int, int] | None:
    """What an order counts for in the OSS return, without VAT and of VAT, in øre: its goods, no gift cards."""
    vat = oss_vat(order)
    return (sum(amount.ore for _, amount in _taxed(order)) - vat.ore, vat.ore) if vat is not None else None


def oss_country(order: Order) -> str:
    """The country whose VAT an order has, "" when it is not known."""
    where = territory(destination(order))
    return where.country if where is not None else ""


def oss_lines(
    parts: Sequence[Part], vat: Money | None, country: str, goods: Account, liability: Account
) -> list[PlanLine]:
    """The goods without VAT, and a line of each rate's VAT. `vat` is what the shop told: the lines add up to it where
    that is a matter of rounding."""
    exact = [Decimal(part.gross.ore) / (1 + part.rate) for part in parts]
    gross = sum(part.gross.ore for part in parts)
    if not parts:
        return []
    nets = whole_parts(exact, gross - vat.ore) if vat is not None else None
    nets = nets or [net_of_vat(part.gross, part.rate).ore for part in parts]
    lines, due = [], dict[Decimal, int]()
    for part, net in zip(parts, nets, strict=True):
        amount = Money(net, part.gross.currency)
        told = bool(part.rate or part.gross.ore)
        text = f"{part.text} ({country} {per_cent(part.rate)} % moms)" if told else part.text
        lines.append(_line(text, amount, goods, part.kind, part.key, part.rate, part.item))
        due[part.rate] = due.get(part.rate, 0) + part.gross.ore - net
    for rate, ore in due.items():
        if ore:
            text, amount = f"Moms {per_cent(rate)} % {country} (OSS)", Money(ore, parts[0].gross.currency)
            lines.append(_line(text, amount, liability, VAT_LINE, f"{VAT_LINE}:{per_cent(rate)}", rate))
    return lines


def _line(text: str, amount: Money, account: Account, kind: str, key: str, rate: Decimal, item: str = "") -> PlanLine:
    nothing, told = Money(0, amount.currency), per_cent(rate)
    return PlanLine(
        text, 1, account.number, account.name, account.vat_code, amount, nothing, amount, kind, key, told, item
    )


def rate_named(line: PlanLine) -> Decimal:
    """The other country's rate (a fraction) of a booked line."""
    return Decimal(line.rate.replace(",", ".")) / 100


_TOLD = re.compile(r"\(([A-Z]{2}) [\d,]+ % moms\)$")


def country_of(plan: InvoicePlan) -> str:
    """The country whose VAT a booked document has; one that was stored before plans named it has it on its lines."""
    told = (found[1] for line in plan.lines if (found := _TOLD.search(line.text)))
    return plan.country or next(told, "")
