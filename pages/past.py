"""How the past is drawn: the strip of days, transfers as rows, and the way of one order, in HTML of our own."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from html import escape

from babel import Locale

from dinero.dashboard.past import OrderWay
from dinero.model.documents import Action, Progress
from dinero.model.i18n import Text
from dinero.model.past import DAY_NAMES, DayState, PastDay
from dinero.model.transfers import TransferRecord
from dinero.reports.way import Standing, Track, WayStep
from dinero.signin.sessions import OWNER
from pages import drawn, ui
from pages.ui import t

# A day's sign and colour: never told by colour alone.
DAYS: Mapping[DayState, tuple[str, str]] = {
    DayState.THROUGH: ("✓", "green"),
    DayState.WAITING: ("◔", "blue"),
    DayState.OWNER: ("▲", "orange"),
    DayState.STOPPED: ("✕", "red"),
    DayState.NO_SALE: ("·", "gray"),
    DayState.NOT_RUN: ("", "none"),
}
STANDINGS: Mapping[Standing, tuple[str, str]] = {
    Standing.DONE: ("✓", "green"),
    Standing.WAITING: ("◔", "blue"),
    Standing.OWNER: ("▲", "orange"),
    Standing.REFUSED: ("✕", "red"),
    Standing.OPEN: ("", "none"),
    Standing.LEFT: ("–", "gray"),
}
STANDING_NAMES: Mapping[Standing, Text] = {
    Standing.DONE: Text("done"),
    Standing.WAITING: Text("waits"),
    Standing.OWNER: Text("needs you"),
    Standing.REFUSED: Text("refused"),
    Standing.OPEN: Text("not reached yet"),
    Standing.LEFT: Text("ended here"),
}
CORRECTIONS: Mapping[Action, Text] = {
    Action.UNDO: Text("Invoice taken back"),
    Action.REBOOK: Text("Taken back and booked anew"),
    Action.DIFFERENCE: Text("Difference credited"),
    Action.PAY: Text("Payment registered"),
    Action.ACCEPT: Text("Taken over as it is in Dinero"),
}


# --- days ----------------------------------------------------------------------------------------


def strip(days: Sequence[PastDay], chosen: date | None) -> str:
    """The days as squares, a column a week, each a link to itself; below them what the signs mean, with counts."""
    monday = days[0].day - timedelta(days=days[0].day.weekday())
    squares = "".join(_square(day, (day.day - monday).days // 7 + 1, chosen) for day in days)
    counts = Counter(day.state for day in days)
    legend = "".join(
        f"<span>{_sign(*DAYS[state])} {escape(ui.say(DAY_NAMES[state]))} <b>{counts[state]}</b></span>"
        for state in DAYS
        if counts[state]
    )
    label = escape(t("The last {n} days", n=len(days)))
    return (
        f'<h2 class="of">{label} <small class="quiet">{escape(t("by the day of the order"))}</small></h2>'
        f'<div class="strip"><nav class="days" aria-label="{label}">{_weekdays()}{squares}{_months(days, monday)}</nav>'
        f'<div class="signs">{legend}</div></div>'
    )


def _square(day: PastDay, week: int, chosen: date | None) -> str:
    sign, colour = DAYS[day.state]
    said = escape(day_sentence(day))
    current = ' aria-current="date"' if day.day == chosen else ""
    place = f"--week:{week + 1};--weekday:{day.day.weekday() + 1}"
    address = escape(drawn.to("/history", day=str(day.day)))
    return (
        f'<a class="go day {colour}" style="{place}" href="{address}" title="{said}" aria-label="{said}"{current}>'
        f"{sign}</a>"
    )


def _weekdays() -> str:
    names = Locale.parse(ui.language()).days["stand-alone"]["abbreviated"]
    shown = (0, 2, 4)  # the others are between them
    return "".join(
        f'<i aria-hidden="true" style="--week:1;--weekday:{n + 1}">{escape(names[n].strip("."))}</i>' for n in shown
    )


def _months(days: Sequence[PastDay], monday: date) -> str:
    """The months below the weeks in which they begin."""
    names = Locale.parse(ui.language()).months["stand-alone"]["abbreviated"]
    return "".join(
        f'<i aria-hidden="true" style="--week:{(day.day - monday).days // 7 + 2};--weekday:8">'
        f"{escape(names[day.day.month].strip('.'))}</i>"
        for day in days
        if day.day.day == 1
    )


def _sign(sign: str, colour: str) -> str:
    return f'<i class="sign {colour}" aria-hidden="true">{sign}</i>'


def day_sentence(day: PastDay) -> str:
    """ "27. nov. 2026: Needs you. 4 orders. 3 are transferred. 1 needs you.\""""
    return " ".join([f"{ui.day(day.day)}: {ui.say(DAY_NAMES[day.state])}.", *map(ui.say, day.sentences)])


