"""A condition: something that holds now and somebody should know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime

    from collector.core.alerts import AlertKind
    from collector.core.checks import Severity


@dataclass(frozen=True, kw_only=True)
class Condition:
    """Something that holds now. `ends`: that it holds no more is worth telling."""

    key: str
    kind: AlertKind
    severity: Severity
    what: str
    todo: str
    since: datetime | None = None
    source: str = ""
    owner: str = ""
    due: date | None = None
    frameworks: tuple[str, ...] = ()
    page: str = ""
    ends: bool = True
