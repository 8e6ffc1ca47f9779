"""Answers each call in one of the ways that two rules try with every call, so that together all ways are tried."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import crc32

from collector.contract.rounds import ByCall, excuse, lists_answered, parts_answered
from collector.contract.rules_answers import require_not_read, require_unread
from collector.contract.rules_refusals import STATUSES
from collector.contract.wrong_answers import NONSENSE, with_status

if TYPE_CHECKING:
    from collector.contract.harness import Harness

ONE_WAY = frozenset({"aws", "gcp"})
"""Connectors with so many calls that each of them costs a run."""

_STATUS_WAYS = {f"a bare {status}": with_status(status) for status in STATUSES}


def each_call_in_one_way(harness: Harness) -> None:
    """Fail where a list or a part counts as read by an answer that is nonsense, or by a refusal without a word."""
    of_parts = {call for parts in harness.connector.parts.values() for part in parts for call in part.calls}

    def nonsense(call: str) -> str:
        # Only of a list in pages is it known that its answer is nothing without a list.
        is_paged = call in harness.paged and call not in of_parts
        ways = [way for way in NONSENSE if excuse(harness, way, call) is None and (is_paged or way != "without lists")]
        return ways[_number(call) % len(ways)]

    def status(call: str) -> str:
        return [*_STATUS_WAYS][_number(call) % len(_STATUS_WAYS)]

    for way_of, ways in (nonsense, NONSENSE), (status, _STATUS_WAYS):
        make = ByCall(lambda call, way_of=way_of, ways=ways: ways[way_of(call)])  # type: ignore[misc]
        for of_list in lists_answered(harness, "refusal", make):
            require_not_read(of_list, way_of(of_list.call))
        for of_part in parts_answered(harness, "refusal", make):
            how = way_of(of_part.call)
            if not any(code.startswith(how.removeprefix("a bare ")) for code in of_part.part.absent):
                require_unread(of_part, how)


def _number(call: str) -> int:
    """Return a number that a call always has, so that a failure comes again."""
    return crc32(call.encode())
