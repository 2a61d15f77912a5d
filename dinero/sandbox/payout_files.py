"""The sandbox's payouts as the files that acquirers write, each with the signs, dates and words of its own format.

Where a format's word for something is not known, the sandbox's own stands here, marked as such; where
there is none at all, the file can't be written. Customers are "Kunde 1", "Kunde 2" and so on.
"""

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from dinero.model.clock import midnight
from dinero.model.money import Money
from dinero.model.payouts import Movement, Payout
from dinero.sandbox.mobilepay_files import myshop, portal_csv, portal_xlsx
from dinero.sandbox.payout_tables import BANK, SHOP_NAME, Rows, danish, days_of, lines_of, moment_of, no_word, table
from dinero.sandbox.settlements import CLEARHAUS, RESERVE_DAYS, VIPPS, back_of, reserved

M = Movement

CLEARHAUS_COLUMNS = (
    "merchant_id",
    "merchant_name",
    "id",
    "settled",
    "currency",
    "period_start_date",
    "period_end_date",
    "payout_amount",
    "payout_date",
    "summary_sales",
    "summary_credits",
    "summary_refunds",
    "summary_chargebacks",
    "summary_fees",
    "summary_other_postings",
    "summary_net",
    "reserve_amount",
    "reserve_date",
    "fees_sales",
    "fees_refunds",
    "fees_authorisations",
    "fees_credits",
    "fees_minimum_processing",
    "fees_service",
    "fees_wire_transfer",
    "fees_chargebacks",
    "fees_retrieval_requests",
    "payout_reference_number",
    "payout_descriptor",
    "reserve_reference_number",
    "reserve_descriptor",
    "fees_interchange",
    "fees_scheme",
)
STRIPE = (
    "balance_transaction_id,created_utc,available_on_utc,currency,gross,fee,net,reporting_category,source_id,"
    "description,customer_facing_amount,customer_facing_currency,automatic_payout_id,automatic_payout_effective_at"
)
STRIPE_WORDS = {
    M.SALE: "charge",
    M.REFUND: "refund",
    M.CHARGEBACK: "dispute",
    M.CHARGEBACK_RETURNED: "dispute_reversal",
    M.FEE: "fee",
    M.RESERVE: "reserve_transaction",
    M.RESERVE_RELEASED: "reserve_transaction",
}
PAYPAL = (
    "Date,Time,TimeZone,Name,Type,Status,Currency,Gross,Fee,Net,From Email Address,To Email Address,Transaction ID,"
    "Shipping Address,Address Status,Item Title,Item ID,Shipping and Handling Amount,Insurance Amount,Sales Tax,"
    "Option 1 Name,Option 1 Value,Option 2 Name,Option 2 Value,Reference Txn ID,Invoice Number,Custom Number,Quantity,"
    "Receipt ID,Balance,Country,Contact Phone Number,Subject,Note,Country Code,Balance Impact"
)
PAYPAL_WORDS = {
    M.SALE: "Express Checkout Payment",
    M.REFUND: "Payment Refund",
    M.CHARGEBACK: "Chargeback",
    M.CHARGEBACK_RETURNED: "Chargeback Reversal",
}
SHOPIFY = (
    "Transaction Date,Type,Order,Card Brand,Card Source,Payout Status,Payout Date,Payout ID,Available On,Amount,Fee,"
    "Net,Checkout,Payment Method Name,Presentment Amount,Presentment Currency,Currency,VAT"
)
SHOPIFY_WORDS = {
    M.SALE: "charge",
    M.REFUND: "refund",
    M.CHARGEBACK: "chargeback",
    M.RESERVE: "reserve",
    M.RESERVE_RELEASED: "reserve",
    M.CORRECTION: "adjustment",
}
OWN = "Udbetaling;Udbetalt den;Dato;Type;Ordrenr.;Transaktion;Kunde;Brutto;Gebyr;Netto;Valuta"
OWN_WORDS = {
    M.SALE: "Salg",
    M.REFUND: "Refundering",
    M.CHARGEBACK: "Indsigelse",
    M.CHARGEBACK_RETURNED: "Indsigelse frafaldet",
    M.FEE: "Gebyr",
    M.RESERVE: "Tilbageholdt",
    M.RESERVE_RELEASED: "Frigivet",
    M.CORRECTION: "Korrektion",
    M.OTHER: "Andet",
}


