"""Running by itself: what it would book before it is switched on, when it ran, whom it tells, and what it has told."""

from html import escape

import streamlit as st

from dinero.model.acquirers import acquirer_of
from dinero.model.documents import Alarm
from dinero.model.i18n import Text
from dinero.model.settings import MAIL_SECURITY, MINUTES, MailSettings
from pages import controls, drawn, steps, transfer_card, ui, webhooks
from pages.ui import t

ui.owner_only()
dashboard = ui.dashboard()
chosen = dashboard.settings.load()
MAX_ALARMS = 10
SECURITY = {"starttls": "STARTTLS", "tls": "TLS", "none": t("none (this machine only)")}
PORTS = {"starttls": 587, "tls": 465, "none": 25}
# Mail servers whose address is public: host, and how it is spoken to on the usual port.
SERVERS = {
    "Gmail": ("smtp.gmail.com", "starttls"),
    "Simply": ("smtp.simply.com", "starttls"),
    "one.com": ("send.one.com", "tls"),
}
OTHER = ""


@st.fragment(run_every=10.0)
def status() -> None:
    """When it ran last and what came of it, kept fresh."""
    ui.heartbeat()
    now = dashboard.automatic.status()
    if now is not None and now.ended:
        st.caption(t("The last round: {new} new, {done} transferred.", new=now.new, done=now.done))


def pick_minutes() -> int:
    return int(
        st.number_input(
            t("Minutes between rounds"),
            *MINUTES,
            chosen.every_minutes,
            width=180,
            key=f"minutes/{chosen.every_minutes}",
        )
    )


def payouts() -> None:
    """What is done with payouts in a round, which is chosen for each acquirer."""
    if not dashboard.sources.connected():
        return
    by_itself = [acquirer_of(key).name for key, choice in sorted(chosen.acquirers.items()) if choice.by_itself]
    told = t("Payouts are fetched, too. You book them yourself.")
    if by_itself:
        told = t("Payouts are fetched, too. Booked by themselves: {names}.", names=", ".join(by_itself))
    st.html(f'<p class="quiet">{escape(told)} {drawn.link(drawn.to("/setup", tab="payouts"), t("Set-up"))}</p>')


def offer() -> None:
    """What the first round would book, and the button that says so."""
    first = dashboard.automatic.first_round()
    if first.count:
        told = {"what": transfer_card.counted(first.invoices, first.credit_notes), "total": ui.by_currency(first.sums)}
        st.markdown(t("**Now waiting: {what} ({total}).** They are transferred in the first round.", **told))
        begin = {False: t("Begin now"), True: t("Begin with new orders; those that wait are left to you")}
        new_only = bool(st.radio(t("Begin"), list(begin), format_func=begin.__getitem__, key="begin"))
    else:
        st.markdown(t("**No order waits now.** New ones are transferred when they are ready."))
        new_only = False
    minutes = pick_minutes()
    if first.count and not new_only:
        label = t("Switch on, and transfer {what} ({total})", **told)
    else:
        label = t("Switch on for new orders")
    if st.button(label, type="primary", disabled=bool(chosen.missing()), key="on") and ui.attempt(
        lambda: dashboard.settings.save(every_minutes=minutes)
    ):
        dashboard.automatic.switch_on(new_only=new_only)
        controls.saved(t("It runs by itself from now on."))


def running() -> None:
    """What was left to the owner, and what can be done while it is on."""
    if left := dashboard.automatic.left_to_owner():
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(
                t(
                    "{n} order waited when it was switched on, and is left to you.",
                    "{n} orders waited when it was switched on, and are left to you.",
                    n=left,
                ),
                width="content",
            )
            if st.button(t("Transfer them in the next round"), key="take all"):
                dashboard.automatic.take_all()
                controls.saved()
    controls.save_changes(chosen, {"every_minutes": pick_minutes()})
    with st.container(horizontal=True):
        if st.button(t("Run now"), icon=":material/play_arrow:"):
            dashboard.automatic.run_now()
            st.toast(t("A round begins in a moment."), icon=":material/play_arrow:")
        if st.button(t("Switch off"), icon=":material/pause:", key="off"):
            dashboard.automatic.switch_off()
            controls.saved(t("It does not run by itself any more."))


def webhook() -> None:
    """How each webshop wakes the dashboard."""
    inside = st.expander(
        t("Fetch at once when an order comes (webhook)"), icon=":material/bolt:", on_change="rerun", key="webhook"
    )
    if not inside.open:
        return
    shops = dashboard.shops.all()
    with inside:
        for shop in shops if webhooks.can_be_reached() else ():
            if len(shops) > 1:
                st.markdown(f"##### {ui.escape(shop.title)}")
            webhooks.draw(shop)
        if not shops:
            st.caption(t("Connect the webshop first."))


