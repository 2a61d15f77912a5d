"""The controls of the set-up's steps, for the list on Overblik and for the page Opsætning."""

from collections.abc import Mapping, Sequence
from datetime import date
from html import escape
from typing import NamedTuple

import streamlit as st

from dinero.model.chart import WEBSHOP_ACCOUNT_NAME, DepositAccount
from dinero.model.clock import copenhagen_date
from dinero.model.errors import DashboardError
from dinero.model.health import DINERO, Remedy
from dinero.model.i18n import Text
from dinero.model.responses import Organization
from dinero.model.settings import Settings, first_of_year
from dinero.web.requests import DINERO_START
from pages import drawn, fee_bar, ui
from pages.ui import t

dashboard = ui.dashboard
SHOW = "show"  # the part of a page that is open, in the address
# What a way to another site and back leaves in the address.
RETURNED = ("connected", "problem")
# What “paid” and “sent” mean in a webshop.
TRIGGER_MEANINGS = (
    Text("“Paid” in a webshop means that the amount is reserved; the money is drawn when the order is sent."),
    Text("The invoice is made when the goods are on their way and the money is drawn."),
)
READABLE = 900  # pixels: how wide a page of choices is at most


class TakeOver(NamedTuple):
    """From which order date or number the dashboard takes over; both are None while nothing valid is typed."""

    first: date | None = None
    number: int | None = None

    @property
    def is_chosen(self) -> bool:
        """Whether there is one of the two."""
        return self.first is not None or self.number is not None


def came_back() -> None:
    """What came of a trip to Dinero's site or a shop's, in one line."""
    names = {"dinero": "Dinero", "shop": "Shoporama", "woocommerce": "WooCommerce"}
    if (system := st.query_params.get("connected", "")) in names:
        st.success(t("{system} is connected.", system=names[system]), icon=":material/check_circle:")
    if problem := st.query_params.get("problem"):
        kept = dashboard().store.look_ups.get(f"problem:{problem}")
        if kept is not None:
            st.error(ui.say(Text.from_json(kept[0])), icon=":material/error:")


def forget_return() -> None:
    """Another way is tried: what came of the last one is not said any more."""
    for name in RETURNED:
        st.query_params.pop(name, None)


def saved(said: str = "") -> None:
    """One toast, and the page anew with what is next."""
    forget_return()
    st.query_params.pop(SHOW, None)
    st.toast(said or t("Saved."), icon=":material/check:")
    st.rerun()


def keep(**choices: object) -> None:
    """Stores choices, and goes on. Draws the error, if any."""
    if ui.attempt(lambda: dashboard().settings.save(**choices)):
        saved()


def leave(name: str, path: str, label: str, *, primary: bool) -> None:
    """A button that leaves for another site in the same tab, as Streamlit's own can't (facts.md, Streamlit 1.5)."""
    look = "button primary" if primary else "button"
    st.html(f'<a id="{name}" class="{look}" href="{path}" target="_self">{escape(label)}</a>')


def connect_dinero(*, primary: bool) -> None:
    """Both ways to connect to Dinero."""
    has_app = all(dashboard().connection.app_keys())
    ways = [t("Approve at Dinero"), t("Personal integration")]
    site, own = st.tabs(ways, default=ways[0 if has_app else 1])
    with site:
        st.markdown(t("You sign in at Dinero, approve, and come back here."))
        if has_app:
            leave("connect-dinero", DINERO_START, t("Connect to Dinero"), primary=primary)
        else:
            _type_app_keys()
    with own:
        _connect_personal(primary=primary and not has_app)


def _type_app_keys() -> None:
    st.markdown(
        t(
            "It needs an app in the Visma Developer Portal (type Web application, with the scopes "
            "dineropublicapi:read, dineropublicapi:write and offline_access). If you have none, use the personal "
            "integration."
        )
    )
    with st.form("app", border=False):
        client_id = st.text_input(t("Client ID (begins with isv)"), autocomplete="off")
        secret = st.text_input("Client Secret", type="password", autocomplete="off", key="app_secret")
        if st.form_submit_button(t("Save the app's keys"), on_click=forget_return) and ui.attempt(
            lambda: dashboard().connection.save_app_keys(client_id, secret)
        ):
            saved()


