"""The simulated AWS that both scanners read, as a process: the small company of the tests, and what it grows by.

The company has two of everything that annexd reads.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterable
from contextlib import redirect_stdout

from bench.aws_answers import ALSO
from bench.aws_growth import grow
from bench.aws_second import PAIRS
from collector.demo.aws.double import AwsDouble
from collector.demo.aws.wire import Reply, recognise
from collector.demo.in_process import Answer, Environ, StartResponse, ask
from tests.doubles.aws_company import seed_company
from tests.doubles.aws_door import Steered
from tests.doubles.served import served

_SERVICE = re.compile(r"Credential=[^/]+/[0-9]+/[^/]+/([^/]+)/aws4_request")
# What is the same for each resource in the tests, and which moto tells apart.
_AS_MOTO_HAS_IT = {
    ("ec2", "DescribeInstanceAttribute"),
    ("s3", "GetBucketAcl"),
    ("s3", "GetBucketLifecycleConfiguration"),
}
_POLICIES_OF_AWS = {("iam", "GetPolicy"), ("iam", "GetPolicyVersion")}


class Estate(Steered):
    """The double that answers as the tests prepared it, and for what they leave to it as moto does."""

    def __init__(self) -> None:
        answers = {name: answer for name, answer in {**PAIRS, **ALSO}.items() if name not in _AS_MOTO_HAS_IT}
        super().__init__(answers, keeps_answers=True)

    def respond(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer whoever seeds from moto alone."""
        call = recognise(environ)
        if call is None or call.account is not None:
            return super().respond(environ, start_response)
        of_aws = str(call.params.get("PolicyArn", "")).startswith("arn:aws:iam::aws:")
        if (call.service, call.operation) in _POLICIES_OF_AWS and not of_aws:
            return super().respond(environ, start_response)
        if (call.service, call.operation) == ("kms", "DescribeKey"):
            return _with_region(ask(super().respond, environ))(start_response)
        return self.whole(environ, start_response)


def _with_region(described: Answer) -> Reply:
    """Return what moto says of a key, and that it is of one region, which moto leaves out."""
    body = json.loads(described.body)
    body.get("KeyMetadata", {})["MultiRegion"] = False
    headers = tuple((name, value) for name, value in described.headers.items() if name != "content-length")
    return Reply(described.status, headers, json.dumps(body).encode())


class Counting:
    """Counts the calls to the double by the service that they are signed for, and refuses what it cannot answer.

    An error of the server would be tried again by each client, which is no work that a scanner has on AWS. A refusal
    changes what a scanner says, so those are counted too, with the operation and what kept it from an answer.
    """

    def __init__(self, application: AwsDouble) -> None:
        self._application = application
        self.calls: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        match = _SERVICE.search(environ.get("HTTP_AUTHORIZATION", ""))
        service = match[1] if match else "unsigned"
        self.calls[service] += 1
        call = recognise(environ)
        try:
            return self._application(environ, start_response)
        except Exception as error:  # noqa: BLE001  moto raises what it likes for what it does not have
            self.refused[f"{service}:{call.operation if call else '?'} ({type(error).__name__})"] += 1
            start_response("403 Forbidden", [("Content-Length", "0")])
            return [b""]


def serve(scale: int) -> None:
    """Serve the estate until the input ends: its address first, and what was asked since for each line of input."""
    answers = sys.stdout
    with Estate() as double, redirect_stdout(sys.stderr):  # moto prints of what it does not have
        keys = seed_company(double)
        grow(double, scale)
        counting = Counting(double)
        environment = {
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
            "AWS_SESSION_TOKEN": keys["SessionToken"],
        }
        with served(counting) as url:
            print(json.dumps({"url": url, "environment": environment}), file=answers, flush=True)
            for _ in sys.stdin:
                counted = {"calls": counting.calls, "refused": counting.refused}
                counting.calls, counting.refused = Counter(), Counter()
                print(json.dumps(counted), file=answers, flush=True)


if __name__ == "__main__":
    serve(int(sys.argv[1]))
