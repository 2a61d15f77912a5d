"""Lists for the accountant: CSV that a spreadsheet does not run as formulas, and PDF without markup."""

from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from dinero.model.consultation import INVALID, UNANSWERED, VALID
from dinero.model.documents import STATE_NAMES, ListedConsultation, StoredOrder
from dinero.model.i18n import Text, show
from dinero.model.money import Money
from dinero.model.zones import ZONE_NAMES, Zone
from dinero.reports.balance_export import PayoutsOfPeriod, draw_payouts
from dinero.reports.cells import NO_TITLES, Titles, csv_text, decimal, shop_cell, shop_column
from dinero.reports.reconcile import ACTIONS, EQUAL, NAMES, Entry, Reconciliation, made_at


def oss_rate(row: StoredOrder) -> Decimal:
    """The VAT rate that the shop charged for an order, in per cent with one decimal."""
    if not row.net_ore or row.vat_ore is None:
        return Decimal(0)
    exact = Decimal(row.vat_ore) * 100 / Decimal(row.net_ore)
    return exact.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


def oss_csv(
    counted: Iterable[StoredOrder], others: Iterable[StoredOrder], language: str, titles: Titles = NO_TITLES
) -> str:
    """Orders with another EU country's VAT, each with whether it is counted, its state and the reason."""
    rows = [*((row, Text("yes")) for row in counted), *((row, Text("no")) for row in others)]
    columns = [
        text.render(language)
        for text in (
            Text("Country"),
            Text("VAT rate"),
            Text("Order"),
            *shop_column(titles),
            Text("Date"),
            Text("Currency"),
            Text("Net"),
            Text("VAT"),
            Text("Counted"),
            Text("State"),
            Text("Reason"),
        )
    ]
    return csv_text(
        columns,
        (
            [
                row.country,
                f"{oss_rate(row)}".replace(".", ","),
                row.number,
                *shop_cell(titles, row.shop),
                row.placed_on,
                row.currency,
                decimal(row.net_ore),
                decimal(row.vat_ore),
                told.render(language),
                STATE_NAMES[row.state].render(language),
                " ".join(finding.text.render(language) for finding in row.reasons),
            ]
            for row, told in rows
        ),
    )


def status_name(row: Entry, language: str) -> str:
    """The name of a reconciliation row's status."""
    return NAMES[row.status].render(language) if row.status in NAMES else row.status


def _why(row: Entry, language: str) -> str:
    return " ".join(text.render(language) for text in row.texts)


def reconciliation_csv(result: Reconciliation, language: str, titles: Titles = NO_TITLES) -> str:
    """All rows of a reconciliation."""
    columns = [
        text.render(language)
        for text in (
            Text("Status"),
            Text("Kind"),
            Text("Order"),
            *shop_column(titles),
            Text("Customer"),
            Text("Date"),
            Text("Currency"),
            Text("Here"),
            Text("In Dinero"),
            Text("Difference"),
            Text("Invoice"),
            Text("Reason"),
            Text("What to do"),
        )
    ]
    rows = (
        [
            status_name(row, language),
            kind_name(row).render(language),
            row.number,
            *shop_cell(titles, row.shop),
            row.customer,
            row.day,
            row.currency,
            decimal(row.ours),
            decimal(row.theirs),
            decimal(None if row.theirs is None or row.ours is None else row.theirs - row.ours),
            row.invoice_number,
            _why(row, language),
            ACTIONS[row.status].render(language) if row.status in ACTIONS else "",
        ]
        for row in result.rows
    )
    return csv_text(columns, rows)


OUTCOMES = {VALID: Text("valid"), INVALID: Text("not valid"), UNANSWERED: Text("no answer")}


