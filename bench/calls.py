"""CPU seconds of this process for each call of a scan, beside a raw client that makes the same calls.

The simulated platforms are processes of their own. The raw client is boto3 for AWS and httpx for GitHub; it makes the
calls that the scan made, with as many threads, decodes the answers and keeps nothing. The goal is a ratio of 1.3.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any
from unittest.mock import patch

import httpx
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.session import Session
from msgspec import Struct

from bench.github import simulated_github
from collector.contract.memory_store import MemoryStore
from collector.core.resources import Body
from collector.core.secrets import Secret
from collector.demo.aws.double import AwsDouble
from collector.engine.clock import SystemClock
from collector.engine.run import Limits, Runner, RunRequest
from collector.engine.sources import Source
from collector.setup.loading import connector
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.settings import Settings as AwsSettings
from connectors.aws._sdk.sign_in import drop_account_from_host
from connectors.github._sdk import http_pool
from connectors.github._sdk.client import _SIGN_INS
from connectors.github._sdk.settings import Settings as GitHubSettings
from tests.doubles.aws_company import ACCOUNT, REGION, seed_company
from tests.doubles.served import served
from tests.played.silent import Silent

_GOAL = 1.3
_REPEATS = 3
_BUCKETS = 120
_REPOSITORIES = 60
_THREADS = 8


def run() -> None:
    """Print both platforms."""
    print(f"{'platform':>9} {'calls':>6} {'scan ms':>8} {'raw ms':>7} {'ratio':>6}   a call, CPU; the goal is {_GOAL}")
    _print("aws", *_aws())
    _print("github", *_github())


def _print(platform: str, calls: int, scan: float, raw: float) -> None:
    print(f"{platform:>9} {calls:>6} {scan / calls * 1000:>8.2f} {raw / calls * 1000:>7.2f} {scan / raw:>6.2f}")


AwsCall = tuple[str, str, str, dict[str, Any]]
"""Service, region, operation and parameters."""


def _aws() -> tuple[int, float, float]:
    with _simulated_aws() as given, patch.dict(os.environ, given["environment"]):
        settings = AwsSettings(regions=(REGION,), endpoint_url=given["url"], accounts=(ACCOUNT,))
        asked: list[AwsCall] = []
        own = Account.call

        def noted(self: Account, service: str, operation: str, *, region: str | None = None, **params: Any) -> Body:  # noqa: ANN401
            asked.append((service, region or self.region, operation, params))
            return own(self, service, operation, region=region, **params)

        with patch.object(Account, "call", noted):
            _scan("aws", settings)
        return _compare(lambda: _scan("aws", settings), lambda: _raw_aws(given["url"], asked))


def _raw_aws(url: str, asked: list[AwsCall]) -> None:
    session = Session()
    lock = threading.Lock()
    clients: dict[tuple[str, str], Any] = {}
    config = Config(
        max_pool_connections=16,
        s3={"addressing_style": "path"},
        retries={"mode": "standard"},
    )

    def one(call: AwsCall) -> None:
        service, region, operation, params = call
        with lock:
            if (service, region) not in clients:
                clients[service, region] = session.create_client(
                    service, region_name=region, endpoint_url=url, config=config
                )
                clients[service, region].meta.events.register("before-sign.s3-control", drop_account_from_host)
        with suppress(ClientError):
            getattr(clients[service, region], xform_name(operation))(**params)

    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(one, asked))


def _github() -> tuple[int, float, float]:
    with simulated_github(_REPOSITORIES, latency=0.0) as url:
        settings = GitHubSettings(token=Secret("the bench", lambda: "made up"), organizations=("acme",), url=url)
        asked: list[tuple[str, str, str | None]] = []
        own = http_pool.Connection.request

        # The rest of the parameters is as PyGithub gives them.
        def noted(self: http_pool.Connection, verb: str, path: str, body: str | None, *rest: Any, **named: Any) -> None:  # noqa: ANN401
            asked.append((verb, path, body))
            own(self, verb, path, body, *rest, **named)

        with patch.object(http_pool.Connection, "request", noted):
            _scan("github", settings)

        def fresh() -> int:
            _SIGN_INS.clear()  # with their answers, so that nothing is answered by the cache
            return _scan("github", settings)

        return _compare(fresh, lambda: _raw_github(url, asked))


def _raw_github(url: str, asked: list[tuple[str, str, str | None]]) -> None:
    headers = {"Authorization": "token made up", "Accept": "application/vnd.github+json"}
    with httpx.Client(base_url=url, headers=headers) as client, ThreadPoolExecutor(_THREADS) as pool:

        def one(call: tuple[str, str, str | None]) -> None:
            answer = client.request(call[0], call[1], content=call[2])
            if answer.content:
                json.loads(answer.content)

        list(pool.map(one, asked))


def _compare(scan: Callable[[], int], raw: Callable[[], None]) -> tuple[int, float, float]:
    """Return the calls of a scan, and the least CPU seconds of scan and raw client over pairs of runs."""
    scans, raws, calls = [], [], 0
    for _ in range(_REPEATS):
        began = time.process_time()
        calls = scan()
        scans.append(time.process_time() - began)
        began = time.process_time()
        raw()
        raws.append(time.process_time() - began)
    return calls, min(scans), min(raws)


def _scan(name: str, settings: Struct) -> int:
    """Scan without checks and with a store in memory, and return the calls."""
    clock = SystemClock()
    runner = Runner(
        store=MemoryStore(clock.now),
        sources=[Source("bench", connector(name).connector, settings)],
        rules=[],
        clock=clock,
        redaction_key=b"a key for the bench",
        events=Silent(),
        limits=Limits(),
    )
    return runner.run(RunRequest("bench", "bench", "0", "", "")).requests


@contextmanager
def _simulated_aws() -> Iterator[Mapping[str, Any]]:
    server = subprocess.Popen(
        [sys.executable, "-m", "bench.calls", "serve"], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    )
    try:
        yield json.loads(next(iter(server.stdout or ())))
    finally:
        server.communicate()


def _serve() -> None:
    with AwsDouble(keeps_answers=True) as double:
        keys = seed_company(double)
        s3 = double.client("s3", ACCOUNT)
        for number in range(_BUCKETS):
            s3.create_bucket(Bucket=f"bench-{number:04}", CreateBucketConfiguration={"LocationConstraint": REGION})
        environment = {
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
            "AWS_SESSION_TOKEN": keys["SessionToken"],
        }
        with served(double) as url:
            print(json.dumps({"url": url, "environment": environment}), flush=True)
            sys.stdin.read()


if __name__ == "__main__":
    _serve() if sys.argv[1:] == ["serve"] else run()
