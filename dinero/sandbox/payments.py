"""The books' payments, and what is left of a document (facts.md, Dinero 4.17-4.25)."""

import uuid
from datetime import date
from decimal import Decimal

from dinero.model.clock import Clock
from dinero.sandbox.documents import Documents
from dinero.sandbox.values import (
    TIMESTAMP_REQUIRED,
    Json,
    Refusal,
    amount,
    day,
    flag,
    invalid,
    kroner,
    plain,
    reference,
    to_ore,
)


class Payments(Documents):
    """`payments` is a list; `InvoiceGuid` in it is the document's Guid, names with _ are the sandbox's own."""

    def __init__(self, clock: Clock, *, webshop_account: bool = True) -> None:
        super().__init__(clock, webshop_account=webshop_account)
        self.payments: list[Json] = []

    def book(self, number: str, body: Json) -> Json:
        """Books an invoice for good. Whether an invoice of 0 can be booked is UNKNOWN (facts.md, Dinero 6.25)."""
        invoice = self.invoice(number)
        self._book(invoice, body)
        self._set_status(invoice)
        return self.show(invoice)

    def book_credit_note(self, number: str, body: Json) -> Json:
        """Books a credit note, which is set off against its invoice by itself (facts.md, Dinero 4.25). The answer is documented
        as an invoice."""
        note = self.credit_note(number)
        self._book(note, body)
        self._set_status(note)
        if note["CreditNoteFor"]:
            self._settle(self.invoices[note["CreditNoteFor"]])
        more = {
            "PaymentDate": note["Date"],
            "PaymentConditionType": "Netto",
            "PaymentConditionNumberOfDays": 0,
            "FikCode": None,
            "DepositAccountNumber": None,
            "IsSentToDebtCollection": False,
            "IsMobilePayInvoiceEnabled": False,
            "IsPensoPayEnabled": False,
        }
        return {name: value for name, value in self.show(note).items() if name != "CreditNoteFor"} | more

    def pay(self, number: str, body: Json) -> Json:
        """Registers a payment on a booked invoice (facts.md, Dinero 4.17)."""
        return self._pay(self.invoice(number), body)

    def pay_credit_note(self, number: str, body: Json) -> Json:
        """Registers what was paid back for a booked credit note, as a positive amount (its sign is UNKNOWN)."""
        return self._pay(self.credit_note(number), body)

    def _pay(self, document: Json, body: Json) -> Json:
        for name in ("Timestamp", "DepositAccountNumber", "Description", "Amount", "RemainderIsFee"):
            if body.get(name.lower()) in (None, ""):
                raise invalid(name, TIMESTAMP_REQUIRED if name == "Timestamp" else f"The {name} field is required")
        self._newest(document, body)
        self._require_undeleted(document)
        if document["Status"] != "Booked":
            raise Refusal(400, 59, "The voucher is not booked")
        account = self.deposits.get(body["depositaccountnumber"])
        if account is None or account["IsHidden"]:
            raise invalid("DepositAccountNumber", "is not a deposit account")
        dkk, foreign = amount(body, "Amount"), None
        if document["Currency"] != "DKK":
            foreign = amount(body, "AmountInForeignCurrency")
        paid_on = day(body.get("paymentdate"), "PaymentDate") or self._today()
        self._require_year(paid_on)
        own = dkk if foreign is None else foreign
        rest = self.remaining(document["Guid"]) - own
        rate = Decimal(100) if foreign is None else Decimal(dkk) * 100 / foreign
        payment = {
            "Guid": str(uuid.uuid4()),
            "DepositAccountNumber": account["AccountNumber"],
            "Currency": document["Currency"],
            "ExchangeRate": plain(round(rate, 4)),
            "PaymentClass": "Payment",
            "RelatedVoucherId": str(uuid.uuid4()),
            "ExternalReference": reference(body),
            "PaymentDate": paid_on.isoformat(),
            "Description": body["description"],
            # In which currency a payment's own Amount is told is UNKNOWN; the document's fits RemainingAmount.
            "Amount": kroner(own),
            "InvoiceGuid": document["Guid"],
            "_dkk": dkk,
            "_at": self._now(),
            # What is left is booked as a fee when asked (facts.md, Dinero 4.20).
            "_fee": rest if flag(body, "RemainderIsFee") and rest > 0 else 0,
        }
        self.payments.append(payment)
        self._settle(document)
        return {
            "Guid": payment["Guid"],
            "TimeStamp": document["TimeStamp"],
            "RelatedVoucherGuid": payment["RelatedVoucherId"],
        }

    def delete_payment(self, number: str, payment: str, body: Json) -> Json:
        """Takes a payment of an invoice back (facts.md, Dinero 4.23)."""
        invoice = self.invoice(number)
        self._newest(invoice, body)
        return self._take_back(invoice, payment)

    def delete_credit_note_payment(self, number: str, payment: str, body: Json) -> Json:
        """Takes a payment of a credit note back; the Timestamp is optional here (API-NOTES)."""
        note = self.credit_note(number)
        self._newest_if_given(note, body)
        return self._take_back(note, payment)

    def _take_back(self, document: Json, payment: str) -> Json:
        kept = [p for p in self.payments if (p["InvoiceGuid"], p["Guid"]) != (document["Guid"], payment.lower())]
        if len(kept) == len(self.payments):
            raise Refusal(404, 40, "Payment not found")
        self.payments[:] = kept
        self._settle(document)
        return {"TimeStamp": document["TimeStamp"]}

    def state_of_account(self, contact: str, first: date | None, last: date | None, *, hide_closed: bool) -> Json:
        """What a customer owes in a period: booked documents and payments, in their own currency, the oldest first."""
        found = self.contact(contact)
        entries: list[Json] = []
        for row in self.listed():
            if row["ContactGuid"] != found["ContactGuid"] or row["Status"] != "Booked":
                continue
            sign = 1 if row["Type"] == "Invoice" else -1
            closed = row["PaymentStatus"] == "Paid"
            told = {
                "RelatedVoucherGuid": row["Guid"],
                "RelatedVoucherNumber": str(row["Number"]),
                "Date": row["Date"],
                "DecayDate": row["PaymentDate"],
                "Description": row["Description"],
                "Type": row["Type"],
                "Amount": sign * row["TotalInclVat"],
                "Status": row["PaymentStatus"],
                "RelatedVoucherCategory": None,
                "RelatedVoucherClass": row["Type"],
                "Currency": row["Currency"],
            }
            paid = [
                told
                | {
                    "Date": p["PaymentDate"],
                    "Description": p["Description"],
                    "Type": "Payment",
                    "Amount": -sign * p["Amount"],
                    "DecayDate": None,
                }
                for p in self.payments
                if p["InvoiceGuid"] == row["Guid"]
            ]
            entries += [] if hide_closed and closed else [told, *paid]
        entries = sorted(
            (
                e
                for e in entries
                if (not first or e["Date"] >= first.isoformat()) and (not last or e["Date"] <= last.isoformat())
            ),
            key=lambda entry: str(entry["Date"]),
        )
        balance = 0
        for entry in entries:
            balance += to_ore(entry["Amount"])
            entry |= {"Balance": kroner(balance), "Date": f"{entry['Date']}T00:00:00"}
            entry["DecayDate"] = f"{entry['DecayDate']}T00:00:00" if entry["DecayDate"] else None
        income = sum(to_ore(entry["Amount"]) for entry in entries if entry["Type"] != "Payment")
        return {"ContactGuid": found["ContactGuid"], "Income": kroner(income), "Expenses": 0, "Entries": entries}

    # --- what is left --------------------------------------------------------------------------------------

    def _settle(self, document: Json) -> None:
        self._set_status(document)
        self._stamp(document)

    def _set_status(self, document: Json) -> None:
        left = self.remaining(document["Guid"])
        document["PaymentStatus"] = "Paid" if left == 0 else "OverPaid" if left < 0 else "Booked"
        self._age(document)

    def remaining(self, number: str) -> int:
        """What is not paid of a document, in øre of its currency; less than 0 when too much was paid."""
        document = self.invoices.get(number) or self.credit_notes[number]
        set_off = to_ore(document["TotalInclVat"]) if document.get("CreditNoteFor") else self.credited(number)
        return to_ore(document["TotalInclVat"]) - self.paid(number) - set_off

    def paid(self, number: str) -> int:
        """What is paid on a document, in øre of its currency, with what was booked as a fee."""
        return sum(to_ore(p["Amount"]) + p["_fee"] for p in self.payments if p["InvoiceGuid"] == number)

    def credited(self, number: str) -> int:
        """What booked credit notes took off an invoice, in øre of its currency."""
        return sum(to_ore(note["TotalInclVat"]) for note in self._credits_of(number))

    def _credits_of(self, number: str) -> list[Json]:
        notes = self.credit_notes.values()
        return [note for note in notes if note["CreditNoteFor"] == number and note["Status"] == "Booked"]

    def payments_of(self, number: str) -> Json:
        """The v2 answer on an invoice's payments (facts.md, Dinero 4.18), with what was set off against it (4.25)."""
        return self._payments(self.invoice(number))

    def payments_of_credit_note(self, number: str) -> Json:
        """The payments of a credit note, with what was set off."""
        return self._payments(self.credit_note(number))

    def _payments(self, document: Json) -> Json:
        mine = [p for p in self.payments if p["InvoiceGuid"] == document["Guid"]]
        told = [{k: v for k, v in p.items() if k != "InvoiceGuid" and not k.startswith("_")} for p in mine]
        # How Dinero shows a set-off here is UNKNOWN; it is told apart by its class, and has no reference of ours.
        credits = self._credits_of(document["Guid"])
        if document.get("CreditNoteFor") and document["Status"] == "Booked":
            credits = [document]
        told += [
            {
                "Guid": note["Guid"],
                "DepositAccountNumber": None,
                "Currency": note["Currency"],
                "ExchangeRate": 100,
                "PaymentClass": "CreditNote",
                "RelatedVoucherId": note["Guid"],
                "ExternalReference": None,
                "PaymentDate": note["Date"],
                "Description": "Kreditnota",
                "Amount": note["TotalInclVat"],
            }
            for note in credits
        ]
        total, left = to_ore(document["TotalInclVat"]), self.remaining(document["Guid"])
        return {
            "Payments": told,
            "RemainingAmount": kroner(left),
            "PaidAmount": kroner(total - left),
            "InvoiceTotalIncludingReminderExpenses": kroner(total),
            "RemainderAsFeeAvailable": left > 0,
        }
