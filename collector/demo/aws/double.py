"""AWS inside this process: moto's services as one WSGI application, with what moto lacks."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from itertools import count
from types import TracebackType
from typing import Any, Final, Self

import boto3
from botocore.config import Config
from moto.moto_api._internal import mock_random
from moto.moto_api._internal.models import moto_api_backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from collector.demo.aws.access import gate
from collector.demo.aws.answers import World, own_answer
from collector.demo.aws.moto_clock import moto_dates_by
from collector.demo.aws.transport import botocore_in_process
from collector.demo.aws.wire import ACCOUNT_HEADER, Call, recognise
from collector.demo.in_process import Answer, Application, Environ, StartResponse, answering, ask, body_of

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
_READS = ("Describe", "Get", "List")
_NUMBERS = count(1)


class AwsDouble:
    """A stand-in for all of AWS, from `with` to its end: a WSGI application that answers botocore in this process.

    moto keeps its state in module globals, so there is one company a process; entering it starts from nothing. With
    `keeps_answers` what moto answers to a read is kept until something is written through `client`.
    """

    def __init__(
        self,
        *,
        regions: tuple[str, ...] = REGIONS,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        host: str | None = None,
        keeps_answers: bool = False,
    ) -> None:
        self._regions = regions
        self._now = now
        self._host = host or f"aws-{next(_NUMBERS)}.invalid"
        self.world = World(now, regions)
        self.enforced = False
        self.behind: Application = _Moto()
        self._keeps_answers = keeps_answers
        self._kept: dict[tuple[object, ...], Answer] = {}
        self._running = ExitStack()
        self._is_running = False
        self._session: Any = None

    def __enter__(self) -> Self:
        for name, value in _SETTINGS.items():
            self._running.callback(_put_back, name, os.environ.get(name))
            os.environ[name] = value
        logger = logging.getLogger("moto")  # it tells of each call that it does not know
        self._running.callback(logger.setLevel, logger.level)
        logger.setLevel(logging.CRITICAL + 1)
        self._running.enter_context(botocore_in_process())
        self._running.enter_context(moto_dates_by(self._now))
        self._running.enter_context(answering(self, self._host))
        self._session = boto3.Session(aws_access_key_id="seeding", aws_secret_access_key="seeding")  # noqa: S106
        self._is_running = True
        self.reset()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._is_running = False
        self._running.close()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request, dated by the double's clock."""

        def dated(status: str, headers: list[tuple[str, str]], *rest: object) -> Any:  # noqa: ANN401  WSGI's
            date = ("Date", format_datetime(self._now(), usegmt=True))
            return start_response(status, [*(one for one in headers if one[0].lower() != "date"), date], *rest)

        return self.respond(environ, dated)

    @property
    def url(self) -> str:
        """The endpoint of every service, for clients of this process. Raises RuntimeError outside `with`."""
        if not self._is_running:
            raise RuntimeError("the AWS double is not running: use it in a with statement")
        return f"https://{self._host}"

    def forget_answers(self, *services: str) -> None:
        """Ask moto again, for everything or these services: needed where its state was changed past `client`."""
        for key in [key for key in self._kept if not services or key[0] in services]:
            del self._kept[key]

    def reset(self, *, seed: int = 27001) -> None:
        """Empty every account; the same seed gives the same ids again to the same calls in the same order."""
        moto_api_backend.reset()
        mock_random.seed(seed)
        self.enforced = False
        self.world = World(self._now, self._regions)
        self.forget_answers()

    def enforce(self, on: bool = True) -> None:
        """Let IAM policies count, for every client but those of `client`."""
        self.enforced = on

    def client(self, service: str, account: str, region: str = "us-east-1") -> Any:  # noqa: ANN401  boto3 makes its classes late
        """A client of boto3 that acts on any account past all policies: for seeding, never for what is tested."""
        # Host names of buckets (bucket.aws-1.invalid) are not known here, and one try is enough.
        config = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
        made: Any = self._session.client(service, region, endpoint_url=self.url, config=config)
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

    def respond(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request: refuse it, answer it here, or leave it to moto."""
        call = recognise(environ)
        if call is not None:
            refused = gate(call) if self.enforced and call.account is None else None
            reply = own_answer(self.world, call) if refused is None else refused
            if reply is not None:
                return reply(start_response)
        return self._moto(call, environ, start_response)

    def _moto(self, call: Call | None, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if not self._keeps_answers or call is None or call.account is not None or not call.operation.startswith(_READS):
            if call is None or not call.operation.startswith(_READS):
                self.forget_answers()
            return self.behind(environ, start_response)
        where = (environ["PATH_INFO"], environ["QUERY_STRING"], environ.get("HTTP_X_AMZ_TARGET"), body_of(environ))
        key = (call.service, call.region, call.access_key, *where)
        answer = self._kept.get(key)
        if answer is None:
            answer = self._kept[key] = ask(self.behind, environ)
        start_response(f"{answer.status} -", list(answer.headers.items()))
        return [answer.body]


class _Moto:
    """All of moto's services as one application.

    Making a service draws random numbers, so those in use are made at once: else the first seeding would give other ids
    than the next.
    """

    def __init__(self) -> None:
        self._all = DomainDispatcherApplication(create_backend_app)
        self._services: dict[str, Application] = {}
        for service in _SERVICES:
            made: Any = create_backend_app(service)  # type: ignore[arg-type]  # its list lacks account
            self._services[service] = self._all.app_instances[service] = made

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        # In any other name moto sees one of a bucket.
        environ["HTTP_HOST"] = "localhost"
        # moto's own way to the service of a request looks through a folder under a lock each time.
        call = recognise(environ)
        known = None if call is None else self._services.get(call.service)
        if known is not None:
            return known(environ, start_response)
        answer: Iterable[bytes] = self._all(environ, start_response)
        return answer


def _put_back(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value


def plain_host(request: Any, **_: Any) -> None:  # noqa: ANN401  botocore's event
    """Take the account off the host of an S3 Control request, where it is not known; a header names it as well."""
    account = request.headers["x-amz-account-id"]
    request.url = request.url.replace(f"//{account.decode() if isinstance(account, bytes) else account}.", "//", 1)
