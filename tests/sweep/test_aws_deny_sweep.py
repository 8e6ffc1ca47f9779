"""Take each declared permission away in turn: nothing may change but to unknown, and the reason names the right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from collector.core.checks import Status
from collector.demo.aws.company import PRODUCTION
from collector.demo.aws.seeding import allow, deny, policy
from collector.setup.loading import connector
from connectors.aws._sdk.settings import Settings
from tests.doubles.aws import Acme, Login, burst, limited
from tests.sweep.comparing import assert_only_towards_unknown, lost
from tests.sweep.scanning import Scanned, scan

AWS = connector("aws")
REGION = "eu-central-1"
FREE = {
    call for collection in AWS.connector.collections.values() if not collection.permissions for call in collection.calls
}


def applicable() -> list[tuple[str, str, str]]:
    """Every permission, kind and operation that the declarations name for one's own account."""
    found = set()
    for collection in AWS.connector.collections.values():
        if collection.when(Settings()):
            declared = [(collection.permissions, collection.calls)]
            declared += [(part.permissions, part.calls) for part in AWS.connector.parts.get(collection.id, [])]
            found |= {(need, collection.id, call) for needs, calls in declared for need in needs for call in calls}
    return sorted(found)


# EC2 lists the regions of partitions without an account service, and of no other.
UNTOUCHED = {"ec2:DescribeRegions"}
# What the made-up company has none of, or no rule and no policy of it names; tests/connectors/aws has some.
UNTOUCHED |= {
    "ec2:DescribeManagedPrefixLists",
    "ec2:GetManagedPrefixListEntries",
    "s3:GetAccessPoint",
    "s3:GetAccessPointPolicy",
    "s3:GetAccessPointPolicyStatus",
    "s3:GetMultiRegionAccessPointPolicy",
    "s3:GetMultiRegionAccessPointPolicyStatus",
    "s3:ListMultiRegionAccessPoints",
    "s3express:GetBucketPolicy",
    "s3express:ListAllMyDirectoryBuckets",
}
# What is read of things that the company has none of, or decides nothing that was not unknown before.
UNTOUCHED |= {
    "access-analyzer:ListFindings",
    "autoscaling:DescribePolicies",
    "codebuild:BatchGetProjects",
    "ec2:DescribeDhcpOptions",
    "ecs:DescribeServices",
    "ecs:DescribeTaskDefinition",
    "ecs:ListServices",
    "es:DescribeDomains",
    "rds:DescribeDBClusterParameters",
    "redshift:DescribeClusterParameters",
    "redshift:DescribeLoggingStatus",
    "route53resolver:ListFirewallRules",
    "sns:GetTopicAttributes",
    "sqs:GetQueueAttributes",
    "ssm:DescribeDocumentPermission",
    "wafv2:ListLoggingConfigurations",
}
# How far the way from the internet is open stands in reasons, and decides no verdict.
UNTOUCHED |= {"ec2:DescribeRouteTables"}
# What matters only where no backup job was seen.
UNTOUCHED |= {"backup:ListBackupPlans"}
# The proxy does not know this service's way of writing an address.
UNKNOWN_TO_THE_PROXY = {"s3control:GetPublicAccessBlock", "s3control:ListAccessPoints"}
# It takes these for calls of newer load balancers, which sign alike, and knows search domains by another name.
UNKNOWN_TO_THE_PROXY |= {
    "elb:DescribeLoadBalancerAttributes",
    "elb:DescribeLoadBalancerPolicies",
    "elb:DescribeLoadBalancers",
    "opensearch:ListDomainNames",
}
# It takes the lifecycle of a bucket for the older call at the same address.
UNKNOWN_TO_THE_PROXY |= {"s3:GetBucketLifecycleConfiguration"}
# Calls that are made for each of something that the company has none of.
NEVER_MADE = {
    "accessanalyzer:ListFindingsV2",
    "codebuild:BatchGetProjects",
    "ecs:DescribeServices",
    "ecs:DescribeTaskDefinition",
    "ecs:ListServices",
    "opensearch:DescribeDomains",
}

PERMISSIONS = sorted({need for need, _, _ in applicable()})


_SESSIONS = count(1)


