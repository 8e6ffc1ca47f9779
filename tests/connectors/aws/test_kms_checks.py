"""The checks of keys."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Status
from connectors.aws.kms.checks import (
    key_grants_known_accounts_only,
    key_policy_not_public,
    key_rotation_enabled,
)
from tests.connectors.aws.builders import (
    COLLEAGUE,
    FAIL,
    NOTHING,
    OWN,
    PASS,
    STRANGER,
    UNIT,
    UNKNOWN,
    UNREAD,
    a_resource_control,
    all_of,
    in_organization,
    not_seen,
    placed,
    verdict,
)
from tests.connectors.aws.guarded_builders import OWNER, a_grant, a_key

EVERYBODY = {"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}
OUTSIDE = {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-acmeacme00"}}


@pytest.mark.parametrize(
    ("key", "status"),
    [
        ({}, PASS),
        ({"rotation": {"KeyRotationEnabled": True, "RotationPeriodInDays": 90}}, PASS),
        ({"rotation": False}, FAIL),
        ({"rotation": UNREAD}, UNKNOWN),
        ({"rotation": None}, UNKNOWN),
        ({"metadata": UNREAD}, UNKNOWN),
        ({"metadata": {"KeyManager": "AWS"}, "rotation": UNREAD}, NOTHING),
        ({"metadata": {"KeyState": "Disabled"}}, NOTHING),
        ({"metadata": {"KeyState": "PendingDeletion"}, "rotation": False}, NOTHING),
        ({"metadata": {"KeyState": "Unavailable"}, "rotation": False}, FAIL),
        ({"metadata": {"Origin": "EXTERNAL"}, "rotation": None}, NOTHING),
        ({"metadata": {"Origin": "AWS_CLOUDHSM"}, "rotation": None}, NOTHING),
        ({"metadata": {"Origin": "SOMETHING_NEW"}}, UNKNOWN),
        ({"metadata": {"KeySpec": "RSA_2048"}, "rotation": None}, NOTHING),
        ({"metadata": {"KeySpec": "HMAC_256"}, "rotation": None}, NOTHING),
        ({"metadata": {"KeySpec": None, "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT"}, "rotation": False}, FAIL),
        ({"metadata": {"KeySpec": None}}, UNKNOWN),
    ],
)
def test_rotation(key: dict[str, Any], status: Status) -> None:
    """AWS rotates keys for symmetric encryption of its own making, where they are in use."""
    assert verdict(key_rotation_enabled, a_key(**key)).status is status


def test_the_period_is_named() -> None:
    """It may be seven years, and whether that is the company's rule is for people to say."""
    rotation = {"KeyRotationEnabled": True, "RotationPeriodInDays": 2560}

    assert "2560 days" in verdict(key_rotation_enabled, a_key(rotation=rotation)).reason


