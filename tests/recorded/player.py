"""Plays a recording of answers to a connector, at the level of its transport."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
from botocore.awsrequest import AWSResponse, HeadersDict
from botocore.handlers import BUILTIN_HANDLERS

from collector.actions.recording.bodies import SERVER, sent_json
from collector.actions.recording.folder import ANSWERS, DESCRIPTION
from collector.actions.recording.scrubbing import plain_params
from collector.core.scopes import Scope
from connectors._http import answered_by
from connectors.aws._sdk.wire_hooks import current_call

NOT_RECORDED = 501
"""The status with which a request is answered that the recording has no answer to."""


@dataclass
class Recording:
    """The answers of a folder. `missing` counts the requests that it had no answer to."""

    about: dict[str, Any]
    answers: list[dict[str, Any]]
    missing: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, folder: Path) -> Recording:
        """Read a folder."""
        answers = [
            answer for path in sorted((folder / ANSWERS).glob("*.json")) for answer in json.loads(path.read_text())
        ]
        return cls(json.loads((folder / DESCRIPTION).read_text()), answers)

    @property
    def scopes(self) -> list[Scope]:
        """The scopes that the settings named, by their invented names."""
        return [tuple(scope) for scope in self.about["scopes"]]

    def answer(self, asked: dict[str, Any], places: list[Scope]) -> dict[str, Any] | None:
        """Return the answer to a request, of the first place in which there is one; None where there is none."""
        found = [answer for answer in self.answers if {name: answer.get(name) for name in asked} == asked]
        for place in places:
            for answer in found:
                if tuple(answer["scope"]) == place:
                    return answer
        if found and not places:
            return found[0]
        self.missing[json.dumps(asked, sort_keys=True)] += 1
        return None


def body_of(answer: dict[str, Any] | None) -> bytes:
    """Return the body of an answer."""
    if answer is None:
        return b'{"message": "not recorded"}'
    if "json" in answer:
        return json.dumps(answer["json"]).encode()
    return str(answer.get("xml", answer.get("text", ""))).encode()


@contextmanager
def playing_aws(recording: Recording) -> Iterator[None]:
    """Answer every request of clients of botocore's that are created while the context is open."""

    class Client:
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            endpoint: Any = getattr(self, "_endpoint")  # noqa: B009  of botocore's BaseClient
            endpoint.http_session = _AwsSession(recording)

    def add(base_classes: list[type], **_: object) -> None:
        base_classes.insert(0, Client)

    handler = ("creating-client-class", add)
    BUILTIN_HANDLERS.append(handler)
    try:
        yield
    finally:
        BUILTIN_HANDLERS.remove(handler)


class _AwsSession:
    def __init__(self, recording: Recording) -> None:
        self._recording = recording

    def send(self, request: Any) -> AWSResponse:
        call = current_call()
        asked = {"operation": call.operation, "params": json.loads(json.dumps(plain_params(call.params)))}
        region = request.headers["Authorization"]
        region = (region.decode() if isinstance(region, bytes) else region).split("/")[2]
        scopes = [tuple(answer["scope"]) for answer in self._recording.answers]
        # Of one account each, as the doubles have it: what is asked in a region was recorded there or above it.
        places = sorted({scope for scope in scopes if len(scope) < 2 or scope[1] == region}, key=len, reverse=True)
        answer = self._recording.answer(asked, places)
        headers = {"date": format_datetime(datetime.now(UTC), usegmt=True), **(answer["headers"] if answer else {})}
        status = answer["status"] if answer else NOT_RECORDED
        return AWSResponse(request.url, status, HeadersDict(headers), _Body(body_of(answer)))  # type: ignore[arg-type]  # any object with a stream

    def close(self) -> None:
        """There is nothing to close."""


class _Body(io.BytesIO):
    def stream(self, size: int = -1, **_: object) -> Iterator[bytes]:
        while piece := self.read(size):
            yield piece


@contextmanager
def playing_github(recording: Recording, host: str = "recorded.invalid") -> Iterator[str]:
    """Answer the requests for a host while the context is open, and yield the address for them."""
    url = f"https://{host}"
    with answered_by(_GitHub(recording, url), url):
        yield url


@dataclass
class _GitHub:
    recording: Recording
    url: str

    def __call__(self, request: httpx.Request) -> httpx.Response:
        at = urlsplit(str(request.url))
        query = urlencode(parse_qsl(at.query, keep_blank_values=True))
        asked: dict[str, Any] = {"target": f"{at.path}?{query}" if query else at.path}
        if request.content:
            asked["sent"] = sent_json(request.content)
        answer = self.recording.answer(asked, [])
        headers = {"date": format_datetime(datetime.now(UTC), usegmt=True), "content-type": "application/json"}
        if answer is not None:
            headers |= {name: text.replace(SERVER, self.url) for name, text in answer["headers"].items()}
        return httpx.Response(
            answer["status"] if answer else NOT_RECORDED,
            headers=headers,
            content=b"" if answer is not None and "json" not in answer else body_of(answer),
        )
