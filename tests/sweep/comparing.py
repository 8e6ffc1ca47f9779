"""What a scan with fewer rights may differ in from one with all of them."""

from __future__ import annotations

from collections.abc import Iterator

from collector.core.checks import Status
from collector.core.findings import WHOLE
from tests.sweep.scanning import Scanned, Where


def lost(base: Scanned, swept: Scanned) -> Iterator[Where]:
    """Yield what is unknown now, and was known before or unknown for another reason."""
    for where, said in swept.verdicts.items():
        before = base.verdicts.get(where)
        if said.status is Status.UNKNOWN and (before is None or before != said):
            yield where


def assert_only_towards_unknown(base: Scanned, swept: Scanned) -> None:
    """Fail where a verdict changed to anything but unknown, appeared, or went away without a word."""
    for where, said in base.verdicts.items():
        check, scope, _ = where
        now = swept.verdicts.get(where)
        if now is None:
            speaks_for_it = [
                (verdict, outer)
                for (verdict, outer, subject), said in swept.verdicts.items()
                if verdict == check
                and subject == WHOLE
                and said.status is Status.UNKNOWN
                and scope[: len(outer)] == outer
            ]
            assert speaks_for_it, f"{where} went away in silence"
        else:
            assert now.status in (said.status, Status.UNKNOWN), (where, said, now)
    appeared = {where: said for where, said in swept.verdicts.items() if where not in base.verdicts}
    assert {where: said for where, said in appeared.items() if said.status is not Status.UNKNOWN} == {}
