"""The answers that the tests prepared, in which the second of each pair is set up otherwise than the first.

Two of everything that pass alike would not show where scanners differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from collector.demo.aws.seeding import allow, policy
from collector.demo.aws.wire import Call
from tests.doubles.aws_company import PREPARED
from tests.doubles.aws_door import Prepared

_SECOND = "second"
_SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"  # noqa: S105  AWS's own example
_OPEN = policy(allow("es:*", Principal="*"))


def _answer(service: str, operation: str, call: Call) -> Mapping[str, Any]:
    answer = PREPARED[service, operation]
    return answer(call) if callable(answer) else answer


def _second(service: str, operation: str, member: str, key: str, **otherwise: Any) -> Prepared:  # noqa: ANN401  AWS's
    """Return an answer in which the second item of a list has other members; `key` is where its name stands."""

    def made(call: Call) -> Mapping[str, Any]:
        answer = _answer(service, operation, call)
        items = [{**item, **otherwise} if item[key] == _SECOND else item for item in answer[member]]
        return {**answer, member: items}

    return made


def _distributions(call: Call) -> Mapping[str, Any]:
    listed = _answer("cloudfront", "ListDistributions", call)["DistributionList"]
    behavior = {"TargetOriginId": "files", "ViewerProtocolPolicy": "allow-all"}
    items = [{**each, "DefaultCacheBehavior": behavior} if each["Id"] == _SECOND else each for each in listed["Items"]]
    return {"DistributionList": {**listed, "Items": items}}


def _task(call: Call) -> Mapping[str, Any]:
    task = _answer("ecs", "DescribeTaskDefinition", call)["taskDefinition"]
    if _SECOND not in str(call.params["taskDefinition"]):
        return {"taskDefinition": task}
    container = {
        "name": "web",
        "image": "web:1",
        "privileged": True,
        "environment": [{"name": "AWS_SECRET_ACCESS_KEY", "value": _SECRET}],
    }
    return {"taskDefinition": {**task, "containerDefinitions": [container]}}


def _logging(call: Call) -> Mapping[str, Any]:
    is_second = _SECOND in call.params.values()
    return {"LoggingEnabled": False} if is_second else _answer("redshift", "DescribeLoggingStatus", call)


def _web_acl_logs(call: Call) -> Mapping[str, Any]:
    listed = _answer("wafv2", "ListLoggingConfigurations", call)["LoggingConfigurations"]
    return {"LoggingConfigurations": [each for each in listed if not each["ResourceArn"].endswith(_SECOND)]}


PAIRS: Mapping[tuple[str, str], Prepared] = {
    **PREPARED,
    ("autoscaling", "DescribeAutoScalingGroups"): _second(
        "autoscaling",
        "DescribeAutoScalingGroups",
        "AutoScalingGroups",
        "AutoScalingGroupName",
        AvailabilityZones=["eu-west-1a"],
    ),
    ("cloudfront", "ListDistributions"): _distributions,
    ("codebuild", "BatchGetProjects"): _second(
        "codebuild",
        "BatchGetProjects",
        "projects",
        "name",
        environment={
            "type": "LINUX_CONTAINER",
            "image": "aws/codebuild/standard:7.0",
            "computeType": "BUILD_GENERAL1_SMALL",
            "environmentVariables": [{"name": "AWS_SECRET_ACCESS_KEY", "value": _SECRET, "type": "PLAINTEXT"}],
        },
    ),
    ("ecs", "DescribeTaskDefinition"): _task,
    ("elasticache", "DescribeReplicationGroups"): _second(
        "elasticache",
        "DescribeReplicationGroups",
        "ReplicationGroups",
        "ReplicationGroupId",
        AtRestEncryptionEnabled=False,
        TransitEncryptionEnabled=True,
    ),
    ("opensearch", "DescribeDomains"): _second(
        "opensearch",
        "DescribeDomains",
        "DomainStatusList",
        "DomainName",
        EncryptionAtRestOptions={"Enabled": False},
        DomainEndpointOptions={"EnforceHTTPS": False},
        VPCOptions={},
        AccessPolicies=_OPEN,
        AdvancedSecurityOptions={"Enabled": False},
    ),
    ("redshift", "DescribeClusters"): _second(
        "redshift", "DescribeClusters", "Clusters", "ClusterIdentifier", PubliclyAccessible=True, Encrypted=False
    ),
    ("redshift", "DescribeLoggingStatus"): _logging,
    ("wafv2", "ListLoggingConfigurations"): _web_acl_logs,
}
