"""Answers of the AWS double to the calls that moto does not support, or does not answer as AWS does."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.cloudtrail.models import cloudtrail_backends
from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend
from moto.iam.models import iam_backends
from moto.organizations.models import organizations_backends

from collector.demo.aws.access import DIRECTORY, account_of, decision, role_statements, user_statements
from collector.demo.aws.credential_report import RootUser, credential_report
from collector.demo.aws.inventory_answers import (
    access_point_policy_status,
    access_points,
    function_urls,
    secret_versions,
)
from collector.demo.aws.protection import is_answered, protection_answer
from collector.demo.aws.upkeep_answers import UPKEEP
from collector.demo.aws.wire import Call, Reply, answer, refusal

_REPORT_KEPT = timedelta(hours=4)
"""https://docs.aws.amazon.com/IAM/latest/APIReference/API_GenerateCredentialReport.html"""


@dataclass(frozen=True)
class DirectoryBucket:
    """A directory bucket; moto has none."""

    region: str
    policy: str | None = None


@dataclass
class Account:
    """The settings of an account that moto does not keep. In a region that is in none of the sets they are off."""

    root: RootUser | None = None
    contact: Mapping[str, str] | None = None
    snapshot_sharing_blocked: set[str] = field(default_factory=set)
    image_sharing_blocked: set[str] = field(default_factory=set)
    imdsv2_by_default: set[str] = field(default_factory=set)
    serial_console_open: set[str] = field(default_factory=set)
    directory_buckets: dict[str, DirectoryBucket] = field(default_factory=dict)  # by name
    protection: dict[tuple[str, str, str], Callable[[datetime], Mapping[str, Any]]] = field(default_factory=dict)


@dataclass
class World:
    """The state of the double that moto does not keep. Regions not named are disabled.

    Unlike on AWS, the 17 oldest regions can be disabled, so that a demo scan stays short.
    """

    now: Callable[[], datetime]
    regions: tuple[str, ...]
    accounts: dict[str, Account] = field(default_factory=dict)
    reports: dict[str, tuple[datetime, str]] = field(default_factory=dict)
    undelivered: dict[str, datetime] = field(default_factory=dict)  # trails whose bucket refuses them, since when

    def account(self, number: str) -> Account:
        """Return the settings of an account, all off where none were set."""
        return self.accounts.setdefault(number, Account())


Handler = Callable[[World, Call], Mapping[str, Any] | Reply | None]


def own_answer(world: World, call: Call) -> Reply | None:
    """Return the answer to a call that has a handler here, None for any other call."""
    handler = _HANDLERS.get((call.service, call.operation)) or _protection(call)
    if handler is None:
        return None
    result = handler(world, call)
    if result is None:
        return None
    return result if isinstance(result, Reply) else answer(call.service, call.operation, result)


def _protection(call: Call) -> Handler | None:
    """Return the handler of a call to a service that looks for threats and weaknesses, or that makes backups."""
    if not is_answered(call):
        return None

    def handler(world: World, call: Call) -> Mapping[str, Any] | Reply:
        account = account_of(call)
        return protection_answer(world.account(account).protection, account, call, world.now())

    return handler


def _contact_information(world: World, call: Call) -> Mapping[str, Any] | Reply:
    contact = world.account(str(call.params.get("AccountId") or account_of(call))).contact
    if contact is None:
        return refusal("account", "ResourceNotFoundException", "No contact information found", status=404)
    return {"ContactInformation": dict(contact)}


def _list_regions(world: World, call: Call) -> Mapping[str, Any]:
    """Return a page of regions, of 20 at most, as on AWS."""
    wanted = call.params.get("RegionOptStatusContains")
    regions = [
        {"RegionName": name, "RegionOptStatus": status}
        for name in _every_region()
        for status in ("ENABLED_BY_DEFAULT" if name in world.regions else "DISABLED",)
        if not wanted or status in wanted
    ]
    start, size = int(call.params.get("NextToken") or 0), int(call.params.get("MaxResults") or 20)
    page: dict[str, Any] = {"Regions": regions[start : start + size]}
    return page if start + size >= len(regions) else {**page, "NextToken": str(start + size)}


