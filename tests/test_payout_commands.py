"""The commands about payouts, as another program drives them: what JSON they tell and how they exit."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from conftest import World, keys_to_acquirers
from dinero.cli.main import main
from dinero.dashboard.dashboard import Dashboard
from dinero.dashboard.sources import CLEARHAUS, KEYS
from dinero.model.acquirers import NO_VAT, Way
from dinero.model.payouts import Payout
from dinero.sandbox.payout_files import write
from dinero.sandbox.settlements import settle

KEYS_OF_LIST = [
    "payout",
    "acquirer",
    "date",
    "currency",
    "sold_ore",
    "refunded_ore",
    "fees_ore",
    "other_ore",
    "net_ore",
    "orders",
    "matched",
    "state",
    "reason",
]
FIRST, SECOND = date(2026, 11, 12), date(2026, 11, 19)


def payouts_of(*, reserve_ore: int = 0) -> list[Payout]:
    made: list[Payout] = []
    made.append(settle(made, CLEARHAUS, [("1001", 100000)], [("1002", 10000)], on=FIRST))
    made.append(settle(made, CLEARHAUS, [("1003", 50000)], reserve_ore=reserve_ore, on=SECOND))
    return made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of two payouts."""
    path = tmp_path / "clearhaus-settlements.csv"
    path.write_bytes(write(payouts_of(), "clearhaus"))
    return path


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """The exit code of a command, and what it wrote to both."""
    capsys.readouterr()
    try:
        code = main([str(one) for one in arguments])
    except SystemExit as ended:  # argparse's own
        code = int(ended.code or 0)
    told = capsys.readouterr()
    return code, told.out, told.err


def listed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    code, out, _ = run(capsys, "payouts", "list", "--json")
    assert code == 0
    rows = json.loads(out)
    assert isinstance(rows, list)
    return rows


def choose(dashboard: Dashboard, way: Way = Way.BOOK) -> None:
    dashboard.acquirers.choose_bank_account(55000)
    dashboard.acquirers.choose(CLEARHAUS, way=way, fee_vat=NO_VAT)


def laid(world: World) -> int:
    """How many items were laid in Dinero's ledger."""
    return sum(call.method == "POST" and call.path.endswith("/ledgeritems") for call in world.sandbox.calls)


def connect(world: World) -> None:
    given = keys_to_acquirers(world.sandbox)
    for acquirer, keys in KEYS.items():
        world.dashboard.sources.connect(acquirer, **{key.name: given[key.variable] for key in keys})


# --- list ------------------------------------------------------------------------------------------------------------


