"""The VAT rates of the EU's countries, as of 2026: standard and reduced ones, in per cent.

Typed by hand and compared on 2026-11-28 with the PyPI package eu-vat-rates-data 2026.9.29, which publishes the
Commission's list (Taxes in Europe Database): every country's standard rate is the same. Here and not there: Ireland's
4.8 %, and Malta's 12 % (a parking rate there). There and not here: Austria's 4.9 %, and rates of parts of a country
(the Azores, Madeira, Greek islands, Corsica, Jungholz). Zero rates are not here either: what is not here is asked
about, never booked in silence.
"""

from collections.abc import Mapping
from decimal import Decimal

from dinero.model.findings import Answers, Choice, Question
from dinero.model.i18n import Text


def _rates(*per_cent: str) -> frozenset[Decimal]:
    return frozenset(Decimal(rate) / 100 for rate in per_cent)


RATES: Mapping[str, frozenset[Decimal]] = {
    "AT": _rates("20", "13", "10"),
    "BE": _rates("21", "12", "6"),
    "BG": _rates("20", "9"),
    "CY": _rates("19", "9", "5", "3"),
    "CZ": _rates("21", "12"),
    "DE": _rates("19", "7"),
    "EE": _rates("24", "13", "9"),
    "ES": _rates("21", "10", "4"),
    "FI": _rates("25.5", "13.5", "10"),
    "FR": _rates("20", "10", "5.5", "2.1"),
    "GR": _rates("24", "13", "6"),
    "HR": _rates("25", "13", "5"),
    "HU": _rates("27", "18", "5"),
    "IE": _rates("23", "13.5", "9", "4.8"),
    "IT": _rates("22", "10", "5", "4"),
    "LT": _rates("21", "12", "5"),
    "LU": _rates("17", "14", "8", "3"),
    "LV": _rates("21", "12", "5"),
    "MC": _rates("20", "10", "5.5", "2.1"),  # as France (Directive 2006/112 art. 7)
    "MT": _rates("18", "12", "7", "5"),
    "NL": _rates("21", "9"),
    "PL": _rates("23", "8", "5"),
    "PT": _rates("23", "13", "6"),
    "RO": _rates("21", "11"),
    "SE": _rates("25", "12", "6"),
    "SI": _rates("22", "9.5", "5"),
    "SK": _rates("23", "19", "5"),
    "XI": _rates("20", "5"),  # Northern Ireland has the United Kingdom's rates
}


def per_cent(rate: Decimal) -> str:
    """A rate (a fraction) in per cent, as Danes write it."""
    return f"{(rate * 100).normalize():f}".replace(".", ",")


def rate_rule(country: str, rate: Decimal) -> str:
    """The key of the question whether a country has a rate."""
    return f"oss_rate:{country}:{per_cent(rate)}"


def is_known_rate(country: str, rate: Decimal, answers: Answers) -> bool:
    """Whether a country has a rate: by the table, or as the owner said."""
    return rate in RATES.get(country, ()) or rate_question(country, rate).answer(answers) is not None


def rate_question(country: str, rate: Decimal) -> Question:
    """Whether a country has a rate that the table does not know of."""
    return Question(
        rate_rule(country, rate),
        Text(
            "With OSS the VAT is the buyer's country's. A rate that this country does not have, or none at all, is "
            "mostly a mistake in the shop: Danish VAT that is still charged, or a product without a rate. Some "
            "countries have a zero rate or a rate of their own for a few goods or places; ask your accountant."
        ),
        (Choice("right", Text("The rate is right: book it as this country's VAT")),),
    )
