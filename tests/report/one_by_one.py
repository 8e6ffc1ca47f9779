"""An assessment with the counts of the store, compared with one that goes through all findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.report.controls.status_view import status_view
from collector.report.state.assessment import assessed
from collector.report.state.known import Reading

if TYPE_CHECKING:
    from collector.report.state.assessment import Assessment


class OneByOne(Reading):
    """A reading that goes through all findings."""

    @property
    def grouped(self) -> None:
        """None: the store is not asked to count."""


def assess_both_ways(reading: Reading) -> Assessment:
    """Compare everything that is counted, to the last reason, and return it."""
    grouped = assessed(reading)
    one_by_one = assessed(OneByOne(reading.app, reading.store, reading.at, as_of=reading.as_of))
    assert reading.grouped is not None
    assert grouped.frameworks == one_by_one.frameworks
    assert grouped.evidence == one_by_one.evidence
    assert grouped.collection_failures == one_by_one.collection_failures
    assert grouped.failing == one_by_one.failing
    assert (grouped.verdicts, grouped.elsewhere) == (one_by_one.verdicts, one_by_one.elsewhere)
    assert (grouped.stale, grouped.unjudged) == (one_by_one.stale, one_by_one.unjudged)
    assert status_view(grouped) == status_view(one_by_one)
    return grouped
