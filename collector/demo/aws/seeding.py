"""One account of the made-up company while it is furnished, and what a scan ought to find there."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Literal

from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy, IAMBackend, iam_backends

from collector.demo.aws.answers import Account
from collector.demo.aws.double import AwsDouble

HOME = "eu-central-1"

# What a spreadsheet would run, what turns the rest of a line around, and lines of their own in the middle of a text.
FORMULA = "=cmd|' /C calc'!A0"
TURNED = "annual report \u202efdp.exe"
BROKEN = "first line\n\tsecond line"

Outcome = Literal["pass", "fail", "unknown"]


@dataclass(frozen=True)
class Expected:
    """What a check ought to say about a subject, by AWS's own name or id for it. No region: the account as a whole."""

    check: str
    account: str
    subject: str
    outcome: Outcome
    region: str | None = None


_IN_USE = 60
"""Days: what was used more recently goes on being used."""


class AccountSeed:
    """An account that is being furnished; its days count back from `today`."""

    def __init__(self, double: AwsDouble, account: str, today: datetime | None = None) -> None:
        self.double = double
        self.account = account
        self.expected: list[Expected] = []
        self._today = double.world.now() if today is None else today
        self._uses: list[tuple[float, Callable[[datetime], None]]] = []
        self._clients: dict[tuple[str, str], Any] = {}

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions the company uses."""
        return self.double.world.regions

    @property
    def extras(self) -> Account:
        """What moto cannot hold of this account."""
        return self.double.world.account(self.account)

    @property
    def iam(self) -> IAMBackend:
        """The IAM state that moto keeps, where things can be made old."""
        return iam_backends[self.account]["aws"]

    def client(self, service: str, region: str = HOME) -> Any:  # noqa: ANN401  boto3 makes its classes late
        """A client of boto3 for this account."""
        if (service, region) not in self._clients:
            self._clients[service, region] = self.double.client(service, self.account, region)
        return self._clients[service, region]

    def ago(self, days: float) -> datetime:
        """So many days before the last day, which is the double's own unless another one was named."""
        return self._today - timedelta(days=days)

    def used(self, days: float, note: Callable[[datetime], None]) -> None:
        """Let something have been used so many days before the last day, by what notes the time of its last use.

        What is in use was so on earlier days too, each time as long before.
        """
        if days > _IN_USE:
            note(self.ago(days))
            return
        self._uses.append((days, note))
        note(self.double.world.now() - timedelta(days=days))

    def go_on(self) -> None:
        """Let everything that is in use have been used again, by the double's clock."""
        for days, note in self._uses:
            note(self.double.world.now() - timedelta(days=days))

    def expect(self, outcome: Outcome, subject: str, *checks: str, region: str | None = None) -> None:
        """Note what these checks ought to say about a subject."""
        self.expected += [Expected(check, self.account, subject, outcome, region) for check in checks]

    def arn(self, kind_and_name: str) -> str:
        """The ARN of something of this account in IAM."""
        return f"arn:aws:iam::{self.account}:{kind_and_name}"

    def load_managed_policies(self, *names: str) -> None:
        """Make some of AWS's own policies exist here. moto has the texts, and would load all 1,582 or none."""
        for name in names:
            made = AWSManagedPolicy.from_data(name, self.account, "aws", _managed_policies()[name])
            self.iam.managed_policies[made.arn] = made


def policy(*statements: Mapping[str, Any]) -> str:
    """A policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(*actions: str, on: str | list[str] = "*", **more: Any) -> dict[str, Any]:  # noqa: ANN401  policies nest
    """A statement that allows."""
    return {"Effect": "Allow", "Action": list(actions), "Resource": on, **more}


def deny(*actions: str, on: str | list[str] = "*", **more: Any) -> dict[str, Any]:  # noqa: ANN401  policies nest
    """A statement that forbids, whatever else allows."""
    return {"Effect": "Deny", "Action": list(actions), "Resource": on, **more}


@cache
def _managed_policies() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(aws_managed_policies_data)
    return loaded
