"""The sales of the last weeks as bars, a day in what became of its orders; each day leads to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape

import streamlit as st
from babel.dates import format_date

from dinero.model.money import Money
from dinero.reports.overview import CHART_DAYS, GROUPS, DaySum, Overview
from pages import drawn, fee_bar, ui
from pages.ui import t

COLOURS = {"done": "green", "waiting": "blue", "owner": "orange", "not due": "gray", "ignored": "pale"}
LABELLED = 7  # days from one label to the next


@dataclass(frozen=True, slots=True)
class Day:
    """A day's sums by group, in øre; a group below zero is of credit notes."""

    day: date
    ore: Mapping[str, int]
    count: int

    @property
    def above(self) -> int:
        """What is above the line."""
        return sum(ore for ore in self.ore.values() if ore > 0)

    @property
    def below(self) -> int:
        """What is below it, as a positive sum."""
        return -sum(ore for ore in self.ore.values() if ore < 0)


def draw(now: Overview) -> None:
    """Nothing where there were no orders in these days."""
    if not now.days:
        return
    days = list(_days(now.days, now.today))
    head = t("Sales of the last {days} days, and what became of them", days=CHART_DAYS)
    st.html(f'<h2 class="part">{escape(head)}</h2>{_said(now)}{_chart(days, head)}{_legend(days)}')


def _days(found: Sequence[DaySum], today: date) -> Sequence[Day]:
    start = today - timedelta(days=CHART_DAYS - 1)
    by_day: dict[date, list[DaySum]] = {start + timedelta(days=n): [] for n in range(CHART_DAYS)}
    for part in found:
        by_day[part.day].append(part)
    return [
        Day(day, {part.group: part.ore for part in parts}, sum(part.count for part in parts))
        for day, parts in by_day.items()
    ]


def _said(now: Overview) -> str:
    """What the picture says, in one sentence: the latest day with something left for the owner, else with something
    that waits."""
    for group, address in (("owner", "/needs-you"), ("waiting", "/orders?view=waiting")):
        left = [part for part in now.days if part.group == group]
        if not left:
            continue
        last = max(left, key=lambda part: part.day)
        values = {"day": short_day(last.day), "amount": ui.amount(last.ore)}
        text = t("{day}: {amount} need you.", **values) if group == "owner" else t("{day}: {amount} wait.", **values)
        days = len({part.day for part in left})
        if days > 1:
            text += " " + t("So do {n} day before it.", "So do {n} days before it.", n=days - 1)
        return f"<p>{drawn.link(address, text)}</p>"
    return f"<p>{escape(t('All that is ready is transferred.'))}</p>"


def _chart(days: Sequence[Day], alt: str) -> str:
    top = max(day.above for day in days) or 1
    bottom = max(day.below for day in days)
    # Above and below share one scale; some air over the highest bar.
    share = top * 1.08 / (top * 1.08 + bottom)
    bars = "".join(_bar(day, place, top * 1.08, bottom) for place, day in enumerate(days))
    highest = fee_bar.kroner(Money(top))
    return (
        f'<div class="sales" style="--above:{share:.3f}"><span class="top">{escape(highest)}</span>'
        f'<ul class="days" aria-label="{escape(alt)}">{bars}</ul></div>'
    )


def _bar(day: Day, place: int, top: float, bottom: int) -> str:
    last = place == CHART_DAYS - 1
    label = short_day(day.day) if (CHART_DAYS - 1 - place) % LABELLED == 0 else ""
    where = "last" if last else "near" if place >= CHART_DAYS - 1 - LABELLED else ""  # both don't fit on a phone
    mark = f'<small class="{where}">{escape(label)}</small>' if label else ""
    if not day.count:
        return f"<li>{mark}</li>"
    parts = ", ".join(f"{name_of(group)} {ui.amount(ore)}" for group, ore in day.ore.items())
    told = f"{short_day(day.day)}: {t('{n} order', '{n} orders', n=day.count)}, {parts}"
    address = drawn.to("/orders", view="all", day=day.day.isoformat())
    over = "".join(
        f'<i class="{COLOURS[group]}" style="height:{day.ore[group] / top:.2%}"></i>'
        for group in reversed(list(GROUPS))
        if day.ore.get(group, 0) > 0
    )
    under = "".join(
        f'<i class="{COLOURS[group]}" style="height:{-day.ore[group] / bottom:.2%}"></i>'
        for group in GROUPS
        if day.ore.get(group, 0) < 0
    )
    return (
        f'<li><a class="go" href="{escape(address)}" title="{escape(told)}" aria-label="{escape(told)}">'
        f'<span class="over">{over}</span><span class="under">{under}</span></a>{mark}</li>'
    )


def _legend(days: Sequence[Day]) -> str:
    """The groups that occur, and what is below the line."""
    there = [group for group in GROUPS if any(group in day.ore for day in days)]
    words = "".join(f'<span><i class="{COLOURS[group]}"></i>{escape(name_of(group))}</span>' for group in there)
    below = f"<span>{escape(t('Below the line: credit notes'))}</span>" if any(day.below for day in days) else ""
    return f'<div class="legend">{words}{below}</div>'


def short_day(day: date) -> str:
    """A day of this year: "24. nov."."""
    return str(format_date(day, "d. MMM" if ui.language() == "da" else "d MMM", locale=ui.language()))


def name_of(group: str) -> str:
    """A group in the owner's words."""
    return {
        "done": t("Transferred"),
        "waiting": t("Waiting"),
        "owner": t("Needs you"),
        "not due": t("Not due yet"),
        "ignored": t("Left out"),
    }[group]
