"""A rule: a check with the limits in force, and the scopes that it is judged for."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from collector.core.checks import Check, Extent
from collector.core.spans import show_span

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from collector.core.connectors import Connector


def _no_code(_check: Check[...]) -> str:
    return ""


@dataclass(frozen=True)
class Rule:
    """A check with the limits in force, what makes the digest of its code, and the operator's notes on the limits."""

    check: Check[...]
    limits: Mapping[str, Any]
    code_of: Callable[[Check[...]], str] = _no_code
    operator_notes: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def code(self) -> str:
        """The digest of the check's code; only who writes it down has it made."""
        return self.code_of(self.check)

    @cached_property
    def shown_limits(self) -> dict[str, str]:
        """The limits as a configuration writes them, with the operator's notes (reason and policy reference)."""
        return {name: show_limit(value) for name, value in self.limits.items()} | dict(self.operator_notes)


def show_limit(value: Any) -> str:  # noqa: ANN401  whatever type a check's limit has
    """Return a limit's value as text, for people and for the log."""
    if hasattr(value, "total_seconds"):
        return show_span(value)
    if isinstance(value, tuple | list | set | frozenset):
        return "[" + ", ".join(str(member) for member in value) + "]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def set_level(rule: Rule, connector: Connector[Any, Any]) -> str:
    """Return the level that a rule about sets is judged for."""
    first = next(need for need in rule.check.needs if need.shape is Extent.ALL)
    return rule.check.over or connector.collections[first.kind.name].level
