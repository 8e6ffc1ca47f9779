"""The output of `annexd demo` as data, for `--json` and for the screen."""

from __future__ import annotations

from datetime import date, datetime

from msgspec import Struct


class ScanTotals(Struct, frozen=True, kw_only=True):
    """How often the company was scanned, and what that took. `collections` are those that there are at the end."""

    times: int
    first: date
    last: date
    collections: int
    requests: int
    seconds: float


class ThemeStates(Struct, frozen=True, kw_only=True):
    """How many controls of a theme of Annex A have which state."""

    theme: str
    controls: int
    states: dict[str, int]


class WorstFinding(Struct, frozen=True, kw_only=True):
    """An open finding in scope that no exception covers. `alike` are the further ones of the same check."""

    check: str
    severity: str
    subject: str
    source: str
    scope: tuple[str, ...]
    reason: str
    since: datetime
    alike: int


class NotSeen(Struct, frozen=True, kw_only=True):
    """Collections that failed for lack of a permission, and how many checks are unknown because of that."""

    what: str
    source: str
    permission: str
    collections: int
    checks: int


class BestControl(Struct, frozen=True, kw_only=True):
    """The control with the best state. `records` counts the valid ones."""

    id: str
    title: str
    status: str
    label: str
    passes: int
    records: int
    basis: tuple[str, ...]


class DemoBundle(Struct, frozen=True, kw_only=True):
    """The bundle of the period. `said` is the output of verify.py; `verified` is None without openssl."""

    path: str
    key: str
    page: str
    verified: bool | None
    said: str


class DemoView(Struct, frozen=True, kw_only=True, tag="annexd.demo/1", tag_field="schema"):
    """What `annexd demo --json` prints. `open_findings` counts those in scope that no exception covers.

    `left_out` has the platforms whose packages are not installed, each with the extra that installs them.
    """

    folder: str
    company: str
    left_out: dict[str, str]
    looked: ScanTotals
    framework: str
    themes: tuple[ThemeStates, ...]
    open_findings: int
    worst: tuple[WorstFinding, ...]
    not_seen: tuple[NotSeen, ...]
    best: BestControl
    bundle: DemoBundle
    next: tuple[str, ...]
