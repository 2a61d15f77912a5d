"""Set-up: the owner's steps in the order of Shoporama's guide, with what is done and what is missing."""

from decimal import Decimal

import streamlit as st

from dinero.model.chart import WEBSHOP_ACCOUNT_NAME, DepositAccount
from dinero.model.errors import DashboardError
from dinero.model.i18n import LANGUAGES, Text
from dinero.model.money import AmountError, Money
from dinero.model.settings import CONNECT, FeeRate, first_of_year, parse_percent
from pages import rules as pages_rules
from pages import ui
from pages.ui import t

ui.owner_only()
dashboard = ui.dashboard()
chosen = dashboard.settings.load()


DONE = {
    1: chosen.connection is not None and not dashboard.connection.has_ended,
    2: chosen.organization is not None,
    3: chosen.trigger is not None,
    4: chosen.booking_account is not None,
    5: dashboard.shop.is_connected,
    6: chosen.take_over_chosen,
}
FEES_FIRST = st.query_params.get("show") == "fees"  # a number of the overview leads here
# The first step that is missing has the page's primary button.
NEXT = next((number for number, done in DONE.items() if not done), 0)


def step(number: int, title: str, result: str = "") -> "st.delta_generator.DeltaGenerator":
    """The frame of one step: its number, its name, and what is done or missing."""
    box = st.container(border=True)
    mark = ":green[:material/check_circle:]" if DONE[number] else ":orange[:material/radio_button_unchecked:]"
    status = result if DONE[number] else t("Missing")
    box.markdown(f"{mark} **{number}. {title}** · {ui.escape(status)}")
    return box


def goto(name: str, path: str, label: str, *, primary: bool) -> None:
    """A button that leaves for another site in the same tab, as Streamlit's own can't (facts.md, Streamlit 1.5)."""
    look = "goto" if primary else "goto later"
    st.html(f'<a id="{name}" class="{look}" href="{path}" target="_self">{label}</a>')


def show_return() -> None:
    """What came of a trip to Dinero's or Shoporama's site."""
    if connected := st.query_params.get("connected"):
        names = {"dinero": "Dinero", "shop": "Shoporama"}
        st.success(t("{system} is connected.", system=names.get(connected, "")), icon=":material/check_circle:")
    if problem := st.query_params.get("problem"):
        kept = dashboard.store.look_ups.get(f"problem:{problem}")
        if kept is not None:
            st.error(ui.say(Text.from_json(kept[0])), icon=":material/error:")


def connect_dinero() -> None:
    kinds = {CONNECT: t("through Visma Connect"), "personal": t("with your own API key")}
    with step(1, t("Connect to Dinero"), kinds.get(chosen.connection or "", "")):
        if DONE[1]:
            with st.popover(t("Disconnect Dinero")):
                st.markdown(
                    t(
                        "The keys are forgotten here, and nothing can be transferred until you connect again. "
                        "What is in Dinero stays."
                    )
                )
                if st.button(t("Disconnect"), key="disconnect", icon=":material/link_off:"):
                    dashboard.connection.disconnect()
                    st.rerun()
            return
        site, own = st.tabs([t("Approve at Dinero"), t("Personal integration")])
        with site:
            connect_at_visma()
        with own:
            connect_personal()


def connect_at_visma() -> None:
    st.markdown(t("You are taken to Dinero's site, sign in there and approve, and are brought back here."))
    if all(dashboard.connection.app_keys()):
        goto("connect-dinero", "/oauth/start", t("Connect to Dinero"), primary=NEXT == 1)
        return
    st.markdown(
        t(
            "It needs an app in the Visma Developer Portal (type Web application, with the scopes "
            "dineropublicapi:read, dineropublicapi:write and offline_access). If you have none, use the personal "
            "integration."
        )
    )
    with st.form("app", border=False):
        client_id = st.text_input(t("Client id (begins with isv)"), autocomplete="off")
        secret = st.text_input(t("Client secret"), type="password", autocomplete="off")
        if st.form_submit_button(t("Save the app's keys")) and ui.attempt(
            lambda: dashboard.connection.save_app_keys(client_id, secret)
        ):
            st.rerun()