def seeing(url: str) -> Settings:
    """Return settings that no other scan of this process has, whose sign-in would be taken again."""
    return Settings(regions=(REGION,), endpoint_url=url, session_name=f"sweep-{next(_SESSIONS)}")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the stores of the sweep lie."""
    return tmp_path_factory.mktemp("sweep")


@dataclass(frozen=True)
class Swept:
    """One identity in the made-up company, whose rights a test takes away, and what it sees with all of them."""

    acme: Acme
    login: Login
    folder: Path

    def without(self, *permissions: str, url: str | None = None) -> Scanned:
        """Scan one account and region with every right but these."""
        statements = [allow("*"), *([deny(*permissions)] if permissions else [])]
        self.acme.double.client("iam", PRODUCTION).put_role_policy(
            RoleName="swept", PolicyName="limits", PolicyDocument=policy(*statements)
        )
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("AWS_ACCESS_KEY_ID", self.login.access_key_id)
            patch.setenv("AWS_SECRET_ACCESS_KEY", self.login.secret_access_key)
            patch.setenv("AWS_SESSION_TOKEN", self.login.session_token or "")
            return scan(AWS, seeing(url or self.login.url), self.folder)


_PREPARED: list[tuple[object, Swept, Scanned]] = []


@pytest.fixture
def swept(acme: Acme, folder: Path) -> Swept:
    """The identity, made once for as long as the company stands."""
    if not _PREPARED or _PREPARED[-1][0] is not acme.double.world:
        made = Swept(acme, limited(acme.double, PRODUCTION, name="swept"), folder)
        _PREPARED[:] = [(acme.double.world, made, made.without())]
    return _PREPARED[-1][1]


@pytest.fixture
def base(swept: Swept) -> Scanned:
    """What the identity sees that may read everything; scanned once."""
    assert swept is _PREPARED[-1][1]
    return _PREPARED[-1][2]


def test_the_estate_has_good_and_bad(base: Scanned) -> None:
    """A sweep over an estate where nothing can be lost would prove nothing."""
    statuses = {status: sum(verdict.status is status for verdict in base.verdicts.values()) for status in Status}

    assert statuses[Status.PASS] > 20
    assert statuses[Status.FAIL] > 10


def test_calls_are_those_declared(base: Scanned) -> None:
    """The policy that people attach is made of the declarations; a call beyond them would fail there."""
    declared = {call for _, _, call in applicable()} | {AWS.connector.identity_call, *FREE}

    assert base.operations() <= declared
    assert not base.operations() & NEVER_MADE


def groups(names: Iterable[str]) -> list[list[str]]:
    """Return the first name of each service, a few services together: the quick tests scan once for several."""
    first = sorted({name.split(":")[0]: name for name in sorted(names, reverse=True)}.values())
    return [first[number::GROUPS] for number in range(GROUPS)]


GROUPS = 6


@pytest.mark.parametrize("permissions", groups(PERMISSIONS), ids=" ".join)
def test_permissions_taken_away_only_make_unknown(permissions: list[str], swept: Swept, base: Scanned) -> None:
    """A role that lacks rights must never look more, or less, compliant than it is."""
    limited_view = swept.without(*permissions)

    assert_only_towards_unknown(base, limited_view)
    reasons = [limited_view.verdicts[where].reason for where in lost(base, limited_view)]
    noticed = {permission for permission in permissions if any(permission in reason for reason in reasons)}
    assert noticed == {*permissions} - UNTOUCHED
    assert [reason for reason in reasons if not any(permission in reason for permission in permissions)] == []


@pytest.mark.deep
@pytest.mark.parametrize("permission", PERMISSIONS)
def test_a_permission_taken_away_only_makes_unknown(permission: str, swept: Swept, base: Scanned) -> None:
    """The same for each permission by itself."""
    limited_view = swept.without(permission)

    assert_only_towards_unknown(base, limited_view)
    gone = list(lost(base, limited_view))
    assert bool(gone) is (permission not in UNTOUCHED), f"who noticed that {permission} is missing: {gone}"
    assert [where for where in gone if permission not in limited_view.verdicts[where].reason] == []


def test_named_regions_are_looked_at_where_the_list_of_regions_is_refused(swept: Swept, base: Scanned) -> None:
    """What the operator named can be looked at; that there are no other regions is all that is lost."""
    limited_view = swept.without("account:ListRegions")

    regional = {where: verdict for where, verdict in base.verdicts.items() if len(where[1]) == 2}
    assert Status.PASS in {verdict.status for verdict in regional.values()}
    assert {where: limited_view.verdicts[where].status for where in regional} == {
        where: verdict.status for where, verdict in regional.items()
    }
    changed = {
        where for where, verdict in base.verdicts.items() if limited_view.verdicts[where].status is not verdict.status
    }
    assert {check for check, _, _ in changed} == {
        "aws_backup_restore_tested",
        "aws_securityhub_enabled",
        "aws_cloudtrail_multi_region_trail_logging",
        "aws_cloudwatch_security_alarms_configured",
        "aws_s3_bucket_access_logging_enabled",
        "aws_s3_log_bucket_object_lock",
        "aws_tagging_classification_tag_present",
        "aws_tagging_owner_tag_present",
    }
    for where in changed:
        assert "account:ListRegions" in limited_view.verdicts[where].reason


# Asked in partitions that have no other list of regions.
ELSEWHERE = {"ec2:DescribeRegions"}
# The proxy takes both generations of API Gateway for one, and nobody in the estate has an API.
WITHOUT_APIS = {"apigateway:GET"}
CALLS = sorted(
    {call for need, _, call in applicable() if need not in UNTOUCHED | WITHOUT_APIS}
    - UNTOUCHED
    - UNKNOWN_TO_THE_PROXY
    - ELSEWHERE
    - NEVER_MADE
)


def refused(calls: Sequence[str], swept: Swept, base: Scanned) -> None:
    """Let the platform refuse operations in its own words, and look at what that does to the verdicts."""
    pairs = [call.split(":") for call in calls]
    with burst(swept.acme.double) as proxy:
        proxy.rules(
            [
                {"service": service, "operation": operation, "error": {"code": "AccessDenied"}}
                for service, operation in pairs
            ]
        )

        limited_view = swept.without(url=proxy.url)

        assert {f"{event['service']}:{event['operation']}" for event in proxy.fired()} == {*calls}
    assert_only_towards_unknown(base, limited_view)
    assert list(lost(base, limited_view))


@pytest.mark.parametrize("calls", groups(CALLS), ids=" ".join)
def test_refusals_in_the_platforms_own_words_only_make_unknown(calls: list[str], swept: Swept, base: Scanned) -> None:
    """Each service words its refusals differently; none of them may be taken for an answer."""
    refused(calls, swept, base)


@pytest.mark.deep
@pytest.mark.parametrize("call", CALLS)
def test_any_refusal_in_the_platforms_own_words_only_makes_unknown(call: str, swept: Swept, base: Scanned) -> None:
    """The same for every declared call by itself."""
    refused([call], swept, base)
