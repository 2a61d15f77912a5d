"""What all pages draw with: texts in the owner's language, amounts and dates as Danes write them, and states."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, Literal

import pandas as pd
import streamlit as st
from babel import Locale

from dinero.dashboard import dashboard as library
from dinero.dashboard.dashboard import Dashboard
from dinero.model.clock import COPENHAGEN, copenhagen_date
from dinero.model.documents import CHANGED, STATE_NAMES, State, StoredOrder
from dinero.model.errors import DashboardError
from dinero.model.findings import Finding, advised_once
from dinero.model.i18n import Text, Value, show
from dinero.model.money import DKK, Money
from dinero.model.settings import EXAMPLE_PAYOUT, EXAMPLE_SALE
from dinero.rules import changes
from dinero.rules.fees import PayoutEstimate
from dinero.shops.shop_system import OnPage
from dinero.signin.sessions import OWNER, READER
from dinero.web.requests import COOKIE, SECURE_COOKIE

LANGUAGE = "language_of_this_run"
Formats = Mapping[str, Callable[..., str]]  # how the values of a column are written

STATE_COLOURS = {
    "waiting": "blue",
    "not due": "gray",
    "held": "orange",
    "unsure": "orange",
    "refused": "red",
    "done": "green",
    "credited": "violet",
    "ignored": "gray",
    CHANGED: "orange",
}
# The same as text on the theme's ground, with at least 4.5:1 (the colours of .streamlit/config.toml).
_INK = {
    "light": {
        "blue": "#1b5e7d",
        "gray": "#56646e",
        "orange": "#8a5000",
        "red": "#b3261e",
        "green": "#1f6f3d",
        "violet": "#5a3a9a",
    },
    "dark": {
        "blue": "#86c8ea",
        "gray": "#a9b6be",
        "orange": "#f0b060",
        "red": "#ff9a92",
        "green": "#7fd6a0",
        "violet": "#c3aef5",
    },
}
# A state is told by sign, word and colour, never by colour alone.
_MARKS = {
    "waiting": "◔",
    "not due": "○",
    "held": "▲",
    "unsure": "?",
    "refused": "✕",
    "done": "✓",
    "credited": "↩",
    "ignored": "–",
    CHANGED: "✎",
}
UNDER_WAY_COLOUR = "violet"


def dashboard() -> Dashboard:
    """The library, as this page may ask it."""
    return library.dashboard()


def role() -> str:
    """Who looks: "owner" or "reader" (the accountant). Whoever can't be told apart may only read."""
    for name in (SECURE_COOKIE, COOKIE):
        if value := st.context.cookies.get(name):
            return dashboard().sign_in.read_cookie(value) or READER
    return READER


def owner_only() -> None:
    """Ends the page's run for anybody but the owner, however it was reached."""
    if role() != OWNER:
        st.stop()


def language() -> str:
    """The language of the screen; the frame reads it once a run, because a page has hundreds of texts."""
    return str(st.session_state.get(LANGUAGE) or dashboard().settings.language())


def t(message: str, plural: str | None = None, /, **values: Value) -> str:
    """A text on the screen, in the owner's language."""
    return Text(message, plural, **values).render(language())


def say(text: Text) -> str:
    """A text that the library wrote, in the owner's language."""
    return text.render(language())


def amount(ore: int | None, currency: str = DKK) -> str:
    """An amount in øre as people write it; empty when there is none."""
    return "" if ore is None or pd.isna(ore) else show(Money(int(ore), currency), language())


def number(value: int | Decimal) -> str:
    """A number as people write it: 100.000 and 19,5."""
    return show(Decimal(value), language())


def country(code: str) -> str:
    """A country's name by its ISO code."""
    return str(Locale.parse(language()).territories.get(code, code))


def sums(rows: Sequence[StoredOrder]) -> str:
    """What orders come to, each currency by itself."""
    found: dict[str, int] = {}
    for row in rows:
        found[row.currency] = found.get(row.currency, 0) + (row.total_ore or 0)
    return by_currency(found)


def by_currency(sums: Mapping[str, int]) -> str:
    """Sums (øre or cents) by currency in words; amounts of two currencies are never added up."""
    return " + ".join(amount(ore, currency) for currency, ore in sorted(sums.items()))


def kind(primary: bool) -> Literal["primary", "secondary"]:
    """A page has one primary action: what comes next."""
    return "primary" if primary else "secondary"


