"""Texts: English in the code, all of them in Danish in the catalogue, values written as Danes write them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from dinero.model.i18n import Text, show, translations
from dinero.model.money import Money
from texts import catalogue, collect, names, one_or_more


def test_every_text_of_the_code_is_in_the_catalogue_and_nothing_else_is() -> None:
    assert {message.id for message in catalogue() if message.id} == set(collect())


def test_every_text_has_a_danish_translation_with_the_same_values() -> None:
    for message in catalogue():
        if not message.id:
            continue
        forms, ids = one_or_more(message.string or ""), one_or_more(message.id)
        assert all(forms), message.id
        assert not message.fuzzy, message.id
        expected = set().union(*(names(text) for text in ids))
        for form in forms:
            assert names(form) <= expected, message.id
        assert names(forms[-1]) == names(ids[-1]), message.id


def test_the_catalogue_is_read_by_gettext() -> None:
    assert translations("da").gettext("The settings were changed.") != "The settings were changed."
    assert translations("en").gettext("The settings were changed.") == "The settings were changed."


@pytest.mark.parametrize(
    ("value", "danish"),
    [
        (Money(123456750), "1.234.567,50 kr."),
        (Money(-9995), "-99,95 kr."),
        (Money(24900, "EUR"), "249,00 €"),
        (date(2026, 3, 1), "1. mar. 2026"),
        (datetime(2025, 12, 31, 23, 30, tzinfo=UTC), "1. jan. 2026 00.30"),
        (Decimal("1.45"), "1,45"),
        (None, ""),
    ],
)
def test_values_are_written_as_danes_write_them(value: object, danish: str) -> None:
    assert show(value, "da").replace("\xa0", " ") == danish  # type: ignore[arg-type]


def test_a_stored_text_is_read_back_equal_and_in_either_language() -> None:
    text = Text("{n} order needs you.", "{n} orders need you.", n=2)
    assert Text.loads(text.dumps()) == text
    assert text.render("en") == "2 orders need you."
    values = Text("{a} {b} {c}", a=Money(1), b=date(2026, 1, 1), c=datetime(2026, 1, 1, tzinfo=UTC))
    assert Text.loads(values.dumps()) == values