def write(payouts: Sequence[Payout], format: str) -> bytes:
    """The payouts as a file of a format, a key of FORMATS. ValueError where the format has no word for one of the
    lines: which it would have is not known."""
    return FORMATS[format].write(payouts)


def files(payouts: Sequence[Payout]) -> dict[str, bytes]:
    """By their names the files that the owner of the sandbox's shop would fetch from the two acquirers, and, in a
    folder of their own, the same payouts in the formats of others, without those that a format has no words for."""
    found = {}
    for format_ in FORMATS.values():
        own = [payout for payout in payouts if payout.acquirer == format_.of]
        told = [payout for payout in own if all(line.kind in format_.kinds for line in payout.lines)]
        if told:
            found[format_.file] = format_.write(told)
    return found


def write_files(payouts: Sequence[Payout], folder: Path) -> None:
    """Writes `files` into a folder, which is made."""
    for name, content in files(payouts).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def clearhaus(payouts: Sequence[Payout]) -> bytes:
    """Settlements, the newest first: sums alone. A reserve stands with the settlement that it was kept back of, and
    so does its payment (facts.md, Payouts 3.2)."""
    back = {back_of(payout): payout for payout in payouts}
    rows: Rows = []
    for payout in payouts:
        if back_of(payout):
            continue
        first, last = days_of(payout)
        sums = {
            "summary_sales": payout.sold,
            "summary_credits": Money(0),
            "summary_refunds": payout.refunded,
            "summary_chargebacks": _gross(payout, M.CHARGEBACK, M.CHARGEBACK_RETURNED),
            "summary_fees": payout.fees,
            "summary_other_postings": _gross(payout, M.CORRECTION, M.OTHER),
            "summary_net": payout.net + reserved(payout),
            "fees_sales": _fees(payout, M.SALE),
            "fees_refunds": _fees(payout, M.REFUND),
            "fees_service": _fees(payout, M.FEE),
            "fees_chargebacks": _fees(payout, M.CHARGEBACK, M.CHARGEBACK_RETURNED),
        }
        told = {name: "0.00" for name in CLEARHAUS_COLUMNS if name.startswith("fees_")}
        told |= {name: str(amount.decimal) for name, amount in sums.items()}
        told |= {
            "merchant_id": payout.account,
            "merchant_name": SHOP_NAME,
            "id": payout.id,
            "settled": "true",
            "currency": payout.net.currency,
            "period_start_date": str(first),
            "period_end_date": str(last),
            "payout_amount": str(payout.net.decimal),
            "payout_date": str(payout.paid_on),
            "payout_reference_number": f"{payout.account}{payout.paid_on:%y%j}",
            "payout_descriptor": payout.bank_text,
        }
        if reserved(payout).ore:
            released = back.get(payout.id)
            on = released.paid_on if released else payout.paid_on + timedelta(days=RESERVE_DAYS)
            told |= {
                "reserve_amount": str(reserved(payout).decimal),
                "reserve_date": str(on),
                "reserve_reference_number": f"{payout.account}{on:%y%j}9",
                "reserve_descriptor": released.bank_text if released else "",
            }
        rows.append([told.get(name, "") for name in CLEARHAUS_COLUMNS])
    return table(CLEARHAUS_COLUMNS, rows[::-1], quoting=csv.QUOTE_ALL)