@pytest.mark.parametrize(
    ("statements", "status"),
    [
        ([OWNER], PASS),
        ([OWNER, EVERYBODY], FAIL),
        ([{**EVERYBODY, "Condition": {"StringEquals": {"kms:CallerAccount": OWN}}}], PASS),
        ([{**EVERYBODY, "Condition": {"StringEquals": {"kms:ViaService": "s3.eu-central-1.amazonaws.com"}}}], FAIL),
        ([{**EVERYBODY, "Condition": {"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}}}], UNKNOWN),
        ([{**EVERYBODY, "Principal": {"Service": "logs.eu-central-1.amazonaws.com"}}], PASS),
        ([{**EVERYBODY, "Principal": {"Federated": "accounts.google.com"}}], UNKNOWN),
        ([{**EVERYBODY, "Unknown": "element"}], UNKNOWN),
    ],
)
def test_whom_the_policy_lets_in(statements: list[Any], status: Status) -> None:
    """Everybody is whoever has an account of AWS."""
    assert verdict(key_policy_not_public, a_key(*statements)).status is status


def test_what_could_not_be_read() -> None:
    """A policy may keep the collector out."""
    assert verdict(key_policy_not_public, a_key(Policy=UNREAD)).status is UNKNOWN
    assert verdict(key_policy_not_public, a_key(metadata=UNREAD)).status is UNKNOWN
    assert verdict(key_policy_not_public, a_key(metadata={"KeyManager": "AWS"}, Policy=UNREAD)).status is NOTHING


def test_what_is_not_looked_at_is_named() -> None:
    """Grants are a way in beside the policy, and so is a service that acts for somebody else."""
    service = {**EVERYBODY, "Principal": {"Service": "events.amazonaws.com"}}

    reason = verdict(key_policy_not_public, a_key(OWNER, service)).reason

    assert "events.amazonaws.com whoever that acts for" in reason
    assert "aws_kms_key_grants_known_accounts_only" in reason


@pytest.mark.parametrize(
    ("controls", "status"),
    [
        ([], FAIL),
        ([{"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*", "Condition": OUTSIDE}], PASS),
        ([{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": OUTSIDE}], FAIL),
        (
            [
                {
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "kms:*",
                    "Resource": "*",
                    "Condition": {"StringEquals": {"made:up": "x"}},
                }
            ],
            UNKNOWN,
        ),
    ],
)
def test_a_perimeter_of_the_organization_counts(controls: list[Any], status: Status) -> None:
    """Resource control policies are about keys too."""
    place = (in_organization(), placed(UNIT), all_of(*map(a_resource_control, controls)))

    assert verdict(key_policy_not_public, a_key(OWNER, EVERYBODY), *place).status is status


STRANGE = f"arn:aws:iam::{STRANGER}:role/backup"
AT_HOME = f"arn:aws:sts::{OWN}:assumed-role/aws:ec2-infrastructure"
MEMBER = f"arn:aws:iam::{COLLEAGUE}:root"


@pytest.mark.parametrize(
    ("grants", "status"),
    [
        ([], PASS),
        ([a_grant(AT_HOME)], PASS),
        ([a_grant("dynamodb.eu-central-1.amazonaws.com")], PASS),
        ([a_grant(None, service="rds.amazonaws.com")], PASS),
        ([a_grant(AT_HOME), a_grant(STRANGE)], FAIL),
        ([a_grant(STRANGER)], FAIL),
        ([a_grant(MEMBER)], PASS),
        ([a_grant("AIDAACKCEVSQ6C2EXAMPLE")], UNKNOWN),
        ([a_grant("AIDAACKCEVSQ6C2EXAMPLE"), a_grant(STRANGE)], FAIL),
        ([a_grant(None)], UNKNOWN),
        ([a_grant("evil.example.com")], UNKNOWN),
        (UNREAD, UNKNOWN),
    ],
)
def test_whom_grants_let_in(grants: Any, status: Status) -> None:
    """A grant works without the key's policy; one that could not be seen is not one that there is not."""
    result = verdict(key_grants_known_accounts_only, a_key(Grants=grants), in_organization(), placed())

    assert result.status is status


def test_evidence_from_before_grants_were_read() -> None:
    """It says nothing of grants, and all that it said of the key."""
    older = a_key(Grants=None)

    assert verdict(key_grants_known_accounts_only, older).status is UNKNOWN
    assert verdict(key_rotation_enabled, older).status is PASS


def test_accounts_that_grants_may_let_in() -> None:
    """Those of the organization, and those that the company trusts."""
    members = (in_organization(), placed())
    ours = verdict(key_grants_known_accounts_only, a_key(Grants=[a_grant(MEMBER)]), *members)
    theirs = verdict(key_grants_known_accounts_only, a_key(Grants=[a_grant(STRANGE)]), *members)
    trusted = verdict(
        key_grants_known_accounts_only, a_key(Grants=[a_grant(STRANGE)]), *members, trusted_accounts=(STRANGER,)
    )
    unseen = verdict(key_grants_known_accounts_only, a_key(Grants=[a_grant(STRANGE)]), members[0], not_seen())

    assert [each.status for each in (ours, theirs, trusted, unseen)] == [PASS, FAIL, PASS, UNKNOWN]


def test_the_stranger_is_in_the_reason() -> None:
    """With what it may do."""
    reason = verdict(key_grants_known_accounts_only, a_key(Grants=[a_grant(STRANGE, "Decrypt", "CreateGrant")])).reason

    assert STRANGE in reason
    assert "CreateGrant" in reason


@pytest.mark.parametrize("grants", [[a_grant(STRANGE)], UNREAD])
def test_grants_of_keys_that_aws_manages(grants: Any) -> None:
    """Nobody but AWS's services can make one."""
    key = a_key(metadata={"KeyManager": "AWS"}, Grants=grants)

    assert verdict(key_grants_known_accounts_only, key).status is NOTHING
