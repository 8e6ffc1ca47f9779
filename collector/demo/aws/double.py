"""The AWS double: moto's services and the answers that moto lacks, as one WSGI application in this process."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import partial
from itertools import count
from types import TracebackType
from typing import Any, Final, Self

import boto3
from botocore.config import Config
from moto.moto_api._internal import mock_random
from moto.moto_api._internal.models import moto_api_backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from collector.demo.aws.access import account_of, refusal_of
from collector.demo.aws.answers import World, own_answer
from collector.demo.aws.inventory_answers import with_paths
from collector.demo.aws.moto_clock import moto_dates_by
from collector.demo.aws.transport import botocore_in_process
from collector.demo.aws.wire import ACCOUNT_HEADER, Call, Reply, recognise
from collector.demo.in_process import Answer, Application, Environ, StartResponse, answering, ask, body_of

REGIONS = ("eu-central-1", "eu-west-1")
# Without it moto adds some 560 machine images with their snapshots to each region.
_SETTINGS = {"MOTO_EC2_LOAD_DEFAULT_AMIS": "false"}
_SERVICES: Final = (
    "account",
    "acm",
    "cloudfront",
    "cloudtrail",
    "config",
    "dynamodb",
    "ec2",
    "ecr",
    "efs",
    "eks",
    "elb",
    "elbv2",
    "iam",
    "kms",
    "lambda",
    "logs",
    "organizations",
    "rds",
    "s3",
    "s3control",
    "secretsmanager",
    "sts",
    "sso-admin",
    "identitystore",
)
_JSON = "application/x-amz-json-1.1"  # moto states the type of every answer in XML
_READS = ("Describe", "Get", "List")
_NUMBERS = count(1)


class AwsDouble:
    """A simulated AWS while its `with` block runs: a WSGI application that answers botocore in this process.

    moto keeps its state in module globals, so there is one state per process; entering the double empties it. With
    `keeps_answers` moto's answer to a read is cached until something is written through `client`.
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
            self._running.callback(_restore_variable, name, os.environ.get(name))
            os.environ[name] = value
        logger = logging.getLogger("moto")  # it logs each call that it does not support
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
            return start_response(status, [*(header for header in headers if header[0].lower() != "date"), date], *rest)

        return self.respond(environ, dated)

    @property
    def url(self) -> str:
        """The endpoint of every service, for clients of this process. Raises RuntimeError outside `with`."""
        if not self._is_running:
            raise RuntimeError("the AWS double is not running: use it in a with statement")
        return f"https://{self._host}"

    def forget_answers(self, *services: str) -> None:
        """Drop the cached answers, of all or these services: needed after moto's state was changed past `client`."""
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
        """Enforce IAM policies, for every client but those of `client`."""
        self.enforced = on

    def client(self, service: str, account: str, region: str = "us-east-1") -> Any:  # noqa: ANN401  boto3 makes its classes late
        """Return a boto3 client that acts on any account past all policies, for seeding only."""
        # Host names of buckets (bucket.aws-1.invalid) do not resolve here, and no retry is needed.
        config = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
        made: Any = self._session.client(service, region, endpoint_url=self.url, config=config)
        made.meta.events.register(
            "before-sign", lambda request, **_: request.headers.add_header(ACCOUNT_HEADER, account)
        )
        made.meta.events.register("before-send.s3-control", plain_host)
        return made

    @contextmanager
    def wrapped(self, wrap: Callable[[Application], Application]) -> Iterator[None]:
        """Wrap moto in another application, such as a pager, while the context is open."""
        before = self.behind
        self.behind = wrap(before)
        try:
            yield
        finally:
            self.behind = before

    def respond(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request: with a refusal, with an answer of the double, or with moto's."""
        call = recognise(environ)
        if call is not None:
            refused = refusal_of(call) if self.enforced and call.account is None else None
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
        # Each scan assumes the roles anew: of its keys only the account counts, but where the caller is asked for.
        asks = call.access_key if call.service == "sts" else account_of(call)
        key = (call.service, call.region, asks, *where)
        answer = self._kept.get(key)
        if answer is None:
            answer = self._kept[key] = ask(self.behind, environ)
        start_response(f"{answer.status} -", list(answer.headers.items()))
        return [answer.body]


class _Moto:
    """All of moto's services as one application.

    Creating a service draws random numbers, so all in use are created at once: the first seeding then gives the same
    ids as the next.
    """

    def __init__(self) -> None:
        self._all = DomainDispatcherApplication(create_backend_app)
        self._services: dict[str, Application] = {}
        for service in _SERVICES:
            made: Any = create_backend_app(service)  # type: ignore[arg-type]  # its list lacks account
            self._services[service] = self._all.app_instances[service] = made

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        # moto takes any other host name for that of a bucket.
        environ["HTTP_HOST"] = "localhost"
        # moto's own dispatcher searches a folder under a lock for each request.
        call = recognise(environ)
        known = None if call is None else self._services.get(call.service)
        if call is not None and known is not None:
            if call.operation == "GetBucketVersioning":
                return _as_s3_names_it(ask(known, environ))(start_response)
            if (call.service, call.operation) == ("organizations", "ListAccounts"):
                return with_paths(call, ask(known, environ))(partial(_typed, start_response))
            return known(environ, partial(_typed, start_response))
        answer: Iterable[bytes] = self._all(environ, start_response)
        return answer


def _typed(start_response: StartResponse, status: str, headers: list[tuple[str, str]], *rest: object) -> Any:  # noqa: ANN401  WSGI's
    """Begin an answer without a checksum, and as JSON where moto states no type and WSGI calls it a web page."""
    own = {name.lower(): value for name, value in headers}
    own.pop("x-amz-crc32", None)  # of DynamoDB; whoever changes its answers on the way would have to make it anew
    if own.get("content-type", "").startswith("text/html"):
        own["content-type"] = _JSON
    return start_response(status, list(own.items()), *rest)


def _as_s3_names_it(answer: Answer) -> Reply:
    """Return moto's answer on versioning under the root element that S3 has; botocore's model names none."""
    headers = tuple((name, value) for name, value in answer.headers.items() if name != "content-length")
    body = answer.body.replace(b"GetBucketVersioningResponse", b"VersioningConfiguration")
    return Reply(answer.status, headers, body)


def _restore_variable(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value


def plain_host(request: Any, **_: Any) -> None:  # noqa: ANN401  botocore's event
    """Remove the account from the host of an S3 Control request, which does not resolve; a header names it too."""
    account = request.headers["x-amz-account-id"]
    request.url = request.url.replace(f"//{account.decode() if isinstance(account, bytes) else account}.", "//", 1)
