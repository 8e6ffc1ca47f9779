"""What the small company keeps and builds: tasks, projects, caches, vaults, domains, alarms; two of each list.

The answers are made after the models of botocore. Texts that nobody should keep stand where AWS has them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tests.doubles.aws_door import Prepared

_ACCOUNT = "111122223333"
_PLACE = f"eu-west-1:{_ACCOUNT}"
_AT = datetime(2026, 2, 1, 8, tzinfo=UTC)
_NAMES = ("first", "second")

CANARIES: Mapping[str, str] = {
    "variable of a task": "canary-task-variable",
    "command of a task": "canary-task-command",
    "variable of a project": "canary-project-variable",
    "commands of a project": "canary-buildspec",
    "administrator of a warehouse": "canary-warehouse",
    "metadata of a sign-in": "canary-saml",
}


def _alarms(call: Any) -> Mapping[str, Any]:
    asked = call.params.get("AlarmTypes") or ["MetricAlarm"]
    named = [{"AlarmName": name, "ActionsEnabled": True} for name in _NAMES]
    on_metrics = [{**each, "MetricName": each["AlarmName"], "Namespace": "Security"} for each in named]
    on_others = [{**each, "AlarmRule": "ALARM(first)"} for each in named]
    return {
        "MetricAlarms": on_metrics if "MetricAlarm" in asked else [],
        "CompositeAlarms": on_others if "CompositeAlarm" in asked else [],
    }


def _task(call: Any) -> Mapping[str, Any]:
    asked = str(call.params["taskDefinition"])
    arn = asked if asked.startswith("arn:") else f"arn:aws:ecs:{_PLACE}:task-definition/{asked}:2"
    container = {
        "name": "web",
        "image": "web:1",
        "essential": True,
        "environment": [{"name": "HOST", "value": CANARIES["variable of a task"]}],
        "command": [CANARIES["command of a task"]],
        "logConfiguration": {"logDriver": "awslogs"},
    }
    return {"taskDefinition": {"taskDefinitionArn": arn, "family": "web", "containerDefinitions": [container]}}


def _projects(call: Any) -> Mapping[str, Any]:
    variable = {"name": "HOST", "value": CANARIES["variable of a project"], "type": "PLAINTEXT"}
    environment = {
        "type": "LINUX_CONTAINER",
        "image": "aws/codebuild/standard:7.0",
        "computeType": "BUILD_GENERAL1_SMALL",
        "environmentVariables": [variable],
    }
    source = {"type": "NO_SOURCE", "buildspec": CANARIES["commands of a project"]}
    return {
        "projects": [
            {
                "name": name,
                "arn": f"arn:aws:codebuild:{_PLACE}:project/{name}",
                "source": source,
                "environment": environment,
            }
            for name in call.params["names"]
        ]
    }


def _domains(call: Any) -> Mapping[str, Any]:
    return {
        "DomainStatusList": [
            {
                "DomainId": f"{_ACCOUNT}/{name}",
                "DomainName": name,
                "ARN": f"arn:aws:es:{_PLACE}:domain/{name}",
                "ClusterConfig": {},
                "EncryptionAtRestOptions": {"Enabled": True},
                "NodeToNodeEncryptionOptions": {"Enabled": True},
                "DomainEndpointOptions": {"EnforceHTTPS": True},
                "VPCOptions": {"VPCId": "vpc-1"},
                "AdvancedSecurityOptions": {
                    "Enabled": True,
                    "SAMLOptions": {
                        "Enabled": True,
                        "Idp": {"EntityId": "login-example", "MetadataContent": CANARIES["metadata of a sign-in"]},
                    },
                },
            }
            for name in call.params["DomainNames"]
        ]
    }


def _findings(call: Any) -> Mapping[str, Any]:
    analyzer = str(call.params["analyzerArn"]).rpartition("/")[2]
    return {
        "findings": [
            {
                "id": f"{analyzer}-{name}",
                "analyzedAt": _AT,
                "createdAt": _AT,
                "updatedAt": _AT,
                "resourceOwnerAccount": _ACCOUNT,
                "resourceType": "AWS::IAM::Role",
                "resource": f"arn:aws:iam::{_ACCOUNT}:role/{name}",
                "status": "ACTIVE",
            }
            for name in _NAMES
        ]
    }


STORES: Mapping[tuple[str, str], Prepared] = {
    ("ecs", "ListTaskDefinitionFamilies"): {"families": list(_NAMES)},
    ("ecs", "ListClusters"): {"clusterArns": [f"arn:aws:ecs:{_PLACE}:cluster/{name}" for name in _NAMES]},
    ("ecs", "ListServices"): {"serviceArns": [f"arn:aws:ecs:{_PLACE}:service/one/{name}" for name in _NAMES]},
    ("ecs", "DescribeServices"): {
        "services": [{"serviceName": "web", "taskDefinition": f"arn:aws:ecs:{_PLACE}:task-definition/first:1"}]
    },
    ("ecs", "DescribeTaskDefinition"): _task,
    ("codebuild", "ListProjects"): {"projects": list(_NAMES)},
    ("codebuild", "BatchGetProjects"): _projects,
    ("elasticache", "DescribeReplicationGroups"): {
        "ReplicationGroups": [
            {"ReplicationGroupId": name, "Status": "available", "AtRestEncryptionEnabled": True} for name in _NAMES
        ]
    },
    ("redshift", "DescribeClusters"): {
        "Clusters": [
            {
                "ClusterIdentifier": name,
                "ClusterStatus": "available",
                "PubliclyAccessible": False,
                "Encrypted": True,
                "MasterUsername": CANARIES["administrator of a warehouse"],
                "ClusterParameterGroups": [{"ParameterGroupName": "own", "ParameterApplyStatus": "in-sync"}],
            }
            for name in _NAMES
        ]
    },
    ("redshift", "DescribeLoggingStatus"): {"LoggingEnabled": True, "BucketName": "logs"},
    ("redshift", "DescribeClusterParameters"): {
        "Parameters": [
            {"ParameterName": "require_ssl", "ParameterValue": "true"},
            {"ParameterName": "statement_timeout", "ParameterValue": "0"},
        ]
    },
    ("cloudwatch", "DescribeAlarms"): _alarms,
    ("events", "ListRules"): {
        "Rules": [{"Name": name, "State": "ENABLED", "EventPattern": '{"source": ["aws.iam"]}'} for name in _NAMES]
    },
    ("logs", "DescribeMetricFilters"): {
        "metricFilters": [
            {
                "filterName": name,
                "logGroupName": "trail",
                "filterPattern": "{ $.userIdentity.type = Root }",
                "metricTransformations": [
                    {"metricName": name, "metricNamespace": "Security", "metricValue": "1"},
                ],
            }
            for name in _NAMES
        ]
    },
    ("opensearch", "ListDomainNames"): {"DomainNames": [{"DomainName": name} for name in _NAMES]},
    ("opensearch", "DescribeDomains"): _domains,
    ("efs", "DescribeBackupPolicy"): {"BackupPolicy": {"Status": "ENABLED"}},
    ("backup", "ListBackupVaults"): {
        "BackupVaultList": [
            {
                "BackupVaultName": name,
                "BackupVaultArn": f"arn:aws:backup:{_PLACE}:backup-vault:{name}",
                "EncryptionKeyArn": f"arn:aws:kms:{_PLACE}:key/1",
                "Locked": True,
                "LockDate": _AT,
                "NumberOfRecoveryPoints": 3,
            }
            for name in _NAMES
        ]
    },
    ("accessanalyzer", "ListFindingsV2"): _findings,
    ("iam", "ListServerCertificates"): {
        "ServerCertificateMetadataList": [
            {
                "Path": "/",
                "ServerCertificateName": name,
                "ServerCertificateId": f"ASCAEXAMPLE00000{name}",
                "Arn": f"arn:aws:iam::{_ACCOUNT}:server-certificate/{name}",
                "UploadDate": _AT,
                "Expiration": _AT,
            }
            for name in _NAMES
        ],
        "IsTruncated": False,
    },
    ("iam", "ListOrganizationsFeatures"): {
        "OrganizationId": "o-acmeacme00",
        "EnabledFeatures": ["RootCredentialsManagement"],
    },
    ("config", "DescribeComplianceByConfigRule"): {
        "ComplianceByConfigRules": [
            {"ConfigRuleName": name, "Compliance": {"ComplianceType": "COMPLIANT"}} for name in _NAMES
        ]
    },
    ("route53domains", "ListDomains"): {
        "Domains": [{"DomainName": f"{name}.example.com", "AutoRenew": True, "TransferLock": True} for name in _NAMES]
    },
    ("route53resolver", "ListFirewallRuleGroupAssociations"): {
        "FirewallRuleGroupAssociations": [
            {
                "Id": f"rslvr-frgassoc-{name}",
                "FirewallRuleGroupId": f"rslvr-frg-{name}",
                "VpcId": "vpc-1",
                "Status": "COMPLETE",
            }
            for name in _NAMES
        ]
    },
    ("route53resolver", "ListFirewallRules"): {"FirewallRules": [{"Name": name, "Action": "BLOCK"} for name in _NAMES]},
    ("macie2", "GetMacieSession"): {"status": "ENABLED", "createdAt": _AT},
    ("macie2", "GetAutomatedDiscoveryConfiguration"): {"status": "ENABLED"},
    ("resourcegroupstaggingapi", "GetResources"): {
        "ResourceTagMappingList": [
            {"ResourceARN": f"arn:aws:s3:::{name}", "Tags": [{"Key": "owner", "Value": "web"}]} for name in _NAMES
        ]
    },
    ("s3", "GetBucketLifecycleConfiguration"): {
        "Rules": [{"ID": "old", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 30}}]
    },
}
