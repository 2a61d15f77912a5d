"""The history event by event: every one of them, behind one expander, and those of one order."""

from collections.abc import Iterable, Mapping
from datetime import date
from html import escape

import streamlit as st

from dinero.dashboard.past import ENDED, span
from dinero.model.acquirers import acquirer_of
from dinero.model.documents import PastEvent
from dinero.model.i18n import Text
from dinero.model.money import DKK
from pages import drawn, ui, which_shop
from pages.ui import t

LISTED = 25
EVERYTHING = "all"
# Where the filters are in the address.
PLACE = ("find", "show", "events", "dates", "events_page")

EVENTS = {
    "done": Text("Transferred"),
    "booked": Text("Booked"),
    "refused": Text("Refused"),
    "unsure": Text("Unsure"),
    "credited": Text("Credited"),
    "changed": Text("Changed in the shop"),
    "change accepted": Text("Change left as it is"),
    "accepted": Text("Taken over as it is in Dinero"),
    "correction started": Text("Correction started"),
    "answered": Text("Question answered"),
    "left out": Text("Left out or taken in again"),
    "reconciled": Text("Reconciled"),
    "drafted": Text("Draft made"),
    "verified": Text("Draft compared"),
    "claimed": Text("Begun"),
    "customer created": Text("Customer created"),
    "customer found": Text("Customer found"),
    "looked": Text("Looked in Dinero"),
    "note": Text("To know"),
    "state": Text("New state"),
    "fetched": Text("Orders fetched"),
    "push started": Text("Transfer started"),
    "push stopped": Text("Transfer stopped"),
    "settings": Text("Settings changed"),
    "connected": Text("Connected"),
    "disconnected": Text("Disconnected"),
    "connection lost": Text("Connection lost"),
    "account created": Text("Account created"),
    "alarm": Text("Alarm"),
    "customer forgotten": Text("Customer forgotten"),
    "restored": Text("Backup restored"),
    "payout held": Text("Payout held"),
    "order chosen": Text("Order chosen for a payout's line"),
    "taken back": Text("Payout's posting taken back"),
    "opening confirmed": Text("What was there before the start confirmed"),
    "payouts read": Text("Payouts read from a file"),
    "payouts fetched": Text("Payouts fetched"),
    "payouts asked": Text("Booking of payouts asked for"),
}
# Sign and colour of those that end something or stop it.
LOOKS: Mapping[str, tuple[str, str]] = {
    "done": ("✓", "green"),
    "credited": ("↩", "violet"),
    "refused": ("✕", "red"),
    "push stopped": ("✕", "red"),
    "connection lost": ("✕", "red"),
    "unsure": ("?", "orange"),
    "changed": ("▲", "orange"),
    "alarm": ("▲", "orange"),
}


def told(event: PastEvent) -> str:
    """What an event says. An answer was stored in English, and is said in the owner's language."""
    text = event.text
    if text is None:
        return ""
    answer = text.values.get("answer") if event.event == "answered" else None
    if not isinstance(answer, str) or "{" in answer or "}" in answer:
        return ui.say(text)
    return ui.say(Text(answer))


def name(event: PastEvent) -> str:
    """What an event is, in HTML: its sign, name and colour. A new state is told as the state."""
    if event.event == "state" and event.state:
        return drawn.state(event.state)
    sign, colour = LOOKS.get(event.event, ("", "gray"))
    kind = "booked" if event.event == "done" and event.payout is not None else event.event
    called = ui.say(EVENTS[kind]) if kind in EVENTS else kind
    return f'<span class="state {colour}">{escape(f"{sign} {called}".strip())}</span>'


def order_log(events: Iterable[PastEvent]) -> str:
    """One order's events in HTML, a line each: the time and the sentence, which says what it was; the name where there
    is none, and before it for a new state."""
    lines = []
    for event in events:
        text = escape(told(event))
        if event.event == "state" or not text:
            text = f"{name(event)} {text}"
        lines.append(f"<li><time>{escape(ui.moment(event.at))}</time><span>{text}</span></li>")
    return f'<ol class="log">{"".join(lines)}</ol>'


def log(day: date | None, shop: str = "") -> None:
    """Every event, newest first, with its filters in the address; those of one `day` and of one shop's orders, where
    they are chosen. Drawn when it is opened, and open where the address says what is looked for."""
    asked = any(key in st.query_params for key in PLACE)
    whole = st.expander(t("All events"), icon=":material/list:", key="log", on_change="rerun", expanded=asked)
    if whole.open:
        with whole:
            _listed(day, shop)


