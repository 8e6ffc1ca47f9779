"""What Google's refusals mean: four shapes of one error, an API that is off in whose project, and when to ask again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from collector.core.errors import ConnectorError, Denied, NotSignedIn, NotThere, NotUsed, RateLimited, Unavailable
from connectors._http import Errors, Reply, Usage
from connectors._http.replies import loads

_ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo"
_RETRY_INFO = "type.googleapis.com/google.rpc.RetryInfo"
_SECONDS = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)s", re.ASCII)
_MINUTE = 60
_UNAUTHORIZED = 401
_FORBIDDEN = 403
_NOT_FOUND = 404
_TOO_MANY = 429
_FIRST_REFUSAL = 400

OFF = frozenset({"SERVICE_DISABLED", "accessNotConfigured"})
"""An API is not enabled in a project: in the one that is asked about, or in the one that calls are charged to."""

THROTTLED = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "RATE_LIMIT_EXCEEDED"})
"""Words for too many calls, which come with 403 as well as with 429."""

_USED_UP = frozenset({"dailyLimitExceeded", "dailyLimitExceededUnreg"})

_MENDS = {
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT": "authorize the OAuth scope of this call for the credential of the source",
    "USER_PROJECT_DENIED": "grant serviceusage.services.use on the project that calls are charged to (quota_project)",
    "SECURITY_POLICY_VIOLATED": "let the identity in by an ingress rule or access level of the service perimeter",
    "BILLING_DISABLED": "the project has no billing account, and the API answers nothing without one",
}


@dataclass(frozen=True)
class Refusal:
    """What the body of a refusal says, in whichever of Google's shapes. `code` is Google's most special word for it."""

    code: str
    message: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    retry_after: timedelta | None = None


def google_errors(*own: str, by_code: Mapping[str, type[ConnectorError]] | None = None) -> Errors:
    """Return the errors of Google for a client of one scope.

    `own` are the names of the project that is asked about, as `projects/1234567890`: an API that is off there is not
    used, one that is off in the project that calls are charged to says nothing of what is asked about. `by_code` adds
    to what the words of one API mean.
    """
    mine = frozenset(own)

    def explain(reply: Reply) -> ConnectorError | None:
        refusal = refusal_of(reply)
        return None if refusal is None else _meaning(reply, refusal, mine, by_code or {})

    return Errors("Google", explain=explain)


def google_usage(reply: Reply) -> Usage:
    """Return how long to wait after a throttled call without Retry-After: as RetryInfo says, or to the next minute."""
    refusal = refusal_of(reply) if reply.status in {_FORBIDDEN, _TOO_MANY} else None
    if refusal is None or not _is_throttled(reply, refusal):
        return Usage()
    if refusal.retry_after is not None:
        return Usage(retry_after=refusal.retry_after)
    # https://cloud.google.com/docs/quotas/overview: rates are counted a minute
    now = reply.date or datetime.now(UTC)
    return Usage(retry_after=timedelta(seconds=_MINUTE - now.second))


def refusal_of(reply: Reply) -> Refusal | None:
    """Return what a refusal says; None where the answer is none, or has none of Google's shapes."""
    if reply.status < _FIRST_REFUSAL or reply.is_web_page:
        return None
    try:
        body = loads(reply.body)
    except (ValueError, RecursionError):
        return None
    match body:
        case {"error": str(code), **rest} if code:
            return Refusal(code, _text(rest.get("error_description")))
        case {"error": dict(error)} if error:
            return _structured(error)
        case _:
            return None


def _structured(error: Mapping[str, Any]) -> Refusal:
    info = next(_details(error, _ERROR_INFO), {})
    listed = error.get("errors")
    first = listed[0] if isinstance(listed, list) and listed and isinstance(listed[0], dict) else {}
    code = _text(info.get("reason")) or _text(first.get("reason")) or _text(error.get("status"))
    metadata = info.get("metadata")
    return Refusal(
        code,
        _text(error.get("message")),
        metadata if isinstance(metadata, dict) else {},
        _delay(next(_details(error, _RETRY_INFO), {}).get("retryDelay")),
    )


def _details(error: Mapping[str, Any], kind: str) -> Iterator[Mapping[str, Any]]:
    details = error.get("details")
    for detail in details if isinstance(details, list) else ():
        if isinstance(detail, dict) and detail.get("@type") == kind:
            yield detail


def _delay(said: object) -> timedelta | None:
    found = _SECONDS.fullmatch(said) if isinstance(said, str) else None
    return timedelta(seconds=min(float(found[1]), timedelta(days=1).total_seconds())) if found else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _is_throttled(reply: Reply, refusal: Refusal) -> bool:
    return refusal.code not in _USED_UP and (reply.status == _TOO_MANY or refusal.code in THROTTLED)


def _meaning(
    reply: Reply, refusal: Refusal, own: frozenset[str], by_code: Mapping[str, type[ConnectorError]]
) -> ConnectorError | None:
    code = refusal.code[:120] or str(reply.status)
    said = ": ".join(word for word in (refusal.code[:120], refusal.message[:300]) if word)
    what = f"Google answered {reply.status}, saying {said}" if said else f"Google answered {reply.status}"
    if refusal.code in by_code:
        return by_code[refusal.code](what, code=code)
    if refusal.code in OFF:
        return _off(refusal, own, what)
    if refusal.code in _USED_UP:
        return Unavailable(
            what, code=code, mend="the quota of the day is used up; it is full again at midnight Pacific"
        )
    if _is_throttled(reply, refusal):
        return RateLimited(what, code=code, retry_after=reply.retry_after or refusal.retry_after)
    match reply.status:
        case 401:
            return NotSignedIn(what, code=code, mend="look at the credential of the source")
        case 403:
            return Denied(what, code=code, mend=_MENDS.get(refusal.code, ""))
        case 404:
            return NotThere(what, code=code)
        case _:
            return None


def _off(refusal: Refusal, own: frozenset[str], what: str) -> ConnectorError:
    consumer = _text(refusal.metadata.get("consumer"))
    service = _text(refusal.metadata.get("service")) or "the API"
    if consumer and consumer in own:
        return NotUsed(f"{service} is not enabled in {consumer}", code=refusal.code)
    charged = consumer or "the project that calls are charged to"
    # No right of the identity mends this, so that it is not Denied, whose advice is to grant one.
    return NotThere(what, code=refusal.code, mend=f"enable {service} in {charged}")
