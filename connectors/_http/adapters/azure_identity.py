"""Microsoft Entra: azure-identity says what to ask for a token with; the kit sends, under one lock for all threads.

tokens = azure_tokens(requests, lambda transport: ClientSecretCredential(..., transport=transport), SCOPE)
"""

from __future__ import annotations

import base64
import binascii
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlencode

from collector.core.errors import ConnectorError, Halted, NotSignedIn
from connectors._http.tokens import Token, Tokens

if TYPE_CHECKING:
    from collector.core.wire import Wire
    from connectors._http.replies import Reply
    from connectors._http.token_requests import TokenRequests

_WIRE: ContextVar[Wire] = ContextVar("annexd_azure_identity_wire")
_CLAIMS = re.compile(r'claims="([A-Za-z0-9+/=_-]+)"')


@dataclass(frozen=True)
class _Answer:
    """What azure-core takes for an answer."""

    request: Any
    status_code: int
    headers: Mapping[str, str]
    content: bytes
    reason: str = ""

    @property
    def content_type(self) -> str | None:
        return self.headers.get("content-type")

    def text(self, encoding: str | None = None) -> str:
        return self.content.decode(encoding or "utf-8", "replace")

    def body(self) -> bytes:
        return self.content


@dataclass(frozen=True)
class IdentityTransport:
    """The `transport` of a credential of azure-identity. Raises our own errors, on which azure-core does not retry."""

    requests: TokenRequests

    def send(self, request: Any, **_: Any) -> _Answer:
        """Send one token request on the wire of the task that asks."""
        body = _body(request)
        reply = self.requests.send(_WIRE.get(), request.method, request.url, dict(request.headers), body)
        return _Answer(request, reply.status, reply.headers, reply.body)

    def sleep(self, seconds: float) -> None:
        """Wait through the wire."""
        _WIRE.get().pause(seconds)

    def open(self) -> None:
        """Do nothing: connections are opened when they are needed."""

    def close(self) -> None:
        """Do nothing: the connections belong to the source."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Do nothing."""


def azure_tokens(requests: TokenRequests, make: Callable[[IdentityTransport], Any], scope: str) -> Tokens:
    """Return the tokens for a scope of the credential that `make` returns, made with the first request."""
    made: list[Any] = []

    def obtain(wire: Wire, claims: str | None) -> Token:
        from azure.core.exceptions import ClientAuthenticationError  # noqa: PLC0415  the SDK is imported when it is used

        current = _WIRE.set(wire)
        try:
            if not made:
                made.append(make(IdentityTransport(requests)))
            options = {"claims": claims, "enable_cae": True} if claims is not None else {"enable_cae": True}
            issued = made[0].get_token(scope, **options)
        except ClientAuthenticationError as error:
            # azure-identity wraps whatever goes wrong, a run that was stopped too.
            for cause in _causes(error):
                if isinstance(cause, ConnectorError | Halted):
                    raise cause from error
            # Made anew the next time: a secret may have been replaced meanwhile.
            made.clear()
            raise NotSignedIn(
                f"Microsoft Entra gave no token: {str(error)[:300]}",
                code=type(error).__name__,
                mend="look at the credential of the source",
            ) from error
        finally:
            _WIRE.reset(current)
        return Token(issued.token, max(issued.expires_on - time.time(), 1.0))

    return Tokens(obtain, claims_of=claims_of)


def claims_of(reply: Reply) -> str | None:
    """Return the claims that a 401 demands of the next token (continuous access evaluation); None where it has none."""
    found = _CLAIMS.search(reply.headers.get("www-authenticate", ""))
    if found is None:
        return None
    try:
        text = found[1].replace("-", "+").replace("_", "/")
        return base64.b64decode(text + "=" * (-len(text) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    following: BaseException | None = error
    while following is not None and id(following) not in seen:
        seen.add(id(following))
        yield following
        following = following.__cause__ or following.__context__


def _body(request: Any) -> bytes | None:
    content = request.content if hasattr(request, "content") else request.body
    if isinstance(content, dict):
        return urlencode(content).encode()
    return content.encode() if isinstance(content, str) else content
