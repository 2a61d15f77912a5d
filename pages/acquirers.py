"""The tab "Payouts" of Opsætning: where payouts and fees are booked, and each acquirer's choices and keys."""

from collections.abc import Mapping
from html import escape

import streamlit as st

from dinero.dashboard.sources import KEYS
from dinero.model.acquirers import EXCHANGE_ACCOUNT, FEE_VATS, NAMED_KINDS, STAYS, Way, acquirer_of
from dinero.model.chart import Account, DepositAccount
from dinero.model.i18n import Text
from dinero.model.payouts import Movement
from dinero.model.settings import Settings
from pages import controls, drawn, ui
from pages.ui import t

dashboard = ui.dashboard
NONE = 0  # no account: no choice of its own, or none at all
RESULT = range(1, 50000)  # accounts of the year's result, where fees and differences belong
WAYS: Mapping[Way, tuple[Text, Text]] = {
    Way.BOOK: (
        Text("Book payout and fee"),
        Text("The bank's line is matched with our voucher in Dinero's bank reconciliation. Never add it once more."),
    ),
    Way.FEE: (
        Text("Only the fee"),
        Text("You book the bank's line on the booking account in Dinero's bank reconciliation; we book the rest."),
    ),
    Way.DRAFT: (
        Text("Lay it in kassekladde"),
        Text("Payout and fee lie unbooked in Dinero, and you book them there."),
    ),
    Way.NOTHING: (Text("Do nothing"), Text("You book all of it yourself. The payouts are still compared here.")),
}
KINDS = {
    Movement.RESERVE: Text("What is kept back as a reserve"),
    Movement.CORRECTION: Text("Corrections and other postings"),
    Movement.OTHER: Text("What is none of these"),
}


def tab(chosen: Settings, show: str) -> None:
    """The accounts that all share, then each acquirer: read, and one at a time changed."""
    if chosen.organization is None:
        st.caption(t("Choose the organization first."))
        return
    keys = list(dict.fromkeys([*dashboard().acquirers.known(), *KEYS]))
    if show in keys:  # first, where a link from a payout leads
        with st.container(border=True, key=f"acquirer_{show}"):
            acquirer(chosen, show, editing=True)
    accounts(chosen, primary=show not in keys)
    for key in keys:
        if key != show:
            with st.container(border=True, key=f"acquirer_{key}"):
                acquirer(chosen, key, editing=False)


def accounts(chosen: Settings, *, primary: bool) -> None:
    """Bank, fees and exchange differences, saved by one button."""
    st.markdown(
        t(
            "A payout goes from the booking account to the bank, and the fee to an account of its own. That way the "
            "booking account shows what the acquirers owe you."
        )
    )
    bank = deposit(
        t("The bank account where payouts arrive"),
        chosen,
        chosen.bank_account,
        key=f"bank/{chosen.bank_account}",
        without=(chosen.booking_account,),
    )
    fee = entry(t("The account of fees"), chosen, chosen.fee_account, key=f"fee/{chosen.fee_account}")
    exchange = entry(
        t("Sales in another currency: the account of the difference"),
        chosen,
        chosen.exchange_account,
        key=f"exchange/{chosen.exchange_account}",
        none=t("Hold such payouts (account {number} is the usual)", number=str(EXCHANGE_ACCOUNT)),
    )
    changed = {"bank": bank != chosen.bank_account, "fee": fee != chosen.fee_account}
    changed["exchange"] = exchange != chosen.exchange_account
    if st.button(
        t("Save changes"), type=ui.kind(primary), disabled=not any(changed.values()), key="save_payout_accounts"
    ):
        part = dashboard().acquirers
        done = not changed["bank"] or ui.attempt(lambda: part.choose_bank_account(bank))
        if done and changed["fee"] and fee is not None:
            done = ui.attempt(lambda: part.choose_fee_account(fee))
        if done and changed["exchange"]:
            done = ui.attempt(lambda: part.choose_exchange_account(exchange))
        if done:
            controls.saved()


def deposit(
    label: str, chosen: Settings, number: int | None, *, key: str, without: tuple[int | None, ...] = (), none: str = ""
) -> int | None:
    """A choice among the deposit accounts in use; with `none` also that of no account."""
    found = [a for a in chosen.chart.deposits.values() if not a.hidden and a.number not in without]
    return pick(label, found, number, key=key, none=none)


