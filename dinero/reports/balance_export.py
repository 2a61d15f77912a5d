"""The proof of a booking account and a period's payouts for the accountant: CSV, and a part of the PDF."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dinero.model.acquirers import acquirer_of
from dinero.model.balance import ROW_NAMES, Balance, BalanceRow
from dinero.model.documents import OrderKey
from dinero.model.i18n import Text, show
from dinero.model.money import Money
from dinero.model.settlements import PAYOUT_STATE_NAMES, StoredPayout
from dinero.reports.cells import NO_TITLES, Titles, csv_text, decimal, shop_cell, shop_column

if TYPE_CHECKING:  # fpdf is heavy, see pdf.py
    from dinero.reports.pdf import Paper


@dataclass(frozen=True, slots=True)
class PayoutsOfPeriod:
    """What was paid out in a period, and the booking accounts on its last day."""

    balances: tuple[Balance, ...] = ()
    payouts: tuple[StoredPayout, ...] = ()


_PAYOUT = (
    Text("Date"),
    Text("Acquirer"),
    Text("Payout"),
    Text("Sold"),
    Text("Refunded"),
    Text("Fees"),
    Text("Other"),
    Text("To the bank"),
    Text("Status"),
)
_ROW = (
    Text("Date"),
    Text("Kind"),
    Text("Order"),
    Text("Payout"),
    Text("Voucher"),
    Text("Amount"),
    Text("Days"),
    Text("Reason"),
)


def payouts_csv(payouts: Sequence[StoredPayout], language: str) -> str:
    """Payouts, a row each."""
    columns = [*(text.render(language) for text in _PAYOUT), Text("Currency").render(language)]
    rows = (
        [
            payout.paid_on.isoformat(),
            acquirer_of(payout.acquirer).name,
            payout.payout,
            *map(decimal, _amounts(payout)),
            PAYOUT_STATE_NAMES[payout.state].render(language),
            payout.currency,
        ]
        for payout in payouts
    )
    return csv_text(columns, rows)


def balance_csv(balance: Balance, language: str, titles: Titles = NO_TITLES) -> str:
    """The proof of an account: its rows, then what is unexplained, and what Dinero has."""
    ends = [
        (Text("Unexplained"), balance.unexplained_ore),
        (Text("In Dinero"), balance.dinero_ore),
    ]
    rows = [_row(row, language, titles) for row in balance.rows]
    rows += [
        [d.on.isoformat(), "", d.number, *_of_shop(d.order, titles), "", d.voucher, "", "", d.text.render(language)]
        for d in balance.differences
    ]
    rows += [
        [balance.on.isoformat(), name.render(language), "", *_of_shop(None, titles), "", "", decimal(ore), "", ""]
        for name, ore in ends
    ]
    words = (*_ROW[:3], *shop_column(titles), *_ROW[3:])
    return csv_text([text.render(language) for text in words], rows)


def _of_shop(order: OrderKey | None, titles: Titles) -> tuple[str, ...]:
    """The cell that says which shop a row's order is of, empty for a row without one."""
    return shop_cell(titles, order.shop if order is not None else "")


def _row(row: BalanceRow, language: str, titles: Titles) -> list[str]:
    return [
        row.on.isoformat(),
        ROW_NAMES[row.kind].render(language),
        row.number,
        *_of_shop(row.order, titles),
        row.payout_name,
        row.voucher,
        decimal(row.ore),
        str(row.days),
        row.text.render(language),
    ]


def draw_payouts(pdf: "Paper", period: PayoutsOfPeriod, language: str, titles: Titles = NO_TITLES) -> None:
    """The booking accounts on the period's last day, and its payouts."""
    for balance in period.balances:
        pdf.ln(3)
        pdf.line_of(balance.sentence().render(language), bold=True)
        pdf.line_of(Text("On {date}, as Dinero had it at {at}.", date=balance.on, at=balance.asked_at).render(language))
        rows = [
            [
                show(row.on, language),
                ROW_NAMES[row.kind].render(language),
                row.number,
                *_of_shop(row.order, titles),
                row.payout_name or row.voucher,
                _shown(row.ore, language),
                row.text.render(language),
            ]
            for row in balance.rows
        ]
        rows += [
            [
                show(d.on, language),
                Text("Unexplained").render(language),
                d.number,
                *_of_shop(d.order, titles),
                d.voucher,
                _shown(d.ore, language),
                d.text.render(language),
            ]
            for d in balance.differences
        ]
        words = (
            *(Text("Date"), Text("Kind"), Text("Order"), *shop_column(titles)),
            *(Text("Payout or voucher"), Text("Amount"), Text("Reason")),
        )
        widths = (25, 42, 22, 26, 42, 30, 90) if titles else (25, 45, 22, 45, 30, 110)
        pdf.table_of([text.render(language) for text in words], rows, widths, amounts=(len(widths) - 2,))
    if period.payouts:
        columns = [text.render(language) for text in _PAYOUT]
        lines = [_payout_row(payout, language) for payout in period.payouts]
        pdf.table_of(columns, lines, (25, 32, 60, 27, 27, 25, 27, 27, 27), amounts=(3, 4, 5, 6, 7))


def _payout_row(payout: StoredPayout, language: str) -> list[str]:
    return [
        show(payout.paid_on, language),
        acquirer_of(payout.acquirer).name,
        payout.payout,
        *(_shown(ore, language, payout.currency) for ore in _amounts(payout)),
        PAYOUT_STATE_NAMES[payout.state].render(language),
    ]


def _amounts(payout: StoredPayout) -> tuple[int, ...]:
    return payout.sold_ore, payout.refunded_ore, payout.fees_ore, payout.other_ore, payout.net_ore


def _shown(ore: int, language: str, currency: str = "DKK") -> str:
    return show(Money(ore, currency), language)