def connect_personal() -> None:
    st.markdown(
        t(
            "In Dinero: Integrations → See and create API keys → Personal integration → ask for API credentials. "
            "Dinero sends client id and secret by e-mail; the API key is made on the same page."
        )
    )
    with st.form("personal", border=False):
        client_id = st.text_input(t("Client id"), autocomplete="off")
        secret = st.text_input(t("Client secret"), type="password", autocomplete="off")
        key = st.text_input(t("API key"), type="password", autocomplete="off")
        if st.form_submit_button(t("Connect"), type=ui.kind(NEXT == 1)) and ui.attempt(
            lambda: dashboard.connection.connect_personal(client_id, secret, key)
        ):
            st.rerun()


def choose_organization() -> None:
    with step(2, t("Choose the organization"), chosen.organization_name):
        if chosen.connection is None:
            st.caption(t("Connect to Dinero first."))
            return
        try:
            found = dashboard.connection.organizations()
        except DashboardError as error:
            st.error(ui.say(error.text), icon=":material/error:")
            return
        ids = [organization.id for organization in found]
        picked = st.radio(
            t("Organization"),
            found,
            index=ids.index(chosen.organization) if chosen.organization in ids else 0 if len(found) == 1 else None,
            format_func=lambda o: f"{o.name} ({o.id}) · {t('has Pro') if o.has_pro else t('no Pro subscription')}",
            key="organization",
        )
        if picked is not None and not picked.has_pro:
            st.warning(
                t("The API needs Dinero Pro or Total. Change the subscription in Dinero, then fetch again."),
                icon=":material/warning:",
            )
        with st.container(horizontal=True):
            disabled = picked is None or not picked.has_pro or picked.id == chosen.organization
            kind = ui.kind(NEXT == 2)
            if st.button(t("Choose this organization"), type=kind, disabled=disabled) and picked is not None:
                with st.spinner(t("Fetching accounts from Dinero …")):
                    done = ui.attempt(lambda: dashboard.accounts.choose_organization(picked.id))
                if done:
                    st.rerun()
            if st.button(t("Fetch organizations again"), icon=":material/refresh:") and ui.attempt(
                lambda: dashboard.connection.organizations(fresh=True)
            ):
                st.rerun()


def choose_trigger() -> str | None:
    names = {"paid": t("when they are paid"), "sent": t("when they are sent")}
    with step(3, t("Choose when orders are transferred"), names.get(chosen.trigger or "", "")):
        trigger = st.radio(
            t("Orders are transferred"),
            list(names),
            index=list(names).index(chosen.trigger) if chosen.trigger else None,
            format_func=names.__getitem__,
            horizontal=True,
            key="trigger",
        )
        st.caption(
            t("“Paid” in Shoporama means that the amount is reserved; the money is drawn when the order is sent.")
        )
    return trigger


