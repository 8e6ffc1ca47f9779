"""What an estate of a hundred thousand resources costs: the table of goals, beside what was measured before.

Each scenario runs in a process of its own, on SQLite and with `--both` on PostgreSQL too, and gives some figures. A
figure in time is also a ratio to a yardstick, which is fixed work done in the same process: another machine has other
seconds, and about the same ratios. With `--both` each scenario is also one ratio of PostgreSQL to SQLite, in the CPU
seconds of all processes, the server's too. With `--guard` the sizes are a tenth, and a ratio that is above its limit
twice makes it exit 1. So does a scenario that breaks off, with the rest of the table measured all the same.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import chdir, contextmanager
from typing import NamedTuple

import msgspec
import orjson
import zstandard

from bench.store import MeasuredDatabase, postgresql, sqlite

_DATABASES = {"SQLite": sqlite, "PostgreSQL": postgresql}
_GUARDED = 0.1
"""The share of the full size at which the guard measures."""
_BODIES = 20_000
_MOST_SHOWN = 2_000  # letters of what a scenario that broke off said last

Figures = dict[str, float]


class Row(NamedTuple):
    """One line of the table.

    `limit` is what the guard allows: of the ratio to the yardstick for a figure in time, of the figure itself for
    others. `before` is what was measured when the goals were set.
    """

    figure: str
    what: str
    unit: str
    before: str
    goal: float
    limit: float
    is_time: bool = True


class Scenario(NamedTuple):
    """What is measured together: called with a database and the share of the full size, in a process of its own."""

    name: str
    measure: Callable[[MeasuredDatabase, float], Figures]
    rows: tuple[Row, ...]


def scenarios() -> Mapping[str, Scenario]:
    """Return the scenarios by name, in the order of the table."""
    from bench import scale_export, scale_reading, scale_writing

    every = (*scale_writing.SCENARIOS, *scale_reading.SCENARIOS, *scale_export.SCENARIOS)
    return {scenario.name: scenario for scenario in every}


def run(*, both: bool = False, guard: bool = False, share: float | None = None, only: str | None = None) -> None:
    """Print the table. Raises SystemExit where the guard finds a ratio above its limit."""
    if only is not None and only not in scenarios():
        raise SystemExit(f"there is no scenario {only}; there are {', '.join(scenarios())}")
    share = share or (_GUARDED if guard else 1.0)
    print(f"sizes are {share:g} of the full ones" + ("; limits are of ratios to the yardstick" if guard else ""))
    fell_back: list[str] = []
    broke_off: list[str] = []
    whole: dict[str, dict[str, float]] = {}
    for name in [*_DATABASES] if both else ["SQLite"]:
        print(f"   {name:<62} {'before':>14} {'goal':>9} {'now':>10} {'ratio':>8} {'limit':>8}")
        for scenario in scenarios().values():
            if only is None or only == scenario.name:
                figures = _measured(scenario, name, share, is_guarded=guard)
                if figures is None:
                    broke_off.append(f"{name}: {scenario.name}")
                    continue
                whole.setdefault(scenario.name, {})[name] = figures["whole"]
                fell_back += [f"{name}: {row.what}" for row in scenario.rows if not _shown(row, figures)]
    for name, seconds in whole.items() if both else ():
        if len(seconds) == len(_DATABASES):
            row = Row("ratio", f"PostgreSQL beside SQLite: {name}", "times", "2", 1.3, 2.6, is_time=False)
            fell_back += [] if _shown(row, {"ratio": seconds["PostgreSQL"] / seconds["SQLite"]}) else [row.what]
    if broke_off or (guard and fell_back):
        raise SystemExit(
            "; ".join([*(f"broke off: {each}" for each in broke_off), *(f"fell back: {each}" for each in fell_back)])
        )


def _shown(row: Row, figures: Figures) -> bool:
    """Print one line; return whether its ratio is within the limit."""
    now, ratio = figures[row.figure], _ratio(row, figures)
    is_reached = now <= row.goal
    within = ratio <= row.limit
    print(
        f"   {row.what:<62} {row.before:>14} {row.goal:>9,.5g} {now:>10,.5g} {ratio:>8.4g} {row.limit:>8.4g} {row.unit}"
        f"{'' if is_reached else '  (not reached)'}{'' if within else '  FELL BACK'}",
        flush=True,
    )
    return within


def _ratio(row: Row, figures: Figures) -> float:
    return figures[row.figure] / figures["yardstick"] if row.is_time else figures[row.figure]


def _measured(scenario: Scenario, database: str, share: float, *, is_guarded: bool) -> Figures | None:
    """Return the figures; None, and why, where the scenario broke off: the others are measured all the same."""
    figures = _measured_once(scenario.name, database, share)
    if not is_guarded or figures is None or all(_ratio(row, figures) <= row.limit for row in scenario.rows):
        return figures
    # Other work on the machine makes some measurement too long: what fell back is what does so twice.
    return _measured_once(scenario.name, database, share)


def _measured_once(scenario: str, database: str, share: float) -> Figures | None:
    ran = subprocess.run(  # noqa: S603  this very program
        [sys.executable, "-m", "bench.scale", scenario, database, str(share)],
        check=False,
        capture_output=True,
        text=True,
    )
    if ran.returncode:
        print(f"   {scenario} broke off with {ran.returncode}:\n{ran.stderr[-_MOST_SHOWN:]}", flush=True)
        return None
    return msgspec.json.decode(ran.stdout.splitlines()[-1], type=Figures)


def _yardstick() -> float:
    """Return the CPU microseconds in which one body is encoded, hashed and compressed."""
    body: dict[str, object] = {
        "id": "thing-0123456789abcdef0",
        "tags": [{"key": f"tag-{at}", "value": f"value {at}"} for at in range(16)],
    }
    compress = zstandard.ZstdCompressor(level=3).compress
    began = time.process_time()
    for number in range(_BODIES):
        body["number"] = number
        data = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
        hashlib.sha256(data).digest()
        compress(data)
    return (time.process_time() - began) / _BODIES * 1e6


@contextmanager
def cpu_seconds() -> Iterator[Callable[[], float]]:
    """Yield what tells how many CPU seconds this process has used since."""
    began = time.process_time()
    yield lambda: time.process_time() - began


def _main(scenario: str, database: str, share: str) -> None:
    before = _yardstick()
    with _DATABASES[database]() as opened, chdir(opened.folder):
        began = _all_seconds() + opened.server_seconds()
        figures = scenarios()[scenario].measure(opened, float(share))
        figures["whole"] = _all_seconds() + opened.server_seconds() - began
    # Twice, because other work on the machine makes a processor slower for a while.
    print(msgspec.json.encode(figures | {"yardstick": (before + _yardstick()) / 2}).decode())


def _all_seconds() -> float:
    """Return the CPU seconds of this process and of those that it started and that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


if __name__ == "__main__":
    _main(*sys.argv[1:])
