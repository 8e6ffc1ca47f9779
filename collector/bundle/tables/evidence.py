"""The tables of evidence: resources, collections with their provenance, and collection failures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.bundle.shown_names import WITHHELD, ShownNames, asked_kinds, moment, pairs, place
from collector.bundle.tables.table import Column, Row, Table
from collector.core.plain_text import plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.bundle.contents import BundleContents
    from collector.core.ports import StoredObservation
    from collector.core.tasks import Calls, Observation, Task


def resources(contents: BundleContents, names: ShownNames) -> Table:
    """Return the resources that were present at the end."""
    kinds = asked_kinds(contents)

    def rows() -> Iterator[Row]:
        listed = {seen.observation.task: seen.list_leaf for seen in contents.store.last_complete(as_of=contents.at)}
        for seen in contents.observations():
            task = seen.observation.task
            if kinds is not None and task.collection not in kinds:
                continue
            leaf = listed.get(task)
            for resource in contents.resources(task):
                hidden = names.hides(task.source, task.collection, task.scope, resource.key)
                yield (
                    task.source,
                    task.collection,
                    place(task.scope),
                    WITHHELD if hidden else names.name(resource.key),
                    resource.digest,
                    moment(resource.first_seen_at),
                    moment(resource.seen_at, "not known"),
                    "never listed completely" if leaf is None else str(leaf),
                    ", ".join(resource.unread),
                    "erased" if resource.blob is None else "",
                )

    return Table(
        name="resources",
        title="Resources",
        description="The resources that were present at the end of the period, with the digests of their evidence.",
        columns=(
            Column("source", "Source", 14),
            Column("kind", "Kind", 26),
            Column("scope", "Account, region or repository", 24),
            Column("key", "Key", 40),
            Column("digest", "Digest", 74),
            Column("first_seen", "First seen", 20),
            Column("changed", "Unchanged since", 20),
            Column("leaf", "Log entry of the last complete list", 14),
            Column("unread", "Parts not read", 24),
            Column("erased", "Erased", 10),
        ),
        rows=rows,
    )


def tasks(contents: BundleContents, names: ShownNames) -> Table:
    """Return the latest collection of each list, and the lists that were never collected."""
    kinds = asked_kinds(contents)

    def rows() -> Iterator[Row]:
        for seen in contents.observations():
            if kinds is None or seen.observation.task.collection in kinds:
                yield _task(seen, names)
        for state in contents.reading.tasks():
            if state.latest is None and (kinds is None or state.task.collection in kinds):
                yield (*_place(state.task), "never collected", *("",) * (len(_TASK_COLUMNS) - 4))

    return Table(
        name="tasks",
        title="Collections",
        description="How each list was collected: identity, calls, times, number of items, and what is missing.",
        columns=_TASK_COLUMNS,
        rows=rows,
        is_sheet=True,
    )


_TASK_COLUMNS = (
    Column("source", "Source", 14),
    Column("collection", "Collection", 26),
    Column("scope", "Account, region or repository", 24),
    Column("outcome", "Outcome", 12),
    Column("why", "Why not complete", 40),
    Column("needs", "Permission needed", 28),
    Column("started", "Started, our clock", 20),
    Column("ended", "Ended, our clock", 20),
    Column("platform_date", "Platform's clock", 20),
    Column("identity", "Identity", 36),
    Column("calls", "Calls with parameters", 54),
    Column("pages", "Pages", 8),
    Column("requests", "Requests", 9),
    Column("listed", "Items listed", 9),
    Column("repeated", "Items repeated", 9),
    Column("kept", "Items kept", 9),
    Column("total", "Platform's own count", 12),
    Column("total_from", "Source of that count", 24),
    Column("redacted", "Redacted values by rule", 30),
    Column("unread", "Parts not read", 30),
    Column("connector", "Connector", 20),
    Column("code", "Code of the connector", 74),
    Column("redaction", "Redaction rules", 30),
    Column("inventory", "Digest of the list", 74),
    Column("leaf", "Log entry", 9),
    Column("run", "Run", 36),
)


def _why(observation: Observation) -> str:
    said_by = f" (by the platform's word: {observation.not_used_by})" if observation.is_not_used else ""
    return f"{observation.why}{said_by}"


def _task(seen: StoredObservation, names: ShownNames) -> Row:
    observation, made = seen.observation, seen.observation.provenance
    hidden = names.hides(observation.task.source, observation.task.collection, observation.task.scope)
    identity = made.identity or f"not named by the platform: {made.identity_unknown or 'it gives no name'}"
    return (
        *_place(observation.task),
        observation.ended_as,
        WITHHELD if hidden else _why(observation),
        observation.permissions,
        moment(observation.started_at),
        moment(observation.ended_at),
        moment(made.date, "not given"),
        WITHHELD if hidden else names.name(identity),
        WITHHELD if hidden else "; ".join(_call(call) for call in made.calls),
        str(made.pages),
        str(made.requests),
        str(observation.listed),
        str(made.repeated),
        str(observation.listed - made.repeated),
        "not given" if made.total is None else str(made.total),
        made.total_from or "",
        pairs(made.redacted),
        pairs(made.unread),
        made.connector,
        made.code or "not known",
        made.redaction,
        seen.inventory or "none: the list is not complete",
        str(seen.leaf),
        observation.run,
    )


def _place(task: Task) -> Row:
    return task.source, task.collection, place(task.scope)


def _call(call: Calls) -> str:
    params = f" with {pairs(call.params)}" if call.params else ""
    answers = ", ".join(f"{status}: {count}" for status, count in call.statuses.items())
    ids = " to ".join(
        dict.fromkeys(request_id for request_id in (call.first_id, call.last_id) if request_id is not None)
    )
    return f"{call.operation}{params}, {plural(call.count, 'time')} ({answers})" + (
        f", request ids {ids}" if ids else ""
    )


def gaps(contents: BundleContents, names: ShownNames) -> Table:
    """Return the collection failures at the end of the period and those during it."""

    def rows() -> Iterator[Row]:
        for failure in contents.assessment.collection_failures:
            yield (
                "at the end",
                failure.how.replace("_", " "),
                failure.source,
                failure.needs,
                failure.what,
                names.reasons([failure.why]),
                "",
                "",
                "",
                str(len(failure.tasks)),
                str(failure.resources),
                ", ".join(failure.checks),
                "; ".join(failure.tasks) if names.is_plain else WITHHELD,
            )
        for gap in contents.period.collection_failures:
            yield (
                "in the period",
                gap.how.replace("_", " "),
                gap.source,
                "",
                "",
                names.reasons([gap.why]),
                moment(gap.since),
                moment(gap.until),
                str(gap.count),
                str(len(gap.tasks)),
                "",
                "",
                "; ".join(gap.tasks) if names.is_plain else WITHHELD,
            )

    return Table(
        name="gaps",
        title="Collection failures",
        description="What was not collected, at the end of the period or during it. That is neither good nor bad.",
        columns=(
            Column("when", "When", 14),
            Column("how", "How", 12),
            Column("source", "Source", 14),
            Column("needs", "Permission missing", 32),
            Column("what", "What is missing", 36),
            Column("why", "Why", 50),
            Column("since", "Since", 20),
            Column("until", "Until", 20),
            Column("count", "Times", 8),
            Column("tasks", "Collections", 11),
            Column("resources", "Resources", 10),
            Column("checks", "Checks affected", 44),
            Column("which", "Which collections", 54),
        ),
        rows=rows,
        is_sheet=True,
    )
