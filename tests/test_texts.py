"""Texts: English in the code, all of them in Danish in the catalogue, values written as Danes write them."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from dinero.model.former import FORMER, FORMER_VALUES
from dinero.model.i18n import Text, mask, money, show, translations
from dinero.model.money import Money
from texts import catalogue, collect, names, one_or_more

# Words and signs that the Danish texts never have, and what stands there instead.
NEVER = {
    "English quotation marks (”…”)": "[“‘]",
    "a shop that is not called webshop": r"(?i)(?<!One Stop )\bshop(pe[nr]s?|s)?\b",
    "the acquirer's old name (Nets)": r"\bNETS\b",
    "the owner as many or as a stranger (du)": r"\b[Jj]er(es)?\b|(?<=[a-zæøå,;] )(I|De|Dem|Deres)\b",
    "a hand (manuelt)": r"(?i)\bi hånden\b",
    "other words than those of Dinero's mail (Client ID, Client Secret)": "(?i)klient-?id|klient-?hemmelighed",
    "an imperative without its accent": r"(?i)\b(registrer|krediter|opdater|eksporter|opgrader|kontroller|annuller)\b",
    "an exclamation mark": "!",
    "an amount or a number with a hyphen as its minus": r"(?<![\w{])-\d",
    "two words for fx": r"\bfor eksempel\b",
}
# The traditional comma stands before these words, unless one of those before them begins the clause.
SUBORDINATE = re.compile(
    r"(?<!\bog)(?<!\beller)(?<!\buanset)(?<!\bskriv)(?<=[\w}”]) (medmindre|fordi|hvornår|hvorfor) "
)


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
        (Money(-9995), "−99,95 kr."),
        (Money(24900, "EUR"), "249,00 €"),
        (date(2026, 3, 1), "1. mar. 2026"),
        (datetime(2025, 12, 31, 23, 30, tzinfo=UTC), "1. jan. 2026 00.30"),
        (Decimal("1.45"), "1,45"),
        (Decimal("-1.45"), "−1,45"),
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


def danish() -> list[str]:
    """All Danish texts; what is filled in has no name in them."""
    forms = (form for message in catalogue() if message.id for form in one_or_more(message.string or ""))
    return [re.sub(r"{\w+}", "{}", form) for form in forms]


@pytest.mark.parametrize("told", NEVER)
def test_the_danish_texts_speak_with_one_voice_and_never_have(told: str) -> None:
    assert [text for text in danish() if re.search(NEVER[told], text)] == []


def test_every_danish_quotation_is_closed() -> None:
    assert [text for text in danish() if text.count("”") % 2] == []


def test_a_comma_stands_before_a_subordinate_clause() -> None:
    assert [text for text in danish() if SUBORDINATE.search(text)] == []


def test_an_amount_on_the_screen_has_a_minus_sign_and_one_in_a_file_a_hyphen() -> None:
    assert show(Money(-29900)) == "−299,00\xa0kr."
    assert money(Money(-29900)) == "-299,00\xa0kr."
    assert "−299,00\xa0kr." in Text("{total} was registered on {account}.", total=Money(-29900), account="x").render()


def test_an_amount_that_is_copied_from_the_screen_can_be_typed() -> None:
    assert Money.from_danish(show(Money(-29900))) == Money(-29900)


def test_a_text_may_hold_texts_and_is_read_back_equal_with_them() -> None:
    fields = (Text("Total"), Text("Line {n}: {field}", n="2", field=Text("Quantity")))
    text = Text("Several fields can't be read: {fields}.", fields=fields)
    assert text.render("en") == "Several fields can't be read: Total, Line 2: Quantity."
    assert text.render("da") == "Flere felter kan ikke læses: Total, Linje 2: Antal."
    assert Text.loads(text.dumps()) == text


def test_what_is_masked_in_a_text_is_masked_in_the_texts_that_it_holds() -> None:
    held = Text("“{field}” is “{value}”", field=Text("Name"), value="Mette Holm")
    text = Text("Several fields can't be read: {fields}.", fields=(held, Text("Total")))
    assert "Mette" not in text.without(mask(["Mette Holm"])).dumps()
    assert "Mette" not in Text("{field}", field=held).without(mask(["Mette Holm"])).dumps()


def test_a_sentence_that_an_earlier_version_stored_is_read_in_todays_words() -> None:
    stored = Text("The transfer of order {number}, {total}, was begun.", number="1042", total=Money(24900)).dumps()
    assert Text.loads(stored).render("da") == "Overførslen begyndte."
    one, more = (f"The customer of {{n}} order{s} was forgotten." for s in ("", "s"))
    assert Text.from_json([one, {"n": 3}, more]).render("da") == "Kundens data er fjernet fra 3 ordrer."


def test_every_former_sentence_leads_to_one_of_today_with_the_same_values() -> None:
    today = {form for message in collect() for form in one_or_more(message)}
    assert set(FORMER.values()) <= today
    assert not set(FORMER) & today
    known = set(FORMER_VALUES)
    assert [former for former, now in FORMER.items() if not names(now) <= names(former) | known] == []


def test_a_stored_sentence_that_named_the_only_shop_system_names_it_still() -> None:
    stored = Text("See the order in Shoporama.").dumps()
    assert Text.loads(stored).render("da") == "Se ordren i Shoporama."
    assert Text.loads(Text("See the order in {shop}.", shop="WooCommerce").dumps()).render("en") == (
        "See the order in WooCommerce."
    )


def test_a_value_is_filled_in_where_a_sentence_names_it_and_has_not() -> None:
    see, named = Text("See the order in {shop}."), Text("See the order in {shop}.", shop="B")
    assert see.filled(shop="A").render("en") == "See the order in A."
    assert named.filled(shop="A") == named
    assert Text("The order has no date.").filled(shop="A") == Text("The order has no date.")
    held = Text("{one} {all}", one=see, all=(see, named)).filled(shop="A")
    assert held.render("en") == "See the order in A. See the order in A., See the order in B."