def choose_account() -> DepositAccount | None:
    current = f"{chosen.booking_account} {chosen.booking_account_name}" if chosen.booking_account else ""
    with step(4, t("Choose the booking account"), current):
        st.markdown(
            t(
                "The account on which each sale is registered as paid: a deposit account between the shop and the "
                "bank, for example “webshop salg” or “skyldig debitor”."
            )
        )
        if chosen.organization is None:
            st.caption(t("Choose the organization first."))
            return None
        accounts = [account for account in chosen.chart.deposits.values() if not account.hidden]
        numbers = [account.number for account in accounts]
        account = st.selectbox(
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
        with st.container(horizontal=True):
            there = any(account.name == WEBSHOP_ACCOUNT_NAME for account in accounts)
            if not there and st.button(t("Create the account “Webshop salg”"), icon=":material/add:"):
                with st.spinner(t("Creating the account in Dinero …")):
                    done = ui.attempt(dashboard.accounts.create_webshop_account)
                if done:
                    st.rerun()
            if st.button(t("Fetch the accounts again"), icon=":material/refresh:") and ui.attempt(
                dashboard.accounts.refresh
            ):
                st.rerun()
        age = dashboard.accounts.age()
        if age is not None:
            st.caption(t("Accounts fetched {ago}.", ago=ui.ago_of(age)) + " " + t("Every transfer fetches them anew."))
    return account


def save_choices(trigger: str | None, account: DepositAccount | None) -> None:
    """The guide's last step: nothing of 3 and 4 counts before it is saved."""
    number = account.number if account is not None else None
    changed = (trigger, number) != (chosen.trigger, chosen.booking_account) and (trigger or number)
    kind = ui.kind(bool(changed) or NEXT in (3, 4))
    if st.button(t("Save"), type=kind, disabled=not changed, key="save", icon=":material/save:"):
        done = trigger is None or ui.attempt(lambda: dashboard.settings.save(trigger=trigger))
        if done and (number is None or ui.attempt(lambda: dashboard.accounts.choose_booking_account(number))):
            st.toast(t("Saved."), icon=":material/check:")
            st.rerun()
    if changed:
        st.caption(t("You have changes in step 3 or 4 that are not saved."))


def connect_shop() -> None:
    with step(5, t("Connect the shop"), chosen.shop_name or t("connected")):
        if DONE[5]:
            st.caption(
                t("{calls} of 1,000 calls to Shoporama used in the last 24 hours", calls=dashboard.shop.calls_today())
            )
        site, own = st.tabs([t("Approve at Shoporama"), t("API key")])
        with site:
            st.markdown(t("You are taken to Shoporama, sign in, choose the shop and approve reading."))
            label = t("Connect another shop") if DONE[5] else t("Connect to Shoporama")
            goto("connect-shop", "/oauth/shop/start", label, primary=NEXT == 5)
        with own:
            st.markdown(t("In Shoporama: Account → Webshop → API access. Make a key of its own with read access."))
            with st.form("shop", border=False):
                key = st.text_input(t("The shop's API key"), type="password", autocomplete="off")
                if st.form_submit_button(t("Connect")) and ui.attempt(lambda: dashboard.shop.connect(key)):
                    st.rerun()


def take_over() -> None:
    if chosen.take_over_number is not None:
        result = t("from order number {number}", number=str(chosen.take_over_number))
    else:
        result = t("from {date}", date=chosen.take_over_date) if chosen.take_over_date else ""
    with step(6, t("Choose from when the dashboard takes over"), result):
        st.markdown(
            t(
                "Older orders are left alone, so that orders that were booked by hand or by another integration are "
                "not booked again. Switch the other integration off first."
            )
        )
        ways = {"date": t("from an order date"), "number": t("from an order number")}
        way = st.radio(
            t("Take over"),
            list(ways),
            format_func=ways.__getitem__,
            horizontal=True,
            index=1 if chosen.take_over_number is not None else 0,
        )
        if way == "date":
            st.caption(
                t(
                    "The order's date decides: an order from before it that is paid or sent only after it is left "
                    "to what you used before, unless you say otherwise on the order."
                )
            )
        else:
            st.caption(t("The order's number decides, whenever the order is paid or sent."))
        with st.form("take over", border=False):
            if way == "date":
                first = st.date_input(
                    t("First order date"),
                    format="DD-MM-YYYY",
                    value=chosen.take_over_date or first_of_year(dashboard.clock),
                )
                number = ""
            else:
                first = None
                number = st.text_input(t("First order number"), value=str(chosen.take_over_number or "")).strip()
            if st.form_submit_button(t("Save"), type=ui.kind(NEXT == 6)):
                if way == "number" and not (number.isascii() and number.isdigit() and len(number) < 16):
                    st.error(t("An order number is digits only."))
                else:
                    dashboard.settings.save(take_over_date=first, take_over_number=int(number) if number else None)
                    st.rerun()


def fees(methods: list[str]) -> None:
    with st.expander(t("Fee rates, for the estimate of the payout"), icon=":material/percent:", expanded=FEES_FIRST):
        st.markdown(t("What the acquirer keeps of each sale, by payment method. Only the estimate uses them."))
        if not methods:
            st.caption(t("Fetch orders first: the payment methods come from them."))
            return
        with st.form("fees", border=False):
            typed = {}
            for method in methods:
                rate = chosen.fee_rates.get(method)
                name, percent, fixed = st.columns([2, 1, 1], vertical_alignment="bottom")
                name.markdown(ui.escape(method or t("(no name)")))
                typed[method] = (
                    percent.text_input(
                        t("Percent"),
                        key=f"percent/{method}",
                        placeholder="1,45",
                        value=str(rate.percent).replace(".", ",") if rate else "",
                    ),
                    fixed.text_input(
                        t("Fixed, kr."),
                        key=f"fixed/{method}",
                        placeholder="0,70",
                        value=fixed_text(rate) if rate else "",
                    ),
                )
            if st.form_submit_button(t("Save")):
                save_fees(typed)


def fixed_text(rate: FeeRate) -> str:
    return f"{Decimal(rate.fixed_ore).scaleb(-2)}".replace(".", ",")


def save_fees(typed: dict[str, tuple[str, str]]) -> None:
    rates = {method: rate for method, rate in dashboard.settings.load().fee_rates.items() if method not in typed}
    for method, (percent, fixed) in typed.items():
        if not percent.strip() and not fixed.strip():
            continue
        try:
            amount = Money.from_danish(fixed) if fixed.strip() else Money(0)
            rates[method] = FeeRate(parse_percent(percent or "0"), amount.ore)
        except AmountError:
            st.error(t("“{text}” is not an amount. Write it as 0,70.", text=fixed))
            return
        except DashboardError as error:
            st.error(ui.say(error.text))
            return
    dashboard.settings.save(fee_rates=rates)
    st.rerun()


def choose_password() -> None:
    with st.expander(t("Password"), icon=":material/key:"):
        st.html(
            f'<a class="plain" href="/password" target="_self">{t("Change the password, or sign out everywhere")}</a>'
        )


def accountants_access() -> None:
    with st.expander(t("The accountant's access"), icon=":material/visibility:"):
        st.markdown(
            t(
                "With a password of their own, your accountant sees history, reconciliation and EU sales, and "
                "can change nothing."
            )
        )
        with st.form("reader", border=False, clear_on_submit=True):
            password = st.text_input(t("The accountant's password"), type="password", autocomplete="new-password")
            if st.form_submit_button(t("Save")):
                done = t("The accountant can sign in with that password now.")
                ui.attempt(lambda: dashboard.sign_in.set_reader_password(password), done)
        if dashboard.sign_in.has_reader() and st.button(t("Take the access away"), icon=":material/block:"):
            ui.attempt(lambda: dashboard.sign_in.set_reader_password(None), t("The access is taken away."))
            st.rerun()


def keep_data() -> None:
    with st.expander(t("Your data"), icon=":material/database:"):
        st.markdown(
            t(
                "A backup holds everything; the secrets in it are encrypted, and the key that opens them is not "
                "in it. The export is for reading: CSV and JSON of all orders, documents and the history. Keep "
                "both for five years, as the bookkeeping act asks for."
            )
        )
        st.html(
            f'<a class="plain" href="/download/backup" target="_self">{t("Download a backup")}</a> · '
            f'<a class="plain" href="/download/export" target="_self">{t("Export everything")}</a>'
        )
        st.markdown(
            t(
                "**A customer wants to be forgotten.** Name and address are removed from what is stored here; "
                "invoice numbers, amounts and the history stay. Remove the contact in Dinero "
                "there."
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


def choose_language() -> None:
    with st.expander(t("Language"), icon=":material/translate:"):
        names = {"da": "Dansk", "en": "English"}
        language = st.radio(
            t("Language"),
            LANGUAGES,
            index=LANGUAGES.index(chosen.language),
            format_func=names.__getitem__,
            horizontal=True,
            label_visibility="collapsed",
        )
        if language != chosen.language:
            dashboard.settings.save(language=language)
            st.rerun()


st.title(t("Set-up"))
st.html(
    "<style>a.goto{display:inline-block;padding:.45rem 1rem;border-radius:.5rem;background:#1b5e7d;color:#fff;"
    "text-decoration:none;font-weight:600}a.goto:hover{background:#144a63}"
    "a.goto.later{background:none;color:inherit;border:1px solid;font-weight:400}"
    "a.plain{color:inherit}</style>"
)
methods = dashboard.store.sums.payment_methods()
show_return()
if FEES_FIRST:
    fees(methods)
connect_dinero()
choose_organization()
trigger = choose_trigger()
account = choose_account()
save_choices(trigger, account)
connect_shop()
take_over()
if NEXT == 0 and not chosen.missing():
    st.success(t("Everything is set up. Orders can be transferred."), icon=":material/check_circle:")
    if st.button(t("Go to the orders"), type="primary", icon=":material/arrow_forward:"):
        st.switch_page("orders.py")
st.subheader(t("For the accountant"))
pages_rules.accounts(chosen)
pages_rules.methods(chosen, methods)
pages_rules.eu_sales(chosen)
pages_rules.exactness(chosen)
pages_rules.rules(chosen)
accountants_access()
st.subheader(t("The dashboard itself"))
if not FEES_FIRST:
    fees(methods)
keep_data()
choose_language()
choose_password()
