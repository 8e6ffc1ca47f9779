"""How a check is carried out, in plain sentences that are made of its declaration, its code and its links.

An auditor asks of every test: of what, by which condition, read from where, with whose limits, and what does it not
show? Nothing here is written for a single check, so no statement can be out of date.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from collector.core.checks import Extent, Status
from collector.core.controls import Strength
from collector.core.plain_text import plural_of
from collector.core.spans import show_span
from collector.engine.freshness import LIFETIMES, lifetime
from collector.engine.rule import show_limit
from collector.setup.check_coverage import load_check_coverage
from collector.setup.check_reads import CheckReads
from collector.setup.company_limits import NOT_STATED, defaults_in_force

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from collector.core.checks import Check, Need
    from collector.core.connectors import Collection, Connector
    from collector.core.controls import Framework
    from collector.setup.app import App
    from collector.setup.check_coverage import ShownVerdict

_WEIGHT = {
    Strength.DIRECT: "tests something that the control itself asks for: a fail is an open deviation",
    Strength.SUPPORTING: "makes the control more or less plausible: it neither establishes nor fails it",
    Strength.CONTEXTUAL: "is background for the reader, without weight",
}
_ANOTHER_TIME = "How it was between two observations: nothing is known of that."


class FieldsRead(Struct, frozen=True, kw_only=True):
    """Fields of a kind that the check can read, and what fills them. `absent`: answers that mean that there is none."""

    kind: str
    fields: tuple[str, ...]
    calls: tuple[str, ...]
    permissions: tuple[str, ...]
    absent: tuple[str, ...]


class MethodStatement(Struct, frozen=True, kw_only=True):
    """The statement; each text is a whole sentence. `verdicts` are the words that the check can give."""

    population: list[str]
    condition: str
    reads: list[FieldsRead]
    verdicts: tuple[str, ...]
    verdict_notes: list[str]
    unknown_when: list[str]
    limits: list[str]
    cannot_show: list[str]


def method_statement(app: App, check: Check[...], frameworks: Iterable[Framework]) -> MethodStatement:
    """Return the statement of a check. Raises ConfigError where the coverage file of its connector is not readable."""
    connector = app.loaded[app.connector_of(check.id)].connector
    code = CheckReads(check)
    never = {} if connector.coverage is None else load_check_coverage(connector.coverage).never.get(check.id, {})
    given = code.statuses | {Status.UNKNOWN}
    if check.subject is not None:
        given |= {Status.NOT_APPLICABLE}
    return MethodStatement(
        population=list(_population(check, connector)),
        condition=_condition(check),
        reads=[read for need in check.needs for read in _reads(need, code.fields(need), connector)],
        verdicts=tuple(status.value for status in Status if status in given and status.value not in never),
        verdict_notes=list(_verdict_notes(check, never)),
        unknown_when=list(_unknown_when(check, connector, code)),
        limits=list(_limits(app, check)),
        cannot_show=[*_cannot_show(check, frameworks), _ANOTHER_TIME],
    )


def source_of_fields(read: FieldsRead) -> str:
    """Say in a sentence which calls fill fields, and which permissions they need."""
    fields = ", ".join(read.fields) or "The number"
    needs = f", with the permission {' and '.join(read.permissions)}" if read.permissions else ""
    none = f"; {' or '.join(read.absent)} means that there is none" if read.absent else ""
    return f"{fields} of {read.kind} from {' and '.join(read.calls)}{needs}{none}."


def condition_of(check: Check[...]) -> str:
    """Return the condition in the check's own words: its docstring, or its title where it has none."""
    return " ".join((inspect.getdoc(check.judge) or check.title).split())


def _condition(check: Check[...]) -> str:
    more = condition_of(check)
    return f"It passes where this holds: {check.title}." + ("" if more == check.title else f" {more}")


def _population(check: Check[...], connector: Connector[Any, Any]) -> Iterator[str]:
    if (subject := check.subject) is not None:
        where = _every(connector.collections[subject.kind.name].level)
        yield f"Each {subject.kind.name} in {where} that a source looks at is judged by itself: no sample is drawn."
        yield f"That the list of {subject.kind.name} is complete is needed for saying that none was left out."
    else:
        first = next(need for need in check.needs if need.shape is Extent.ALL)
        level = check.over or connector.collections[first.kind.name].level
        yield f"There is one verdict for {_every(level)} that a source looks at."
    for need in check.needs:
        level = connector.collections[need.kind.name].level
        if need.shape is Extent.ALL:
            over = connector.level_of_set(level, check.over)
            yield f"Every {need.kind.name} of {_the(over)} counts, and the complete list of them is needed."
        elif need.shape is Extent.THE:
            yield f"Beside it the one {need.kind.name} of {_the(level)} is read."
        if connector.collections[need.kind.name].eventual:
            yield f"The list of {need.kind.name} may lag, by the platform's word: nothing passes for not being in it."


