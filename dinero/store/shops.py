"""The owner's shops: what each is, where it is and whether its orders come and go."""

from typing import Any

from dinero.model.shops import Shop, ShopState
from dinero.store.database import Part


class Shops(Part):
    """All shops there ever were, by name: a name stays with its shop, because Guids are made of it."""

    def all(self) -> dict[str, Shop]:
        """All shops, removed ones too, the oldest first."""
        rows = self._database.rows("select * from shops order by rowid")
        return {row["name"]: _shop(row) for row in rows}

    def get(self, name: str) -> Shop | None:
        """One shop."""
        row = self._database.row("select * from shops where name = ?", [name])
        return None if row is None else _shop(row)

    def save(self, shop: Shop) -> None:
        """Adds a shop, or stores what may change of one."""
        with self._database.transaction() as db:
            db.execute(
                "insert into shops (name, system, title, address, state, added_at) values (?, ?, ?, ?, ?, ?) "
                "on conflict (name) do update set title = excluded.title, address = excluded.address, "
                "state = excluded.state",
                [shop.name, shop.system, shop.title, shop.address, shop.state, self._database.stamp()],
            )

    def names(self, *states: ShopState) -> list[str]:
        """The names of the shops in these states."""
        return [shop.name for shop in self.all().values() if shop.state in states]


def _shop(row: dict[str, Any]) -> Shop:
    from dinero.shops.systems import SYSTEMS  # the systems speak HTTP: heavy for those who only open a store

    return Shop(
        row["name"],
        row["system"],
        SYSTEMS[row["system"]].name,
        row["title"],
        row["address"],
        ShopState(row["state"]),
    )
