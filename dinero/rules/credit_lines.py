"""The lines of a credit note: the VAT and the accounts are those of the invoice that it credits.

What is given back carries the VAT that it was sold with (ML § 27, facts.md, Dinero 4.24), whatever the shop's credit
note tells: a line that is found on the invoice follows that line, anything else follows the invoice's own rates. Never
more of a rate is credited than was sold and is left.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from dinero.model.money import Money, net_of_vat, total, whole_parts
from dinero.model.orders import Line, LineKind, Order
from dinero.model.plans import PlanLine
from dinero.model.settings import Settings
from dinero.model.zones import DANISH_VAT, Zone
from dinero.rules.accounts import account_role
from dinero.rules.charged import goods_of, line_rates, spread_discount
from dinero.rules.originals import (
    KINDS,
    ROUNDING,
    Original,
    left_lines,
    rate_of,
    takes_all,
    with_amount,
    within_what_is_left,
)
from dinero.rules.oss import VAT_LINE, Part, country_of, oss_country, oss_lines, rate_named
from dinero.rules.questions import CREDIT_RATE


class UnclearVat(ValueError):
    """The credit names no line of the invoice, which has several rates: somebody must say which one."""


class TooLarge(ValueError):
    """More is credited than is left of the invoice."""


def credit_lines(order: Order, settings: Settings, original: Original) -> list[PlanLine]:
    """The lines of an interpreted credit note. Raises UnclearVat or TooMuchVat where somebody must say, TooLarge where
    more is credited than is left, and ValueError for a credit note with other findings."""
    plan = original.plan
    if plan is None or order.total is None:
        raise ValueError("the credit note has findings")
    if is_all_that_is_left(order, original):
        return left_lines(original)
    sold = [line for line in plan.lines if line.kind in KINDS]
    goods = _oss_credit if plan.zone == Zone.OSS.value else _credit_of_goods
    lines = goods(order, settings, original, sold)
    lines += [_gift_card(line, settings) for line in order.lines if line.kind is LineKind.GIFT_CARD]
    if takes_all(order.total, original.remaining) and _is_rounded_otherwise(order, lines, left_lines(original)):
        return left_lines(original)
    if original.remaining is not None and order.total.ore > original.remaining.ore:
        raise TooLarge("more than is left")
    difference = order.total - total([line.amount for line in lines], order.currency)
    if difference.ore:
        lines.append(_rounding(difference, settings))
    within_what_is_left(lines, original)
    return lines


def _is_rounded_otherwise(order: Order, lines: Sequence[PlanLine], left: Sequence[PlanLine]) -> bool:
    """Whether a credit's lines are what is left of the invoice, on each account, but for how each was rounded: then
    they are credited as they were sold, so that no øre is left on one account and missing on another."""
    off = {
        account: sum(line.amount.ore for line in lines if line.account == account)
        - sum(line.amount.ore for line in left if line.account == account)
        for account in {line.account for line in (*lines, *left)}
    }
    vat = sum(line.vat.ore for line in lines) - sum(line.vat.ore for line in left)
    slack = max(len(order.lines), 1) * order.smallest_ore
    return (any(off.values()) or bool(vat)) and all(abs(ore) <= slack for ore in (*off.values(), vat))


def _credit_of_goods(order: Order, settings: Settings, original: Original, sold: Sequence[PlanLine]) -> list[PlanLine]:
    lines, answer = list[PlanLine](), settings.rules.get(CREDIT_RATE, "")
    cuts = spread_discount(order) or [Money(0, order.currency)]
    for line, cut in zip(_goods(order), cuts, strict=False):
        amount = line.total + cut
        if amount.ore == 0:
            continue
        found = _found(line, sold, answer)
        if found is not None:
            lines.append(_line(line, amount, found))
        else:
            lines += _by_rates(line, amount, order, settings, original, sold)
    return lines


def is_all_that_is_left(order: Order, original: Original) -> bool:
    """Whether a credit note gives back all that remains of an invoice in a sum that names no line of it: then what
    remains is credited as it was sold, freight and VAT-free goods and øre line too."""
    plan, goods = original.plan, _goods(order)
    if plan is None or order.total is None or not takes_all(order.total, original.remaining):
        return False
    sold = [line for line in plan.lines if line.kind in KINDS]
    plain = all(line.total.ore > 0 for line in goods) and len(goods) == len(order.lines or goods)
    return plain and any(not _candidates(line, sold) for line in goods)


def _oss_credit(order: Order, settings: Settings, original: Original, sold: Sequence[PlanLine]) -> list[PlanLine]:
    """The lines of a credit of another country's VAT: with the invoice's rates, country and accounts."""
    if original.plan is None:
        raise ValueError("the credit note has findings")
    answer, cards = settings.rules.get(CREDIT_RATE, ""), []
    rated = [line for line in sold if line.rate]
    parts: list[Part] = []
    for line, cut in zip(_goods(order), spread_discount(order) or [Money(0, order.currency)], strict=False):
        amount, found = line.total + cut, _found(line, sold, answer)
        if found is not None and not found.rate:  # a gift card that was sold
            cards += [_line(line, amount, found)] if amount.ore else []
            continue
        for part, like in _oss_shares(line, amount, found, rated, original, answer):
            key = like.key if found is not None else f"credit:{line.text}:{like.rate}"
            item = like.item if found is not None else ""
            parts.append(Part(line.text or like.text, part, rate_named(like), line.kind.value, key, item))
    accounts = settings.chart.accounts
    vat_lines = [line for line in original.plan.lines if line.kind == VAT_LINE]
    goods, liability = (accounts.get(lines[0].account) if lines else None for lines in (rated, vat_lines or rated))
    if goods is None or liability is None or not (parts or cards):
        raise ValueError("the accounts of the invoice are not in use")
    return [*oss_lines(parts, None, country_of(original.plan) or oss_country(order), goods, liability), *cards]


def _oss_shares(
    line: Line, amount: Money, found: PlanLine | None, rated: Sequence[PlanLine], original: Original, answer: str
) -> list[tuple[Money, PlanLine]]:
    """What of an amount has which of the invoice's rates: the rate of its line, the only one, the one it tells, or all
    in proportion where the owner says so."""
    if not amount.ore:
        return []
    by_rate = dict[str, PlanLine]()
    for other in rated:
        by_rate.setdefault(other.rate, other)
    told = [other for other in by_rate.values() if line.vat_rate and rate_named(other) == line.vat_rate]
    like = found or (next(iter(by_rate.values())) if len(by_rate) == 1 else told[0] if told else None)
    if like is not None:
        return [(amount, like)]
    if answer != "invoice":
        raise UnclearVat("a credit of no line of an invoice with several rates")
    left = left_lines(original)
    weights = {rate: sum(max(part.amount.ore, 0) for part in left if part.rate == rate) for rate in by_rate}
    everything = sum(weights.values())
    shares = (
        whole_parts([Decimal(amount.ore * weight) / everything for weight in weights.values()], amount.ore)
        if everything
        else None
    )
    if shares is None:
        raise UnclearVat("a credit that can't be divided")
    return [
        (Money(share, amount.currency), by_rate[rate]) for rate, share in zip(weights, shares, strict=True) if share
    ]


def _goods(order: Order) -> list[Line]:
    """What is credited; a credit note that tells its total alone is one line of that."""
    goods = goods_of(order)
    if goods or order.total is None or order.lines:
        return goods
    return [Line(LineKind.PRODUCT, "Refundering", Decimal(1), order.total, order.total)]


def _found(line: Line, sold: Sequence[PlanLine], answer: str = "") -> PlanLine | None:
    """The invoice's line that a credit note's line is of; of several with different VAT the one that has the rate which
    the owner or the credit note says. Raises UnclearVat where neither does."""
    candidates = _candidates(line, sold)
    if len({_vat_of(other) for other in candidates}) <= 1:
        return candidates[0] if candidates else None
    if answer == "invoice":
        return None  # in proportion
    said = {"taxed": True, "free": False}.get(answer)
    fitting = [
        other
        for other in candidates
        if (bool(_vat_of(other)) is said if said is not None else _vat_of(other) == line.vat_rate)
    ]
    if not fitting or len({_vat_of(other) for other in fitting}) > 1:
        raise UnclearVat("a credit of one of several lines alike with different VAT")
    return fitting[0]


def _candidates(line: Line, sold: Sequence[PlanLine]) -> list[PlanLine]:
    """The invoice's lines that a credit note's line may be of: the one whose id in the shop it names, else by item
    number, else by name; freight and fees by kind."""
    if line.item and (named := [other for other in sold if other.item == line.item]):
        return named
    kind = "product" if line.kind is LineKind.GIFT_CARD_SOLD else line.kind.value
    alike = [other for other in sold if other.kind in (line.kind.value, kind)]
    if line.kind not in (LineKind.PRODUCT, LineKind.GIFT_CARD_SOLD):
        return alike[:1]
    by_number = [other for other in alike if line.sku and item_number(other) == line.sku]
    by_name = [other for other in alike if line.text and ":".join(_parts(other)[2:-1]) == line.text]
    both = [other for other in by_number if other in by_name]
    return both or by_number or by_name


def _vat_of(line: PlanLine) -> Decimal:
    """The rate that a line was sold with: another country's, or Denmark's."""
    return rate_named(line) if line.rate else rate_of(line)


def _parts(line: PlanLine) -> list[str]:
    """The parts of a product line's key, "product:<item>:<name>:<which>"; empty for other lines."""
    parts = line.key.split(":")
    return parts if parts[0] == LineKind.PRODUCT.value and len(parts) >= 4 else []


