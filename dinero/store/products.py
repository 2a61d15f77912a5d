"""Products that were sold with 25 % VAT."""

import json
from collections.abc import Iterable, Mapping

from dinero.store.database import Part


class Products(Part):
    """Products that were sold with 25 % VAT, by shop."""

    def any_with_vat(self, shop: str | None = None) -> bool:
        """Whether any product was ever sold with 25 % VAT, in this shop where one is named."""
        chosen, named = ("", []) if shop is None else (" where shop = ?", [shop])
        return self._database.row(f"select 1 from products_with_vat{chosen} limit 1", named) is not None

    def with_vat(self, shop: str, products: Iterable[str]) -> dict[str, str]:
        """Those of these products that were sold with 25 % VAT, each with the number of an order in which it was."""
        chosen = "shop = ? and product in (select value from json_each(?))"
        rows = self._database.rows(
            f"select product, order_number from products_with_vat where {chosen}", [shop, json.dumps(sorted(products))]
        )
        return {row["product"]: row["order_number"] for row in rows}

    def all_with_vat(self, shop: str) -> set[str]:
        """All products that were sold with 25 % VAT."""
        return {
            row["product"]
            for row in self._database.rows("select product from products_with_vat where shop = ?", [shop])
        }

    def save(self, shop: str, products: Mapping[str, str]) -> None:
        """Remembers products that were sold with 25 % VAT, each with the number of an order in which it was."""
        with self._database.transaction() as db:
            for product, number in products.items():
                db.execute(
                    "insert into products_with_vat values (?, ?, ?) on conflict do nothing", [shop, product, number]
                )