def entry(label: str, chosen: Settings, number: int | None, *, key: str, none: str = "") -> int | None:
    """A choice among the accounts of the result that are in use."""
    found = [a for a in chosen.chart.accounts.values() if not a.hidden and (a.number in RESULT or a.number == number)]
    return pick(label, found, number, key=key, none=none)


def pick(
    label: str, found: "list[DepositAccount] | list[Account]", number: int | None, *, key: str, none: str = ""
) -> int | None:
    """A choice among accounts."""
    names = {account.number: f"{account.number} {account.name}" for account in found}
    if none and number is not None and number not in names:  # one that can't be chosen any more stays until another is
        names = {number: str(number), **names}
    options = [*([NONE] if none else []), *names]
    now = number if number is not None else NONE
    picked: int | None = st.selectbox(
        label,
        options,
        index=options.index(now) if now in options else None,
        format_func=lambda one: none if one == NONE else names[one],
        placeholder=t("Choose an account"),
        key=key,
    )
    return picked or None


def acquirer(chosen: Settings, key: str, *, editing: bool) -> None:
    """One acquirer: what was chosen for it, or the form; and its keys."""
    name = acquirer_of(key).name
    if editing:
        controls.part_head(name, "", tab="payouts")
        form(chosen, key)
    else:
        controls.part_head(name, key, tab="payouts")
        controls.facts((t("Choice"), t("Now")), facts(chosen, key), empty="")
    if key in KEYS:
        connection(key, name)


def facts(chosen: Settings, key: str) -> list[tuple[str, str]]:
    """What was chosen for an acquirer, in words."""
    choice = chosen.acquirer(key)
    way = ui.say(WAYS[choice.way][0]) if choice.way else t("Not chosen yet: its payouts are held.")
    rows = [(t("Payouts"), way + (f" · {t('by itself')}" if choice.by_itself else ""))]
    rows.append((t("VAT on the fee"), vat_name(choice.fee_vat) if choice.fee_vat else t("Not confirmed yet")))
    rows += [
        (ui.say(text), account_name(chosen, choice.accounts[str(kind)]))
        for kind, text in KINDS.items()
        if str(kind) in choice.accounts
    ]
    if choice.methods:
        rows.append((t("Ways to pay"), ", ".join(ui.method_names(choice.methods).values())))
    return rows


def account_name(chosen: Settings, number: int) -> str:
    """An account by its number, and what STAYS means."""
    if number == STAYS:
        return t("stays on the booking account")
    account = chosen.chart.accounts.get(number) or chosen.chart.deposits.get(number)
    return f"{number} {account.name}" if account else str(number)


def vat_name(code: str) -> str:
    """A VAT code of a fee in words."""
    return ui.say(FEE_VATS[code]) if code in FEE_VATS else code


def form(chosen: Settings, key: str) -> None:
    """All choices of an acquirer, saved by one button."""
    choice, preset = chosen.acquirers.get(key), acquirer_of(key).fee_vat
    before = dashboard().acquirers.choice(key)
    way = st.radio(
        t("What is done with its payouts"),
        list(WAYS),
        index=list(WAYS).index(before.way) if before.way else None,
        format_func=lambda one: ui.say(WAYS[one][0]),
        captions=[ui.say(text) for _, text in WAYS.values()],
        key=f"way/{key}/{before.way}",
    )
    own, codes = choice.account if choice else None, list(FEE_VATS)
    account = deposit(
        t("The booking account that its sales stand on"),
        chosen,
        own,
        key=f"account/{key}/{own}",
        none=t("The usual one, {account}", account=account_name(chosen, chosen.booking_account or 0)),
    )
    vat = st.selectbox(
        t("VAT on its fees"),
        codes,
        index=codes.index(code) if (code := before.fee_vat or preset) in codes else None,
        format_func=vat_name,
        placeholder=t("Ask your accountant"),
        key=f"vat/{key}/{before.fee_vat}",
    )
    if before.fee_vat is None:
        told = t("This is what is usual for {name}; save to confirm it.", name=acquirer_of(key).name)
        st.caption(told if preset else t("Nobody but your accountant can say; until then its payouts are held."))
    named = {str(kind): kind_account(chosen, key, kind, before.accounts) for kind in NAMED_KINDS}
    offered = [method for method in dashboard().store.sums.payment_methods() if method]
    names = ui.method_names({*offered, *before.methods})
    ways = st.multiselect(
        t("Ways to pay in the webshop that come through it"),
        [*offered, *(method for method in before.methods if method not in offered)],
        default=list(before.methods),
        format_func=lambda method: names.get(method, method),
        key=f"methods/{key}/{before.methods}",
    )
    by_itself = st.toggle(
        t("Book by itself what is ready and fits"), value=before.by_itself, key=f"by_itself/{key}/{before.by_itself}"
    )
    wanted = {
        "way": way,
        "account": account,
        "fee_vat": vat,
        "accounts": {kind: number for kind, number in named.items() if number is not None},
        "methods": tuple(ways),
        "by_itself": by_itself,
    }
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(t("Save the choices"), type="primary", key=f"save/{key}") and ui.attempt(
            lambda: dashboard().acquirers.choose(key, **wanted)
        ):
            controls.saved()
        st.html(drawn.link(drawn.to("/setup", tab="payouts"), t("Cancel")))


