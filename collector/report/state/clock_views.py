"""What runs saw of this machine's clock and the platforms', for status and the cover of a bundle."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from collector.core.clocks import CLOCK_ANOMALY, ClockAnomaly, show_anomaly

if TYPE_CHECKING:
    from collector.core.company_record import CompanyRecord


class ClockView(Struct, frozen=True, kw_only=True):
    """A run in which a platform's clock and this machine's differed beyond the limit.

    `leaf` is the log entry that has the last word on it. `collections` saw it, `sources` were compared.
    `largest_seconds` is the largest difference: this machine's clock less that of `source`. `whose` clock is wrong is
    machine, platform or unclear; `says` is all of it in words.
    """

    run: str
    leaf: int
    at: datetime
    collections: int
    largest_seconds: int
    source: str
    sources: list[str]
    whose: str
    says: str


def clock_anomalies(record: CompanyRecord, *, as_of: datetime | None = None) -> list[ClockView]:
    """Return the runs that saw clocks differ, up to a moment, the oldest first."""
    found = record.log(as_of=as_of, kinds=(CLOCK_ANOMALY,))
    last = {entry.fact["run"]: entry for entry in found}
    return [_view(entry.leaf, msgspec.convert(entry.fact, ClockAnomaly)) for entry in last.values()]


def _view(leaf: int, anomaly: ClockAnomaly) -> ClockView:
    furthest = anomaly.furthest
    return ClockView(
        run=anomaly.run,
        leaf=leaf,
        at=anomaly.at,
        collections=anomaly.beyond,
        largest_seconds=0 if furthest.largest is None else int(furthest.largest.total_seconds()),
        source=furthest.source,
        sources=[compared.source for compared in anomaly.sources],
        whose=anomaly.whose.value,
        says=show_anomaly(anomaly),
    )
