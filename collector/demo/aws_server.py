"""AWS on this machine: moto's server in this process, with what moto lacks, on a free port of the loopback."""

from __future__ import annotations

import logging
import os
import threading
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from types import TracebackType
from typing import Any, Final, Self

import boto3
from botocore.config import Config
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import BaseWSGIServer, make_server

from collector.demo.aws_access import gate
from collector.demo.aws_answers import World, own_answer
from collector.demo.aws_wire import ACCOUNT_HEADER, Application, Environ, StartResponse, recognise

REGIONS = ("eu-central-1", "eu-west-1", "us-east-1")
# Some 560 machine images a region, with their snapshots, that no company has.
_SETTINGS = {"MOTO_EC2_LOAD_DEFAULT_AMIS": "false"}
_SERVICES: Final = (
    "account",
    "cloudtrail",
    "config",
    "ec2",
    "iam",
    "kms",
    "organizations",
    "s3",
    "s3control",
    "sts",
)
# moto tells of each request, and of each call that it does not know.
_NOISE = ("werkzeug", "moto")


class _Quiet(MotoRequestHandler):
    """Serves without a line for each request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: the demo's own words are what people should read."""


class AwsDouble:
    """A stand-in for all of AWS, from `with` to its end.

    moto keeps its state in module globals, so there is one double a process; entering it starts from nothing.
    """

    def __init__(
        self, *, regions: tuple[str, ...] = REGIONS, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._regions = regions
        self._now = now
        self.world = World(now, regions)
        self.enforced = False
        self.behind: Application = _moto()
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None
        self._session = boto3.Session(aws_access_key_id="seeding", aws_secret_access_key="seeding")  # noqa: S106
        self._restore: list[Callable[[], object]] = []

    def __enter__(self) -> Self:
        self._set_environment()
        self._hush()
        self._server = make_server("127.0.0.1", 0, self._serve, threaded=True, request_handler=_Quiet)
        self._thread = threading.Thread(target=self._server.serve_forever, name="aws-double", daemon=True)
        self._thread.start()
        self.reset()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
        for undo in reversed(self._restore):
            undo()
        self._restore.clear()

    @property
    def url(self) -> str:
        """The endpoint of every service. Raises RuntimeError outside `with`."""
        if self._server is None:
            raise RuntimeError("the AWS double is not running: use it in a with statement")
        return f"http://127.0.0.1:{self._server.server_port}"

    def reset(self, *, seed: int = 27001) -> None:
        """Empty every account; the same seed gives the same ids again to the same calls in the same order."""
        self._tell("reset")
        self._tell(f"seed?a={seed}")
        self.enforced = False
        self.world = World(self._now, self._regions)

    def enforce(self, on: bool = True) -> None:
        """Let IAM policies count, for every client but those of `client`."""
        self.enforced = on

    def client(self, service: str, account: str, region: str = "us-east-1") -> Any:  # noqa: ANN401  boto3 makes its classes late
        """A client of boto3 that acts on any account past all policies: for seeding, never for what is tested."""
        # Virtual host names (bucket.127.0.0.1) do not resolve, and one try is enough on one machine.
        config = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
        made: Any = self._session.client(service, region, endpoint_url=self.url, config=config)  # type: ignore[call-overload]
        made.meta.events.register(
            "before-sign", lambda request, **_: request.headers.add_header(ACCOUNT_HEADER, account)
        )
        made.meta.events.register("before-send.s3-control", plain_host)
        return made

    @contextmanager
    def wrapped(self, wrap: Callable[[Application], Application]) -> Iterator[None]:
        """Put something between the double and moto for a while, such as a pager."""
        before = self.behind
        self.behind = wrap(before)
        try:
            yield
        finally:
            self.behind = before

    def _serve(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        call = recognise(environ)
        if call is not None:
            refused = gate(call) if self.enforced and call.account is None else None
            reply = own_answer(self.world, call) if refused is None else refused
            if reply is not None:
                return reply(start_response)
        return self.behind(environ, start_response)

    def _tell(self, what: str) -> None:
        request = urllib.request.Request(f"{self.url}/moto-api/{what}", method="POST")  # noqa: S310  our own loopback
        with urllib.request.urlopen(request) as answered:  # noqa: S310  the same
            answered.read()

    def _set_environment(self) -> None:
        for name, value in _SETTINGS.items():
            self._restore.append(partial(_put_back, name, os.environ.get(name)))
            os.environ[name] = value

    def _hush(self) -> None:
        for name in _NOISE:
            logger = logging.getLogger(name)
            self._restore.append(partial(logger.setLevel, logger.level))
            logger.setLevel(logging.CRITICAL + 1)


def _moto() -> Application:
    """All of moto's services behind one door.

    Making a service draws random numbers, so those in use are made at once: else the first seeding would give other ids
    than the next.
    """
    door = DomainDispatcherApplication(create_backend_app)
    for service in _SERVICES:
        door.app_instances[service] = create_backend_app(service)  # type: ignore[arg-type]  # its list lacks account
    return door


def _put_back(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value


def plain_host(request: Any, **_: Any) -> None:  # noqa: ANN401  botocore's event
    """Take the account off the host of an S3 Control request, where it does not resolve; a header names it as well."""
    account = request.headers["x-amz-account-id"]
    request.url = request.url.replace(f"//{account.decode() if isinstance(account, bytes) else account}.", "//", 1)
