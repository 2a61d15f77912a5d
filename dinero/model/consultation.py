"""What VIES, the EU's register of VAT numbers, said of a number: the evidence behind a sale without VAT."""

from dataclasses import dataclass
from datetime import datetime

VALID, INVALID, UNANSWERED = "valid", "invalid", "unanswered"


@dataclass(frozen=True, slots=True)
class Consultation:
    """One question to VIES and what came of it. Times are UTC.

    `number` has its prefix as VIES writes it (EL for Greece); `outcome` is "valid", "invalid" or "unanswered".
    `consultation_number` proves the question and is given only when VIES knows who asks: `requester`, the owner's own
    number. `name` is the company's as VIES has it, "" where its country does not tell. `error` is VIES's own word, or
    ours for what never reached it. `since` and `times`: when it was first asked without an answer, and how often.
    """

    number: str
    outcome: str
    asked_at: datetime
    consultation_number: str = ""
    name: str = ""
    requester: str = ""
    error: str = ""
    since: datetime | None = None
    times: int = 1
