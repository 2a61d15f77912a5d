"""The password, the slow-down, the set-up code and the sessions."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dinero.model.clock import SimulatedClock
from dinero.model.errors import SettingsError, TryLater
from dinero.model.settings import Settings
from dinero.signin import sessions as signin
from dinero.signin.passwords import Passwords
from dinero.signin.sessions import SignIn
from dinero.store import Store
from dinero.store.vault import Vault

GOOD = "rødgrød med fløde"
QUICK = Passwords(passes=1, memory=8)  # what a hash costs is no matter in most tests
DAY = 86_400


class OnlyTheGoodOneFits(Passwords):
    """Tells at once that a guess is wrong."""

    def fits(self, password: str, stored: str) -> bool:
        return password == GOOD and super().fits(password, stored)


GUESSING = OnlyTheGoodOneFits(passes=1, memory=8)


@pytest.fixture
def make(tmp_path: Path, clock: SimulatedClock) -> Callable[..., SignIn]:
    def make_sign_in(folder: str = "data", passwords: Passwords = QUICK) -> SignIn:
        store = Store(tmp_path / folder, clock=clock)
        return SignIn(store, Vault(store), clock, passwords)

    return make_sign_in


@pytest.fixture
def sign_in(make: Callable[..., SignIn]) -> SignIn:
    chosen: SignIn = make()
    chosen.set_password(GOOD)
    return chosen


def test_before_a_password_is_chosen_none_fits(make: Callable[..., SignIn]) -> None:
    fresh = make()
    assert not fresh.is_set()
    assert not fresh.check("")
    assert not fresh.read_cookie(fresh.make_cookie())


def test_the_chosen_password_fits_and_no_other(sign_in: SignIn) -> None:
    assert sign_in.is_set()
    assert sign_in.check(GOOD)
    assert not sign_in.check(GOOD.upper())
    assert not sign_in.check("")


def test_the_same_letters_from_another_keyboard_fit(make: Callable[..., SignIn]) -> None:
    fresh = make()
    fresh.set_password("a\u030arhus 8000")
    assert fresh.check("århus 8000")


@pytest.mark.parametrize("bad", ["", "syv tgn", "x" * 1025, "å" * 513])
def test_a_password_that_is_too_short_or_too_long_is_refused(make: Callable[..., SignIn], bad: str) -> None:
    fresh = make()
    with pytest.raises(SettingsError):
        fresh.set_password(bad)
    assert not fresh.is_set()


@pytest.mark.parametrize("odd", ["x" * 5000, "\ud800\ud800", "\x00" * 9])
def test_an_odd_password_is_only_wrong(sign_in: SignIn, odd: str) -> None:
    assert not sign_in.check(odd)


def test_a_password_is_chosen_only_once(sign_in: SignIn) -> None:
    with pytest.raises(SettingsError):
        sign_in.set_password("et helt andet kodeord")
    assert sign_in.check(GOOD)


def test_of_eight_first_starters_one_wins(make: Callable[..., SignIn]) -> None:
    starters = [make() for _ in range(8)]

    def choose(number: int) -> bool:
        try:
            starters[number].set_password(f"kodeord nummer {number}")
        except SettingsError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(choose, range(8)))
    assert won.count(True) == 1
    assert starters[0].check(f"kodeord nummer {won.index(True)}")


def test_the_password_lies_nowhere_in_the_folder_or_the_log(
    sign_in: SignIn, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    sign_in.check(GOOD)
    sign_in.check("forkert kodeord")
    with pytest.raises(SettingsError):
        sign_in.change_password("forkert kodeord", "et nyt kodeord")
    assert "kodeord" not in caplog.text
    assert GOOD not in caplog.text
    assert not any(GOOD.encode() in path.read_bytes() for path in (tmp_path / "data").iterdir())


def test_after_ten_tries_even_the_right_password_must_wait(sign_in: SignIn, clock: SimulatedClock) -> None:
    for _ in range(10):
        assert not sign_in.check("forkert kodeord")
    with pytest.raises(TryLater) as stopped:
        sign_in.check(GOOD)
    assert 0 < stopped.value.seconds <= 301
    clock.advance(stopped.value.seconds)
    assert sign_in.check(GOOD)


def test_the_tries_of_parallel_requests_are_counted_together(make: Callable[..., SignIn]) -> None:
    make().set_password(GOOD)
    others = [make(passwords=GUESSING) for _ in range(30)]

    def attempt(other: SignIn) -> bool:
        try:
            other.check("forkert kodeord")
        except TryLater:
            return False
        return True

    with ThreadPoolExecutor(10) as pool:
        assert list(pool.map(attempt, others)).count(True) == 10


def test_a_new_password_ends_every_session(sign_in: SignIn) -> None:
    cookie = sign_in.make_cookie()
    sign_in.change_password(GOOD, "et nyt kodeord")
    assert not sign_in.read_cookie(cookie)
    assert not sign_in.check(GOOD)
    assert sign_in.check("et nyt kodeord")
    assert sign_in.read_cookie(sign_in.make_cookie())


def test_without_the_old_password_nothing_changes(sign_in: SignIn) -> None:
    cookie = sign_in.make_cookie()
    with pytest.raises(SettingsError):
        sign_in.change_password("forkert kodeord", "et nyt kodeord")
    with pytest.raises(SettingsError):
        sign_in.change_password(GOOD, "kort")
    assert sign_in.check(GOOD)
    assert sign_in.read_cookie(cookie)


def test_who_has_a_session_can_t_try_out_the_present_password_without_end(
    sign_in: SignIn, clock: SimulatedClock
) -> None:
    for _ in range(10):
        with pytest.raises(SettingsError):
            sign_in.change_password("forkert kodeord", "et nyt kodeord")
    with pytest.raises(TryLater) as stopped:
        sign_in.change_password(GOOD, "et nyt kodeord")
    assert sign_in.check(GOOD), "nothing was changed"
    clock.advance(stopped.value.seconds)
    sign_in.change_password(GOOD, "et nyt kodeord")
    assert sign_in.check("et nyt kodeord")


def test_a_session_lasts_fourteen_days(sign_in: SignIn, clock: SimulatedClock) -> None:
    cookie = sign_in.make_cookie()
    clock.advance(14 * DAY - 1)
    assert sign_in.read_cookie(cookie)
    clock.advance(1)
    assert not sign_in.read_cookie(cookie)


def test_signing_out_ends_one_session_and_copies_of_its_cookie(sign_in: SignIn) -> None:
    mine, other = sign_in.make_cookie(), sign_in.make_cookie()
    sign_in.sign_out(mine)
    sign_in.sign_out("noget andet")
    assert not sign_in.read_cookie(mine)
    assert sign_in.read_cookie(other)


def test_signing_out_everywhere_ends_all(sign_in: SignIn) -> None:
    cookies = [sign_in.make_cookie() for _ in range(2)]
    sign_in.sign_out_everywhere()
    assert not any(map(sign_in.read_cookie, cookies))


def test_a_forged_cookie_opens_nothing(sign_in: SignIn, make: Callable[..., SignIn]) -> None:
    other = make("other")
    other.set_password(GOOD)
    cookie = sign_in.make_cookie()
    payload, signature = cookie.rsplit(".", 1)
    for forged in ("", ".", "å", payload, f"{payload}.", f"{payload}.{signature[::-1]}", other.make_cookie()):
        assert not sign_in.read_cookie(forged)
    assert sign_in.read_cookie(cookie)


def test_a_cookie_of_another_folder_with_the_same_key_opens_nothing(
    tmp_path: Path, clock: SimulatedClock, make: Callable[..., SignIn], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DINERO_SECRET_KEY", "A" * 43 + "=")
    first, second = make("one"), make("two")
    first.set_password(GOOD)
    second.set_password(GOOD)
    assert not second.read_cookie(first.make_cookie())


def test_the_set_up_code_is_the_same_after_a_restart_and_fits_in_small_letters(make: Callable[..., SignIn]) -> None:
    code = make().setup_code()
    again = make()
    assert len(code) == 8
    assert again.setup_code() == code
    assert again.check_setup_code(f" {code.lower()} ")
    assert not again.check_setup_code("")
    assert not again.check_setup_code("ÆØÅ")
    assert make("other").setup_code() != code


def test_set_up_codes_cannot_be_guessed_in_numbers(make: Callable[..., SignIn]) -> None:
    fresh = make()
    for number in range(10):
        assert not fresh.check_setup_code(f"GUESS{number:03}")
    with pytest.raises(TryLater):
        fresh.check_setup_code(fresh.setup_code())


def test_a_forgotten_password_is_chosen_anew_and_ends_all_sessions(sign_in: SignIn) -> None:
    cookie = sign_in.make_cookie()
    sign_in.forget_password()
    assert not sign_in.is_set()
    assert not sign_in.check(GOOD)
    assert not sign_in.read_cookie(cookie)
    sign_in.set_password("en helt ny kode")
    assert not sign_in.read_cookie(cookie)


@pytest.mark.parametrize(
    "common", ["password1", "Kodeord2026!", "12345678", "87654321", "qwertyui", "aaaaaaaa", "shoporama1", "abababab"]
)
def test_a_password_that_is_tried_first_is_refused(make: Callable[..., SignIn], common: str) -> None:
    with pytest.raises(SettingsError):
        make().set_password(common)


def test_the_accountant_has_a_password_and_sessions_of_their_own(sign_in: SignIn) -> None:
    sign_in.set_reader_password("fire helt tilfældige ord")
    assert sign_in.check("fire helt tilfældige ord") == "reader"
    assert sign_in.check(GOOD) == "owner"
    owner, reader = sign_in.make_cookie("owner"), sign_in.make_cookie("reader")
    assert (sign_in.read_cookie(owner), sign_in.read_cookie(reader)) == ("owner", "reader")
    sign_in.set_reader_password(None)
    assert sign_in.check("fire helt tilfældige ord") is None
    assert (sign_in.read_cookie(owner), sign_in.read_cookie(reader)) == ("owner", None)


def test_since_when_the_accountant_has_the_password_is_kept(sign_in: SignIn, clock: SimulatedClock) -> None:
    assert sign_in.reader_since() is None
    sign_in.set_reader_password("fire helt tilfældige ord")
    began = clock.now()
    clock.advance(3600)
    assert sign_in.check("fire helt tilfældige ord") == "reader"
    assert sign_in.reader_since() == began
    sign_in.set_reader_password("fem andre helt tilfældige ord")
    assert sign_in.reader_since() == clock.now()
    sign_in.set_reader_password(None)
    assert sign_in.reader_since() is None
    sign_in.set_reader_password("fire helt tilfældige ord")
    sign_in.forget_password()
    assert sign_in.reader_since() is None


@pytest.mark.parametrize(
    ("role", "let", "may"),
    [
        ("owner", False, True),
        ("owner", True, True),
        ("reader", False, False),
        ("reader", True, True),
        (None, True, False),
        ("", True, False),
        ("guest", True, False),
    ],
)
def test_the_accountant_answers_only_if_the_owner_lets_them(role: str | None, let: bool, may: bool) -> None:
    assert signin.may_answer(role, Settings(reader_may_answer=let)) is may


def test_the_accountant_can_t_have_the_owner_s_password(sign_in: SignIn) -> None:
    with pytest.raises(SettingsError):
        sign_in.set_reader_password(GOOD)


def test_signing_out_everywhere_ends_every_session(sign_in: SignIn) -> None:
    sign_in.set_reader_password("fire helt tilfældige ord")
    cookies = [sign_in.make_cookie(role) for role in ("owner", "owner", "reader")]
    sign_in.sign_out_everywhere()
    assert [sign_in.read_cookie(cookie) for cookie in cookies] == [None] * 3


def test_a_cookie_of_the_first_version_is_the_owner_s(sign_in: SignIn, clock: SimulatedClock) -> None:
    until = int(clock.now().timestamp()) + 60
    old = sign_in._cookies.dumps([sign_in._setting(signin.GENERATION), "x", until])
    assert sign_in.read_cookie(old) == "owner"
    strange = sign_in._cookies.dumps([sign_in._setting(signin.GENERATION), "x", until, "admin"])
    assert sign_in.read_cookie(strange) is None


def test_tries_are_counted_for_each_network_and_for_all_together(make: Callable[..., SignIn]) -> None:
    sign_in = make(passwords=GUESSING)
    sign_in.set_password(GOOD)
    for n in range(signin.TRIES):
        sign_in.check("gæt", f"2001:db8::{n}")
    with pytest.raises(TryLater):
        sign_in.check("gæt", "2001:db8::ffff")
    assert sign_in.check("gæt", "203.0.113.7") is None
    for n in range(signin.ALL_TRIES - signin.TRIES - 1):
        sign_in.check("gæt", f"198.51.100.{n}")
    with pytest.raises(TryLater):
        sign_in.check("gæt", "198.51.100.200")


def test_strangers_tries_don_t_keep_the_owner_from_a_new_password(make: Callable[..., SignIn]) -> None:
    sign_in = make(passwords=GUESSING)
    sign_in.set_password(GOOD)
    for n in range(signin.ALL_TRIES):
        sign_in.check("gæt", f"198.51.100.{n}")
    with pytest.raises(TryLater):
        sign_in.check("gæt", "203.0.113.7")
    sign_in.change_password(GOOD, "fire helt tilfældige ord")
    assert sign_in.is_set()
