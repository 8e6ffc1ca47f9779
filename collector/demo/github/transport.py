"""The transport by which the GitHub connector reaches a double in this process."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

from collector.demo.in_process import application_at, ask, environ_of
from connectors.github._sdk.http_pool import ADAPTERS


@contextmanager
def requests_in_process(host: str) -> Iterator[None]:
    """Let sources that are created while the context is open send requests for a host to an application here."""
    prefix = f"https://{host}"
    ADAPTERS[prefix] = _Adapter()
    try:
        yield
    finally:
        del ADAPTERS[prefix]


class _Adapter(HTTPAdapter):
    """Answers requests from an application of this process."""

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: ARG002  as requests has it
        timeout: Any = None,  # noqa: ANN401  the same
        verify: bool | str = True,  # noqa: ARG002  the same
        cert: Any = None,  # noqa: ARG002, ANN401  the same
        proxies: Mapping[str, str] | None = None,  # noqa: ARG002  the same
    ) -> requests.Response:
        """Return the response to an attempt. Raises ConnectionError once the double has ended, and ReadTimeout."""
        url, method = str(request.url), str(request.method)
        application = application_at(url)
        if application is None:
            raise requests.ConnectionError(f"nothing answers {url} in this process any more", request=request)
        waits = timeout[1] if isinstance(timeout, tuple) else timeout
        try:
            answer = ask(application, environ_of(method, url, request.headers, request.body, waits))
        except TimeoutError as error:
            raise requests.ReadTimeout("no answer came", request=request) from error
        raw = HTTPResponse(
            body=io.BytesIO(answer.body), headers=answer.headers, status=answer.status, preload_content=False
        )
        response: requests.Response = self.build_response(request, raw)
        return response
