"""What an auditor may ask a page for: the framework versions and the period of their audit."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Scope

    from collector.setup.web_config import AuditConfig

_FRAMEWORK = ("fw", "framework")
_DAYS = ("from", "to", "since", "until", "as_of")


def within_audit(scope: Scope, parameters: Mapping[str, object], audit: AuditConfig) -> str:
    """Return what a request asks for that is not opened; empty where all of it is.

    `parameters` are those of its path.
    """
    for name in _FRAMEWORK:
        if name in parameters and parameters[name] not in audit.frameworks:
            return f"the framework {parameters[name]}"
    query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    for name in _FRAMEWORK:
        for value in query.get(name, ()):
            if value and value not in audit.frameworks:
                return f"the framework {value}"
    for name in _DAYS:
        for value in query.get(name, ()):
            if value and not _is_within(value, audit):
                return f"{name}={value}, which is not in {audit.first} to {audit.last}"
    return ""


def _is_within(value: str, audit: AuditConfig) -> bool:
    try:
        moment = datetime.fromisoformat(value)
        day = moment.astimezone(UTC).date() if moment.tzinfo is not None else moment.date()
    except (ValueError, OverflowError):
        try:
            day = date.fromisoformat(value)
        except ValueError:
            return False  # what cannot be read cannot be within
    return audit.first <= day <= audit.last
