"""From a fact to what its leaf holds: its kind, what it states, and, where it has many parts, these as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from collector.core.attestations import Attested
from collector.core.facts import (
    Anchored,
    CompanyFile,
    InForce,
    Judged,
    OperatorAct,
    RunEnded,
    RunStarted,
    TasksPlanned,
)
from storage.log.leaves import Rows

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from collector.core.facts import Fact

ERASURE = "erasure"
"""The kind of leaf that says which bodies were dropped."""

_KINDS: dict[type[Fact], str] = {
    RunStarted: "run_started",
    TasksPlanned: "tasks_planned",
    Judged: "judged",
    RunEnded: "run_ended",
    Anchored: "anchored",
    OperatorAct: "operator_act",
    InForce: "in_force",
    CompanyFile: "company_file",
    Attested: "attested",
}
_PARTS: dict[type[Fact], str] = {
    Judged: "changes",
    TasksPlanned: "tasks",
    Attested: "pieces",
    CompanyFile: "pieces",
    InForce: "rules",
}


def encode_fact(connection: Connection, fact: Fact) -> tuple[str, Fact, dict[str, object]]:
    """Return kind, statement and rows of a fact; keep the payloads that the rows need."""
    rows, stated, parts = Rows(connection), fact, _PARTS.get(type(fact))
    if parts is not None:
        for one in getattr(fact, parts):
            rows.add(msgspec.to_builtins(one))
        stated = msgspec.structs.replace(fact, **{parts: ()})
    return _KINDS[type(fact)], stated, rows.fields()
