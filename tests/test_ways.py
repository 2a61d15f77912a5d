"""The discipline of the driver, for every stage of every way: the mark is committed before the call leaves, and a
worker that dies there leaves a mark that the next one looks for."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

import pytest

import architecture_page
from conftest import World
from dinero.booking import claims, driver, ways
from dinero.booking.run import Outcome, Run, Write
from dinero.booking.ways import WAYS, Stage, stage_marked
from dinero.model.documents import Did, Document, Mark, OrderKey, Step
from dinero.model.plans import Kind
from dinero.store import Store
from dinero.store.operations import Operations
from test_corrections import municipality, refund

WRITES = [(kind, stage) for kind, way in WAYS.items() for stage in way if stage.mark is not None]
every_write = pytest.mark.parametrize(
    ("kind", "stage"), WRITES, ids=[f"{kind}, {stage.name}" for kind, stage in WRITES]
)
SALE, RETURN = 1, 2


def committed(world: World, document: Document) -> Document:
    """A document as any other process finds it now."""
    with closing(Store(world.dashboard.store.folder, clock=world.clock)) as store:
        return store.documents.by_guid([document.guid])[document.guid]


def put_in_its_way(
    monkeypatch: pytest.MonkeyPatch,
    kind: Kind,
    stage: Stage,
    *,
    before: Callable[[Document], None] = lambda document: None,
    after: Callable[[Document], None] = lambda document: None,
) -> None:
    """Lets something happen before a stage's call leaves and after its answer came."""

    def write(run: Run, document: Document) -> Write | Outcome:
        ready = stage.write(run, document)
        if isinstance(ready, Outcome):
            return ready

        def call() -> object:
            before(document)
            answer = ready.call()
            after(document)
            return answer

        return replace(ready, call=call)

    way = tuple(replace(one, write=write) if one is stage else one for one in WAYS[kind])
    monkeypatch.setattr(ways, "WAYS", {**WAYS, kind: way})


def sell(world: World, monkeypatch: pytest.MonkeyPatch, kind: Kind, stage: Stage) -> int:
    """An order that takes this stage when it is pushed; its number."""
    if kind is Kind.INVOICE:
        if stage is ways.SEND:
            world.dashboard.settings.save(rules={"ean": "e_invoice"})
        world.order(SALE, **(municipality() if stage is ways.SEND else {}))
        return SALE
    world.order(SALE)
    world.push(SALE)
    world.order(RETURN, **refund(SALE))
    if stage is ways.CUSTOMER:
        be_claimed_without_its_customer(world, monkeypatch)
    return RETURN