def kind_account(chosen: Settings, key: str, kind: Movement, before: Mapping[str, int]) -> int | None:
    """The account of a kind of line; it may stay where it is, or not be chosen yet."""
    deposits = {a.number: f"{a.number} {a.name}" for a in chosen.chart.deposits.values() if not a.hidden}
    entries = {
        a.number: f"{a.number} {a.name}"
        for a in chosen.chart.accounts.values()
        if not a.hidden and a.number in RESULT and kind is not Movement.RESERVE
    }
    names = {STAYS: t("stays on the booking account"), **entries, **deposits}
    number = before.get(str(kind))
    options = list(names)
    picked: int | None = st.selectbox(
        ui.say(KINDS[kind]),
        options,
        index=options.index(number) if number in options else None,
        format_func=names.__getitem__,
        placeholder=t("Ask when it comes"),
        key=f"kind/{key}/{kind}/{number}",
    )
    return picked


def connection(key: str, name: str) -> None:
    """Payouts without files: the owner's keys, proved with one call, or how the connection is."""
    part, automatic = dashboard().sources, dashboard().settings.load().automatic
    if part.is_connected(key):
        told = t("Connected: payouts are fetched by themselves.") if automatic else t("Connected")
        st.html(f'<p><span class="green">✓</span> &nbsp;{escape(told)}</p>')
        for problem in part.problems(key):
            st.warning(ui.escape(ui.say(problem.text)), icon=":material/error:")
        with st.container(horizontal=True):
            if st.button(t("Fetch now"), key=f"fetch/{key}", icon=":material/refresh:"):
                fetch()
            if st.button(t("Disconnect"), key=f"disconnect/{key}", icon=":material/link_off:"):
                part.disconnect(key)
                controls.saved(t("{system} is disconnected.", system=name))
        return
    inside = st.expander(t("Fetch payouts without files"), on_change="rerun", key=f"connect/{key}")
    if not inside.open:
        return
    with inside, st.form(f"keys/{key}", border=False):
        st.markdown(t("The keys are tried with one call that reads, and kept encrypted. Nothing is changed there."))
        typed = {
            one.name: st.text_input(
                ui.say(one.label), type="password" if one.is_secret else "default", autocomplete="off"
            )
            for one in KEYS[key]
        }
        if st.form_submit_button(t("Connect")):
            with st.spinner(t("Asking {system} …", system=name)):
                done = ui.attempt(lambda: part.connect(key, **typed))
            if done:
                controls.saved(t("{system} is connected.", system=name))


def fetch() -> None:
    """Fetches what is new from each connected acquirer, and says what came."""
    with st.spinner(t("Fetching payouts …")):
        told = dashboard().sources.fetch()
    for one in told:
        if one.error is not None:
            st.error(ui.say(one.error.text), icon=":material/error:")
    n = sum(len(one.new) for one in told)
    if not any(one.error for one in told):
        controls.saved(t("{n} new payout was fetched.", "{n} new payouts were fetched.", n=n))
