"""What pages, routes and commands ask for: one object that holds the parts together.

Pages draw and this decides: no page speaks HTTP or SQL, and no push runs inside a page (facts.md, rule 13).
"""

import hashlib
import logging
import secrets
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from dinero.api.answers import field
from dinero.api.auth import Auth
from dinero.api.client import Dinero
from dinero.api.session import Session
from dinero.api.vies import Vies
from dinero.automatic.alarms import PASSWORD as MAIL_PASSWORD
from dinero.automatic.alarms import Alarms, check_addresses
from dinero.automatic.runner import ASKED, NUDGED, Runner, Status, load_status
from dinero.booking.corrections import no_correction, preview_correction
from dinero.booking.push import run_operation
from dinero.environment import Environment
from dinero.intake import reading
from dinero.intake.assessing import Assessor
from dinero.intake.backfill import Backfill, plan_backfill
from dinero.intake.chart import refresh_chart
from dinero.intake.consulting import consult
from dinero.intake.customers import differences, find_customer, sync_contacts
from dinero.intake.fetching import CURSOR, Fetched, fetch_orders, reassess, reassess_credits, reassess_one
from dinero.model import settings
from dinero.model.chart import WEBSHOP_ACCOUNT_NAME, Chart
from dinero.model.clock import Clock, SystemClock, copenhagen_date
from dinero.model.documents import Action, Event, Operation, StoredOrder
from dinero.model.errors import NO_PRO, AnswerUnknown, ConnectionStopped, DashboardError, SettingsError, TryLater
from dinero.model.findings import Finding, Question
from dinero.model.i18n import DEFAULT_LANGUAGE, Text
from dinero.model.money import DKK, Money
from dinero.model.orders import Order
from dinero.model.plans import InvoicePlan
from dinero.model.settings import PERSONAL, MailSettings, Settings
from dinero.reports.overview import Overview, look
from dinero.reports.reconcile import Entry, Reconciliation, reconcile
from dinero.reports.reconcile import loads as loads_reconciliation
from dinero.rules import changes
from dinero.rules.fees import Payout, estimate_payout
from dinero.rules.vat_numbers import cvr_digits
from dinero.safekeeping import backup as safekeeping
from dinero.shops.shoporama.client import Shoporama
from dinero.shops.shoporama.sign_in import oauth_start_url, read_oauth_return
from dinero.signin.oidc import Oidc, read_provider
from dinero.signin.sessions import SignIn
from dinero.store import Store
from dinero.store.charts import cache_key
from dinero.store.look_ups import ORIGIN_REFUSED
from dinero.store.vault import Vault

log = logging.getLogger(__name__)

LEAST_CALLS = 3  # an order of a known customer: create, book, pay
CONNECT_CALLS, PERSONAL_CALLS = 100, 60  # a minute (facts.md, Dinero 3, "Limits")
# Where a document is seen in Dinero's own pages, with its Guid at the end. Seen in one public client only, and not
# documented: this is the one place to change. The sandbox has the same path.
DINERO_PAGES = "https://app.dinero.dk/{organization}/sales/"
SHOP_CALLS_A_DAY = 1000  # facts.md, Shoporama 1
DAY = 86_400.0
SHOP_STATE = "shop"
SHOP_STATE_AGE = timedelta(minutes=10)
SHOP_KEY = "shop.key"
CHECK_AGE = timedelta(days=1)  # how long a check of older orders may be ago when they are let in
DINERO_APP = "dinero.app"
ORGANIZATIONS = "organizations"
IDLE_SECONDS = 1.0
# Settings that no order's state follows from.
NO_MATTER_TO_ORDERS = {"language", "fee_rates", "automatic", "every_minutes", "mail"}
MAX_PERIOD_DAYS = 400
CHOOSE_AGAIN = Text("Choose an organization that your connection to Dinero reaches.")


