"""What needs the owner: groups that say the same, one answer for all of a group, and each order beside its list."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from html import escape
from itertools import groupby

import streamlit as st

from dinero.model.attention import Group, Need
from dinero.model.documents import OrderKey, StoredOrder
from dinero.model.errors import DashboardError
from dinero.model.i18n import Text
from dinero.reports.overview import GROUPS
from dinero.rules import changes
from dinero.signin.sessions import OWNER, may_answer
from pages import details, drawn, progress, ui, which_shop
from pages.needing import PAGE_SIZE, Place, pages
from pages.ui import t

SHOWN_AT_ONCE = 3  # rows that a group shows by itself
ANSWERED_AT_ONCE = 3  # groups that are answered without being opened
FEW_CHOICES = 4  # answers that have a button each
SEARCHED = 10  # orders from which on a search is offered
ONE_BY_ONE = "one-by-one"  # the list of orders that alone say what they say
TOLD, OPENED = "attention/told", "attention/opened"  # in the session

dashboard = ui.dashboard


@dataclass(frozen=True, slots=True)
class Told:
    """What became of the last answer; it stays until the next one, or until the owner goes elsewhere."""

    group: str
    sentences: Sequence[Text]
    failed: bool = False
    place: str = ""  # the address where it was said first


@dataclass(frozen=True, slots=True)
class Seen:
    """All that needs the owner, and what whoever looks may do about it."""

    groups: Sequence[Group]
    single: Sequence[Group]  # with one order, which is answered or mended in its own panel
    may_change: bool
    may_answer: bool

    @property
    def title(self) -> str:
        """What the page is called by whoever looks."""
        return t("Needs you") if self.may_answer else t("Needs the owner")

    @property
    def count(self) -> int:
        """How many orders need the owner."""
        return sum(group.count for group in (*self.groups, *self.single))

    def keys(self, place: Place) -> tuple[OrderKey, ...]:
        """The orders of the list at a place."""
        if place.group == ONE_BY_ONE:
            return tuple(group.keys[0] for group in self.single)
        return next((group.keys for group in (*self.groups, *self.single) if group.id == place.group), ())


def look(place: Place) -> Seen:
    """What needs the owner now, of the place's search and shop."""
    chosen, role = dashboard().settings.load(), ui.role()
    groups = dashboard().attention.groups(search=place.search, shop=place.shop)
    alone = [group for group in groups if is_alone(group)]
    several = [group for group in groups if not is_alone(group)]
    return Seen(several, alone, role == OWNER, may_answer(role, chosen))


def is_alone(group: Group) -> bool:
    """Whether an order is the only one that says what it says."""
    return group.count == 1 and group.need in (Need.QUESTION, Need.PROBLEM)


def draw() -> None:
    """The page, for whoever looks: who may not answer reads."""
    place = Place.read()
    seen = look(place)
    place, row = find_order(seen, place)
    with st.container(key="attention_head" if row else None):
        st.title(seen.title)
    tell(place)
    if seen.may_change:
        progress.at_top()
    if row is None:
        with st.container(key="attention_list"):
            draw_list(seen, place)
        return
    beside, order = st.columns([2, 3], gap="medium")
    with beside, st.container(key="attention_list"):
        draw_list(seen, place)
    with order, st.container(key="attention_order"):
        st.html(f'<p class="need-back">{drawn.link(replace(place, order="").address, "‹ " + seen.title)}</p>')
        details.order_details(row, may_change=seen.may_change, may_answer=seen.may_answer)


