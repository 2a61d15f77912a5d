"""Why a Danish sale has no VAT: asked once for each product, and never believed from the shop's figures alone.

Every mistake about VAT ends as a line with the rate 0: a wrong country, an exemption that the shop gave by mistake, a
gift card, a shop with VAT switched off. So a line goes to an account without VAT only when somebody gave the reason
(ML § 4, § 13; facts.md, rule 15). A product that was sold with 25 % before is not exempt, whatever a rule says.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from dinero.model.findings import Answers, Choice, Finding, Question
from dinero.model.i18n import Text
from dinero.model.money import Money, net_of_vat
from dinero.model.orders import Line, LineKind, Order
from dinero.model.settings import Settings
from dinero.model.words import is_nothing
from dinero.model.zones import DANISH_VAT
from dinero.rules.places import destination, is_collected_here, territory
from dinero.rules.vat_numbers import danish_number, eu_vat_number

EXEMPT, CONTAINS, REVERSE_CHARGE, SENT = "exempt", "contains", "reverse_charge", "sent"
BY_PRODUCT = "by_product"

_EXEMPT = Choice(EXEMPT, Text("It is exempt from VAT (ML § 13): book it without VAT"))
_CONTAINS = Choice(CONTAINS, Text("The shop left the VAT out by mistake: the price contains 25 %, which I pay to SKAT"))
_REVERSE_CHARGE = Choice(
    REVERSE_CHARGE, Text("The company pays the VAT itself (domestic reverse charge, ML § 46), on the account for it")
)
_SENT = Choice(SENT, Text("The goods were not collected here, but sent: the country they went to decides"))
_WHY = Text(
    "Goods that are delivered in Denmark are sold with 25 % VAT, whoever buys them, unless the goods themselves are "
    "exempt. If the shop charged none by mistake, a fifth of what the customer paid is owed to SKAT all the same."
)
_FOLLOWS = Choice(CONTAINS, Text("It follows the sale: it contains 25 %, which I pay to SKAT"))
_WITHOUT = Choice(EXEMPT, Text("It is without VAT"))
_WHY_IT_FOLLOWS = Text(
    "What the customer pays for freight, or for the way of paying, is a part of the sale and has the VAT of the goods. "
    "If the shop charged none on it, a fifth of it is owed to SKAT all the same."
)
# For a shop in which nothing was ever sold with VAT: one answer for all it sells.
WHOLE_SHOP = "domestic_free"
# For an order whose buyer, or whose products' earlier sales, speak against an exemption: never a rule.
THIS_ORDER = "vat_taken_off"


def product_of(line: Line) -> str:
    """What rules about a product hang on: its item number, else its name; freight and fees by their kind."""
    if line.kind is not LineKind.PRODUCT:
        return line.kind.value
    return line.text if is_nothing(line.sku) else line.sku  # "0" and "-" are no item numbers


def product_rule(line: Line) -> str:
    """The key of the question why a product is sold without VAT in Denmark; of freight and fees, by their name."""
    return f"vat_free:{product_of(line)}" + ("" if line.kind is LineKind.PRODUCT else f":{line.text}")


def _said(line: Line, rules: Answers) -> str | None:
    """What the owner said of a line: of the product, or of the freight or fee of this name, else of all freight or all
    fees."""
    return rules.get(product_rule(line)) or rules.get(f"vat_free:{product_of(line)}")


def goods_were_collected_abroad(order: Order) -> bool:
    """Whether the goods are collected in Denmark by somebody whose address is in another territory."""
    return is_collected_here(order)


def contains_vat(line: Line, rate: Decimal, order: Order, settings: Settings) -> bool:
    """Whether a line that the shop charged no VAT on is booked with 25 % in its price, as the owner answered."""
    if rate or line.kind not in (LineKind.PRODUCT, LineKind.SHIPPING, LineKind.FEE) or not line.total.ore:
        return False
    where, rules = territory(destination(order)), settings.rules
    if where is None:
        return False
    # Abroad an order without VAT is no Danish sale by mistake, unless the owner says so of it.
    if (
        where.kind != "dk"
        and not (order.vat is not None and order.vat.ore)
        and (where.kind == "world" or rules.get(THIS_ORDER) != CONTAINS)
    ):
        return False
    if rules.get(THIS_ORDER) == CONTAINS:
        return _said(line, rules) != EXEMPT or product_of(line) in settings.sold_with_vat
    if line.kind is not LineKind.PRODUCT and _said(line, rules) is None:  # freight and fees follow the goods
        goods = [other for other in order.lines if other.kind is LineKind.PRODUCT]
        return all(_answer(other, rules) == CONTAINS for other in goods) if goods else rules.get(WHOLE_SHOP) == CONTAINS
    return _answer(line, rules) == CONTAINS


def _answer(line: Line, rules: Answers) -> str | None:
    return _said(line, rules) or rules.get(WHOLE_SHOP)


def with_vat_inside(amount: Money) -> Money:
    """The VAT in an amount that contains 25 %."""
    return amount - net_of_vat(amount, DANISH_VAT)


def is_reverse_charge(order: Order, rules: Answers) -> bool:
    """Whether the owner said that a Danish company pays the VAT of all of the order's goods itself (ML § 46)."""
    goods = [line for line in order.lines if line.kind is LineKind.PRODUCT and line.total.ore]
    if not goods or not danish_number(order):
        return False
    if rules.get(THIS_ORDER) == REVERSE_CHARGE:
        return True
    return all(rules.get(product_rule(line)) == REVERSE_CHARGE for line in goods)


