"""The checks of accounts and organizations, and the policy that annexd asks for."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from collector.core.checks import Status
from collector.setup.loading import connector
from connectors.aws._policy.patterns import matches
from connectors.aws.account.checks import security_contact_set
from connectors.aws.organizations.checks import in_organization, regions_restricted
from connectors.aws.permissions import DATA_ACTIONS, MAX_POLICY_LENGTH, document, policy
from tests.connectors.aws.builders import (
    FAIL,
    PASS,
    UNKNOWN,
    UNREAD,
    a_contact,
    a_guardrail,
    all_of,
    an_organization,
    not_seen,
    text,
    verdict,
)

ROOT = [{"TargetId": "r-1", "Type": "ROOT"}]
UNIT = [{"TargetId": "ou-1", "Type": "ORGANIZATIONAL_UNIT"}]


@pytest.mark.parametrize(
    ("contact", "status"),
    [({"EmailAddress": "[redacted]@example.com"}, PASS), ({"EmailAddress": ""}, FAIL), (None, FAIL), (UNREAD, UNKNOWN)],
)
def test_security_contact(contact: Any, status: Status) -> None:
    """No contact is AWS's own word; a refusal is not."""
    assert verdict(security_contact_set, a_contact(contact)).status is status


@pytest.mark.parametrize(("organization", "status"), [({"Id": "o-1"}, PASS), (None, FAIL), (UNREAD, UNKNOWN)])
def test_membership(organization: Any, status: Status) -> None:
    """Alone is AWS's own word; a refusal is not."""
    assert verdict(in_organization, an_organization(organization)).status is status


def region_denial(**but: Any) -> str:
    """The usual denial by region."""
    return text(
        {
            "Effect": "Deny",
            "NotAction": ["iam:*", "sts:*"],
            "Resource": "*",
            "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-central-1", "eu-west-1"]}},
            **but,
        }
    )


def by_region(operator: str, *regions: str, **but: Any) -> str:
    """A denial by region in another way, perhaps with more conditions."""
    return region_denial(Condition={operator: {"aws:RequestedRegion": list(regions)}, **but})


def exempting(operator: str, *who: str) -> str:
    """A denial by region that leaves these principals out, or speaks of them alone."""
    return by_region("StringNotEquals", "eu-west-1", **{operator: {"aws:PrincipalArn": list(who)}})


DEPLOYMENT = "arn:aws:iam::*:role/deployment"


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (exempting("ArnNotLike", DEPLOYMENT), PASS),
        (exempting("ArnNotLike", DEPLOYMENT, "arn:aws:iam::111122223333:*"), PASS),
        (exempting("ArnNotLike", DEPLOYMENT, "*"), UNKNOWN),
        (exempting("ArnNotLike", "arn:aws:iam::*:role/*"), UNKNOWN),
        (exempting("ArnLike", DEPLOYMENT), UNKNOWN),
        (by_region("StringNotLike", "eu-*"), PASS),
        (by_region("StringNotLike", "*"), UNKNOWN),
        (by_region("StringNotEquals"), UNKNOWN),
        (by_region("StringEquals", "us-east-1"), UNKNOWN),
        (by_region("StringNotEquals", "eu-west-1", Bool={"aws:MultiFactorAuthPresent": "false"}), UNKNOWN),
    ],
)
def test_a_denial_by_region_must_bind_somebody(content: str, status: Status) -> None:
    """Without its exceptions it may deny nobody anything; whether it does is not for annexd to guess."""
    assert verdict(regions_restricted, all_of(a_guardrail(content, ROOT))).status is status


def test_what_two_conditions_leave_counts_together() -> None:
    """A request is denied only where both say so."""
    content = by_region("StringNotEquals", "eu-west-1", StringNotLike={"aws:RequestedRegion": "us-*"})

    result = verdict(regions_restricted, all_of(a_guardrail(content, ROOT)))

    assert result.status is PASS
    assert re.findall(r"eu-west-1|us-\*", result.reason) == ["eu-west-1", "us-*"]


def test_a_denial_that_is_attached_to_nothing_is_no_doubt() -> None:
    """It denies nothing, however it is meant."""
    assert verdict(regions_restricted, all_of(a_guardrail(exempting("ArnLike", DEPLOYMENT), []))).status is FAIL


ANYTHING = text({"Effect": "Allow", "Action": "*", "Resource": "*"})
NARROW = text(
    {
        "Effect": "Deny",
        "Action": "ec2:RunInstances",
        "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:RequestedRegion": "eu-central-1"}},
    }
)


