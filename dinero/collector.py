"""Work that makes very many values at once, without Python's cyclic collector looking through them again and again.

A file of 50,000 lines is half a million values, none of which refers to itself: they are freed by their counts as
always. The collector would go through all that live so far each time that some more were made, which took half of the
time of reading.
"""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_LOCK = threading.Lock()
_resting = 0  # how many are at such work, in all threads: the collector is the whole process's
_was_on = False


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """The collector rests inside, and works again when the last of those inside of it, in any thread, is out; also as a
    decorator. Where it was off before, it stays off."""
    global _resting, _was_on
    with _LOCK:
        if not _resting:
            _was_on = gc.isenabled()
            gc.disable()
        _resting += 1
    try:
        yield
    finally:
        with _LOCK:
            _resting -= 1
            if not _resting and _was_on:
                gc.enable()
