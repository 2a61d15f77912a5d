"""What the columns of a file are that no reader knows: the owner says it once, and sees at once what follows."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape

import streamlit as st

from dinero.acquirers.columns.asking import Ask, Question
from dinero.acquirers.columns.mapping import (
    BankFigure,
    ColumnMapping,
    DayOrder,
    DecimalSign,
    FeeSign,
    OrderPattern,
    Role,
)
from dinero.acquirers.columns.proposing import Proposal
from dinero.acquirers.words import Apart, Meaning
from dinero.dashboard.payout_files import Columns, FileOutcome
from dinero.model.i18n import Text
from dinero.model.money import AmountError, Money
from dinero.model.payouts import Movement, RowProblem
from pages import drawn, payout_drawn, ui
from pages.ui import t

PATH = "/payouts"
FILE, MAPPING = "columns/file", "columns/mapping"  # in the session: which file, and what was said so far
ANSWERS = ("decimal/", "days/", "fee_sign", "unit", "figure/", "day/")  # how the keys of questions' controls begin
TOLD_AT_ONCE = 5  # problems or questions
SHOWN = 40  # columns that can be chosen; an acquirer's file has fewer
ROLES: Mapping[Role, Text] = {
    Role.ORDER: Text("The order's number"),
    Role.TRANSACTION: Text("The acquirer's id of the row"),
    Role.KIND: Text("What kind of row it is"),
    Role.GROSS: Text("Amount before the fee"),
    Role.FEE: Text("The fee"),
    Role.NET: Text("Amount after the fee"),
    Role.PAYOUT: Text("The payout's number"),
    Role.PAID_ON: Text("The payout's date"),
    Role.AT: Text("The row's own date"),
    Role.CURRENCY: Text("Currency"),
}
MEANINGS: Mapping[Meaning, Text] = {
    Movement.SALE: Text("Sale"),
    Movement.REFUND: Text("Refund"),
    Movement.FEE: Text("Fee"),
    Movement.CHARGEBACK: Text("Chargeback"),
    Movement.CHARGEBACK_RETURNED: Text("Chargeback returned"),
    Movement.RESERVE: Text("Kept back"),
    Movement.RESERVE_RELEASED: Text("Released"),
    Movement.CORRECTION: Text("Correction"),
    Movement.OTHER: Text("Other"),
    Apart.PAYOUT: Text("The payout itself"),
    Apart.LEFT_OUT: Text("No part of a payout"),
}
PATTERNS: Mapping[OrderPattern, Text] = {
    OrderPattern.HASH: Text("The digits after #"),
    OrderPattern.WORD: Text("The digits after “Order” or “Ordre”"),
    OrderPattern.WHOLE: Text("The whole cell"),
}

dashboard = ui.dashboard


def choose(outcome: FileOutcome, data: bytes) -> None:
    """The columns with examples, what is still to be asked, and what the file gives, beginning with what it seems to
    be."""
    st.html(drawn.link(PATH, f"‹ {t('Payouts')}"))
    name = outcome.name
    if outcome.proposal is not None and st.session_state.get(FILE) != (name, len(data)):
        st.session_state[FILE], st.session_state[MAPPING] = (name, len(data)), outcome.proposal.mapping
    st.subheader(t("What are the columns of {file}?", file=ui.escape(name)))
    st.html(
        f'<p class="quiet">'
        f"{escape(t('You say it once; the next file with the same columns is read without questions.'))}</p>"
    )
    found = dashboard().payouts.columns(name, data, st.session_state[MAPPING])
    if isinstance(found, RowProblem):
        st.html(needs([ui.say(found.text)]))
        return
    mapping = asked(found.proposal)
    if mapping != found.proposal.mapping:
        st.session_state[MAPPING] = mapping
        st.rerun()
    result(found, name, data)
    if mapping.decimals or mapping.days or mapping.fee_sign or mapping.in_ore or mapping.figures:
        st.button(t("Answer the questions again"), key="answer_again", on_click=answer_again)


def answer_again() -> None:
    """Takes back what was answered of the figures: one that is answered is not asked any more, also where the answer
    was wrong."""
    said: ColumnMapping = st.session_state[MAPPING]
    for key in [key for key in st.session_state if str(key).startswith(ANSWERS)]:
        del st.session_state[key]
    st.session_state[MAPPING] = replace(said, decimals={}, days={}, fee_sign=None, in_ore=None, figures={})


def asked(found: Proposal) -> ColumnMapping:
    """The mapping as the controls say it."""
    mapping = found.mapping
    who = st.text_input(t("Who paid this out?"), value=mapping.acquirer, max_chars=40, key="acquirer")
    mapping = replace(mapping, acquirer=who.strip(), roles=roles(found))
    finding = [one.pattern for one in found.patterns if one.found]
    if len(finding) > 1:
        mapping = replace(mapping, pattern=pattern(found))
    elif finding:
        mapping = replace(mapping, pattern=finding[0])
    if found.kinds:
        mapping = replace(mapping, kinds={**mapping.kinds, **kinds(found)})
    figures = [question for question in found.questions if question.ask is Ask.BANK_FIGURE]
    for question in found.questions:
        if question not in figures:
            mapping = answered(mapping, question)
    if figures:
        with st.form("figures", border=False):  # all at once: what is typed while the page is drawn anew would be lost
            for question in figures:
                mapping = figure(mapping, question)
            st.form_submit_button(t("Use these amounts"))
    return mapping


def roles(found: Proposal) -> dict[str, Role]:
    """What each column is; one without a role is not read, and its examples are shown here alone."""
    st.markdown(t("**The columns.** What is not chosen is not read and not kept."))
    chosen: dict[str, Role] = {}
    options: list[Role | None] = [None, *ROLES]
    for place, column in enumerate(found.columns[:SHOWN]):
        left, right = st.columns([3, 2], vertical_alignment="center")
        with left:
            examples = " · ".join(column.examples)
            st.html(f'<p><b>{escape(column.name)}</b><br><span class="quiet">{escape(examples)}</span></p>')
        with right:
            picked = st.selectbox(
                column.name,
                options,
                index=options.index(column.role),
                format_func=lambda role: ui.say(ROLES[role]) if role is not None else t("Not used"),
                label_visibility="collapsed",
                key=f"role/{place}/{column.name}",
            )
        if picked is not None:
            chosen[column.name] = picked
    return chosen


def pattern(found: Proposal) -> OrderPattern:
    """Where in its cell the order's number stands, with how many rows it finds one in."""
    patterns = [one.pattern for one in found.patterns]
    picked: OrderPattern = st.radio(
        t("Where is the order's number in its cell?"),
        patterns,
        index=patterns.index(found.mapping.pattern) if found.mapping.pattern in patterns else 0,
        format_func=lambda one: ui.say(PATTERNS[one]),
        captions=[
            t("found in {n} row", "found in {n} rows", n=one.found)
            + (f": {ui.escape(', '.join(one.examples))}" if one.examples else "")
            + (f" · {t('not in {n}', n=one.missed)}" if one.missed else "")
            for one in found.patterns
        ],
        key="pattern",
    )
    return picked


