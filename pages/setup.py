"""Opsætning in five tabs, each with one save: connections, booking, VAT and payments, payouts, access and data."""

from collections.abc import Mapping
from html import escape

import streamlit as st

from dinero import __version__
from dinero.model.health import DINERO
from dinero.model.i18n import LANGUAGES, Text
from dinero.model.settings import FeeRate
from dinero.web.requests import DOWNLOAD_BACKUP, DOWNLOAD_EXPORT, PASSWORD
from pages import acquirers, backfill, controls, drawn, fee_bar, new_shop, shop, shops, steps, ui, vat
from pages.ui import t

ui.owner_only()
dashboard = ui.dashboard()
chosen = dashboard.settings.load()


def strip(names: Mapping[str, str], current: str) -> None:
    """The tabs: links, so that each is an address."""
    links = "".join(
        f'<a class="go" href="{drawn.to("/setup", tab=name)}"{" aria-current=page" if name == current else ""}>'
        f"{escape(title)}</a>"
        for name, title in names.items()
    )
    st.html(f'<nav class="tabs" aria-label="{escape(t("Parts of the set-up"))}">{links}</nav>')


# --- connections --------------------------------------------------------------------------------------------------


def connections(show: str) -> None:
    """All connections with how they are, and the ways to make them anew; or one webshop; or the form for one more."""
    controls.came_back()
    if name := st.query_params.get("shop"):
        shop.part(chosen, name)
        return
    if show == shops.NEW:
        st.html(drawn.link(shops.place(), f"‹ {t('All connections')}"))
        st.subheader(t("Add a webshop"))
        new_shop.form(chosen, primary=True)
        return
    new_shop.trouble()
    organization = chosen.organization
    with st.container(border=True):
        health, name = dashboard.health.of(DINERO), chosen.organization_name
        if shops.connection(health, "Dinero", name, lambda: controls.connect_dinero(primary=False)):
            picked = controls.pick_organization(chosen)
            organization = picked.id if picked is not None else organization
            controls.fetch_organizations()
    shops.boxes(chosen)
    with st.container(horizontal=True, vertical_alignment="center"):
        controls.save_changes(chosen, {"organization": organization})
        if chosen.connection is not None:
            with st.popover(t("More")):
                disconnect()
    details()


def disconnect() -> None:
    st.markdown(
        t(
            "The keys are forgotten here, and nothing can be transferred until you connect again. "
            "What is in Dinero stays."
        )
    )
    if st.button(t("Disconnect Dinero"), key="disconnect", icon=":material/link_off:"):
        dashboard.connection.disconnect()
        controls.saved(t("Dinero is disconnected."))


def details() -> None:
    """What only a supplier asks for."""
    inside = st.expander(t("Details"), on_change="rerun", key="details")
    if not inside.open:
        return
    with inside:
        age = dashboard.accounts.age()
        told = [
            t("At most {calls} calls to Dinero a minute.", calls=ui.number(dashboard.connection.calls_per_minute)),
            *(
                t(
                    "{calls} of {allowed} calls to {webshop} used in the last 24 hours",
                    calls=ui.number(dashboard.shops.calls_today(name)),
                    allowed=ui.number(dashboard.shops.calls_today(name) + left),
                    webshop=ui.escape(known.title),
                )
                for name, known in chosen.known_shops.items()
                if (left := dashboard.shops.calls_left(name)) is not None and dashboard.shops.has_keys(name)
            ),
        ]
        if age is not None:
            told.append(t("Accounts fetched {ago}.", ago=ui.ago_of(age)) + " " + t("Every transfer fetches them anew."))
        st.markdown("  \n".join(told))
        if chosen.organization and st.button(t("Fetch the accounts again"), icon=":material/refresh:"):
            ui.attempt(dashboard.accounts.refresh, t("The accounts are fetched."))


# --- booking ------------------------------------------------------------------------------------------------------


def books(show: str) -> None:
    """When, on which account and from where orders are booked, and what the acquirer keeps."""
    own_choices()
    trigger = controls.pick_trigger(chosen)
    number = chosen.booking_account
    if chosen.organization is None:
        st.caption(t("Choose the organization first."))
    else:
        st.markdown(t("The account where the sale stands until the money is in the bank, for example “Webshop salg”."))
        account = controls.pick_account(chosen)
        number = account.number if account is not None else number
        if controls.webshop_account(chosen) is None:
            controls.use_webshop_account(t("Create the account “Webshop salg”"), primary=False)
    taken = controls.pick_take_over(chosen)
    rates = fees(editing=show == "fees")
    wanted: dict[str, object] = {"trigger": trigger, "booking_account": number, "fee_rates": rates}
    if taken.is_chosen:
        wanted |= {"take_over_date": taken.first, "take_over_number": taken.number}
    controls.save_changes(chosen, None if rates is None else wanted)
    st.divider()
    backfill.part(chosen, opened=show == "older")


def own_choices() -> None:
    """Where there are several webshops: what is chosen here counts for those that have no choice of their own."""
    if not dashboard.shops.several:
        return
    links = []
    for one in dashboard.shops.all():
        own = chosen.of_shop(one.name).trigger
        moment = f" ({escape(steps.trigger_name(own))})" if own != chosen.trigger else ""
        links.append(drawn.link(shops.place(one.name), one.title) + moment)
    told = t("These choices are for all webshops. A webshop may have its own moment, account and start:")
    st.html(f'<p class="quiet">{escape(told)} {", ".join(links)}</p>')


