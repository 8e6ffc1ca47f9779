"""What is written down besides observations: runs, plans, judgements. Each becomes one leaf of the record."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct, field

from collector.core.attestations import Attested
from collector.core.canonical import Digest
from collector.core.findings import FindingChange
from collector.core.scopes import Scope
from collector.core.tasks import Task


class SourceRoots(Struct, frozen=True):
    """What settings alone say that a source covers."""

    source: str
    connector: str
    roots: tuple[Scope, ...]


class RunStarted(Struct, frozen=True, tag="run_started"):
    """Written before the first request of a run. `config` is the digest of the effective configuration."""

    run: str
    trigger: str
    at: datetime
    version: str
    code: str
    config: str
    sources: tuple[SourceRoots, ...]
    resumes: str | None = None


class IncompleteDiscovery(Struct, frozen=True):
    """A discovery that did not say everything: below its scope there may be more than is known."""

    source: str
    level: str
    scope: Scope
    why: str


class TasksPlanned(Struct, frozen=True, tag="tasks_planned"):
    """Written after discovery and before the first request of a collection: everything that the run means to look at.

    `scopes` are the known scopes of each source, `incomplete_discoveries` the discoveries that were not complete.
    """

    run: str
    at: datetime
    tasks: tuple[Task, ...]
    scopes: dict[str, tuple[Scope, ...]]
    incomplete_discoveries: tuple[IncompleteDiscovery, ...] = field(name="unopened")


class CheckCounts(Struct, frozen=True):
    """What one check said in one source, counted."""

    check: str
    source: str
    code: str
    limits: dict[str, str]
    counts: dict[str, int]


class Judged(Struct, frozen=True, tag="judged"):
    """Verdicts that changed, and the counts of all: what did not change needs no line of its own."""

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
    """Written after a checkpoint was shown to somebody outside. `token` is their answer, in base64.

    Without a token `why` says what kept them from answering: the anchor is pending, and the next one covers it.
    """

    at: datetime
    size: int
    root: str
    kind: str
    where: str
    token: str | None = None
    why: str | None = None


class OperatorAct(Struct, frozen=True, kw_only=True, tag="operator_act"):
    """Written when a person does something with the record: exports it, hands over a key. `host` is a digest."""

    at: datetime
    by: str
    host: str
    act: str
    about: dict[str, str]


class RuleInForce(Struct, frozen=True):
    """One check as it is judged with; `reason` is the operator's, where it is disabled or its limits are loosened."""

    check: str
    code: str
    limits: dict[str, str]
    enabled: bool = True
    reason: str | None = None


class EditionInForce(Struct, frozen=True):
    """A mapping as it is assessed with: the digest of all of it, and of each control, as they stand once loaded."""

    framework: str
    digest: str
    controls: dict[str, str]


class InForce(Struct, frozen=True, kw_only=True, tag="in_force"):
    """Written before a run whose configuration, code, rules or mappings differ from the last one's, and the first.

    `was_config` and `was_code` are None before the first. `rules` and `editions` are all that hold from here on;
    `mapping_changed` names controls, such as `iso27001:2022/8.5`.
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
    """Written when a file of the company's is found to be another one, or gone: then `digest` is None.

    `name` is what it is for, such as `exceptions`; `pieces` are its text, which together has the digest. `host` is one.
    """

    at: datetime
    name: str
    file_name: str
    by: str
    host: str
    digest: Digest | None
    was: Digest | None
    pieces: tuple[str, ...] = ()


Fact = RunStarted | TasksPlanned | Judged | RunEnded | Attested | Anchored | OperatorAct | InForce | CompanyFile