def kinds(found: Proposal) -> dict[str, Meaning]:
    """What the words of the column of kinds mean, with count and sum of each."""
    st.markdown(t("**The kinds of rows**"))
    chosen: dict[str, Meaning] = {}
    options: list[Meaning | None] = [None, *MEANINGS]
    for kind in found.kinds:
        count = t("{n} row", "{n} rows", n=kind.rows)
        net = f", {ui.amount(kind.net.ore, kind.net.currency)}" if kind.net is not None else ""
        picked = st.selectbox(
            t("“{word}” ({rows})", word=ui.escape(kind.word) or "–", rows=f"{count}{net}"),
            options,
            index=options.index(kind.meaning),
            format_func=lambda one: ui.say(MEANINGS[one]) if one is not None else t("Choose"),
            key=f"kind/{kind.word}",
        )
        if picked is not None:
            chosen[kind.word] = picked
    return chosen


def answered(mapping: ColumnMapping, question: Question) -> ColumnMapping:
    """A question that the figures leave open, and the mapping with its answer."""
    text = ui.say(question.text)
    if question.ask is Ask.DECIMAL:
        sign = st.radio(text, list(DecimalSign), index=None, format_func=decimal, key=f"decimal/{question.column}")
        return replace(mapping, decimals={**mapping.decimals, question.column: sign}) if sign else mapping
    if question.ask is Ask.DAY_ORDER:
        names = {DayOrder.DAY_FIRST: t("Day first"), DayOrder.MONTH_FIRST: t("Month first")}
        order = st.radio(text, list(names), index=None, format_func=names.__getitem__, key=f"days/{question.column}")
        return replace(mapping, days={**mapping.days, question.column: order}) if order else mapping
    if question.ask is Ask.FEE_SIGN:
        signs = {FeeSign.TAKEN: t("3,61 means 3,61 kr. kept"), FeeSign.SIGNED: t("−3,61 means 3,61 kr. kept")}
        fee = st.radio(text, list(signs), index=None, format_func=signs.__getitem__, key="fee_sign")
        return replace(mapping, fee_sign=fee) if fee else mapping
    if question.ask is Ask.UNIT:
        unit = st.radio(
            text, [False, True], index=None, format_func=lambda o: t("Øre") if o else t("Kroner"), key="unit"
        )
        return replace(mapping, in_ore=unit) if unit is not None else mapping
    if question.ask is Ask.PAYOUT:
        one = st.checkbox(t("The file is one payout"), key="one payout")
        return replace(mapping, is_one_payout=True) if one else mapping
    return mapping


