"""Alarms: what the owner must know when nobody looks at the page, kept in the store and sent by e-mail.

One mail gathers what is new; of each cause at most one goes out in an hour. A mail holds order numbers and sentences,
no customers' data.
"""

import logging
import re
import smtplib
import ssl
from collections.abc import Callable
from datetime import date, timedelta
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from dinero.model.clock import COPENHAGEN, Clock
from dinero.model.documents import NEEDS_OWNER, Event
from dinero.model.errors import SettingsError, TryLater
from dinero.model.i18n import Text
from dinero.model.money import DKK, Money
from dinero.model.settings import MailSettings, Settings
from dinero.store import Store
from dinero.store.vault import Vault

log = logging.getLogger(__name__)

EVERY = timedelta(hours=1)
RETRY = timedelta(minutes=5)
NEWS = timedelta(days=1)  # what is older, from before mails were set up, is on the page only
SUMMARY_HOUR = 7  # Copenhagen
SECONDS = 20.0
MAX_ALARMS = 100
PASSWORD = "mail.password"  # noqa: S105 - the name of a secret
TROUBLE = "mail.trouble"
SUMMARY, FAILED = "summary", "mail failed"
_ADDRESS = re.compile(r"[^\s@<>,;:\"]{1,64}@[^\s@<>,;:\"]{1,255}")

Send = Callable[[MailSettings, str, EmailMessage], None]


def send(mail: MailSettings, password: str, message: EmailMessage) -> None:
    """Hands a message to the mail server. Raises OSError or smtplib.SMTPException."""
    context = ssl.create_default_context()
    if mail.security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(mail.host, mail.port, timeout=SECONDS, context=context)
    else:
        server = smtplib.SMTP(mail.host, mail.port, timeout=SECONDS)
    with server:
        if mail.security == "starttls":
            server.starttls(context=context)
        if mail.user:
            server.login(mail.user, password)
        server.send_message(message)


def check_addresses(mail: MailSettings) -> None:
    """Raises SettingsError for an address that is none: nothing else may come into a mail's head."""
    for address in (mail.sender, mail.recipient):
        if not _ADDRESS.fullmatch(address):
            raise SettingsError(Text("“{text}” is not an e-mail address.", text=address[:60]))


class Alarms:
    """Raises alarms and sends them. `load` gives the settings as they are now."""

    def __init__(
        self,
        store: Store,
        vault: Vault,
        clock: Clock,
        load: Callable[[], Settings],
        *,
        address: str = "",
        send: Send = send,
    ) -> None:
        self._store = store
        self._vault = vault
        self._clock = clock
        self._load = load
        self._address = address
        self._send = send

    def raise_(self, cause: str, text: Text) -> None:
        """Keeps an alarm, and a row of the history with it."""
        self._store.alarms.add(cause, text)
        self._store.history.add(Event("alarm", text, detail={"cause": cause}))

    def deliver(self) -> None:
        """Sends what is new and may go now; trouble with the mail server is kept for the page, not raised."""
        chosen = self._load()
        if chosen.mail is None:
            return
        now = self._clock.now()
        if self._store.alarms.mailed_since(FAILED, now - RETRY):
            return
        waiting = self._store.alarms.unmailed(since=now - NEWS, limit=MAX_ALARMS)
        causes = [
            cause
            for cause in dict.fromkeys(row.cause for row in waiting)
            if self._store.alarms.claim_mail(cause, before=now - EVERY)
        ]
        due = [row for row in waiting if row.cause in causes]
        if due:
            lines = [row.text.render(chosen.language) for row in due]
            subject = Text("Dinero needs you: {n} alarm", "Dinero needs you: {n} alarms", n=len(due))
            if self._post(chosen, subject, lines):
                self._store.alarms.set_mailed([row.id for row in due])
            else:
                for cause in causes:
                    self._store.alarms.release_mail(cause)
        if chosen.mail.daily:
            self._summarize(chosen)

    def test(self) -> None:
        """Sends a mail now. Raises SettingsError or TryLater with what to do."""
        chosen = self._load()
        if chosen.mail is None:
            raise SettingsError(Text("Fill in the mail server first."))
        text = Text("This is a test. Alarms of the dashboard will come to this address.")
        if not self._post(chosen, Text("Test mail from Dinero"), [text.render(chosen.language)]):
            raise TryLater(Text.from_json(self.trouble() or Text("").to_json()))

    def trouble(self) -> list[object] | None:
        """Why the last mail could not be sent, as a packed Text; None when it could."""
        cached = self._store.look_ups.get(TROUBLE)
        return cached[0] if cached else None

    def _summarize(self, chosen: Settings) -> None:
        today = self._clock.now().astimezone(COPENHAGEN)
        since = today.replace(hour=SUMMARY_HOUR, minute=0, second=0, microsecond=0)
        if today < since or not self._store.alarms.claim_mail(SUMMARY, before=since):
            return
        texts = summary(self._store, (since - timedelta(days=1)).date())
        if not self._post(chosen, Text("Dinero: yesterday and today"), [t.render(chosen.language) for t in texts]):
            self._store.alarms.release_mail(SUMMARY)

    def _post(self, chosen: Settings, subject: Text, lines: list[str]) -> bool:
        mail = chosen.mail
        if mail is None:
            return False
        message = EmailMessage()
        message["Subject"] = subject.render(chosen.language)
        message["From"], message["To"] = mail.sender, mail.recipient
        message["Date"], message["Message-ID"] = formatdate(self._clock.now().timestamp()), make_msgid(domain="dinero")
        message["Auto-Submitted"] = "auto-generated"
        message.set_content("\n\n".join([*lines, self._address]).strip() + "\n")
        try:
            self._send(mail, self._vault.get(PASSWORD) or "", message)
        except smtplib.SMTPAuthenticationError:
            problem = Text("The mail server does not accept user name and password. Correct them under Automatic.")
        except (OSError, smtplib.SMTPException) as error:
            log.warning("mail: %s", type(error).__name__)
            problem = Text(
                "The mail server {host} can't be reached or refuses mail. Check it under Automatic.", host=mail.host
            )
        else:
            self._store.look_ups.put(TROUBLE, None)
            return True
        self._store.look_ups.put(TROUBLE, problem.to_json())
        self._store.alarms.claim_mail(FAILED, before=self._clock.now())
        return False


def summary(store: Store, day: date) -> list[Text]:
    """A Copenhagen day in sentences: what was transferred on it, what waits now and what needs the owner."""
    done = store.sums.transfers_by_day(day.isoformat(), day.isoformat())
    number_done = sum(row.n for row in done)
    counts = store.sums.state_counts()
    total = Money(sum(row.ore for row in done if row.currency == DKK))

    def number(*states: str) -> int:
        return sum(counts.get(state, (0, 0))[0] for state in states)

    return [
        Text(
            "{n} order was transferred ({total}).", "{n} orders were transferred ({total}).", n=number_done, total=total
        ),
        Text("{n} order waits for its transfer.", "{n} orders wait for their transfer.", n=number("waiting")),
        Text("{n} order is not due yet.", "{n} orders are not due yet.", n=number("not due")),
        Text("{n} order needs you.", "{n} orders need you.", n=number(*NEEDS_OWNER)),
    ]
