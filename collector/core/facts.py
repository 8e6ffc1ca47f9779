"""Log entries other than observations: runs, plans, judgements, anchors, acts of operators, files, settings."""

from __future__ import annotations

from datetime import datetime

from msgspec import UNSET, Struct, UnsetType, field

from collector.core.access_days import AccessDay
from collector.core.alerts import AlertDelivery, Alerted
from collector.core.attestations import Attested
from collector.core.audit_requests import RequestAct
from collector.core.canonical import Digest
from collector.core.clocks import ClockAnomaly
from collector.core.findings import FindingChange
from collector.core.record_reviews import RecordEntered, RecordReviewed
from collector.core.scopes import Scope
from collector.core.tasks import Task


class SourceRoots(Struct, frozen=True):
    """The scopes of a source that its settings name."""

    source: str
    connector: str
    roots: tuple[Scope, ...]


class MissedSlots(Struct, frozen=True):
    """Slots of a source that had no run: how many, and the first and the last of them."""

    count: int
    first: datetime
    last: datetime


class RunStarted(Struct, frozen=True, tag="run_started"):
    """Written before the first request of a run. `config` is the digest of the effective configuration.

    `missed` are the slots before it that the daemon made up for by this one run; UNSET, and not written, for none.
    """

    run: str
    trigger: str
    at: datetime
    version: str
    code: str
    config: str
    sources: tuple[SourceRoots, ...]
    resumes: str | None = None
    missed: MissedSlots | UnsetType = UNSET


class IncompleteDiscovery(Struct, frozen=True):
    """A discovery that was not complete: `scope` may have more scopes of `level` below it than are known."""

    source: str
    level: str
    scope: Scope
    why: str


class TasksPlanned(Struct, frozen=True, tag="tasks_planned"):
    """Written after discovery and before the first request of a collection: all tasks of the run.

    `scopes` are the known scopes of each source, `incomplete_discoveries` the discoveries that were not complete.
    """

    run: str
    at: datetime
    tasks: tuple[Task, ...]
    scopes: dict[str, tuple[Scope, ...]]
    incomplete_discoveries: tuple[IncompleteDiscovery, ...] = field(name="unopened")


class CheckCounts(Struct, frozen=True):
    """The verdicts of one check in one source, counted by status, with its code digest and limits."""

    check: str
    source: str
    code: str
    limits: dict[str, str]
    counts: dict[str, int]


class Judged(Struct, frozen=True, tag="judged"):
    """The findings that changed, and the counts of all verdicts; findings that did not change are not repeated."""

    run: str
    at: datetime
    changes: tuple[FindingChange, ...]
    tallies: tuple[CheckCounts, ...]


class RunEnded(Struct, frozen=True, tag="run_ended"):
    """Written last. `outcomes` counts tasks by outcome; `stopped` says why the run ended early, if it did."""

    run: str
    at: datetime
    outcomes: dict[str, int]
    stopped: str | None = None


class Anchored(Struct, frozen=True, kw_only=True, tag="anchored"):
    """Written after a time stamp was requested for a checkpoint. `token` is the authority's answer in base64.

    Without a token `why` is the reason: the anchor is pending, and the next one covers it.
    """

    at: datetime
    size: int
    root: str
    kind: str
    where: str
    token: str | None = None
    why: str | None = None


class Verified(Struct, frozen=True, kw_only=True, tag="verified"):
    """Written when the daemon has verified the store and derived every table again.

    `leaves`, `root`, `checkpoints` and `rows` are what was proven; `wrong` is the first thing that did not hold, and
    then nothing was proven.
    """

    at: datetime
    trigger: str
    version: str
    took: float
    leaves: int | None = None
    root: str | None = None
    checkpoints: int | None = None
    rows: int | None = None
    wrong: str | None = None


class OperatorAct(Struct, frozen=True, kw_only=True, tag="operator_act"):
    """Written when a person acts on the store: an export, a key rotation. `host` is a digest of the host's name."""

    at: datetime
    by: str
    host: str
    act: str
    about: dict[str, str]


class RuleInForce(Struct, frozen=True):
    """One check with its code and limits; `reason` is the operator's for disabling it or loosening its limits."""

    check: str
    code: str
    limits: dict[str, str]
    enabled: bool = True
    reason: str | None = None


class EditionInForce(Struct, frozen=True):
    """A framework version with the digest of its whole mapping, and the digest of each control, as loaded."""

    framework: str
    digest: str
    controls: dict[str, str]


class InForce(Struct, frozen=True, kw_only=True, tag="in_force"):
    """Written before the first run, and before each run whose configuration, code, rules or mappings have changed.

    `was_config` and `was_code` are None in the first one. `rules` and `editions` are all that are in force from here
    on; `mapping_changed` names controls, such as `iso27001:2022/8.5`.
    """

    run: str
    at: datetime
    by: str
    config: str
    code: str
    was_config: str | None = None
    was_code: str | None = None
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    code_changed: tuple[str, ...] = ()
    limits_changed: tuple[str, ...] = ()
    disabled: tuple[str, ...] = ()
    enabled: tuple[str, ...] = ()
    rules: tuple[RuleInForce, ...] = ()
    editions: tuple[EditionInForce, ...] = ()
    mapping_changed: tuple[str, ...] = ()


class CompanyFile(Struct, frozen=True, kw_only=True, tag="company_file"):
    """Written when a file of the company has changed, or was removed: then `digest` is None.

    `name` is its purpose, such as `exceptions`; `pieces` joined are its text, which has the digest. `host` is a digest
    of the host's name.
    """

    at: datetime
    name: str
    file_name: str
    by: str
    host: str
    digest: Digest | None
    was: Digest | None
    pieces: tuple[str, ...] = ()


Fact = (
    RunStarted
    | TasksPlanned
    | Judged
    | RunEnded
    | Attested
    | Anchored
    | OperatorAct
    | InForce
    | CompanyFile
    | ClockAnomaly
    | Verified
    | Alerted
    | AlertDelivery
    | RequestAct
    | RecordEntered
    | RecordReviewed
    | AccessDay
)