def stripe(payouts: Sequence[Payout]) -> bytes:
    """Payout reconciliation, itemized: a fee is above 0, and a fee of its own stands in gross (facts.md, Payouts
    4.8)."""
    rows: Rows = []
    for payout, line in lines_of(payouts, STRIPE_WORDS):
        at = moment_of(payout, line).astimezone(UTC)
        gross, fee = (line.fee, Money(0)) if line.kind is M.FEE else (line.gross, -line.fee)
        sold = line.sold_for or gross
        amounts = [line.net.currency.lower(), gross.decimal, fee.decimal, line.net.decimal]
        about = [STRIPE_WORDS[line.kind], f"src_{line.id}", f"Order {line.order}" if line.order else line.text]
        facing = [sold.decimal, sold.currency.lower()]
        when = [f"{at:%Y-%m-%d %H:%M:%S}", f"{at + timedelta(days=2):%Y-%m-%d} 00:00:00"]
        ending = [f"po_{payout.id}", f"{payout.paid_on} 00:00:00"]
        rows.append([f"txn_{line.id}", *when, *amounts, *about, *facing, *ending])
    return table(STRIPE.split(","), rows)


def paypal(payouts: Sequence[Payout]) -> bytes:
    """An activity download in English, day before month: a payout is a withdrawal of the whole balance (facts.md,
    Payouts 4.9). What was kept back or corrected has no known word."""
    columns = PAYPAL.split(",")
    rows: Rows = []
    balance = Decimal(0)

    def row(at: datetime, word: str, gross: Money, fee: Money, **more: str) -> None:
        nonlocal balance
        balance += gross.decimal + fee.decimal
        told = {
            "Date": f"{at:%d/%m/%Y}",
            "Time": f"{at:%H:%M:%S}",
            "TimeZone": at.tzname() or "",
            "Type": word,
            "Status": "Completed",
            "Currency": gross.currency,
            "Gross": _short(gross.decimal),
            "Fee": _short(fee.decimal),
            "Net": _short(gross.decimal + fee.decimal),
            "Balance": _short(balance),
            "Balance Impact": "Credit" if gross.ore > 0 else "Debit",
        } | {name.replace("_", " "): value for name, value in more.items()}
        rows.append([told.get(name, "") for name in columns])

    sales = {line.order: line.id for payout in payouts for line in payout.lines if line.kind is M.SALE}
    for payout in payouts:
        for line in payout.lines:
            if line.kind not in PAYPAL_WORDS:
                raise no_word(line)
            about = {"Transaction_ID": line.id, "Invoice_Number": line.order, "Name": f"Kunde {line.row}"}
            if line.kind is not M.SALE:
                about["Reference_Txn_ID"] = sales.get(line.order, "")
            row(moment_of(payout, line), PAYPAL_WORDS[line.kind], line.gross, line.fee, **about)
        paid = midnight(payout.paid_on) + timedelta(hours=1, minutes=47)
        row(paid, "General Withdrawal", -payout.net, Money(0), Transaction_ID=payout.id)
    return table(columns, rows)


def nets_easy(payouts: Sequence[Payout]) -> bytes:
    """The answers of the Reporting API, in one. How its refunds and fees are signed, which amount is deposited and
    what is in its payment actions is not known (facts.md, Payouts 4.3): here the sums are above 0, all that is paid is
    deposited, and the actions are left out."""
    told = []
    for payout in payouts:
        for line in payout.lines:
            if line.kind not in (M.SALE, M.REFUND, M.FEE):
                raise no_word(line)
        told.append(
            {
                "id": payout.id,
                "reference": payout.bank_text,
                "date": str(payout.paid_on),
                "bankAccountIban": BANK,
                "bankAccountBic": "EKSEMDK1",
                "currency": payout.net.currency,
                "amount": payout.net.ore,
                "chargedAmount": payout.sold.ore,
                "refundedAmount": -payout.refunded.ore,
                "depositedAmount": payout.net.ore,
                "fees": -payout.fees.ore,
                "feeTaxRate": 0,
                "feeTaxAmount": 0,
                "numberOfPaymentActions": len(payout.lines),
            }
        )
    return json.dumps({"numberOfPayouts": len(told), "payouts": told}, indent=2).encode()


