"""The tables of what the findings rest on: resources, how each list came about, what could not be looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.bundle.shown_names import WITHHELD, ShownNames, asked_kinds, moment, pairs, place
from collector.bundle.tables.table import Column, Row, Table
from collector.core.plain_text import plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.bundle.contents import BundleContents
    from collector.core.ports import StoredObservation
    from collector.core.tasks import Calls, Task


def resources(dossier: BundleContents, words: ShownNames) -> Table:
    """Return what was there at the end."""
    kinds = asked_kinds(dossier)

    def rows() -> Iterator[Row]:
        listed = {one.observation.task: one.leaf for one in dossier.store.last_complete(as_of=dossier.at)}
        for seen in dossier.observations():
            task = seen.observation.task
            if kinds is not None and task.collection not in kinds:
                continue
            leaf = listed.get(task)
            for one in dossier.resources(task):
                hidden = words.hides(task.source, task.collection, task.scope, one.key)
                yield (
                    task.source,
                    task.collection,
                    place(task.scope),
                    WITHHELD if hidden else words.name(one.key),
                    one.digest,
                    moment(one.first_seen_at),
                    moment(one.seen_at, "not known"),
                    "never listed completely" if leaf is None else str(leaf),
                    ", ".join(one.unread),
                    "erased" if one.blob is None else "",
                )

    return Table(
        name="resources",
        title="Resources",
        says="What was there at the end of the period, with the digest of what is stored of it.",
        columns=(
            Column("source", "Source", 14),
            Column("kind", "Kind", 26),
            Column("scope", "Scope", 24),
            Column("key", "Key", 40),
            Column("digest", "Digest", 74),
            Column("first_seen", "First seen", 20),
            Column("changed", "As it is since", 20),
            Column("leaf", "Leaf of the last complete list", 14),
            Column("unread", "Parts not read", 24),
            Column("erased", "Erased", 10),
        ),
        rows=rows,
    )


def tasks(dossier: BundleContents, words: ShownNames) -> Table:
    """Return how each list came about, as its latest observation tells; lists that nobody made are in it too."""
    kinds = asked_kinds(dossier)

    def rows() -> Iterator[Row]:
        for seen in dossier.observations():
            if kinds is None or seen.observation.task.collection in kinds:
                yield _task(seen, words)
        for state in dossier.reading.tasks():
            if state.latest is None and (kinds is None or state.task.collection in kinds):
                yield (*_place(state.task), "never looked at", *("",) * (len(_TASK_COLUMNS) - 4))

    return Table(
        name="tasks",
        title="Tasks",
        says="How each list came about: who asked what, when, what came back, and what of it is missing.",
        columns=_TASK_COLUMNS,
        rows=rows,
        is_sheet=True,
    )


_TASK_COLUMNS = (
    Column("source", "Source", 14),
    Column("collection", "Collection", 26),
    Column("scope", "Scope", 24),
    Column("outcome", "Outcome", 12),
    Column("why", "Why not complete", 40),
    Column("needs", "Permission that it needs", 28),
    Column("started", "Started, our clock", 20),
    Column("ended", "Ended, our clock", 20),
    Column("platform_date", "Platform's clock", 20),
    Column("identity", "Identity", 36),
    Column("calls", "Calls with parameters", 54),
    Column("pages", "Pages", 8),
    Column("requests", "Requests", 9),
    Column("listed", "Items listed", 9),
    Column("repeated", "Listed twice", 9),
    Column("kept", "Items kept", 9),
    Column("total", "Platform's own count", 12),
    Column("total_from", "Where that stands", 24),
    Column("redacted", "Redacted values by rule", 30),
    Column("unread", "Parts not read", 30),
    Column("connector", "Connector", 20),
    Column("code", "Code of the connector", 74),
    Column("redaction", "Rules of redaction", 30),
    Column("inventory", "Root of the list", 74),
    Column("leaf", "Leaf", 9),
    Column("run", "Run", 36),
)


def _task(seen: StoredObservation, words: ShownNames) -> Row:
    one, made = seen.observation, seen.observation.provenance
    hidden = words.hides(one.task.source, one.task.collection, one.task.scope)
    identity = made.identity or f"not named by the platform: {made.identity_unknown or 'it gives no name'}"
    return (
        *_place(one.task),
        one.outcome.value.replace("_", " "),
        WITHHELD if hidden else one.why,
        one.permissions,
        moment(one.started_at),
        moment(one.ended_at),
        moment(made.date, "not given"),
        WITHHELD if hidden else words.name(identity),
        WITHHELD if hidden else "; ".join(_call(call) for call in made.calls),
        str(made.pages),
        str(made.requests),
        str(one.listed),
        str(made.repeated),
        str(one.listed - made.repeated),
        "not given" if made.total is None else str(made.total),
        made.total_from or "",
        pairs(made.redacted),
        pairs(made.unread),
        made.connector,
        made.code or "not known",
        made.redaction,
        seen.inventory or "none: the list is not complete",
        str(seen.leaf),
        one.run,
    )


def _place(task: Task) -> Row:
    return task.source, task.collection, place(task.scope)


def _call(call: Calls) -> str:
    params = f" with {pairs(call.params)}" if call.params else ""
    answers = ", ".join(f"{status}: {count}" for status, count in call.statuses.items())
    ids = " to ".join(dict.fromkeys(one for one in (call.first_id, call.last_id) if one is not None))
    return f"{call.operation}{params}, {plural(call.count, 'time')} ({answers})" + (
        f", request ids {ids}" if ids else ""
    )


def gaps(dossier: BundleContents, words: ShownNames) -> Table:
    """Return what could not be looked at: what is open at the end, and the ledger of the period."""

    def rows() -> Iterator[Row]:
        for one in dossier.assessment.gaps:
            yield (
                "at the end",
                one.how.replace("_", " "),
                one.source,
                one.needs,
                one.what,
                words.reasons([one.why]),
                "",
                "",
                "",
                str(len(one.tasks)),
                str(one.resources),
                ", ".join(one.checks),
                "; ".join(one.tasks) if words.is_plain else WITHHELD,
            )
        for gap in dossier.period.gaps:
            yield (
                "in the period",
                gap.how.replace("_", " "),
                gap.source,
                "",
                "",
                words.reasons([gap.why]),
                moment(gap.since),
                moment(gap.until),
                str(gap.count),
                str(len(gap.tasks)),
                "",
                "",
                "; ".join(gap.tasks) if words.is_plain else WITHHELD,
            )

    return Table(
        name="gaps",
        title="Gaps",
        says="What was not looked at, at the end and over the period; it is neither good nor bad.",
        columns=(
            Column("when", "When", 14),
            Column("how", "How", 12),
            Column("source", "Source", 14),
            Column("needs", "Permission that is missing", 32),
            Column("what", "What is missing", 36),
            Column("why", "Why", 50),
            Column("since", "Since", 20),
            Column("until", "Until", 20),
            Column("count", "Times", 8),
            Column("tasks", "Tasks", 8),
            Column("resources", "Resources", 10),
            Column("checks", "Checks that it keeps from knowing", 44),
            Column("which", "Which tasks", 54),
        ),
        rows=rows,
        is_sheet=True,
    )
