"""What the owner or the accountant decides: each question with its key and its choices.

Questions that one check alone asks stand beside it."""

from collections.abc import Mapping

from dinero.model.findings import Answers, Choice, Question
from dinero.model.i18n import Text
from dinero.model.orders import Line, LineKind, Order, Party
from dinero.model.settings import Settings
from dinero.model.words import (
    is_gift_card,
    is_known_voucher,
    plain,
)
from dinero.rules.vat_free import SENT, product_of

EU_CONSUMERS = Question(
    "eu_consumers",
    Text(
        "Sales to consumers in other EU countries have Danish VAT until they pass EUR 10,000 a year (this year or the "
        "last). Above it, or after a registration for One Stop Shop, they have the buyer's country's VAT."
    ),
    (
        Choice("danish", Text("I am below the limit: Danish VAT, as long as the year's counter is below it")),
        Choice("oss", Text("I am registered for OSS: hold these orders, and list them for the OSS return")),
    ),
)

NORTHERN_IRELAND = Question(
    "northern_ireland",
    Text(
        "Goods to Northern Ireland follow the EU's rules (VAT numbers begin with XI). We don't know which "
        "country Dinero wants on the customer. With GB, Dinero counts the customer as outside the EU."
    ),
    (
        Choice("eu", Text("Treat it as the EU, with GB on the customer in Dinero")),
        Choice("world", Text("Treat it as outside the EU, as the rest of the United Kingdom")),
    ),
)


def charged_anyway(key: str) -> Question:
    """What becomes of Danish VAT that was charged where none is due."""
    return Question(
        key,
        Text(
            "Danish VAT that was charged must be paid to SKAT. Booking the order as it was charged keeps the books "
            "true to what the customer paid; changing it needs another invoice to the customer."
        ),
        (Choice("as_charged", Text("Book the order with Danish VAT, as it was charged")),),
    )


CONSUMER_AFTER_ALL = Question(
    "vat_number_wrong",
    Text("Without a valid VAT number a company in another EU country is treated as a consumer."),
    (Choice("consumer", Text("Treat the buyer as a consumer")),),
    can_be_rule=False,
)

# The same key as vat_free's question about one order: the VAT that the shop left out by mistake is in the price.
VAT_IN_THE_PRICE = Question(
    "vat_taken_off",
    Text(
        "Without a valid VAT number of another EU country the sale has VAT. If the shop charged none by mistake, a "
        "fifth of what the customer paid is owed to SKAT all the same."
    ),
    (
        Choice("contains", Text("The shop left the VAT out by mistake: the price contains Danish VAT")),
        Choice("exempt", Text("The goods are exempt from VAT (ML § 13): book it without VAT")),
    ),
    can_be_rule=False,
)
MEND_NUMBER = Text("Correct the VAT number on the order in {shop}, then fetch again.")

NORWEGIAN_VAT = Question(
    "norwegian_vat",
    Text(
        "Norway and Denmark both have 25 %. A shop that is registered for VOEC charges Norwegian VAT on goods up to "
        "NOK 3,000, which is paid to Norway and not to SKAT. Danish VAT that was charged must be paid to SKAT."
    ),
    (
        Choice("voec", Text("It is Norwegian VAT (VOEC): hold these orders, it is not Dinero's Danish VAT")),
        Choice("as_charged", Text("It is Danish VAT: book the order with it, as it was charged")),
    ),
)


# The key of the question what an order is that is positive and names another as credited.
SALE_OR_CREDIT = "sale_or_credit"
COLLECTED = "collected"


def collected_rule(order: Order) -> str:
    """The key of the question where goods with a shipping method are collected."""
    return f"collected:{plain(order.shipping_method)}"


def country_rule(party: Party) -> str:
    """The key of the question which country a word means."""
    return f"country:{plain(party.country_text)}"


def gift_card_rule(line: Line) -> str:
    """The key of the question whether a product is a gift card: its item number, else its name."""
    return f"gift_card_product:{product_of(line)}"


def voucher_rule(order: Order) -> str:
    """The key of the question whether a voucher is a gift card."""
    return f"voucher:{order.voucher_code}"