def shopify(payouts: Sequence[Payout]) -> bytes:
    """Shopify Payments' transactions, the newest first: a fee is above 0 (facts.md, Payouts 4.11)."""
    rows: Rows = []
    for payout, line in lines_of(payouts, SHOPIFY_WORDS):
        at, sold = moment_of(payout, line), line.sold_for or line.gross
        order = [f"#{line.order}" if line.order else "", "visa" if line.order else "", "online" if line.order else ""]
        paid = ["paid", str(payout.paid_on), payout.id, str(at.date())]
        amounts = [line.gross.decimal, -line.fee.decimal, line.net.decimal]
        facing = [f"#{line.id}", "card", abs(sold.decimal), sold.currency, line.net.currency, "0.00"]
        rows.append([f"{at:%Y-%m-%d %H:%M:%S %z}", SHOPIFY_WORDS[line.kind], *order, *paid, *amounts, *facing])
    return table(SHOPIFY.split(","), rows[::-1])


def own(payouts: Sequence[Payout]) -> bytes:
    """A table of nobody's, as a Danish program writes it: semicolons, decimal commas, points between thousands, a fee
    above 0, Windows' letters and lines."""
    rows: Rows = []
    for payout, line in lines_of(payouts, OWN_WORDS):
        amounts = [danish(amount) for amount in (line.gross, -line.fee, line.net)]
        who = [line.order, line.id, f"Kunde {line.row} Ærø" if line.order else ""]
        days = [f"{payout.paid_on:%d-%m-%Y}", f"{moment_of(payout, line):%d-%m-%Y}"]
        rows.append([payout.id, *days, OWN_WORDS[line.kind], *who, *amounts, line.net.currency])
    text = table(OWN.split(";"), rows, delimiter=";", lineterminator="\r\n").decode()
    return text.encode("cp1252")


@dataclass(frozen=True, slots=True)
class Format:
    """A format: the name of its file, how it is written, whose payouts the demo writes in it, and what it can tell."""

    file: str
    of: str
    write: Callable[[Sequence[Payout]], bytes]
    kinds: frozenset[Movement] = frozenset(Movement)


_ORDINARY = frozenset({M.SALE, M.REFUND})
_OTHERS = "andre formater"
FORMATS: Mapping[str, Format] = {
    "clearhaus": Format("clearhaus-settlements.csv", CLEARHAUS, clearhaus),
    "vipps_portal_no": Format("mobilepay.csv", VIPPS, lambda p: portal_csv(p, "no"), _ORDINARY),
    "vipps_portal_da": Format(f"{_OTHERS}/mobilepay-dansk.csv", VIPPS, lambda p: portal_csv(p, "da"), _ORDINARY),
    "vipps_portal_no_xlsx": Format("mobilepay.xlsx", VIPPS, lambda p: portal_xlsx(p, "no"), _ORDINARY),
    "vipps_portal_da_xlsx": Format(f"{_OTHERS}/mobilepay-dansk.xlsx", VIPPS, lambda p: portal_xlsx(p, "da"), _ORDINARY),
    "own": Format("clearhaus-egne-kolonner.csv", CLEARHAUS, own),
    "myshop": Format(f"{_OTHERS}/mobilepay-myshop-2021.csv", VIPPS, myshop, _ORDINARY),
    "stripe": Format(f"{_OTHERS}/stripe-itemized.csv", CLEARHAUS, stripe, frozenset(STRIPE_WORDS)),
    "paypal": Format(f"{_OTHERS}/paypal-activity.csv", VIPPS, paypal, frozenset(PAYPAL_WORDS)),
    "nets_easy": Format(f"{_OTHERS}/nets-easy-payouts.json", VIPPS, nets_easy, _ORDINARY | {M.FEE}),
    "shopify": Format(f"{_OTHERS}/shopify-payments.csv", CLEARHAUS, shopify, frozenset(SHOPIFY_WORDS)),
}


def _gross(payout: Payout, *kinds: Movement) -> Money:
    return Money(sum(line.gross.ore for line in payout.lines if line.kind in kinds), payout.net.currency)


def _fees(payout: Payout, *kinds: Movement) -> Money:
    return Money(sum(line.fee.ore for line in payout.lines if line.kind in kinds), payout.net.currency)


def _short(amount: Decimal) -> str:
    """Without needless decimals: 84, -4.25, 2602.5."""
    return f"{amount:f}".rstrip("0").rstrip(".") if amount % 1 else f"{int(amount)}"
