"""How a finding came about: it is judged again from what is stored, and what the check read is written down.

No author of a check writes any of this: the views and sets that a check is given record what it touches.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from msgspec import Struct

from collector.core.checks import Extent
from collector.core.findings import WHOLE
from collector.core.tasks import Task
from collector.engine.judge_once import OnceJudge
from collector.report.state.tags import body_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from collector.core.canonical import Digest
    from collector.core.checks import Need
    from collector.core.connectors import Connector
    from collector.core.ports import Stored
    from collector.core.scopes import Scope
    from collector.engine.judge_once import JudgedOnce
    from collector.engine.touched_evidence import TouchedEvidence
    from collector.report.state.known import CurrentFinding, Reading

_MOST_VALUES = 12
_MOST_MEMBERS = 25
_LONGEST = 400
_EMPTY = frozenset({"null", "[]", "{}"})


@runtime_checkable
class FindsResources(Protocol):
    """A store that finds a resource by its key."""

    def resource(self, task: Task, key: str, *, as_of: datetime | None = None) -> Stored | None:
        """Return one existing resource of a task; None where there is none. Raises StoreError."""


class FoundValue(Struct, frozen=True, kw_only=True):
    """A value that a check read: its JSON pointer in the body, and the value as JSON, cut where it is long."""

    pointer: str
    value: str


class TraceStep(Struct, frozen=True, kw_only=True):
    """One field that a check read of one resource, or of the members of a set.

    `call` filled the field. `found` has the values; of a set they are not repeated, and `members` counts those that
    were read. `more` counts values that are left out. `unread` is why the field could not be read, empty where it was.
    """

    parameter: str
    kind: str
    field: str
    call: str
    source: str
    scope: Scope
    key: str
    evidence: Digest | None
    found: list[FoundValue]
    more: int
    members: int | None
    unread: str


class SetMember(Struct, frozen=True, kw_only=True):
    """A member of a set that a check went through."""

    scope: Scope
    key: str
    digest: Digest


class ReadSet(Struct, frozen=True, kw_only=True):
    """A set that a check went through: whether it was complete, and its first members."""

    kind: str
    under: Scope
    incomplete: str
    members: list[SetMember]
    more: bool


class JudgingTrace(Struct, frozen=True, kw_only=True):
    """A finding judged again. `agrees`: it has the recorded status. `why_none` says why there are no steps."""

    status: str
    reason: str
    agrees: bool
    steps: list[TraceStep]
    sets: list[ReadSet]
    why_none: str


def judging_trace(reading: Reading, current: CurrentFinding) -> JudgingTrace | None:
    """Judge a finding again and return what its check read; None where it cannot be judged here any more.

    Raises StoreError.
    """
    id_ = current.id
    rule, freshness = reading.rules.get(id_.check), reading.freshness.get(id_.source)
    if rule is None or freshness is None:
        return None
    judge = OnceJudge(reading.store, freshness, reading.at, reading.as_of)
    subject = rule.check.subject
    stored = None
    if subject is not None:
        # A finding about a whole place of a check of single resources was given without calling the check.
        stored = (
            None
            if id_.subject == WHOLE
            else stored_resource(reading, id_.source, subject.kind.name, id_.scope, id_.subject)
        )
        if stored is None:
            return None
        once = judge.resource(rule, stored, touched=True)
    else:
        once = judge.set(rule, id_.scope, touched=True)
    connector = freshness.source.connector
    touched, verdict = once.evaluation.touched, once.evaluation.verdict
    finding = current.state.finding
    needs = {need.parameter: need for need in rule.check.needs}
    return JudgingTrace(
        status=verdict.status.value,
        reason=verdict.reason or rule.check.title,
        agrees=verdict.status is finding.status,
        steps=[
            step
            for read in touched or ()
            for step in _steps(reading, id_.source, connector, needs[read.parameter], read, once)
        ],
        sets=list(_sets(reading, id_.source, once)),
        why_none="" if touched is not None else "what it reads could not be recorded without changing what it says",
    )


def stored_resource(reading: Reading, source: str, kind: str, scope: Scope, key: str) -> Stored | None:
    """Return a resource as it is stored at the moment of the reading; None where there is none."""
    if isinstance(reading.store, FindsResources):
        return reading.store.resource(Task(source, kind, scope), key, as_of=reading.as_of)
    stored = reading.store.resources(kind, source=source, under=scope, as_of=reading.as_of)
    return next((found for found in stored if found.key == key and found.task.scope == scope), None)


def _steps(
    reading: Reading,
    source: str,
    connector: Connector[Any, Any],
    need: Need,
    read: TouchedEvidence,
    once: JudgedOnce,
) -> Iterator[TraceStep]:
    if need.shape is Extent.ALL:
        for path in read.fields:
            if not _is_only_passed(path, read.fields):
                yield _step(connector, read, path, source=source, members=read.members)
        return
    of = next((resource for resource in once.inputs.resources if resource.parameter == read.parameter), None)
    if of is None or of.missing:
        why = "" if of is None else of.missing
        for path in read.fields or ("",):
            if read.is_read or why:
                yield _step(connector, read, path, source=source, unread=why)
        return
    stored = stored_resource(reading, source, read.kind, of.scope, of.key)
    body = {} if stored is None or stored.blob is None else body_of(stored.blob)
    facts = {} if stored is None or stored.facts is None else json.loads(stored.facts)
    unread = dict(of.unread)
    for path in read.fields:
        found = list(values_at({**body, **facts}, path))
        if _is_only_passed(path, read.fields) and not any(value.value in _EMPTY for value in found):
            continue
        yield TraceStep(
            parameter=read.parameter,
            kind=read.kind,
            field=path,
            call=call_of(connector, read.kind, path),
            source=source,
            scope=of.scope,
            key=of.key,
            evidence=stored.digest if stored is not None else None,
            found=found[:_MOST_VALUES],
            more=max(len(found) - _MOST_VALUES, 0),
            members=None,
            unread=unread.get(_top(path), ""),
        )


def _step(
    connector: Connector[Any, Any],
    read: TouchedEvidence,
    path: str,
    *,
    source: str,
    members: int | None = None,
    unread: str = "",
) -> TraceStep:
    return TraceStep(
        parameter=read.parameter,
        kind=read.kind,
        field=path,
        call=call_of(connector, read.kind, path),
        source=source,
        scope=(),
        key="",
        evidence=None,
        found=[],
        more=0,
        members=members,
        unread=unread,
    )


def _sets(reading: Reading, source: str, once: JudgedOnce) -> Iterator[ReadSet]:
    for read in once.inputs.sets:
        members: list[SetMember] = []
        more = False
        for stored in reading.store.resources(read.kind, source=source, under=read.under, as_of=reading.as_of):
            if len(members) == _MOST_MEMBERS:
                more = True
                break
            members.append(SetMember(scope=stored.task.scope, key=stored.key, digest=stored.digest))
        yield ReadSet(kind=read.kind, under=read.under, incomplete=read.incomplete, members=members, more=more)


def call_of(connector: Connector[Any, Any], kind: str, path: str) -> str:
    """Return the call that fills a field: that of its part, or that of the list."""
    part = next((part for part in connector.parts.get(kind, ()) if part.name == _top(path)), None)
    if part is not None:
        return part.call
    collection = connector.collections.get(kind)
    return "" if collection is None else collection.call


def _is_only_passed(path: str, paths: Sequence[str]) -> bool:
    """Whether a field was read to get at fields inside it, which say more."""
    return any(other.startswith((f"{path}.", f"{path}[]")) for other in paths)


def _top(path: str) -> str:
    return path.partition(".")[0].partition("[")[0]


def values_at(value: Any, path: str) -> Iterator[FoundValue]:  # noqa: ANN401  JSON
    """Yield the values at a path such as `hooks[].tls`; `[]` are the members of a list or of an object."""
    for pointer, found in _at(value, _words(path), ""):
        text = json.dumps(found, ensure_ascii=False)
        yield FoundValue(pointer=pointer, value=text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ...")


def _words(path: str) -> Sequence[str]:
    return [word for part in path.replace("[]", ".[]").split(".") if (word := part)]


def _at(value: Any, words: Sequence[str], pointer: str) -> Iterator[tuple[str, Any]]:  # noqa: ANN401  JSON
    if not words:
        yield pointer, value
        return
    word, rest = words[0], words[1:]
    if word == "[]":
        members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for name, member in members:
            yield from _at(member, rest, f"{pointer}/{_token(str(name))}")
    elif isinstance(value, dict) and word in value:
        yield from _at(value[word], rest, f"{pointer}/{_token(word)}")


def _token(name: str) -> str:
    """Return a name as a part of a JSON pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")
