"""Which events a trail records. AWS has basic and advanced event selectors; an event is recorded if one selects it.

Shapes: cloudtrail:GetEventSelectors in the CloudTrail API reference, and
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from msgspec import Struct

_READS, _WRITES = frozenset({"reads"}), frozenset({"writes"})
_BOTH = _READS | _WRITES
_NEITHER: frozenset[str] = frozenset()
_BASIC = {"All": _BOTH, "ReadOnly": _READS, "WriteOnly": _WRITES}
_OBJECTS = "AWS::S3::Object"


class DataResource(Struct, frozen=True, kw_only=True, rename="pascal"):
    """Resources of one type, by ARN or prefix, whose data events a basic selector takes."""

    type: str
    values: tuple[str, ...] = ()  # AWS leaves out empty lists


class EventSelector(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A basic event selector."""

    read_write_type: str = "All"  # AWS leaves it out where it is the default
    include_management_events: bool = True  # likewise
    exclude_management_event_sources: tuple[str, ...] = ()  # likewise
    data_resources: tuple[DataResource, ...] = ()  # likewise


class FieldSelector(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A condition of an advanced selector on one field; AWS leaves out the operators that are not used."""

    field: str
    equals: tuple[str, ...] = ()
    starts_with: tuple[str, ...] = ()
    ends_with: tuple[str, ...] = ()
    not_equals: tuple[str, ...] = ()
    not_starts_with: tuple[str, ...] = ()
    not_ends_with: tuple[str, ...] = ()


class AdvancedSelector(Struct, frozen=True, kw_only=True, rename="pascal"):
    """An advanced event selector: an event must meet all its conditions."""

    field_selectors: tuple[FieldSelector, ...]


class Selectors(Struct, frozen=True, kw_only=True, rename="pascal"):
    """The event selectors of a trail; one of the two kinds is in use."""

    event_selectors: tuple[EventSelector, ...] | None = None  # None: the advanced ones are in use
    advanced_event_selectors: tuple[AdvancedSelector, ...] | None = None  # None: the basic ones are in use


class _ManagementEvents(NamedTuple):
    """The management events that one selector takes: reads, writes or both, of all services but some, or of some."""

    kinds: frozenset[str]
    without: frozenset[str] = frozenset()
    only: frozenset[str] | None = None  # None: of all services but `without`


def missing_management_events(trails: Iterable[Selectors]) -> dict[str, frozenset[str] | None]:
    """Return for "reads" and "writes" the services of which trails together take none; None where of no service all.

    What one trail excludes another one may take.
    """
    selections = [
        selection
        for selectors in trails
        for selection in (*_basic_management(selectors), *_advanced_management(selectors))
    ]
    missing: dict[str, frozenset[str] | None] = {}
    for kind in sorted(_BOTH):
        of_kind = [selection for selection in selections if kind in selection.kinds]
        excluded = [selection.without for selection in of_kind if selection.only is None]
        added = frozenset().union(*(selection.only for selection in of_kind if selection.only is not None))
        missing[kind] = frozenset.intersection(*excluded) - added if excluded else None
    return missing


def records_all_objects(selectors: Selectors, objects: str) -> bool:
    """Whether reads and writes of all objects of a bucket are recorded; `objects` is its ARN and a slash."""
    recorded = _NEITHER
    for basic in selectors.event_selectors or ():
        if any(_basic_covers(resource, objects) for resource in basic.data_resources):
            recorded |= _BASIC.get(basic.read_write_type, _NEITHER)
    for advanced in selectors.advanced_event_selectors or ():
        recorded |= _advanced_objects(advanced, objects)
    return recorded == _BOTH


def _basic_management(selectors: Selectors) -> Iterator[_ManagementEvents]:
    for selector in selectors.event_selectors or ():
        if selector.include_management_events:
            kinds = _BASIC.get(selector.read_write_type, _NEITHER)
            yield _ManagementEvents(kinds, frozenset(selector.exclude_management_event_sources))


def _advanced_management(selectors: Selectors) -> Iterator[_ManagementEvents]:
    for selector in selectors.advanced_event_selectors or ():
        conditions = _conditions(selector, "Management")
        if conditions is None:
            continue
        kinds = _kinds(conditions.pop("readOnly", None))
        source = conditions.pop("eventSource", None)
        if conditions:
            continue
        if source is None:
            yield _ManagementEvents(kinds)
        elif not (source.starts_with or source.ends_with or source.not_starts_with or source.not_ends_with):
            excluded = frozenset(source.not_equals)
            yield _ManagementEvents(kinds, excluded, frozenset(source.equals) - excluded if source.equals else None)


def _advanced_objects(selector: AdvancedSelector, objects: str) -> frozenset[str]:
    conditions = _conditions(selector, "Data")
    if conditions is None:
        return _NEITHER
    resource_type = conditions.pop("resources.type", None)
    kinds = _kinds(conditions.pop("readOnly", None))
    arn_condition = conditions.pop("resources.ARN", None)
    if resource_type is None or resource_type.equals != (_OBJECTS,) or conditions:
        return _NEITHER
    return kinds if arn_condition is None or _covers_all(arn_condition, objects) else _NEITHER


def _conditions(selector: AdvancedSelector, category: str) -> dict[str, FieldSelector] | None:
    """Return the conditions by field, without eventCategory; None for another category or a field that occurs twice."""
    by_field = {field_selector.field: field_selector for field_selector in selector.field_selectors}
    if len(by_field) < len(selector.field_selectors):
        return None
    event_category = by_field.pop("eventCategory", None)
    return by_field if event_category is not None and event_category.equals == (category,) else None


def _kinds(read_only: FieldSelector | None) -> frozenset[str]:
    if read_only is None:
        return _BOTH
    match read_only.equals:
        case ("true",):
            return _READS
        case ("false",):
            return _WRITES
        case _:
            return _NEITHER


def _basic_covers(resource: DataResource, objects: str) -> bool:
    # All buckets are written "arn:aws:s3" or "arn:aws:s3:::"; one bucket ends with a slash.
    # https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DataResource.html
    all_buckets = objects[: objects.index(":s3:::") + len(":s3:::")]
    return resource.type == _OBJECTS and any(
        value in (all_buckets.removesuffix(":::"), all_buckets, objects) for value in resource.values
    )


def _covers_all(arn_condition: FieldSelector, objects: str) -> bool:
    if arn_condition.equals or arn_condition.ends_with or arn_condition.not_ends_with:
        return False
    if arn_condition.starts_with and not any(objects.startswith(start) for start in arn_condition.starts_with):
        return False
    exclusions = arn_condition.not_equals + arn_condition.not_starts_with
    return not any(excluded.startswith(objects) or objects.startswith(excluded) for excluded in exclusions)
