"""The books' ledger items and manual vouchers (facts.md, Dinero 5c.7, 5c.8)."""

import uuid

from dinero.model.clock import Clock
from dinero.sandbox.chart import VAT_TYPES, rate_of
from dinero.sandbox.mail import Mail
from dinero.sandbox.values import (
    Json,
    Refusal,
    amount,
    day,
    guid,
    invalid,
    kroner,
    listed_error,
    lowered,
    reference,
    rounded,
    to_ore,
)

MAX_ITEMS = 1000
_ITEM = ("Id", "Version", "VoucherNumber", "VoucherDate", "FileGuid", "Lines")
_ITEM_LINE = (
    "Id",
    "Description",
    "Amount",
    "AccountNumber",
    "AccountVatCode",
    "BalancingAccountNumber",
    "BalancingAccountVatCode",
    "IsPaymentForVoucherId",
)


class Ledger(Mail):
    """`ledger_items` and `vouchers` by their Guid, in Dinero's own field names.

    Switches for tests: a booking is pending for `pending_calls` of an item's status calls; the next `failing_bookings`
    end as drafts again (how Dinero does that is not known); the first `late_numbers` status calls of a booked item
    don't tell its VoucherNumber.
    """

    def __init__(self, clock: Clock, *, webshop_account: bool = True) -> None:
        super().__init__(clock, webshop_account=webshop_account)
        self.pending_calls = 1
        self.failing_bookings = 0
        self.late_numbers = 0
        self.ledger_items: dict[str, Json] = {}
        self.vouchers: dict[str, Json] = {}
        self._last_voucher = 0

    # --- ledger items --------------------------------------------------------------------------------------

    def add_ledger_items(self, items: list[Json]) -> Json:
        """Adds drafts of ledger items under their own Ids; a repeat is 409/72. Answers the last one only, as the
        OpenAPI document says."""
        drafts = {id_: item for id_, item in self.ledger_items.items() if item["Status"] != "Booked"}
        if not items or len(drafts) + len(items) > MAX_ITEMS:
            raise Refusal(400, 43, "A ledger has from 1 to 1000 items")
        added: list[Json] = []
        for item in items:
            id_ = guid(item.get("id"), "Id")
            if id_ in self.ledger_items or any(id_ == other["Id"] for other in added):
                raise Refusal(409, 72, "Duplicated entity")
            added.append({"Id": id_, "Status": "Draft"} | self._item_values(item))
        for made in added:
            self.ledger_items[made["Id"]] = made
        return {"Id": added[-1]["Id"], "Version": added[-1]["Version"]}

    def update_ledger_items(self, items: list[Json]) -> list[Json]:
        """Replaces drafts of ledger items; Id and Version are required."""
        found = [self._draft_item(item, strict=True) for item in items]
        for kept, values in zip(found, [self._item_values(item) for item in items], strict=True):
            kept |= values
        return [{"Id": kept["Id"], "Version": kept["Version"]} for kept in found]

    def delete_ledger_items(self, items: list[Json]) -> None:
        """Deletes drafts of ledger items."""
        for found in [self._draft_item(item, strict=False) for item in items]:
            del self.ledger_items[found["Id"]]

    def read_ledger_items(self, items: list[Json]) -> list[Json]:
        """Items that lie in the ledger unbooked: those that are named, or all."""
        wanted = [self._ledger_item(item) for item in items] or list(self.ledger_items.values())
        return [{name: item[name] for name in _ITEM} for item in wanted if item["Status"] != "Booked"]

    def book_ledger_items(self, items: list[Json]) -> None:
        """Begins to book; the status tells when it is done (facts.md, Dinero 5c.7)."""
        for found in [self._draft_item(item, strict=False) for item in items]:
            found |= {"Status": "PendingBooking", "_pending": self.pending_calls, "_late": self.late_numbers}

    def ledger_status(self, items: list[Json]) -> list[Json]:
        """The items' status; what was pending is booked with the last call that says so."""
        answer = []
        for found in [self._ledger_item(item) for item in items]:
            self._book_unless_pending(found)
            told = {name: found[name] for name in ("Id", "Version", "Status", "VoucherNumber")}
            if found["Status"] == "Booked" and found["_late"]:
                found["_late"] -= 1
                told["VoucherNumber"] = None
            answer.append(told)
            if found["Status"] == "PendingBooking":
                found["_pending"] -= 1
                self._book_unless_pending(found)
        return answer

    def _book_unless_pending(self, item: Json) -> None:
        if item["Status"] != "PendingBooking" or item["_pending"] > 0:
            return
        if self.failing_bookings:
            self.failing_bookings -= 1
            item["Status"] = "Draft"
            return
        number = item["VoucherNumber"] or self._next_voucher()
        item |= {"Status": "Booked", "VoucherNumber": number, "_booked_at": self._now()}

    def _item_values(self, item: Json) -> Json:
        lines = item.get("lines")
        if not isinstance(lines, list) or not lines:
            raise invalid("Lines", "is required")
        self._version += 1
        on = day(item.get("voucherdate"), "VoucherDate") or self._today()
        self._require_year(on)
        return {
            "Version": f"AAAAAAY{self._version:05X}",
            "VoucherNumber": item.get("vouchernumber"),
            "FileGuid": item.get("fileguid"),
            "Lines": [self._item_line(lowered(line)) for line in lines],
            "VoucherDate": on.isoformat(),
        }

    def _item_line(self, line: Json) -> Json:
        if line.get("ispaymentforvoucherid") is not None:
            raise invalid("IsPaymentForVoucherId", "is not played by the sandbox")
        values = {name: line.get(name.lower()) for name in _ITEM_LINE}
        return values | self._sides(line) | {"Id": guid(line.get("id"), "Id")}

    def _sides(self, line: Json) -> Json:
        """A line's amount (kroner), accounts and VAT codes."""
        found: Json = {"Amount": kroner(amount(line, "Amount"))}
        for name in ("AccountNumber", "BalancingAccountNumber"):
            number = line.get(name.lower())
            found[name] = self._require_account(number, name) if number is not None else None
        if found["AccountNumber"] is None:
            raise invalid("AccountNumber", "is required")
        for name in ("AccountVatCode", "BalancingAccountVatCode"):
            code = line.get(name.lower())
            if code not in (None, "none") and code not in VAT_TYPES:
                raise invalid(name, "is not known")
            found[name] = code
        return found

    def _ledger_item(self, item: Json) -> Json:
        found = self.ledger_items.get(str(item.get("id")).lower())
        if found is None:
            raise listed_error("ledgerItemNotFound", "Id is unknown")
        return found

    def _draft_item(self, item: Json, *, strict: bool) -> Json:
        found = self._ledger_item(item)
        if item.get("version") != found["Version"] and (strict or item.get("version") is not None):
            raise Refusal(400, 58, "The Version is not the newest")
        if found["Status"] != "Draft":
            raise Refusal(400, 45, "The item is not a draft")
        return found

    def _next_voucher(self) -> int:
        self._last_voucher += 1
        return self._last_voucher

    # --- manual vouchers -----------------------------------------------------------------------------------

    def create_voucher(self, body: Json) -> Json:
        """Creates a draft of a manual voucher; it takes no Guid of the caller's."""
        number = str(uuid.uuid4())
        self.vouchers[number] = {"Guid": number, "Status": "Draft", "DeletedAt": None, "UpdatedAt": None} | (
            self._voucher_values(body)
        )
        self._stamp(self.vouchers[number])
        return self.show_voucher(number)

    def show_voucher(self, number: str) -> Json:
        """A manual voucher as GET answers it, with `Timestamp` rather than TimeStamp."""
        found = self._voucher(number)
        lines = [
            {
                "Description": line["Description"],
                "AmountExclVatValue": kroner(gross - vat),
                "AmountInclVatValue": kroner(gross),
                "VatAmountValue": kroner(vat),
                "AccountNumber": line["AccountNumber"],
                "BalancingAccountNumber": line["BalancingAccountNumber"],
                "AccountVatCode": line["AccountVatCode"],
                "BalancingAccountVatCode": line["BalancingAccountVatCode"],
                "CurrencyKey": "DKK",
                "AmountInForeignCurrency": None,
            }
            for line in found["Lines"]
            for gross, vat in [self._with_vat(line)]
        ]
        booked = found["Status"] == "Booked"
        return {
            "VoucherNumber": found["VoucherNumber"],
            "VoucherDate": found["VoucherDate"],
            "TotalInclVat": sum(line["AmountInclVatValue"] for line in lines),
            "TotalExclVat": sum(line["AmountExclVatValue"] for line in lines),
            "FileGuid": found["FileGuid"],
            "Guid": found["Guid"],
            "CreditNoteFor": None,
            "Status": found["Status"],
            "Lines": lines,
            "Timestamp": found["TimeStamp"],
            "ExternalReference": found["ExternalReference"],
            "BookedByType": "API" if booked else None,
            "BookedByUsername": None,
            "BookingTime": found["_booked_at"][:10] if booked else None,
        }

    def update_voucher(self, number: str, body: Json) -> Json:
        """Replaces all of a manual voucher's draft."""
        found = self._voucher(number)
        self._newest(found, body)
        if found["Status"] == "Booked":
            raise Refusal(400, 45, "A booked voucher can't be changed")
        found |= self._voucher_values(body)
        self._stamp(found)
        return self.show_voucher(number)

    def book_voucher(self, number: str, body: Json) -> Json:
        """Books a manual voucher for good."""
        found = self._voucher(number)
        self._newest(found, body)
        if found["Status"] == "Booked":
            raise Refusal(400, 45, "The voucher is booked already")
        if not found["Lines"]:
            raise invalid("Lines", "is required")
        wanted = body.get("number")
        found |= {"Status": "Booked", "VoucherNumber": wanted or self._next_voucher(), "_booked_at": self._now()}
        self._stamp(found)
        return self.show_voucher(number)

    def delete_voucher(self, number: str, body: Json) -> None:
        """Deletes a draft; a booked one stays and is taken back by entries of the opposite sign."""
        found = self._voucher(number)
        self._newest(found, body)
        found["DeletedAt"] = self._now()
        self._stamp(found)

    def _voucher(self, number: str) -> Json:
        found = self.vouchers.get(number.lower())
        if found is None:
            raise Refusal(404, 40, "Voucher not found")
        self._require_undeleted(found)
        return found

    def _voucher_values(self, body: Json) -> Json:
        on = day(body.get("voucherdate"), "VoucherDate") or self._today()
        self._require_year(on)
        lines = [lowered(line) for line in body.get("lines") or []]
        return {
            "VoucherNumber": None,
            "VoucherDate": on.isoformat(),
            "FileGuid": body.get("fileguid"),
            "ExternalReference": reference(body),
            "Lines": [{"Description": line.get("description")} | self._sides(line) for line in lines],
        }

    def _with_vat(self, line: Json) -> tuple[int, int]:
        """A line's amount with VAT, and the VAT in it, in øre: purchase VAT is in the amount, sales VAT comes on top
        (facts.md, Dinero's API 3). VAT on the balancing account is not computed (facts.md, Dinero 5c.8)."""
        ore, code = to_ore(line["Amount"]), line["AccountVatCode"]
        if code is None:
            code = (self.accounts.get(line["AccountNumber"]) or {}).get("VatCode")
        rate = rate_of(code)
        if code == "U25":
            return ore + rounded(ore * rate), rounded(ore * rate)
        return ore, ore - rounded(ore / (1 + rate))
