"""Acme, a made-up company on AWS: four accounts, three regions, things done well and things done badly.

Everything is made by boto3 against the double, as a company would make it. Only what no API can do is written into
moto's state: that something is old, and account numbers that are easy to read.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from collector.demo.aws import buckets, networks, people, trails
from collector.demo.aws.double import AwsDouble
from collector.demo.aws.seeding import AccountSeed, Expected

MANAGEMENT = "111122223333"
PRODUCTION = "222233334444"
STAGING = "333344445555"
SANDBOX = "444455556666"
ROLE = "annexd"
NAMES = {MANAGEMENT: "acme", PRODUCTION: "production", STAGING: "staging", SANDBOX: "sandbox"}


@dataclass(frozen=True)
class AwsCompany:
    """What a scan needs to get in, and what it ought to find."""

    url: str
    organization: str
    role_arn: str
    access_key_id: str
    secret_access_key: str
    regions: tuple[str, ...]
    accounts: dict[str, str]
    not_entered: tuple[str, ...]
    expected: tuple[Expected, ...]


def seed(double: AwsDouble) -> AwsCompany:
    """Empty the double, build the company, and let policies count from then on."""
    return build(double)[0]


def build(
    double: AwsDouble, today: datetime | None = None, later: Collection[str] = ()
) -> tuple[AwsCompany, dict[str, AccountSeed]]:
    """Do the same, and give the accounts too. Days count back from `today`; those of `later` are in no organization."""
    double.reset()
    places = {number: AccountSeed(double, number, today) for number in (MANAGEMENT, PRODUCTION, STAGING, SANDBOX)}
    management, production, staging, sandbox = places.values()
    founders = {number: name for number, name in NAMES.items() if number not in later}
    organization = people.found(management, founders)
    key = people.management(management, ROLE)
    people.production(production, ROLE, MANAGEMENT)
    people.staging(staging, ROLE, MANAGEMENT)
    people.sandbox(sandbox, ROLE)
    buckets.management(management)
    buckets.production(production)
    buckets.staging(staging)
    trails.management(management)
    trails.production(production)
    trails.staging(staging)
    networks.management(management)
    networks.production(production)
    networks.staging(staging)
    double.enforce()
    estate = AwsCompany(
        url=double.url,
        organization=organization,
        role_arn=f"arn:aws:iam::{MANAGEMENT}:role/{ROLE}",
        access_key_id=key["AccessKeyId"],
        secret_access_key=key["SecretAccessKey"],
        regions=double.world.regions,
        accounts=dict(NAMES),
        not_entered=(SANDBOX,),
        expected=tuple(expected for place in places.values() for expected in place.expected),
    )
    return estate, places
