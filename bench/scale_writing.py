"""The rows of the scale table that are about scanning: collecting, judging and storing."""

from __future__ import annotations

import resource
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from bench.planning import seconds_to_plan
from bench.scale import Figures, Row, Scenario, cpu_seconds
from bench.scale_platform import RULES, Settings, estate, scan
from bench.store import MeasuredDatabase

_FIRST = datetime(2026, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
_THINGS = 100_000
_COLLECTIONS = 136_200
_LIST = 1_000
_SCOPES = 8_000


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _collected(database: MeasuredDatabase, share: float) -> Figures:
    """Scan a new estate without checks, and let nothing change."""
    settings = estate(_THINGS, share)
    count = settings.places * settings.things
    empty = database.size()
    with cpu_seconds() as used:
        scan(database, settings, _FIRST, rules=())
        first = used()
    size = database.size() - empty
    with cpu_seconds() as used:
        scan(database, settings, _FIRST + _DAY, rules=())
        again = used()
    return {"first": first / count * 1e6, "again": again / count * _THINGS, "size": size / count, "peak": _peak()}


def _judged(database: MeasuredDatabase, share: float) -> Figures:
    """Scan a new estate with three checks; let nothing change, then a two-hundredth, and then the code of the checks.

    What the last takes beyond a scan of what is the same is judging everything once more.
    """
    whole = estate(_THINGS, share)
    count, few = whole.places * whole.things, max(whole.things // 200, 1)
    took = []
    changes = ((0, "code"), (0, "code"), (few, "code"), (0, "other code"))
    for day, (changed, code) in enumerate(changes):
        with cpu_seconds() as used:
            settings = replace(whole, changed=changed, day=min(day, 2))
            scan(database, settings, _FIRST + day * _DAY, code=code)
            took.append(used() / count)
    first, again, some, judged = took
    return {
        "first": first * 1e6,
        "again": again * _THINGS,
        "changed": some * _THINGS,
        "verdict": max(judged - again, 0.0) / len(RULES) * 1e6,
        "peak": _peak(),
    }


def _planned(database: MeasuredDatabase, share: float) -> Figures:
    """Plan very many scopes, and tell what is judged after which task."""
    del database  # what is planned is in no store yet
    return {"plan": seconds_to_plan(max(round(_SCOPES * share), 1)) / share}


def _many_collections(database: MeasuredDatabase, share: float) -> Figures:
    """Scan very many collections of one resource, three times: nothing has changed.

    The last one counts: with the second each collection gets what it has once, where nothing changes.
    """
    settings = Settings(places=max(round(_COLLECTIONS * share) // 2, 1), things=1)
    scan(database, settings, _FIRST, rules=())
    scan(database, settings, _FIRST + _DAY, rules=())
    before = database.size()
    scan(database, settings, _FIRST + 2 * _DAY, rules=())
    return {"bytes": (database.size() - before) / (settings.places * 2), "peak": _peak()}


def _lists_at_once(database: MeasuredDatabase, share: float) -> Figures:
    """Scan sixteen lists at the same time, each of a thousand resources."""
    del share  # it is about what is in memory at once, so a smaller one would say nothing
    scan(database, Settings(places=16, things=_LIST, latency=0.001), _FIRST, rules=RULES)
    return {"peak": _peak()}


SCENARIOS = (
    Scenario(
        "collect",
        _collected,
        (
            Row("first", "a new resource, without checks", "us", "165", 90, 45),
            Row("again", "unchanged rescan of 100,000 resources, without checks", "s", "13", 5, 2.8),
            Row("size", "store, a new resource", "bytes", "", 700, 1_500, is_time=False),
            Row("peak", "peak memory of these scans", "MB", "364", 250, 150, is_time=False),
        ),
    ),
    Scenario(
        "judge",
        _judged,
        (
            Row("first", "a new resource, with 3 checks", "us", "346-398", 140, 90),
            Row("again", "unchanged rescan of 100,000 resources, 3 checks", "s", "26", 5, 2.8),
            Row("changed", "rescan of 100,000 resources, 3 checks, 0.5 % changed", "s", "", 6, 4.4),
            Row("verdict", "a verdict where all are judged again", "us", "50", 5, 6),
            Row("peak", "peak memory of these scans", "MB", "403", 250, 160, is_time=False),
        ),
    ),
    Scenario(
        "collections",
        _many_collections,
        (
            Row("bytes", "store, an unchanged collection a day", "bytes", "440", 20, 100, is_time=False),
            Row("peak", "peak memory, 136,200 collections", "MB", "467", 250, 250, is_time=False),
        ),
    ),
    Scenario(
        "planning",
        _planned,
        (Row("plan", "planning 8,000 scopes with 20 collections each", "s", "27", 0.5, 0.25),),
    ),
    Scenario(
        "lists",
        _lists_at_once,
        (Row("peak", "peak memory, 16 lists of 1,000 at once", "MB", "", 250, 170, is_time=False),),
    ),
)
