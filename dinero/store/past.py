"""The past by days: what the strip of the history is summed from, by SQL alone."""

import json
from collections import Counter
from datetime import date, datetime, timedelta

from dinero.model.clock import copenhagen_date, midnight, utc_text
from dinero.model.documents import State
from dinero.model.past import PastDay, counted_as
from dinero.store.database import Part
from dinero.store.transfers import UNMENDED


class Past(Part):
    """Days, each with its orders, transfers and fetches."""

    def note_fetch(self, moment: datetime) -> None:
        """Remembers that a fetch came to its end on this (Copenhagen) day."""
        self._database.change(
            "insert or ignore into fetched_days (day) values (?)", [copenhagen_date(moment).isoformat()]
        )

    def days(self, first: date, last: date) -> list[PastDay]:
        """All days from `first` to `last`, both included, the oldest first."""
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        counts: dict[str, Counter[str]] = {day.isoformat(): Counter() for day in days}
        for day, state, n, changed in self._database.tuples(
            "select s.placed_on, s.state, s.n, coalesce(c.n, 0) from (select placed_on, state, count(*) as n from "
            "orders where placed_on between ? and ? group by placed_on, state) s left join (select placed_on, "
            "state, count(*) as n from orders indexed by orders_by_change where change is not null and placed_on "
            "between ? and ? group by placed_on, state) c on c.placed_on = s.placed_on and c.state = s.state",
            [first.isoformat(), last.isoformat()] * 2,
        ):
            counts[day][counted_as(State(state), changed=False)] += n - changed
            counts[day][counted_as(State(state), changed=True)] += changed
        for day, transfers, stopped, unmended in self._transfers(days):
            counts[day].update(transfers=transfers, stopped=stopped, unmended=unmended)
        fetched = {day for (day,) in self._database.tuples("select day from fetched_days where day >= ?", [str(first)])}
        since = self._database.row("select min(day) as day from fetched_days")
        begun = (since["day"] if since else None) or "9999"
        return [
            PastDay(day, **counts[str(day)], fetched=str(day) in fetched, expected=str(day) >= begun) for day in days
        ]

    def _transfers(self, days: list[date]) -> list[tuple[str, int, int, int]]:
        """Of the days on which there were any: how many, how many of them stopped, and of those the unmended."""
        spans = [[str(day), utc_text(midnight(day)), utc_text(midnight(day + timedelta(days=1)))] for day in days]
        return self._database.tuples(
            "select s.value ->> 0 as day, count(*) as transfers, sum(p.status = 'stopped') as stopped, "
            f"sum({UNMENDED}) as unmended "
            "from json_each(?) s join operations p on p.created_at >= s.value ->> 1 and p.created_at < s.value ->> 2 "
            "group by 1",
            [json.dumps(spans)],
        )
