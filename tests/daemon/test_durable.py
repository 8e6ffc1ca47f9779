"""What was called complete is on disk: processes that are killed at any line of their log have lost nothing of that."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage import open_store
from tests.played.company import PLAYED, Company

SCRIPT = """
import sys, time
sys.path.insert(0, sys.argv[1])
from collector.cli.main import main
from tests.played import plugged
from tests.played.platform import Platform, an_org, a_repo

class Slow(Platform):
    def answer(self, request):
        time.sleep(0.01)
        return super().answer(request)

projects = {f"p{number}": [a_repo(f"r{number}")] for number in range(int(sys.argv[3]))}
plugged.PLATFORMS["acme"] = Slow(acme=an_org(projects=projects))
sys.exit(main(["-c", sys.argv[2], "--log-level", "info", "scan"]))
"""
PROJECTS = 12
DENSE = '\nevery = "1h"\n[limits]\ntasks = 2\n'
ENDED = re.compile(r"INFO (acme: \S+ in \S+): complete( \(held, not on disk yet\))?,")
KEPT = re.compile(r"INFO on disk now: (\d+) ")


def scan(company: Company, offered: Path, *, kill_at: int | None) -> tuple[set[str], set[str], bool]:
    """Scan in a process of its own, and kill it once it has logged so many ends.

    Returns the tasks that were called complete, those that were only called held, and whether it was killed.
    """
    command = [sys.executable, "-c", SCRIPT, str(offered.parent), str(company.config), str(PROJECTS)]
    here = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    complete: set[str] = set()
    held: dict[str, None] = {}
    ends = 0
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=here) as process:
        assert process.stderr is not None
        for line in process.stderr:  # after the kill: what was written before it
            if (ended := ENDED.search(line)) is not None:
                ends += 1
                if ended[2]:
                    held[ended[1]] = None
                else:
                    complete.add(ended[1])
            elif (kept := KEPT.search(line)) is not None:
                now = list(held)[: int(kept[1])]
                complete.update(now)
                for task in now:
                    del held[task]
            if ends == kill_at and process.poll() is None:
                process.send_signal(signal.SIGKILL)
    return complete, set(held), process.returncode == -signal.SIGKILL


def newest_run(company: Company) -> set[str]:
    """Return the tasks whose latest observation is of the newest run in the store."""
    with open_store(f"sqlite:///{company.folder}/evidence.db", writer=True, clock=lambda: datetime.now(UTC)) as store:
        started, _ = next(store.runs())
        observations = (stored.observation for stored in store.observations())
        return {str(seen.task) for seen in observations if seen.run == started.run}


@pytest.mark.parametrize("kill_at", [3, 7, 11, 15])
def test_what_was_called_complete_survives_kill_9(company: Company, offered: Path, kill_at: int) -> None:
    """On a dense schedule what saw nothing new is held in memory for a while, and is said to be held."""
    company.write(PLAYED + DENSE)
    first = scan(company, offered, kill_at=None)
    complete, held, killed = scan(company, offered, kill_at=kill_at)
    seen = newest_run(company)

    assert (len(first[0]), first[1], first[2]) == (PROJECTS + 4, set(), False)
    assert killed
    assert complete <= seen
    assert len(complete) + len(held) >= kill_at
    assert held - seen, "nothing was held, so that nothing could be lost: the schedule is not dense"


def test_what_was_held_is_on_disk_at_the_end(company: Company, offered: Path) -> None:
    """A run that ended owes nothing, and has said so of everything that it held."""
    company.write(PLAYED + DENSE)
    scan(company, offered, kill_at=None)
    complete, held, _ = scan(company, offered, kill_at=None)

    assert (len(complete), held) == (PROJECTS + 4, set())
    assert complete == newest_run(company)
