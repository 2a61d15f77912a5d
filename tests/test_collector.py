"""While a file is read the cyclic collector rests, and it always works again."""

import gc
import threading
from collections.abc import Iterator

import pytest

from dinero.acquirers.opening import open_file
from dinero.collector import collector_at_rest


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    before = gc.isenabled()
    gc.enable()
    yield
    if not before:
        gc.disable()


def test_it_rests_inside_and_works_again_after_an_error() -> None:
    told = []

    @collector_at_rest()
    def broken() -> None:
        with collector_at_rest():
            told.append(gc.isenabled())
        told.append(gc.isenabled())
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        broken()
    assert [*told, gc.isenabled()] == [False, False, True]


def test_the_last_thread_that_leaves_lets_it_work() -> None:
    inside, leave = threading.Event(), threading.Event()

    def other() -> None:
        with collector_at_rest():
            inside.set()
            leave.wait(10)

    thread = threading.Thread(target=other)
    with collector_at_rest():
        thread.start()
        assert inside.wait(10)
    assert not gc.isenabled()
    leave.set()
    thread.join(10)
    assert gc.isenabled()


def test_where_it_was_off_it_stays_off() -> None:
    gc.disable()
    with collector_at_rest():
        pass
    assert not gc.isenabled()


def test_it_works_after_each_file_sound_or_not() -> None:
    for data in (b"a;b\n1;2\n", b"", b"%PDF", b'a;b\n"1;2\n'):
        open_file("x.csv", data)
        assert gc.isenabled()