def decimal(sign: DecimalSign) -> str:
    """How a number is written with a decimal sign."""
    return (
        t("1.234 is one thousand two hundred and thirty-four")
        if sign is DecimalSign.COMMA
        else t("1.234 is a little over one")
    )


def figure(mapping: ColumnMapping, question: Question) -> ColumnMapping:
    """What came to the bank, typed from the bank's own page: the file must agree to the øre."""
    left, right = st.columns(2, vertical_alignment="bottom")
    typed = left.text_input(ui.say(question.text), placeholder="985,50", key=f"figure/{question.payout}")
    on = None
    if question.needs_date:
        on = right.date_input(t("The day it came"), value=None, format="DD-MM-YYYY", key=f"day/{question.payout}")
    if not typed.strip() or (question.needs_date and on is None):
        return mapping
    try:
        net = Money.from_danish(typed, mapping.currency)
    except AmountError:
        st.error(t("Write the amount as 1.234,50."))
        return mapping
    return replace(mapping, figures={**mapping.figures, question.payout: BankFigure(net, on)})


def result(columns: Columns, name: str, data: bytes) -> None:
    """How many rows hit an order, what is wrong, and the button once nothing is."""
    found = columns.proposal
    if found.mapping.column(Role.ORDER) is not None:
        n, hits = columns.named, columns.hits
        look = "green" if n and hits else "orange"
        told = t("{hits} of {n} row hits an order here.", "{hits} of {n} rows hit an order here.", n=n, hits=hits)
        st.html(f'<p class="{look}"><b>{escape(told)}</b></p>')
    if found.problems:
        st.html(needs([ui.say(problem.text) for problem in found.problems[:TOLD_AT_ONCE]]))
    elif found.questions:
        asked = " ".join(ui.say(question.text) for question in found.questions[:TOLD_AT_ONCE])
        st.caption(f"{t('Still to be said:')} {ui.escape(asked)}")
    elif found.payouts:
        told = t("The file has {n} payout.", "The file has {n} payouts.", n=len(found.payouts))
        st.html(f'<p class="green"><b>{escape(told)}</b></p>')
    is_whole = bool(found.payouts) and not found.problems and not found.questions
    if st.button(
        t("Read the file"), type="primary", icon=":material/upload_file:", disabled=not is_whole, key="read_columns"
    ):
        read(name, data, found.mapping)


def needs(sentences: Sequence[str]) -> str:
    """What is wrong with the file, a sentence each."""
    return f'<div class="need red">{"<br>".join(map(escape, sentences))}</div>'


def read(name: str, data: bytes, mapping: ColumnMapping) -> None:
    """Reads the file by these columns, and goes back to the payouts."""
    outcome = dashboard().payouts.read(name, data, mapping=mapping)
    if outcome.problems:
        st.html(needs([ui.say(problem.text) for problem in outcome.problems[:TOLD_AT_ONCE]]))
        return
    for key in (FILE, MAPPING):
        st.session_state.pop(key, None)
    st.session_state[payout_drawn.TOLD] = [outcome]
    st.query_params.clear()
    st.rerun()
