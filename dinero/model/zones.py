"""VAT zones: their names, and the VAT codes that an account of each must have."""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum

from dinero.model.i18n import Text

DANISH_VAT = Decimal("0.25")


class Zone(StrEnum):
    """A VAT zone. OSS is a sale with another country's VAT, which Dinero can't book (facts.md, Dinero 5b.3)."""

    DOMESTIC = "domestic"
    DOMESTIC_FREE = "domestic_free"
    REVERSE_CHARGE = "reverse_charge"  # a Danish company pays the VAT itself (ML § 46)
    EU_BUSINESS = "eu_business"
    EU_CONSUMER = "eu_consumer"
    WORLD = "world"
    OSS = "oss"


ZONE_NAMES: Mapping[Zone, Text] = {
    Zone.DOMESTIC: Text("Denmark"),
    Zone.DOMESTIC_FREE: Text("Denmark, VAT-free"),
    Zone.REVERSE_CHARGE: Text("Denmark, reverse charge"),
    Zone.EU_BUSINESS: Text("EU, business"),
    Zone.EU_CONSUMER: Text("EU, consumer (Danish VAT)"),
    Zone.WORLD: Text("Outside the EU"),
    Zone.OSS: Text("EU, consumer (OSS)"),
}

# The VAT codes that an account of the zone must have (facts.md, Dinero 5a); "" and "none" are an account without VAT. Which code
# Dinero has for domestic reverse charge is not known: there it may be any that is not known to be for something else.
ZONE_CODES: Mapping[Zone, frozenset[str]] = {
    Zone.DOMESTIC: frozenset({"U25"}),
    Zone.DOMESTIC_FREE: frozenset({"", "none"}),
    Zone.EU_CONSUMER: frozenset({"U25"}),
    Zone.EU_BUSINESS: frozenset({"UEUV", "UEUV2", "UEUY"}),
    Zone.WORLD: frozenset({"UVV", "UVY"}),
    Zone.REVERSE_CHARGE: frozenset(),
}
