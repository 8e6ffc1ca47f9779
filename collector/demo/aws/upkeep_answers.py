"""Answers on versions, parameters, alarms and filters that moto lacks: what there is of each, or that there is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from collector.demo.aws.wire import Call

_Handler = Callable[[object, Call], Mapping[str, Any]]
_BEGAN, _ENDS = datetime(2024, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)
_STANDARD = "open-source-rds-standard-support"
_MAJORS = (("postgres", "16"), ("postgres", "17"), ("mysql", "8.0"), ("aurora-postgresql", "16"))


def _engine_versions(_world: object, call: Call) -> Mapping[str, Any]:
    version = {"Engine": call.params.get("Engine", ""), "EngineVersion": call.params.get("EngineVersion", "")}
    return {"DBEngineVersions": [{**version, "Status": "available"}]}


def _major_versions(_world: object, _call: Call) -> Mapping[str, Any]:
    span = {
        "LifecycleSupportName": _STANDARD,
        "LifecycleSupportStartDate": _BEGAN,
        "LifecycleSupportEndDate": _ENDS,
    }
    return {
        "DBMajorEngineVersions": [
            {"Engine": engine, "MajorEngineVersion": version, "SupportedEngineLifecycles": [span]}
            for engine, version in _MAJORS
        ]
    }


def _parameters(_world: object, _call: Call) -> Mapping[str, Any]:
    return {"Parameters": [{"ParameterName": "rds.force_ssl", "ParameterValue": "1"}]}


def _cluster_versions(_world: object, _call: Call) -> Mapping[str, Any]:
    return {
        "clusterVersions": [
            {"clusterVersion": f"1.{minor}", "versionStatus": "STANDARD_SUPPORT", "endOfStandardSupportDate": _ENDS}
            for minor in range(29, 35)
        ]
    }


def _empty(name: str) -> _Handler:
    return lambda _world, _call: {name: []}


UPKEEP: Mapping[tuple[str, str], _Handler] = {
    ("accessanalyzer", "ListFindingsV2"): _empty("findings"),
    ("backup", "ListBackupVaults"): _empty("BackupVaultList"),
    ("cloudwatch", "DescribeAlarms"): lambda _world, _call: {"MetricAlarms": [], "CompositeAlarms": []},
    ("eks", "DescribeClusterVersions"): _cluster_versions,
    ("events", "ListRules"): _empty("Rules"),
    ("logs", "DescribeMetricFilters"): _empty("metricFilters"),
    ("macie2", "GetAutomatedDiscoveryConfiguration"): lambda _world, _call: {"status": "ENABLED"},
    ("macie2", "GetMacieSession"): lambda _world, _call: {"status": "ENABLED", "createdAt": _BEGAN},
    ("opensearch", "ListDomainNames"): _empty("DomainNames"),
    ("rds", "DescribeDBClusterParameters"): _parameters,
    ("rds", "DescribeDBEngineVersions"): _engine_versions,
    ("rds", "DescribeDBMajorEngineVersions"): _major_versions,
    ("rds", "DescribeDBParameters"): _parameters,
    ("route53domains", "ListDomains"): _empty("Domains"),
    ("route53resolver", "ListFirewallRuleGroupAssociations"): _empty("FirewallRuleGroupAssociations"),
    ("wafv2", "ListLoggingConfigurations"): _empty("LoggingConfigurations"),
}
