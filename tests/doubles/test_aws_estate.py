"""Acme on AWS: the same every time, good and bad, with a door that stays shut and things that may not be seen."""

from __future__ import annotations

from collections import Counter

import pytest
from botocore.exceptions import ClientError

from collector.demo.aws.company import PRODUCTION, ROLE, SANDBOX, STAGING, seed
from collector.demo.aws.seeding import BROKEN, FORMULA, TURNED
from tests.doubles.aws import Acme, Login


def _enter(acme: Acme, account: str) -> Login:
    user = Login(acme.company.url, acme.company.access_key_id, acme.company.secret_access_key)
    return user.enter(f"arn:aws:iam::{account}:role/{ROLE}")


def test_it_is_the_same_company_every_time(acme: Acme) -> None:
    """Screenshots, documents and tests name its resources, and a second demo must show the same ones."""
    first, again = seed(acme.double), seed(acme.double)

    assert again == first


def test_it_has_good_bad_and_unseen_of_what_is_judged(acme: Acme) -> None:
    """A demo in which nothing fails, nothing passes or everything is visible shows nothing."""
    outcomes = Counter(expected.outcome for expected in acme.company.expected)

    assert min(outcomes["pass"], outcomes["fail"]) > 40
    assert outcomes["unknown"] >= 2


def test_nothing_is_expected_twice_or_both_ways(acme: Acme) -> None:
    """A manifest that contradicts itself proves nothing."""
    rows = Counter(
        (expected.check, expected.account, expected.region, expected.subject) for expected in acme.company.expected
    )

    assert [row for row, times in rows.items() if times > 1] == []


def test_the_organization_is_listed_and_the_sandbox_cannot_be_entered(acme: Acme) -> None:
    """An account that exists and cannot be read has to show as not seen."""
    manager = Login(acme.company.url, acme.company.access_key_id, acme.company.secret_access_key).enter(
        acme.company.role_arn
    )

    listed = manager.client("organizations").list_accounts()["Accounts"]
    with pytest.raises(ClientError, match=r"AccessDenied.*sts:AssumeRole") as refused:
        manager.enter(f"arn:aws:iam::{SANDBOX}:role/{ROLE}")

    assert {account["Id"]: account["Name"] for account in listed} == acme.company.accounts
    assert acme.company.not_entered == (SANDBOX,)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_staging_refuses_one_list_and_one_part(acme: Acme) -> None:
    """Both kinds of not seeing have to reach the auditor's page as such."""
    staging = _enter(acme, STAGING)

    with pytest.raises(ClientError, match="AccessDeniedException"):
        staging.client("config").describe_configuration_recorders()
    with pytest.raises(ClientError, match="AccessDenied"):
        staging.client("s3").get_bucket_policy_status(Bucket="acme-staging-logs")

    assert staging.client("s3").get_bucket_versioning(Bucket="acme-staging-logs").get("Status") is None


def test_the_scanning_role_may_not_change_anything(acme: Acme) -> None:
    """A scan only ever reads, and the demo's role is the one its documents recommend."""
    production = _enter(acme, PRODUCTION)

    with pytest.raises(ClientError, match="AccessDenied"):
        production.client("iam").create_user(UserName="mallory")
    with pytest.raises(ClientError, match="AccessDenied"):
        production.client("s3").get_object(Bucket="acme-prod-data", Key="anything")


def test_old_things_are_old(acme: Acme) -> None:
    """Everything is dated now in moto, and age is what half of the identity checks are about."""
    iam = acme.double.client("iam", PRODUCTION)

    (first, second) = iam.list_access_keys(UserName="old-deploy")["AccessKeyMetadata"]
    last_used = iam.get_role(RoleName="OrganizationAccountAccessRole")["Role"]["RoleLastUsed"]["LastUsedDate"]
    now = acme.double.world.now()

    assert [(now - key["CreateDate"]).days for key in (first, second)] == [400, 350]
    assert (now - last_used).days == 40


def test_what_is_public_is_public_in_the_platforms_own_words(acme: Acme) -> None:
    """Checks read these two answers, so the double must give them, not the manifest."""
    s3 = _enter(acme, PRODUCTION).client("s3")

    by_policy = s3.get_bucket_policy_status(Bucket="acme-prod-www")["PolicyStatus"]["IsPublic"]
    grants = s3.get_bucket_acl(Bucket="acme-prod-uploads")["Grants"]

    assert by_policy is True
    assert "http://acs.amazonaws.com/groups/global/AllUsers" in [grant["Grantee"].get("URI") for grant in grants]


def test_a_trail_that_cannot_deliver_says_so(acme: Acme) -> None:
    """A trail that is on and delivers nothing is the failure that people miss."""
    status = _enter(acme, STAGING).client("cloudtrail").get_trail_status(Name="stuck")

    assert status["IsLogging"] is True
    assert status["LatestDeliveryError"] == "AccessDenied"
    assert (acme.double.world.now() - status["LatestDeliveryTime"]).days == 9


def test_hostile_names_arrive_unharmed(acme: Acme) -> None:
    """Whoever may tag a resource may write into our reports, so the demo tries."""
    production = _enter(acme, PRODUCTION)

    groups = production.client("ec2", "eu-west-1").describe_security_groups()["SecurityGroups"]
    tags = {tag["Value"] for group in groups for tag in group.get("Tags", [])}
    described = {role["RoleName"]: role.get("Description") for role in production.client("iam").list_roles()["Roles"]}

    assert {FORMULA, TURNED} <= tags
    assert described["former-vendor"] == FORMULA
    assert described["anyone"] == BROKEN
