"""Inspector: which kinds of resources it scans in a region, what it does not reach, and its findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct, field

from collector.core.errors import NotUsed, Unexpected
from collector.core.resources import Body, resource
from connectors.aws._sdk.bodies import only
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.connector import aws

SEVERITIES = ("CRITICAL", "HIGH", "MEDIUM")
"""The severities of findings that are listed."""

# Reasons for which Inspector does not look at a resource that it knows, and that leave nothing in use unscanned. What
# is not here counts as not looked at, reasons of tomorrow too.
# https://docs.aws.amazon.com/inspector/v2/APIReference/API_ScanStatus.html
_NOT_IN_USE = ("EC2_INSTANCE_STOPPED", "RESOURCE_TERMINATED", "SCAN_ELIGIBILITY_EXPIRED", "IMAGE_ARCHIVED")


class Scan(Struct, frozen=True, kw_only=True):
    """The state of one kind of scan."""

    status: str  # ENABLED, ENABLING, DISABLING, DISABLED, SUSPENDING or SUSPENDED


class Scans(Struct, frozen=True, kw_only=True):
    """The kinds of scans. AWS documents that of functions as optional, and does not say what its absence means."""

    ec2: Scan
    ecr: Scan
    functions: Scan | None = field(name="lambda", default=None)


class Reached(Struct, frozen=True, kw_only=True, rename="pascal"):
    """Numbers of resources that Inspector knows (inspector2:ListCoverageStatistics)."""

    known: int
    not_scanned: int
    not_in_use: int  # of those that are not scanned


@resource("aws.inspector2.account", key="accountId", volatile=("Coverage", "Instances", "Repositories", "Functions"))
class InspectorAccount(Struct, frozen=True, kw_only=True):
    """Inspector in one region of an account (inspector2:BatchGetAccountStatus).

    Of what a scan that is on would look at nothing is read here; of the others, the first one.
    """

    account_id: str = field(name="accountId")
    scans: Scans = field(name="resourceState")
    coverage: Reached | None = field(name="Coverage")  # None: every scan is off
    instances: tuple[str, ...] | None = field(name="Instances")  # None: they are scanned
    repositories: tuple[str, ...] | None = field(name="Repositories")  # None: they are scanned
    functions: tuple[str, ...] | None = field(name="Functions")  # None: they are scanned


@resource("aws.inspector2.finding", key="findingArn")
class Finding(Struct, frozen=True, kw_only=True):
    """A finding that is open or suppressed (inspector2:ListFindings); of its subject, the ids are kept.

    A delegated administrator's account also has the findings of its members.
    """

    finding_arn: str = field(name="findingArn")
    account_id: str = field(name="awsAccountId")
    severity: str
    status: str  # ACTIVE or SUPPRESSED
    first_observed_at: datetime = field(name="firstObservedAt")
    title: str = ""  # AWS documents it as optional


def _state(account: Account) -> Body:
    answer = account.call("inspector2", "BatchGetAccountStatus", having="accounts", accountIds=[account.id])
    for state in answer["accounts"]:
        if state["accountId"] == account.id:
            scans = {name: only(scan, "status") for name, scan in state["resourceState"].items()}
            return {"accountId": account.id, "resourceState": scans}
    refusals = [f"{each.get('errorCode')}: {each.get('errorMessage')}" for each in answer.get("failedAccounts", ())]
    raise Unexpected(f"inspector2:BatchGetAccountStatus does not say the state of {account.id} {', '.join(refusals)}")


def _is_on(state: Mapping[str, Any], scan: str) -> bool:
    return bool(state["resourceState"].get(scan, {}).get("status") == "ENABLED")


@aws.collects(
    InspectorAccount,
    at="region",
    call="inspector2:BatchGetAccountStatus",
    permissions="inspector2:BatchGetAccountStatus",
)
def account_status(account: Account) -> Iterator[Body]:
    yield _state(account)


@aws.part(
    InspectorAccount,
    "Coverage",
    call="inspector2:ListCoverageStatistics",
    permissions="inspector2:ListCoverageStatistics",
)
def coverage(account: Account, state: Body) -> Any:
    if not any(_is_on(state, scan) for scan in state["resourceState"]):
        return None
    not_scanned = {"scanStatusCode": _equal("INACTIVE")}
    not_in_use = {**not_scanned, "scanStatusReason": _equal(*_NOT_IN_USE)}
    wanted = {"Known": {}, "NotScanned": not_scanned, "NotInUse": not_in_use}
    return {
        name: account.value("inspector2", "ListCoverageStatistics", "totalCounts", filterCriteria=criteria)
        for name, criteria in wanted.items()
    }


@aws.part(InspectorAccount, "Instances", call="ec2:DescribeInstances", permissions="ec2:DescribeInstances")
def instances(account: Account, state: Body) -> Any:
    if _is_on(state, "ec2"):
        return None
    running = [{"Name": "instance-state-name", "Values": ["running"]}]
    reservations = account.pages("ec2", "DescribeInstances", "Reservations", Filters=running, MaxResults=5)
    return _first(instance["InstanceId"] for reservation in reservations for instance in reservation["Instances"])


@aws.part(InspectorAccount, "Repositories", call="ecr:DescribeRepositories", permissions="ecr:DescribeRepositories")
def repositories(account: Account, state: Body) -> Any:
    if _is_on(state, "ecr"):
        return None
    listed = account.pages("ecr", "DescribeRepositories", "repositories", maxResults=1)
    return _first(repository["repositoryName"] for repository in listed)


@aws.part(InspectorAccount, "Functions", call="lambda:ListFunctions", permissions="lambda:ListFunctions")
def functions(account: Account, state: Body) -> Any:
    if _is_on(state, "lambda"):
        return None
    listed = account.pages("lambda", "ListFunctions", "Functions", MaxItems=1)
    return _first(function["FunctionName"] for function in listed)


@aws.collects(
    Finding,
    at="region",
    call=("inspector2:BatchGetAccountStatus", "inspector2:ListFindings"),
    permissions=("inspector2:BatchGetAccountStatus", "inspector2:ListFindings"),
)
def findings(account: Account) -> Iterator[Body]:
    state = _state(account)
    if not any(_is_on(state, scan) for scan in state["resourceState"]):
        raise NotUsed("every scan of Inspector is off here, by inspector2:BatchGetAccountStatus")
    # All ages: what is young shows that Inspector looks, and the limits are the company's.
    criteria = {"findingStatus": _equal("ACTIVE", "SUPPRESSED"), "severity": _equal(*SEVERITIES)}
    for finding in account.pages("inspector2", "ListFindings", "findings", filterCriteria=criteria, maxResults=100):
        kept = only(finding, "findingArn", "awsAccountId", "type", "severity", "status", "firstObservedAt", "title")
        yield {**kept, "resources": [only(each, "type", "id") for each in finding.get("resources", ())]}


def _equal(*values: str) -> list[dict[str, str]]:
    return [{"comparison": "EQUALS", "value": value} for value in values]


def _first(names: Iterator[str]) -> list[str]:
    return [name for name in (next(names, None),) if name is not None]
