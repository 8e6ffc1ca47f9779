"""Seeding of one account of the made-up company, and the results that a scan is expected to have there."""

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

# Hostile texts: a formula for a spreadsheet, a right-to-left override, and line breaks.
FORMULA = "=cmd|' /C calc'!A0"
TURNED = "annual report \u202efdp.exe"
BROKEN = "first line\n\tsecond line"

Outcome = Literal["pass", "fail", "unknown", "not_applicable"]


@dataclass(frozen=True)
class Expected:
    """The expected status of a subject, by AWS's own name or id for it. No region: the account as a whole."""

    check: str
    account: str
    subject: str
    outcome: Outcome
    region: str | None = None


_IN_USE = 60
"""Days: what was last used more recently counts as in regular use."""


class AccountSeed:
    """Fills one account of the double; days count back from `today`."""

    def __init__(self, double: AwsDouble, number: str, today: datetime | None = None) -> None:
        self.double = double
        self.number = number
        self.expected: list[Expected] = []
        self._today = double.world.now() if today is None else today
        self._uses: list[tuple[float, Callable[[datetime], None]]] = []
        self._clients: dict[tuple[str, str], Any] = {}

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions that the company uses."""
        return self.double.world.regions

    @property
    def extras(self) -> Account:
        """The settings of this account that moto does not keep."""
        return self.double.world.account(self.number)

    @property
    def iam(self) -> IAMBackend:
        """The IAM state that moto keeps, in which dates can be changed."""
        return iam_backends[self.number]["aws"]

    def client(self, service: str, region: str = HOME) -> Any:  # noqa: ANN401  boto3 makes its classes late
        """Return a boto3 client for this account."""
        if (service, region) not in self._clients:
            self._clients[service, region] = self.double.client(service, self.number, region)
        return self._clients[service, region]

    def ago(self, days: float) -> datetime:
        """Return the moment so many days before `today`."""
        return self._today - timedelta(days=days)

    def used(self, days: float, note: Callable[[datetime], None]) -> None:
        """Date the last use of something so many days before the last day; `note` writes the time.

        What is in regular use is dated again by `renew_uses`, each time as long before the double's own day.
        """
        if days > _IN_USE:
            note(self.ago(days))
            return
        self._uses.append((days, note))
        note(self.double.world.now() - timedelta(days=days))

    def renew_uses(self) -> None:
        """Date the last use of everything in regular use by the double's clock."""
        for days, note in self._uses:
            note(self.double.world.now() - timedelta(days=days))

    def expect(self, outcome: Outcome, subject: str, *checks: str, region: str | None = None) -> None:
        """Add the expected status of a subject for these checks."""
        self.expected += [Expected(check, self.number, subject, outcome, region) for check in checks]

    def arn(self, kind_and_name: str) -> str:
        """Return the IAM ARN of a resource of this account, such as `user/alice`."""
        return f"arn:aws:iam::{self.number}:{kind_and_name}"

    def load_managed_policies(self, *names: str) -> None:
        """Add some of AWS's own policies to this account. moto has the texts, and would load all 1,582 or none."""
        for name in names:
            made = AWSManagedPolicy.from_data(name, self.number, "aws", _managed_policies()[name])
            self.iam.managed_policies[made.arn] = made


def policy(*statements: Mapping[str, Any]) -> str:
    """Return a policy document as JSON."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(*actions: str, on: str | list[str] = "*", **more: Any) -> dict[str, Any]:  # noqa: ANN401  policies nest
    """Return a statement that allows actions."""
    return {"Effect": "Allow", "Action": list(actions), "Resource": on, **more}


def deny(*actions: str, on: str | list[str] = "*", **more: Any) -> dict[str, Any]:  # noqa: ANN401  policies nest
    """Return a statement that denies actions."""
    return {"Effect": "Deny", "Action": list(actions), "Resource": on, **more}


@cache
def _managed_policies() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(aws_managed_policies_data)
    return loaded
