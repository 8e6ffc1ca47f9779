"""RDS: the versions and parameters of engines that databases in a region use.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/extended-support.html
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors.aws._sdk.bodies import only
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.connector import aws

_INSTANCES = ("rds:DescribeDBInstances", "rds:DescribeDBClusters")
ENCRYPTING = ("rds.force_ssl", "require_secure_transport", "tls")
"""Parameters by which an engine takes connections with TLS only."""


@resource("aws.rds.engine_version", key=("Engine", "EngineVersion"))
class EngineVersion(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A version of an engine that a database here runs (rds:DescribeDBEngineVersions)."""

    engine: str
    engine_version: str
    status: str  # available, deprecated, or empty where AWS lists it no more


class Lifecycle(Struct, frozen=True, kw_only=True, rename="pascal"):
    """From when to when AWS supports a major version."""

    lifecycle_support_name: str  # open-source-rds-standard-support or open-source-rds-extended-support
    lifecycle_support_end_date: datetime


@resource("aws.rds.major_version", key=("Engine", "MajorEngineVersion"))
class MajorVersion(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A major version of an engine of open source (rds:DescribeDBMajorEngineVersions)."""

    engine: str
    major_engine_version: str
    supported_engine_lifecycles: tuple[Lifecycle, ...] = ()  # AWS documents it as optional

    def covers(self, version: str) -> bool:
        """Whether a version is one of it."""
        return version == self.major_engine_version or version.startswith(f"{self.major_engine_version}.")


class Parameter(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A parameter of a group."""

    parameter_name: str
    parameter_value: str = ""  # AWS leaves it out where the engine's own default holds


@resource("aws.rds.parameter_group", key=("Level", "Name"))
class ParameterGroup(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A group of parameters that a database here uses, with those that ask for TLS."""

    level: str  # instance or cluster
    name: str
    parameters: tuple[Parameter, ...]

    def value(self, name: str) -> str | None:
        """Return the value of a parameter; None where the group has no such parameter. May raise Unread."""
        return next((each.parameter_value for each in self.parameters if each.parameter_name == name), None)


@aws.collects(
    EngineVersion,
    at="region",
    call=("rds:DescribeDBInstances", "rds:DescribeDBEngineVersions"),
    permissions=("rds:DescribeDBInstances", "rds:DescribeDBEngineVersions"),
)
def engine_versions(account: Account) -> Iterator[Body]:
    listed = account.pages("rds", "DescribeDBInstances", "DBInstances", MaxRecords=100)
    for engine, version in dict.fromkeys((each["Engine"], each["EngineVersion"]) for each in listed):
        found = account.pages(
            "rds",
            "DescribeDBEngineVersions",
            "DBEngineVersions",
            Engine=engine,
            EngineVersion=version,
            IncludeAll=True,
            MaxRecords=100,
        )
        status = next((each.get("Status", "") for each in found if each["EngineVersion"] == version), "")
        yield {"Engine": engine, "EngineVersion": version, "Status": status}


@aws.collects(
    MajorVersion,
    at="region",
    call="rds:DescribeDBMajorEngineVersions",
    permissions="rds:DescribeDBMajorEngineVersions",
)
def major_versions(account: Account) -> Iterator[Body]:
    listed = account.pages("rds", "DescribeDBMajorEngineVersions", "DBMajorEngineVersions", MaxRecords=100)
    yield from (only(each, "Engine", "MajorEngineVersion", "SupportedEngineLifecycles") for each in listed)


@aws.collects(ParameterGroup, at="region", call=_INSTANCES, permissions=_INSTANCES)
def parameter_groups(account: Account) -> Iterator[Body]:
    names = dict.fromkeys(
        ("instance", group["DBParameterGroupName"])
        for each in account.pages("rds", "DescribeDBInstances", "DBInstances", MaxRecords=100)
        for group in each.get("DBParameterGroups", ())
    )
    clusters = account.pages("rds", "DescribeDBClusters", "DBClusters", MaxRecords=100)
    names |= dict.fromkeys(
        ("cluster", each["DBClusterParameterGroup"]) for each in clusters if each.get("DBClusterParameterGroup")
    )
    yield from ({"Level": level, "Name": name} for level, name in names)


@aws.part(
    ParameterGroup,
    "Parameters",
    call=("rds:DescribeDBParameters", "rds:DescribeDBClusterParameters"),
    permissions=("rds:DescribeDBParameters", "rds:DescribeDBClusterParameters"),
)
def parameters(account: Account, group: Body) -> Any:
    is_of_cluster = group["Level"] == "cluster"
    operation = "DescribeDBClusterParameters" if is_of_cluster else "DescribeDBParameters"
    named = {"DBClusterParameterGroupName" if is_of_cluster else "DBParameterGroupName": group["Name"]}
    # Where the filter has no effect, the whole group is read, and the rest of it is left out here.
    asked = [{"Name": "parameter-name", "Values": list(ENCRYPTING)}]
    listed = account.pages("rds", operation, "Parameters", **named, Filters=asked, MaxRecords=100)
    return [only(each, "ParameterName", "ParameterValue") for each in listed if each["ParameterName"] in ENCRYPTING]
