"""The books' postings, made of what is booked (EntryReadModel in the OpenAPI document)."""

import uuid
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from dinero.sandbox.chart import (
    EXCHANGE,
    FEES,
    FIRST_BALANCE_ACCOUNT,
    INPUT_VAT,
    OUTPUT_VAT,
    RATES,
    RECEIVABLES,
    REVERSED,
    REVERSED_RATE,
    REVERSED_VAT,
)
from dinero.sandbox.chart import VAT_TYPES as VAT_NAMES
from dinero.sandbox.ledger import Ledger
from dinero.sandbox.values import Json, instant, kroner, rounded, to_ore

SALES, MANUAL = "Sales", "manuel"  # a payment's voucher has no type
_SPACE = uuid.UUID("6f1d8b52-4a0e-4c7e-9f4b-2b8f3f0f7a11")


class Entries(Ledger):
    """Postings in DKK: debit is positive, credit negative."""

    def entries(self, first: date, last: date, *, primo: bool = True) -> list[Json]:
        """The entries dated from `first` to `last`; with `primo` also what the year began with."""
        found = [entry for entry in self._all() if first.isoformat() <= entry["Date"] <= last.isoformat()]
        return [_told(entry) for entry in (self._primo(first, last) if primo else []) + found]

    def entries_changed(self, first: datetime, last: datetime, *, primo: bool = True) -> list[Json]:
        """The entries that were added in a time; with `primo` also the beginnings that they have changed."""
        since, until = instant(first), instant(last)
        found = [entry for entry in self._all() if since <= entry["_at"] <= until]
        beginnings = []
        for start, end in self.years if primo else []:
            moved = {entry["AccountNumber"] for entry in found if entry["Date"] < start.isoformat()}
            beginnings += [entry for entry in self._primo(start, end) if entry["AccountNumber"] in moved]
        return [_told(entry) for entry in beginnings + found]

    def _primo(self, first: date, last: date) -> list[Json]:
        """What the balance accounts began the years with that begin in a period."""
        found = []
        for start, _ in self.years:
            if not first <= start <= last:
                continue
            sums: dict[int, int] = {}
            for entry in self._all():
                if entry["Date"] < start.isoformat() and entry["AccountNumber"] >= FIRST_BALANCE_ACCOUNT:
                    sums[entry["AccountNumber"]] = sums.get(entry["AccountNumber"], 0) + entry["_ore"]
            for account, ore in sorted(sums.items()):
                if ore:
                    key = f"primo:{start.year}:{account}"
                    found.append(self._entry(key, account, ore, start.isoformat(), "Primo", Type="Primo"))
        return found

    def _all(self) -> Iterator[Json]:
        yield from self._sold()
        yield from self._paid()
        for item in self.ledger_items.values():
            if item["Status"] == "Booked":
                yield from self._vouched(item["Id"], item, 1)
        for voucher in self.vouchers.values():
            if voucher["Status"] == "Booked":
                yield from self._vouched(voucher["Guid"], voucher, 1)
                if voucher["DeletedAt"]:
                    yield from self._vouched(voucher["Guid"], voucher | {"_booked_at": voucher["DeletedAt"]}, -1)

    def _sold(self) -> Iterator[Json]:
        for sign, word, documents in ((1, "Faktura", self.invoices), (-1, "Kreditnota", self.credit_notes)):
            for document in documents.values():
                if document["Status"] != "Booked":
                    continue
                total = sign * to_ore(self.in_kroner(document, "TotalInclVat"))
                vat_codes = {
                    line["AccountNumber"]: self.accounts[line["AccountNumber"]]["VatCode"]
                    for line in document["ProductLines"]
                    if line["TotalAmount"]
                }
                posted, rest = [], total
                for line in document["ProductLines"]:
                    ore = sign * int(to_ore(line["TotalAmount"]) * RATES[document["Currency"]] / 100)
                    rest -= ore
                    posted.append((line["AccountNumber"], -ore, vat_codes.get(line["AccountNumber"])))
                posted += [(OUTPUT_VAT, -rest, None), (RECEIVABLES, total, None)]
                for place, (account, ore, code) in enumerate(posted):
                    if ore:
                        yield self._entry(
                            f"{document['Guid']}:{place}",
                            account,
                            ore,
                            document["Date"],
                            word,
                            code,
                            VoucherNumber=document["Number"],
                            VoucherGuid=document["Guid"],
                            VoucherType=SALES,
                            ContactGuid=document["ContactGuid"],
                            _at=document["_booked_at"],
                        )

    def _paid(self) -> Iterator[Json]:
        for payment in self.payments:
            number = payment["InvoiceGuid"]
            document, sign = self.invoices.get(number) or self.credit_notes[number], 1
            if number in self.credit_notes:
                sign = -1
            rate = RATES[document["Currency"]] / 100
            value, fee = int(to_ore(payment["Amount"]) * rate), rounded(payment["_fee"] * rate)
            posted = [
                (payment["DepositAccountNumber"], payment["_dkk"]),
                (RECEIVABLES, -value - fee),
                (EXCHANGE, value - payment["_dkk"]),
                (FEES, fee),
            ]
            for place, (account, ore) in enumerate(posted):
                if ore:
                    yield self._entry(
                        f"{payment['Guid']}:{place}",
                        account,
                        sign * ore,
                        payment["PaymentDate"],
                        "Betaling",
                        VoucherNumber=document["Number"],
                        VoucherGuid=payment["RelatedVoucherId"],
                        ContactGuid=document["ContactGuid"],
                        _at=payment["_at"],
                    )

    def _vouched(self, number: str, voucher: Json, sign: int) -> Iterator[Json]:
        for place, line in enumerate(voucher["Lines"]):
            gross, vat = self._with_vat(line)
            code = line["AccountVatCode"] or (self.accounts.get(line["AccountNumber"]) or {}).get("VatCode")
            owed = rounded(gross * REVERSED_RATE) if code in REVERSED else 0
            posted = [
                (line["AccountNumber"], gross - vat, code if vat or owed else None),
                (OUTPUT_VAT if code == "U25" else INPUT_VAT, vat, None),
                (line["BalancingAccountNumber"], -gross, None),
                (INPUT_VAT, owed, None),
                (REVERSED_VAT, -owed, None),
            ]
            for side, (account, ore, vat_code) in enumerate(posted):
                if ore and account is not None:
                    yield self._entry(
                        f"{number}:{sign}:{place}:{side}",
                        account,
                        sign * ore,
                        voucher["VoucherDate"],
                        line["Description"] or "",
                        vat_code,
                        VoucherNumber=voucher["VoucherNumber"],
                        VoucherGuid=number,
                        VoucherType=MANUAL,
                        FileGuid=voucher["FileGuid"],
                        _at=voucher["_booked_at"],
                    )

    def _entry(
        self, key: str, account: int, ore: int, on: str, text: str, vat_code: str | None = None, **more: Any
    ) -> Json:
        return {
            "AccountNumber": account,
            "AccountName": self._account_name(account),
            "Date": on,
            "VoucherNumber": None,
            "VoucherGuid": None,
            "FileGuid": None,
            "VoucherType": None,
            "Description": text,
            "VatType": VAT_NAMES[vat_code][0] if vat_code else None,
            "VatCode": vat_code,
            "Amount": kroner(ore),
            "EntryGuid": str(uuid.uuid5(_SPACE, key)),
            "ContactGuid": None,
            "Type": "Normal",
            "_ore": ore,
            "_at": on,
        } | more


def _told(entry: Json) -> Json:
    return {name: value for name, value in entry.items() if not name.startswith("_")}
