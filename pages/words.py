"""What the words of a file mean that its reader does not know: the owner says it once, and the figures must agree."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from dinero.acquirers.words import Meaning, UnknownWord
from dinero.dashboard.payout_files import FileOutcome
from dinero.model.i18n import LONGEST_SHOWN
from dinero.model.payouts import RowProblem
from pages import columns, drawn, payout_drawn, ui
from pages.ui import t

# In the session: name and bytes of the file, the words that are asked about, and why the last answers did not do.
FILE, ASKED, REFUSED = "words/file", "words/asked", "words/refused"

dashboard = ui.dashboard


def keep(outcome: FileOutcome, data: bytes) -> None:
    """Keeps a file in this tab while its words are explained; one that is kept already stays as it is."""
    if st.session_state.get(FILE) == (outcome.name, data):
        return
    st.session_state[FILE] = (outcome.name, data)
    st.session_state[ASKED] = outcome.unknown
    st.session_state[REFUSED] = ()


def choose() -> None:
    """Each word with the number and sum of its rows, and the button once all are explained."""
    st.html(drawn.link(columns.PATH, f"‹ {t('Payouts')}"))
    kept = st.session_state.get(FILE)
    if kept is None:
        st.html(f'<p class="quiet">{escape(t("Drop the file once more: it is kept only while this tab is open."))}</p>')
        return
    name, data = kept
    st.subheader(t("What do the words of {file} mean?", file=ui.escape(name)))
    st.html(
        f'<p class="quiet">'
        f"{escape(t('You say it once; the next file is read without questions. The figures must agree with it.'))}</p>"
    )
    refused: Sequence[RowProblem] = st.session_state[REFUSED]
    if refused:
        st.html(columns.needs([ui.say(problem.text) for problem in refused[: columns.TOLD_AT_ONCE]]))
    said = {word.key: meaning for word in st.session_state[ASKED] if (meaning := picked(word)) is not None}
    is_whole = len(said) == len(st.session_state[ASKED])
    if st.button(
        t("Read the file"), type="primary", icon=":material/upload_file:", disabled=not is_whole, key="read_words"
    ):
        read(name, data, said)


def picked(word: UnknownWord) -> Meaning | None:
    """What rows with a word are, beginning with what the word usually means."""
    count = t("{n} row", "{n} rows", n=word.rows)
    total = f", {ui.amount(word.total.ore, word.total.currency)}" if word.total is not None else ""
    shown = ui.escape(word.word[:LONGEST_SHOWN]) or "–"
    options: list[Meaning | None] = [None, *(one for one in columns.MEANINGS if one in word.choices)]
    chosen: Meaning | None = st.selectbox(
        t("“{word}” ({rows})", word=shown, rows=f"{count}{total}"),
        options,
        index=options.index(word.suggestion),
        format_func=lambda one: ui.say(columns.MEANINGS[one]) if one is not None else t("Choose"),
        key=f"word/{word.key}",
    )
    return chosen


def read(name: str, data: bytes, said: dict[str, Meaning]) -> None:
    """Reads the file with these words, and goes back to the payouts; else asks again, with the figures that differ."""
    outcome = dashboard().payouts.read(name, data, words=said)
    if outcome.unknown:
        st.session_state[ASKED], st.session_state[REFUSED] = outcome.unknown, outcome.problems
        st.rerun()
    for key in (FILE, ASKED, REFUSED):
        st.session_state.pop(key, None)
    st.session_state[payout_drawn.TOLD] = [outcome]
    st.query_params.clear()
    st.rerun()
