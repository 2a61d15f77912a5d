"""Sales with another EU country's VAT (One Stop Shop), booked as the owner's accountant names the accounts.

Dinero knows no foreign sales VAT (FACTS 5b.3), so the goods go without VAT on one account, and the other country's VAT
on a liability account, both without a VAT code; rate and country are on each line. Never preset: without the owner's
rule such an order is held.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from dinero.accounts import Account
from dinero.charged import goods_of, line_rates, spread_discount, vat_slack
from dinero.findings import Choice, Finding, Question
from dinero.i18n import Text
from dinero.money import Money, net_of_vat, whole_parts
from dinero.orders import LineKind, Order
from dinero.places import destination, territory
from dinero.plans import PlanLine
from dinero.settings import Settings
from dinero.zones import ZONE_CODES, Zone

SALES, LIABILITY = "sales.oss", "oss_vat"
VAT_LINE = "oss_vat"
WITHOUT_VAT = ZONE_CODES[Zone.DOMESTIC_FREE]

OSS_BOOKING = Question(
    "oss_booking",
    Text(
        "Dinero has no VAT of other countries. Your accountant can name an account without VAT for the goods and a "
        "liability account for the other country's VAT; both are named on the set-up page, under accounts. The OSS "
        "return itself is made from “EU sales”."
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


def check_oss(order: Order, settings: Settings) -> list[Finding]:
    """Why an order with another country's VAT can't be booked; empty when it can."""
    if OSS_BOOKING.answer(settings.rules) is None:
        text = Text("The order has another EU country's VAT (OSS), which Dinero can't book.")
        fix = Text("It is listed under OSS for the return. Enter it in Dinero as your accountant says, and leave it "
                   "out here with the reason.")  # fmt: skip
        return [Finding("oss", text, fix, OSS_BOOKING)]
    found = []
    fix = Text("Name the account that your accountant says on the set-up page, under accounts.")
    unnamed = {
        SALES: Text("No account in use is named for goods with another country's VAT."),
        LIABILITY: Text("No account in use is named for another country's VAT."),
    }
    for role, text in unnamed.items():
        account = settings.chart.accounts.get(settings.account(role))
        if account is None or account.hidden:
            found.append(Finding("account_unnamed", text, fix))
        elif account.vat_code not in WITHOUT_VAT:
            text = Text("Account {number} {name} has the VAT code “{code}”, and an account for OSS must have none.",
                        number=str(account.number), name=account.name, code=account.vat_code)  # fmt: skip
            found.append(Finding("account_vat", text, fix))
    if oss_rates(order) is None:
        text = Text("Which VAT rates the order's lines have can't be told from {vat} in {total}.", vat=order.vat,
                    total=order.total)  # fmt: skip
        fix = Text("Look at the order in Shoporama. If the dashboard reads it wrongly, see the raw order.")
        found.append(Finding("oss_rate", text, fix))
    return found


def oss_rates(order: Order) -> list[Decimal] | None:
    """The rates (fractions) of an order's lines of goods, None when they can't be told.

    As the lines name them; freight and fees without one follow the goods; an order whose lines name none has one rate,
    in halves of a per cent, that its VAT fits to the øre or to what rounding makes of it.
    """
    goods = goods_of(order)
    if order.vat is None or order.total is None or not goods or not order.vat.ore:
        return None
    if (danish := line_rates(order)) is not None and any(danish):
        return danish
    named = {line.vat_rate for line in goods if line.vat_rate is not None}
    net = order.total.ore - order.vat.ore
    if not named and net > 0:
        named = {(Decimal(order.vat.ore) / net * 200).quantize(Decimal(1)) / 200}
    followed = max(named, default=None)
    if followed is None or any(line.vat_rate is None and line.kind is LineKind.PRODUCT and len(named) > 1
                               for line in goods):  # fmt: skip
        return None
    rates = [followed if line.vat_rate is None else line.vat_rate for line in goods]
    charged = sum(
        (line.total + cut).ore - net_of_vat(line.total + cut, rate).ore
        for line, cut, rate in zip(goods, spread_discount(order), rates, strict=True)
    )
    return rates if abs(charged - order.vat.ore) <= vat_slack(order) else None


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
    nets = whole_parts(exact, gross - vat.ore) if vat is not None else None
    nets = nets or [net_of_vat(part.gross, part.rate).ore for part in parts]
    lines, due = [], dict[Decimal, int]()
    for part, net in zip(parts, nets, strict=True):
        amount = Money(net, part.gross.currency)
        text = f"{part.text} ({country} {_percent(part.rate)} % moms)"
        lines.append(_line(text, amount, goods, part.kind, part.key, part.rate))
        due[part.rate] = due.get(part.rate, 0) + part.gross.ore - net
    for rate, ore in due.items():
        if ore:
            text, amount = f"Moms {_percent(rate)} % {country} (OSS)", Money(ore, parts[0].gross.currency)
            lines.append(_line(text, amount, liability, VAT_LINE, f"{VAT_LINE}:{_percent(rate)}", rate))
    return lines


def _line(text: str, amount: Money, account: Account, kind: str, key: str, rate: Decimal) -> PlanLine:
    nothing = Money(0, amount.currency)
    return PlanLine(text, 1, account.number, account.name, account.vat_code, amount, nothing, amount, kind, key,
                    _percent(rate))  # fmt: skip


def _percent(rate: Decimal) -> str:
    return f"{(rate * 100).normalize():f}".replace(".", ",")


def rate_named(line: PlanLine) -> Decimal:
    """The other country's rate (a fraction) of a booked line."""
    return Decimal(line.rate.replace(",", ".")) / 100
