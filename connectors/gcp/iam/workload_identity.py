"""Who from elsewhere may act in a project without a key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from collector.core.checks import Verdict, check, failed, not_applicable, passed, unknown
from collector.core.resources import Body, resource
from connectors._google import Operation
from connectors.gcp._iam.federation import narrows
from connectors.gcp._sdk.client import GoogleCloud
from connectors.gcp._sdk.connector import gcp

_POOLS = "iam.projects.locations.workloadIdentityPools"
POOLS = Operation("iam", "v1", f"{_POOLS}.list")
PROVIDERS = Operation("iam", "v1", f"{_POOLS}.providers.list")


@resource("gcp.iam.workload_identity_provider", key="name")
class Provider(Struct, frozen=True, kw_only=True, rename="camel"):
    """A provider of identities, with its pool. Google leaves out what is false or empty."""

    name: str
    state: str
    pool_disabled: bool
    disabled: bool = False
    attribute_condition: str = ""
    attribute_mapping: Mapping[str, str] = {}
    aws: dict[str, Any] | None = None  # the account that may federate; None: another kind of provider


@gcp.collects(
    Provider,
    at="project",
    call=(POOLS.id, PROVIDERS.id),
    permissions=(
        "iam.googleapis.com/workloadIdentityPools.list",
        "iam.googleapis.com/workloadIdentityPoolProviders.list",
    ),
)
def providers(client: GoogleCloud) -> Iterator[Body]:
    parent = f"{client.name}/locations/global"
    for pool in client.whatever.pages(POOLS, key="workloadIdentityPools", parent=parent, pageSize=1000):
        listed = client.whatever.pages(
            PROVIDERS, key="workloadIdentityPoolProviders", parent=pool["name"], pageSize=100
        )
        for provider in listed:
            yield {**provider, "poolDisabled": pool.get("disabled", False)}


@check(
    "gcp_iam_workload_pool_has_condition",
    title="Workload identity providers restrict who may federate",
    severity="high",
    fix="Add an attribute condition that names the organization, repository or tenant that may federate",
)
def has_condition(provider: Provider) -> Verdict:
    name = "/".join(provider.name.split("/")[-3::2])
    if provider.state != "ACTIVE" or provider.disabled or provider.pool_disabled:
        return not_applicable(f"{name} is off, so that nobody federates by it")
    if provider.aws is not None:
        return passed(f"{name} is for the AWS account {provider.aws.get('accountId')} only")
    condition = provider.attribute_condition.strip()
    said = f"{name} asks for {condition[:120] or 'nothing'}"
    match narrows(condition, provider.attribute_mapping):
        case True:
            return passed(said)
        case False:
            return failed(f"{said}, which is so of everybody's tokens of this issuer, or of those that anybody can get")
        case _:
            return unknown(f"{said}; whether that leaves out other people's tokens is for a person to read")
