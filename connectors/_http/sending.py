"""Sending: each attempt passes the wire, is read with a bound, and is repeated only where that is safe."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import httpx

from collector import __version__
from collector.core.errors import ConnectorError, RateLimited, Unavailable, Unexpected
from collector.core.wire import Answer, Call, Exchange, Wire, tap_of
from connectors._http.connections import FAILURES, Lease, timeouts
from connectors._http.inflating import ACCEPTED, read_bounded
from connectors._http.quotas import QuotaOf, Usage, no_quota
from connectors._http.replies import Reply
from connectors._http.watching import check_running, watched_by

if TYPE_CHECKING:
    from connectors._http.errors import Errors
    from connectors._http.tokens import TokenSource

_OWN_HEADERS = {"Accept": "application/json", "Accept-Encoding": ACCEPTED, "User-Agent": f"annexd/{__version__}"}
_SAFE = frozenset({"GET", "HEAD"})
_OK = frozenset({200})
_NOT_MODIFIED = 304
_UNAUTHORIZED = 401
_TOO_MANY = 429
_NOT_NOW = 503


@dataclass(frozen=True)
class Outgoing:
    """One request as it is sent, but for the credential. `is_safe`: it may be sent twice, as GET and HEAD may.

    `kept` is an earlier answer to it, which a 304 says is still the answer; the request asks with its entity tag.
    """

    method: str
    url: httpx.URL
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    is_safe: bool = False
    expected: frozenset[int] = _OK
    kept: Reply | None = None


@dataclass(frozen=True)
class Retries:
    """How often a request is sent at most, and which statuses say that another attempt may help.

    A rate limit in the platform's own form is one of them, whatever its status. Only what is safe to send twice is.
    """

    attempts: int = 4
    statuses: frozenset[int] = frozenset({_TOO_MANY, 502, _NOT_NOW, 504})
    first_wait: float = 1.0  # seconds, doubled with each attempt, where the platform does not say how long


@dataclass(frozen=True)
class Sender:
    """Sends requests on one wire to one origin. `token` is None where they carry no credential."""

    wire: Wire
    lease: Lease
    errors: Errors
    token: TokenSource | None = None
    quota: QuotaOf = no_quota
    retries: Retries = Retries()
    timeouts: Mapping[str, float] = field(default_factory=timeouts)

    def send(self, call: Call, request: Outgoing) -> Reply:
        """Return the answer, of a status that is expected; the one that was kept where it is unchanged.

        Raises the error that `errors` has for any other status, and for what it finds refused; Unavailable where there
        is no answer, Unexpected for one that is too large or cannot be inflated, and what `Wire.before` raises.
        """
        may_repeat = request.is_safe or request.method in _SAFE
        attempts = self.retries.attempts if may_repeat else 1
        credential = self.token.headers(self.wire) if self.token is not None else {}
        is_renewed = False
        attempt = 0
        while True:
            attempt += 1
            try:
                reply, error = self._once(call, request, credential)
            except Unavailable as failure:
                if attempt >= attempts or not _may_pass(failure):
                    raise
                self.wire.pause(self._wait(attempt))
                continue
            if error is None:
                return reply
            if reply.status == _UNAUTHORIZED and self.token is not None and not is_renewed:
                # Refused before anything was done, so that this is safe for every method; once, as nobody mends a 401.
                renewed = self.token.renewed(credential, reply, self.wire)
                if renewed is not None:
                    credential, is_renewed, attempt = renewed, True, attempt - 1
                    continue
            is_throttled = isinstance(error, RateLimited)
            if attempt >= attempts or not (is_throttled or reply.status in self.retries.statuses):
                raise error
            self._pause(reply, attempt, is_throttled=is_throttled)
            if self.token is not None:
                credential = self.token.headers(self.wire)  # it may have expired while the platform wanted a pause

    def _pause(self, reply: Reply, attempt: int, *, is_throttled: bool) -> None:
        asked = self._asked_wait(reply, self.quota(reply), is_throttled=is_throttled)
        if not asked:  # no time, or none to wait for, though the platform has just refused
            self.wire.pause(self._wait(attempt))
        elif not is_throttled and reply.status not in {_TOO_MANY, _NOT_NOW}:
            self.wire.pause(asked.total_seconds())
        # Otherwise Wire.before holds every call of this quota for as long as the platform has asked.

    def _wait(self, attempt: int) -> float:
        return self.retries.first_wait * 2.0 ** (attempt - 1)

    def _once(
        self, call: Call, request: Outgoing, credential: Mapping[str, str]
    ) -> tuple[Reply, ConnectorError | None]:
        """Send one attempt; return its answer, and the error where its status was not expected."""
        self.wire.before(call)
        answer = Answer(status=None, error="nothing came back")
        try:
            with watched_by(self.wire):
                reply = self._exchange(call, request, credential)
            whole = _whole(request, reply)
            if not call.aside and (tap := tap_of(self.wire)) is not None:
                tap(_recorded(call, request, whole))
            error = self.errors.refused(whole)
            if error is None and whole.status not in request.expected:
                error = self.errors.of(whole, call.operation)
            answer = self._answer(reply, error)
        except BaseException as failure:
            answer = replace(answer, error=f"{type(failure).__name__}: {str(failure)[:200]}")
            raise
        finally:
            self.wire.after(call, answer)
        return whole, error

    def _exchange(self, call: Call, request: Outgoing, credential: Mapping[str, str]) -> Reply:
        try:
            headers = {**_OWN_HEADERS, **request.headers, **credential}
            received = self.lease.transport.send(request.method, request.url, headers, request.body, self.timeouts)
            try:
                body = read_bounded(received.pieces, received.headers, self.wire.largest_answer, call.operation)
            finally:
                received.close()
        except FAILURES as error:
            check_running(self.wire)
            raise self._no_answer(call, error) from error
        return Reply(received.status, received.headers, body, str(request.url))

    def _no_answer(self, call: Call, error: Exception) -> ConnectorError:
        name = type(error).__name__
        if name == "LocalProtocolError":
            # Its text would repeat the header, which may be the credential.
            return Unexpected(f"{call.operation} cannot be sent: a header of it is not allowed")
        what = f"{self.errors.title} gave no answer to {call.operation} ({name})"
        if _is_about_certificate(error):
            return Unavailable(
                f"{what}: {str(error)[:200]}",
                code="certificate",
                mend="name the certificates of your authority in SSL_CERT_FILE",
            )
        return Unavailable(f"{what}: {str(error)[:200]}" if str(error) else what)

    def _answer(self, reply: Reply, error: ConnectorError | None) -> Answer:
        usage = self.quota(reply)
        is_throttled = isinstance(error, RateLimited)
        return Answer(
            status=reply.status,
            request_id=reply.request_id,
            date=reply.date,
            cached=reply.is_cached,
            size=len(reply.body),
            retry_after=self._asked_wait(reply, usage, is_throttled=is_throttled),
            throttled=is_throttled,
            free=usage.free,
            error=error.what[:200] if error is not None else None,
            remaining=usage.remaining,
            limit=usage.limit,
            resets_in=usage.resets_in,
            bucket=usage.bucket,
            cost=usage.cost,
        )

    def _asked_wait(self, reply: Reply, usage: Usage, *, is_throttled: bool) -> timedelta | None:
        if reply.retry_after is not None:
            return reply.retry_after
        return usage.retry_after if is_throttled else None


def _whole(request: Outgoing, reply: Reply) -> Reply:
    """Return an answer, or the one that was kept where it says that this is unchanged, with the headers of both."""
    if request.kept is None or reply.status != _NOT_MODIFIED:
        return reply
    return replace(request.kept, headers={**reply.headers, **request.kept.headers}, url=reply.url)


def _recorded(call: Call, request: Outgoing, reply: Reply) -> Exchange:
    target = request.url.raw_path.decode("ascii")
    return Exchange(call, request.method, target, reply.status, reply.headers, reply.body, request.body or b"")


def _may_pass(failure: Unavailable) -> bool:
    return failure.code != "certificate"


def _is_about_certificate(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False