def period(
    key: str, label: str, button: str, *, icon: str, value: Sequence[date] = (), primary: bool = True
) -> tuple[date, date] | None:
    """A form with a first and a last day; both once its button was pressed, else None."""
    with st.form(key, border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        between = st.date_input(label, value=list(value), format="DD-MM-YYYY", width=300)
        pressed = st.form_submit_button(button, type=kind(primary), icon=icon)
    if pressed and (not isinstance(between, tuple) or len(between) != 2):
        st.error(t("Choose the first and the last day."))
    return between if pressed and isinstance(between, tuple) and len(between) == 2 else None


def day(value: str | date | None) -> str:
    """A business date as people write it."""
    if not value:
        return ""
    return show(date.fromisoformat(value) if isinstance(value, str) else value, language())


def moment(value: str) -> str:
    """A stored UTC time as Copenhagen's clocks showed it."""
    return show(datetime.fromisoformat(value), language())


def state(name: str | None) -> str:
    """A state's name."""
    if name == CHANGED:
        return t("Changed in the webshop")
    return say(STATE_NAMES[State(name)]) if name is not None and name in STATE_NAMES else ""


def state_of(row: StoredOrder) -> str:
    """The state that an order is shown with: what the shop changed after it was booked is not done."""
    return CHANGED if row.change else row.state


def sign(name: str) -> str:
    """A state's sign, for a table."""
    return _MARKS.get(name, "↻")


def state_cell(name: str | None) -> str:
    """A state's sign and name, for a table."""
    return f"{sign(name)} {state(name)}" if name is not None and state(name) else ""


def reasons(found: Iterable[Finding]) -> str:
    """The reasons of a state, and what to do, in one line."""
    return " ".join(_sentence(finding) for finding in advised_once(found))


def row_reasons(row: StoredOrder) -> str:
    """Why an order is where it is: what the shop changed after it was booked goes first."""
    changed = [say(text) for text in changes.from_json(row.change).texts] if row.change else []
    return " ".join([*changed, reasons(row.reasons)]).strip()


def _sentence(finding: Finding) -> str:
    return say(finding.text) + (f" {say(finding.fix)}" if finding.fix else "")


def link_note() -> None:
    """Says that a link into Dinero's own pages is not certain: Dinero documents no address of them."""
    st.caption(
        t(
            "Dinero does not publish the addresses of its pages. If a link does not lead to the document, find "
            "its number under sales in Dinero."
        )
    )


def findings(found: Sequence[Finding]) -> None:
    """Each finding with its fix below it, the same fix once; several are a list."""
    point = "- " if len(found) > 1 else ""
    for finding in advised_once(found):
        fix = f"  \n{' ' * len(point)}{escape(say(finding.fix))}" if finding.fix else ""
        st.markdown(f"{point}**{escape(say(finding.text))}**{fix}")


def escape(text: str) -> str:
    """Text of others (names, e-mails, messages) that Markdown must show as it is."""
    for character in "\\`*_{}[]<>#$|~:.+-":
        text = text.replace(character, "\\" + character)
    return text


def attempt(work: Callable[[], Any], done: str = "") -> bool:
    """Does a short piece of work and shows its error, if any, as a sentence with what to do."""
    try:
        work()
    except DashboardError as error:
        st.error(say(error.text), icon=":material/error:")
        return False
    if done:
        st.toast(done, icon=":material/check:")
    return True


def ago(stamp: str) -> str:
    """How long ago a stored UTC time was, in words."""
    return ago_of(dashboard().clock.now() - datetime.fromisoformat(stamp))


def ago_of(age: timedelta) -> str:
    """An age in words: "3 minutes ago"."""
    minutes = int(age.total_seconds() // 60)
    if minutes < 1:
        return t("less than a minute ago")
    if minutes < 120:
        return t("{n} minute ago", "{n} minutes ago", n=minutes)
    if minutes < 48 * 60:
        return t("{n} hour ago", "{n} hours ago", n=minutes // 60)
    return t("{n} day ago", "{n} days ago", n=minutes // (24 * 60))


def when(at: datetime) -> str:
    """ "Today at 10.42", "Yesterday at 16.20", else the day too."""
    time = at.astimezone(COPENHAGEN).time().replace(second=0, microsecond=0)
    day, today = copenhagen_date(at), copenhagen_date(dashboard().clock.now())
    if day == today:
        return t("Today at {time}", time=time)
    if day == today - timedelta(days=1):
        return t("Yesterday at {time}", time=time)
    return t("{day} at {time}", day=day, time=time)


def when_said(at: datetime) -> str:
    """The same in the middle of a sentence: "today at 10.42"."""
    text = when(at)
    return text[:1].lower() + text[1:]


def lasted(time: timedelta) -> str:
    """A time in its largest unit: "40 s", "3 min.", "5 hours", "2 days"; "" for less than a second."""
    seconds = int(time.total_seconds())
    if seconds < 1:
        return ""
    if seconds < 90:
        return t("{n} s", n=seconds)
    if seconds < 90 * 60:
        return t("{n} min.", n=round(seconds / 60))
    if seconds < 36 * 3600:
        return t("{n} hour", "{n} hours", n=round(seconds / 3600))
    return t("{n} day", "{n} days", n=round(seconds / 86_400))


def page_by_page(status: Any, told: str) -> OnPage:
    """What a fetch calls with each page it has read: `status`, an st.status, says how far it is."""

    def on_page(pages: int, orders: int) -> None:
        label = t("{told} {n} page, {seen} orders", "{told} {n} pages, {seen} orders", told=told, n=pages, seen=orders)
        status.update(label=label)

    return on_page


HEARTBEAT_MINUTES = 5


def heartbeat() -> None:
    """One line on the runner: when it ran last, what it waits for, or why it has stopped."""
    status = dashboard().automatic.status()
    wanted = dashboard().settings.load().automatic
    if status is None or not (status.ended or status.phase == "working"):
        if wanted:
            st.caption(f":material/autorenew: {t('Runs by itself; the first round begins in a moment.')}")
        return
    silent = (dashboard().clock.now() - datetime.fromisoformat(status.beat)).total_seconds() > HEARTBEAT_MINUTES * 60
    last = t("Last run {ago}", ago=ago(status.ended)) if status.ended else t("The first round is under way")
    if status.phase == "stopped" and status.text is not None:
        st.error(f"{t('It does not run by itself any more:')} {escape(say(status.text))}", icon=":material/pan_tool:")
    elif not wanted and (silent or status.where == "dashboard"):
        st.caption(f":material/pause_circle: {t('It does not run by itself.')} {last}.")
    elif silent and status.phase != "working":
        st.warning(
            t(
                "It should run by itself, but has not been heard of since {time}. Start the dashboard anew.",
                time=moment(status.beat),
            ),
            icon=":material/heart_broken:",
        )
    elif status.phase == "trouble" and status.text is not None:
        again = t("It tries again {time}.", time=moment(status.next))
        st.warning(f"{escape(say(status.text))} {again}", icon=":material/sync_problem:")
    elif status.phase == "working":
        st.caption(f":material/sync: {t('Fetching and transferring now.')} {last}.")
    else:
        st.caption(f":material/autorenew: {t('Runs by itself.')} {last}. {t('Next {time}.', time=moment(status.next))}")


def bank_warning(payout: PayoutEstimate | None = None) -> None:
    """The warning against the bank account: where it is chosen, and where orders are pushed (with their sum)."""
    if payout is None:
        st.warning(
            t(
                "This is the bank account. The payout comes in less the fees of NETS, Clearhaus and others: sell for "
                "{sold}, get {received}. The bank reconciliation will not fit. Use an account between, such as "
                "“Webshop salg”.",
                sold=EXAMPLE_SALE,
                received=EXAMPLE_PAYOUT,
            ),
            icon=":material/warning:",
        )
        return
    st.warning(
        t(
            "You are about to register {sold} on the bank account, but the bank receives about {received}. The rest "
            "is the fees of NETS, Clearhaus and others, so the bank reconciliation will not fit. Use an account "
            "between, such as “Webshop salg”.",
            sold=payout.sold,
            received=payout.received,
        ),
        icon=":material/warning:",
    )


def amounts(values: Iterable[int | None]) -> Any:
    """A column of amounts in øre, some of which may be missing: whole numbers, never floats."""
    return pd.array(list(values), dtype="Int64")


def table(frame: pd.DataFrame, formats: Formats, *, currencies: Sequence[str] = (), **options: Any) -> Any:
    """A table with values written as Danes write them, still sorted by value (facts.md, Streamlit 1.7).

    `currencies` are those of the rows' amounts (the columns that `amount` formats) where they may not be kroner.
    """
    return st.dataframe(_styled(frame, formats, currencies), hide_index=True, placeholder="–", **options)


def _styled(frame: pd.DataFrame, formats: Formats, currencies: Sequence[str]) -> Any:
    style = frame.style.format(dict(formats), na_rep="")
    columns = [name for name, write in formats.items() if write is amount]
    for currency in set(currencies) - {DKK}:
        rows = [position for position, other in enumerate(currencies) if other == currency]
        style = style.format(partial(amount, currency=currency), subset=(rows, columns), na_rep="")
    if t("State") in frame.columns:
        palette = _INK["dark" if st.context.theme.type == "dark" else "light"]
        inks = {state_cell(name): palette[STATE_COLOURS.get(name, UNDER_WAY_COLOUR)] for name in STATE_NAMES}
        style = style.map(lambda name: f"color: {inks.get(name, '')}", subset=[t("State")])
    return style


def method_names(methods: Iterable[str], shop: str = "") -> dict[str, str]:
    """What payment methods are called, by their keys: as the customer reads them, with the key where two read alike."""
    keys = list(methods)
    titles = dashboard().store.sums.payment_titles(keys, shop=shop)
    named = {key: titles.get(key, key) for key in keys}
    alike = Counter(named.values())
    return {key: f"{name} ({key})" if alike[name] > 1 and name != key else name for key, name in named.items()}


def shop_titles() -> str:
    """What the owner calls the shops, in one line."""
    return ", ".join(shop.title for shop in dashboard().shops.all())
