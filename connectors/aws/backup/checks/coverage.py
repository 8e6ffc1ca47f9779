"""The check that what should be backed up is, and was lately."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.errors import Unread
from collector.core.plain_text import first_few
from collector.core.spans import show_span
from connectors.aws.backup.resources import ProtectedResource
from connectors.aws.dynamodb.resources import Table
from connectors.aws.ec2.resources.storage import Volume, VolumeTag
from connectors.aws.efs.resources import FileSystem
from connectors.aws.efs.resources import Tag as TagOfFileSystem
from connectors.aws.rds.resources import DbCluster, DbInstance
from connectors.aws.rds.resources import Tag as TagOfDatabase


class _Store(NamedTuple):
    """A data store: its place, tags, and to when its own backups can restore it; None where they cannot.

    A place is an ARN from the service on. What AWS Backup has of one of `by` is a backup of this, too.
    """

    place: str
    tags: tuple[tuple[str, str], ...] = ()
    own: datetime | None = None
    doubt: str | None = None
    by: tuple[str, ...] = ()
    created_at: datetime | None = None


@check(
    "aws_backup_plan_covers_resources",
    title="Databases, tables and file systems were backed up within the limit",
    severity="high",
    fix="Add what is named to a selection of a backup plan, or switch on the backups that the service makes itself",
    over="region",
)
def plan_covers_resources(  # noqa: PLR0913  a set for each kind of data store
    instances: All[DbInstance],
    clusters: All[DbCluster],
    tables: All[Table],
    file_systems: All[FileSystem],
    volumes: All[Volume],
    protected: All[ProtectedResource],
    *,
    now: datetime,
    max_backup_age: timedelta = timedelta(hours=48),
    volume_tags: tuple[str, ...] = (),
    exempt_tags: tuple[str, ...] = (),
    exempt_resources: tuple[str, ...] = (),
) -> Verdict:
    listed = [*_instances(instances), *_clusters(clusters), *_tables(tables), *_file_systems(file_systems)]
    if volume_tags:
        listed += _volumes(volumes, volume_tags)
    stores = [store for store in listed if not _is_exempt(store, exempt_tags, exempt_resources)]
    exempt = f"; {len(listed) - len(stores)} are exempt" if len(stores) < len(listed) else ""
    if not stores:
        return not_applicable(f"no data store is here that is looked at{exempt}")
    last = {_place(found.resource_arn): found.last_backup_time for found in protected}
    covered = {"AWS Backup": 0, "the service itself": 0}
    lacking: list[str] = []
    doubts: list[str] = []
    for store in stores:
        known = [last[place] for place in (store.place, *store.by) if place in last]
        backed_up = max((moment for moment in known if moment is not None), default=None)
        if backed_up is not None and now - backed_up <= max_backup_age:
            covered["AWS Backup"] += 1
        elif store.own is not None and now - store.own <= max_backup_age:
            covered["the service itself"] += 1
        elif store.doubt is not None:
            doubts.append(f"{_short(store.place)}: {store.doubt}")
        elif not known and store.own is None and store.created_at and now - store.created_at <= max_backup_age:
            doubts.append(f"{_short(store.place)}: it is younger than the limit, and was not backed up yet")
        elif None in known:
            doubts.append(f"{_short(store.place)}: AWS Backup does not say when it backed it up")
        else:
            latest = max((moment for moment in (backed_up, store.own) if moment is not None), default=None)
            lacking.append(f"{_short(store.place)} ({'never' if latest is None else f'last on {latest:%Y-%m-%d}'})")
    limit = show_span(max_backup_age)
    if lacking:
        return failed(
            f"{len(lacking)} of {len(stores)} without a backup of the last {limit}: {first_few(lacking)}{exempt}"
        )
    if doubts:
        return unknown(f"{first_few(doubts, between='; ')}{exempt}")
    by = ", ".join(f"{count} by {who}" for who, count in covered.items() if count)
    return passed(f"all {len(stores)} were backed up in the last {limit}, {by}{exempt}")


def _instances(instances: Iterable[DbInstance]) -> Iterator[_Store]:
    """Yield instances; those of a cluster are backed up with it."""
    for each in instances:
        # What follows another database is restored from that one's backups.
        if each.cluster is None and not each.source_instance and not each.source_cluster:
            yield _database(each)


def _clusters(clusters: Iterable[DbCluster]) -> Iterator[_Store]:
    return (_database(each) for each in clusters if not each.replication_source)


def _database(database: DbInstance | DbCluster) -> _Store:
    own = database.latest_restorable_time if database.backup_retention_period != 0 else None
    return _Store(_place(database.arn), _pairs(database.tags), own, None, (), database.created_at)


def _tables(tables: All[Table]) -> Iterator[_Store]:
    for (account, region), table in tables.scoped():
        place = f"dynamodb:{region}:{account}:table/{table.table_name}"
        try:
            recovery, times = table.continuous_backups.point_in_time_recovery_description, table.restorable_times
        except Unread as reason:
            yield _Store(place, (), None, str(reason))
            continue
        is_on = recovery.point_in_time_recovery_status == "ENABLED"
        if is_on and times is None:
            yield _Store(place, (), None, "to when it can be restored was not read")
        else:
            yield _Store(place, (), times.latest_restorable_date_time if is_on and times is not None else None)


def _file_systems(file_systems: All[FileSystem]) -> Iterator[_Store]:
    for (account, region), each in file_systems.scoped():
        place = f"elasticfilesystem:{region}:{account}:file-system/{each.file_system_id}"
        yield _Store(place, _pairs(each.tags), None, None, (), each.creation_time)


def _volumes(volumes: All[Volume], wanted: Iterable[str]) -> Iterator[_Store]:
    for (account, region), volume in volumes.scoped():
        tags = _pairs(volume.tags)
        if _matches(tags, wanted):
            here = f"ec2:{region}:{account}"
            # A backup of an instance is one of all its volumes.
            instances = (f"{here}:instance/{each.instance_id}" for each in volume.attachments)
            yield _Store(f"{here}:volume/{volume.volume_id}", tags, None, None, tuple(instances))


def _pairs(tags: Iterable[TagOfDatabase | TagOfFileSystem | VolumeTag]) -> tuple[tuple[str, str], ...]:
    return tuple((tag.key, tag.value) for tag in tags)


def _is_exempt(store: _Store, tags: Iterable[str], arns: Iterable[str]) -> bool:
    return store.place in {_place(arn) for arn in arns} or _matches(store.tags, tags)


def _matches(tags: Iterable[tuple[str, str]], wanted: Iterable[str]) -> bool:
    """Whether one of the tags is wanted, by `key` or by `key=value`."""
    names = {text for key, value in tags for text in (key, f"{key}={value}")}
    return not names.isdisjoint(wanted)


def _place(arn: str) -> str:
    """Return an ARN from the service on: the partition is the same in all ARNs of an account."""
    return arn.split(":", 2)[-1]


def _short(place: str) -> str:
    """Return the service and name of a place, such as `rds:db:orders`."""
    service, _, _, name = place.split(":", 3)
    return f"{service}:{name}"
