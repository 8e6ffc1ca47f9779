"""What holds of the model of exposure whatever the network is."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from connectors.aws._exposure.network import Network, reach
from connectors.aws._exposure.sources import everybody, space_of
from connectors.aws._exposure.verdict import Exposure
from connectors.aws._policy.truth import Truth
from connectors.aws.ec2.address_space import interval
from tests.connectors.aws.exposure_builders import (
    ALL_4,
    ALL_6,
    a_group,
    a_subnet,
    a_table,
    an_acl,
    at,
    entry,
    letting,
    route,
)

CIDRS = st.sampled_from(
    [ALL_4, "0.0.0.0/1", "128.0.0.0/1", "64.0.0.0/2", "10.0.0.0/8", "8.0.0.0/8", "8.8.8.8/32", ALL_6, "2a00::/12"]
)
GATEWAYS = st.sampled_from(["igw-1", "igw-1", "vgw-1", "vpce-1"])
ROUTES = st.lists(st.tuples(CIDRS, GATEWAYS), max_size=5, unique_by=lambda pair: pair[0])
BY_LIST = {"IpProtocol": "tcp", "FromPort": 0, "ToPort": 65535, "PrefixListIds": [{"PrefixListId": "pl-1"}]}
RULES = st.lists(
    st.one_of(
        st.builds(letting, CIDRS, port=st.sampled_from([22, 5432]), protocol=st.sampled_from(["tcp", "udp", "-1"])),
        st.just(BY_LIST),
    ),
    max_size=4,
)
NUMBERS = st.integers(1, 32766)
ENTRIES = st.lists(
    st.builds(entry, NUMBERS, st.sampled_from(["allow", "allow", "deny"]), CIDRS, egress=st.booleans()), max_size=6
)
ADDRESSES = st.fixed_dictionaries({4: st.sampled_from(Truth), 6: st.sampled_from(Truth)})


@st.composite
def networks(draw: Any) -> dict[str, Any]:
    """The parts of a network, which may be open, shut, odd, or not all seen."""
    return {
        "routes": draw(ROUTES),
        "rules": draw(RULES),
        "entries": draw(ENTRIES),
        "watched": draw(st.booleans()),
        "without": draw(st.sets(st.sampled_from(["subnets", "tables", "acls", "groups"]), max_size=1)),
        "public": draw(ADDRESSES),
    }


def judged(parts: dict[str, Any]) -> Exposure:
    """Return what the model says of a database there."""
    tables = [a_table(*(route(cidr, gateway) for cidr, gateway in parts["routes"]))]
    if parts["watched"]:
        tables.append(a_table(name="rtb-9", gateway="igw-1"))
    seen: dict[str, Any] = {
        "subnets": (a_subnet(),),
        "tables": tuple(tables),
        "acls": (an_acl(*parts["entries"]),),
        "groups": (a_group(*parts["rules"]),),
    }
    without = dict.fromkeys(parts["without"], ())
    unread = tuple(f"{name} were refused" for name in parts["without"])
    return reach(at(public=parts["public"]), Network(**{**seen, **without}, unread=unread))


@given(parts=networks(), rule=RULES)
def test_adding_a_rule_never_closes(parts: dict[str, Any], rule: list[Any]) -> None:
    """A security group has no rule that denies."""
    assert judged({**parts, "rules": [*parts["rules"], *rule]}).truth >= judged(parts).truth


@given(parts=networks(), data=st.data())
def test_removing_a_route_to_a_gateway_never_opens(parts: dict[str, Any], data: st.DataObject) -> None:
    """Its addresses go the way of a broader route then, or none."""
    ways = [pair for pair in parts["routes"] if pair[1] == "igw-1"]
    gone = data.draw(st.sampled_from(ways)) if ways else None
    left = [pair for pair in parts["routes"] if pair != gone]

    assert judged({**parts, "routes": left}).truth <= judged(parts).truth


@given(parts=networks(), cidr=CIDRS)
def test_a_route_to_elsewhere_never_opens(parts: dict[str, Any], cidr: str) -> None:
    """It only takes addresses away from the gateway."""
    others = [pair for pair in parts["routes"] if pair[0] != cidr]

    assert judged({**parts, "routes": [*others, (cidr, "vgw-1")]}).truth <= judged({**parts, "routes": others}).truth


@given(parts=networks(), cidr=CIDRS, egress=st.booleans(), number=NUMBERS)
def test_a_denying_entry_never_opens(parts: dict[str, Any], cidr: str, egress: bool, number: int) -> None:
    """Whatever its number is."""
    denying = entry(number, "deny", cidr, egress=egress)

    assert judged({**parts, "entries": [denying, *parts["entries"]]}).truth <= judged(parts).truth


@given(parts=networks(), part=st.sampled_from(["subnets", "tables", "acls", "groups"]))
def test_what_is_not_read_decides_nothing(parts: dict[str, Any], part: str) -> None:
    """It makes shut and open untold, and never one of the other."""
    before = judged({**parts, "without": set()}).truth
    after = judged({**parts, "without": {part}}).truth

    assert after is Truth.MAYBE or after is before


@given(parts=networks())
def test_a_public_address_that_is_gone_closes(parts: dict[str, Any]) -> None:
    """And an address that is not told is between."""
    none, told, all_ = (judged({**parts, "public": {4: has, 6: has}}).truth for has in Truth)

    assert none is Truth.NO
    assert none <= told <= all_
    assert told is not Truth.YES


@given(parts=networks())
def test_everything_but_open_has_a_reason(parts: dict[str, Any]) -> None:
    """Untold without what would decide it helps nobody."""
    exposure = judged(parts)

    assert bool(exposure.because) is (exposure.truth is not Truth.YES)
    assert exposure.path[0] == "internet"
    assert exposure.path[-1] == "db-1"


@given(first=st.lists(CIDRS, max_size=4), second=st.lists(CIDRS, max_size=4), version=st.sampled_from([4, 6]))
def test_sets_are_sets(first: list[str], second: list[str], version: int) -> None:
    """Union, intersection and difference fit together."""
    one, other = (
        space_of(version, [each for cidr in cidrs if (each := interval(cidr)) is not None]) for cidrs in (first, second)
    )

    assert one & other == other & one
    assert (one - other) | (one & other) == one | (one & other)
    assert (one | other).rest == one.rest & other.rest
    assert one.rest.rest == one
    assert one | everybody(version) == everybody(version)
