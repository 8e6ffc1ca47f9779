"""An HTTP server on loopback that gives prepared answers in turn, behind the real SDK."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True)
class Reply:
    """One answer; without a status the connection is closed instead."""

    status: int | None = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def json_reply(body: object, status: int = 200, **headers: str) -> Reply:
    """An answer as the JSON services give it."""
    return Reply(status, json.dumps(body).encode(), {"Content-Type": "application/x-amz-json-1.1", **headers})


def json_error(code: str, status: int = 400, message: str = "made up") -> Reply:
    """A refusal as the JSON services give it."""
    return json_reply({"__type": code, "message": message}, status)


def xml_error(code: str, status: int, message: str = "made up") -> Reply:
    """A refusal as IAM and STS give it."""
    text = (
        "<ErrorResponse xmlns='https://iam.amazonaws.com/doc/2010-05-08/'><Error><Type>Sender</Type>"
        f"<Code>{code}</Code><Message>{message}</Message></Error><RequestId>r-1</RequestId></ErrorResponse>"
    )
    return Reply(status, text.encode(), {"Content-Type": "text/xml"})


def assumed(key: str, until: str = "2099-01-01T00:00:00Z") -> Reply:
    """Credentials of a role, as STS gives them."""
    return _sts(
        "AssumeRole",
        f"<Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
        f"<SessionToken>t</SessionToken><Expiration>{until}</Expiration></Credentials>",
    )


def identified(account: str) -> Reply:
    """Who asks, as STS says it."""
    return _sts("GetCallerIdentity", f"<Account>{account}</Account><Arn>arn:aws:iam::{account}:user/x</Arn>")


def _sts(operation: str, result: str) -> Reply:
    text = (
        f"<{operation}Response xmlns='https://sts.amazonaws.com/doc/2011-06-15/'><{operation}Result>{result}"
        f"</{operation}Result></{operation}Response>"
    )
    return Reply(200, text.encode(), {"Content-Type": "text/xml"})


class Played:
    """Gives its replies one by one, and the last one for ever; keeps what was asked."""

    def __init__(self) -> None:
        self.replies: list[Reply] = []
        self.asked: list[tuple[str, bytes, dict[str, str]]] = []
        self._lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _answer(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                outer._play(self, self.rfile.read(length))

            do_GET = do_POST = do_HEAD = do_PUT = _answer  # noqa: N815  names that the standard library asks for

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the standard library's name
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def plays(self, *replies: Reply | Iterable[Reply]) -> Played:
        """Set the answers."""
        self.replies = [item for reply in replies for item in ([reply] if isinstance(reply, Reply) else reply)]
        return self

    def _play(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        with self._lock:
            number = len(self.asked)
            self.asked.append((handler.path, body, {name.lower(): value for name, value in handler.headers.items()}))
            reply = self.replies[min(number, len(self.replies) - 1)]
        if reply.status is None:
            handler.close_connection = True
            return
        handler.send_response_only(reply.status)
        for name, value in {
            "Date": formatdate(usegmt=True),
            "Content-Length": str(len(reply.body)),
            **reply.headers,
        }.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(reply.body)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