def _listed(day: date | None, shop: str) -> None:
    search, kinds, since, until = _filters(day)
    page = _page(f"{search}/{kinds}/{since}/{until}/{shop}")
    found = ui.dashboard().past.events(
        kinds, search, since, until, shop=shop, limit=LISTED + 1, offset=(page - 1) * LISTED
    )
    if not found:
        filtered = bool(search or since or until or shop) or set(kinds) != set(ENDED)
        st.info(t("Nothing fits the filters.") if filtered else t("Nothing has come to its end yet."))
    else:
        titles = which_shop.titles_in(shop)
        rows = "".join(_row(event, titles.get(event.order.shop, "") if event.order else "") for event in found[:LISTED])
        st.html(f'<ul class="rows events" aria-label="{escape(t("All events"))}">{rows}</ul>')
    turn("events_page", page, more=len(found) > LISTED)


def _filters(day: date | None) -> tuple[str, list[str], str, str]:
    """What is looked for: words, kinds of events, and the times from which and until which."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        search = st.text_input(
            t("Search for number, customer, e-mail, amount or invoice"), key="find", bind="query-params"
        ).strip()
        days: tuple[date, ...] = (day, day) if day else ()
        if not day:
            between = st.date_input(t("Dates"), value=[], format="DD-MM-YYYY", key="dates", bind="query-params")
            days = between if isinstance(between, tuple) else ()
    kinds = _kinds()
    since, until = span(days[0] if days else None, days[1] if len(days) == 2 else None)
    return search, kinds, since, until if len(days) == 2 else ""


def _kinds() -> list[str]:
    """The kinds of events that are looked for: what ended, or those that are named of all (none: all of them)."""
    everything = st.query_params.get("show") == EVERYTHING
    kept = {name: st.query_params[name] for name in ("day", "shop", "find", "dates") if name in st.query_params}
    chosen = ' aria-current="true"'
    links = [
        f'<a class="go button" href="{escape(drawn.to("/history", **kept, show=show))}"{chosen if here else ""}>'
        f"{escape(label)}</a>"
        for show, label, here in (("ended", t("What ended"), not everything), (EVERYTHING, t("All events"), everything))
    ]
    st.html(f'<nav class="links" aria-label="{escape(t("Show"))}">{"".join(links)}</nav>')
    if not everything:
        return list(ENDED)
    asked = [name for name in st.query_params.get("events", "").split(",") if name in EVENTS]
    kinds = st.multiselect(
        t("Events"),
        list(EVENTS),
        default=asked,
        format_func=lambda event: ui.say(EVENTS[event]),
        placeholder=t("All"),
        key=f"kinds/{asked}",  # it begins anew with the address
    )
    if kinds != asked:
        st.query_params["events"] = ",".join(kinds)
        st.rerun()
    return kinds


def _row(event: PastEvent, shop: str) -> str:
    """An event, with its order's shop. One that ends or stops something, or gives an order its state, is named; the
    others say what they are in their sentence."""
    text = told(event)
    named = name(event) if event.event in LOOKS or event.event == "state" or not text else ""
    when = f'<span class="when">{escape(ui.moment(event.at))}</span>'
    note = f'<span class="note">{escape(text)}</span>' if text else ""
    if event.order is None and event.payout is None:
        return f"<li><span>{named}</span>{when}{note}</li>"
    if event.order is not None:
        address, who = drawn.to("/history", order=event.order.address), event.customer or ""
        title = drawn.link(address, event.number or event.order.id, "title")
    else:
        address, who = drawn.to("/payouts", payout=str(event.payout)), acquirer_of(event.customer or "").name
        title = drawn.link(address, t("Payout {number}", number=event.number or str(event.payout)), "title")
    customer = f'<span class="quiet">{escape(who)}</span> {drawn.of_shop(shop)}'
    figure = f'<span class="amount">{escape(ui.amount(event.total_ore, event.currency or DKK))}</span>'
    return f"<li data-row><span>{title} {customer}</span>{figure}{named}{when}{note}</li>"


def _page(listed: str) -> int:
    """The page that the address names; other filters begin at the first. The events are not counted: there are ten for
    each order."""
    if st.session_state.setdefault("events_listed", listed) != listed:
        st.session_state["events_listed"] = listed
        st.query_params.pop("events_page", None)
    return drawn.page_of("events_page")


def turn(key: str, page: int, *, more: bool) -> None:
    """Links to the newer and the older rows of a list of the history."""
    drawn.turn("/history", page, more=more, key=key, back=t("Newer"), on=t("Older"))
