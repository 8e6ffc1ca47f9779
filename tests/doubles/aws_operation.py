"""What the small company runs beside its machines: topics, queues, parameters, groups of machines; two of each.

Where moto gives no answer, or one without what AWS documents, the answer is prepared after the model of botocore.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from collector.demo.aws.double import AwsDouble
from collector.demo.aws.seeding import allow, policy
from tests.doubles.aws_door import Prepared

_NAMES = ("first", "second")
_AT = datetime(2026, 2, 1, 8, tzinfo=UTC)
_PLACE = "eu-west-1:111122223333"

CANARIES: Mapping[str, str] = {
    "description of a parameter": "canary-parameter-text",
    "value of a parameter": "canary-parameter-value",
    "start script of a machine": "canary-script",
}


def _script(_call: Any) -> Mapping[str, Any]:
    text = f"#!/bin/sh\necho {CANARIES['start script of a machine']}\n"
    return {"InstanceId": "i-0", "UserData": {"Value": base64.b64encode(text.encode()).decode()}}


OPERATION: Mapping[tuple[str, str], Prepared] = {
    ("ec2", "DescribeInstanceAttribute"): _script,
    ("eks", "DescribeClusterVersions"): {
        "clusterVersions": [
            {"clusterVersion": version, "versionStatus": "STANDARD_SUPPORT", "endOfStandardSupportDate": _AT}
            for version in ("1.32", "1.33")
        ]
    },
    ("rds", "DescribeDBEngineVersions"): {
        "DBEngineVersions": [{"Engine": "postgres", "EngineVersion": "16.4", "Status": "available"}]
    },
    ("rds", "DescribeDBMajorEngineVersions"): {
        "DBMajorEngineVersions": [
            {
                "Engine": "postgres",
                "MajorEngineVersion": version,
                "SupportedEngineLifecycles": [
                    {
                        "LifecycleSupportName": "open-source-rds-standard-support",
                        "LifecycleSupportStartDate": _AT,
                        "LifecycleSupportEndDate": _AT,
                    }
                ],
            }
            for version in ("15", "16")
        ]
    },
    ("rds", "DescribeDBParameters"): {"Parameters": [{"ParameterName": "rds.force_ssl", "ParameterValue": "1"}]},
    ("rds", "DescribeDBClusterParameters"): {"Parameters": [{"ParameterName": "rds.force_ssl", "ParameterValue": "1"}]},
    ("wafv2", "ListWebACLs"): {
        "WebACLs": [
            {"Name": name, "Id": name, "ARN": f"arn:aws:wafv2:{_PLACE}:regional/webacl/{name}/{name}"}
            for name in _NAMES
        ]
    },
    ("wafv2", "ListLoggingConfigurations"): {
        "LoggingConfigurations": [
            {
                "ResourceArn": f"arn:aws:wafv2:{_PLACE}:regional/webacl/{name}/{name}",
                "LogDestinationConfigs": ["arn:aws:s3:::aws-waf-logs-acme"],
            }
            for name in _NAMES
        ]
    },
    ("wafv2", "GetWebACLForResource"): {},
    ("autoscaling", "DescribeAutoScalingGroups"): {
        "AutoScalingGroups": [
            {
                "AutoScalingGroupName": name,
                "AutoScalingGroupARN": f"arn:aws:autoscaling:{_PLACE}:autoScalingGroup:1:autoScalingGroupName/{name}",
                "MinSize": 1,
                "MaxSize": 4,
                "DesiredCapacity": 2,
                "DefaultCooldown": 300,
                "AvailabilityZones": ["eu-west-1a", "eu-west-1b"],
                "HealthCheckType": "EC2",
                "CreatedTime": _AT,
            }
            for name in _NAMES
        ]
    },
    ("autoscaling", "DescribePolicies"): {
        "ScalingPolicies": [
            {
                "AutoScalingGroupName": name,
                "PolicyARN": f"arn:aws:autoscaling:{_PLACE}:scalingPolicy:1:autoScalingGroupName/{name}",
                "PolicyName": name,
                "PolicyType": "TargetTrackingScaling",
                "Enabled": True,
            }
            for name in _NAMES
        ]
    },
    # moto's documents have a platform that AWS does not have.
    ("ssm", "ListDocuments"): {
        "DocumentIdentifiers": [
            {"Name": name, "Owner": "111122223333", "DocumentType": "Command", "PlatformTypes": ["Linux"]}
            for name in _NAMES
        ]
    },
    ("ssm", "DescribeDocumentPermission"): {"AccountIds": ["444455556666", "777788889999"]},
}


def seed_operation(double: AwsDouble, account: str, region: str) -> None:
    """Create what moto answers for."""

    def client(service: str) -> Any:
        return double.client(service, account, region)

    for name in _NAMES:
        client("sns").create_topic(Name=name)
        client("sqs").create_queue(QueueName=name)
        client("ssm").put_parameter(
            Name=f"/web/{name}",
            Value=CANARIES["value of a parameter"],
            Description=CANARIES["description of a parameter"],
            Type="String",
        )
        client("ec2").create_dhcp_options(DhcpConfigurations=[{"Key": "ntp-servers", "Values": ["169.254.169.123"]}])
        client("ecr").set_repository_policy(
            repositoryName=name, policyText=policy(allow("ecr:BatchGetImage", Principal={"AWS": account}))
        )
