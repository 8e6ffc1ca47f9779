"""IAM Access Analyzer: the analyzers of each region, and what they found that is open."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors.aws._sdk.bodies import only
from connectors.aws._sdk.client import NO_CALL, Account
from connectors.aws._sdk.connector import aws

ACCOUNT = "ACCOUNT"
ORGANIZATION = "ORGANIZATION"
# The other types look at unused access and at access from inside.
# https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_AnalyzerSummary.html
EXTERNAL = frozenset({ACCOUNT, ORGANIZATION})


class Analyzer(Struct, frozen=True, kw_only=True):
    """One analyzer (access-analyzer:ListAnalyzers)."""

    name: str
    type: str
    status: str  # ACTIVE, CREATING, DISABLED or FAILED


@resource("aws.accessanalyzer.region")
class AnalyzerRegion(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One region of an account with its own analyzers.

    An organization's analyzer is listed in the account that it was created in, and in no other.
    """

    region: str
    analyzers: tuple[Analyzer, ...]


@resource("aws.accessanalyzer.finding", key="id")
class Finding(Struct, frozen=True, kw_only=True, rename="camel"):
    """An active finding of an analyzer of access from outside. Whom the access is given to is not kept."""

    id: str
    resource_type: str
    created_at: datetime
    resource: str = ""  # AWS documents it as optional


@aws.collects(AnalyzerRegion, at="region", call=NO_CALL)
def regions(account: Account) -> Iterator[Body]:
    yield {"AccountId": account.id, "Region": account.region}


@aws.part(AnalyzerRegion, "Analyzers", call="accessanalyzer:ListAnalyzers", permissions="access-analyzer:ListAnalyzers")
def analyzers(account: Account, _region: Body) -> Any:
    listed = account.pages("accessanalyzer", "ListAnalyzers", "analyzers", maxResults=100)
    return [only(analyzer, "arn", "name", "type", "status") for analyzer in listed]


@aws.collects(
    Finding,
    at="region",
    call=("accessanalyzer:ListAnalyzers", "accessanalyzer:ListFindingsV2"),
    permissions=("access-analyzer:ListAnalyzers", "access-analyzer:ListFindings"),
)
def findings(account: Account) -> Iterator[Body]:
    active = {"status": {"eq": ["ACTIVE"]}}
    for analyzer in account.pages("accessanalyzer", "ListAnalyzers", "analyzers", maxResults=100):
        if analyzer["type"] in EXTERNAL:
            listed = account.pages(
                "accessanalyzer",
                "ListFindingsV2",
                "findings",
                analyzerArn=analyzer["arn"],
                filter=active,
                maxResults=100,
            )
            kept = ("id", "resource", "resourceType", "resourceOwnerAccount", "createdAt", "status")
            yield from (only(finding, *kept) for finding in listed)
