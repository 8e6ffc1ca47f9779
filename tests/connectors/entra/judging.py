"""Call checks with made-up evidence, as the engine would."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from collector.core.checks import Check, Status, Verdict, unknown
from collector.core.errors import Unread
from collector.core.scopes import Scope
from collector.core.views import unread_view
from tests.connectors.reasons import record

V = TypeVar("V", bound=Struct)

TODAY = datetime(2026, 3, 1, 6, tzinfo=UTC)
PASS, FAIL, UNKNOWN, NOTHING = Status.PASS, Status.FAIL, Status.UNKNOWN, Status.NOT_APPLICABLE


def ago(days: float) -> str:
    """So many days before today, as Graph writes it."""
    return (TODAY - timedelta(days=days)).isoformat().replace("+00:00", "Z")


def view(of: type[V], body: dict[str, Any], **but: Any) -> V:
    """Return evidence of a kind, by the platform's own names."""
    return msgspec.convert({**body, **but}, of)


def unread(of: type[V]) -> V:
    """Evidence that could not be read."""
    return unread_view(of, "it was refused")


class CompleteSet:
    """A complete set, in one scope."""

    def __init__(self, *views: Any) -> None:
        self._views = views

    def __iter__(self) -> Iterator[Any]:
        return iter(self._views)

    def scoped(self) -> Iterator[tuple[Scope, Any]]:
        """Each with its scope."""
        return ((("acme",), item) for item in self._views)

    def scopes(self) -> Iterator[Scope]:
        """The one scope."""
        yield ("acme",)


class UnreadSet(CompleteSet):
    """A set that was not read whole."""

    def __iter__(self) -> Iterator[Any]:
        raise Unread("it was refused")


def verdict(check: Check[...], *evidence: Any, **limits: Any) -> Verdict:
    """Return the verdict of a check on TODAY. Its reason is compared with the golden file."""
    now = {"now": TODAY} if check.wants_now else {}
    try:
        return record(check, check.judge(*evidence, **check.limit_values(limits), **now))
    except Unread as why:
        return record(check, unknown(str(why)))


def status(check: Check[...], *evidence: Any, **limits: Any) -> Status:
    """Return the status of a verdict."""
    return verdict(check, *evidence, **limits).status
