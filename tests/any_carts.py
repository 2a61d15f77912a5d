"""What must hold of a random WooCommerce cart, from the law and the cart's own facts: not one of the library's rules is
asked here."""

from collections.abc import Mapping, Set
from decimal import Decimal

from dinero.model.plans import InvoicePlan
from dinero.sandbox.woocommerce_carts import Facts
from dinero.sandbox.woocommerce_json import Raw

GIFT_CARDS = 63080
FREE = "vat_free:"  # the owner's words about what has no VAT
# What an owner answers whose shop sells some goods without VAT, has cards and fees, and may show whole kroner.
ANSWERS: Mapping[str, str] = {
    "whole_kroner": "as_charged",
    "short_of_lines": "gift_card",
    "zero_total": "book",
    "voucher:Gavekort": "gift_card",
    "vat_free:fee": "contains",
    **{f"vat_free:Vare {place}": "exempt" for place in range(1, 7)},
}
# By which kind of cart a reason is explained. What stands here names its kind to the owner; the sums that follow do
# not, and are explained by nothing but two rates of VAT beside what was taken off in a way that is not told.
HELD: Mapping[str, Set[str]] = {
    "danish_without_vat": {"zero rate", "fee without VAT"},
    "fees_mixed": {"gift card as a fee"},
    "short_of_lines": {"PW"},
    "voucher": {"gift card as a fee"},
    "whole_kroner": {"whole kroner"},
    "zero_total": {"gift card", "PW", "gift card as a fee", "coupon"},
}
SUMS = ("sum_differs", "net_prices", "vat_differs")
ROUNDED = 400  # øre: the most that a shop of whole kroner misses its lines by, told with two decimals
UNTOLD, TWO_RATES = {"PW", "negative fee"}, {"zero rate", "fee without VAT"}


def explained(code: str, facts: Facts) -> bool:
    """Whether a reason for which a cart is held says what is special about it."""
    if code in SUMS:
        return bool(TWO_RATES & facts.kinds) and bool(UNTOLD & facts.kinds)
    return bool(HELD.get(code, set()) & {*facts.kinds, facts.setting})


def øre(kroner: object) -> Decimal:
    """An amount that the shop tells, in øre."""
    return Decimal(str(kroner)) * 100


def lines_of(raw: Raw) -> list[Raw]:
    """All that the shop charged for, below zero too."""
    return [*raw["line_items"], *raw["shipping_lines"], *raw["fee_lines"]]


def must_be_asked(raw: Raw, facts: Facts, rules: Mapping[str, str]) -> str:
    """What of a cart nobody but the owner can tell, and he did not; "" for a cart that is plainly right."""
    free = [line for line in raw["line_items"] if line["tax_class"] == "zero-rate" and Decimal(line["total"])]
    if any(f"{FREE}{line['name']}" not in rules for line in free):
        return "goods without VAT in Denmark (ML § 4, § 13)"
    if untaxed_fees(raw) and f"{FREE}fee" not in rules:
        return "a fee without VAT: what is paid beside goods has their VAT (ML § 27)"
    if any("Gavekort" in line["name"] for line in raw["fee_lines"]) and "voucher:Gavekort" not in rules:
        return "a gift card is a payment and no discount (ML § 73 b)"
    if paid_by_card(raw) > told_cards(raw) + ROUNDED and "short_of_lines" not in rules:
        return "a part was paid in a way that the shop does not tell"
    return ""


def told_cards(raw: Raw) -> Decimal:
    """What the plugins tell that was paid with gift cards, in øre."""
    told = [card["amount"] for card in raw.get("gift_cards", [])]
    for meta in raw["meta_data"]:
        if meta["key"] == "_ywgc_applied_gift_cards":
            told += meta["value"].values()
    return sum(map(øre, told), Decimal(0))


def paid_by_card(raw: Raw) -> Decimal:
    """What the total is below all that was charged, in øre; what rounding makes is nothing."""
    charged = sum((øre(line["total"]) for line in lines_of(raw)), Decimal(0)) + øre(raw["total_tax"])
    short = charged - øre(raw["total"])
    return short if short > ROUNDED else Decimal(0)


def booked_wrong(raw: Raw, facts: Facts, rules: Mapping[str, str], plan: InvoicePlan) -> list[str]:
    """What is not right in the plan of a cart that may go."""
    wrong, step = [], 100 if facts.setting == "whole kroner" else 1
    if plan.total.ore != facts.total:
        wrong.append(f"total {plan.total.ore}, charged {facts.total}")
    if (asked := must_be_asked(raw, facts, rules)) != "":
        wrong.append(f"nobody asked about {asked}")
    slack = step + len(lines_of(raw)) * step + off_fees(raw)  # half a unit for each amount and its VAT
    if abs(plan.vat.ore - owed(raw, facts, rules)) > slack:
        wrong.append(f"VAT {plan.vat.ore}, owed {owed(raw, facts, rules)} within {slack}")
    free = [line for line in plan.lines if not line.vat.ore and abs(line.amount.ore) > 4 and line.account != GIFT_CARDS]
    names = {line["name"] for line in raw["line_items"] if line["tax_class"] == "zero-rate"}
    follows = not any(Decimal(line["total_tax"]) for line in lines_of(raw))
    for line in free:
        is_answered = any(name in line.text and f"{FREE}{name}" in rules for name in names)
        if not is_answered and not (follows and names):
            wrong.append(f"“{line.text}” on {line.account} without VAT, and nobody said why")
    cards = -sum(line.amount.ore for line in plan.lines if line.account == GIFT_CARDS)
    known = øre(sum(card.amount for card in facts.cart.gift_cards)) + as_fee(raw)[0]
    added = sum(int(øre(fee.amount)) for fee in facts.cart.fees if fee.after)  # after the cards took what was there
    near = step + off_fees(raw)
    if not 0 <= cards <= known + near or (cards < known - near and facts.total > added + step):
        wrong.append(f"{cards} taken from gift cards, {known} were used")
    return wrong


def as_fee(raw: Raw) -> tuple[int, int]:
    """What a gift card took off as a fee, with the VAT that WooCommerce gave it, and that VAT (øre)."""
    cards = [line for line in raw["fee_lines"] if "Gavekort" in line["name"]]
    vat = sum(-øre(line["total_tax"]) for line in cards)
    return int(sum(-øre(line["total"]) for line in cards) + vat), int(vat)


def untaxed_fees(raw: Raw) -> list[Decimal]:
    """The fees that the shop charged no VAT on, in øre."""
    fees = [line for line in raw["fee_lines"] if Decimal(line["total"]) > 0 and not Decimal(line["total_tax"])]
    return [øre(line["total"]) for line in fees]


def off_fees(raw: Raw) -> int:
    """The VAT of what a discount takes off fees without VAT: the shop lowers none by it, and where the fee has VAT in
    it the customer paid so much less of it (øre)."""
    bought = sum(øre(line["total"]) for line in lines_of(raw) if Decimal(line["total"]) > 0)
    off = -sum(øre(line["total"]) for line in lines_of(raw) if Decimal(line["total"]) < 0)
    return int(off * sum(untaxed_fees(raw)) / bought / 4) + 1 if bought and off else 0


def owed(raw: Raw, facts: Facts, rules: Mapping[str, str]) -> int:
    """The VAT of all that was sold: as the shop charged it, with what a card lowered, and with a fifth of the fees that
    it left out."""
    more = as_fee(raw)[1] if rules.get("voucher:Gavekort") == "gift_card" else 0
    return facts.tax + more + sum(int(fee / 5) for fee in untaxed_fees(raw))
