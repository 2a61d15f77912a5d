"""Running by itself: the switch, when it ran, whom it tells, and what it has told."""

import streamlit as st

from dinero.model.i18n import Text
from dinero.model.settings import MAIL_SECURITY, MINUTES, MailSettings
from pages import ui
from pages.ui import t

ui.owner_only()
dashboard = ui.dashboard()
chosen = dashboard.settings.load()
MAX_ALARMS = 10
SECURITY = {"starttls": "STARTTLS", "tls": "TLS", "none": t("none (this machine only)")}
PORTS = {"starttls": 587, "tls": 465, "none": 25}


@st.fragment(run_every=10.0)
def status() -> None:
    """When it ran last and what came of it, kept fresh."""
    ui.heartbeat()
    now = dashboard.automatic.status()
    if now is not None and now.ended:
        st.caption(t("The last round: {new} new, {done} transferred.", new=now.new, done=now.done))


def switch() -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        wanted = st.toggle(
            t("Transfer automatically"),
            value=chosen.automatic,
            disabled=bool(chosen.missing()),
            key=f"automatic/{chosen.automatic}",
        )
        minutes = st.number_input(
            t("Minutes between rounds"),
            *MINUTES,
            chosen.every_minutes,
            width=180,
            key=f"minutes/{chosen.every_minutes}",
        )
        off = None if chosen.automatic else t("Switch “Transfer automatically” on first.")
        asked = st.button(t("Run now"), icon=":material/play_arrow:", disabled=not chosen.automatic, help=off)
    st.markdown(
        t(
            "Each round fetches the orders and transfers those that wait, as your own click would. Orders with a "
            "question or a mistake are left for you, and the rest goes on."
        )
    )
    if chosen.missing():
        st.info(t("The set-up is not complete. The steps are under Set-up."), icon=":material/tune:")
    if (wanted, int(minutes)) != (chosen.automatic, chosen.every_minutes):
        dashboard.settings.save(automatic=wanted, every_minutes=int(minutes))
        st.rerun()
    if asked:
        dashboard.automatic.run_now()
        st.toast(t("A round begins in a moment."), icon=":material/play_arrow:")


def webhook() -> None:
    with st.expander(t("Let the shop wake it (webhook)"), icon=":material/bolt:"):
        st.markdown(
            t(
                "Make a webhook in Shoporama for the events “paid” and “new status” with this address. It only "
                "wakes the dashboard, which then reads the orders itself, at most once a minute."
            )
        )
        if dashboard.public_url:
            st.code(dashboard.shop.webhook_address(), language=None)
            st.caption(t("The address is a secret: whoever knows it can wake the dashboard, but nothing else."))
        else:
            st.info(
                t(
                    "The shop can only reach a dashboard with an address on the internet. Set {name}.",
                    name="DINERO_PUBLIC_URL",
                ),
                icon=":material/public_off:",
            )


def mail() -> None:
    with st.expander(t("Alarms by e-mail"), icon=":material/mail:", expanded=chosen.mail is None and chosen.automatic):
        now = chosen.mail
        trouble = dashboard.alarms.trouble()
        if trouble:
            st.error(ui.say(Text.from_json(trouble)), icon=":material/unsubscribe:")
        with st.form("mail", border=False):
            left, right = st.columns(2)
            host = left.text_input(t("Mail server"), value=now.host if now else "", placeholder="smtp.example.com")
            security = right.selectbox(
                t("Encryption"),
                MAIL_SECURITY,
                format_func=SECURITY.__getitem__,
                index=MAIL_SECURITY.index(now.security) if now else 0,
            )
            port = right.number_input(t("Port (0: the usual one)"), 0, 65535, now.port if now else 0)
            user = left.text_input(t("User name"), value=now.user if now else "", autocomplete="off")
            password = left.text_input(
                t("Password"),
                type="password",
                autocomplete="off",
                placeholder=t("unchanged") if now else "",
            )
            recipient = right.text_input(t("To (your own address)"), value=now.recipient if now else "")
            sender = right.text_input(t("From (an address of that server)"), value=now.sender if now else "")
            daily = left.toggle(t("A summary every morning"), value=bool(now and now.daily))
            saved = st.form_submit_button(t("Save"), type="primary")
        st.caption(
            t(
                "Of each cause at most one mail goes out in an hour. Mails hold order numbers and reasons, no "
                "customers’ data."
            )
        )
        if saved:
            settings = MailSettings(
                host.strip(),
                int(port) or PORTS[security],
                security,
                user.strip(),
                sender.strip(),
                recipient.strip(),
                daily,
            )
            if ui.attempt(
                lambda: dashboard.settings.save_mail(settings, password or None), t("The mail server was saved.")
            ):
                st.rerun()
        if now is not None:
            with st.container(horizontal=True):
                if st.button(t("Send a test mail"), icon=":material/send:"):
                    ui.attempt(dashboard.alarms.test, t("The test mail was sent."))
                if st.button(t("No mails any more"), icon=":material/unsubscribe:"):
                    dashboard.settings.save_mail(None)
                    st.rerun()


@st.fragment(run_every=10.0)
def alarms() -> None:
    """What it has told, kept fresh."""
    st.subheader(t("Alarms"))
    rows = dashboard.store.alarms.list(limit=MAX_ALARMS)
    if not rows:
        st.info(t("There has been no alarm."), icon=":material/check_circle:")
        return
    for row in rows:
        with st.container(border=True, gap="xsmall"):
            st.markdown(f":material/notifications: {ui.escape(ui.say(row.text))}")
            mailed = t("mailed {time}", time=ui.moment(row.mailed_at)) if row.mailed_at else t("not mailed")
            st.caption(f":material/schedule: {ui.moment(row.created_at)} · {mailed}")
    st.page_link(
        "history.py",
        label=t("All alarms are in the history"),
        icon=":material/history:",
        query_params={"events": t("Alarm")},
    )


st.title(t("Automatic"))
status()
switch()
webhook()
mail()
alarms()
