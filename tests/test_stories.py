"""The stories of the real world, played on the sandbox (see stories.py and docs/orders.md)."""

import uuid
from typing import Any

import pytest

from conftest import World
from dinero.model.documents import Action, StoredOrder
from dinero.model.findings import dumps
from dinero.rules.changes import from_json as read_change
from dinero.sandbox import make_order
from stories import PLAIN, STORIES, Owner, Shop, Story, shop

ROOM = 100  # ids that a story may use


class Play:
    """One story on the shared stage."""

    def __init__(self, world: World, story: Story) -> None:
        self.world = world
        self.first = STORIES.index(story) * ROOM
        defaults: dict[str, Any] = {"trigger": "paid", "rounding_limit": 0, "rounding_account": None, "accounts": {}}
        world.dashboard.settings.save(rules={}, **(defaults | dict(story.settings)))

    def id(self, number: int) -> int:
        return self.first + number

    def step(self, step: Shop | Owner) -> None:
        if isinstance(step, Shop):
            self.tell(step)
        else:
            getattr(self, step.does)(*step.values)

    def tell(self, step: Shop) -> None:
        number = self.id(step.number)
        usual = {
            "order_id": number,
            "webshop_order_id": number,
            "email": self.email(),
            "last_modified": self.world.now(),
        }
        changes = {name: self.named(value) for name, value in step.changes.items()}
        self.world.sandbox.shop.add(make_order(**(PLAIN | usual | changes)))
        self.world.dashboard.orders.fetch()

    def named(self, value: Any) -> Any:
        """Another order of the story is named by its number there."""
        if isinstance(value, str) and value[:1] == "#":
            return self.id(int(value[1:]))
        return f"{value}-{self.first}" if value == "N1" else value

    def email(self) -> str:
        return f"kunde{self.first}@example.com"

    def row(self, number: int) -> StoredOrder:
        return self.world.row(self.id(number))

    def numbers(self) -> list[int]:
        return [
            int(row.id)
            for row in self.world.dashboard.store.orders.list(limit=5000)
            if row.id.isdigit() and self.first < int(row.id) <= self.first + ROOM
        ]

    def push(self) -> None:
        operation = str(uuid.uuid4())
        rows = [("shoporama", str(number)) for number in sorted(self.numbers())]
        self.world.dashboard.transfers.push(operation, rows, actor="test")
        self.world.dashboard.transfers.run(operation)

    def fetch(self) -> None:
        self.world.dashboard.orders.fetch()

    def rule(self, key: str, value: str) -> None:
        self.world.dashboard.settings.save(rules={**self.world.dashboard.settings.load().rules, key: value})

    def answer(self, number: int, key: str, value: str) -> None:
        row = self.row(number)
        asked = [finding.question for finding in row.reasons if finding.question]
        question = next(question for question in asked if question.key == key)
        self.world.dashboard.orders.answer(row, question, str(self.named(value)))

    def ignore(self, number: int, reason: str) -> None:
        self.world.dashboard.orders.ignore(self.row(number), reason)

    def correct(self, number: int, action: str) -> None:
        operation = str(uuid.uuid4())
        self.world.dashboard.corrections.start(
            operation, self.row(number), Action(action), reason="fordi", actor="test"
        )
        self.world.dashboard.transfers.run(operation)

    def contact(self, fields: dict[str, Any]) -> None:
        usual = {"email": self.email(), "isperson": True, "ismember": False, "usecvr": False}
        self.world.sandbox.books.create_contact(usual | fields)

    def gone(self, number: int) -> None:
        gone = self.id(number)
        self.world.sandbox.shop.orders[:] = [raw for raw in self.world.sandbox.shop.orders if raw["order_id"] != gone]
        self.world.clock.sleep(25 * 3600)
        self.fetch()

    def documents(self) -> list[dict[str, Any]]:
        books, wanted = self.world.sandbox.books, {f"shoporama:{number}" for number in self.numbers()}
        everything = [*books.invoices.values(), *books.credit_notes.values()]
        ours = [d for d in everything if ":".join(d["ExternalReference"].split(":")[:2]) in wanted]
        return sorted((d for d in ours if d["Status"] == "Booked"), key=lambda d: d["Number"])

    def history(self, number: int) -> str:
        rows = self.world.dashboard.store.history.list(order=("shoporama", str(self.id(number))))
        return "\n".join(row.text.render("en") for row in rows if row.text)

    def state(self, number: int) -> str:
        row = self.row(number)
        codes = [finding.code for finding in row.reasons]
        return " ".join([row.state, *codes[:1]]) if row.state != "done" else "done"