def voucher_kind_rule(order: Order) -> str:
    """The key of the question whether vouchers of an unknown kind are gift cards."""
    return f"voucher_kind:{plain(order.voucher_kind)}"


ANY_VOUCHER = "voucher:*"


def voucher_answer(order: Order, rules: Answers) -> str | None:
    """What the owner said of an order's voucher: of this one, of its kind (unless its code looks like a gift card), or
    of any."""
    keys = [voucher_rule(order)]
    if not is_known_voucher(order.voucher_kind) and not is_gift_card(order.voucher_code):
        keys.append(voucher_kind_rule(order))
    given = (rules.get(key) for key in (*keys, ANY_VOUCHER))
    return next((answer for answer in given if answer in ("discount", "gift_card")), None)


def card_text(order: Order) -> str:
    """What the line is called that a voucher becomes which is a gift card."""
    return f"Gavekort {order.voucher_code}".strip()


def below_zero_rule(line: Line) -> str:
    """The key of the question what freight, a fee or a product called a discount is that is below zero."""
    return f"below_zero:{line.text if line.kind is LineKind.PRODUCT else line.kind.value}"


def payment_rule(order: Order) -> str:
    """The key of the question what a payment method's paid mark is worth."""
    return f"payment:{order.payment_method}"


def currency_rule(order: Order) -> str:
    """The key of the question how payments in a currency are registered."""
    return f"currency:{order.currency}"


# The key of the question which VAT a credit has that names no line of a mixed invoice.
CREDIT_RATE = "credit_rate"


ASK_SHOP = Text("See the order in {shop}.")
BY_HAND = Text("Enter it in Dinero by hand, then leave it out here.")

DATES_CONTRADICT = Question(
    "dates_contradict",
    Text(
        "The document and its payment get the dates of the payment or the sending, and the VAT belongs to that "
        "period. Correct the date in the shop if it is wrong."
    ),
    (Choice("book", Text("The dates are right: book with them")),),
    can_be_rule=False,
)

IN_FUTURE = Question(
    "date_in_future",
    Text(
        "The document gets that date, and its VAT belongs to that period. Correct the date in the shop if it is wrong."
    ),
    (Choice("book", Text("The date is right: book with it")),),
    can_be_rule=False,
)

REPORTED_PERIOD = Question(
    "reported_period",
    Text(
        "A sale dated in a period that was reported to SKAT changes the VAT of that period, and the report must be "
        "corrected (efterangivelse)."
    ),
    (Choice("book", Text("Book it at its own date; I correct the report")),),
    can_be_rule=False,
)


def may_be_gift_card(line: Line, settings: Settings) -> bool:
    """Whether a product is called a gift card or told as one, and the owner has not said yet what it is."""
    named = line.kind is LineKind.PRODUCT and (line.is_card or is_gift_card(line.text))
    return named and gift_card_question(gift_card_rule(line)).answer(settings.rules) is None


ZERO_TOTAL = Question(
    "zero_total",
    Text(
        "There is nothing to post for a total of 0. We don't know whether Dinero books an invoice of 0. If it "
        "does not, it says so, and nothing is booked."
    ),
    (Choice("book", Text("Book an invoice of 0 without a payment, so that the customer has one")),),
)


def currency_question(order: Order) -> Question:
    """How payments in the order's currency are registered."""
    return Question(
        currency_rule(order),
        Text(
            "The invoice is made in {currency}, and Dinero uses the day's rate. What you receive in kroner is known "
            "only with the payout; the difference belongs on 1445 Valutakursdifferencer.",
            currency=order.currency,
        ),
        (
            Choice(
                "dinero_rate", Text("Register the payment at Dinero's own rate; the difference comes with the payout")
            ),
            Choice("by_hand", Text("Register no payment; I register it in Dinero when the money comes")),
        ),
    )


def gift_card_question(key: str) -> Question:
    """Whether a product is a gift card for anything, a debt without VAT."""
    return Question(
        key,
        Text(
            "A gift card for anything in the shop is no sale yet: it is a debt to its holder (63080) without VAT, and "
            "the VAT comes when it is used. A gift card for one kind of goods is sold with VAT at once."
        ),
        (
            Choice("multi", Text("A gift card for anything: book it on the gift card account without VAT")),
            Choice("product", Text("A sale with VAT as the shop charged it")),
        ),
    )


