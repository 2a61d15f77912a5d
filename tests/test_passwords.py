"""How passwords are kept, and how the hashes of earlier versions are renewed."""

from pathlib import Path

import pytest

from dinero.model.clock import SimulatedClock
from dinero.model.errors import SettingsError
from dinero.signin import passwords
from dinero.signin.passwords import Passwords
from dinero.signin.sessions import PASSWORD, READER_PASSWORD, SignIn
from dinero.store import Store
from dinero.store.vault import Vault

GOOD = "rødgrød med fløde"
ACCOUNTANTS = "fire helt tilfældige ord"
COSTS = {"passes": 2, "memory": 16, "lanes": 1}

# Made of GOOD by the version of November 2026: at the costs that were usual, and at others.
OLD = (
    "scrypt:32768:8:1:1a230dcc08c98905817d7a40ffe3f5f2:68ff86c3123a0a4962fe88929d52b665e77b954d043faad50d067b63b13edb91"
    "d81b1a502a017a523b796dc4f240cbe07082a0f466daa0554284334ce97cc98a"
)
OLD_AND_CHEAP = (
    "scrypt:16:8:1:9cbbc374a9be3e4bfffc87906f4732a7:442cb41d1aac43448b249fe0d4b3b9ce3ec6d7a6f96c828fb55670951626b634606"
    "895b4fa1307e59a192d4236bc1e1eb1bece712ae3145711380cd523471338"
)
OLD_WITH_OTHER_LANES = (
    "scrypt:16:4:2:f5d0ce00d9b5d3b9a0be2d31b9501ca5:2e561eace06c9c5af3eab210da908ecbe16cac4bd4256625815e4eaf93acb69056d"
    "17333b847fa84d6dc2d3f4f705e766abc19ebb2df890facd20bcc02d86e74"
)
OF_EARLIER = [
    pytest.param(OLD, id="scrypt"),
    pytest.param(OLD_AND_CHEAP, id="cheap scrypt"),
    pytest.param(OLD_WITH_OTHER_LANES, id="scrypt with other lanes"),
    pytest.param(Passwords(**COSTS | {"passes": 1}).hash(GOOD), id="fewer passes"),
    pytest.param(Passwords(**COSTS | {"memory": 8}).hash(GOOD), id="less memory"),
]


@pytest.fixture
def store(tmp_path: Path, clock: SimulatedClock) -> Store:
    return Store(tmp_path, clock=clock)


@pytest.fixture
def sign_in(store: Store, clock: SimulatedClock) -> SignIn:
    return SignIn(store, Vault(store), clock, Passwords(**COSTS))


def is_of_today(stored: str) -> bool:
    return stored.startswith("$argon2id$v=19$m=16,t=2,p=1$")


@pytest.mark.parametrize("earlier", OF_EARLIER)
def test_a_hash_of_earlier_opens_and_is_renewed(sign_in: SignIn, store: Store, earlier: str) -> None:
    store.settings.put({PASSWORD: earlier})
    assert sign_in.check(GOOD) == "owner"
    renewed = store.settings.get(PASSWORD)
    assert is_of_today(renewed)
    assert sign_in.check(GOOD) == "owner"
    assert store.settings.get(PASSWORD) == renewed, "a hash of today was made anew"


@pytest.mark.parametrize("earlier", OF_EARLIER)
def test_a_wrong_password_renews_nothing(sign_in: SignIn, store: Store, earlier: str) -> None:
    store.settings.put({PASSWORD: earlier})
    assert sign_in.check(GOOD.upper()) is None
    assert store.settings.get(PASSWORD) == earlier


def test_the_accountant_s_hash_is_renewed_by_the_accountant(sign_in: SignIn, store: Store) -> None:
    store.settings.put({PASSWORD: Passwords(**COSTS).hash("en helt anden kode"), READER_PASSWORD: OLD_AND_CHEAP})
    owners = store.settings.get(PASSWORD)
    assert sign_in.check(GOOD) == "reader"
    assert is_of_today(store.settings.get(READER_PASSWORD))
    assert store.settings.get(PASSWORD) == owners


def test_a_renewal_ends_no_session(sign_in: SignIn, store: Store) -> None:
    sign_in.set_password(GOOD)
    cookie = sign_in.make_cookie()
    store.settings.put({PASSWORD: OLD_AND_CHEAP})
    sign_in.check(GOOD)
    assert sign_in.read_cookie(cookie) == "owner"


def test_a_renewal_does_not_bring_back_a_password_that_was_changed_meanwhile(
    store: Store, clock: SimulatedClock
) -> None:
    class Slow(Passwords):
        def is_dated(self, stored: str) -> bool:
            store.settings.put({PASSWORD: newer})  # between the look at the old hash and its renewal
            return super().is_dated(stored)

    newer = Passwords(**COSTS).hash("en helt anden kode")
    store.settings.put({PASSWORD: OLD_AND_CHEAP})
    SignIn(store, Vault(store), clock, Slow(**COSTS)).check(GOOD)
    assert store.settings.get(PASSWORD) == newer


def test_an_old_password_is_changed_and_the_new_one_is_kept_as_new_ones_are(sign_in: SignIn, store: Store) -> None:
    store.settings.put({PASSWORD: OLD_AND_CHEAP})
    with pytest.raises(SettingsError):
        sign_in.change_password("forkert kodeord", ACCOUNTANTS)
    assert store.settings.get(PASSWORD) == OLD_AND_CHEAP
    sign_in.change_password(GOOD, ACCOUNTANTS)
    assert is_of_today(store.settings.get(PASSWORD))
    assert sign_in.check(GOOD) is None
    assert sign_in.check(ACCOUNTANTS) == "owner"


def test_what_new_hashes_cost_is_within_what_a_small_machine_has() -> None:
    stored = Passwords().hash(GOOD)
    assert stored.startswith("$argon2id$v=19$m=32768,t=4,p=1$")
    assert Passwords().fits(GOOD, stored)
    assert not Passwords().is_dated(stored)


def test_two_hashes_are_made_at_a_time_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    assert passwords._HASHING._value == 2
    seen: list[int] = []

    def fits(*_: object) -> bool:
        seen.append(passwords._HASHING._value)
        return True

    monkeypatch.setattr(passwords, "_fits_scrypt", fits)
    quick = Passwords(**COSTS)
    assert quick.fits(GOOD, OLD)
    assert (seen, passwords._HASHING._value) == ([1], 2)


def test_a_hash_that_nobody_made_fits_nothing(sign_in: SignIn, store: Store) -> None:
    store.settings.put({PASSWORD: "$argon2id$v=19$m=16,t=2,p=1$broken"})
    assert sign_in.check(GOOD) is None
