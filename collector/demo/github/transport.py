"""The transport by which the GitHub connector reaches a double in this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from collector.demo.in_process import application_at, ask, environ_of
from connectors._http import answered_by


@contextmanager
def requests_in_process(host: str) -> Iterator[None]:
    """Send requests for a host to an application of this process while the context is open."""
    with answered_by(_answer, f"https://{host}"):
        yield


def _answer(request: httpx.Request) -> httpx.Response:
    """Return the response to an attempt. Raises ConnectError once the double has ended, and ReadTimeout."""
    url = str(request.url)
    application = application_at(url)
    if application is None:
        raise httpx.ConnectError(f"nothing answers {url} in this process any more", request=request)
    waits = request.extensions["timeout"]["read"]
    try:
        answer = ask(application, environ_of(request.method, url, request.headers, request.content, waits))
    except TimeoutError as error:
        raise httpx.ReadTimeout("no answer came", request=request) from error
    # As a stream: httpx inflates `content` at once, however large it becomes.
    return httpx.Response(answer.status, headers=answer.headers, stream=httpx.ByteStream(answer.body))