def day_head(day: PastDay) -> str:
    """A chosen day, with the way out."""
    sign, colour = DAYS[day.state]
    name = f"{escape(ui.day(day.day))} {_sign(sign, colour)} {escape(ui.say(DAY_NAMES[day.state]))}"
    said = escape(" ".join(map(ui.say, day.sentences)))
    out = drawn.link("/history", t("All days"), "button")
    return f'<div class="dayhead"><h2>{name}</h2><p>{said}</p>{out}</div>'


# --- transfers -----------------------------------------------------------------------------------


def transfers(records: Iterable[TransferRecord], day: date | None, shop: str = "") -> str:
    """Transfers and corrections, each with its orders, sum, outcomes and time; a click opens it."""
    listed = "".join(_transfer(record, day, shop) for record in records)
    return f'<ul class="rows transfers" aria-label="{escape(t("Transfers"))}">{listed}</ul>'


def _transfer(record: TransferRecord, day: date | None, shop: str) -> str:
    address = drawn.to("/history", day=str(day) if day else "", shop=shop, transfer=record.id)
    note = transfer_note(record)
    told = [t("{n} order", "{n} orders", n=record.orders), duration(record)]
    colour = "red" if record.unmended else "quiet"
    return (
        f"<li data-row>{drawn.link(address, ui.when(record.created_at), 'title')}"
        f'<span class="who">{escape(who(record.actor))}</span>'
        f'<span class="what">{escape(" · ".join(part for part in told if part))}</span>'
        f'<span class="amount">{escape(ui.by_currency(record.sums))}</span>{outcomes(record, thin=True)}'
        f"{f'<span class=note><span class={colour}>{escape(note)}</span></span>' if note else ''}</li>"
    )


def transfer_note(record: TransferRecord) -> str:
    """What a row says below itself: what it was, if no plain transfer, and why it stopped or that it is under way."""
    parts = [ui.say(CORRECTIONS[record.action])] if record.action in CORRECTIONS else []
    if record.status is Progress.STOPPED:
        parts.append(t("Stopped: {reason}", reason=ui.reasons(record.reasons)))
    elif record.status is Progress.PAUSED:
        parts.append(t("Paused"))
    elif not record.is_over:
        parts.append(t("Under way"))
    elif record.found_done:
        parts.append(t("Had been transferred already"))
    return " · ".join(parts)


def who(actor: str) -> str:
    """Who asked for a transfer, as the one who looks would say it."""
    names = {
        "owner": t("by you") if ui.role() == OWNER else t("by the owner"),
        "automatic": t("automatic"),
        "command": t("command"),
    }
    return names.get(actor, actor)


def outcomes(record: TransferRecord, *, thin: bool = False) -> str:
    """The bar of what became of a transfer's orders."""
    found = record.outcomes
    parts = [
        drawn.Part(found.done, "green", t("{n} is through", "{n} are through", n=found.done)),
        drawn.Part(found.owner, "orange", t("{n} needs you", "{n} need you", n=found.owner)),
        drawn.Part(found.refused, "red", t("{n} was refused", "{n} were refused", n=found.refused)),
        drawn.Part(found.left, "gray", t("{n} was not done", "{n} were not done", n=found.left)),
    ]
    shown = [part for part in parts if part.share]
    return drawn.bar(shown, alt=", ".join(part.label for part in shown) or t("No orders."), thin=thin)


def duration(record: TransferRecord) -> str:
    """How long it took, "" before it is over."""
    return "" if record.seconds is None else ui.lasted(timedelta(seconds=max(record.seconds, 1)))


# --- one order -----------------------------------------------------------------------------------


def way(found: OrderWay) -> str:
    """The tracks of an order, one below the other."""
    return "".join(_track(track, found) for track in found.tracks)


def _track(track: Track, found: OrderWay) -> str:
    title = escape(ui.say(track.title))
    if track.order != found.row.key:
        address = drawn.to("/history", order=track.order.address)
        title += f" · {drawn.link(address, t('Return {number}', number=track.order_number))}"
    steps = "".join(_step(step) for step in track.steps)
    return f'<section class="track"><h3>{title}</h3><ol class="way">{steps}</ol></section>'


def _step(step: WayStep) -> str:
    sign, colour = STANDINGS[step.standing]
    waited = ui.lasted(step.waited) if step.waited is not None else ""
    told = escape(" ".join(map(ui.say, step.told)))
    parts = [
        f"<b>{escape(ui.say(step.name))}</b>",
        f'<span class="hidden">{escape(ui.say(STANDING_NAMES[step.standing]))}</span>',
        f"<time>{escape(ui.moment(step.at.isoformat()))}</time>" if step.at is not None else "",
        f"<small>{escape(t('{time} later', time=waited))}</small>" if waited else "",
        f"<em>{told}</em>" if told else "",
    ]
    return f'<li class="{colour}">{_sign(sign, colour)}<span class="step">{"".join(parts)}</span></li>'