def findings(order: Order, lines: Sequence[tuple[Line, Money]], settings: Settings) -> list[Finding]:
    """What is to be asked about an order's lines, each with what it costs in all, that would go to an account without
    VAT."""
    free = [line for line, amount in lines if amount.ore]
    doubtful = [line for line in free if not _is_explained(line, free, order, settings)]
    if not doubtful:
        return []
    products = [line for line in doubtful if line.kind is LineKind.PRODUCT]
    if products and (why := _against(order, products, settings.sold_with_vat)) is not None:
        return [Finding("danish_without_vat", why, question=order_question(order))]
    goods = [line for line in order.lines if line.kind is LineKind.PRODUCT]
    nothing_told = len(products) == len(goods) and all(line.vat_rate is None for line in goods)
    if products and nothing_told and not settings.sells_with_vat and _shop_question().answer(settings.rules) is None:
        text = Text("The shop charged no VAT on this Danish order.")
        return [Finding("danish_without_vat", text, question=_shop_question())]
    # Freight and fees follow the goods, once these are answered.
    return [_ask(line, order) for line in {product_rule(line): line for line in products or doubtful}.values()]


def _is_explained(line: Line, free: Sequence[Line], order: Order, settings: Settings) -> bool:
    """Whether somebody gave the reason why a line has no VAT; `free` are all of the order's lines that have none."""
    rules = settings.rules
    if line.kind is LineKind.GIFT_CARD_SOLD or rules.get(THIS_ORDER) == EXEMPT:
        return True
    if line.kind is not LineKind.PRODUCT:  # it follows goods that are worth something and have no VAT themselves
        follows = any(other.kind is LineKind.PRODUCT for other in free) and order.vat is not None and not order.vat.ore
        return follows or _said(line, rules) == EXEMPT
    if product_of(line) in settings.sold_with_vat:
        return False
    if rules.get(product_rule(line)) == EXEMPT:
        return True
    whole = rules.get(WHOLE_SHOP) == EXEMPT and not settings.sells_with_vat
    return whole and not _has_number(order) and not goods_were_collected_abroad(order)


def _has_number(order: Order) -> bool:
    return bool(danish_number(order) or eu_vat_number(order))


def _against(order: Order, products: list[Line], sold_with_vat: Mapping[str, str]) -> Text | None:
    """What speaks against an exemption, so that no rule is made of the answer."""
    before = next((line for line in products if product_of(line) in sold_with_vat), None)
    if before is not None:
        return Text(
            "“{product}” was sold without VAT in Denmark, but with 25 % in order {order}.",
            product=before.text[:80],
            order=sold_with_vat[product_of(before)],
        )
    if goods_were_collected_abroad(order):
        return Text(
            "The goods are collected in Denmark (“{method}”), and the shop charged no VAT.",
            method=order.shipping_method[:60],
        )
    return None


def order_question(order: Order) -> Question:
    """Why this order has no VAT, asked for it alone."""
    choices = [_CONTAINS, _EXEMPT]
    if _may_be_reverse_charge(order):
        choices.append(_REVERSE_CHARGE)
    if goods_were_collected_abroad(order):
        choices.append(_SENT)
    return Question(THIS_ORDER, _WHY, tuple(choices), can_be_rule=False)


def _shop_question() -> Question:
    choices = (
        Choice(EXEMPT, Text("All that the shop sells is exempt, or the company is not registered for VAT")),
        Choice(CONTAINS, Text("The prices contain 25 %, which I pay to SKAT: the shop does not say so")),
        Choice(BY_PRODUCT, Text("It differs: ask me product by product")),
    )
    return Question(WHOLE_SHOP, _WHY, choices)


def _may_be_reverse_charge(order: Order) -> bool:
    return bool(danish_number(order)) and order.vat is not None and not order.vat.ore


def _ask(line: Line, order: Order) -> Finding:
    if line.kind is not LineKind.PRODUCT:
        text = Text("“{product}” was charged without VAT.", product=line.text[:80])
        question = Question(product_rule(line), _WHY_IT_FOLLOWS, (_FOLLOWS, _WITHOUT))
        return Finding("danish_without_vat", text, question=question)
    choices = (_EXEMPT, _CONTAINS, *((_REVERSE_CHARGE,) if _may_be_reverse_charge(order) else ()))
    text = Text("“{product}” was sold without VAT in Denmark.", product=line.text[:80])
    where = territory(destination(order))
    if where is not None and where.kind != "dk":
        text = Text("“{product}” was sold without VAT in an order with Danish VAT.", product=line.text[:80])
    elif eu_vat_number(order):
        text = Text(
            "“{product}” was sold without VAT and delivered in Denmark, where it has VAT whichever number the "
            "buyer has.",
            product=line.text[:80],
        )
    elif danish_number(order):
        text = Text("“{product}” was sold without VAT to a Danish company in Denmark.", product=line.text[:80])
    return Finding("danish_without_vat", text, question=Question(product_rule(line), _WHY, choices))
