"""What the simulated AWS answers to calls that Prowler makes and annexd does not, from the same data.

Refusals would spare Prowler work that it has on AWS, and would keep it from what it is to say.
"""

from __future__ import annotations

from collections.abc import Mapping
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


def _alarms(call: Call) -> Mapping[str, Any]:
    """Return the alarms with their ARNs, which annexd does not read."""
    listed = _prepared("cloudwatch", "DescribeAlarms", call)
    return {
        kind: [
            {**alarm, "AlarmArn": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{alarm['AlarmName']}"}
            for alarm in alarms
        ]
        for kind, alarms in listed.items()
    }


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
    ("cloudwatch", "DescribeAlarms"): _alarms,
    ("codebuild", "ListBuildsForProject"): {"ids": []},
    ("codebuild", "ListReportGroups"): {"reportGroups": []},
    ("eks", "ListAddons"): {"addons": []},
    ("guardduty", "DescribeOrganizationConfiguration"): {"AutoEnable": False, "MemberAccountLimitReached": False},
    ("guardduty", "GetAdministratorAccount"): {"Administrator": {}},
    ("guardduty", "ListMembers"): {"Members": []},
    ("opensearch", "DescribeDomain"): _domain,
    ("securityhub", "ListEnabledProductsForImport"): {"ProductSubscriptions": []},
    ("securityhub", "ListOrganizationAdminAccounts"): {"AdminAccounts": []},
    ("ssm", "GetDocument"): lambda call: {"Name": call.params["Name"], "Content": "{}", "DocumentFormat": "JSON"},
    ("ssm", "ListResourceComplianceSummaries"): {"ResourceComplianceSummaryItems": []},
    ("wafv2", "GetLoggingConfiguration"): _logging,
    ("wafv2", "GetWebACL"): _web_acl,
    ("wafv2", "ListResourcesForWebACL"): {"ResourceArns": []},
}
