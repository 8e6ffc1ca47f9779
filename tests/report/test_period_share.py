"""A period of some checks is the part of the whole period that speaks of them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from collector.core.periods import period_of
from collector.report.periods.period_history import period_history
from collector.report.periods.period_views import checks_asked_for, period_view
from collector.report.state.assessment import assessed
from tests.report.random_findings import add_random_findings, write_random_company

if TYPE_CHECKING:
    from tests.cli.conftest import Desk


def test_a_share_is_what_the_whole_says_of_it(desk: Desk) -> None:
    """By check and by control, from before the first scan and from the middle."""
    half = add_random_findings(desk)
    write_random_company(desk)
    reading = desk.reading()
    at_end = assessed(reading)
    store = desk.world.store
    days = period_of(date(2026, 3, 1), date(2026, 3, 31), ZoneInfo("UTC"))
    sizes = set()
    for start in (days.start, half):
        whole = period_history(desk.app, store, store.history, start, reading.at, reading.decides)
        for checks, controls in (
            (("played_member_mfa",), ()),
            (("played_repo_hooks_tls", "played_taken_out"), ()),
            ((), ("1.2",)),
            (("played_ticket_closed",), ("played:1/1.1",)),
            ((), ("2.1",)),
        ):
            only = checks_asked_for(at_end, checks=checks, controls=controls)
            share = period_history(desk.app, store, store.history, start, reading.at, reading.decides, only)
            expected = period_view(days, whole, at_end, checks=checks, controls=controls)
            assert period_view(days, share, at_end, checks=checks, controls=controls) == expected
            sizes.add(sum(len(timeline.failures) for timeline in share.timelines.values()))

    assert len(sizes) > 3
