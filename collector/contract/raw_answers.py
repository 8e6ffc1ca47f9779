"""HTTP requests and answers as a double has them, so that the suite can put a wrong answer in place of a right one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

_OF_THE_BODY = ("content-length", "content-encoding", "etag", "transfer-encoding")


@dataclass(frozen=True)
class RawRequest:
    """A request as the double received it; the names of headers are in lower case.

    `timeout` is how many seconds the client waits for an answer that does not come; None: for ever.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    timeout: float | None


@dataclass(frozen=True)
class RawAnswer:
    """An answer before any client has read it; the names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def said(self) -> tuple[int, Mapping[str, str], bytes]:
        """Return what a client can read, without the headers that only describe the body."""
        return self.status, {name: self.headers[name] for name in self.headers if name not in _OF_THE_BODY}, self.body

    def but(self, status: int | None = None, body: bytes | None = None, **headers: str) -> RawAnswer:
        """Return this answer with another status, body or headers, whose names are given with underscores.

        Headers that describe the old body are left out with it.
        """
        kept = {name: value for name, value in self.headers.items() if body is None or name not in _OF_THE_BODY} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        return replace(
            self,
            status=self.status if status is None else status,
            headers=kept,
            body=self.body if body is None else body,
        )


Make = Callable[[RawRequest, RawAnswer], RawAnswer]
"""Makes the answer to a request out of the double's own. Raises TimeoutError where no answer is to come."""
