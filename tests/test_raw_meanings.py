"""Every field that is read of an order has words on the page that shows how it was read."""

import ast
from pathlib import Path

import pytest

from dinero.shops.shoporama.fields import FIELDS, LINE_FIELDS


def words() -> set[str]:
    """The names that pages/raw.py has words for; the page itself can't be imported outside Streamlit."""
    page = ast.parse((Path(__file__).parents[1] / "pages" / "raw.py").read_text(encoding="utf-8"))
    tables = [
        node.value
        for node in page.body
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Dict)
    ]
    return {key.value for table in tables for key in table.keys if isinstance(key, ast.Constant)}


@pytest.mark.parametrize("name", [*FIELDS, *LINE_FIELDS])
def test_a_field_that_is_read_has_words(name: str) -> None:
    assert name.removeprefix("billing_").removeprefix("delivery_") in words()
