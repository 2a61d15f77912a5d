"""Udbetalinger: what the acquirers paid out, tied to the orders and booked with one click; and whether the booking
account is explained."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from html import escape

import streamlit as st

from dinero.automatic.payouts import NEED_OWNER
from dinero.dashboard.payout_files import OTHER_ACCOUNT, FileOutcome
from dinero.model.errors import DashboardError
from dinero.model.settlements import PayoutState, StoredPayout
from dinero.rules.payout_checks import CHOOSE
from dinero.signin.sessions import OWNER
from pages import columns, drawn, payout, payout_drawn, proof, ui, words
from pages.ui import t

PATH = "/payouts"
LISTED = 25
PENDING = "payouts/pending"  # in the session: files that something is asked about, each with its bytes, by name
ASKING_PAGES = ("columns", "words")
TOLD_AT_ONCE = 5  # sentences of a file
# In the session: the payouts that the last click was about, and those after which Dinero was asked for the proof.
ASKED, PROVEN = "payouts/asked", "payouts/proven"
PREVIEWED = 3  # postings that are shown before a booking of several
VIEWS: Mapping[str, Sequence[PayoutState]] = {
    "look": NEED_OWNER,
    "ready": (PayoutState.READY, PayoutState.BOOKING),
    "booked": (PayoutState.BOOKED, PayoutState.IN_LEDGER),
    "left": (PayoutState.LEFT,),
    "all": (),
}

dashboard = ui.dashboard()
owner = ui.role() == OWNER


def name_of(view: str) -> str:
    """A view's name."""
    return {
        "look": t("To look at"),
        "ready": t("Ready"),
        "booked": t("Booked"),
        "left": t("Left to you"),
        "all": t("All"),
    }[view]


def counts() -> dict[str, int]:
    """How many payouts each view has."""
    return {view: dashboard.payouts.count(states=states) for view, states in VIEWS.items()}


def everything() -> None:
    """The sentence, what can be booked now, the files, and the list."""
    dashboard.payouts.refresh()
    found = counts()
    proof.sentence()
    if owner:
        if found["ready"]:
            book_all()
        ended()
        drop(opened=not found["all"])
    if found["all"]:
        listed(found)
    elif not owner:
        st.html(f'<p class="quiet">{escape(t("No payout was read yet."))}</p>')


# --- files ------------------------------------------------------------------------------------------------


def drop(*, opened: bool) -> None:
    """Where files are dropped, several at once, and what became of the last ones."""
    tell()
    here = st.expander(t("Read payouts from files"), expanded=opened, icon=":material/upload_file:", key="files")
    with here:
        st.markdown(
            t(
                "Fetch the payouts at your acquirer as CSV or Excel and drop the files here. A file that was read "
                "before changes nothing. Customers' names and phone numbers in it are not kept."
            )
        )
        with st.form("drop", border=False, clear_on_submit=True):
            files = st.file_uploader(
                t("Files"), accept_multiple_files=True, label_visibility="collapsed", key="dropped"
            )
            pressed = st.form_submit_button(t("Read the files"), icon=":material/upload_file:")
        acquirers = drawn.link(drawn.to("/setup", tab="payouts"), t("Fetch payouts without files"))
        st.html(f'<p class="quiet">{acquirers}</p>')
    if pressed and files:
        with st.spinner(t("Reading the files …")):
            told = [(dashboard.payouts.read(file.name, file.getvalue()), file.getvalue()) for file in files]
        st.session_state[payout_drawn.TOLD] = [one for one, _ in told]
        st.session_state[PENDING] = {one.name: (one, data) for one, data in told if asks(one)}
        if len(told) == 1 and asks(told[0][0]) in ASKING_PAGES:
            st.query_params.from_dict({asks(told[0][0]): told[0][0].name})
        st.rerun()


def asks(found: FileOutcome) -> str:
    """What the owner is asked before a file can be read: its columns, its words, whether its account is the owner's
    too; "" for nothing."""
    if found.proposal is not None:
        return "columns"
    if found.unknown:
        return "words"
    return "another" if any(problem.code == OTHER_ACCOUNT for problem in found.problems) else ""


