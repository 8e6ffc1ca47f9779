"""Acme, a made-up company on AWS: four accounts, three regions, resources that pass and resources that fail.

Everything is created by boto3 against the double. Only what no API can set is written into moto's state: dates in the
past, and account numbers that are easy to read.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from collector.demo.aws import buckets, guards, identity_center, kept, networks, people, services, trails
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
    """What a scan signs in with, and the results that are expected of it."""

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
    """Empty the double, build the company, enforce policies from then on, and return the company."""
    return build(double)[0]


def build(
    double: AwsDouble, today: datetime | None = None, later: Collection[str] = ()
) -> tuple[AwsCompany, dict[str, AccountSeed]]:
    """Seed as `seed` does, and return the accounts by number as well.

    Days count back from `today`; the accounts in `later` do not belong to the organization yet.
    """
    double.reset()
    accounts = {number: AccountSeed(double, number, today) for number in (MANAGEMENT, PRODUCTION, STAGING, SANDBOX)}
    management, production, staging, sandbox = accounts.values()
    founders = {number: name for number, name in NAMES.items() if number not in later}
    organization = people.found_organization(management, founders)
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
    services.production(production)
    guards.management(management)
    guards.production(production)
    identity_center.management(management, organization)
    kept.management(management)
    kept.production(production)
    double.enforce()
    company = AwsCompany(
        url=double.url,
        organization=organization,
        role_arn=f"arn:aws:iam::{MANAGEMENT}:role/{ROLE}",
        access_key_id=key["AccessKeyId"],
        secret_access_key=key["SecretAccessKey"],
        regions=double.world.regions,
        accounts=dict(NAMES),
        not_entered=(SANDBOX,),
        expected=tuple(expected for account in accounts.values() for expected in account.expected),
    )
    return company, accounts
