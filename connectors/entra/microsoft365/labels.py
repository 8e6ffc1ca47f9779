"""Labels for what is confidential, and for what is kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from collector.core.resources import Body, resource
from connectors.entra._sdk.calls import RETENTION_LABELS, SENSITIVITY_LABELS, permissions
from connectors.entra._sdk.client import Graph
from connectors.entra._sdk.connector import entra

_RETAIN = frozenset({"retain", "retainAsRecord", "retainAsRegulatoryRecord"})


@resource("m365.purview.sensitivity_label", key="id")
class SensitivityLabel(Struct, frozen=True, kw_only=True, rename="camel"):
    """A label for what is confidential."""

    id: str
    name: str
    is_enabled: bool | None = None  # in Microsoft's example, not in its metadata: it may be missing
    applicable_to: str | None = None  # as above; names with commas, such as email,file


@resource("m365.purview.retention_label", key="id", redact=("createdBy", "lastModifiedBy"))
class RetentionLabel(Struct, frozen=True, kw_only=True, rename="camel"):
    """A label for what is kept."""

    id: str
    display_name: str
    behavior_during_retention_period: str
    is_in_use: bool | None  # null: Microsoft does not say
    retention_duration: dict[str, Any] | None  # null: none


@entra.collects(SensitivityLabel, at="tenant", call=SENSITIVITY_LABELS, permissions=permissions(SENSITIVITY_LABELS))
def sensitivity_labels(client: Graph) -> Iterator[Body]:
    return client.pages(
        SENSITIVITY_LABELS, lambda graph: graph.security.data_security_and_governance.sensitivity_labels
    )


@entra.collects(RetentionLabel, at="tenant", call=RETENTION_LABELS, permissions=permissions(RETENTION_LABELS))
def retention_labels(client: Graph) -> Iterator[Body]:
    return client.pages(RETENTION_LABELS, lambda graph: graph.security.labels.retention_labels)


@check(
    "m365_sensitivity_labels_published",
    title="Sensitivity labels exist and are active",
    severity="low",
    fix="Make labels for the levels of the company's classification, and publish them",
)
def labels_published(labels: All[SensitivityLabel], *, at_least: int = 3) -> Verdict:
    found = list(labels)
    active = [label for label in found if label.is_enabled and _for_documents(label)]
    if len(active) >= at_least:
        names = ", ".join(sorted(label.name for label in active))
        return passed(f"{len(active)} labels for files and mail are active; {at_least} are demanded: {names}")
    possible = [label for label in found if label.is_enabled is None or label.applicable_to is None]
    if len(active) + len(possible) >= at_least:
        return unknown(f"Microsoft does not say of {len(possible)} labels whether they are active, and for what")
    return failed(f"{len(active)} labels for files and mail are active; {at_least} are demanded")


def _for_documents(label: SensitivityLabel) -> bool:
    return bool({part.strip().lower() for part in (label.applicable_to or "").split(",")} & {"file", "email"})


@check(
    "m365_retention_labels_defined",
    title="Retention labels for records exist",
    severity="low",
    fix="Make a label that keeps records for as long as they have to be kept, and apply it",
)
def retention_labels_defined(labels: All[RetentionLabel]) -> Verdict:
    keeping = [
        label
        for label in labels
        if label.behavior_during_retention_period in _RETAIN and label.retention_duration is not None
    ]
    used = sorted(label.display_name for label in keeping if label.is_in_use)
    if used:
        return passed(f"{len(used)} labels keep records and are in use: {', '.join(used)}")
    if any(label.is_in_use is None for label in keeping):
        return unknown("Microsoft does not say whether labels that keep records are in use")
    return failed("no label that keeps records is in use")
