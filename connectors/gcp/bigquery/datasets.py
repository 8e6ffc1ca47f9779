"""Datasets of BigQuery and who may read them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from collector.core.checks import Verdict, check, failed, passed, unknown
from collector.core.resources import Body, resource
from connectors._google import Operation
from connectors.gcp._iam.policies import EVERYBODY
from connectors.gcp._sdk.client import TEST_PERMISSIONS, GoogleCloud, of_kind
from connectors.gcp._sdk.connector import gcp
from connectors.gcp._sdk.unused import off

DATASETS = Operation("bigquery", "v2", "bigquery.datasets.list")
DATASET = Operation("bigquery", "v2", "bigquery.datasets.get")

_KNOWN = frozenset({"userByEmail", "groupByEmail", "domain", "specialGroup", "iamMember", "view", "routine", "dataset"})


@resource("gcp.bigquery.dataset", key="id")
class Dataset(Struct, frozen=True, kw_only=True):
    """A dataset. Each entry of `access` names one member, or a view that may read it."""

    id: str
    access: tuple[dict[str, Any], ...]


@gcp.collects(
    Dataset,
    at="project",
    call=(DATASETS.id, TEST_PERMISSIONS.id),
    permissions="bigquery.datasets.get",
    unused=off("bigquery.googleapis.com"),
)
def datasets(client: GoogleCloud) -> Iterator[Body]:
    client.require("bigquery.datasets.get", "Google lists only the datasets that one may get, and does not say so")
    yield from client.google.pages(
        DATASETS, key=of_kind("datasets"), projectId=client.project, all=True, maxResults=1000
    )


@gcp.part(Dataset, "access", call=DATASET.id, permissions="bigquery.datasets.get")
def access(client: GoogleCloud, dataset: Body) -> Any:
    reference = dataset["datasetReference"]
    query = {"projectId": client.project, "datasetId": reference["datasetId"], "accessPolicyVersion": 3}
    return client.google.ask(DATASET, **query)["access"]  # every dataset has an owner


@check(
    "gcp_bigquery_dataset_not_public",
    title="BigQuery datasets are not public",
    severity="critical",
    fix="Remove allUsers and allAuthenticatedUsers from the access of the dataset",
)
def not_public(dataset: Dataset) -> Verdict:
    public = [
        f"{member} is {entry.get('role', 'granted access')}"
        for entry in dataset.access
        for member in (entry.get("specialGroup"), entry.get("iamMember"))
        if member in EVERYBODY
    ]
    if public:
        return failed(f"{dataset.id}: {'; '.join(public)}")
    strange = [entry for entry in dataset.access if not _KNOWN & entry.keys()]
    if strange:
        return unknown(f"{dataset.id} has {len(strange)} entries of a form that is not known")
    return passed()
