"""The records that people owe, each once, however many controls and framework versions ask for it.

Every page that counts missing records counts these.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.core.assess import ControlStatus
from collector.core.tally import RecordState

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from collector.core.attestations import RecordOnFile
    from collector.core.controls import Ask
    from collector.report.state.assessment import Assessment

_WORST = (RecordState.MISSING, RecordState.STATEMENT_ONLY, RecordState.EXPIRED, RecordState.VALID)


@dataclass(frozen=True)
class OwedRecord:
    """One record. `asks` are the requests that it answers, `controls` who asks, such as `iso27001:2022/8.5`.

    `record` is what is on file for the request that is answered least. `excluded`: the SoA excludes all its controls.
    """

    request: Ask
    asks: tuple[Ask, ...]
    controls: tuple[str, ...]
    record: RecordOnFile
    excluded: bool


def owed_records(assessment: Assessment, controls: Collection[str] | None = None) -> Sequence[OwedRecord]:
    """Return the records that all controls ask for, or those named; in the order of the frameworks."""
    asked: dict[str, dict[str, Ask]] = {}
    used: dict[str, dict[str, bool]] = {}
    for name, ask, is_excluded in _requests(assessment):
        if controls is None or name in controls:
            asked.setdefault(ask.owed, {}).setdefault(ask.id, ask)
            excluded = used.setdefault(ask.owed, {})
            excluded[name] = excluded.get(name, True) and is_excluded
    return tuple(_owed(assessment, owed, tuple(asks.values()), used[owed]) for owed, asks in asked.items())


def records_missing(assessment: Assessment, controls: Collection[str] | None = None) -> int:
    """Count the records that are owed and not valid; those of controls that the SoA excludes are not owed."""
    owed = owed_records(assessment, controls)
    return sum(record.record.state is not RecordState.VALID for record in owed if not record.excluded)


def _requests(assessment: Assessment) -> Iterator[tuple[str, Ask, bool]]:
    for framework, states in assessment.frameworks:
        for state in states:
            for ask in state.control.asked(state.role):
                yield f"{framework.id}/{state.control.id}", ask, state.status is ControlStatus.EXCLUDED


def _owed(assessment: Assessment, owed: str, asks: tuple[Ask, ...], used: dict[str, bool]) -> OwedRecord:
    excluded = all(used.values())
    worst = min((assessment.records[ask.id] for ask in asks), key=lambda record: _WORST.index(record.state))
    return OwedRecord(
        request=next((ask for ask in asks if ask.id == owed), asks[0]),
        asks=asks,
        controls=tuple(name for name, is_excluded in used.items() if excluded or not is_excluded),
        record=worst,
        excluded=excluded,
    )
