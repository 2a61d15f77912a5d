"""Planted secrets: in no log, page, error, history or export, however detailed the log and whatever goes wrong."""

import json
import logging
import zipfile
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from conftest import World
from dinero.model.errors import DashboardError
from dinero.model.settings import MailSettings
from dinero.reports.export import reconciliation_csv
from dinero.safekeeping.export import export_everything
from dinero.sandbox.connect import API_KEY, CONNECT_CLIENT_SECRET, PERSONAL_CLIENT_SECRET
from dinero.sandbox.server import Kind

PASSWORD, READER, MAIL = "rødgrød med fløde", "fire helt tilfældige ord", "mail-kode-7719"
PAGES = ["overview.py", "orders.py", "history.py", "reconcile.py", "oss.py", "automatic.py", "setup.py"]

TABS = [("connections", ""), ("books", "fees"), ("books", "older"), ("vat", ""), ("vat", "methods"), ("access", "")]


def planted(world: World) -> list[str]:
    """Everything secret there is, with all tokens that were ever given out."""
    tokens = world.sandbox.tokens
    folder = world.dashboard.store.folder
    return [
        API_KEY,
        PERSONAL_CLIENT_SECRET,
        CONNECT_CLIENT_SECRET,
        world.sandbox.shop.key,
        PASSWORD,
        READER,
        MAIL,
        (folder / "secret.key").read_text().strip(),
        *tokens._access,
        *tokens._refresh,
    ]


def leaks(world: World, text: str) -> list[str]:
    return [secret for secret in planted(world) if secret in text]


def live(world: World) -> list[str]:
    """A day with everything that can go wrong; returns the errors that were raised."""
    dashboard, errors = world.dashboard, []
    dashboard.sign_in.set_password(PASSWORD)
    dashboard.sign_in.set_reader_password(READER)
    dashboard.connection.save_app_keys("isv_x", CONNECT_CLIENT_SECRET)
    dashboard.settings.save_mail(MailSettings("127.0.0.1", 9, "none", "ea", "a@example.com", "b@example.com"), MAIL)
    runner = dashboard.automatic.runner("test")
    faults: list[tuple[Kind, str, dict[str, Any]]] = [
        ("status", r"oauth/token", {"status": 401}),
        ("garbage", r"oauth/token", {}),
        ("status", "^/v", {"status": 500, "body": f"key {API_KEY}"}),
        ("reset", "/invoices$", {}),
        ("status", "^/REST", {"status": 401}),
        ("drop", "/payments$", {}),
        ("garbage", "/book$", {}),
        ("status", "^/v", {"status": 480}),
    ]
    for number, (kind, path, options) in enumerate(faults, 1):
        world.sandbox.shop.add(
            {**json.loads(json.dumps(world.sandbox.shop.orders[0])), "order_id": number}
            if world.sandbox.shop.orders
            else {"order_id": number}
        )
        world.sandbox.expire_tokens()
        world.sandbox.fault(kind, path=path, times=2, **options)
        for job in (dashboard.orders.fetch, lambda: world.push(), dashboard.accounts.refresh, dashboard.alarms.test):
            try:
                job()
            except DashboardError as error:
                errors.append(f"{error!r} {error} {error.detail} {error.text.render('da')} {error.__cause__!r}")
        runner.tick()
        world.clock.sleep(600)
    world.sandbox.faults.clear()
    return errors


def test_no_secret_is_in_any_log_error_history_or_export(
    world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    world.order(100)
    errors = live(world)
    assert len(errors) > 5, "without errors this test shows nothing"
    assert len(caplog.records) > 50
    assert leaks(world, caplog.text) == []
    assert leaks(world, "\n".join(errors)) == []
    history = json.dumps(world.dashboard.store.rows("select * from history"), ensure_ascii=False)
    assert leaks(world, history) == []
    export_everything(world.dashboard.store, tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        assert leaks(world, "".join(archive.read(name).decode() for name in archive.namelist())) == []
    today = world.clock.now().date()
    result = world.dashboard.proof.reconcile(today.replace(month=1, day=1), today)
    assert leaks(world, reconciliation_csv(result, "da")) == []


@pytest.mark.usefixtures("process")
def test_no_secret_is_on_any_page(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.order(100)
    live(world)
    monkeypatch.setattr("pages.ui.role", lambda: "owner")
    page = AppTest.from_file("../pages/navigation.py", default_timeout=30).run()
    tabs = [("setup.py", {"tab": tab, "show": show}) for tab, show in TABS]
    for path, query in [*((path, dict[str, str]()) for path in PAGES), *tabs]:
        page.switch_page(path)
        page.query_params |= query
        page.run()
        assert not page.exception
        text = str(page) + "".join(str(element.proto) for element in page.main)
        assert len(text) > 500
        assert leaks(world, text) == [], path


def test_the_dashboard_and_its_parts_print_no_secret(world: World) -> None:
    dashboard = world.dashboard
    dashboard.settings.save_mail(MailSettings("127.0.0.1", 25, "none", "ea", "a@example.com", "b@example.com"), MAIL)
    printed = "".join(
        map(
            repr,
            (
                dashboard,
                dashboard.environment,
                dashboard.settings.load(),
                dashboard.vault,
                dashboard.connection.auth,
                dashboard.connection.dinero(),
                dashboard.shops.client("shoporama"),
                vars(dashboard),
            ),
        )
    )
    assert leaks(world, printed) == []


def test_the_database_file_holds_no_secret_in_the_clear(world: World) -> None:
    live(world)
    content = b"".join(path.read_bytes() for path in world.dashboard.store.folder.glob("dinero.db*"))
    assert [secret for secret in planted(world) if secret.encode() in content] == []