def find_order(seen: Seen, place: Place) -> tuple[Place, StoredOrder | None]:
    """The order that is open. When it has just left its list, because it was answered, the next one of the list opens;
    when the list is empty, the page is as it was before."""
    keys = seen.keys(place)
    addresses = [key.address for key in keys]
    was_in, was, position = st.session_state.get(OPENED, ("", "", 0))
    if place.order and place.order not in addresses and (was_in, was) == (place.group, place.order):
        position = min(position, len(addresses) - 1)
        place = replace(place, order=addresses[position] if addresses else "", page=max(position, 0) // PAGE_SIZE + 1)
        place.go()
    found = next((key for key in keys if key.address == place.order), None)
    # A link that was sent while the order stood here: it is shown with what it is now.
    row = dashboard().store.orders.get(found) if found else dashboard().store.orders.with_id(place.order)
    if row is None:
        place = replace(place, order="")
    if not keys and row is None and place.group:
        place = replace(place, group="", page=1)
        place.go()
    listed = len(keys) if place.group else len(seen.groups)
    place = replace(place, page=min(place.page, max(1, -(-listed // PAGE_SIZE))))
    st.session_state[OPENED] = (place.group, place.order, addresses.index(found.address)) if found else ("", "", 0)
    return place, row


def tell(place: Place) -> None:
    """What became of the last answer."""
    told: Told | None = st.session_state.get(TOLD)
    if told is None:
        return
    here = replace(place, order="").address
    if told.place not in ("", here):
        del st.session_state[TOLD]
        return
    st.session_state[TOLD] = replace(told, place=here)
    draw_sentence: Callable[..., object] = st.error if told.failed else st.success
    sign = ":material/error:" if told.failed else ":material/check_circle:"
    draw_sentence(" ".join(ui.say(text) for text in told.sentences), icon=sign)
    if not told.failed and ui.role() == OWNER and dashboard().store.orders.count(states=GROUPS["waiting"]):
        st.html(drawn.link("/orders?view=waiting", t("See what waits")))


def draw_list(seen: Seen, place: Place) -> None:
    """All groups, or the one that the address names with its orders."""
    if place.group:
        draw_group(seen, place)
        return
    if seen.count > SEARCHED or place.search:
        search(place)
    which_shop.links(lambda shop: replace(place, shop=shop, order="", page=1).address, place.shop)
    if not seen.count:
        empty(place)
        return
    parts = [t("{n} order needs you.", "{n} orders need you.", n=seen.count)]
    if not seen.may_answer:
        parts = [
            t("{n} order needs the owner.", "{n} orders need the owner.", n=seen.count),
            t("The owner answers, or lets you answer under Set-up."),
        ]
    if seen.may_answer and any(group.for_all for group in seen.groups):
        parts.append(what_an_answer_does())
    st.html(f'<p class="quiet need-lead">{escape(" ".join(parts))}</p>')
    shown = seen.groups[(place.page - 1) * PAGE_SIZE : place.page * PAGE_SIZE]
    answerable = [group for group in shown if group.for_all] if seen.may_answer else []
    for has_answers, groups in groupby(shown, answerable[:ANSWERED_AT_ONCE].__contains__):
        if has_answers:
            for group in groups:
                with st.container(border=True):
                    st.html(card(seen, group, place))
                    draw_answers(group)
        else:  # one element for all of them: each takes its time
            st.html("".join(card(seen, group, place) for group in groups))
    pages(len(seen.groups), place)
    if seen.single:
        st.html(f'<h2 class="need-part">{escape(t("Single orders"))}</h2>')
        alone = replace(place, group=ONE_BY_ONE, page=1)
        draw_rows(dashboard().attention.rows(seen.keys(alone), limit=PAGE_SIZE), alone)
        pages(len(seen.single), alone)


def what_an_answer_does() -> str:
    """That an answer books nothing, and when the orders are transferred then."""
    if dashboard().settings.load().automatic:
        return t("An answer books nothing by itself; what is ready then goes with the next automatic round.")
    if ui.role() != OWNER:
        return t("An answer books nothing: what is ready then waits for the owner to transfer it.")
    return t("An answer books nothing: what is ready then waits for you to transfer it.")


def search(place: Place) -> None:
    """The search. It is in the address, and stays there while an order is open and there is no field."""
    label = t("Search for number, customer, e-mail, amount or invoice")
    typed = st.text_input(
        label,
        value=place.search,
        key=f"attention/search/{place.search}",
        placeholder=label,
        label_visibility="collapsed",
        icon=":material/search:",
    ).strip()
    if typed != place.search:
        replace(place, search=typed).go()
        st.rerun()


def empty(place: Place) -> None:
    """Nothing needs the owner, as of the last fetch; or nothing that is looked for does."""
    if place.search:
        st.info(t("No order that needs you fits the search."), icon=":material/search_off:")
        return
    if place.shop:
        said = t("No order of {webshop} needs you.", webshop=which_shop.titles()[place.shop])
        st.html(f'<p class="quiet">{escape(said)}</p>')
        return
    record = dashboard().orders.last_fetch()
    if record is None or record.at is None:
        said = t("No orders have been fetched from the shop yet.")
    else:
        said = t("The orders were fetched {ago}.", ago=ui.ago_of(dashboard().clock.now() - record.at))
    st.html(
        f'<div class="need-none"><h2>{escape(t("Nothing needs you."))}</h2><p class="quiet">{escape(said)}</p>'
        f"{drawn.link('/', t('To the overview'), 'button')}</div>"
    )


def draw_group(seen: Seen, place: Place) -> None:
    """One group with its answers and its orders."""
    st.html(
        f'<p class="need-back">{drawn.link(Place(search=place.search, shop=place.shop).address, "‹ " + seen.title)}</p>'
    )
    group = next((group for group in (*seen.groups, *seen.single) if group.id == place.group), None)
    if place.group == ONE_BY_ONE:
        st.html(f'<h2 class="need-part">{escape(t("Single orders"))}</h2>')
    elif group is not None:
        st.html(card(seen, group, place, inside=True))
        if group.for_all and seen.may_answer:
            draw_answers(group)
    keys = seen.keys(place)
    start = (place.page - 1) * PAGE_SIZE
    draw_rows(dashboard().attention.rows(keys, offset=start, limit=PAGE_SIZE), place, group)
    pages(len(keys), place)


def card(seen: Seen, group: Group, place: Place, *, inside: bool = False) -> str:
    """What a group of orders says, with its first orders or the way to all of them unless that is where one is."""
    within = replace(place, group=group.id, order="", page=1)
    title = ui.say(group.title)
    count = t("{n} order", "{n} orders", n=group.count)
    shop = drawn.of_shop(which_shop.titles().get(group.shop, ""))
    sums = escape(ui.by_currency(group.sums))
    told = [f'<h2>{escape(title)} {shop}</h2><p class="sum"><b>{escape(count)}</b> · {sums}</p>']
    told += [f'<p class="quiet">{escape(text)}</p>' for text in explained(group, seen)]
    if not inside and group.count <= SHOWN_AT_ONCE:
        found = dashboard().attention.rows(group.keys, limit=SHOWN_AT_ONCE)
        told.append(drawn.list_of(_rows(found, within, group), alt=title))
    elif not inside:
        told.append(f"<p>{drawn.link(within.address, t('See the {n} orders', n=group.count))}</p>")
    return f'<section class="need {_COLOURS[group.need]}">{"".join(told)}</section>'


_COLOURS = {
    Need.REFUSED: "red",
    Need.UNSURE: "orange",
    Need.CHANGED: "orange",
    Need.QUESTION: "blue",
    Need.PROBLEM: "gray",
    Need.OVERDUE: "orange",
}


def explained(group: Group, seen: Seen) -> list[str]:
    """What depends on the answer, or what to do."""
    said = [ui.say(group.fix)] if group.fix is not None else []
    if group.question is not None:
        said.insert(0, ui.say(group.question.explanation))
    if group.need is Need.QUESTION and not group.for_all and seen.may_answer:
        said.append(t("This is answered order by order."))
    return said


def draw_answers(group: Group) -> None:
    """The answers, each for all orders of the group as they are drawn here."""
    if group.question is None:
        return
    rule = f"attention/rule/{group.id}"
    choices = {choice.value: ui.say(choice.text) for choice in group.question.choices}
    if len(choices) > FEW_CHOICES:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            value = st.selectbox(
                t("Answer"),
                list(choices),
                index=None,
                format_func=choices.__getitem__,
                key=f"attention/pick/{group.id}",
            )
            label = t("Answer {n} order", "Answer {n} orders", n=group.count)
            pressed = partial(answer, group, value or "", rule)
            st.button(label, key=f"attention/answer/{group.id}", disabled=value is None, on_click=pressed)
            st.checkbox(which_shop.as_rule(group.shop), key=rule)
    else:
        with st.container(horizontal=True, vertical_alignment="center", key=f"answers/{group.id}"):
            for value, text in choices.items():
                key = f"attention/answer/{group.id}/{value}"
                st.button(ui.escape(text), key=key, on_click=partial(answer, group, value, rule))
            st.checkbox(which_shop.as_rule(group.shop), key=rule)


def answer(group: Group, value: str, rule: str) -> None:
    """Answers for all of a group. A callback runs to its end, whatever is clicked meanwhile; a second click finds
    nothing to answer, and leaves the sentence about the first."""
    if group.question is None:
        return
    try:
        result = dashboard().orders.answer_all(
            group.keys, group.question, value, as_rule=bool(st.session_state.get(rule)), actor=ui.role()
        )
    except DashboardError as error:
        st.session_state[TOLD] = Told(group.id, [error.text], failed=True)
        return
    told: Told | None = st.session_state.get(TOLD)
    if result.orders or told is None or told.group != group.id:
        st.session_state[TOLD] = Told(group.id, result.sentences)


def draw_rows(rows: Sequence[StoredOrder], place: Place, group: Group | None = None) -> None:
    """Orders of a list, each with why it is here."""
    drawn.rows(_rows(rows, place, group), alt=t("Orders"), opened=place.address if place.order else "")


def _rows(rows: Sequence[StoredOrder], place: Place, group: Group | None) -> list[drawn.Row]:
    titles = which_shop.titles_in(place.shop or (group.shop if group else ""))
    return [
        drawn.Row(
            replace(place, order=row.key.address).address,
            " · ".join(part for part in (row.number or row.id, row.customer) if part),
            ui.amount(row.total_ore, row.currency),
            when=ui.day(row.placed_on),
            note=reason(row, group),
            shop=titles.get(row.shop, ""),
        )
        for row in rows
    ]


def reason(row: StoredOrder, group: Group | None) -> str:
    """Why an order is here, in a line; not again what its group says of all."""
    if row.change:
        return " ".join(ui.say(text) for text in changes.from_json(row.change).texts)
    found = dashboard().attention.reasons(row)
    if not found:
        return ""
    said = [ui.say(found[0].text)]
    if found[0].fix is not None:
        said.append(ui.say(found[0].fix))
    if group is not None:
        shown = {ui.say(group.title), ui.say(group.fix) if group.fix else ""}
        said = [text for text in said if text not in shown]
    if len(found) > 1:
        said.append(t("There is {n} more thing to see to.", "There are {n} more things to see to.", n=len(found) - 1))
    return " ".join(said)


draw()