def fees(*, editing: bool) -> Mapping[str, FeeRate] | None:
    """The acquirer's rates with a way to change them; what is typed, None while it can't be read."""
    controls.part_head(t("Your acquirer's fees"), "" if editing else "fees", tab="books")
    if not editing:
        told = {method: fee_bar.said(rate) for method, rate in chosen.fee_rates.items()}
        measured = dashboard.orders.measured_fees().of_methods(chosen)
        told |= {method: fee_bar.said_measured(rate) for method, rate in measured.items()}
        names = ui.method_names(told)
        rows = [(names[method] or t("(no name)"), rate) for method, rate in sorted(told.items())]
        controls.facts((t("Payment method"), t("Fee")), rows, empty=t("Not filled in: the guide's example is used."))
        return chosen.fee_rates
    rates = fee_bar.rates_of(fee_bar.type_rates("setup"))
    if isinstance(rates, Text):
        st.error(ui.say(rates))
        return None
    return rates


# --- access and data ----------------------------------------------------------------------------------------------


def access() -> None:
    """Language, passwords, the accountant, and what is kept here."""
    names = {"da": "Dansk", "en": "English"}
    language = st.radio(
        t("Language"),
        LANGUAGES,
        index=LANGUAGES.index(chosen.language),
        format_func=names.__getitem__,
        horizontal=True,
        key=f"language/{chosen.language}",
    )
    wanted: dict[str, object] = {"language": language}
    if dashboard.sign_in.has_reader():
        wanted["reader_may_answer"] = st.toggle(
            t("The accountant may answer questions about orders"),
            value=chosen.reader_may_answer,
            key=f"may answer/{chosen.reader_may_answer}",
        )
    controls.save_changes(chosen, wanted)
    st.html(f'<a class="plain" href="{PASSWORD}" target="_self">{t("Change the password, or sign out everywhere")}</a>')
    accountants_access()
    keep_data()
    st.caption(t("Version {version}", version=__version__))


def accountants_access() -> None:
    st.subheader(t("The accountant's access"))
    has = dashboard.sign_in.has_reader()
    if has:
        since = dashboard.sign_in.reader_since()
        st.success(
            t("The accountant has access since {date}.", date=since.date())
            if since
            else t("The accountant has access."),
            icon=":material/visibility:",
        )
    st.markdown(
        t(
            "With a password of their own, your accountant sees orders, history, reconciliation and the rules, and can "
            "change nothing. You can let them answer questions."
        )
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.form("reader", border=False, clear_on_submit=True):
            password = st.text_input(t("The accountant's password"), type="password", autocomplete="new-password")
            label = t("Change the accountant's password") if has else t("Give the accountant access")
            if st.form_submit_button(label) and ui.attempt(lambda: dashboard.sign_in.set_reader_password(password)):
                controls.saved(t("The accountant can sign in with that password now."))
        if has and st.button(t("Take the access away"), icon=":material/block:"):
            dashboard.sign_in.set_reader_password(None)
            controls.saved(t("The access is taken away."))


def keep_data() -> None:
    st.subheader(t("Your data"))
    st.markdown(
        t(
            "A backup holds everything; the secrets in it are encrypted, and the key that opens them is not "
            "in it. The export is for reading: CSV and JSON of all orders, documents and the history. Keep "
            "both for five years, as the bookkeeping act asks for."
        )
    )
    st.html(
        f'<a class="plain" href="{DOWNLOAD_BACKUP}" target="_self">{t("Download a backup")}</a> · '
        f'<a class="plain" href="{DOWNLOAD_EXPORT}" target="_self">{t("Export everything")}</a>'
    )
    forget = st.expander(t("A customer wants to be forgotten"), on_change="rerun", key="forget customer")
    if forget.open:
        with forget:
            forget_customer()


def forget_customer() -> None:
    st.markdown(
        t(
            "Name and address are removed from what is stored here; invoice numbers, amounts and the history stay. "
            "Delete the customer in Dinero too."
        )
    )
    with st.form("forget", border=False, clear_on_submit=True):
        email = st.text_input(t("The customer's e-mail"))
        sure = st.checkbox(t("I know that this can't be taken back"))
        if st.form_submit_button(t("Remove the customer's data"), icon=":material/person_remove:"):
            if not sure:
                st.error(t("Tick that you know that this can't be taken back."))
            else:
                ui.attempt(lambda: dashboard.orders.forget_customer(email), t("The customer's data was removed."))


TABS = {
    "connections": t("Connections"),
    "books": t("Booking"),
    "vat": t("VAT and payments"),
    "payouts": t("Payouts"),
    "access": t("Access and data"),
}
show = st.query_params.get(controls.SHOW, "")
# A number of the overview leads to the rates by their name alone.
tab = st.query_params.get("tab") or ("books" if show == "fees" else "connections")
st.title(t("Set-up"))
steps.hint()
strip(TABS, tab)
with st.container(width=controls.READABLE):
    if tab == "books":
        books(show)
    elif tab == "vat":
        vat.tab(chosen, show)
    elif tab == "payouts":
        acquirers.tab(chosen, show)
    elif tab == "access":
        access()
    else:
        connections(show)