def ask_about(kind: str) -> None:
    """The page that asks about a file, by the name that the address has."""
    name = st.query_params[kind]
    found, data = st.session_state.get(PENDING, {}).get(name, (None, b""))
    if found is None or asks(found) != kind:
        st.html(drawn.link(PATH, f"‹ {t('Payouts')}"))
        st.html(f'<p class="quiet">{escape(t("Drop the file once more: it is kept only while this tab is open."))}</p>')
    elif kind == "columns":
        columns.choose(found, data)
    else:
        words.keep(found, data)
        words.choose()


def read_anothers(name: str) -> None:
    """Reads a file whose account is the owner's, too."""
    _, data = st.session_state[PENDING].pop(name)
    st.session_state[payout_drawn.TOLD] = [dashboard.payouts.read(name, data, another=True)]


def tell() -> None:
    """What became of the files that were read last, a sentence each; it stays until the next ones."""
    outcomes: list[FileOutcome] = st.session_state.get(payout_drawn.TOLD, [])
    if not outcomes:
        return
    st.html("".join(map(outcome, outcomes)))
    for found in outcomes:
        if found.name in st.session_state.get(PENDING, {}) and asks(found) == "another":
            label = t("The account in {file} is mine too: read it", file=found.name)
            st.button(label, key=f"another/{found.name}", on_click=read_anothers, args=(found.name,))
    if any(found.problems for found in outcomes):
        st.caption(t("Nothing was kept of a file that could not be read."))


def outcome(found: FileOutcome) -> str:
    """What became of a file, in HTML."""
    look = "orange" if asks(found) else "red" if found.problems else "green"
    kind = asks(found) if found.name in st.session_state.get(PENDING, {}) else ""
    told = [ui.say(sentence) for sentence in found.sentences]
    if kind in ASKING_PAGES:  # the link below says what to do
        told = [ui.say(problem.text) for problem in found.problems] or [t("The file's columns are not known yet.")]
    if len(told) > TOLD_AT_ONCE:
        told = [*told[:TOLD_AT_ONCE], t("And {n} more", n=len(told) - TOLD_AT_ONCE)]
    said = "<br>".join(escape(sentence) for sentence in told)
    if kind in ASKING_PAGES:
        label = t("Say what the columns are") if kind == "columns" else t("Say what the words mean")
        said += f" {drawn.link(drawn.to(PATH, **{kind: found.name}), label)}"
    return f'<div class="need {look}"><b>{escape(found.name)}</b><br>{said}</div>'


# --- booking ----------------------------------------------------------------------------------------------


def book_all() -> None:
    """The one button: all payouts that are ready, with what comes to the bank, and the first postings below it."""
    ready = dashboard.payouts.listed(states=(PayoutState.READY,))
    under_way = dashboard.payouts.count(states=(PayoutState.BOOKING,))
    if under_way:
        told = t("{n} payout is being booked.", "{n} payouts are being booked.", n=under_way)
        st.html(f'<p class="running"><b>{escape(told)}</b></p>')
        watch()
    if not ready:
        return
    n = len(ready)
    label = t(
        "Book {n} payout ({sum} to the bank)",
        "Book {n} payouts ({sum} to the bank)",
        n=n,
        sum=payout_drawn.sums(ready),
    )
    with st.container(horizontal=True, key="book_payouts"):
        if st.button(label, type="primary", icon=":material/account_balance:", key="book_all", wrap=True):
            book([one.id for one in ready])
        first = st.expander(t("See the postings first"), on_change="rerun", key="postings_first")
    if first.open:
        with first:
            plans = [plan for one in ready[:PREVIEWED] if (plan := dashboard.payouts.plan(one.id)) is not None]
            st.html(payout_drawn.posting(*plans, booked=False))
            if n > PREVIEWED:
                st.caption(t("And {n} more", n=n - PREVIEWED))


def book(numbers: Sequence[int]) -> None:
    """Asks for the booking; the worker does it, and a second click asks for the same."""
    if ui.attempt(lambda: dashboard.payouts.book(numbers, actor="owner")):
        st.session_state[ASKED] = tuple(numbers)
    st.rerun()


