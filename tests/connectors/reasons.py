"""The reasons of verdicts that tests of checks produce, in one golden file for each platform.

A line has four columns: check, case (test module and test with its parameters), status, reason. Tests assert statuses
and the values in a reason; its wording is compared here. `make golden` writes the lines of the tests that it runs.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import pytest

from collector.core.checks import Check, Verdict
from tests import golden

_SEPARATOR = " | "
_recorded: list[tuple[str, Verdict]] = []


class ReasonLine(NamedTuple):
    """A line of a golden file: the check, the test module and test, the status, and the reason, which may be empty."""

    check: str
    case: str
    status: str
    reason: str


def lines_of(platform: str) -> list[ReasonLine]:
    """Return the lines of a platform's golden file; none where there is no file."""
    file = golden.FOLDER / f"reasons-{platform}.txt"
    texts = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    # An empty reason is written without the space after its separator.
    return [ReasonLine(*(part.strip() for part in f"{text} ".split(_SEPARATOR, 3))) for text in texts]


def record(check: Check[...], verdict: Verdict) -> Verdict:
    """Keep a verdict of the test that runs, and return it."""
    _recorded.append((check.id, verdict))
    return verdict


def forget() -> None:
    """Drop what was recorded, before a test."""
    _recorded.clear()


def compare(platform: str, item: pytest.Item, items: Iterable[pytest.Item]) -> None:
    """Assert that the verdicts of a test are those that `tests/golden/reasons-PLATFORM.txt` holds for it.

    `items` are all tests of the session: when the file is written, lines of tests that no longer exist in its
    modules are dropped. Tests with random cases (Hypothesis) are not compared.
    """
    if not _recorded or getattr(getattr(item, "function", None), "is_hypothesis_test", False):
        return
    file = golden.FOLDER / f"reasons-{platform}.txt"
    case = _case_of(item)
    lines = [_line(check, case, verdict) for check, verdict in _recorded]
    golden_lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    if golden.WRITES:
        kept = _without_removed(golden_lines, {_case_of(other) for other in items} - {case})
        _write(file, kept + lines)
        return
    expected = [line for line in golden_lines if _case_in(line) == case]
    assert sorted(lines) == sorted(expected), f"{file.name}: read the diff; make golden accepts it"


def _case_of(item: pytest.Item) -> str:
    return f"{item.path.stem}::{item.name}".replace(_SEPARATOR, " ")


def _case_in(line: str) -> str:
    return line.split(_SEPARATOR, 3)[1]


def _line(check: str, case: str, verdict: Verdict) -> str:
    reason = golden.steady(" ".join(verdict.reason.split())).strip()
    return _SEPARATOR.join((check, case, verdict.status.value, reason)).rstrip()


def _without_removed(lines: Iterable[str], cases: set[str]) -> list[str]:
    """Return the lines of other modules than those of the session, and those of its cases."""
    modules = {case.partition("::")[0] for case in cases}
    return [line for line in lines if _case_in(line) in cases or _case_in(line).partition("::")[0] not in modules]


def _write(file: Path, lines: list[str]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(sorted(lines)) + "\n", encoding="utf-8")
