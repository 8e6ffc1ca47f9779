"""What an answer of GitHub's GraphQL says of its quota: its cost in points, and whether the rate limit was reached.

GraphQL answers 200 even then, so that only the errors in the body tell it. The type was RATE_LIMITED for years and is
RATE_LIMIT since 2025; a secondary limit has neither and is told by its message.
https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

GRAPHQL = "POST /graphql"

RATE_LIMIT = "rateLimit { cost remaining limit resetAt }"
"""The field that every query asks for, so that its answer says what it cost. It costs nothing."""

_PRIMARY = frozenset({"RATE_LIMITED", "RATE_LIMIT"})
_SECONDARY = re.compile(r"(?i)secondary rate limit|abuse detection")


class RateLimit(Struct, frozen=True, rename="camel"):
    """`RateLimit` of GitHub's GraphQL schema: the points of a query, and those that are left until `reset_at`."""

    cost: int
    remaining: int
    limit: int
    reset_at: datetime


class GraphqlQuota(Struct, frozen=True):
    """What one answer says. `used_up`: no points are left; `slow_down`: the secondary limit was reached."""

    limit: RateLimit | None = None
    used_up: bool = False
    slow_down: bool = False

    @property
    def is_limited(self) -> bool:
        """Whether the query was not answered because of a rate limit."""
        return self.used_up or self.slow_down


class _Data(Struct, frozen=True, rename="camel"):
    rate_limit: RateLimit | None = None


class _Answer(Struct, frozen=True):
    data: _Data | None = None
    errors: Any = None


def kind_of(error: Any) -> str:
    """Return GitHub's word for the kind of an error of `errors`; empty where it has none."""
    if not isinstance(error, dict):
        return ""
    extensions = error.get("extensions")
    return str(error.get("type") or (extensions.get("code") if isinstance(extensions, dict) else "") or "")


def is_used_up(error: Any) -> bool:
    """Whether an error of `errors` says that no points are left."""
    return kind_of(error) in _PRIMARY


def quota_of(body: bytes) -> GraphqlQuota:
    """Return what the body of an answer says of the quota; nothing where it is not an answer of GraphQL's."""
    try:
        answer = msgspec.json.decode(body, type=_Answer)
    except msgspec.MsgspecError:
        return GraphqlQuota()
    errors = [error for error in answer.errors if isinstance(error, dict)] if isinstance(answer.errors, list) else []
    used_up = any(is_used_up(error) for error in errors)
    return GraphqlQuota(
        limit=answer.data.rate_limit if answer.data is not None else None,
        used_up=used_up,
        slow_down=not used_up and any(_SECONDARY.search(str(error.get("message") or "")) for error in errors),
    )
