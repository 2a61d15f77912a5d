"""VAT and CVR numbers: can this one exist, and whose is it?"""

from stdnum.dk import cvr
from stdnum.eu import vat as eu_vat
from stdnum.gb import vat as gb_vat

from dinero.model.orders import Order


def compact_vat_number(written: str) -> str:
    """A VAT number without spaces, dots and dashes, in capitals; Greece as EL."""
    compact = "".join(character for character in written.upper() if character.isalnum())
    return "EL" + compact[2:] if compact.startswith("GR") and eu_vat.is_valid("EL" + compact[2:]) else compact


def eu_vat_number(order: Order) -> str | None:
    """The buyer's VAT number of another EU country, when its format and check digits are right; else None.

    A number without its prefix is read by the buyer's own country only: eight digits are a number in Denmark, and by
    chance one in Finland too, where the goods go.
    """
    number = compact_vat_number(order.vat_number)
    own = "EL" if order.billing.country == "GR" else order.billing.country or ""
    for candidate in (number, f"{own}{number}"):
        prefix = candidate[:2]
        if prefix == "XI" and gb_vat.is_valid(candidate[2:]):
            return candidate
        if prefix.isalpha() and prefix not in ("DK", "EU") and eu_vat.is_valid(candidate):
            return candidate
    return None


def danish_number(order: Order) -> str | None:
    """The buyer's CVR number, eight digits, when its check digit is right; else None."""
    digits = cvr_digits(order.vat_number)
    return digits if cvr.is_valid(digits) else None


def cvr_digits(vat_number: str) -> str:
    """A Danish VAT number as Dinero keeps it: eight digits without DK, spaces or dashes (facts.md, Dinero 6.9)."""
    compact = "".join(character for character in vat_number.upper() if character.isalnum())
    return compact.removeprefix("DK")