def lines_of(document: dict[str, Any]) -> list[tuple[int, str, str]]:
    found = []
    for line in document["ProductLines"]:
        gross, net = line["TotalAmountInclVat"], line["TotalAmount"]
        found.append((line["AccountNumber"], f"{gross:.2f}", f"{round(gross - net, 2):.2f}"))
    return found


@pytest.mark.parametrize("story", STORIES, ids=[f"{story.root}: {story.name}" for story in STORIES])
def test_the_story_ends_as_the_table_says(world: World, story: Story) -> None:
    play = Play(world, story)
    for step in story.steps:
        play.step(step)
    assert {number: play.state(number) for number in story.states} == dict(story.states)
    documents = play.documents()
    kinds = ["credit note" if "CreditNoteFor" in document else "invoice" for document in documents]
    assert [(kind, lines_of(document)) for kind, document in zip(kinds, documents, strict=True)] == [
        (kind, list(lines)) for kind, lines in story.books
    ]
    guids = {document["Guid"] for document in documents}
    payments = [f"{p['Amount']:.2f}" for p in world.sandbox.books.payments if p["InvoiceGuid"] in guids]
    if story.paid:
        assert payments == list(story.paid)
    if not story.books:
        assert payments == []
    told = f"{documents[-1]['Comment']} dated {documents[-1]['Date']}" if documents else ""
    for part in story.says:
        assert part in told
    noted = "\n".join(play.history(number) for number in story.states) if story.notes else ""
    for part in story.notes:
        assert part in noted
    contacts = [world.sandbox.books.contacts[document["ContactGuid"]] for document in documents]
    for contact, part in zip(contacts, story.contacts, strict=False):
        assert part in (contact["Name"], contact["VatNumber"], contact["CountryKey"])
    for number, codes in story.changes.items():
        packed = play.row(number).change
        assert list(read_change(packed).codes if packed else ()) == list(codes)
    assert not any("010190" in dumps(play.row(number).reasons) for number in story.states)


def test_each_root_has_at_least_five_stories_and_their_names_are_different() -> None:
    roots = {story.root for story in STORIES}
    assert all(sum(story.root == root for story in STORIES) >= 5 for root in roots)
    assert len({(story.root, story.name) for story in STORIES}) == len(STORIES) >= 150


def notes(play: Play) -> list[str]:
    """What the owner is told of the first order beside what is sent."""
    (preview,) = play.world.dashboard.orders.previews([play.row(1)])
    return [note.render("en") for note in preview.notes]


def test_a_company_that_is_found_by_its_number_under_another_name_is_said(world: World) -> None:
    play = Play(world, STORIES[-1])
    play.first = len(STORIES) * ROOM
    play.contact({"name": "Alfa ApS", "isperson": False, "countrykey": "DK", "vatnumber": "27182828"})
    world.dashboard.orders.fetch()
    play.tell(shop(order_company_name="Beta ApS", vat_number="27182828"))
    play.push()
    assert "The customer in Dinero is called “Alfa ApS”, but the order is from “Beta ApS”." in notes(play)


def test_a_number_that_a_danish_customer_can_not_have_is_said(world: World) -> None:
    play = Play(world, STORIES[-1])
    play.first = (len(STORIES) + 1) * ROOM
    play.tell(shop(order_company_name="Prov AB", vat_number="SE556036079301"))
    assert any("SE556036079301 is not written on the customer" in note for note in notes(play))