def item_number(line: PlanLine) -> str:
    """The item number of a planned product line, "" where it has none."""
    return _parts(line)[1] if _parts(line) else ""


def _line(line: Line, amount: Money, like: PlanLine) -> PlanLine:
    """An amount of a credit note on the account and with the VAT of one of the invoice's lines."""
    named = replace(like, text=line.text or like.text, kind=line.kind.value)
    pieces = line.quantity
    if pieces != 1 and pieces == pieces.to_integral_value() and line.unit_price is not None:
        unit = line.unit_price
        exact = unit.ore * int(pieces) == amount.ore and Decimal(unit.ore) / (1 + rate_of(like)) % 1 == 0
        if exact and 1 < pieces <= 1000:
            vat = amount - net_of_vat(amount, rate_of(like))
            return replace(named, quantity=int(pieces), unit=unit, amount=amount, vat=vat)
        named = replace(named, text=f"{pieces.normalize():f} × {named.text}".replace(".", ",", 1))
    return with_amount(named, amount)


def _by_rates(
    line: Line, amount: Money, order: Order, settings: Settings, original: Original, sold: Sequence[PlanLine]
) -> list[PlanLine]:
    """An amount that names no line of the invoice, with the invoice's own rates."""
    left = [part for part in left_lines(original) if part.kind in KINDS and part.amount.ore > 0] or list(sold)
    taxed, free = ([part for part in left if bool(rate_of(part)) is with_vat] for with_vat in (True, False))
    if taxed and free:
        answer = settings.rules.get(CREDIT_RATE)
        if answer == "invoice":
            return _in_proportion(line, amount, (taxed, free), settings, original)
        if answer not in ("taxed", "free"):
            rates = line_rates(order)
            if rates is None or set(rates) != {DANISH_VAT}:
                raise UnclearVat("a credit of no line of a mixed invoice")
            answer = "taxed"
        left = taxed if answer == "taxed" else free
    return [_line(line, amount, replace(_like(line, left, settings, original), text=line.text))]


