"""When the orders were fetched last and what came of it: of all shops, and of each where one is behind or failed."""

from datetime import timedelta
from html import escape

from dinero.model.clock import COPENHAGEN, copenhagen_date
from dinero.model.health import FetchRecord
from pages import ui, which_shop
from pages.ui import t

APART = timedelta(minutes=10)  # shops are fetched one after the other


def told(record: FetchRecord) -> str:
    """ "Fetched at 10.41: 12 new, 1 changed"."""
    if record.at is None:
        return ""
    is_today = copenhagen_date(record.at) == copenhagen_date(ui.dashboard().clock.now())
    time = record.at.astimezone(COPENHAGEN).time().replace(second=0, microsecond=0)
    if not (record.new or record.changed):
        if not is_today:
            return t("Fetched {moment}: nothing new", moment=record.at)
        return t("Fetched at {time}: nothing new", time=time)
    counts = {"new": record.new, "changed": record.changed}
    if not is_today:
        return t("Fetched {moment}: {new} new, {changed} changed", moment=record.at, **counts)
    return t("Fetched at {time}: {new} new, {changed} changed", time=time, **counts)


def failed() -> dict[str, str]:
    """Why the last fetch of a shop failed, by the shop's name; with its title where there are others."""
    said, titles = {}, which_shop.titles()
    for name, record in ui.dashboard().orders.last_fetches().items():
        if record is not None and record.problem is not None:
            problem = ui.say(record.problem)
            said[name] = f"{titles[name]}: {problem}" if name in titles else problem
    return said


def never() -> list[str]:
    """The titles of the shops whose orders were never fetched, where there are several."""
    titles, records = which_shop.titles(), ui.dashboard().orders.last_fetches()
    missing = [name for name, record in records.items() if record is None or record.at is None]
    return [titles[name] for name in missing if name in titles]


def apart() -> str:
    """Of each shop when its orders were fetched last, in HTML, where one failed or is behind the others; else ""."""
    titles, records = which_shop.titles(), ui.dashboard().orders.last_fetches()
    ats = [record.at for record in records.values() if record is not None and record.at is not None]
    if not titles or not records:
        return ""
    if len(ats) == len(records) and max(ats) - min(ats) < APART and not failed():
        return ""
    lines = []
    for name, record in records.items():
        said = told(record) if record is not None and record.at is not None else t("Not fetched yet")
        sign = '<b class="red">✕</b> ' if record is not None and record.problem is not None else ""
        lines.append(f"<span>{sign}{escape(f'{titles[name]}: {said[:1].lower()}{said[1:]}')}</span>")
    return f'<p class="quiet fetches">{" · ".join(lines)}</p>'
