"""Who bought, where it goes, and the numbers that a company may have left in plugins' fields."""

import re
from collections.abc import Iterator
from typing import Any

from stdnum import ean
from stdnum.dk import cvr
from stdnum.eu import vat
from stdnum.exceptions import ValidationError

from dinero.model.orders import NumberField, Party
from dinero.shops import values
from dinero.shops.woocommerce.fields import Row, meta_of

# How plugins call a field for a company's number: there is no standard (facts.md, WooCommerce 2.6).
_NUMBER_KEY = re.compile(
    r"cvr|(^|[_\W])ean|gln|vat[_\W]?(no|num|id)|(^|[_\W])vat$|(eu|billing|company)[_\W]?vat|moms|org[_\W]?n|se[_\W]?n(umm|o|r)|"
    r"tax[_\W]?(no|num|id)|^_wc_(billing|shipping|other)/",
    re.IGNORECASE,
)
_SEPARATORS = re.compile(r"[\s.\-]")
MOST_NUMBERS = 20


def party_of(address: Row) -> Party:
    """A name and address; names are two fields, streets too."""
    name = " ".join(part for part in (address.text("first_name"), address.text("last_name")) if part)
    street = ", ".join(part for part in (address.text("address_1"), address.text("address_2")) if part)
    told = address.text("country", 60)
    code = values.country_code(told) if told else None
    zipcode, city = address.text("postcode", 40), address.text("city")
    return Party(name, address.text("company"), street, zipcode, city, code, told)


def delivery_of(order: Row) -> Party:
    """Where the goods go. All of it is empty for what is not sent, and then the buyer's address counts: a country alone
    is the shop's default (facts.md, WooCommerce 2.1)."""
    party = party_of(order.party("shipping"))
    told = (party.name, party.company, party.street, party.zipcode, party.city)
    return party if any(told) else Party()


def numbers_of(raw: Any) -> tuple[NumberField, ...]:
    """What stands in fields that are called like a company's number, and is one by its check digit. What each field
    means is the owner's to say."""
    found = [
        NumberField(key[:100], written)
        for key, written in _written(raw)
        if _NUMBER_KEY.search(key) and is_company_number(written)
    ]
    return tuple(dict.fromkeys(found))[:MOST_NUMBERS]


def is_company_number(written: str) -> bool:
    """Whether a text is a CVR number, an EAN (GLN) number or a VAT number of the EU, by its check digit. Eight digits
    may be a phone's by chance."""
    compact = _SEPARATORS.sub("", written).upper()
    if not compact.isascii() or not 8 <= len(compact) <= 15:
        return False
    if compact.isdigit():
        if len(compact) == 13:
            return bool(ean.is_valid(compact))
        return len(compact) == 8 and _is_cvr(compact)
    if compact.startswith("DK"):
        return _is_cvr(compact[2:])
    try:
        return compact[:2].isalpha() and bool(vat.validate(compact))
    except (ValidationError, ValueError):
        return False


def _is_cvr(digits: str) -> bool:
    return len(digits) == 8 and digits.isdigit() and bool(cvr.is_valid(digits))


def _written(raw: Any) -> Iterator[tuple[str, str]]:
    """Plugins' fields that are short texts, of an order or of a refund's order."""
    inner = raw.get("order") if isinstance(raw, dict) else None
    for key, value in meta_of(inner if isinstance(inner, dict) else raw):
        written = (
            values.text_or_nothing(value, 40) if isinstance(value, str | int) and not isinstance(value, bool) else ""
        )
        if written:
            yield key, written
