"""Connecting to Dinero both ways, and tokens: one refresher, stored before use, never dead by network trouble."""

import logging
import sqlite3
import threading
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from conftest import World, started
from dinero.api.auth import TOKEN
from dinero.dashboard.dashboard import Dashboard
from dinero.model.errors import ConnectionStopped, DashboardError, SettingsError, TryLater
from dinero.sandbox import Sandbox
from dinero.sandbox.connect import API_KEY, CONNECT_CLIENT_ID, CONNECT_CLIENT_SECRET, PERSONAL_CLIENT_SECRET
from dinero.sandbox.server import Kind

BACK = "http://127.0.0.1:8501/oauth/callback"
SECRETS = (API_KEY, PERSONAL_CLIENT_SECRET, CONNECT_CLIENT_SECRET)


@pytest.fixture
def fresh(tmp_path: Path, sandbox: Sandbox) -> Dashboard:
    """A dashboard that is connected to nothing, with the app's keys typed in."""
    dashboard = started(sandbox, tmp_path)
    dashboard.connection.save_app_keys(CONNECT_CLIENT_ID, CONNECT_CLIENT_SECRET)
    return dashboard


def consent(dashboard: Dashboard, answer: str = "approve") -> dict[str, str]:
    """What Visma Connect sends back when the owner has pressed a button on its page."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(dashboard.connection.start(BACK)).query).items()}
    response = requests.post(
        f"{dashboard.environment.connect_url}/connect/authorize",
        data={**asked, "answer": answer},
        allow_redirects=False,
        timeout=10,
    )
    assert response.headers["Location"].startswith(BACK)
    return {name: values[0] for name, values in parse_qs(urlsplit(response.headers["Location"]).query).items()}


def token_calls(sandbox: Sandbox) -> int:
    return sum(call.path == "/connect/token" for call in sandbox.calls)


def test_the_owner_connects_through_visma_with_pkce(fresh: Dashboard, sandbox: Sandbox) -> None:
    asked = parse_qs(urlsplit(fresh.connection.start(BACK)).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["scope"] == ["dineropublicapi:read dineropublicapi:write offline_access"]
    fresh.connection.finish(consent(fresh))
    assert fresh.settings.load().connection == "connect"
    assert [(o.id, o.has_pro) for o in fresh.connection.organizations()] == [("210001", True), ("210002", False)]


def test_an_answer_over_https_is_asked_for_as_a_form(fresh: Dashboard) -> None:
    url = fresh.connection.start("https://dinero.example.com/oauth/callback")
    assert parse_qs(urlsplit(url).query)["response_mode"] == ["form_post"]


def test_a_cancelled_sign_in_says_so_and_asks_for_no_token(fresh: Dashboard, sandbox: Sandbox) -> None:
    with pytest.raises(DashboardError) as caught:
        fresh.connection.finish(consent(fresh, "cancel"))
    assert "You said no" in caught.value.text.render("en")
    assert token_calls(sandbox) == 0
    assert fresh.settings.load().connection is None


def test_an_answer_can_be_used_once(fresh: Dashboard) -> None:
    answer = consent(fresh)
    fresh.connection.finish(answer)
    with pytest.raises(SettingsError):
        fresh.connection.finish(answer)


@pytest.mark.parametrize("change", [{"state": "made-up"}, {"state": ""}])
def test_an_answer_that_nobody_asked_for_is_refused_before_any_call(
    fresh: Dashboard, sandbox: Sandbox, change: dict[str, str]
) -> None:
    with pytest.raises(SettingsError):
        fresh.connection.finish(consent(fresh) | change)
    assert token_calls(sandbox) == 0


def test_an_answer_without_a_code_never_becomes_another_grant(fresh: Dashboard, sandbox: Sandbox) -> None:
    answer = consent(fresh)
    del answer["code"]
    with pytest.raises(DashboardError):
        fresh.connection.finish(answer)
    assert token_calls(sandbox) == 0


def test_an_error_from_visma_is_told_in_plain_words(fresh: Dashboard, sandbox: Sandbox) -> None:
    answer = consent(fresh) | {"error": "invalid_scope"}
    with pytest.raises(DashboardError) as caught:
        fresh.connection.finish(answer)
    assert len(caught.value.text.render("da")) > 20
    assert token_calls(sandbox) == 0


@pytest.mark.parametrize("wrong", range(3))
def test_wrong_keys_are_refused_and_not_stored(fresh: Dashboard, wrong: int) -> None:
    keys = ["sandbox-personal-client", PERSONAL_CLIENT_SECRET, API_KEY]
    keys[wrong] = "wrong"
    with pytest.raises(ConnectionStopped) as caught:
        fresh.connection.connect_personal(*keys)
    assert "API" in caught.value.text.render("en")
    assert fresh.settings.load().connection is None
    assert fresh.vault.get("dinero.credentials") is None


def test_many_threads_with_an_expired_token_refresh_once(
    fresh: Dashboard, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh.connection.finish(consent(fresh))
    fresh.clock.sleep(3700)
    # Who waits lets the others work: simulated waits take no time, and a lease would be over before its first call.
    monkeypatch.setattr(fresh.clock, "sleep", time.sleep)
    before = token_calls(sandbox)
    found, errors = [], []

    def ask() -> None:
        try:
            found.append(fresh.connection.auth.token())
        except DashboardError as error:
            errors.append(error)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    assert len(set(found)) == 1
    assert token_calls(sandbox) == before + 1


def test_a_refreshed_token_is_stored_before_it_is_used(fresh: Dashboard) -> None:
    fresh.connection.finish(consent(fresh))
    first = fresh.vault.get(TOKEN)["refresh_token"]
    fresh.clock.sleep(3700)
    token = fresh.connection.auth.token()
    stored = fresh.vault.get(TOKEN)
    assert stored["access_token"] == token
    assert stored["refresh_token"] != first


@pytest.mark.parametrize("kind", ["reset", "status", "garbage"])
def test_network_trouble_at_a_refresh_never_ends_the_connection(fresh: Dashboard, sandbox: Sandbox, kind: Kind) -> None:
    fresh.connection.finish(consent(fresh))
    fresh.clock.sleep(3700)
    sandbox.fault(kind, path="/connect/token", status=502)
    with pytest.raises(TryLater):
        fresh.connection.auth.token()
    assert not fresh.connection.has_ended
    assert fresh.connection.auth.token()


def test_a_grant_that_was_taken_back_asks_the_owner_to_connect_again(fresh: Dashboard, sandbox: Sandbox) -> None:
    fresh.connection.finish(consent(fresh))
    sandbox.tokens.revoke()
    fresh.clock.sleep(3700)
    for _ in range(2):
        with pytest.raises(ConnectionStopped):
            fresh.connection.auth.token()
    assert fresh.connection.has_ended
    before = token_calls(sandbox)
    with pytest.raises(ConnectionStopped):
        fresh.connection.auth.token()
    assert token_calls(sandbox) == before, "a dead connection is not asked again and again"
    fresh.connection.finish(consent(fresh))
    assert not fresh.connection.has_ended


def test_secrets_are_neither_in_the_database_nor_in_the_log(
    world: World, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    world.dashboard.connection.save_app_keys(CONNECT_CLIENT_ID, CONNECT_CLIENT_SECRET)
    world.dashboard.connection.finish(consent(world.dashboard))
    with pytest.raises(ConnectionStopped):
        world.dashboard.connection.connect_personal("client", "wrong-secret-7", "wrong-key-7")
    world.order(1)
    world.push()
    tokens = list(world.sandbox.tokens._access)
    with sqlite3.connect(world.dashboard.store.path) as db:
        db.execute("pragma wal_checkpoint(truncate)")
    files = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    logged = caplog.text
    for secret in (*SECRETS, "wrong-secret-7", "wrong-key-7", world.sandbox.shop.key, *tokens):
        assert secret.encode() not in files
        assert secret not in logged
    for personal in ("kunde1@example.com", world.row(1).customer):
        assert personal not in logged


def test_the_key_of_the_vault_is_the_owners_alone(world: World, tmp_path: Path) -> None:
    assert (tmp_path / "secret.key").stat().st_mode & 0o077 == 0


def test_the_shop_sends_its_key_back_once_and_only_when_asked(fresh: Dashboard, sandbox: Sandbox) -> None:
    url = fresh.shoporama_way.start("http://127.0.0.1:8501/oauth/shop/callback")
    state = parse_qs(urlsplit(url).query)["state"][0]
    answer = {"token": sandbox.shop.key, "state": state, "shop_name": "Keramikhuset", "prices_include_vat": "1"}
    with pytest.raises(SettingsError):
        fresh.shoporama_way.finish(answer | {"state": "made-up"})
    assert not fresh.shops.is_connected
    fresh.shoporama_way.finish(answer)
    assert fresh.shops.is_connected
    with pytest.raises(SettingsError):
        fresh.shoporama_way.finish(answer)