def mail() -> None:
    now = chosen.mail
    title = t("Alarms by e-mail to {address}", address=now.recipient) if now else t("Alarms by e-mail")
    with st.expander(title, icon=":material/mail:", expanded=now is None and chosen.automatic):
        if trouble := dashboard.alarms.trouble():
            st.error(ui.say(Text.from_json(trouble)), icon=":material/unsubscribe:")
        type_mail(now)
        st.caption(
            t(
                "Of each cause at most one mail goes out in an hour. Mails hold order numbers and reasons, no "
                "customers’ data."
            )
        )
        if now is not None:
            with st.container(horizontal=True):
                if st.button(t("Send a test mail"), icon=":material/send:"):
                    ui.attempt(dashboard.alarms.test, t("The test mail was sent."))
                if st.button(t("No mails any more"), icon=":material/unsubscribe:"):
                    dashboard.settings.save_mail(None)
                    controls.saved()


def type_mail(now: MailSettings | None) -> None:
    """Whose server, and what it needs to know; what every server of that name has in common is not asked."""
    hosts = {host: name for name, (host, _) in SERVERS.items()}
    names = [*SERVERS, OTHER]
    server = st.selectbox(
        t("Where is your e-mail?"),
        names,
        index=names.index(hosts.get(now.host, OTHER)) if now else 0,
        format_func=lambda name: name or t("Somewhere else"),
        key="server",
    )
    known = SERVERS.get(server)
    with st.form(f"mail/{server}", border=False):
        user = st.text_input(
            t("Your e-mail address there") if known else t("User name"),
            value=now.user if now else "",
            autocomplete="off",
        )
        password = st.text_input(
            t("Password"), type="password", autocomplete="off", placeholder=t("unchanged") if now else ""
        )
        if server == "Gmail":
            st.caption(t("Gmail wants an app password, which you make in your Google account."))
        recipient = st.text_input(t("To (your own address)"), value=now.recipient if now else "")
        daily = st.toggle(t("A summary every morning"), value=bool(now and now.daily))
        host, security = known or (now.host if now else "", now.security if now else "starttls")
        with st.expander(t("Details"), expanded=known is None):
            port = PORTS[security]
            if known is None:
                host = st.text_input(t("Mail server"), value=host, placeholder="smtp.example.com")
                security = st.selectbox(
                    t("Encryption"),
                    MAIL_SECURITY,
                    format_func=SECURITY.__getitem__,
                    index=MAIL_SECURITY.index(security),
                )
                typed = st.number_input(t("Port (0: the usual one)"), 0, 65535, now.port if now else 0)
                port = int(typed) or PORTS[security]
            else:
                st.caption(f"{host} · {SECURITY[security]} · {port}")
            sender = st.text_input(t("From (an address of that server)"), value=now.sender if now else "")
        saved = st.form_submit_button(t("Save"))
    if saved:
        settings = MailSettings(
            host.strip(), port, security, user.strip(), sender.strip() or user.strip(), recipient.strip(), daily
        )
        if ui.attempt(lambda: dashboard.settings.save_mail(settings, password or None)):
            controls.saved(t("The mail server was saved."))


@st.fragment(run_every=10.0)
def alarms() -> None:
    """What it has told, kept fresh."""
    st.subheader(t("Alarms"))
    rows = dashboard.store.alarms.list(limit=MAX_ALARMS)
    if not rows:
        st.html(f'<p class="quiet">{escape(t("There has been no alarm."))}</p>')
        return
    st.html(f'<ul class="rows alarms" aria-label="{escape(t("Alarms"))}">{"".join(map(told, rows))}</ul>')
    st.html(drawn.link(drawn.to("/history", events=t("Alarm")), t("All alarms are in the history")))


def told(row: Alarm) -> str:
    """An alarm whose order numbers lead to the orders."""
    text = escape(ui.say(row.text))
    numbers = str(row.text.values.get("numbers", ""))
    if numbers:
        links = (drawn.link(drawn.to("/orders", view="all", search=number), number) for number in numbers.split(", "))
        text = text.replace(escape(numbers), ", ".join(links))
    mailed = t("mailed {time}", time=ui.moment(row.mailed_at)) if row.mailed_at else t("not mailed")
    return f'<li><span>{text}</span><span class="note">{escape(f"{ui.moment(row.created_at)} · {mailed}")}</span></li>'


st.title(t("Automatic"))
steps.hint()
with st.container(width=controls.READABLE):
    if chosen.automatic:
        status()
        st.markdown(
            t(
                "The dashboard fetches and transfers by itself, every minute. Orders that need you are left.",
                "The dashboard fetches and transfers by itself, every {n} minutes. Orders that need you are left.",
                n=chosen.every_minutes,
            )
        )
        running()
    else:
        st.markdown(
            t(
                "Switched on, the dashboard fetches and transfers by itself, also at night. "
                "Orders that need you are left."
            )
        )
        offer()
    payouts()
    webhook()
    mail()
    alarms()
