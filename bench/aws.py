"""A whole scan of one AWS account beside another scanner's of the same: CPU, memory, calls by service.

`python -m bench aws` measures annexd; with `--against prowler` Prowler too, in an environment of its own that is made
on demand from the package index. Prowler is given the services that annexd reads, so that both answer questions about
the same things; what each asks about them differs. The simulated AWS is a process of its own, which counts the calls.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from msgspec import Struct

from bench.prowler import PROWLER, prowler_command
from collector.demo.aws.double import AwsDouble
from collector.demo.aws.seeding import allow, policy
from collector.demo.in_process import Environ, StartResponse
from tests.doubles.aws_company import ACCOUNT, REGION, seed_company
from tests.doubles.served import served

_SCALES = (1, 5, 20)
_SERVICE = re.compile(r"Credential=[^/]+/[0-9]+/[^/]+/([^/]+)/aws4_request")


class Measured(Struct, frozen=True):
    """One scan: seconds of CPU and of the clock, peak memory in MB, calls by service, and the number of verdicts."""

    cpu: float
    took: float
    peak: float
    calls: Counter[str]
    verdicts: int


def run(*, against: str | None = None, scales: Sequence[int] = _SCALES) -> None:
    """Print both scans of an estate of each size, and Prowler's as a multiple of annexd's."""
    command = prowler_command() if against == "prowler" else None
    if against == "prowler" and command is None:
        print(f"Prowler is not here and could not be installed: only annexd's figures follow. To have them: {PROWLER}")
    elif against is None:
        print("with --against prowler its figures stand beside these")
    print(f"{'estate':>6} {'scanner':>8} {'CPU s':>7} {'took s':>7} {'peak MB':>8} {'calls':>6} {'verdicts':>9}")
    for scale in scales:
        with simulated(scale) as server:
            own = _annexd(server)
            _print(scale, "annexd", own)
            if command is not None:
                other = _prowler(server, command)
                _print(scale, "prowler", other)
                ratios = (other.cpu / own.cpu, other.peak / own.peak, other.calls.total() / own.calls.total())
                print(f"{'':>6} {'ratio':>8} {ratios[0]:>7.1f} {'':>7} {ratios[1]:>8.1f} {ratios[2]:>6.1f}")


def _print(scale: int, scanner: str, one: Measured) -> None:
    total = one.calls.total()
    print(
        f"{f'{scale}x':>6} {scanner:>8} {one.cpu:>7.1f} {one.took:>7.1f} {one.peak:>8.0f} {total:>6} {one.verdicts:>9}"
        f"   {', '.join(f'{service} {count}' for service, count in sorted(one.calls.items()))}",
        flush=True,
    )


class Server:
    """The simulated AWS of another process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        if process.stdin is None or process.stdout is None:
            raise TypeError("the process is started with pipes")
        self._asks, self._says = process.stdin, process.stdout
        given = self._answer()
        self.url: str = given["url"]
        self.environment: Mapping[str, str] = given["environment"]

    def calls(self) -> Counter[str]:
        """Return the calls by service since the last time."""
        self._asks.write("calls\n")
        self._asks.flush()
        return Counter(self._answer())

    def _answer(self) -> Any:  # noqa: ANN401  JSON
        return json.loads(self._says.readline())