def test_the_list_has_exactly_its_keys_with_sold_above_and_refunds_and_fees_below_zero(
    process: Dashboard, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert listed(capsys) == []
    assert run(capsys, "payouts", "read", file)[0] == 0
    second, first = listed(capsys)
    assert list(first) == list(second) == KEYS_OF_LIST
    assert (first["acquirer"], first["date"], first["currency"]) == (CLEARHAUS, "2026-11-12", "DKK")
    assert (first["sold_ore"], first["refunded_ore"], first["fees_ore"], first["other_ore"]) == (
        100000,
        -10000,
        -1450,
        0,
    )
    assert first["net_ore"] == 88550
    assert (first["state"], bool(first["reason"])) == ("held", True)


def test_the_list_stands_as_things_are_now(process: Dashboard, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "payouts", "read", file)
    choose(process)
    assert [(row["state"], row["reason"]) for row in listed(capsys)] == [("ready", ""), ("ready", "")]
    code, out, _ = run(capsys, "payouts", "list")
    assert code == 0
    assert len(out.splitlines()) == 2


# --- read ------------------------------------------------------------------------------------------------------------


def test_reading_tells_what_is_new_and_what_is_known(
    process: Dashboard, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for new, known in ((2, 0), (0, 2)):
        code, out, _ = run(capsys, "payouts", "read", file, "--json")
        (told,) = json.loads(out)
        assert code == 0
        assert (told["file"], told["new"], told["known"], told["problems"]) == (file.name, new, known, [])
    code, out, _ = run(capsys, "payouts", "read", file)
    assert (code, "2 udbetalinger er læst før" in out) == (0, True)


def test_a_file_that_is_refused_ends_with_1_and_the_others_are_read(
    process: Dashboard, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken, unknown = tmp_path / "broken.csv", tmp_path / "unknown.csv"
    broken.write_bytes(file.read_bytes().replace(b"885.50", b"885.51"))
    unknown.write_text("Nummer;Kroner;Dag\n1001;249,00;2026-11-12\n")
    code, out, _ = run(capsys, "payouts", "read", broken, unknown, file, "--json")
    refused, asked, read = json.loads(out)
    assert code == 1
    assert refused["problems"][0].keys() == {"row", "code", "text"}
    assert (asked["columns_unknown"], asked["problems"]) == (True, [])
    assert read["new"] == 2
    code, out, _ = run(capsys, "payouts", "read", broken)
    assert code == 1
    assert broken.name in out


@pytest.mark.parametrize(
    "arguments",
    [
        ("read", "FILE", "--as", "nobody"),
        ("read", "missing.csv"),
        ("read", "FILE", "missing.csv"),
        ("read", "."),
        ("read",),
        ("book",),
        ("book", "nothing"),
        ("book", "--all", "nothing"),
        ("fetch",),
        ("nothing",),
        (),
    ],
)
def test_wrong_use_ends_with_2_and_does_nothing(
    process: Dashboard, file: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    code, _, error = run(capsys, "payouts", *(file if one == "FILE" else one for one in arguments))
    assert code == 2
    assert error.strip()
    assert process.payouts.count() == 0


def test_a_reader_may_be_named(process: Dashboard, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "payouts", "read", file, "--as", "stripe")[0] == 1
    assert run(capsys, "payouts", "read", file, "--as", "clearhaus")[0] == 0


def test_another_merchant_s_file_wants_a_word(
    process: Dashboard, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "payouts", "read", file)
    other = tmp_path / "other.csv"
    names = {payouts_of()[0].account: "1111111", **{one.id: f"other-{n}" for n, one in enumerate(payouts_of())}}
    text = file.read_text()
    for before, after in names.items():
        text = text.replace(before, after)
    other.write_text(text)
    assert run(capsys, "payouts", "read", other)[0] == 1
    assert run(capsys, "payouts", "read", other, "--another-account")[0] == 0
    assert len(listed(capsys)) == 4


# --- book ------------------------------------------------------------------------------------------------------------


def test_payouts_are_booked_by_their_names_or_all_at_once(
    process: Dashboard, world: World, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "payouts", "read", file)
    choose(process)
    first = listed(capsys)[1]["payout"]
    code, out, _ = run(capsys, "payouts", "book", first, "--json")
    told = json.loads(out)
    assert (code, told["payouts"], told["booked"]) == (0, 1, 1)
    assert [(row["payout"], row["state"]) for row in told["rows"]] == [(first, "booked")]
    assert list(told["rows"][0]) == KEYS_OF_LIST
    code, out, _ = run(capsys, "payouts", "book", "--all", "--json")
    assert (code, json.loads(out)["booked"]) == (0, 1)
    code, out, _ = run(capsys, "payouts", "book", "--all", "--json")
    assert (code, json.loads(out)["rows"]) == (0, [])
    assert run(capsys, "payouts", "book", first)[0] == 0
    assert laid(world) == 2, "nothing is booked twice"
    assert {row["state"] for row in listed(capsys)} == {"booked"}


def test_a_payout_that_is_named_twice_is_told_once(
    process: Dashboard, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "payouts", "read", file)
    choose(process)
    payout = process.payouts.listed()[0]
    code, out, _ = run(capsys, "payouts", "book", payout.payout, payout.bank_text, str(payout.id), "--json")
    told = json.loads(out)
    assert (code, told["payouts"], told["booked"], len(told["rows"])) == (0, 1, 1, 1)


def test_the_balance_names_a_payout_as_the_list_does_before_and_after_it_is_booked(
    process: Dashboard, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.order(1)
    world.push()
    connect(world)
    payout = world.sandbox.settle(CLEARHAUS, [("1001", 20000)], on=world.clock.now().date())
    run(capsys, "payouts", "fetch")
    assert len(listed(capsys)) == 1
    for kind in ("unbooked", "differs"):
        (row,) = json.loads(run(capsys, "balance", "--json")[1])["rows"]
        assert (row["kind"], row["order"], row["payout"]) == (kind, "1001", payout.id)
        choose(process)
        run(capsys, "payouts", "book", "--all")


def test_what_is_held_ends_with_1_and_its_reason(
    process: Dashboard, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "clearhaus.csv"
    path.write_bytes(write(payouts_of(reserve_ore=5000), "clearhaus"))
    run(capsys, "payouts", "read", path)
    choose(process)
    code, out, _ = run(capsys, "payouts", "book", "--all", "--json")
    told = json.loads(out)
    assert (code, told["booked"]) == (1, 1)
    held = next(row for row in told["rows"] if row["state"] == "held")
    assert "50,00" in held["reason"]
    code, out, _ = run(capsys, "payouts", "book", held["payout"])
    assert (code, held["payout"] in out) == (1, True)


def test_what_the_owner_books_is_done(process: Dashboard, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "payouts", "read", file)
    choose(process, Way.NOTHING)
    name = listed(capsys)[0]["payout"]
    code, out, _ = run(capsys, "payouts", "book", name, "--json")
    assert (code, json.loads(out)["rows"][0]["state"]) == (0, "left")
    choose(process, Way.DRAFT)
    code, out, _ = run(capsys, "payouts", "book", "--all", "--json")
    assert (code, {row["state"] for row in json.loads(out)["rows"]}) == (0, {"in ledger"})


def test_a_connection_that_needs_the_owner_ends_with_3_and_tells_what_is_left(
    process: Dashboard, world: World, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "payouts", "read", file)
    choose(process)
    world.sandbox.books.set_pro("210001", False)
    code, out, error = run(capsys, "payouts", "book", "--all", "--json")
    assert code == 3
    assert error.strip()
    assert {row["state"] for row in json.loads(out)["rows"]} == {"booking"}
    world.sandbox.books.set_pro("210001", True)
    assert run(capsys, "payouts", "book", "--all")[0] == 0
    assert {row["state"] for row in listed(capsys)} == {"booked"}


def test_what_dinero_is_slow_with_is_taken_up_by_the_next_command(
    process: Dashboard, world: World, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "payouts", "read", file)
    choose(process)
    world.sandbox.books.pending_calls = 30
    code, _, _ = run(capsys, "payouts", "book", "--all")
    assert code == 1
    for _ in range(9):
        code = run(capsys, "payouts", "book", "--all")[0]
    assert code == 0
    assert laid(world) == 2


# --- fetch -----------------------------------------------------------------------------------------------------------


def test_payouts_are_fetched_from_connected_acquirers(
    process: Dashboard, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    connect(world)
    world.sandbox.settle(CLEARHAUS, [("1001", 24900)], on=FIRST)
    assert run(capsys, "payouts", "fetch")[0] == 0
    assert [row["acquirer"] for row in listed(capsys)] == [CLEARHAUS]
    world.sandbox.fault("status", path="^/clearhaus", status=503, times=9)
    assert run(capsys, "payouts", "fetch")[0] == 1
    world.sandbox.faults.clear()
    world.sandbox.fault("status", path="^/clearhaus", status=401, times=9)
    code, _, error = run(capsys, "payouts", "fetch")
    assert (code, "Clearhaus" in error) == (3, True)


def test_the_check_up_tells_of_acquirers(process: Dashboard, world: World, capsys: pytest.CaptureFixture[str]) -> None:
    connect(world)
    code, out, _ = run(capsys, "doctor", "--json")
    told = json.loads(out)
    assert (code, told["acquirers"], told["bank_account"]) == (0, ["clearhaus", "vipps_mobilepay"], None)
    assert told["connections"].keys() == {"dinero", "shop", "clearhaus", "vipps_mobilepay"}
    world.sandbox.settle(CLEARHAUS, [("1001", 24900)], on=FIRST)
    run(capsys, "payouts", "fetch")
    code, out, _ = run(capsys, "doctor", "--json")
    assert (code, [one["code"] for one in json.loads(out)["findings"]]) == (2, ["payouts_way"])
    process.acquirers.choose(CLEARHAUS, way=Way.BOOK, fee_vat=NO_VAT)
    assert [one["code"] for one in json.loads(run(capsys, "doctor", "--json")[1])["findings"]] == ["bank_account"]
    process.acquirers.choose_bank_account(55000)
    assert run(capsys, "doctor", "--json")[0] == 0
    world.sandbox.fault("status", path="^/clearhaus", status=401, times=9)
    code, out, _ = run(capsys, "doctor", "--json")
    assert (code, [one["code"] for one in json.loads(out)["findings"]]) == (2, [CLEARHAUS])


def test_a_single_round_ends_with_1_while_payouts_need_the_owner(
    process: Dashboard, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    connect(world)
    assert run(capsys, "run", "--once")[0] == 0
    world.sandbox.settle(CLEARHAUS, [("1001", 24900)], on=FIRST)
    assert run(capsys, "run", "--once")[0] == 1
    choose(process)
    process.acquirers.choose(CLEARHAUS, by_itself=True)
    world.clock.advance(timedelta(minutes=20).total_seconds())
    assert run(capsys, "run", "--once")[0] == 0
    assert [row["state"] for row in listed(capsys)] == ["booked"]