def _like(line: Line, parts: Sequence[PlanLine], settings: Settings, original: Original) -> PlanLine:
    """What a line of the credit note looks like that is of no line of the invoice, but of these of one rate: freight
    and fees on their account, goods on the goods'."""
    if line.kind in (LineKind.SHIPPING, LineKind.FEE):
        role, _ = account_role(line, rate_of(parts[0]), Zone(original.plan.zone if original.plan else ""))
        account = settings.chart.accounts.get(settings.account(role))
        if account is None:
            raise ValueError("the account is not in use")
        return replace(
            parts[0],
            account=account.number,
            account_name=account.name,
            vat_code=account.vat_code,
            key=f"credit:{line.text}",
            item="",
        )
    products = [part for part in parts if part.kind == LineKind.PRODUCT] or list(parts)
    return replace(products[0], key=f"credit:{line.text}", item="")


def _in_proportion(
    line: Line, amount: Money, groups: Sequence[Sequence[PlanLine]], settings: Settings, original: Original
) -> list[PlanLine]:
    weights = [sum(part.amount.ore for part in parts) for parts in groups]
    shares = whole_parts([Decimal(amount.ore * weight) / sum(weights) for weight in weights], amount.ore)
    if shares is None:
        raise UnclearVat("a credit that can't be divided")
    once = replace(line, quantity=Decimal(1))
    return [
        _line(once, Money(share, amount.currency), replace(_like(line, parts, settings, original), key=f"credit:{i}"))
        for i, (share, parts) in enumerate(zip(shares, groups, strict=True))
        if share
    ]


def _gift_card(line: Line, settings: Settings) -> PlanLine:
    number = settings.account("gift_card")
    account = settings.chart.accounts.get(number)
    if account is None:
        raise ValueError("the gift card account is not in use")
    nothing = Money(0, line.total.currency)
    return PlanLine(
        line.text,
        1,
        number,
        account.name,
        account.vat_code,
        line.total,
        nothing,
        line.total,
        line.kind.value,
        line.kind.value,
    )


def _rounding(difference: Money, settings: Settings) -> PlanLine:
    number = settings.rounding_account
    account = settings.chart.accounts.get(number) if number is not None else None
    if account is None or abs(difference.ore) > settings.rounding_limit:
        raise ValueError("the credit note has findings")
    nothing = Money(0, difference.currency)
    return PlanLine(
        "Øreafrunding",
        1,
        account.number,
        account.name,
        account.vat_code,
        difference,
        nothing,
        difference,
        LineKind.DISCOUNT.value,
        ROUNDING,
    )
