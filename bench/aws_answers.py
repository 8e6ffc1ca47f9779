"""What the simulated AWS answers to calls that Prowler makes and annexd does not, from the same data.

Refusals would spare Prowler work that it has on AWS, and would keep it from what it is to say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from collector.demo.aws.wire import Call
from tests.doubles.aws_company import ACCOUNT, PREPARED, REGION
from tests.doubles.aws_door import Prepared


def _prepared(service: str, operation: str, call: Call) -> Mapping[str, Any]:
    answer = PREPARED[service, operation]
    return answer(call) if callable(answer) else answer


def _finding(call: Call) -> Mapping[str, Any]:
    listed = _prepared("accessanalyzer", "ListFindingsV2", call)["findings"]
    return {"finding": {**listed[0], "status": "ACTIVE"}}


def _domain(call: Call) -> Mapping[str, Any]:
    asked = Call(call.service, call.operation, call.region, "", None, {"DomainNames": [call.params["DomainName"]]})
    (status,) = _prepared("opensearch", "DescribeDomains", asked)["DomainStatusList"]
    return {"DomainStatus": {**status, "CognitoOptions": {"Enabled": False}}}


def _logging(call: Call) -> Mapping[str, Any]:
    listed = _prepared("wafv2", "ListLoggingConfigurations", call)["LoggingConfigurations"]
    found = next(each for each in listed if each["ResourceArn"] == call.params["ResourceArn"])
    return {"LoggingConfiguration": found}


def _web_acl(call: Call) -> Mapping[str, Any]:
    metrics = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "acl"}
    acl = {name: call.params[name] for name in ("Name", "Id")}
    arn = f"arn:aws:wafv2:{REGION}:{ACCOUNT}:regional/webacl/{acl['Name']}/{acl['Id']}"
    return {"WebACL": {**acl, "ARN": arn, "DefaultAction": {"Allow": {}}, "VisibilityConfig": metrics, "Rules": []}}


def _with(
    service: str, operation: str, member: str, more: Callable[[Mapping[str, Any]], Mapping[str, Any]]
) -> Callable[[Call], Mapping[str, Any]]:
    """Return an answer in which each item of a list has what AWS gives besides, and annexd does not read."""

    def made(call: Call) -> Mapping[str, Any]:
        answer = _prepared(service, operation, call)
        return {**answer, member: [{**item, **more(item)} for item in answer[member]]}

    return made


def _arn(service: str, kind: str, name: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{kind}{name}"


def _distributions(call: Call) -> Mapping[str, Any]:
    listed = _prepared("cloudfront", "ListDistributions", call)["DistributionList"]
    arn = f"arn:aws:cloudfront::{ACCOUNT}:distribution"
    return {
        "DistributionList": {**listed, "Items": [{**item, "ARN": f"{arn}/{item['Id']}"} for item in listed["Items"]]}
    }


def _distribution(call: Call) -> Mapping[str, Any]:
    listed = _prepared("cloudfront", "ListDistributions", call)["DistributionList"]["Items"]
    return {
        "DistributionConfig": {
            **listed[0],
            "CallerReference": "bench",
            "Logging": {"Enabled": False, "IncludeCookies": False, "Bucket": "", "Prefix": ""},
            "Restrictions": {"GeoRestriction": {"RestrictionType": "none", "Quantity": 0}},
            "WebACLId": "",
        }
    }


def _tasks(call: Call) -> Mapping[str, Any]:
    families = _prepared("ecs", "ListTaskDefinitionFamilies", call)["families"]
    return {"taskDefinitionArns": [_arn("ecs", "task-definition/", f"{family}:2") for family in families]}


def _api(call: Call) -> Mapping[str, Any]:
    listed = _prepared("apigateway", "GetRestApis", call)["items"]
    asked = next(value for value in call.params.values() if any(api["id"] == value for api in listed))
    return next(api for api in listed if api["id"] == asked)


ALSO: Mapping[tuple[str, str], Prepared] = {
    ("accessanalyzer", "ListFindings"): lambda call: _prepared("accessanalyzer", "ListFindingsV2", call),
    ("accessanalyzer", "GetFinding"): _finding,
    ("apigateway", "GetAuthorizers"): {"items": []},
    ("apigateway", "GetDomainNames"): {"items": []},
    ("apigateway", "GetResources"): {"items": []},
    ("apigateway", "GetRestApi"): _api,
    ("apigatewayv2", "GetAuthorizers"): {"Items": []},
    ("backup", "ListRecoveryPointsByBackupVault"): {"RecoveryPoints": []},
    ("autoscaling", "DescribeAutoScalingGroups"): _with(
        "autoscaling", "DescribeAutoScalingGroups", "AutoScalingGroups", lambda _group: {"Tags": []}
    ),
    ("backup", "ListBackupPlans"): _with(
        "backup",
        "ListBackupPlans",
        "BackupPlansList",
        lambda plan: {"BackupPlanArn": _arn("backup", "backup-plan:", plan["BackupPlanId"]), "VersionId": "1"},
    ),
    ("cloudfront", "GetDistributionConfig"): _distribution,
    ("cloudfront", "ListDistributions"): _distributions,
    ("cloudwatch", "DescribeAlarms"): _with(
        "cloudwatch",
        "DescribeAlarms",
        "MetricAlarms",
        lambda alarm: {"AlarmArn": _arn("cloudwatch", "alarm:", alarm["AlarmName"])},
    ),
    ("codebuild", "ListBuildsForProject"): {"ids": []},
    ("codebuild", "ListReportGroups"): {"reportGroups": []},
    ("ecs", "DescribeClusters"): lambda call: {"clusters": [{"clusterArn": arn} for arn in call.params["clusters"]]},
    ("ecs", "DescribeServices"): _with(
        "ecs",
        "DescribeServices",
        "services",
        lambda service: {"serviceArn": _arn("ecs", "service/one/", service["serviceName"])},
    ),
    ("ecs", "ListTaskDefinitions"): _tasks,
    ("elasticache", "DescribeCacheClusters"): {"CacheClusters": []},
    ("elasticache", "DescribeReplicationGroups"): _with(
        "elasticache",
        "DescribeReplicationGroups",
        "ReplicationGroups",
        lambda group: {"ARN": _arn("elasticache", "replicationgroup:", group["ReplicationGroupId"])},
    ),
    ("eks", "ListAddons"): {"addons": []},
    ("guardduty", "DescribeOrganizationConfiguration"): {"AutoEnable": False, "MemberAccountLimitReached": False},
    ("guardduty", "GetAdministratorAccount"): {"Administrator": {}},
    ("guardduty", "ListMembers"): {"Members": []},
    ("opensearch", "DescribeDomain"): _domain,
    ("rds", "DescribeDBEngineVersions"): _with(
        "rds", "DescribeDBEngineVersions", "DBEngineVersions", lambda _version: {"DBEngineDescription": "PostgreSQL"}
    ),
    ("redshift", "DescribeClusterSnapshots"): {"Snapshots": []},
    ("redshift", "DescribeClusters"): _with(
        "redshift", "DescribeClusters", "Clusters", lambda _cluster: {"VpcSecurityGroups": [], "Tags": []}
    ),
    ("securityhub", "ListEnabledProductsForImport"): {"ProductSubscriptions": []},
    ("securityhub", "ListOrganizationAdminAccounts"): {"AdminAccounts": []},
    ("ssm", "GetDocument"): lambda call: {"Name": call.params["Name"], "Content": "{}", "DocumentFormat": "JSON"},
    ("ssm", "ListResourceComplianceSummaries"): {"ResourceComplianceSummaryItems": []},
    ("wafv2", "GetLoggingConfiguration"): _logging,
    ("wafv2", "GetWebACL"): _web_acl,
    ("wafv2", "ListResourcesForWebACL"): {"ResourceArns": []},
}
