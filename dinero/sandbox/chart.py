"""The books' ground: organizations, accounts, accounting years, VAT types, rates (facts.md, Dinero 1.24, 5a)."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from dinero.model.clock import Clock, copenhagen_date
from dinero.sandbox.values import TIMESTAMP_REQUIRED, Json, Refusal, instant, invalid, required_text

# The standard chart (facts.md, Dinero 5a): number, name, VAT code, category.
CHART = (
    (1000, "Salg af varer/ydelser m/moms", "U25", "Turnover"),
    (1050, "Salg af varer/ydelser u/moms", None, "Turnover"),
    (1100, "EU-leverancer varer", "UEUV", "Turnover"),
    (1150, "EU-leverancer varer, ikke indberettet", "UEUV2", "Turnover"),
    (1200, "EU-leverancer ydelser", "UEUY", "Turnover"),
    (1255, "Salg af varer til udlandet", "UVV", "Turnover"),
    (1260, "Salg af ydelser til udlandet", "UVY", "Turnover"),
    (1300, "Salg af fragt, momsfri", None, "Turnover"),
    (1350, "Salg af fragt, momspligtig", "U25", "Turnover"),
    (1400, "Rykkergebyrer, administrationsgebyr mv.", None, "Turnover"),
    (1445, "Valutakursdifferencer, eksport", None, "Turnover"),
    (2000, "Vareforbrug", "I25", "Variable Expenses"),
    (2050, "Vareforbrug EU varer", "IEUV", "Variable Expenses"),
    (2100, "Vareforbrug EU ydelser", "IEUY", "Variable Expenses"),
    (7220, "Porto og gebyrer", None, "Administration Expenses"),
    (7340, "Konstateret tab på debitorer", "U25", "Administration Expenses"),
    (7380, "Registrerede kassedifferencer", None, "Administration Expenses"),
    (7400, "Betalingsløsning", "I25", "Administration Expenses"),
    (7420, "Indløsere", None, "Administration Expenses"),
    (9000, "Bankrenter", None, "Interest Income"),
    (9200, "Bankrenter, udgift", None, "Interest Expenses"),
    (53000, "Debitorer", None, "Receivables"),
    (54040, "Øvrige tilgodehavender", None, "Receivables"),
    (63000, "Kreditorer", None, "Short Term Debt"),
    (63080, "Gavekort", None, "Short Term Debt"),
    (63100, "Udlæg ansatte og ejer", None, "Short Term Debt"),
    (64000, "Salgsmoms", None, "Vat Due"),
    (64040, "Moms af køb i udlandet", None, "Vat Due"),  # the number and name are ours
    (64060, "Købsmoms", None, "Vat Due"),
    (64100, "Momsafregning", None, "Vat Due"),
)
# Dinero's categories with the names that its pages show; the names beside Omsætning are ours, as they are not known.
CATEGORIES = {
    "Turnover": "Omsætning",
    "Variable Expenses": "Variable omkostninger",
    "Salary": "Løn",
    "Sales Expenses": "Salgsomkostninger",
    "Property Expenses": "Lokaleomkostninger",
    "Administration Expenses": "Administrationsomkostninger",
    "Travel Expenses": "Rejseomkostninger",
    "Depreciation": "Afskrivninger",
    "Interest Income": "Renteindtægter",
    "Interest Expenses": "Renteudgifter",
    "Property": "Anlægsaktiver",
    "Turnover Assets": "Omsætningsaktiver",
    "Financial Assets": "Finansielle aktiver",
    "Receivables": "Tilgodehavender",
    "Liquid Assets": "Likvide midler",
    "Equity": "Egenkapital",
    "Long Term Debt": "Langfristet gæld",
    "Short Term Debt": "Kortfristet gæld",
    "Vat Due": "Skyldig moms",
    "Salary Due": "Skyldig løn",
    "Analysis": "Analyse",
    "Not Set": "Ikke angivet",
    "Tax": "Skat",
    "Charge": "Afgift",
    "IntangibleProperty": "Immaterielle anlægsaktiver",
}
# VAT types: code, name, rate. What a purchase abroad owes and deducts comes to nothing, so its rate is 0 here.
VAT_TYPES = {
    "U25": ("Salgsmoms, 25 %", Decimal("0.25")),
    "UEUV": ("Varesalg til EU", Decimal(0)),
    "UEUV2": ("Varesalg til EU, ikke indberettet", Decimal(0)),
    "UEUY": ("Ydelsessalg til EU", Decimal(0)),
    "UVV": ("Varesalg til verden", Decimal(0)),
    "UVY": ("Ydelsessalg til verden", Decimal(0)),
    "I25": ("Dansk købsmoms", Decimal("0.25")),
    "IEUV": ("Varekøb i EU", Decimal(0)),
    "IEUY": ("Ydelseskøb i EU", Decimal(0)),
    "IVV": ("Varekøb i verden", Decimal(0)),
    "IVY": ("Ydelseskøb i verden", Decimal(0)),
}
# Kroner for 100 units: Dinero sets the day's rate itself (facts.md, Dinero 4.29); the sandbox's never moves.
RATES = {
    "DKK": Decimal(100),
    "EUR": Decimal(746),
    "SEK": Decimal(66),
    "NOK": Decimal(64),
    "USD": Decimal(690),
    "GBP": Decimal(870),
}
# What is bought abroad with these codes owes VAT and deducts it again: two postings, and no money moves.
REVERSED, REVERSED_RATE = frozenset({"IEUV", "IEUY", "IVV", "IVY"}), Decimal("0.25")
DEFAULT_ACCOUNT, RECEIVABLES, OUTPUT_VAT, INPUT_VAT, EXCHANGE, FEES = 1000, 53000, 64000, 64060, 1445, 7220
REVERSED_VAT = 64040
FIRST_BALANCE_ACCOUNT = 50000


class Chart:
    """Organizations, accounts and years; versions and times for all that is kept.

    Switches for tests: `deleted_is_refused` is how a deleted document answers (False: with its DeletedAt; True: with
    400 and code 65); `gives_bank_details` lets a deposit account's bank fields be asked for, which the OpenAPI
    document does not list.
    """

    def __init__(self, clock: Clock, *, webshop_account: bool = True) -> None:
        self._clock = clock
        self._version = 0
        self.deleted_is_refused = False
        self.gives_bank_details = False
        self.organizations: dict[str, Json] = {
            "210001": {"Name": "Eksempel Webshop ApS", "VatNumber": "13585628", "HasPro": True, "Personal": True},
            "210002": {"Name": "Ea Ejers Fritidsfirma", "VatNumber": None, "HasPro": False, "Personal": False},
        }
        self.accounts: dict[int, Json] = {
            number: _account(number, name, vat, category) for number, name, vat, category in CHART
        }
        self.deposits: dict[int, Json] = {}
        self._deposit(55000, "Bank", IsDefault=True, BankRegistrationNumber="9999", BankAccountNumber="0001234567")
        self._deposit(55040, "Kontanter")
        if webshop_account:
            self._deposit(55100, "Webshop salg")
        year = self._today().year
        self.years = [(date(y, 1, 1), date(y, 12, 31)) for y in (year - 1, year)]
        self.settings: Json = {
            "LinesInclVat": True,
            "FikCode": None,
            "UseFikCode": False,
            "DefaultAccountNumber": DEFAULT_ACCOUNT,
            "InvoiceTemplateId": None,
            "AddVoucherAsPdfAttachment": True,
            "ReminderFee": 100,
            "ReminderInterestRate": 0,
            "TrustPilotEmail": None,
            "PaymentConditionNumberOfDays": 8,
            "PaymentConditionType": "Netto",
        }

    @property
    def now(self) -> datetime:
        """The time of the sandbox's clock."""
        return self._clock.now()

    def require_pro(self, organization: str) -> None:
        """Every call on an organization needs its Pro (facts.md, Dinero 1.24). Raises Refusal."""
        found = self.organizations.get(organization)
        if found is None:
            raise Refusal(403, 41, "No access to this organization")
        if not found["HasPro"]:
            raise Refusal(403, 90, "The organization has no active Pro subscription")

    def create_deposit(self, body: Json) -> None:
        """Creates a deposit account on an unused number in 55000-55999."""
        number = body.get("number")
        if not isinstance(number, int) or not 55000 <= number <= 55999:
            raise invalid("Number", "must be from 55000 to 55999")
        self._require_free(number)
        self._deposit(
            number,
            required_text(body, "Name"),
            PublicStandardNumber=body.get("publicstandardnumber"),
            BankRegistrationNumber=body.get("registrationnumber"),
            BankAccountNumber=body.get("accountnumber"),
            BankSwiftNumber=body.get("swiftnumber"),
            BankIbanNumber=body.get("ibannumber"),
        )

    def create_account(self, body: Json) -> None:
        """Creates an account other than a deposit account; the VAT code "none" stands for no VAT."""
        number, code = body.get("number"), required_text(body, "VatCode")
        if not isinstance(number, int) or not 1000 <= number <= 99999 or 55000 <= number <= 55999:
            raise invalid("Number", "is not in a range for accounts")
        self._require_free(number)
        if code not in VAT_TYPES and code != "none":
            raise invalid("VatCode", "is not known")
        category = "Turnover" if number < 2000 else "Not Set"
        self.accounts[number] = _account(
            number, required_text(body, "Name"), code if code != "none" else None, category
        ) | {"PublicStandardNumber": body.get("publicstandardnumber")}

    def _require_free(self, number: int) -> None:
        if number in self.deposits or number in self.accounts:
            raise invalid("Number", "is used already")

    def _deposit(self, number: int, name: str, **more: Any) -> None:
        empty = dict.fromkeys(
            ("BankRegistrationNumber", "BankAccountNumber", "BankSwiftNumber", "BankIbanNumber"), None
        )
        self.deposits[number] = (
            {
                "AccountNumber": number,
                "PublicStandardNumber": None,
                "Name": name,
                "IsDefault": False,
                "IsHidden": False,
            }
            | empty
            | more
        )

    def entry_accounts(self) -> list[Json]:
        """All accounts by number, deposit accounts too."""
        liquid = [
            _account(d["AccountNumber"], d["Name"], None, "Liquid Assets") | {"IsHidden": d["IsHidden"]}
            for d in self.deposits.values()
        ]
        return sorted([*self.accounts.values(), *liquid], key=lambda account: account["AccountNumber"])

    def purchase_accounts(self) -> list[Json]:
        """The expense accounts 2000-9399, which purchases are booked on."""
        return [account for account in self.entry_accounts() if 2000 <= account["AccountNumber"] <= 9399]

    # --- inside --------------------------------------------------------------------------------------------

    def _account_name(self, number: int) -> str:
        return str((self.accounts.get(number) or self.deposits[number])["Name"])

    def _require_account(self, number: Any, name: str) -> int:
        if not isinstance(number, int) or (number not in self.accounts and number not in self.deposits):
            raise invalid(name, "is not an account")
        return number

    def _require_year(self, on: date) -> None:
        if not any(first <= on <= last for first, last in self.years):
            raise Refusal(400, 47, "Accounting year not found")

    def _newest(self, document: Mapping[str, Any], body: Json) -> None:
        if not body.get("timestamp"):
            raise invalid("Timestamp", TIMESTAMP_REQUIRED)
        if body["timestamp"] != document["TimeStamp"]:
            raise Refusal(400, 58, "The Timestamp is not the newest")

    def _newest_if_given(self, document: Mapping[str, Any], body: Json) -> None:
        if body.get("timestamp") is not None:
            self._newest(document, body)

    def _stamp(self, document: Json) -> None:
        self._version += 1
        document["TimeStamp"] = f"{0x1A2B_0000_0000 + self._version * 7:016X}"
        document["UpdatedAt"] = self._now()

    def _now(self) -> str:
        return instant(self._clock.now())

    def _today(self) -> date:
        return copenhagen_date(self._clock.now())


def rate_of(code: str | None) -> Decimal:
    """The rate of a VAT code (a fraction), 0 for none."""
    return VAT_TYPES.get(code or "", ("", Decimal(0)))[1]


def _account(number: int, name: str, vat_code: str | None, category: str) -> Json:
    return {
        "AccountNumber": number,
        "PublicStandardNumber": None,
        "Name": name,
        "VatCode": vat_code,
        "Category": category,
        "CategoryName": CATEGORIES[category],
        "IsHidden": False,
        "IsDefaultSalesAccount": number == DEFAULT_ACCOUNT,
    }