def _connect_personal(*, primary: bool) -> None:
    st.markdown(
        t(
            "In Dinero: Integrations → See and create API keys → Personal integration → ask for API credentials. "
            "Dinero sends Client ID and Client Secret by e-mail; the API key is made on the same page."
        )
    )
    with st.form("personal", border=False):
        client_id = st.text_input("Client ID", autocomplete="off")
        secret = st.text_input("Client Secret", type="password", autocomplete="off")
        key = st.text_input(t("API key"), type="password", autocomplete="off")
        if st.form_submit_button(t("Connect"), type=ui.kind(primary), on_click=forget_return) and ui.attempt(
            lambda: dashboard().connection.connect_personal(client_id, secret, key)
        ):
            saved(t("{system} is connected.", system="Dinero"))


def pick_organization(chosen: Settings) -> Organization | None:
    """The organization that is picked among those the connection reaches; None when none is, or they can't be read."""
    try:
        found = dashboard().connection.organizations()
    except DashboardError as error:
        st.error(ui.say(error.text), icon=":material/error:")
        return None
    with_pro = [organization for organization in found if organization.has_pro]
    usual = with_pro[0].id if len(with_pro) == 1 else None
    ids = [organization.id for organization in found]
    refused = dashboard().health.of(DINERO).remedy is Remedy.PRO  # as of now, whatever the list said when it was read

    def named(found: Organization) -> str:
        if refused and found.id == chosen.organization:
            return f"{found.name} ({found.id})"
        return f"{found.name} ({found.id}) · {t('has Pro') if found.has_pro else t('no Pro subscription')}"

    marked = chosen.organization if chosen.organization in ids else usual
    picked: Organization | None = st.radio(
        t("Organization"),
        found,
        index=ids.index(marked) if marked in ids else None,
        format_func=named,
        key=f"organization/{chosen.organization}",
    )
    if (picked is not None and not picked.has_pro) or not with_pro:
        st.warning(
            t(
                "The API needs Dinero Pro or Total. Upgrade to Pro in Dinero, and press "
                "“Fetch the organizations again”."
            ),
            icon=":material/warning:",
        )
        st.html(drawn.out("https://app.dinero.dk", t("Open Dinero")))
    return picked if picked is not None and picked.has_pro else None


def fetch_organizations() -> None:
    """The button that reads them anew."""
    if st.button(t("Fetch the organizations again"), icon=":material/refresh:", on_click=forget_return) and ui.attempt(
        lambda: dashboard().connection.organizations(fresh=True)
    ):
        st.rerun()


def choose_organization(organization: str) -> None:
    """Stores it with its accounts, and goes on."""
    with st.spinner(t("Fetching accounts from Dinero …")):
        done = ui.attempt(lambda: dashboard().accounts.choose_organization(organization))
    if done:
        saved()


def pick_trigger(chosen: Settings) -> str:
    """When an order is transferred; "paid" is what most use."""
    names = {"paid": t("When it is paid (the usual)"), "sent": t("When it is sent")}
    picked: str = st.radio(
        t("An order is transferred"),
        list(names),
        index=list(names).index(chosen.trigger) if chosen.trigger in names else 0,
        format_func=names.__getitem__,
        captions=[ui.say(text) for text in TRIGGER_MEANINGS],
        key=f"trigger/{chosen.trigger}",
    )
    return picked


def pick_account(chosen: Settings) -> DepositAccount | None:
    """The account where the sales stand until the money is in the bank, with a word against the bank account."""
    accounts = [account for account in chosen.chart.deposits.values() if not account.hidden]
    numbers = [account.number for account in accounts]
    account: DepositAccount | None = st.selectbox(
        t("Booking account"),
        accounts,
        index=numbers.index(chosen.booking_account) if chosen.booking_account in numbers else None,
        format_func=lambda a: f"{a.number} {a.name}" + (f" · {t('bank account')}" if a.is_bank else ""),
        placeholder=t("Choose an account"),
        # Another saved choice is another widget: what the browser still shows of the old one is not saved over it.
        key=f"account/{chosen.booking_account}",
    )
    if account is not None and account.is_bank:
        ui.bank_warning()
        fee_bar.choice()
    return account


def webshop_account(chosen: Settings) -> DepositAccount | None:
    """The account "Webshop salg", where it is there already."""
    deposits = chosen.chart.deposits.values()
    return next((a for a in deposits if a.name == WEBSHOP_ACCOUNT_NAME and not a.hidden), None)


