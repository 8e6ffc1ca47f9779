"""Which events a trail takes: AWS gives basic selectors or advanced ones, and an event need fit only one of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from msgspec import Struct

_READS, _WRITES = frozenset({"reads"}), frozenset({"writes"})
_BOTH = _READS | _WRITES
_NEITHER: frozenset[str] = frozenset()
_BASIC = {"All": _BOTH, "ReadOnly": _READS, "WriteOnly": _WRITES}
_OBJECTS = "AWS::S3::Object"


class DataResource(Struct, frozen=True, kw_only=True, rename="pascal"):
    """Things of one type whose data events a basic selector takes."""

    type: str
    values: tuple[str, ...] = ()  # AWS leaves out empty lists


class EventSelector(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A basic selector."""

    read_write_type: str = "All"  # AWS leaves it out where it is the default
    include_management_events: bool = True  # likewise
    exclude_management_event_sources: tuple[str, ...] = ()  # likewise
    data_resources: tuple[DataResource, ...] = ()  # likewise


class FieldSelector(Struct, frozen=True, kw_only=True, rename="pascal"):
    """What an advanced selector wants of one field; AWS leaves out the operators that are not used."""

    field: str
    equals: tuple[str, ...] = ()
    starts_with: tuple[str, ...] = ()
    ends_with: tuple[str, ...] = ()
    not_equals: tuple[str, ...] = ()
    not_starts_with: tuple[str, ...] = ()
    not_ends_with: tuple[str, ...] = ()


class AdvancedSelector(Struct, frozen=True, kw_only=True, rename="pascal"):
    """Conditions that an event must meet together."""

    field_selectors: tuple[FieldSelector, ...]


class Selectors(Struct, frozen=True, kw_only=True, rename="pascal"):
    """Everything that a trail takes."""

    event_selectors: tuple[EventSelector, ...] | None = None  # None: the advanced ones are in use
    advanced_event_selectors: tuple[AdvancedSelector, ...] | None = None  # None: the basic ones are in use


class _Taken(NamedTuple):
    """What one selector takes of the management events."""

    kinds: frozenset[str]
    without: frozenset[str]


def management_without(selectors: Selectors) -> frozenset[str] | None:
    """Return the services whose management events are left out; None where reads or writes are not taken at all."""
    taken = [*_basic_management(selectors), *_advanced_management(selectors)]
    without: frozenset[str] = frozenset()
    for kind in _BOTH:
        left_out = [one.without for one in taken if kind in one.kinds]
        if not left_out:
            return None
        without |= frozenset.intersection(*left_out)
    return without


def takes_objects(selectors: Selectors, objects: str) -> bool:
    """Whether reads and writes of all objects of a bucket are taken; `objects` is its ARN and a slash."""
    taken = _NEITHER
    for basic in selectors.event_selectors or ():
        if any(_basic_covers(resource, objects) for resource in basic.data_resources):
            taken |= _BASIC.get(basic.read_write_type, _NEITHER)
    for advanced in selectors.advanced_event_selectors or ():
        taken |= _advanced_objects(advanced, objects)
    return taken == _BOTH


def _basic_management(selectors: Selectors) -> Iterator[_Taken]:
    for one in selectors.event_selectors or ():
        if one.include_management_events:
            kinds = _BASIC.get(one.read_write_type, _NEITHER)
            yield _Taken(kinds, frozenset(one.exclude_management_event_sources))


def _advanced_management(selectors: Selectors) -> Iterator[_Taken]:
    for one in selectors.advanced_event_selectors or ():
        conditions = _conditions(one, "Management")
        if conditions is None:
            continue
        kinds = _kinds(conditions.pop("readOnly", None))
        source = conditions.pop("eventSource", None)
        if not conditions and (source is None or _only_leaves_out(source)):
            yield _Taken(kinds, frozenset(() if source is None else source.not_equals))


def _advanced_objects(selector: AdvancedSelector, objects: str) -> frozenset[str]:
    conditions = _conditions(selector, "Data")
    if conditions is None:
        return _NEITHER
    of = conditions.pop("resources.type", None)
    kinds = _kinds(conditions.pop("readOnly", None))
    where = conditions.pop("resources.ARN", None)
    if of is None or of.equals != (_OBJECTS,) or conditions:
        return _NEITHER
    return kinds if where is None or _covers_all(where, objects) else _NEITHER


def _conditions(selector: AdvancedSelector, category: str) -> dict[str, FieldSelector] | None:
    """Return the conditions besides the category; None for another category, or where one field is named twice."""
    found = {one.field: one for one in selector.field_selectors}
    if len(found) < len(selector.field_selectors):
        return None
    of = found.pop("eventCategory", None)
    return found if of is not None and of.equals == (category,) else None


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


def _only_leaves_out(source: FieldSelector) -> bool:
    """Whether a condition does nothing but name services that are not wanted."""
    others = (source.equals, source.starts_with, source.ends_with, source.not_starts_with, source.not_ends_with)
    return bool(source.not_equals) and not any(others)


def _basic_covers(resource: DataResource, objects: str) -> bool:
    # All buckets are written in either way; of one bucket the slash belongs to it.
    # https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DataResource.html
    all_buckets = objects[: objects.index(":s3:::") + len(":s3:::")]
    return resource.type == _OBJECTS and any(
        value in (all_buckets.removesuffix(":::"), all_buckets, objects) for value in resource.values
    )


def _covers_all(where: FieldSelector, objects: str) -> bool:
    if where.equals or where.ends_with or where.not_ends_with:
        return False
    if where.starts_with and not any(objects.startswith(start) for start in where.starts_with):
        return False
    left_out = where.not_equals + where.not_starts_with
    return not any(one.startswith(objects) or objects.startswith(one) for one in left_out)
