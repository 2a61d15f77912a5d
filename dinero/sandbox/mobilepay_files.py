"""MobilePay's files: the settlement report of Vipps MobilePay's portal, and the transfers of MyShop before it."""

import io
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from dinero.model.clock import midnight
from dinero.model.money import Money
from dinero.model.payouts import Movement, Payout
from dinero.sandbox.payout_tables import BANK, PLACE, SHOP_NAME, Rows, danish, days_of, moment_of, no_word, table

M = Movement

# The Norwegian portal's names and words are known, but for the refund's; of the Danish ones Salgssted, MSN, Land,
# Bogføringsdato, Type, Beløb, Nettobeløb, Planlagt udbetalingsdato and "Betaling gennemført" (facts.md, Payouts 4.7).
PORTAL: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "no": (
        "Salgssted,MSN/Vippsnummer,Land,Betalingsløsning,Tidspunkt,Bokføringsdato,Type,Beløp,Balanse,Gebyr,Nettobeløp,"
        "Valuta,Kundens navn,Kundens telefonnummer,Melding,Kategori,PSP-referanse,Ordre-ID/Referanse,"
        "Utbetalingsnummer,Bankkonto for utbetaling,Planlagt utbetalingsdato",
        {"sale": "Belastning", "refund": "Refusjon", "fee": "Gebyrer fratrukket", "payout": "Utbetaling planlagt"},
    ),
    "da": (
        "Salgssted,MSN,Land,Betalingsløsning,Tidspunkt,Bogføringsdato,Type,Beløb,Saldo,Gebyr,Nettobeløb,"
        "Valuta,Kundens navn,Kundens telefonnummer,Besked,Kategori,PSP-reference,Ordre-ID/Reference,"
        "Udbetalingsnummer,Bankkonto til udbetaling,Planlagt udbetalingsdato",
        {
            "sale": "Betaling gennemført",
            "refund": "Refusion",
            "fee": "Gebyrer fratrukket",
            "payout": "Udbetaling planlagt",
        },
    ),
}
MYSHOP = (
    "Event;Currency;Amount;Date and time;Customer name;MP-number;Comment;TransactionID;TransferID;Payment point;"
    "MyShop-Number;Bank account;Date;Time"
)
MYSHOP_WORDS = {M.SALE: "Payment", M.REFUND: "Refund"}


def portal_csv(payouts: Sequence[Payout], language: str) -> bytes:
    """Vipps MobilePay's settlement report of today. The fee stands twice: with its sale, and as a row of its own
    (facts.md, Payouts 4.7)."""
    rows = [[_plain(cell) for cell in row] for row in _portal(payouts, language)]
    return b"\xef\xbb\xbf" + table(PORTAL[language][0].split(","), rows)


def portal_xlsx(payouts: Sequence[Payout], language: str) -> bytes:
    """The same as a workbook, below six rows of who and when, as the XLSX of 2019 has them; numbers are numbers, days
    are days."""
    from openpyxl import Workbook  # type: ignore[import-untyped, unused-ignore]

    book = Workbook()
    sheet = book.active
    days = [day for payout in payouts for day in days_of(payout)]
    rows: Rows = [
        ["Oppgjørsrapport" if language == "no" else "Afregningsrapport"],
        ["Bedriften" if language == "no" else "Virksomhed", "", SHOP_NAME],
        ["Organisasjonsnummer" if language == "no" else "CVR-nummer", "", "13585628"],
        ["Fra dato", "", min(days, default="")],
        ["Til dato", "", max(days, default="")],
        [],
        PORTAL[language][0].split(","),
        *_portal(payouts, language),
    ]
    for row in rows:
        sheet.append([float(cell) if isinstance(cell, Decimal) else None if cell == "" else cell for cell in row])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _portal(payouts: Sequence[Payout], language: str) -> Rows:
    words = PORTAL[language][1]
    rows: Rows = []
    country = "Norge" if language == "no" else "Danmark"
    for payout in payouts:
        _, last = days_of(payout)
        balance = Decimal(0)
        ended = midnight(last + timedelta(days=1)).replace(minute=23, second=17, tzinfo=None)
        head = [PLACE, payout.account, country]
        for line in payout.lines:
            if line.kind not in (M.SALE, M.REFUND):
                raise no_word(line)
            balance += line.gross.decimal
            at = moment_of(payout, line).replace(microsecond=0, tzinfo=None)
            message = f'Tak for "{line.order}",\n vi glæder os' if line.row % 7 == 3 else ""
            amounts = [line.gross.decimal, balance, line.fee.decimal, line.net.decimal, line.net.currency]
            customer = [f"Kunde {line.row}", "+45 xxxx 0000", message, "", line.id, line.order]
            rows.append([*head, "Nettbetaling", at, at.date(), words[line.kind], *amounts, *customer, "", "", ""])
        end = [*head, "", ended, last]
        if payout.fees.ore:
            balance += payout.fees.decimal
            amounts = [payout.fees.decimal, balance, "", "", payout.net.currency]
            rows.append([*end, words["fee"], *amounts, *[""] * 4, f"{payout.account}-{last:%Y%m%d}", *[""] * 4])
        paid = [f"{payout.account}-{payout.id}", payout.bank_text, payout.id, BANK, payout.paid_on]
        amounts = [-payout.net.decimal, balance - payout.net.decimal, "", "", payout.net.currency]
        rows.append([*end, words["payout"], *amounts, *[""] * 4, *paid])
    return rows


def myshop(payouts: Sequence[Payout]) -> bytes:
    """MobilePay MyShop's transfers until 2024, the newest first; without order numbers (facts.md, Payouts 4.7)."""
    rows: Rows = []

    def row(word: str, amount: Money, at: datetime, name: str, transaction: str, payout: Payout) -> list[str]:
        whose = [name, "xxxx 0000" if name else "", "", transaction, payout.id, PLACE, payout.account, BANK[2:]]
        moment = f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond:06}0{at:%z}"
        when = [f"{moment[:-2]}:{moment[-2:]}", *whose, str(at.date()), f"{at:%H.%M.%S}"]
        return [word, amount.currency, danish(amount, thousands=False), *when]

    for payout in reversed(payouts):
        paid = midnight(payout.paid_on) + timedelta(hours=3, minutes=43, seconds=24)
        rows.append(row("Transfer", payout.net, paid, "", "", payout))
        for line in reversed(payout.lines):
            if line.kind not in MYSHOP_WORDS:
                raise no_word(line)
            at = moment_of(payout, line)
            rows.append(row(MYSHOP_WORDS[line.kind], line.gross, at, f"Kunde {line.row}", line.id, payout))
            if line.fee.ore:
                rows.append(row("Retainable", line.fee, at, "", line.id, payout))
    return table(MYSHOP.split(";"), rows, delimiter=";")


def _plain(cell: Any) -> Any:
    return f"{cell:%Y-%m-%d %H:%M:%S}" if isinstance(cell, datetime) else cell