@dataclass(frozen=True, slots=True)
class Organization:
    """A company in Dinero; the API needs its Pro subscription (facts.md, Dinero 1.24)."""

    id: str
    name: str
    has_pro: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """What a push would do with one order: a plan, or the findings that hold it."""

    row: StoredOrder
    order: Order
    findings: list[Finding]
    plan: InvoicePlan | None
    customer_known: bool
    notes: tuple[Text, ...] = ()


class Services:
    """The dashboard's jobs on one data folder."""

    def __init__(self, environment: Environment, *, clock: Clock | None = None) -> None:
        self.environment = environment
        self.clock = clock or SystemClock()
        self.store = Store(environment.data_dir, clock=self.clock)
        self.store.settings.pin_kind(demo=environment.demo)
        self.vault = Vault(self.store)
        self.sign_in = SignIn(self.store, self.vault, self.clock)
        self.auth = Auth(
            self.vault, self.store, self.clock, token_url=environment.token_url, connect_url=environment.connect_url
        )
        self.demo = environment.demo
        self.public_url = environment.public_url
        provider = read_provider(environment)
        self.oidc = Oidc(provider, self.store, self.vault, self.clock) if provider else None
        if provider is not None:
            self.sign_in.open_sessions()
        self.alarms = Alarms(self.store, self.vault, self.clock, self.settings, address=environment.public_url or "")
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    # --- settings ------------------------------------------------------------------------------------

    def settings(self) -> Settings:
        """All choices, with the chart of accounts as it was fetched last."""
        return self.store.settings.load()

    def save(self, **choices: Any) -> Settings:
        """Stores choices; the orders get their states anew when it matters to them. Raises SettingsError."""
        saved = self.store.settings.save(**choices)
        if choices.keys() - NO_MATTER_TO_ORDERS:
            reassess(self.store)
        return saved

    def language(self) -> str:
        """The language that was chosen, "da" or "en"."""
        return str(self.store.settings.all().get("language", DEFAULT_LANGUAGE))

    # --- connecting to Dinero ------------------------------------------------------------------------

    def connect_personal(self, client_id: str, client_secret: str, api_key: str) -> None:
        """Connects with the owner's own keys. Raises DashboardError with what to do."""
        self.auth.connect_personal(client_id.strip(), client_secret.strip(), api_key.strip())
        self.organizations(fresh=True)

    def app_keys(self) -> tuple[str, str]:
        """Client id and secret of the app at Visma, from the environment or as the owner typed them."""
        try:
            stored = self.vault.get(DINERO_APP) or ["", ""]
        except SettingsError:  # kept under another key: they are typed again
            stored = ["", ""]
        return (self.environment.connect_client_id or stored[0], self.environment.connect_client_secret or stored[1])

    def save_app_keys(self, client_id: str, client_secret: str) -> None:
        """Keeps client id and secret of the app at Visma, encrypted."""
        if not (client_id.strip() and client_secret.strip()):
            raise SettingsError(Text("Fill in the client id and secret of your app in the Visma Developer Portal."))
        self.vault.put(DINERO_APP, [client_id.strip(), client_secret.strip()])

    def start_dinero_connect(self, redirect_uri: str) -> str:
        """The address at Visma Connect where the owner approves."""
        return self.auth.start_connect(*self.app_keys(), redirect_uri)

    def finish_dinero_connect(self, answer: Mapping[str, str]) -> None:
        """Takes Visma Connect's answer. Raises DashboardError with what to do."""
        self.auth.finish_connect(answer)
        self.organizations(fresh=True)

    def disconnect(self) -> None:
        """Forgets the connection to Dinero."""
        self.auth.disconnect()
        self.store.look_ups.put(ORGANIZATIONS, None)
        reassess(self.store)

    @property
    def calls_per_minute(self) -> int:
        """Dinero's limit for this connection, or what the environment says."""
        usual = PERSONAL_CALLS if self.settings().connection == PERSONAL else CONNECT_CALLS
        return self.environment.calls_per_minute or usual

    def dinero(self, organization: str | None = None) -> Dinero:
        """A client for the chosen organization, on the budget that all share."""
        chosen = self.settings()
        session = Session(
            self.environment.api_url,
            self.auth,
            self.store,
            calls_per_minute=self.calls_per_minute,
            clock=self.clock,
        )
        return Dinero(session, organization or chosen.organization or "")

    # --- organization and accounts -------------------------------------------------------------------

    def organizations(self, *, fresh: bool = False) -> list[Organization]:
        """The organizations that the connection reaches, as fetched last. Raises DashboardError."""
        cached = self.store.look_ups.get(ORGANIZATIONS)
        if fresh or cached is None:
            self.store.look_ups.put(ORGANIZATIONS, self.dinero().organizations())
            cached = self.store.look_ups.get(ORGANIZATIONS)
        rows = cached[0] if cached else []
        return [
            Organization(
                str(field(row, "Id")),
                str(field(row, "Name") or ""),
                bool(field(field(row, "Subscription"), "HasPro")),
            )
            for row in rows
        ]

    def choose_organization(self, organization_id: str) -> Settings:
        """Chooses an organization and fetches its accounts. Raises SettingsError or ConnectionStopped (no Pro)."""
        found = next((o for o in self.organizations(fresh=True) if o.id == organization_id), None)
        if found is None:
            raise SettingsError(CHOOSE_AGAIN)
        if not found.has_pro:
            raise ConnectionStopped(NO_PRO)
        self._refresh(self.dinero(found.id))
        other = self.settings().organization not in (None, found.id)
        account = {"booking_account": None, "booking_account_name": None} if other else {}
        return self.save(organization=found.id, organization_name=found.name, **account)

    def refresh_accounts(self) -> Chart:
        """Fetches accounts, accounting years and customers anew. Raises DashboardError."""
        chart = self._refresh(self.dinero())
        reassess(self.store)
        return chart

    def _refresh(self, dinero: Dinero) -> Chart:
        # Customers too: the preview says which of them are in Dinero already.
        sync_contacts(dinero, self.store)
        return refresh_chart(dinero, self.store)

    def accounts_age(self) -> timedelta | None:
        """How long ago the accounts were fetched, or None."""
        cached = self.store.look_ups.get(cache_key(self.settings().organization or "", "deposit"))
        return self.clock.now() - cached[1] if cached else None

    def choose_booking_account(self, number: int) -> Settings:
        """Chooses the deposit account on which sales are registered. Raises SettingsError."""
        account = self.settings().chart.deposits.get(number)
        if account is None or account.hidden:
            raise SettingsError(
                Text("Account {number} is not a deposit account in use in Dinero. Choose another.", number=str(number))
            )
        return self.save(booking_account=number, booking_account_name=account.name)

    def create_webshop_account(self) -> Settings:
        """Creates the deposit account "Webshop salg" on a free number, or finds it, and chooses it."""
        dinero = self.dinero()
        chart = refresh_chart(dinero, self.store)
        existing = next((a for a in chart.deposits.values() if a.name == WEBSHOP_ACCOUNT_NAME and not a.hidden), None)
        if existing is not None:
            return self.choose_booking_account(existing.number)
        number = chart.free_number()
        if number is None:
            raise SettingsError(Text("There is no free number for a new account. Create the account in Dinero."))
        try:
            dinero.create_deposit_account(number, WEBSHOP_ACCOUNT_NAME)
        except AnswerUnknown:
            log.warning("the answer to creating account %d was lost; looking", number)
        refresh_chart(dinero, self.store)
        self.store.history.add(
            Event(
                "account created",
                Text("Account {number} {name} was created in Dinero.", number=str(number), name=WEBSHOP_ACCOUNT_NAME),
            )
        )
        return self.choose_booking_account(number)

    # --- the shop ------------------------------------------------------------------------------------

    def shop(self, key: str | None = None) -> Shoporama:
        """A client for the shop. Raises SettingsError when no key is there."""
        key = key or self.vault.get(SHOP_KEY)
        if not key:
            raise SettingsError(Text("The shop is not connected. Enter the shop's API key on the set-up page."))
        return Shoporama(self.environment.shop_url, key, clock=self.clock, spend=self._spend_shop_call)

    def _spend_shop_call(self) -> None:
        seconds = self.store.calls.take("shoporama", limit=SHOP_CALLS_A_DAY, window=DAY)
        if seconds > 0:
            text = Text(
                "Shoporama allows {calls} calls a day, and they are used. Fetch again later.", calls=SHOP_CALLS_A_DAY
            )
            raise TryLater(text, seconds=seconds)

    shop_calls_a_day = SHOP_CALLS_A_DAY

    def shop_calls_today(self) -> int:
        """Calls to the shop in the last 24 hours, of SHOP_CALLS_A_DAY."""
        return self.store.calls.count("shoporama", window=DAY)

    @property
    def shop_connected(self) -> bool:
        """Whether a key to the shop is stored."""
        return self.store.secrets.get(SHOP_KEY) is not None

    def connect_shop(self, key: str) -> None:
        """Proves the shop's API key with one call and stores it. Raises DashboardError."""
        if not key.strip():
            raise SettingsError(Text("Enter the shop's API key."))
        self.shop(key.strip()).check()
        self.vault.put(SHOP_KEY, key.strip())
        self.store.history.add(Event("connected", Text("The shop was connected.")))

    def start_shop_connect(self, redirect_uri: str) -> str:
        """The address at Shoporama where the owner approves."""
        state = secrets.token_urlsafe(32)
        self.store.states.open(_hash(state), SHOP_STATE, b"")
        return oauth_start_url(self.environment.shop_url, redirect_uri, state)

    def finish_shop_connect(self, answer: Mapping[str, str]) -> None:
        """Takes Shoporama's answer, which carries the key. Raises DashboardError with what to do."""
        state = answer.get("state", "")
        if self.store.states.spend(_hash(state), SHOP_STATE, max_age=SHOP_STATE_AGE) is None:
            raise SettingsError(Text("The answer from Shoporama is too old or was used before. Connect again."))
        grant = read_oauth_return(answer, self.environment.shop_url)
        self.connect_shop(grant.token)
        if grant.prices_include_vat is not None:
            self.store.look_ups.put(reading.PRICES, grant.prices_include_vat)
        self.save(shop_name=grant.shop_name or None)

    # --- orders --------------------------------------------------------------------------------------

    def fetch(self, *, whole: bool = False) -> Fetched:
        """Reads new and changed orders from the shop, or all of them (`whole`), and asks VIES about EU companies.
        Raises DashboardError."""
        found = fetch_orders(self.shop(), self.store, whole=whole)
        self.consult()
        return found

    def consult(self) -> int:
        """Asks VIES about the VAT numbers that orders wait for, as far as it may be asked now; returns how many of
        these orders have their answer."""
        return consult(self.store, self.settings(), self.vies)

    def vies(self) -> Vies:
        """A client of VIES that asks with the organization's own VAT number, as Dinero told it last."""
        return Vies(self.environment.vies_url, self.clock, requester=self._own_vat_number())

    def _own_vat_number(self) -> str:
        """The organization's VAT number with its prefix, "" when it has none or it is not known."""
        if self.store.look_ups.get(ORGANIZATIONS) is None:
            try:
                self.organizations()
            except DashboardError as error:
                log.warning("the organization's VAT number is not known: %s", type(error).__name__)
        rows, _ = self.store.look_ups.get(ORGANIZATIONS) or ([], None)
        own = next((row for row in rows if str(field(row, "Id")) == self.settings().organization), None)
        number = cvr_digits(str(field(own, "VatNumber") or ""))
        return number if number[:2].isalpha() else f"DK{number}" if number else ""

    def overview(self) -> Overview:
        """How things are today, summed from what is stored here."""
        chosen = self.settings()
        return look(self.store, copenhagen_date(self.clock.now()), chosen.fee_rates, chosen.booking_account)

    def fetched_at(self) -> str | None:
        """When the orders were fetched last (UTC ISO), None when they never were."""
        cached = self.store.look_ups.get(CURSOR)
        return str(cached[0]) if cached else None

    def shop_calls_left(self) -> int:
        """Calls to the shop that are left of the last 24 hours' allowance."""
        return max(0, SHOP_CALLS_A_DAY - self.shop_calls_today())

    def previews(self, rows: Iterable[StoredOrder]) -> list[Preview]:
        """What a push would do with these orders, by the same functions that the push uses."""
        chosen = self.settings()
        assess = Assessor(self.store, chosen)
        found = []
        for row in rows:
            now = assess.safely(row)
            organization, plan = chosen.organization or "", now.plan
            contact = find_customer(self.store, organization, plan.customer) if plan and not now.original else None
            notes = [Text.loads(note) for note in plan.notes] if plan else []
            if plan is not None and contact is not None:
                notes += differences(self.store, organization, contact, plan.customer)
            known = plan is not None and (now.original is not None or contact is not None)
            found.append(Preview(row, now.order, now.findings, plan, known, tuple(notes)))
        return found

    def estimate(self, rows: Iterable[StoredOrder]) -> Payout:
        """What the bank will receive of these orders in kroner, by the owner's fee rates."""
        sales = [
            (row.payment_method, Money(row.total_ore))
            for row in rows
            if row.total_ore is not None and row.currency == DKK
        ]
        return estimate_payout(sales, self.settings().fee_rates)

    def invoice_pages(self) -> str:
        """Where invoices are seen in Dinero's own pages (not certain, see DINERO_PAGES), or in the sandbox: an address
        that a Guid completes."""
        address = DINERO_PAGES.format(organization=self.settings().organization)
        return self.environment.api_url + urlsplit(address).path if self.demo else address

    def ignore(self, row: StoredOrder, reason: str | None) -> None:
        """Leaves an order out, with the owner's reason, or takes that back (None). Raises SettingsError."""
        if reason is not None and not reason.strip():
            raise SettingsError(Text("Write why the order is left out."))
        self.store.orders.ignore(row.key, reason.strip()[:300] if reason is not None else None)
        reassess_one(self.store, row.key)

    # --- questions and rules -------------------------------------------------------------------------

    def answer(self, row: StoredOrder, question: Question, value: str, *, as_rule: bool = False) -> None:
        """Answers a question for one order, or for all as a rule. Raises SettingsError for no such choice."""
        choice = next((choice for choice in question.choices if choice.value == value), None)
        if choice is None or (as_rule and not question.can_be_rule):
            raise SettingsError(Text("Choose one of the answers."))
        if as_rule:
            self.save(rules={**self.settings().rules, question.key: value})
            return
        # A choice that names an order may name another customer, and what is in the history stays there.
        told = value if choice.text.values else choice.text.render("en")
        text = Text("{question} was answered: {answer}", question=question.key, answer=told)
        self.store.orders.answer(row.key, question.key, value, text=text)
        reassess_one(self.store, row.key)

    def take_answer_back(self, row: StoredOrder, key: str) -> None:
        """Takes an answer about one order back: its question is asked again."""
        text = Text("The answer about {question} was taken back.", question=key)
        self.store.orders.answer(row.key, key, None, text=text)
        reassess_one(self.store, row.key)

    def forget_rule(self, key: str) -> None:
        """Takes a rule back: its question is asked again."""
        self.save(rules={name: value for name, value in self.settings().rules.items() if name != key})

    # --- corrections ---------------------------------------------------------------------------------

    def correct(self, operation_id: str, row: StoredOrder, action: str, *, reason: str, actor: str) -> bool:
        """Starts the correction of a booked order: "undo", "rebook", "difference", "pay" or "accept"
        (dinero.rules.changes).

        Returns False when this id was used before. Raises SettingsError without a reason.
        """
        if action not in changes.CORRECTIONS:
            raise ValueError(action)
        if not reason.strip():
            raise SettingsError(Text("Write why the invoice is corrected."))
        opened = self.store.operations.open(
            operation_id, [row.key], actor=actor, action=Action(action), detail=reason.strip()[:300]
        )
        if opened:
            text = Text("A correction was started: {reason}", reason=reason.strip()[:300])
            self.store.history.add(Event("correction started", text, order=row.key, operation_id=operation_id))
        return opened

    def correction(self, row: StoredOrder, action: str) -> InvoicePlan | None:
        """The credit note that a correction would book now; None when there is nothing to credit this way."""
        return preview_correction(Assessor(self.store, self.settings()), row, Action(action), self.clock)

    def why_no_correction(self, row: StoredOrder, action: str) -> Finding:
        """Why `correction` gives none, and what to do instead."""
        original = Assessor(self.store, self.settings()).original(row.shop, row.id)
        return no_correction(row.id, original, Action(action))

    def leave_change(self, row: StoredOrder, reason: str) -> None:
        """Leaves an invoice as it is though the shop changed the order. Raises SettingsError without a reason."""
        if not reason.strip():
            raise SettingsError(Text("Write why the invoice stays as it is."))
        self.store.orders.accept_change(row.key, reason=reason.strip()[:300])

    # --- proof of completeness -----------------------------------------------------------------------

    def reconcile(self, first: date, last: date) -> Reconciliation:
        """Compares a period with Dinero and keeps the result. Raises DashboardError."""
        _check_period(first, last)
        if self.settings().organization is None:
            raise SettingsError(CHOOSE_AGAIN)
        result = reconcile(self.dinero(), self.store, first, last)
        head = result.dumps()
        self.store.reconciliations.save(head, head.pop("rows"))
        text = Text(
            "{first} – {last} was reconciled: {doubled} booked twice, {left_out} forgotten.",
            first=first,
            last=last,
            doubled=result.doubled,
            left_out=result.left_out,
        )
        self.store.history.add(Event("reconciled", text, detail=dict(result.counts)))
        return result

    def last_reconciliation(self) -> Reconciliation | None:
        """The result of the last comparison, without its rows."""
        head = self.store.reconciliations.head()
        return loads_reconciliation(head) if head else None

    def whole_reconciliation(self) -> Reconciliation | None:
        """The result of the last comparison with all of its rows, for a file."""
        head = self.store.reconciliations.head()
        return loads_reconciliation(head | {"rows": self.store.reconciliations.entries()}) if head else None

    def reconciled(self, statuses: Sequence[str], *, limit: int, offset: int) -> list[Entry]:
        """Rows of the last comparison, those to look at first; all statuses if none is named."""
        return [Entry(**packed) for packed in self.store.reconciliations.entries(statuses, limit=limit, offset=offset)]

    # --- older orders ----------------------------------------------------------------------------------

    def backfill(self, first: date, last: date) -> Backfill:
        """What a transfer of the older orders of a period would be, checked in Dinero. Orders of a period that is let
        in already may go then, if Dinero does not have them. Raises DashboardError."""
        _check_period(first, last)
        dinero = self.dinero()
        self._refresh(dinero)
        plan = plan_backfill(dinero, self.store, self.settings(), first, last, calls_per_minute=self.calls_per_minute)
        if self.settings().backfills:
            reassess(self.store)
        return plan

    def let_in(self, first: date, last: date) -> Settings:
        """Lets the orders of a period in that `backfill` checked within a day, though they are from before the
        take-over; any other order of the period is held until the period is checked again."""
        days = first.isoformat(), last.isoformat()
        if (first, last) not in self.settings().backfills:
            self.store.orders.forget_checks(*days, before=self.clock.now() - CHECK_AGE)
        ranges = self.settings().backfills
        return self.save(backfills=(*(r for r in ranges if r != (first, last)), (first, last)))

    def keep_out(self, first: date, last: date) -> Settings:
        """Leaves a period's orders to what was used before, as they were; what was transferred stays. If the period
        is let in again, its orders are checked anew: Dinero may have got them meanwhile."""
        self.store.orders.forget_checks(first.isoformat(), last.isoformat())
        return self.save(backfills=tuple(r for r in self.settings().backfills if r != (first, last)))

    # --- pushing -------------------------------------------------------------------------------------

    def push(self, operation_id: str, orders: Sequence[tuple[str, str]], *, actor: str) -> bool:
        """Stores a push for the worker. Returns False when this id was used before: a double click."""
        opened = self.store.operations.open(operation_id, orders, actor=actor)
        if opened:
            text = Text("A transfer of {n} order was started.", "A transfer of {n} orders was started.", n=len(orders))
            self.store.history.add(Event("push started", text, operation_id=operation_id))
        return opened

    def run_push(self, operation_id: str) -> bool:
        """Works a push off here and now; False while another worker has the organization.

        Raises ConnectionStopped or SettingsError when the owner must act; the push is stopped then.
        """
        self.consult()
        worked = run_operation(operation_id, dinero=self.dinero(), store=self.store, load_settings=self.settings)
        if worked:
            reassess_credits(self.store)
        return worked

    def seconds_left(self, operation: Operation, done: float, orders: int) -> int | None:
        """How long a transfer still takes when `done` of its `orders` are done (parts of orders count): as it went so
        far, but no faster than Dinero's call limit, which the first minute does not show. None before there is
        anything to judge by."""
        if not operation.started_at or done < 1:
            return None
        elapsed = (self.clock.now() - datetime.fromisoformat(operation.started_at)).total_seconds()
        left = orders - done
        return int(max(elapsed / done * left, left * LEAST_CALLS * 60 / self.calls_per_minute)) + 1

    def pause(self, operation_id: str) -> None:
        """Asks a push to stop after the orders it has begun."""
        self.store.operations.pause(operation_id)

    def resume(self, operation_id: str) -> None:
        """Lets a paused push go on."""
        self.store.operations.resume(operation_id)

    def start(self) -> None:
        """Starts the worker that runs pushes while pages only watch, and the runner, which works when it is wanted."""
        if any(thread.is_alive() for thread in self._threads):
            return
        self._stop.clear()
        runner = Runner(self, "dashboard", stop=self._stop)
        self._threads = [
            threading.Thread(target=self._work, name="push", daemon=True),
            threading.Thread(target=runner.loop, args=(lambda: self.settings().automatic,), name="run", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Asks both to end; what they have begun is taken up at the next start."""
        self._stop.set()

    def _work(self) -> None:
        while not self._stop.is_set():
            worked = False
            try:
                operation_id = self.store.operations.next()
                worked = operation_id is not None and self.run_push(operation_id)
            except DashboardError as error:
                log.warning("a push needs the owner: %s", error)
            except Exception:  # the worker lives on; the push is marked as stopped
                log.exception("a push failed")
            if not worked:
                self._stop.wait(IDLE_SECONDS)

    # --- the owner's data ------------------------------------------------------------------------------

    def forget_customer(self, email: str) -> int:
        """Removes a customer from all that is stored here; returns in how many orders they were. Raises
        SettingsError."""
        return safekeeping.forget_customer(self.store, email)

    # --- running by itself -----------------------------------------------------------------------------

    def runner_status(self) -> Status | None:
        """What the runner of this data folder does; None when none has run."""
        return load_status(self)

    def run_now(self) -> None:
        """Asks the runner for a round now, also when it has stopped."""
        self.store.look_ups.put(ASKED, True)

    def nudge(self) -> None:
        """The shop says that something happened there: the runner looks soon. Nothing of the call is believed."""
        self.store.look_ups.put(NUDGED, True)

    def webhook_address(self) -> str:
        """The address that the shop may call; without a public https address it is only its path."""
        return f"{self.public_url or ''}/webhooks/shoporama/{self.webhook_secret()}"

    def webhook_secret(self) -> str:
        """The last part of the address that the shop may call. It follows from the vault's key."""
        return self.vault.derive("shoporama webhook")[:40]

    def save_mail(self, mail: MailSettings | None, password: str | None = None) -> Settings:
        """Stores the mail server, and its password unless it is None. Raises SettingsError."""
        if mail is not None:
            check_addresses(mail)
        saved = self.save(mail=mail)
        if password is not None or mail is None:
            self.vault.put(MAIL_PASSWORD, password)
        return saved

    # --- health --------------------------------------------------------------------------------------

    def health(self) -> dict[str, Any]:
        """Whether the server runs and its database answers; nothing about the shop."""
        self.store.settings.all()
        return {"status": "ok"}

    def doctor(self) -> list[Finding]:
        """What is missing or broken, each with what to do; empty when all is well. Asks Dinero and the shop."""
        found = [Finding(name, *MISSING[name]) for name in self.settings().missing()]
        if not self.shop_connected:
            found.append(Finding("shop", *MISSING["shop"]))
        refused = self.store.look_ups.get(ORIGIN_REFUSED)
        if refused is not None and refused[0][2] == (self.public_url or ""):
            found.append(
                Finding(
                    "public_url",
                    Text(
                        "A page at {origin} was refused: the proxy tells the host {host}.",
                        origin=refused[0][0],
                        host=refused[0][1],
                    ),
                    Text(
                        "Set {name} to the address that the browser shows, and start the dashboard anew.",
                        name="DINERO_PUBLIC_URL",
                    ),
                )
            )
        checks_to_make: list[tuple[str, Callable[[], object]]] = []
        if self.settings().connection and self.settings().organization:
            checks_to_make.append(("dinero", self.refresh_accounts))
        if self.shop_connected:
            checks_to_make.append(("shop", lambda: self.shop().check()))
        for code, check in checks_to_make:
            try:
                check()
            except DashboardError as error:
                found.append(Finding(code, error.text))
        return found

    def set_up_from_environment(self) -> Settings:
        """The headless set-up, each step checked against Dinero and the shop. Raises DashboardError."""
        given = self.environment
        self.connect_personal(given.client_id, given.client_secret, given.api_key)
        organizations = self.organizations()
        wanted = given.organization or (organizations[0].id if len(organizations) == 1 else "")
        self.choose_organization(wanted)
        if not given.booking_account.isdigit():
            raise SettingsError(Text("Set {name} to the number of a deposit account.", name="DINERO_BOOKING_ACCOUNT"))
        self.choose_booking_account(int(given.booking_account))
        first = settings.parse_date(given.from_date) if given.from_date else settings.first_of_year(self.clock)
        if given.shop_key:
            self.connect_shop(given.shop_key)
        if given.trigger not in settings.TRIGGERS:
            raise SettingsError(Text("Set {name} to paid or sent.", name="DINERO_TRIGGER"))
        return self.save(trigger=given.trigger, take_over_date=first, take_over_number=None)


MISSING: dict[str, tuple[Text, Text]] = {
    "connection": (Text("Dinero is not connected."), Text("Connect to Dinero on the set-up page.")),
    "organization": (Text("No organization is chosen."), Text("Choose the organization on the set-up page.")),
    "trigger": (
        Text("It is not chosen when orders are transferred."),
        Text("Choose on the set-up page: when paid or when sent."),
    ),
    "booking_account": (Text("No booking account is chosen."), Text("Choose the booking account on the set-up page.")),
    "take_over": (
        Text("It is not chosen from when the dashboard takes over."),
        Text("Choose the first order date or order number on the set-up page."),
    ),
    "shop": (Text("The shop is not connected."), Text("Connect the shop on the set-up page.")),
}


def _check_period(first: date, last: date) -> None:
    if last < first or (last - first).days > MAX_PERIOD_DAYS:
        raise SettingsError(Text("Choose a period of at most {days} days.", days=MAX_PERIOD_DAYS))


def _hash(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()


@cache
def services() -> Services:
    """The services of this process, from its environment."""
    return Services(Environment.read())
