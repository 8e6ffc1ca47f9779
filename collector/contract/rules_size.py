"""Rules on size: one answer that is too large, and a list of very many pages."""

from __future__ import annotations

import gc
import gzip
import tracemalloc
from contextlib import contextmanager
from typing import TYPE_CHECKING

from collector.contract.rounds import Plays, excuse, lists_answered, parts_answered
from collector.contract.rules import rule
from collector.contract.rules_answers import require_not_read, require_unread
from collector.contract.suite_run import SuiteRun
from collector.core.tasks import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.contract.harness import Harness
    from collector.contract.raw_answers import Make, RawAnswer, RawRequest

_LARGEST = 256 << 10
"""Bytes of an answer that are allowed here; those of the doubles are far smaller."""

_FAR_TOO_LARGE = 128 << 20
_MOST_MEMORY = 64 << 20
"""Bytes that a run may take beyond an undisturbed one: several answers of _LARGEST at a time, and none of the other."""

_PAGES = 10_000
_PADDED_PAGES = 2_000  # measuring makes each of them slower


@rule
def reads_no_answer_without_end(harness: Harness) -> None:
    """An answer beyond the largest that is allowed is not read on and not kept, however well it is compressed."""
    blanks = b" " * (_LARGEST * 2)
    ways: dict[str, Make] = {
        "too large": lambda _request, own: own.but(status=200, body=own.body + blanks),
        "too large and compressed": lambda _request, own: own.but(
            status=200, body=gzip.compress(own.body + blanks), content_encoding="gzip"
        ),
    }
    for how, make in ways.items():
        for listed in lists_answered(harness, "too large", make, largest_answer=_LARGEST):
            require_not_read(listed, how)
        for filled in parts_answered(harness, "too large", make, largest_answer=_LARGEST):
            require_unread(filled, how)
    far_too_large = b" " * _FAR_TOO_LARGE
    packed = gzip.compress(far_too_large, 6)  # 127 KiB: smaller than is allowed, until it is inflated
    with harness.fixture() as double, _measured() as undisturbed:
        SuiteRun(harness, double).run()
    ways = {
        "endless": lambda _request, own: own.but(status=200, body=far_too_large),
        "endless and compressed": lambda _request, own: own.but(status=200, body=packed, content_encoding="gzip"),
    }
    for how, make in ways.items():
        with _measured() as peak:
            for listed in lists_answered(harness, "too large", make, largest_answer=_LARGEST):
                require_not_read(listed, how)
        more = max(peak) - max(undisturbed)
        assert more < _MOST_MEMORY, (
            f"an answer that is {how} took {more >> 20} MiB, and {_LARGEST >> 10} KiB are allowed"
        )


@rule
def reads_a_huge_list_or_says_that_it_did_not(harness: Harness) -> None:
    """A list of 10,000 pages is read to its end or ends as not COMPLETE, and its pages do not stay in memory."""
    lists = [
        (call, kind)
        for kind, collection in harness.connector.collections.items()
        for call in collection.calls
        if call in harness.paged and excuse(harness, "huge", call) is None
    ]
    # One list stands for all: each is read by the same code, and this takes the longest of all rules.
    for call, kind in lists[:1]:
        with harness.fixture() as double:
            trial = SuiteRun(harness, double)
            double.endless(call, _PAGES)
            trial.run(kind)
            asked = double.served(call)
        ends = {seen.outcome for seen in trial.of(kind)}
        assert ends, f"{call} has {_PAGES} pages and {kind} was not run to an end"
        assert asked >= _PAGES or Outcome.COMPLETE not in ends, f"{_PAGES} pages: {kind} is COMPLETE after {asked}"
        more = _peak_of_a_run(harness, kind, call) - _peak_of_a_run(harness, kind)
        assert more < _MOST_MEMORY, f"{_PADDED_PAGES} pages of 64 KiB of {call} took {more >> 20} MiB"


def _padded(_request: RawRequest, own: RawAnswer) -> RawAnswer:
    """Make a page 64 KiB larger without a word more."""
    return own.but(body=own.body + b" " * 65_536)


@contextmanager
def _measured() -> Iterator[list[int]]:
    """Yield a list that holds the most memory of Python's, in bytes, that was taken at a time, once the block ends.

    What the process had before is set aside: Python looks for unused cycles the less often the more objects there are,
    and clients that nobody holds any more would be counted.
    """
    peak: list[int] = []
    gc.collect()
    gc.freeze()
    gc.collect()
    tracemalloc.start()
    try:
        yield peak
    finally:
        peak.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        gc.unfreeze()


def _peak_of_a_run(harness: Harness, kind: str, long: str = "") -> int:
    """Return the most memory that collecting a kind takes, where the pages of a call are many and padded."""
    with harness.fixture() as double, _measured() as peak:
        trial = SuiteRun(harness, double)
        if long:
            double.endless(long, _PADDED_PAGES)
            Plays(trial).play(long, _padded)
        trial.run(kind)
    return max(peak)