def ended() -> None:
    """What became of the last click, once all of it has come to its end; it stays until the next one."""
    rows = [one for n in st.session_state.get(ASKED, ()) if (one := dashboard.payouts.get(n)) is not None]
    done = [one for one in rows if one.state in VIEWS["booked"]]
    if not rows or any(one.state is PayoutState.BOOKING for one in rows):
        return
    if st.session_state.get(PROVEN) != st.session_state[ASKED]:
        st.session_state[PROVEN] = st.session_state[ASKED]
        with suppress(DashboardError):  # the sentence above tells when Dinero was asked last
            dashboard.balance.ask()
        st.rerun()
    told = t(
        "{done} of {n} payout is in Dinero: {sum} to the bank.",
        "{done} of {n} payouts are in Dinero: {sum} to the bank.",
        done=len(done),
        n=len(rows),
        sum=payout_drawn.sums(done),
    )
    look, address = ("green", "booked") if len(done) == len(rows) else ("orange", "look")
    link = drawn.link(drawn.to(PATH, view=address), t("See them"))
    st.html(f'<p class="{look}"><b>{escape(told)}</b> {link}</p>')


@st.fragment(run_every=1.0)
def watch() -> None:
    """Draws the page anew when what is being booked has come to its end."""
    now = dashboard.payouts.count(states=(PayoutState.BOOKING,))
    before = st.session_state.setdefault("payouts/under way", now)
    if now != before:
        st.session_state["payouts/under way"] = now
        st.rerun()


# --- the list ---------------------------------------------------------------------------------------------


def listed(found: Mapping[str, int]) -> None:
    """The views with their counts, and the payouts of the chosen one."""
    view = st.query_params.get("view", "")
    if view not in VIEWS or not found[view]:
        view = next((name for name in ("look", "ready") if found[name]), "all")
    links = "".join(
        f'<a class="go" href="{drawn.to(PATH, view=name)}"{" aria-current=page" if name == view else ""}>'
        f"{escape(name_of(name))} <b>{ui.number(found[name])}</b></a>"
        for name in VIEWS
        if found[name] or name == view
    )
    st.html(f'<nav class="views" aria-label="{escape(t("Payouts"))}">{links}</nav>')
    page = drawn.page_of()
    shown = dashboard.payouts.listed(states=VIEWS[view], limit=LISTED + 1, offset=(page - 1) * LISTED)
    if not shown:
        st.html(f'<p class="quiet">{escape(t("There are no payouts here."))}</p>')
        return
    rows = "".join(row(one, view) for one in shown[:LISTED])
    st.html(f'<ul class="rows payouts" aria-label="{escape(t("Payouts"))}">{rows}</ul>')
    drawn.turn(PATH, page, more=len(shown) > LISTED)


def row(one: StoredPayout, view: str) -> str:
    """A payout in the list: its arithmetic, how many orders fit, and why it stands still."""
    address = drawn.to(PATH, view=view, payout=str(one.id))
    fits = t("{matched} of {n} order fits", "{matched} of {n} orders fit", n=one.orders, matched=one.matched)
    told = [payout_drawn.arithmetic(one), fits if one.orders else t("without orders")]
    setup = payout_drawn.setup_of(one) if owner else ""
    # What is to be chosen is behind the link, and need not be said before it.
    why = escape(
        ui.reasons(replace(found, fix=None) if setup and found.fix == CHOOSE else found for found in one.reasons)
    )
    if setup:
        why += f" {drawn.link(setup, t('Choose'))}"
    return (
        f'<li data-row><a class="go title" href="{escape(address)}">{escape(payout_drawn.title(one))}</a>'
        f'<span class="amount">{escape(ui.amount(one.net_ore, one.currency))}</span>{payout_drawn.state(one.state)}'
        f'<span class="when">{escape(ui.day(one.paid_on))}</span><span class="note">{escape(" · ".join(told))}</span>'
        f"{f'<span class=note>{why}</span>' if why else ''}</li>"
    )


st.title(t("Payouts"))
if dashboard.settings.load().missing():
    way = drawn.link("/", t("Continue the set-up"), "button primary") if owner else ""
    st.html(f"<p>{escape(t('The set-up is not complete.'))}</p>{way}")
elif "payout" in st.query_params:
    payout.opened(st.query_params["payout"], may_change=owner)
elif "proof" in st.query_params:
    proof.whole(may_change=owner)
elif owner and (asked := next((kind for kind in ASKING_PAGES if kind in st.query_params), "")):
    ask_about(asked)
else:
    everything()
