"""A door in front of the AWS double, at which calls are counted, refused, failed, or answered in other pages."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from collector.contract.raw_answers import Make
from collector.demo.aws.access import denied
from collector.demo.aws.double import AwsDouble
from collector.demo.aws.wire import Call, Reply, answer, recognise, refusal
from collector.demo.in_process import Application, Environ, StartResponse, ask, body_of, replace_body
from tests.doubles.aws_pages import Pager, Paging, on_the_wire, paging, parsed, token_of
from tests.doubles.plays import answered

# The double has pages of its own for the 34 regions that there are.
_REGIONS = "account:ListRegions"
PAGED = frozenset(
    {
        _REGIONS,
        "accessanalyzer:ListFindingsV2",
        "backup:ListBackupVaults",
        "codebuild:ListProjects",
        "config:DescribeComplianceByConfigRule",
        "ecs:ListClusters",
        "ecs:ListServices",
        "ecs:ListTaskDefinitionFamilies",
        "elasticache:DescribeReplicationGroups",
        "iam:ListServerCertificates",
        "redshift:DescribeClusterParameters",
        "redshift:DescribeClusters",
        "resourcegroupstaggingapi:GetResources",
        "route53domains:ListDomains",
        "route53resolver:ListFirewallRuleGroupAssociations",
        "route53resolver:ListFirewallRules",
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:DescribePolicies",
        "ec2:DescribeDhcpOptions",
        "eks:DescribeClusterVersions",
        "rds:DescribeDBMajorEngineVersions",
        "sns:ListTopics",
        "sqs:ListQueues",
        "ssm:DescribeDocumentPermission",
        "ssm:DescribeParameters",
        "ssm:ListDocuments",
        "wafv2:ListLoggingConfigurations",
        "wafv2:ListWebACLs",
        "accessanalyzer:ListAnalyzers",
        "acm:ListCertificates",
        "apigateway:GetRestApis",
        "apigatewayv2:GetApis",
        "apigatewayv2:GetRoutes",
        "apigatewayv2:GetStages",
        "backup:ListBackupJobs",
        "backup:ListBackupPlans",
        "backup:ListProtectedResources",
        "backup:ListRestoreJobs",
        "backup:ListRestoreTestingPlans",
        "cloudtrail:LookupEvents",
        "cloudwatch:DescribeAlarms",
        "dynamodb:ListTables",
        "ec2:DescribeFlowLogs",
        "ec2:DescribeManagedPrefixLists",
        "ec2:DescribeInstances",
        "ec2:DescribeNetworkAcls",
        "ec2:DescribeRouteTables",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSnapshots",
        "ec2:DescribeSubnets",
        "ec2:DescribeVolumes",
        "ec2:DescribeVpcs",
        "ecr:DescribeRepositories",
        "efs:DescribeFileSystems",
        "eks:ListClusters",
        "elb:DescribeLoadBalancers",
        "elbv2:DescribeLoadBalancers",
        "events:ListRules",
        "guardduty:ListFindings",
        "iam:GetAccountAuthorizationDetails",
        "iam:ListVirtualMFADevices",
        "inspector2:ListFindings",
        "kms:ListGrants",
        "kms:ListKeys",
        "lambda:ListAliases",
        "lambda:ListFunctionUrlConfigs",
        "lambda:ListFunctions",
        "lambda:ListVersionsByFunction",
        "logs:DescribeLogGroups",
        "logs:DescribeMetricFilters",
        "organizations:ListAccounts",
        "organizations:ListDelegatedServicesForAccount",
        "organizations:ListPolicies",
        "rds:DescribeDBClusterSnapshots",
        "rds:DescribeDBClusters",
        "rds:DescribeDBInstances",
        "rds:DescribeDBSnapshots",
        "s3:ListBuckets",
        "s3:ListDirectoryBuckets",
        "s3control:ListAccessPoints",
        "s3control:ListMultiRegionAccessPoints",
        "secretsmanager:ListSecretVersionIds",
        "secretsmanager:ListSecrets",
        "securityhub:GetEnabledStandards",
        "sso-admin:ListAccountAssignments",
        "sso-admin:ListCustomerManagedPolicyReferencesInPermissionSet",
        "sso-admin:ListManagedPoliciesInPermissionSet",
        "sso-admin:ListPermissionSets",
        "ssm:DescribeInstanceInformation",
    }
)
_LONG = 12

Turn = Callable[[int, int | None], int | None]
"""Maps the token of a page and the next one by AWS to the next one to answer with."""


class Door:
    """A double of AWS that the suite steers."""

    def __init__(self, behind: Application) -> None:
        self._behind = behind
        self._lock = threading.Lock()
        self._served: Counter[str] = Counter()
        self._refused: set[str] = set()
        self._failing: set[str] = set()
        self._cut: set[str] = set()
        self._turns: dict[str, Turn] = {}
        self._makes: dict[str, Make] = {}
        self._long = False

    @property
    def count(self) -> int:
        """How many requests were answered."""
        return self._served.total()

    def served(self, call: str) -> int:
        """Return how many of them were of this call."""
        return self._served[call]

    def deny(self, call: str) -> None:
        """Refuse the call in the format of its service."""
        self._refused.add(call)

    def fail(self, call: str) -> None:
        """Answer 500."""
        self._failing.add(call)

    def cut(self, call: str) -> None:
        """Answer 500 from the second page on."""
        self._cut.add(call)

    def circle(self, call: str) -> None:
        """Answer A, B, A, B."""
        self._turns[call] = lambda token, _following: 1 - token

    def repeat(self, call: str) -> None:
        """Answer with the page itself as the next."""
        self._turns[call] = lambda _token, _following: 1

    def endless(self, call: str, pages: int | None = None) -> None:
        """Answer in pages without an end, or in so many, empty ones after the last item."""
        self._turns[call] = lambda token, _following: token + 1 if token + 1 != pages else None

    def play(self, call: str, make: Make) -> None:
        """Answer with what is made of AWS's own answer."""
        self._makes[call] = make

    def stretch(self) -> None:
        """Give one item a page, and empty pages after the last item."""
        self._long = True
        for call in PAGED:
            self._turns[call] = lambda token, following: following or (token + 1 if token < _LONG else None)

    def __call__(self, call: Call, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Pass a call on, or answer it here."""
        name = f"{call.service}:{call.operation}"
        with self._lock:
            self._served[name] += 1
        return answered(self._makes.get(name), partial(self._own, call, name), environ, start_response)

    def _own(self, call: Call, name: str, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if name in self._refused:
            return denied(call.service, "made up")(start_response)
        if name in self._failing:
            return refusal(call.service, "InternalFailure", "made up", status=500)(start_response)
        how = paging(call.service, call.operation)
        if name not in PAGED or how is None:
            return self._behind(environ, start_response)
        token = _token(call, how)
        if name in self._cut and token is not None:
            return refusal(call.service, "InternalFailure", "made up", status=500)(start_response)
        return self._page(name, how, token or 0, environ)(start_response)

    def _page(self, name: str, how: Paging, token: int, environ: Environ) -> Reply:
        if name == _REGIONS:
            _limit(environ, 3 if self._long else 20)
        pager = self._behind if name == _REGIONS else Pager(self._behind, size=1)
        answered = ask(pager, environ)
        if name not in self._turns:
            return Reply(answered.status, tuple(answered.headers.items()), answered.body)
        service, operation = name.split(":")
        page = parsed(service, operation, answered)
        natural = page.pop(how.token_out, None)
        following = self._turns[name](token, None if natural is None else int(natural))
        if following is not None:
            page[how.token_out] = token_of(following)
        if how.more is not None:
            page[how.more] = following is not None
        return answer(service, operation, page)


def _token(call: Call, how: Paging) -> int | None:
    name = {"s3": "continuation-token", "s3control": "nextToken"}.get(call.service, on_the_wire(call, how.token_in))
    given = call.params.get(name)
    return None if given is None else int(given)


def _limit(environ: Environ, size: int) -> None:
    """Ask for so many items a page, in a request that has its parameters in JSON."""
    replace_body(environ, json.dumps({**json.loads(body_of(environ)), "MaxResults": size}).encode())


Prepared = Mapping[str, Any] | Callable[[Call], Mapping[str, Any]]
"""The answer to an operation, or what makes it of a call."""


class Steered(AwsDouble):
    """The double with a door in front of it, which the seeding does not pass."""

    def __init__(self, prepared: Mapping[tuple[str, str], Prepared], *, keeps_answers: bool = False) -> None:
        super().__init__(keeps_answers=keeps_answers)
        self._prepared = prepared
        self.door: Door | None = None

    def whole(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer as AWS, with the prepared answers in place of moto's."""
        call = recognise(environ)
        prepared = None if call is None else self._prepared.get((call.service, call.operation))
        if call is None or prepared is None:
            return super().respond(environ, start_response)
        result = prepared(call) if callable(prepared) else prepared
        return answer(call.service, call.operation, result)(start_response)

    def respond(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Send requests of the suite through the door."""
        call = recognise(environ)
        if self.door is None or call is None or call.account is not None:
            return super().respond(environ, start_response)
        return self.door(call, environ, start_response)