def use_webshop_account(label: str, *, primary: bool) -> None:
    """The button that finds or creates "Webshop salg" and chooses it."""
    if st.button(label, type=ui.kind(primary), key="webshop account"):
        with st.spinner(t("Creating the account in Dinero …")):
            done = ui.attempt(dashboard().accounts.create_webshop_account)
        if done:
            saved()


def pick_take_over(chosen: Settings) -> TakeOver:
    """From which order on; 1 January is the usual."""
    year, today = first_of_year(dashboard().clock), copenhagen_date(dashboard().clock.now())
    ways = {
        "year": t("From {date} (the usual)", date=year),
        "today": t("From today, {date}", date=today),
        "date": t("From another date"),
        "number": t("From an order number"),
    }
    kept = {year: "year", today: "today", None: "year"}.get(chosen.take_over_date, "date")
    way = st.radio(
        t("Which orders are to be transferred?"),
        list(ways),
        index=list(ways).index("number" if chosen.take_over_number is not None else kept),
        format_func=ways.__getitem__,
        captions=[
            t("All orders of this year are booked from here."),
            t("If this year's orders are in the books already, begin today."),
            "",
            t("The order's number decides, whenever the order is paid or sent."),
        ],
        key=f"take over/{chosen.take_over_date}/{chosen.take_over_number}",
    )
    st.caption(
        t(
            "Orders from before the start date are not touched, so that nothing is booked twice. Switch another "
            "integration off first. An older order that is paid or sent only later is left out too, unless you say "
            "otherwise on the order."
        )
    )
    if way == "number":
        return TakeOver(
            number=order_number(st.text_input(t("First order number"), value=str(chosen.take_over_number or "")))
        )
    if way == "date":
        value = chosen.take_over_date or year
        return TakeOver(st.date_input(t("First order date"), format="DD-MM-YYYY", value=value))
    return TakeOver(year if way == "year" else today)


def order_number(typed: str) -> int | None:
    """An order number as it is typed; None, and a sentence where something else stands there."""
    typed = typed.strip()
    if typed and not (typed.isascii() and typed.isdigit() and len(typed) < 16):
        st.error(t("An order number is digits only."))
        return None
    return int(typed) if typed else None


# --- a page of choices --------------------------------------------------------------------------------------------


def save_changes(chosen: Settings, wanted: Mapping[str, object] | None) -> None:
    """The one save of a page of choices for all shops. None: what is typed can't be read."""
    changed = {name: value for name, value in (wanted or {}).items() if value != getattr(chosen, name)}
    if not save_bar(changed):
        return
    organization, account = changed.pop("organization", None), changed.pop("booking_account", None)
    if organization is not None:
        choose_organization(str(organization))
        return
    done = not isinstance(account, int) or ui.attempt(lambda: dashboard().accounts.choose_booking_account(account))
    if done and (not changed or ui.attempt(lambda: dashboard().settings.save(**changed))):
        saved()


def save_bar(changed: object) -> bool:
    """The save itself, which can be pressed when something differs from what is stored; whether it was."""
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button(t("Save changes"), type="primary", disabled=not changed, key="save")
        if changed:
            st.caption(t("You have changes that are not saved."), width="content")
    return pressed and bool(changed)


def part_head(title: str, show: str, *, tab: str, label: str = "") -> None:
    """The name of a part of the page Opsætning, with the way to change it; without `show` there is none."""
    link = change(drawn.to("/setup", tab=tab, show=show), title, label) if show else ""
    st.html(f'<div class="part"><h3>{escape(title)}</h3>{link}</div>')


def change(address: str, what: str, label: str = "") -> str:
    """The link that opens what is chosen already, named for those who hear it alone."""
    told = escape(label or t("Change: {step}", step=what))
    return f'<a class="go" href="{escape(address)}" aria-label="{told}">{escape(label or t("Change"))}</a>'


def facts(names: Sequence[str], rows: Sequence[Sequence[str]], *, empty: str) -> None:
    """A table that is only read; `empty` is said where there is no row."""
    st.html(facts_table(names, rows) if rows else f'<p class="quiet">{escape(empty)}</p>')


def facts_table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The same as HTML; on a phone each value stands with its name."""
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    body = "".join(
        "<tr>"
        + "".join(f'<td data-name="{escape(n)}">{escape(v)}</td>' for n, v in zip(names, row, strict=True))
        + "</tr>"
        for row in rows
    )
    return f'<table class="facts"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