def _every(level: str) -> str:
    return "the source as a whole" if level == "source" else f"every {level}"


def _the(level: str) -> str:
    return "the source as a whole" if level == "source" else f"the {level}"


def _reads(need: Need, names: tuple[str, ...], connector: Connector[Any, Any]) -> Iterator[FieldsRead]:
    """Yield the fields that the list fills, then those that have a call of their own."""
    collection = connector.collections[need.kind.name]
    parts = {part.name: part for part in connector.parts.get(need.kind.name, ())}
    listed = tuple(name for name in names if name not in parts)
    if listed or any(not call.startswith("(") for call in collection.calls):
        yield _of_list(collection, listed)
    for name in names:
        if (part := parts.get(name)) is not None:
            yield FieldsRead(
                kind=part.kind.name,
                fields=(name,),
                calls=part.calls,
                permissions=part.permissions,
                absent=tuple(sorted(part.absent)),
            )


def _of_list(collection: Collection[Any], names: tuple[str, ...]) -> FieldsRead:
    return FieldsRead(
        kind=collection.kind.name, fields=names, calls=collection.calls, permissions=collection.permissions, absent=()
    )


def _verdict_notes(check: Check[...], never: Mapping[ShownVerdict, str]) -> Iterator[str]:
    for verdict, why in never.items():
        yield f"It never says {verdict}: {why}."
    if check.subject is not None:
        kind = check.subject.kind.name
        yield f"A complete list without any {kind} gives no pass: it says that there are no resources."


def _unknown_when(check: Check[...], connector: Connector[Any, Any], code: CheckReads) -> Iterator[str]:
    kinds = list(dict.fromkeys(need.kind.name for need in check.needs))
    listed = " or ".join(kinds)
    yield f"A list of {listed} was refused, failed, broke off or was not looked at yet."
    if any(code.fields(need) for need in check.needs):
        yield "A field that the condition needs could not be read; the finding names the call and the permission."
    every = min(connector.collections[kind].every for kind in kinds)
    yield (
        f"What was seen is older than {show_span(lifetime(every))}: {LIFETIMES} times the interval at which it is"
        " collected, where the configuration sets no other."
    )
    depth = max(connector.depth(connector.collections[kind].level) for kind in kinds)
    for level in connector.levels[:depth]:
        if connector.discoveries.get(level):
            yield f"It is not known which {plural_of(level)} there are, because a list that says so was not complete."
    if Status.UNKNOWN in code.statuses:
        yield "The check itself says that what was seen does not decide it; its reason says why."
    yield "A stored answer has another form than expected, or the check itself breaks; the traceback is kept."


def _limits(app: App, check: Check[...]) -> Iterator[str]:
    settings = app.config.checks.get(check.id)
    stated = {} if settings is None else settings.limits
    values = check.limit_values(stated)
    unstated = defaults_in_force(app.config, check)
    said = (
        []
        if settings is None
        else [
            text
            for text in (settings.reason, None if settings.policy_ref is None else f"see {settings.policy_ref}")
            if text is not None
        ]
    )
    because = f", because: {'; '.join(said)}" if said else ""
    for limit in check.limits:
        value = f"{limit.name} = {show_limit(values[limit.name])}"
        if limit.name in unstated:
            yield f"{value}: {NOT_STATED}."
        elif limit.name in stated or (settings is not None and settings.policy_ref is not None):
            yield f"{value}: the company's{because}."
        else:
            yield f"{value}: annexd's default, which lets nothing through."
    if not check.limits:
        yield "None: the condition has no number, span or list that could be set."


def _cannot_show(check: Check[...], frameworks: Iterable[Framework]) -> Iterator[str]:
    linked = False
    for framework in frameworks:
        for control in framework.controls:
            if (link := control.checks.get(check.id)) is not None:
                linked = True
                yield (
                    f"For {framework.id} {control.id} it {_WEIGHT[link.strength]}."
                    f" The limits of technical evidence for it: {control.cannot}"
                )
    if not linked:
        yield "It is linked to no control of the frameworks in use, and is evidence for none of them."
