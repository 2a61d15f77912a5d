"""The lock files: what is installed is pinned to the last package, and known by its hashes."""

import re
import tomllib
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from typing import NamedTuple

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
LOCKS = {"requirements.txt": "requirements.lock", "requirements-dev.txt": "requirements-dev.lock"}


class Locked(NamedTuple):
    """A package of a lock file, for the machines that its marker means."""

    requirement: Requirement
    hashes: frozenset[str]

    @property
    def name(self) -> str:
        return canonicalize_name(self.requirement.name)

    def is_for_us(self) -> bool:
        marker = self.requirement.marker
        return marker is None or marker.evaluate()


def lines(name: str) -> list[str]:
    """The lines of a file for pip, continued ones as one, without comments."""
    whole = (ROOT / name).read_text().replace("\\\n", " ")
    return [line.strip() for line in whole.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def locked(name: str) -> list[Locked]:
    found = []
    for line in lines(name):
        requirement, *hashes = re.split(r"\s+--hash=", line)
        found.append(Locked(Requirement(requirement.strip()), frozenset(hashes)))
    return found


def pins(name: str) -> dict[str, str]:
    """The version that a short list wants of each package."""
    own = [Requirement(line) for line in lines(name) if not line.startswith("-r")]
    return {canonicalize_name(pin.name): str(pin.specifier) for pin in own}


@pytest.mark.parametrize("short", LOCKS)
def test_what_is_asked_for_is_locked_at_that_version_on_every_machine(short: str) -> None:
    rows = locked(LOCKS[short])
    for name, version in pins(short).items():
        versions = [(str(row.requirement.specifier), row.requirement.marker) for row in rows if row.name == name]
        assert versions == [(version, None)], f"{name}: run `make lock`"


@pytest.mark.parametrize("lock", LOCKS.values())
def test_every_package_of_a_lock_has_one_version_and_hashes(lock: str) -> None:
    rows = locked(lock)
    assert len(rows) > 40
    for row in rows:
        assert re.fullmatch(r"==[0-9][\w.+!]*", str(row.requirement.specifier)), row.requirement
        assert row.requirement.url is None
        assert row.hashes, row.requirement
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", each) for each in row.hashes), row.requirement
    ours = [row.name for row in rows if row.is_for_us()]
    assert len(ours) == len(set(ours)), "two versions of a package for one machine"


def test_whoever_develops_has_the_very_packages_that_an_owner_has() -> None:
    runtime, development = locked("requirements.lock"), locked("requirements-dev.lock")
    assert [row.name for row in runtime if row not in development] == []


@pytest.mark.parametrize("lock", LOCKS.values())
def test_whatever_a_locked_package_needs_here_is_locked_too(lock: str) -> None:
    rows = [row for row in locked(lock) if row.is_for_us()]
    versions = {row.name: str(row.requirement.specifier).removeprefix("==") for row in rows}
    missing = []
    for row in rows:
        try:
            needs = [Requirement(text) for text in requires(row.name) or []]
        except PackageNotFoundError:
            continue
        for need in needs:
            extras = row.requirement.extras or {""}
            wanted = need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in extras)
            version = versions.get(canonicalize_name(need.name))
            if wanted and (version is None or not need.specifier.contains(version, prereleases=True)):
                missing.append(f"{row.name} needs {need}")
    assert missing == []


def test_only_lock_files_are_installed_and_only_with_their_hashes() -> None:
    for name in ("Makefile", "deploy/Dockerfile"):
        whole = " ".join(lines(name))
        assert "--require-hashes" in whole
        assert not re.search(r"requirements[\w-]*\.txt", whole.replace("$(LOCK) requirements", ""))
    make = [line.replace("$(QUIETLY)", "--require-hashes") for line in lines("Makefile")]
    installs = [line for line in make if "-m pip" in line and " install " in line]
    assert len(installs) == 1
    assert installs[0].count(" install --require-hashes ") == installs[0].count(" install ") == 2


def test_the_locks_are_made_for_the_oldest_python_that_we_name() -> None:
    oldest = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"].removeprefix(">=")
    assert f"--python-version {oldest} " in (ROOT / "Makefile").read_text()
