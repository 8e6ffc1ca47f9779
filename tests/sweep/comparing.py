"""What a scan with fewer rights may differ in from one with all of them."""

from __future__ import annotations

from collections.abc import Iterator

from collector.core.checks import Status
from collector.core.findings import WHOLE
from tests.sweep.scanning import Scanned, Where


def lost(base: Scanned, swept: Scanned) -> Iterator[Where]:
    """Yield what is unknown now, and was known before or unknown for another reason."""
    for where, verdict in swept.verdicts.items():
        before = base.verdicts.get(where)
        if verdict.status is Status.UNKNOWN and (before is None or before != verdict):
            yield where


def assert_only_towards_unknown(base: Scanned, swept: Scanned) -> None:
    """Fail where a verdict changed to anything but unknown, appeared, or went away without a word."""
    for where, verdict in base.verdicts.items():
        check, scope, _ = where
        now = swept.verdicts.get(where)
        if now is None:
            speaks_for_it = [
                (id_, outer)
                for (id_, outer, subject), other in swept.verdicts.items()
                if id_ == check and subject == WHOLE and other.status is Status.UNKNOWN and scope[: len(outer)] == outer
            ]
            assert speaks_for_it, f"{where} went away in silence"
        else:
            assert now.status in (verdict.status, Status.UNKNOWN), (where, verdict, now)
    appeared = {where: verdict for where, verdict in swept.verdicts.items() if where not in base.verdicts}
    assert {where: verdict for where, verdict in appeared.items() if verdict.status is not Status.UNKNOWN} == {}
