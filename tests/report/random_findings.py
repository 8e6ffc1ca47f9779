"""Verdicts at random over some days, written on top of a real scan of two organizations."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING

from collector.core.checks import Status
from collector.core.facts import Judged, RunEnded, RunStarted, TasksPlanned
from collector.core.findings import Ended, Finding, FindingChange, FindingId
from tests.cli.company_builders import a_system, write_exceptions, write_scope
from tests.played.connector import settings_for
from tests.played.platform import HOOKS, SETTINGS, an_org

if TYPE_CHECKING:
    from datetime import datetime

    from tests.cli.conftest import Desk

_DAYS_AGO, _CHANGES = (200, 181, 180, 91, 90, 60, 31, 30, 8, 7, 0), 90  # the last days of ages, and the next ones
_GONE = "played_taken_out"  # a check of an older version
_REASONS = (f"{HOOKS} could not be read: denied (needs hooks:read)", "it is so", "because\nof \U0001d4b3", "x" * 300)


def add_random_findings(desk: Desk, *, is_left_open: bool = True) -> datetime:
    """Scan two organizations, then give verdicts at random on evidence of ever later days.

    A part of one organization was refused by the second scan, so that some verdicts are too old to stand, and one
    source is not configured any more. Where `is_left_open` the last run does not end. Returns a moment with half of the
    verdicts.
    """
    numbers = random.Random(3)
    desk.platform.orgs["globex"] = an_org()
    desk.world.settings = settings_for(desk.platform)
    desk.world.run()
    ids, half = _ids(desk), desk.clock.now()
    desk.clock.move(timedelta(days=3))
    desk.platform.deny(SETTINGS, where="globex")
    desk.world.run()
    store = desk.world.store
    for batch, days in enumerate(_DAYS_AGO):
        desk.clock.move(timedelta(minutes=1))
        at, run = desk.clock.now(), f"random-{batch}"
        seen_at = at - timedelta(days=days)
        changes = [_change(numbers, id_, seen_at) for id_ in sorted(numbers.sample(ids, _CHANGES))]
        store.write([RunStarted(run, "test", at, "0", "code", "config", ())])
        if not batch:
            store.write([TasksPlanned(run, at, (), {"gone": (("acme",),)}, ())])
        store.write([Judged(run, at, tuple(changes), ())])
        if days or not is_left_open:
            store.write([RunEnded(run, at, {})])
        if batch == len(_DAYS_AGO) // 2:
            half = at
    return half


def write_random_company(desk: Desk) -> None:
    """Put one organization in scope, with two owners, and accept some fails, by name and by pattern."""
    write_scope(
        desk,
        a_system(scope=["acme"]),
        a_system(name="Web", owner="bob", scope=["acme", "web"]),
    )
    write_exceptions(
        desk,
        {"subject": "*1", "max_subjects": 50},
        {"id": "EX-2", "check": "played_member_mfa", "subject": "thing 3", "scope": ["acme"]},
        {"id": "EX-3", "check": "played_member_mfa", "subject": "thing *", "max_subjects": 1},
        {"id": "EX-4", "check": "played_settings_two_factor", "subject": "", "expires": "2026-03-02"},
    )


def _ids(desk: Desk) -> list[FindingId]:
    """Return the identities of the findings of the scan, and more beside them: names in every order of code points."""
    found = [state.finding.id for state in desk.world.store.findings()]
    places = sorted({(id_.check, id_.scope) for id_ in found} | {(_GONE, ("acme",))})
    made = [
        FindingId(check, source, scope, subject)
        for check, scope in places
        for source in ("code", "gone")
        for subject in (*(f"thing {number}" for number in range(4)), "\U0001d4b3", "\uffee", "")
    ]
    return sorted({*found, *made})


def _change(numbers: random.Random, id_: FindingId, at: datetime) -> FindingChange:
    status = numbers.choice([*Status, Status.FAIL, Status.UNKNOWN, None])
    if status is None:
        return FindingChange(id_, None, ended=Ended.SUBJECT_GONE)
    return FindingChange(id_, None, Finding(id_, status, numbers.choice(_REASONS), {}, (), at))
