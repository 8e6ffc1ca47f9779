"""The transport by which botocore's clients reach a double in this process.

It replaces the HTTP session, at which annexd meters every attempt; an answer given in botocore's `before-send` event,
as moto does it, would not pass there. Each client class gets a base class that exchanges the session.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.awsrequest import AWSResponse, HeadersDict
from botocore.exceptions import ReadTimeoutError
from botocore.handlers import BUILTIN_HANDLERS

from collector.demo.in_process import application_at, ask, environ_of


@contextmanager
def botocore_in_process() -> Iterator[None]:
    """Let clients that are created while the context is open send requests to applications of this process first."""
    handler = ("creating-client-class", _add_base)
    BUILTIN_HANDLERS.append(handler)
    try:
        yield
    finally:
        BUILTIN_HANDLERS.remove(handler)


def _add_base(base_classes: list[type], **_: object) -> None:
    if _Client not in base_classes:  # two doubles may run at the same time
        base_classes.insert(0, _Client)


class _Client:
    """A base of client classes; the connector's own base comes before it and wraps the session that is set here."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  botocore's own
        super().__init__(*args, **kwargs)
        endpoint: Any = getattr(self, "_endpoint")  # noqa: B009  of botocore's BaseClient, which types do not show
        endpoint.http_session = _Session(endpoint.http_session)


class _Session:
    """Replaces botocore's HTTP session, which still sends what no application of this process answers."""

    def __init__(self, session: Any) -> None:  # noqa: ANN401  botocore's own has no types
        self._session = session

    def send(self, request: Any) -> AWSResponse:  # noqa: ANN401  the same
        """Return the response to an attempt. Raises ReadTimeoutError where the application does not answer."""
        application = application_at(request.url)
        if application is None:
            sent: AWSResponse = self._session.send(request)
            return sent
        timeout = self._session._timeout  # noqa: SLF001  botocore has no other place for it
        waits = timeout if isinstance(timeout, int | float) else timeout.read_timeout
        try:
            answer = ask(application, environ_of(request.method, request.url, request.headers, request.body, waits))
        except TimeoutError as error:
            raise ReadTimeoutError(endpoint_url=request.url, error=error) from error
        return AWSResponse(request.url, answer.status, HeadersDict(answer.headers), _Body(answer.body))  # type: ignore[arg-type]  # any object with a stream

    def close(self) -> None:
        """Close the connections of the session that was replaced."""
        self._session.close()


class _Body(io.BytesIO):
    """A body as urllib3 gives it."""

    def stream(self, size: int = -1, **_: object) -> Iterator[bytes]:
        """Yield what is left, in pieces."""
        while piece := self.read(size):
            yield piece
