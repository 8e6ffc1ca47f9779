"""Encode a fact as a leaf: its kind, its content, and its long list of parts, if any, as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from collector.core.access_days import AccessDay
from collector.core.alerts import AlertDelivery, Alerted
from collector.core.attestations import Attested
from collector.core.audit_requests import RequestAct
from collector.core.clocks import CLOCK_ANOMALY, ClockAnomaly
from collector.core.facts import (
    Anchored,
    CompanyFile,
    InForce,
    Judged,
    OperatorAct,
    RunEnded,
    RunStarted,
    TasksPlanned,
    Verified,
)
from collector.core.record_reviews import RecordEntered, RecordReviewed
from storage.log.leaves import Rows

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from collector.core.facts import Fact

ERASURE = "erasure"
"""The kind of the leaves that record erasures."""

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
    ClockAnomaly: CLOCK_ANOMALY,
    Verified: "verified",
    Alerted: "alerted",
    AlertDelivery: "alert_delivery",
    RequestAct: "request_act",
    RecordEntered: "record_entered",
    RecordReviewed: "record_reviewed",
    AccessDay: "access_day",
}
_PARTS: dict[type[Fact], str] = {
    Judged: "changes",
    TasksPlanned: "tasks",
    Attested: "pieces",
    RequestAct: "pieces",
    RecordEntered: "pieces",
    CompanyFile: "pieces",
    InForce: "rules",
}


def encode_fact(connection: Connection, fact: Fact) -> tuple[str, Fact, dict[str, object]]:
    """Return the kind of a fact, the fact without its parts, and the parts as fields of rows; store their payloads."""
    rows, stated, parts = Rows(connection), fact, _PARTS.get(type(fact))
    if parts is not None:
        for part in getattr(fact, parts):
            rows.add(msgspec.to_builtins(part))
        stated = msgspec.structs.replace(fact, **{parts: ()})
    return _KINDS[type(fact)], stated, rows.fields()
