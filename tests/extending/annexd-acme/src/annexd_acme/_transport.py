"""How requests go out: every one of them passes annexd's wire, also where something goes wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import httpx
from collector.core.wire import Answer, Call, Wire


@dataclass(frozen=True)
class WiredTransport(httpx.BaseTransport):
    """Sends each request, so that the wire has seen it before and after: annexd counts, waits and stops there."""

    wire: Wire
    inner: httpx.BaseTransport

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        call = Call(str(request.extensions["call"]), {"path": request.url.path, **request.url.params})
        self.wire.before(call)
        try:
            response = self.inner.handle_request(request)
        except BaseException as error:
            self.wire.after(call, Answer(None, error=type(error).__name__))
            raise
        wait = response.headers.get("Retry-After", "")
        after = timedelta(seconds=int(wait)) if wait.isdigit() else None
        self.wire.after(call, Answer(response.status_code, retry_after=after, throttled=response.status_code == 429))
        return response