@pytest.mark.parametrize(
    ("policies", "status"),
    [
        ([a_guardrail(region_denial(), ROOT)], PASS),
        ([a_guardrail(ANYTHING, ROOT), a_guardrail(region_denial(), ROOT)], PASS),
        ([a_guardrail(region_denial(), UNIT)], UNKNOWN),
        ([a_guardrail(region_denial(), [])], FAIL),
        ([a_guardrail(ANYTHING, ROOT)], FAIL),
        ([a_guardrail(NARROW, ROOT)], FAIL),
        ([a_guardrail(region_denial(Effect="Allow"), ROOT)], FAIL),
        ([a_guardrail("{", ROOT)], UNKNOWN),
        ([a_guardrail(UNREAD, ROOT)], UNKNOWN),
        ([a_guardrail(region_denial(), UNREAD)], UNKNOWN),
        ([], FAIL),
    ],
)
def test_regions(policies: list[Any], status: Status) -> None:
    """Only a denial at the root is known to reach every account."""
    assert verdict(regions_restricted, all_of(*policies)).status is status


def test_regions_may_be_named() -> None:
    """A denial that leaves more than the policy of the company allows is no such denial."""
    policies = all_of(a_guardrail(region_denial(), ROOT))

    assert verdict(regions_restricted, policies, allowed_regions=("eu-central-1", "eu-west-1")).status is PASS
    assert verdict(regions_restricted, policies, allowed_regions=("eu-central-1",)).status is FAIL
    assert verdict(regions_restricted, not_seen()).status is UNKNOWN


def test_the_policy_allows_what_is_declared_and_no_data() -> None:
    """What a person attaches is made from the declarations, so that neither can drift."""
    loaded = connector("aws").connector
    needs = {need for collection in loaded.collections.values() for need in collection.permissions}
    needs |= {need for parts in loaded.parts.values() for part in parts for need in part.permissions}

    allow, data, keys = policy(needs)["Statement"]

    assert allow["Action"] == sorted(needs)
    assert data["Effect"] == keys["Effect"] == "Deny"
    assert not [need for need in needs for pattern in DATA_ACTIONS if matches(pattern, need)]
    parts = document(needs).split("\n\n")
    policies = [json.loads(part[part.index("{") :]) for part in parts]
    assert sorted(need for each in policies for need in each["Statement"][0]["Action"]) == sorted(needs)
    assert all(each["Statement"][1:] == [data, keys] for each in policies)
    assert all(len(json.dumps(each, separators=(",", ":"))) <= MAX_POLICY_LENGTH for each in policies)


@pytest.mark.parametrize(
    ("path", "denied"),
    [
        ("/apikeys", True),
        ("/apikeys/k1", True),
        ("/usageplans/p1/keys", True),
        ("/usageplans/p1/keys/k1", True),
        ("/restapis", False),
        ("/restapis/a1/deployments/d1", False),
        ("/apis/a1/routes", False),
    ],
)
def test_keys_of_callers_of_apis_are_never_read(path: str, denied: bool) -> None:
    """One permission reads all of API Gateway, and a resource tells its parts from each other."""
    _, _, keys = policy(["apigateway:GET"])["Statement"]
    arn = f"arn:aws:apigateway:eu-central-1::{path}"

    assert any(matches(pattern, arn) for pattern in keys["Resource"]) is denied


def test_the_policy_to_copy_is_one_that_iam_takes() -> None:
    """It is pasted as it is printed, and IAM does not count white space."""
    copied = document(["s3:GetBucketAcl", "iam:ListUsers", "s3:GetBucketAcl"])

    assert json.loads(copied) == policy(["iam:ListUsers", "s3:GetBucketAcl"])


@pytest.mark.parametrize("number", [1, 2, 120, 300, 1000])
def test_a_policy_that_iam_would_not_take_is_several(number: int) -> None:
    """One that is cut off, or refused, leaves rights out; each of several must fit and none may be lost."""
    needs = [f"service{item:04}:DescribeSomethingLong" for item in range(number)]

    texts = [text[text.index("{") :] for text in document(needs).split("\n\n")]
    allowed = [json.loads(text)["Statement"][0]["Action"] for text in texts]

    assert [need for item in allowed for need in item] == needs
    assert all(len("".join(text.split())) <= 6144 for text in texts)
    assert all(json.loads(text)["Statement"][1]["Effect"] == "Deny" for text in texts)
    numbered = re.findall(r"^Policy (\d+) of (\d+)", document(needs), re.MULTILINE)
    assert numbered == [(str(place), str(len(texts))) for place in range(1, len(texts) + 1) if len(texts) > 1]
    assert (len(texts) > 1) is (number > 120)


@pytest.mark.parametrize("verb", ["Create", "Put", "Delete", "Update", "Attach", "Set", "Modify", "Start", "Stop"])
def test_nothing_that_annexd_needs_changes_anything(verb: str) -> None:
    """It only ever reads; a report that AWS makes on demand is the one thing it has made."""
    loaded = connector("aws").connector
    needs = {need for collection in loaded.collections.values() for need in collection.permissions}
    needs |= {need for parts in loaded.parts.values() for part in parts for need in part.permissions}

    assert not [need for need in needs if need.split(":")[1].startswith(verb)]