def _describe_regions(world: World, call: Call) -> Mapping[str, Any]:
    named = {value for name, value in call.params.items() if name.startswith("RegionName.")}
    everything = str(call.params.get("AllRegions", "")).lower() == "true"
    return {
        "Regions": [
            {
                "RegionName": name,
                "Endpoint": f"ec2.{name}.amazonaws.com",
                "OptInStatus": "opt-in-not-required" if name in world.regions else "not-opted-in",
            }
            for name in _every_region()
            if (everything or name in world.regions) and (not named or name in named)
        ]
    }


def _every_region() -> Iterator[str]:
    """Yield the names of the regions of the commercial partition."""
    others = ("us-gov-", "cn-")
    return (region.name for region in RegionsAndZonesBackend.regions if not region.name.startswith(others))


def _account_summary(world: World, call: Call) -> Mapping[str, Any]:
    """Return moto's counts, with those of the root user as the credential report has them."""
    account = account_of(call)
    summary: dict[str, int] = dict(iam_backends[account]["aws"].account_summary.summary_map)
    root = world.account(account).root
    if root is not None:
        summary["AccountMFAEnabled"] = int(root.mfa)
        summary["AccountAccessKeysPresent"] = int(root.key_created_at is not None)
        summary["AccountPasswordPresent"] = 1
    return {"SummaryMap": summary}


def _generate_report(world: World, call: Call) -> Mapping[str, Any]:
    """Return STARTED for the first call, and COMPLETE for four hours from then on."""
    account = account_of(call)
    if account in world.reports and world.now() - world.reports[account][0] < _REPORT_KEPT:
        return {"State": "COMPLETE"}
    text = credential_report(iam_backends[account]["aws"], account, world.account(account).root)
    world.reports[account] = (world.now(), text)
    return {"State": "STARTED", "Description": "No report exists. Starting a new report generation task"}


def _get_report(world: World, call: Call) -> Mapping[str, Any] | Reply:
    report = world.reports.get(account_of(call))
    if report is None:
        return refusal("iam", "ReportNotPresent", "No report present.", status=410)
    return {"Content": report[1], "ReportFormat": "text/csv", "GeneratedTime": report[0]}


def _simulate(_world: World, call: Call) -> Mapping[str, Any] | Reply:
    """Return the decisions on actions, by the rules that the double's own refusals follow."""
    parts = str(call.params.get("PolicySourceArn", "")).split(":")
    kind, _, name = parts[-1].partition("/")
    backend = iam_backends[account_of(call)]["aws"]
    if kind == "user" and name in backend.users:
        statements = list(user_statements(backend, name))
    elif kind == "role" and any(role.name == name for role in backend.roles.values()):
        statements = list(role_statements(backend, name))
    else:
        return refusal("iam", "NoSuchEntity", f"The entity {parts[-1]} cannot be found.", status=404)
    resources = list(_numbered(call.params, "ResourceArns")) or ["*"]
    return {
        "EvaluationResults": [
            {
                "EvalActionName": action,
                "EvalResourceName": resource,
                "EvalDecision": decision(statements, action, resource),
            }
            for action, resource in itertools.product(_numbered(call.params, "ActionNames"), resources)
        ],
        "IsTruncated": False,
    }


def _numbered(params: Mapping[str, Any], name: str) -> Iterator[str]:
    """Yield the items of a list in the query protocol: Name.member.1, Name.member.2."""
    for number in itertools.count(1):
        value = params.get(f"{name}.member.{number}")
        if value is None:
            return
        yield str(value)


def _trail_status(world: World, call: Call) -> Mapping[str, Any] | Reply:
    """Return a trail's status in UTC, without the empty strings that moto has for missing times."""
    name = str(call.params.get("Name", ""))
    trails = cloudtrail_backends[account_of(call)][call.region].describe_trails(include_shadow_trails=True)
    trail = next((trail for trail in trails if name in (trail.arn, trail.trail_name)), None)
    if trail is None:
        return refusal("cloudtrail", "TrailNotFoundException", f"Unknown trail: {name}", status=400)
    started, stopped = trail.status.started, trail.status.stopped
    status: dict[str, Any] = {"IsLogging": trail.status.is_logging}
    if started is not None:
        status |= {"StartLoggingTime": started.replace(tzinfo=UTC), "LatestDeliveryTime": world.now()}
    if stopped is not None:
        status |= dict.fromkeys(("StopLoggingTime", "LatestDeliveryTime"), stopped.replace(tzinfo=UTC))
    stuck = world.undelivered.get(trail.arn)
    if stuck is not None:
        status |= {"LatestDeliveryTime": stuck, "LatestDeliveryError": "AccessDenied"}
    return status


