"""The commands, as another program drives them: exit codes and JSON, in real processes where two of them or an end
by force are the point."""

import argparse
import contextlib
import csv
import io
import json
import os
import socket
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from dinero.cli.main import function, main, parser
from dinero.dashboard import dashboard as library
from dinero.environment import Environment
from dinero.sandbox import Sandbox

ROOT = Path(__file__).parent.parent


class Commands:
    """`python -m dinero …` against a sandbox: in this process, or in one of its own where that is the point."""

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        self.environment = dict(environment) | {"DINERO_DATA_DIR": str(folder)}

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """A process of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "dinero", *arguments],
            cwd=ROOT,
            env=self._variables({}),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, **variables: str) -> tuple[int, str, str]:
        """Exit code and what was written, by a command that finds nothing in memory of the one before."""
        out, error = io.StringIO(), io.StringIO()
        library.dashboard.cache_clear()
        with (
            patch.dict(os.environ, self._variables(variables), clear=True),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(error),
        ):
            try:
                code = main(arguments)
            except SystemExit as ended:  # argparse's own
                code = int(ended.code or 0)
        library.dashboard.cache_clear()
        return code, out.getvalue(), error.getvalue()

    def sandbox(self, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(
            f"{self.environment['DINERO_API_URL']}/_sandbox/{path}", data, timeout=10
        ) as answer:
            return json.load(answer)

    def _variables(self, variables: Mapping[str, str]) -> dict[str, str]:
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("DINERO_", "SHOPORAMA_"))}
        return clean | self.environment | dict(variables)


def test_every_command_is_a_function_of_its_own() -> None:
    found: list[argparse.ArgumentParser] = []
    left = [parser()]
    while left:
        command = left.pop()
        below = [action.choices for action in command._actions if isinstance(action, argparse._SubParsersAction)]
        left += [one for choices in below for one in choices.values()]
        found += [] if below else [command]
    functions = [function(command.get_default("command")) for command in found]
    assert all(callable(run) for run in functions)
    assert len(set(functions)) == len(found) > 15


@pytest.fixture
def commands(tmp_path: Path) -> Iterator[Commands]:
    with Sandbox(orders=40, seed=3, calls_per_minute=100_000) as sandbox:
        yield Commands(sandbox.environment(), tmp_path)


@pytest.fixture
def sandbox_process() -> Iterator["subprocess.Popen[str]"]:
    """A sandbox in a process of its own, with returns."""
    options = ["--port", "0", "--orders", "40", "--seed", "3", "--returns", "--calls-per-minute", "100000"]
    command = [sys.executable, "-m", "dinero", "sandbox", *options]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    yield process
    process.terminate()
    assert process.wait(20) == 0


def test_the_main_job_without_a_browser(commands: Commands) -> None:
    assert commands.run("setup", "--from-env")[0] == 0
    assert commands.run("fetch", "--all")[0] == 0
    listed = json.loads(commands.run("orders", "--state", "waiting", "--json")[1])
    assert len(listed) > 20
    assert {"order", "number", "state", "reason", "total_ore", "currency"} <= listed[0].keys()
    assert {type(row[name]) for row in listed for name in ("paid", "sent")} == {int}, "other programs compare with 1"

    code, out, _ = commands.run("push", "--all", "--json")
    pushed = json.loads(out)
    assert code == 1, "some orders of the sandbox are held"
    assert pushed["orders"] == pushed["invoices"] == pushed["payments"] == len(listed)
    assert all(row["invoice_number"] for row in pushed["rows"] if row["state"] == "done")
    assert all(row["reason"] for row in pushed["rows"] if row["state"] == "held")
    totals = {row["order"]: row["total_ore"] for row in listed}
    books = commands.sandbox("books")
    booked = {i["ExternalReference"].split(":")[1]: round(i["TotalInclVat"] * 100) for i in books["invoices"]}
    assert booked == totals
    assert all(i["Status"] == "Booked" and i["PaymentStatus"] == "Paid" for i in books["invoices"])

    again = json.loads(commands.run("push", "--all", "--json")[1])
    assert (again["orders"], again["invoices"], again["payments"]) == (0, 0, 0)
    assert commands.sandbox("books") == books

    history = json.loads(commands.run("history", "--json")[1])
    assert sum(row["event"] == "done" for row in history) == len(listed)
    rows = list(csv.DictReader(io.StringIO(commands.run("history", "--csv")[1]), delimiter=";"))
    assert len(rows) == len(history)
    code, out, _ = commands.run("doctor", "--json")
    assert (code, json.loads(out)["ok"]) == (0, True)


def test_two_processes_that_push_the_same_orders_make_one_invoice_each(commands: Commands) -> None:
    commands.run("setup", "--from-env")
    commands.run("fetch")
    waiting = json.loads(commands.run("orders", "--state", "waiting", "--json")[1])
    processes = [commands.start("push", "--all", "--json") for _ in range(2)]
    for process in processes:
        out, error = process.communicate(timeout=120)
        assert process.returncode == 1, error
        json.loads(out)
    books = commands.sandbox("books")
    references = [invoice["ExternalReference"] for invoice in books["invoices"]]
    assert sorted(references) == sorted(f"shoporama:{row['order']}" for row in waiting)
    assert len({p["ExternalReference"] for p in books["payments"]}) == len(books["payments"]) == len(waiting)


def test_a_process_that_is_killed_in_the_middle_leaves_nothing_double(commands: Commands) -> None:
    commands.run("setup", "--from-env")
    commands.run("fetch")
    waiting = json.loads(commands.run("orders", "--state", "waiting", "--json")[1])
    commands.sandbox("faults", {"kind": "delay", "method": "POST", "path": "/book$", "delay": 20, "after_work": True})
    process = commands.start("push", "--all", "--json")
    while not any(call["path"].endswith("/book") for call in commands.sandbox("calls")):
        assert process.poll() is None
    process.kill()
    process.communicate(timeout=60)
    pushed = json.loads(commands.run("push", "--all", "--json")[1])
    assert {row["state"] for row in pushed["rows"]} == {"done", "held"}
    books = commands.sandbox("books")
    assert len(books["invoices"]) == len(waiting)
    assert len({p["ExternalReference"] for p in books["payments"]}) == len(books["payments"]) == len(waiting)


def test_one_order_is_named_by_its_number_or_its_id(commands: Commands) -> None:
    commands.run("setup", "--from-env")
    commands.run("fetch")
    first, second, *_ = json.loads(commands.run("orders", "--state", "waiting", "--json")[1])
    code, out, _ = commands.run("push", first["number"], second["order"], "--json")
    assert code == 0
    assert {row["order"] for row in json.loads(out)["rows"]} == {first["order"], second["order"]}


@pytest.mark.parametrize(
    ("arguments", "variables", "code"),
    [
        (["push"], {}, 2),
        (["push", "--all", "1"], {}, 2),
        (["push", "no-such-order"], {}, 2),
        (["setup", "--from-env"], {"DINERO_BOOKING_ACCOUNT": "1"}, 2),
        (["setup", "--from-env"], {"DINERO_API_KEY": "wrong"}, 3),
        (["fetch"], {}, 2),
        (["doctor"], {}, 2),
        (["nonsense"], {}, 2),
        (["fetch"], {"DINERO_API_URL": "http://example.com"}, 2),
    ],
)
def test_wrong_use_is_told_and_has_its_exit_code(
    commands: Commands, arguments: list[str], variables: dict[str, str], code: int
) -> None:
    found, out, error = commands.run(*arguments, **variables)
    assert found == code, error
    assert "Traceback" not in error
    assert (out + error).strip()


def test_a_lost_subscription_is_exit_code_3_and_leaves_the_orders_waiting(commands: Commands) -> None:
    commands.run("setup", "--from-env")
    commands.run("fetch")
    commands.sandbox("settings", {"pro": False})
    code, out, error = commands.run("push", "--all", "--json")
    assert code == 3
    assert "Pro" in error
    assert {row["state"] for row in json.loads(out)["rows"]} == {"waiting", "held"}


def test_the_unattended_run_fetches_and_pushes_until_it_is_told_to_stop(commands: Commands) -> None:
    commands.run("setup", "--from-env")
    process = commands.start("run", "--every", "0.01")
    while len(commands.sandbox("books")["payments"]) < 20:
        assert process.poll() is None
    process.terminate()
    process.communicate(timeout=60)
    assert process.returncode == 0


def test_returns_go_in_the_same_push_as_the_orders_they_credit(
    sandbox_process: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    assert sandbox_process.stdout is not None
    commands = Commands(json.loads(sandbox_process.stdout.readline()), tmp_path)
    commands.run("setup", "--from-env")
    commands.run("fetch")
    pushed = json.loads(commands.run("push", "--all", "--json")[1])
    again = json.loads(commands.run("push", "--all", "--json")[1])
    books = commands.sandbox("books")
    assert pushed["credit_notes"] == len(books["credit_notes"]) > 0
    assert pushed["orders"] == pushed["invoices"] + pushed["credit_notes"]
    assert (again["orders"], again["credit_notes"]) == (0, 0)


def test_questions_corrections_and_the_comparison_without_a_browser(commands: Commands, tmp_path: Path) -> None:
    commands.run("setup", "--from-env")
    commands.run("fetch")
    commands.run("push", "--all")
    orders = json.loads(commands.run("orders", "--json")[1])
    asked = next(order for order in orders if order["questions"])
    (question, *_) = asked["questions"]
    assert commands.run("answer", asked["order"], question["key"], "no such answer")[0] == 2
    assert commands.run("answer", asked["order"], question["key"], question["choices"][0])[0] == 0
    done = next(order for order in orders if order["state"] == "done")
    code, out, _ = commands.run("correct", done["order"], "undo", "--reason", "test", "--json")
    assert (code, json.loads(out)["credit_notes"]) == (0, 1)
    assert commands.run("correct", done["order"], "undo", "--reason", "test")[0] == 1, "nothing is left"
    year = done["placed_on"][:4]
    period = ("--from", f"{year}-01-01", "--to", f"{year}-12-31")
    code, out, _ = commands.run("reconcile", *period, "--json")
    result = json.loads(out)
    assert (code, result["doubled"], result["left_out"]) == (0, 0, 0)
    assert len(commands.run("reconcile", *period, "--csv")[1].splitlines()) == len(result["rows"]) + 1
    assert commands.run("reconcile", *period, "--pdf", str(tmp_path / "afstemning.pdf"))[0] == 0
    assert (tmp_path / "afstemning.pdf").read_bytes().startswith(b"%PDF")


def test_backup_restore_export_and_forgetting_without_a_browser(commands: Commands, tmp_path: Path) -> None:
    commands.run("setup", "--from-env")
    commands.run("fetch")
    saved, everything = tmp_path / "kopi.db", tmp_path / "alt.zip"
    assert commands.run("backup", str(saved))[0] == 0
    code, _, error = commands.run("backup", str(saved))
    assert (code, "Traceback" in error) == (2, False)
    first = json.loads(commands.run("push", "--all", "--json")[1])
    books = commands.sandbox("books")
    done = next(order for order in json.loads(commands.run("orders", "--state", "done", "--json")[1]))
    assert commands.run("forget", done["email"])[0] == 0
    assert commands.run("export", str(everything))[0] == 0
    with zipfile.ZipFile(everything) as packed:
        exported = json.loads(packed.read("orders.json"))
    assert [order["customer"] for order in exported if order["id"] == done["order"]] == [""]

    assert commands.run("restore", str(saved))[0] == 0
    assert list(tmp_path.glob("before-restore-*.db"))
    commands.run("fetch")
    again = json.loads(commands.run("push", "--all", "--json")[1])
    assert [row["invoice_number"] for row in again["rows"]] == [row["invoice_number"] for row in first["rows"]]
    assert commands.sandbox("books") == books

    real = {name: "" for name in commands.environment if name.endswith("_URL")}
    code, _, error = commands.run("restore", str(saved), **real)
    assert (code, "Traceback" in error) == (2, False), "a backup of the sandbox is not for the real Dinero"
    assert commands.run("restore", str(everything))[0] == 2


@pytest.fixture
def demo_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where demos keep their data, with that of a demo on port 8611 in it."""
    here = Environment.read({"DINERO_DATA_DIR": str(tmp_path)})
    monkeypatch.setattr("dinero.cli.demo.Environment.read", lambda _: here)
    kept = tmp_path / "demo" / "8611" / "dinero.db"
    kept.parent.mkdir(parents=True)
    kept.write_text("of the demo that runs")
    return tmp_path / "demo"


def test_a_second_demo_leaves_the_data_of_one_that_runs_on_another_port(
    demo_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[str] = []

    class Dashboard:
        def __init__(self, *_: object, env: Mapping[str, str], **__: object) -> None:
            started.append(env["DINERO_DATA_DIR"])

        def wait(self) -> int:
            return 0

    monkeypatch.setattr("dinero.cli.demo.subprocess.Popen", Dashboard)
    monkeypatch.setattr("dinero.cli.demo.signal.signal", lambda *_: None)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        free = listening.getsockname()[1]
    assert main(["demo", "--port", str(free), "--orders", "1"]) == 0
    assert started == [str(demo_folder / str(free))]
    assert (demo_folder / "8611" / "dinero.db").read_text() == "of the demo that runs"


def test_a_demo_on_a_port_that_is_in_use_says_so_and_deletes_nothing(
    demo_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        (demo_folder / "8611").rename(demo_folder / str(port))
        assert main(["demo", "--port", str(port)]) == 1
    assert f"Port {port} is in use already" in capsys.readouterr().err
    assert (demo_folder / str(port) / "dinero.db").exists()
