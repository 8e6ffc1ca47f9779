"""The counts of the made-up company, by the store and one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.report.state.known import Reading
from collector.setup.app import open_app
from tests.report.one_by_one import assess_both_ways

if TYPE_CHECKING:
    from tests.demo.demo_run import DemoRun


def test_the_store_counts_what_going_through_all_findings_counts(demo_run: DemoRun) -> None:
    """On the last day, and on one in between."""
    app = open_app(demo_run.config)
    with demo_run.store() as store:
        now = store.now()
        counted = assess_both_ways(Reading(app, store, now))
        then = demo_run.after(34)
        before = assess_both_ways(Reading(app, store, then, as_of=then))

    assert sum(counted.verdicts.values()) > sum(before.verdicts.values()) > 0
