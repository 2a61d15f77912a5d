"""Errors, grouped by what to do next, and the one table from Dinero's answers to them.

Every error carries `text`, a sentence for the owner with what to do. `detail` is for the log and holds no
secret and no customer's data.
"""

from dataclasses import dataclass

from dinero.model.i18n import Text


class DashboardError(Exception):
    """The base of all errors that the owner may see."""

    exit_code = 1

    def __init__(self, text: Text, *, status: int | None = None, code: str | None = None, detail: str = "") -> None:
        super().__init__(detail or text.message)
        self.text = text
        self.status = status
        self.code = code
        self.detail = detail


class SettingsError(DashboardError):
    """A setting is missing or wrong: the owner mends it on the set-up page."""

    exit_code = 2


class ConnectionStopped(DashboardError):
    """The connection needs the owner (sign in again, Pro, rights): stop the run, raise one alarm."""

    exit_code = 3


class TryLater(DashboardError):
    """Nothing was done and nothing is wrong with the order: repeat later. `seconds` is how much later."""

    def __init__(
        self, text: Text, *, seconds: float = 60.0, status: int | None = None, code: str | None = None, detail: str = ""
    ) -> None:
        super().__init__(text, status=status, code=code, detail=detail)
        self.seconds = seconds


class Unread(TryLater):
    """A read of Dinero came back without a readable answer: trouble of this one document, unless others have it too."""


class StorageFailed(DashboardError):
    """The database can't be read or written (full disk, lock, damage): whoever works stops before the next call."""


class AnswerUnknown(DashboardError):
    """A write was sent and no readable answer came: look first, never repeat blindly (facts.md, rule 3)."""


class Refused(DashboardError):
    """The other side said a clear no to this one request."""


class Stale(Refused):
    """The timestamp is not the newest: fetch, compare, try again (code 58)."""


class Duplicate(Refused):
    """A document or contact with our Guid is there already (409/72, guidMustBeUnique)."""


class ListIncomplete(DashboardError):
    """Not all came that there is: the whole list has to be read from its beginning again."""


class NotFound(Refused):
    """Unknown to Dinero (404, or 400/63 for an invoice)."""


class Deleted(Refused):
    """It was deleted in Dinero (400/65, or a DeletedAt in the answer): its Guid is used up, make another one."""


class NotUnderstood(Refused):
    """A read asked for a field or by a filter that Dinero does not know (code 46): ask for less."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What an answer means: the error to raise, and its text."""

    error: type[DashboardError]
    text: Text


RECONNECT = Text("Dinero no longer accepts the connection. Connect to Dinero again on the set-up page.")
NO_PRO = Text(
    "Dinero gives no access to this organization. It needs Dinero Pro or Total: check the subscription in "
    "Dinero, then try again."
)
NO_RIGHT = Text("Your user in Dinero may not do this. Ask the organization's owner for the right, then try again.")
RETIRED = Text(
    "Dinero no longer takes calls from this version of the dashboard. Nothing more is sent. Update the dashboard."
)
WAIT = Text("Dinero allows no more calls right now. The transfer goes on by itself in a moment.")
BROKEN = Text("Dinero has trouble right now. Try again in a few minutes.")
NO_CONTACT_WITH = Text("Dinero can't be reached. Check the internet connection and try again.")
UNSURE = Text("Dinero's answer did not arrive. The next transfer looks in Dinero before anything is sent again.")
UNREAD = Text(
    "Dinero could not show what it has of this order, so nothing more was sent. The next transfer looks again."
)
UNREAD_FIX = Text("If it stays so, look for the order in Dinero, and ask Dinero's support why it can't be shown.")

DISK_FULL = Text("The disk that holds the dashboard's data is full. Make room on it, then try again.")
BUSY = Text("Another program keeps the dashboard's database locked. Close it, or wait a moment, then try again.")
DRAFT_DELETED = Text("The draft was deleted in Dinero.")
STORAGE = Text(
    "The dashboard's database can't be read or written. Check the disk and the folder's rights, or restore a backup."
)

# (HTTP status, Dinero's code); None stands for any. The first match counts (facts.md, Dinero 3).
RULES: dict[tuple[int, str | None], Rule] = {
    (401, None): Rule(ConnectionStopped, RECONNECT),
    (403, "41"): Rule(ConnectionStopped, NO_RIGHT),
    (403, None): Rule(ConnectionStopped, NO_PRO),
    (480, None): Rule(ConnectionStopped, RETIRED),
    (400, "48"): Rule(ConnectionStopped, NO_PRO),
    (429, None): Rule(TryLater, WAIT),
    (409, None): Rule(Duplicate, Text("Dinero already has this document.")),
    (400, "72"): Rule(Duplicate, Text("Dinero already has this document.")),
    (400, "guidMustBeUnique"): Rule(Duplicate, Text("Dinero already has this customer.")),
    (400, "ledgerItemNotFound"): Rule(NotFound, Text("The ledger item is not in Dinero.")),
    (400, "58"): Rule(Stale, Text("The document was changed in Dinero meanwhile.")),
    (400, "63"): Rule(NotFound, Text("The invoice is not in Dinero.")),
    (400, "65"): Rule(Deleted, DRAFT_DELETED),
    (404, None): Rule(NotFound, Text("Dinero does not know what was asked for.")),
    (400, "invalidContactId"): Rule(
        Refused, Text("The customer has been deleted in Dinero. Restore the customer there, then try again.")
    ),
    (400, "47"): Rule(
        Refused, Text("Dinero has no accounting year for the order's date. Create the year in Dinero, then try again.")
    ),
    (400, "52"): Rule(ConnectionStopped, Text("The organization has no owner in Dinero. Contact Dinero's support.")),
    (400, "60"): Rule(
        Refused,
        Text("The organization has no VAT number in Dinero. Fill it in under the company's settings, then try again."),
    ),
    (400, "59"): Rule(Refused, Text("The invoice is not booked in Dinero, and it must be for this step.")),
    (400, "43"): Rule(Refused, Text("A value is larger or smaller than Dinero allows.")),
    (400, "46"): Rule(NotUnderstood, Text("Dinero did not understand the search.")),
    (413, None): Rule(Refused, Text("The file is too large for Dinero.")),
}
OTHERWISE = Text("Dinero refused this: {message}")


def classify(
    status: int, codes: list[str], message: str, *, retry_after: float | None = None, detail: str = ""
) -> DashboardError:
    """The error for a clear answer of 4xx. `codes` are the body's codes, the most telling first."""
    rule = next((RULES[key] for code in [*codes, None] if (key := (status, code)) in RULES), None)
    code = codes[0] if codes else None
    if rule is None:
        return Refused(Text(OTHERWISE.message, message=message[:200]), status=status, code=code, detail=detail)
    if issubclass(rule.error, TryLater):
        return rule.error(rule.text, seconds=retry_after or 60.0, status=status, code=code, detail=detail)
    return rule.error(rule.text, status=status, code=code, detail=detail)
