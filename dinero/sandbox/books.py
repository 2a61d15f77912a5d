"""What the sandbox's Dinero remembers, and its rules; no HTTP. facts.md, Dinero 2, 3, 4, 5a.

One ledger for all organizations: the sandbox shows how Dinero answers, not a second company's numbers. Each module
adds a part to the same books, on the one before it: chart, contacts, lines, documents, payments, mail, ledger,
entries, files; this one adds what happens in Dinero's own pages.
"""

from datetime import date

from dinero.model.money import Money
from dinero.sandbox.files import Files
from dinero.sandbox.values import Json, lowered


class Books(Files):
    """The whole of the books. `invoices` and `contacts` are by Guid, in Dinero's own field names; `payments` is a
    list. Money in them is kroner as JSON writes it; what methods take and return as numbers is øre."""

    def hide_account(self, number: int) -> None:
        """Hides an account."""
        for chart in (self.accounts, self.deposits):
            if number in chart:
                chart[number]["IsHidden"] = True

    def rename_account(self, number: int, name: str) -> None:
        """Renames an account."""
        for chart in (self.accounts, self.deposits):
            if number in chart:
                chart[number]["Name"] = name

    def set_pro(self, organization: str, has_pro: bool) -> None:
        """Gives or takes the subscription that the API needs."""
        self.organizations[organization]["HasPro"] = has_pro

    def close_years(self) -> None:
        """Removes all accounting years."""
        self.years = []

    def touch(self, guid: str) -> None:
        """Somebody saves the document in Dinero without changing it: a new TimeStamp."""
        self._stamp(self._any(guid))

    def delete_draft(self, guid: str) -> None:
        """Somebody deletes a draft in Dinero."""
        self._delete(self._any(guid), {})

    def book_by_hand(self, account: int, balancing: int, ore: int, on: date, text: str = "") -> Json:
        """Somebody books in Dinero: `ore` in debit on an account and in credit on another. Answers the voucher."""
        line = {
            "Description": text,
            "AccountNumber": account,
            "AccountVatCode": "none",
            "BalancingAccountNumber": balancing,
            "BalancingAccountVatCode": "none",
            "Amount": str(Money(ore).decimal),
        }
        draft = self.create_voucher(lowered({"VoucherDate": on.isoformat(), "Lines": [line]}))
        return self.book_voucher(draft["Guid"], lowered({"Timestamp": draft["Timestamp"]}))

    def _any(self, guid: str) -> Json:
        return (self.invoices | self.credit_notes)[guid]