def be_claimed_without_its_customer(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A credit note's customer is its invoice's. Should it ever be claimed without, the customer is found or created
    as an invoice's is; here nobody has the e-mail."""
    real = claims.commit

    def commit(run: Run, *arguments: object, contact_guid: str | None, **more: object) -> Document:
        run.store.contacts.save(run.organization, [])
        return real(run, *arguments, contact_guid=None, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(claims, "commit", commit)
    monkeypatch.setattr("dinero.booking.customers.find_customer", lambda *_: None)
    monkeypatch.setattr("dinero.booking.customers.new_guid", lambda *_: "00000000-0000-4000-8000-000000000002")


@every_write
def test_the_mark_is_committed_before_the_call_leaves(
    world: World, monkeypatch: pytest.MonkeyPatch, kind: Kind, stage: Stage
) -> None:
    seen: list[tuple[Step, Mark | None]] = []

    def look(document: Document) -> None:
        stored = committed(world, document)
        seen.append((stored.step, stored.pending))

    number = sell(world, monkeypatch, kind, stage)
    put_in_its_way(monkeypatch, kind, stage, before=look)
    world.push(number)
    assert seen == [(stage.after, stage.mark)]


def calls_of(world: World) -> list[str]:
    return [call for call in world.writes() if "/contacts" not in call]


@every_write
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_worker_that_dies_at_a_call_leaves_its_mark_and_the_next_one_makes_nothing_twice(
    world: World, monkeypatch: pytest.MonkeyPatch, kind: Kind, stage: Stage, when: str
) -> None:
    number = sell(world, monkeypatch, kind, stage)
    marks: list[Mark | None] = []

    def die(document: Document) -> None:
        marks.append(committed(world, document).pending)
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        put_in_its_way(dying, kind, stage, **{when: die})
        with pytest.raises(KeyboardInterrupt):
            world.push(number)
    assert marks == [stage.mark]
    world.push(number)
    books = world.sandbox.books
    assert world.row(number).state == "done"
    made = books.invoices if kind is Kind.INVOICE else books.credit_notes
    assert [document["Status"] for document in made.values() if not document["DeletedAt"]] in (["Booked"], ["Paid"])
    paid = 0 if stage is ways.SEND else 1 if kind is Kind.INVOICE else 2
    assert (len(books.payments), len(books.e_invoices)) == (paid, int(stage is ways.SEND))


@pytest.mark.parametrize("did", [Did.BOOKED, Did.PAID, Did.CREDITED])
def test_what_a_transfer_counts_is_stored_with_what_became_of_the_document_or_neither_is(
    world: World, monkeypatch: pytest.MonkeyPatch, did: Did
) -> None:
    number = sell(world, monkeypatch, Kind.CREDIT_NOTE if did is Did.CREDITED else Kind.INVOICE, ways.BOOK)
    real = Operations.mark

    def die(self: Operations, operation_id: str, document: Document, done: Did) -> None:
        if done is did:
            raise KeyboardInterrupt
        real(self, operation_id, document, done)

    with monkeypatch.context() as dying:
        dying.setattr(Operations, "mark", die)
        with pytest.raises(KeyboardInterrupt):
            world.push(number)
    store = world.dashboard.store
    document = store.documents.newest(OrderKey("shoporama", str(number)))
    assert document is not None
    expected = (Step.BOOKED, Mark.PAY) if did is Did.PAID else (Step.VERIFIED, Mark.BOOK)
    assert (document.step, document.pending) == expected
    begun = str(store.operations.next())
    world.restart().transfers.run(begun)
    (result,) = store.operations.orders_of(begun)
    counted = {Did.BOOKED: result.booked, Did.PAID: result.paid, Did.CREDITED: result.credited}
    assert (result.result, counted[did]) == ("done", True)
    record = store.transfers.record(begun)
    assert record is not None
    total = document.plan.total.ore
    assert record.sums == {"DKK": -total if did is Did.CREDITED else total}, "summed once"


@pytest.mark.parametrize(("kind", "step"), [(kind, step) for kind in WAYS for step in Step])
def test_every_step_but_the_last_has_a_stage_that_follows_it(kind: Kind, step: Step, world: World) -> None:
    follows = [stage for stage in WAYS[kind] if stage.after is step]
    ends = step in (Step.DONE, Step.DELETED, Step.BOOKING) or (step is Step.SETTLING and kind is Kind.INVOICE)
    assert bool(follows) is not ends
    if follows and step is not Step.SETTLING:
        assert follows[-1].when is driver.always, "the last one takes what the others left"


@every_write
def test_every_write_can_be_looked_for_by_its_mark_alone(kind: Kind, stage: Stage) -> None:
    assert stage.look is not None
    assert stage.if_lost
    assert stage_marked(kind, stage.mark or Mark.CREATE) is stage


def test_the_docs_tell_the_rooms_and_the_ways_as_they_are() -> None:
    pages = {page: page.read_text() for page in architecture_page.PAGES}
    assert all(f"<!-- {name}: made" in "".join(pages.values()) for name in architecture_page.parts())
    stale = [page.name for page, text in pages.items() if text != architecture_page.written(text)]
    assert stale == [], "run `make architecture`"