@contextmanager
def simulated(scale: int) -> Iterator[Server]:
    """Start the simulated AWS with an estate of a size."""
    process = subprocess.Popen(  # noqa: S603  this very program
        [sys.executable, "-m", "bench.aws", "serve", str(scale)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Server(process)
    finally:
        process.communicate()


def _annexd(server: Server) -> Measured:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "bench.aws", "scan", server.url, folder]
        return _measured(server, command, lambda: int(Path(folder, "verdicts").read_text()))


def _prowler(server: Server, command: str) -> Measured:
    from collector.setup.loading import connector

    services = {call.partition(":")[0] for call in connector("aws").connector.calls()} - {"s3control", "sts"}
    services |= {"vpc"} if "ec2" in services else set()
    with tempfile.TemporaryDirectory() as folder:
        words = [command, "aws", "--service", *sorted(services), "--region", REGION, "--no-banner"]
        words += ["--ignore-exit-code-3", "--output-formats", "json-ocsf", "--output-directory", folder]
        return _measured(server, words, lambda: _findings(folder))


def _findings(folder: str) -> int:
    return sum(len(json.loads(path.read_text())) for path in Path(folder).glob("*.ocsf.json"))


def _measured(server: Server, command: Sequence[str], verdicts: Callable[[], int]) -> Measured:
    server.calls()
    environment = {
        **os.environ,
        **server.environment,
        "AWS_ENDPOINT_URL": server.url,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
    began = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, env=environment, stdout=said, stderr=said)  # noqa: S603  two scanners
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        took = time.perf_counter() - began
        if process.returncode != 0:
            said.seek(0)
            raise SystemExit(f"{command[0]} ended with {process.returncode}: {said.read()[-2000:].decode()}")
    return Measured(used.ru_utime + used.ru_stime, took, used.ru_maxrss / 1024, server.calls(), verdicts())


def _scan(url: str, folder: str) -> None:
    """Scan as the command does, with every check, into a store in a folder, and leave the number of verdicts there."""
    from collector.engine.clock import SystemClock
    from collector.engine.rule import Rule
    from collector.engine.run import Limits, Runner, RunRequest
    from collector.engine.sources import Source
    from collector.setup.loading import connector
    from connectors.aws._sdk.settings import Settings
    from storage import open_store
    from tests.played.silent import Silent

    loaded = connector("aws")
    clock = SystemClock()
    with open_store(
        f"sqlite:///{folder}/bench.db", writer=True, key_file=Path(folder) / "key", clock=lambda: datetime.now(UTC)
    ) as store:
        runner = Runner(
            store=store,
            sources=[Source("bench", loaded.connector, Settings(regions=(REGION,), endpoint_url=url))],
            rules=[Rule(check, check.limit_values({})) for check in loaded.checks.values()],
            clock=clock,
            redaction_key=store.redaction_key,
            events=Silent(),
            limits=Limits(),
        )
        runner.run(RunRequest("bench", "bench", "0", "code", "config"))
        Path(folder, "verdicts").write_text(str(sum(1 for _ in store.findings())))


class _Counting:
    """Counts the calls to the double by the service that they are signed for, and refuses what it cannot answer.

    An error of the server would be tried again by each client, which is no work that a scanner has on AWS.
    """

    def __init__(self, application: AwsDouble) -> None:
        self._application = application
        self.calls: Counter[str] = Counter()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        match = _SERVICE.search(environ.get("HTTP_AUTHORIZATION", ""))
        self.calls[match[1] if match else "unsigned"] += 1
        try:
            return self._application(environ, start_response)
        except Exception:  # noqa: BLE001  moto raises what it likes for what it does not have
            start_response("403 Forbidden", [("Content-Length", "0")])
            return [b""]


def _serve(scale: int) -> None:
    with AwsDouble(keeps_answers=True) as double:
        keys = seed_company(double)
        _grow(double, scale)
        counting = _Counting(double)
        environment = {
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
            "AWS_SESSION_TOKEN": keys["SessionToken"],
        }
        with served(counting) as url:
            print(json.dumps({"url": url, "environment": environment}), flush=True)
            for _ in sys.stdin:
                counted, counting.calls = counting.calls, Counter()
                print(json.dumps(counted), flush=True)


def _grow(double: AwsDouble, scale: int) -> None:
    """Add some forty resources for each unit of the scale, of the kinds of which an account has many."""
    s3, iam, ec2 = (double.client(name, ACCOUNT, REGION) for name in ("s3", "iam", "ec2"))
    trust = policy(allow("sts:AssumeRole", Principal={"AWS": ACCOUNT}))
    network = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    for number in range(10 * scale):
        s3.create_bucket(Bucket=f"bench-{number:04}", CreateBucketConfiguration={"LocationConstraint": REGION})
        iam.create_role(RoleName=f"bench-{number:04}", AssumeRolePolicyDocument=trust)
        iam.create_user(UserName=f"bench-{number:04}")
        iam.create_access_key(UserName=f"bench-{number:04}")
        group = ec2.create_security_group(GroupName=f"bench-{number:04}", Description="bench", VpcId=network)
        ec2.authorize_security_group_ingress(
            GroupId=group["GroupId"],
            IpPermissions=[
                {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
            ],
        )
        volume = ec2.create_volume(Size=1, AvailabilityZone=f"{REGION}a")["VolumeId"]
        if number % 5 == 0:
            ec2.create_snapshot(VolumeId=volume)
            iam.create_policy(PolicyName=f"bench-{number:04}", PolicyDocument=policy(allow("s3:ListBucket")))


if __name__ == "__main__":
    _serve(int(sys.argv[2])) if sys.argv[1] == "serve" else _scan(*sys.argv[2:])