def consultations_csv(rows: Iterable[ListedConsultation], language: str, titles: Titles = NO_TITLES) -> str:
    """What VIES said of EU companies' VAT numbers: those of `consultations.between`."""
    columns = [
        text.render(language)
        for text in (
            Text("Order"),
            *shop_column(titles),
            Text("Date"),
            Text("Invoice"),
            Text("Customer"),
            Text("VAT number"),
            Text("Answer of VIES"),
            Text("Asked"),
            Text("Consultation number"),
            Text("Name in VIES"),
            Text("Asked by"),
            Text("Trouble"),
        )
    ]
    listed = (
        [
            row.order_number,
            *shop_cell(titles, row.shop),
            row.placed_on,
            row.invoice_number,
            row.customer,
            row.consultation.number,
            OUTCOMES[row.consultation.outcome].render(language),
            show(row.consultation.asked_at, language),
            row.consultation.consultation_number,
            row.consultation.name,
            row.consultation.requester,
            row.consultation.error,
        ]
        for row in rows
    )
    return csv_text(columns, listed)


def kind_name(row: Entry) -> Text:
    """What a row of a reconciliation is."""
    return Text("Credit note") if row.kind == "credit note" else Text("Invoice")


def reconciliation_pdf(
    result: Reconciliation,
    organization: str,
    language: str,
    payouts: PayoutsOfPeriod | None = None,
    titles: Titles = NO_TITLES,
) -> bytes:
    """A reconciliation as the accountant files it: the promise, the totals, the booking accounts and what was paid out,
    then every row, problems first."""
    from dinero.reports.pdf import Paper

    pdf = Paper()
    pdf.set_auto_page_break(True, margin=12)
    pdf.add_page()
    days = [show(date.fromisoformat(day), language) for day in (result.first, result.last)]
    pdf.line_of(
        Text("Reconciliation {first} – {last}", first=days[0], last=days[1]).render(language), size=16, bold=True
    )
    pdf.line_of(f"{organization} · {show(made_at(result), language)}")
    pdf.line_of(
        Text(
            "Booked twice: {doubled}. Forgotten: {left_out}.", doubled=result.doubled, left_out=result.left_out
        ).render(language),
        bold=True,
    )
    counts = [f"{NAMES[status].render(language)}: {n}" for status, n in sorted(result.counts.items())]
    pdf.line_of(" · ".join(counts))
    words: tuple[Text, ...] = (Text("VAT zone"), Text("Net"), Text("VAT"), Text("Total"))
    zones = [
        [ZONE_NAMES[Zone(total.name)].render(language)]
        + [_shown(ore, total.currency, language) for ore in (total.net, total.vat, total.gross)]
        for total in result.zones
    ]
    pdf.table_of([text.render(language) for text in words], zones, (70, 40, 40, 40), amounts=(1, 2, 3))
    accounts = [[t.name, _shown(t.gross, t.currency, language)] for t in result.accounts]
    words = (Text("Booking account"), Text("Registered"))
    pdf.table_of([text.render(language) for text in words], accounts, (70, 40), amounts=(1,))
    if payouts is not None:
        draw_payouts(pdf, payouts, language, titles)
    words = (
        Text("Status"),
        Text("Order"),
        *shop_column(titles),
        Text("Customer"),
        Text("Date"),
        Text("Here"),
        Text("In Dinero"),
        Text("Kind"),
        Text("Invoice"),
        Text("Reason"),
    )
    rows = [
        [
            status_name(row, language),
            row.number,
            *shop_cell(titles, row.shop),
            row.customer,
            show(date.fromisoformat(row.day), language) if row.day else "",
            _shown(row.ours, row.currency, language),
            _shown(row.theirs, row.currency, language),
            kind_name(row).render(language),
            row.invoice_number,
            "" if row.status == EQUAL else _why(row, language),
        ]
        for row in result.rows
    ]
    widths: tuple[int, ...] = (36, 18, 42, 23, 27, 27, 20, 16, 68)
    if titles:
        widths = (34, 18, 26, 36, 23, 26, 26, 20, 16, 52)
    here = len(widths) - 5
    pdf.table_of([text.render(language) for text in words], rows, widths, amounts=(here, here + 1))
    return bytes(pdf.output())


def _shown(ore: int | None, currency: str, language: str) -> str:
    return "" if ore is None else show(Money(ore, currency), language)
