"""Alerts: what somebody should know now, raised when it begins and over when it ends; and their deliveries."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from msgspec import Struct

from collector.core.checks import Severity

AlertKind = Literal[
    "control_failing",
    "control_unknown",
    "finding",
    "evidence_stale",
    "permission_lost",
    "rights_beyond",
    "rights_lost",
    "source_silent",
    "exception_expires",
    "record_expires",
    "risk_review_due",
    "verification_failed",
    "anchor_failed",
    "clock_anomaly",
    "unknown_grown",
    "baseline",
    "test",
]
"""What alerts are about. `baseline` is the first one of a store: what holds already when alerts begin."""


class Alert(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One alert. `key` says what it is about: while it holds, none is raised for the same key again.

    `what` is one sentence that names the resource, `todo` what to do. `over` says that it holds no more. `id` is its
    own, the same for every try to deliver it. `frameworks` are those with a control that it bears on.
    """

    id: str
    key: str
    kind: AlertKind
    severity: Severity
    what: str
    todo: str
    at: datetime
    since: datetime | None = None
    source: str = ""
    owner: str = ""
    due: date | None = None
    frameworks: tuple[str, ...] = ()
    link: str = ""
    over: bool = False


class Alerted(Struct, frozen=True, kw_only=True, tag="alerted"):
    """Alerts that were raised at a moment, and keys that hold no more without an alert that says so.

    `silent` keys hold from now on without an alert of their own: the first time, `baseline` counts them. `unknown` is
    the number of unknown findings then.
    """

    at: datetime
    alerts: tuple[Alert, ...]
    ended: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    unknown: int = 0


class AlertDelivery(Struct, frozen=True, kw_only=True, tag="alert_delivery"):
    """What became of a delivery to a target: taken, refused and to be tried again, or given up. `alerts` are ids."""

    at: datetime
    target: str
    alerts: tuple[str, ...]
    result: Literal["delivered", "failed", "given_up"]
    tries: int
    why: str = ""
