"""A platform of Acme's that answers with JSON documents, in this process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from email.utils import format_datetime
from types import MappingProxyType
from typing import Any

import httpx
import msgspec

Json = Any
Document = Json | Callable[[httpx.Request], Json]

NOT_FOUND = 404


class Refusal(Exception):
    """What a platform says instead of a document."""

    def __init__(self, status: int, body: Json) -> None:
        super().__init__(status)
        self.status = status
        self.body = body


class JsonAnswers:
    """Answers each request by the document at its path.

    A document's key is a path such as `/api/v1/users`, or one with parameters, `/api/v1/policies?type=PASSWORD`, which
    counts where a request has all of them. A document may be a function of the request, and raise Refusal. `missing`
    makes the platform's own answer for a path without a document, and `headers` go with each answer. `now` is the
    platform's clock.
    """

    def __init__(
        self,
        now: Callable[[], datetime],
        missing: Callable[[httpx.Request], Refusal],
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.documents: dict[str, Document] = {}
        self._headers = headers
        self._now = now
        self._missing = missing

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        try:
            document = self._document(request)
            status, body = 200, document(request) if callable(document) else document
        except Refusal as refusal:
            status, body = refusal.status, refusal.body
        date = format_datetime(self._now().replace(microsecond=0), usegmt=True)
        headers = {**self._headers, "date": date, "content-type": "application/json"}
        return httpx.Response(status, content=msgspec.json.encode(body), headers=headers)

    def _document(self, request: httpx.Request) -> Document:
        path, asked = request.url.path, dict(request.url.params)
        for key, document in self.documents.items():
            at, _, wanted = key.partition("?")
            if at == path and _has(asked, wanted):
                return document
        raise self._missing(request)


def _has(asked: Mapping[str, str], wanted: str) -> bool:
    pairs = (pair.partition("=") for pair in wanted.split("&") if pair)
    return all(asked.get(name) == value for name, _, value in pairs)
