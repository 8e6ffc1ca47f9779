"""What an answer of GitHub's says of the quota, and which answers are refusals although their status is no error's.

Headers say it, and the body for GraphQL, which answers 200 even where a limit was reached.
https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from collector.core.errors import RateLimited, Unavailable, Unexpected
from connectors._http import Errors, QuotaHeaders, Reply, Usage
from connectors._http.replies import loads
from connectors.github._sdk.errors import error_for_status, is_rate_limited
from connectors.github._sdk.graphql_quota import quota_of

if TYPE_CHECKING:
    from collector.core.errors import ConnectorError

NOT_MODIFIED = 304

_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)
_LIMITED = (403, 429)
_UNAUTHORIZED = 401
_QUOTA = QuotaHeaders("x-ratelimit", bucket="x-ratelimit-resource")


def usage(reply: Reply) -> Usage:
    """Return what the headers of an answer say: the quota is full again after an hour at the latest."""
    said = _QUOTA(reply)
    full_in = said.resets_in
    return Usage(
        remaining=said.remaining,
        limit=said.limit,
        resets_in=min(full_in, _HOUR) if full_in is not None else None,
        bucket=said.bucket,
        retry_after=_pause(full_in if said.remaining == 0 else None),
        free=reply.status == NOT_MODIFIED,
    )


def query_usage(reply: Reply) -> Usage:
    """Return the same for a query, with the points that the body states: a server need not state them in headers."""
    said, points = usage(reply), quota_of(reply.body)
    if (limit := points.limit) is not None:
        said = replace(said, cost=limit.cost)
        if said.remaining is None and reply.date is not None:
            full_in = max(limit.reset_at - reply.date, timedelta(0))
            said = replace(said, remaining=limit.remaining, limit=limit.limit, resets_in=full_in)
    if points.used_up:
        # The header counts late, and may still state some points where the body says that none are left.
        said = replace(said, remaining=0, retry_after=_pause(_QUOTA(reply).resets_in))
    return said


def _pause(full_in: timedelta | None) -> timedelta:
    """Return for how long to send nothing after a limit; GitHub asks for a minute at least where it names no time."""
    # Times are stated in whole seconds: in the one that is named, the quota may not be full yet.
    return full_in + timedelta(seconds=1) if full_in is not None else _MINUTE


def _refused(reply: Reply) -> ConnectorError | None:
    if reply.status not in _LIMITED:
        return None
    if is_rate_limited(reply.status, reply.body[:2000].decode("utf-8", "replace"), reply.headers):
        return RateLimited(f"GitHub wants fewer calls (status {reply.status})")
    return None


def _query_refused(reply: Reply) -> ConnectorError | None:
    if quota_of(reply.body).is_limited:
        return RateLimited(f"GitHub wants fewer queries (status {reply.status})")
    return _refused(reply)


def _explained(reply: Reply) -> ConnectorError | None:
    if reply.status != _UNAUTHORIZED:
        return None
    if reply.body and not reply.is_json:
        return Unexpected(
            "a page came (status 401), not from GitHub's API",
            mend="look at the proxy of this machine and at url in the source",
        )
    return error_for_status(reply.status, _message(reply), reply.headers)


def _message(reply: Reply) -> str:
    try:
        body = loads(reply.body)
    except (ValueError, RecursionError):
        return ""
    return str(body.get("message") or "") if isinstance(body, dict) else ""


REST = Errors(
    "GitHub",
    message=lambda body: body["message"],
    by_status={202: Unavailable},
    explain=_explained,
    refused=_refused,
)
"""The errors of the REST API that the kit raises, and PyGithub does not: of 202, 401 and 5xx, and of rate limits."""

QUERIES = replace(REST, refused=_query_refused)
"""The same for GraphQL."""