def _directory_buckets(world: World, call: Call) -> Mapping[str, Any]:
    buckets = world.account(account_of(call)).directory_buckets
    return {"Buckets": [{"Name": name} for name, bucket in buckets.items() if bucket.region == call.region]}


def _directory_bucket_policy(world: World, call: Call) -> Mapping[str, Any] | Reply | None:
    """Return the policy of a directory bucket; None for any other bucket, which moto has."""
    name = str(call.params.get("Bucket", ""))
    if not name.endswith(DIRECTORY):
        return None
    policy = world.account(account_of(call)).directory_buckets[name].policy
    if policy is None:
        return refusal("s3", "NoSuchBucketPolicy", "The bucket policy does not exist", status=404)
    return {"Policy": policy}


def _organizations_features(_world: World, call: Call) -> Mapping[str, Any] | Reply:
    """Return that root users are not centrally managed; accounts other than the management account are refused."""
    organization = organizations_backends[account_of(call)]["aws"].org
    if organization is None:
        code = "AccountNotManagementOrDelegatedAdministratorException"
        return refusal("iam", code, "The request was rejected: not the management account.", status=400)
    return {"OrganizationId": organization.id, "EnabledFeatures": []}


def _vpc_public_access(_world: World, call: Call) -> Mapping[str, Any]:
    off = {"State": "default-state", "InternetGatewayBlockMode": "off"}
    return {
        "VpcBlockPublicAccessOptions": {"AwsAccountId": account_of(call), "AwsRegion": call.region, **off},
    }


def _regional(members: Callable[[Account, str], Mapping[str, Any]]) -> Handler:
    return lambda world, call: members(world.account(account_of(call)), call.region)


_HANDLERS: Mapping[tuple[str, str], Handler] = {
    **UPKEEP,
    ("account", "GetContactInformation"): _contact_information,
    ("account", "ListRegions"): _list_regions,
    ("cloudtrail", "GetTrailStatus"): _trail_status,
    ("config", "DescribeComplianceByConfigRule"): lambda _world, _call: {"ComplianceByConfigRules": []},
    ("ec2", "DescribeRegions"): _describe_regions,
    ("ec2", "DescribeVpcBlockPublicAccessOptions"): _vpc_public_access,
    ("ec2", "GetAllowedImagesSettings"): lambda _world, _call: {"State": "disabled"},
    ("ec2", "GetImageBlockPublicAccessState"): _regional(
        lambda account, region: {
            "ImageBlockPublicAccessState": "block-new-sharing"
            if region in account.image_sharing_blocked
            else "unblocked"
        }
    ),
    ("ec2", "GetInstanceMetadataDefaults"): _regional(
        lambda account, region: {
            "AccountLevel": {"HttpTokens": "required"} if region in account.imdsv2_by_default else {}
        }
    ),
    ("ec2", "GetSerialConsoleAccessStatus"): _regional(
        lambda account, region: {"SerialConsoleAccessEnabled": region in account.serial_console_open}
    ),
    ("ec2", "GetSnapshotBlockPublicAccessState"): _regional(
        lambda account, region: {
            "State": "block-all-sharing" if region in account.snapshot_sharing_blocked else "unblocked"
        }
    ),
    ("iam", "GenerateCredentialReport"): _generate_report,
    ("iam", "GetAccountSummary"): _account_summary,
    ("iam", "GetCredentialReport"): _get_report,
    ("iam", "ListOrganizationsFeatures"): _organizations_features,
    ("iam", "SimulatePrincipalPolicy"): _simulate,
    ("lambda", "ListFunctionUrlConfigs"): lambda _world, call: function_urls(call),
    ("secretsmanager", "ListSecretVersionIds"): lambda _world, call: secret_versions(call),
    ("s3", "GetBucketPolicy"): _directory_bucket_policy,
    ("s3", "ListDirectoryBuckets"): _directory_buckets,
    ("s3control", "GetAccessPointPolicyStatus"): lambda _world, call: access_point_policy_status(call),
    ("s3control", "ListAccessPoints"): lambda _world, call: access_points(call),
    ("sso-admin", "GetPermissionsBoundaryForPermissionSet"): lambda _world, _call: refusal(
        "sso-admin", "ResourceNotFoundException", "There is no permissions boundary", status=404
    ),
}