def voucher_question(key: str) -> Question:
    """Whether a voucher is a discount or a gift card."""
    return Question(
        key,
        Text(
            "A discount lowers the sale and its VAT. A gift card is a payment: the whole sale is booked with its VAT, "
            "and the card's amount is taken from the gift card account."
        ),
        (
            Choice("discount", Text("It is a discount")),
            Choice("gift_card", Text("It is a gift card: take its amount from the gift card account")),
        ),
    )


def collected_question(order: Order) -> Question:
    """Where goods with the order's shipping method are collected."""
    return Question(
        collected_rule(order),
        Text(
            "Goods that are collected at the shop stay in Denmark and are sold with Danish VAT, whoever collects "
            "them. Goods that are collected near the customer were sent: the country they went to decides."
        ),
        (
            Choice(COLLECTED, Text("They are collected at the shop in Denmark")),
            Choice(SENT, Text("They are sent to the customer's country")),
        ),
    )


# Where shops that sell from Denmark send most; another country is written on the order in the shop.
COUNTRY_CHOICES: Mapping[str, Text] = {
    "DK": Text("Denmark"),
    "SE": Text("Sweden"),
    "NO": Text("Norway"),
    "DE": Text("Germany"),
    "FI": Text("Finland"),
    "NL": Text("The Netherlands"),
    "GB": Text("The United Kingdom"),
    "GL": Text("Greenland"),
    "FO": Text("The Faroe Islands"),
    "IS": Text("Iceland"),
    "CH": Text("Switzerland"),
    "US": Text("The United States"),
}


def country_question(party: Party) -> Question:
    """Which country the address's word for it means."""
    return Question(
        country_rule(party),
        Text(
            "Where the goods go decides the VAT. The answer counts for this word. Another country than these is "
            "corrected on the order in the shop."
        ),
        tuple(Choice(code, name) for code, name in COUNTRY_CHOICES.items()),
    )


DANISH_PLACE = Question(
    "danish_place",
    Text(
        "Greenland and the Faroe Islands are outside the VAT area: goods that are sent there are sold without VAT. "
        "Many shops have only “Danmark” in their list of countries."
    ),
    (
        Choice("DK", Text("The address is in Denmark")),
        Choice("GL", Text("It is in Greenland")),
        Choice("FO", Text("It is in the Faroe Islands")),
    ),
    can_be_rule=False,
)

NO_EMAIL = Question(
    "no_email",
    Text(
        "The e-mail is the key to the customer in Dinero. Without one, the order can go to one collective customer; "
        "the order's own name and address are on the invoice all the same."
    ),
    (Choice("collective", Text("Book it on the collective customer")),),
)

EXCHANGE = Question(
    "exchange",
    Text(
        "An exchange is two things: what comes back is credited, and what goes out is sold. One document with "
        "both is right in money and VAT, but it names the first invoice only where it is a credit note. We don't "
        "know whether Dinero takes lines below zero; the draft is compared to the øre before it is booked."
    ),
    (Choice("net", Text("Book both in one document, what goes the other way as a line below zero")),),
    can_be_rule=False,
)


def below_zero_question(line: Line) -> Question:
    """What a line below zero is."""
    return Question(
        below_zero_rule(line),
        Text(
            "A discount lowers the sale and its VAT. If it is not a discount, the order can't be booked from "
            "here: correct it in the shop, or enter the order in Dinero by hand."
        ),
        (Choice("discount", Text("It is a discount: take it off the goods")),),
    )


CREDIT_VAT = Question(
    CREDIT_RATE,
    Text(
        "What is given back carries the VAT that it was sold with. The invoice says which that was, line by line; a "
        "sum that names no line of it may be of the goods with VAT, of those without, or of all in proportion."
    ),
    (
        Choice("invoice", Text("As the invoice has it; what names no line of it in proportion")),
        Choice("taxed", Text("It is of the goods with VAT")),
        Choice("free", Text("It is of the goods without VAT")),
    ),
    can_be_rule=False,
)
