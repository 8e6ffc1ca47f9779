"""Whose a finding is, and until when it is to be mended: by the owners of systems and the company's own limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.core.isms.scope import SourceScope
from collector.core.scopes import within

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime, timedelta

    from collector.core.checks import Severity
    from collector.core.isms.scope import System
    from collector.core.scopes import Scope


def owner_of(systems: Iterable[System], source: str, scope: Scope) -> str:
    """Return the owner of the system that a scope lies in, the narrowest one; empty where none is stated.

    A scope that contains systems of several owners is nobody's in particular.
    """
    place = SourceScope(source, scope)
    around = [system for system in systems if system.contains(place)]
    inside = [system for system in around if within(scope, system.scope)]
    if inside:
        narrowest = max(len(system.scope) for system in inside)
        around = [system for system in inside if len(system.scope) == narrowest]
    owners = {system.owner for system in around}
    return owners.pop() if len(owners) == 1 else ""


def due_of(limits: Mapping[Severity, timedelta], severity: Severity, since: datetime) -> date | None:
    """Return the last day for mending a finding that fails since a moment; None where the company stated no limit."""
    limit = limits.get(severity)
    return None if limit is None else (since + limit).date()
