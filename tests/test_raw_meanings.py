"""Every field that is read of an order has words, for the reason it is held and the page that shows how it was read."""

import pytest

from dinero.shops.shoporama.fields import FIELDS, LINE_FIELDS
from dinero.shops.shoporama.meanings import meaning


@pytest.mark.parametrize("name", [*FIELDS, *(f"lines.1.{name}" for name in LINE_FIELDS)])
def test_a_field_that_is_read_has_words(name: str) -> None:
    assert meaning(name).render("da")


def test_a_field_of_an_address_or_a_line_says_whose_it_is() -> None:
    assert meaning("delivery_city").render("da") == "Leveres til: By"
    assert meaning("lines.2.quantity").render("da") == "Linje 2: Antal"
