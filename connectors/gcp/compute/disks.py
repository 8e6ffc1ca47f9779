"""Disks, with their schedules and the latest snapshot of each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec import Struct

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from collector.core.resources import Body, resource
from connectors.gcp._sdk.client import GoogleCloud, compute, in_every_place, of_kind
from connectors.gcp._sdk.connector import gcp
from connectors.gcp._sdk.links import path_of, placed
from connectors.gcp.backupdr.associations import PlanAssociation
from connectors.gcp.compute.networks import COMPUTE_OFF

DISKS = compute("disks.aggregatedList")
SNAPSHOTS = compute("snapshots.list")
SCHEDULES = compute("resourcePolicies.aggregatedList")


class Snapshot(Struct, frozen=True, kw_only=True, rename="camel"):
    """The latest snapshot of a disk that is ready."""

    name: str
    creation_timestamp: datetime


@resource(
    "gcp.compute.disk",
    key="place",
    volatile=("latestSnapshot", "labelFingerprint", "lastAttachTimestamp", "lastDetachTimestamp"),
)
class Disk(Struct, frozen=True, kw_only=True, rename="camel"):
    """A disk; `schedules` are those of its policies that make snapshots."""

    place: str
    name: str
    self_link: str
    schedules: tuple[str, ...]
    latest_snapshot: Snapshot | None  # None: there is none that is ready
    users: tuple[str, ...] = ()  # the instances that it is attached to; left out where there are none
    labels: dict[str, str] = {}  # left out where there are none


@gcp.collects(
    Disk,
    at="project",
    call=(DISKS.id, SNAPSHOTS.id, SCHEDULES.id),
    permissions=("compute.disks.list", "compute.snapshots.list", "compute.resourcePolicies.list"),
    unused=COMPUTE_OFF,
)
def disks(client: GoogleCloud) -> Iterator[Body]:
    query = {"project": client.project, "maxResults": 500}
    latest: dict[str, Body] = {}
    for snapshot in client.google.pages(SNAPSHOTS, key=of_kind(), **query):
        source = snapshot.get("sourceDiskId")  # left out where the snapshot is of something else
        if source and snapshot["status"] == "READY":
            before = latest.get(source)
            if before is None or _made(before) < _made(snapshot):
                latest[source] = {name: snapshot[name] for name in ("name", "creationTimestamp")}
    schedules = {
        path_of(policy["selfLink"])
        for policy in client.google.pages(SCHEDULES, key=in_every_place("resourcePolicies"), **query)
        if "snapshotSchedulePolicy" in policy
    }
    for disk in placed(client.google.pages(DISKS, key=in_every_place("disks"), **query)):
        own = [link for link in disk.get("resourcePolicies", ()) if path_of(link) in schedules]
        yield {**disk, "schedules": own, "latestSnapshot": latest.get(disk["id"])}


def _made(snapshot: Body) -> datetime:
    return datetime.fromisoformat(snapshot["creationTimestamp"])


@check(
    "gcp_compute_disk_snapshot_schedule",
    title="Persistent disks have a snapshot or backup schedule, and a recent backup",
    severity="high",
    fix="Attach a snapshot schedule or a backup plan to the disk, or label it as exempt and name the label",
)
def snapshot_schedule(
    disk: Disk,
    plans: All[PlanAssociation],
    *,
    now: datetime,
    max_age: timedelta = timedelta(hours=48),
    exempt_labels: tuple[str, ...] = (),
) -> Verdict:
    exempt = sorted(set(exempt_labels) & set(disk.labels))
    if exempt:
        return passed(f"{disk.name} has the label {exempt[0]}, which is in exempt_labels")
    if disk.schedules:
        made = disk.latest_snapshot.creation_timestamp if disk.latest_snapshot is not None else None
        return _recent(disk.name, "snapshot", made, now, max_age)
    protected = {path_of(disk.self_link), *map(path_of, disk.users)}  # a plan of an instance takes its disks along
    for plan in plans:
        if path_of(plan.resource) in protected and plan.state == "ACTIVE":
            times = [rule.last_successful_backup_consistency_time for rule in plan.rules_config_info]
            return _recent(
                disk.name, "backup", max((time for time in times if time is not None), default=None), now, max_age
            )
    if disk.latest_snapshot is not None and now - disk.latest_snapshot.creation_timestamp <= max_age:
        return unknown(
            f"{disk.name} has a recent snapshot, and no schedule that annexd reads: what makes it is not known"
        )
    return failed(f"{disk.name} has no snapshot schedule and no backup plan")


def _recent(name: str, what: str, made: datetime | None, now: datetime, max_age: timedelta) -> Verdict:
    hours = max_age.total_seconds() / 3600
    if made is None:
        return failed(f"{name} has a schedule, and no {what} yet")
    age = (now - made).total_seconds() / 3600
    said = f"the latest {what} of {name} is {age:.0f} hours old"
    return passed(said) if now - made <= max_age else failed(f"{said}; {hours:.0f} are allowed")
