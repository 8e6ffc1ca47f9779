"""AWS for tests: one double per session, empty or with Acme, roles with fewer permissions, and a proxy for faults."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
import botocore.session
import httpx
import pytest
from aiohttp import web
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.loaders import Loader
from microburst.app import make_app
from microburst.core.pipeline import Microburst

from collector.demo.aws.access import caller
from collector.demo.aws.company import AwsCompany, seed
from collector.demo.aws.double import AwsDouble, plain_host
from collector.demo.aws.seeding import allow, deny, policy
from tests.doubles.aws_pages import Pager
from tests.doubles.served import served

# One for all logins, so that the service models are read from disk once.
_LOADER = Loader()
_NUMBERS = itertools.count(900_000_000_000)


@pytest.fixture(scope="session")
def aws_double() -> Iterator[AwsDouble]:
    """Return the one double of this process, with the state that the last test left."""
    with AwsDouble() as double:
        yield double


@pytest.fixture
def aws(aws_double: AwsDouble) -> AwsDouble:
    """Return the double emptied, without enforced policies."""
    aws_double.reset()
    return aws_double


@dataclass(frozen=True)
class Acme:
    """The double with the demo's company, to be read only."""

    double: AwsDouble
    company: AwsCompany


_SEEDED: list[tuple[object, Acme]] = []


@pytest.fixture
def acme(aws_double: AwsDouble) -> Acme:
    """Return the double with the demo's company, which is built again where another test emptied the double.

    moto's state is per process, so that a double of another folder's tests may have emptied it, too: then the key of
    the scan does not exist.
    """
    for world, built in _SEEDED:
        if world is aws_double.world and caller(built.company.access_key_id) is not None:
            return built
    company = seed(aws_double)
    _SEEDED[:] = [(aws_double.world, Acme(aws_double, company))]
    return _SEEDED[0][1]


def fresh_account() -> str:
    """Return a number that no other test uses; an account exists as soon as something is created in it."""
    return str(next(_NUMBERS))


@dataclass(frozen=True)
class Login:
    """Credentials, and the endpoint that accepts them."""

    url: str
    access_key_id: str
    secret_access_key: str
    session_token: str | None = None

    def client(self, service: str, region: str = "eu-central-1", *, attempts: int = 1) -> Any:
        """Return a boto3 client, subject to policies, that tries each call up to `attempts` times."""
        core = botocore.session.Session()
        core.register_component("data_loader", _LOADER)
        session = boto3.Session(self.access_key_id, self.secret_access_key, self.session_token, botocore_session=core)
        config = Config(retries={"total_max_attempts": attempts, "mode": "standard"}, s3={"addressing_style": "path"})
        made: Any = session.client(service, region, endpoint_url=self.url, config=config)  # type: ignore[call-overload]
        made.meta.events.register("before-send.s3-control", plain_host)
        return made

    def enter(self, role_arn: str, **more: str) -> Login:
        """Assume a role, and return its login."""
        given = self.client("sts").assume_role(RoleArn=role_arn, RoleSessionName="test", **more)["Credentials"]
        return Login(self.url, given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])


def limited(double: AwsDouble, account: str, *denied: str, name: str = "limited") -> Login:
    """Create a role that may do everything but these actions, enforce policies, and return the role's login."""
    iam = double.client("iam", account)
    trust = policy({"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"})
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    statements = [allow("*"), *([deny(*denied)] if denied else [])]
    iam.put_role_policy(RoleName=name, PolicyName="limits", PolicyDocument=policy(*statements))
    given = double.client("sts", account).assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
    double.enforce()
    return Login(double.url, given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])


def refused_with(call: Callable[..., Any], **arguments: Any) -> tuple[str, int]:
    """Make a call that has to fail, and return AWS's error code and the HTTP status."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    response = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


@contextmanager
def pages(double: AwsDouble, *, size: int) -> Iterator[Pager]:
    """Let the double answer at most `size` items per page."""
    made: list[Pager] = []

    def wrap(moto: Any) -> Pager:
        made.append(Pager(moto, size=size))
        return made[0]

    with double.wrapped(wrap):
        yield made[0]


class Burst:
    """A proxy that throttles, refuses and fails calls as AWS does, and lists which."""

    def __init__(self, url: str) -> None:
        self.url = url

    def rules(self, rules: Sequence[Mapping[str, Any]]) -> None:
        """Replace the rules, such as {"service": "iam", "operation": "ListUsers", "error": {"code": "Throttling"}}."""
        httpx.post(f"{self.url}/_microburst/rules", json=list(rules)).raise_for_status()

    def fired(self) -> list[dict[str, Any]]:
        """Return the events of the proxy, the oldest first."""
        answered = httpx.get(f"{self.url}/_microburst/fired").raise_for_status().json()
        events: list[dict[str, Any]] = answered["fired"] if isinstance(answered, dict) else answered
        return events


@contextmanager
def burst(double: AwsDouble) -> Iterator[Burst]:
    """Start microburst in front of a double, on a loop of its own, and yield it."""
    with served(double) as url, _proxy(url) as proxy:
        yield proxy


@contextmanager
def _proxy(url: str) -> Iterator[Burst]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="microburst", daemon=True)
    thread.start()
    runner = web.AppRunner(make_app(Microburst(url)), access_log=None)

    async def start() -> str:
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        return f"http://{host}:{port}"

    try:
        yield Burst(asyncio.run_coroutine_threadsafe(start(), loop).result(timeout=30))
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(timeout=30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=30)
        loop.close()
