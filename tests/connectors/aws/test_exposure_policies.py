"""The gate of a policy: by which addresses it lets everybody in."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.aws._exposure.policies import effect_gate, policy_gate
from connectors.aws._exposure.sources import Space, everybody, just, untold
from connectors.aws._policy.context import Known
from connectors.aws._policy.evaluator import Effect, Outcome
from connectors.aws._policy.guarded import REST_API
from connectors.aws._policy.openness import Question, openness
from connectors.aws._policy.statements import Policy, read_policy
from tests.connectors.aws.api_builders import API_ARN, invoking
from tests.connectors.aws.builders import text

LAST = (1 << 32) - 1


def asked(policy: Policy, address: Known | None) -> Effect:
    """What the evaluator says of everybody, from an address."""
    known = {} if address is None else {"aws:sourceip": address}
    return openness(policy, Question(REST_API, API_ARN, actions=("execute-api:Invoke",), known=known)).everyone


def gate_of(*statements: Any, version: int = 4) -> Any:
    """The gate of a policy of these statements."""
    policy = read_policy(text(*statements))
    return policy_gate(lambda address: asked(policy, address), [policy], "it", version)


def a_range(first: int, bits: int) -> str:
    """The range of so many bits that an address is in."""
    return str(ipaddress.ip_network((first, bits), strict=False))


RANGES = st.builds(a_range, st.integers(0, LAST), st.integers(0, 32))
STATEMENTS = st.lists(
    st.builds(
        lambda effect, operator, ranges: invoking(condition={operator: {"aws:SourceIp": ranges}}, effect=effect),
        st.sampled_from(("Allow", "Deny")),
        st.sampled_from(("IpAddress", "NotIpAddress")),
        st.lists(RANGES, min_size=1, max_size=3),
    ),
    min_size=1,
    max_size=3,
)


def _has(space: Space, address: int) -> bool:
    return any(first <= address <= last for first, last in space.ranges)


@settings(max_examples=40, deadline=None)
@given(statements=STATEMENTS, others=st.lists(st.integers(0, LAST), max_size=4))
def test_it_lets_in_from_where_the_evaluator_does(statements: list[Any], others: list[int]) -> None:
    """Asked for one address of each part, it says the same as asked for any: at the ends of ranges and between."""
    policy = read_policy(text(*statements))
    sources = gate_of(*statements).sources
    ends = {int(end) for each in statements for end in _ends(each)}

    for address in (*ends, *others):
        outcome = asked(policy, Known((str(ipaddress.IPv4Address(address)),))).outcome
        assert _has(sources.surely, address) is (outcome is Outcome.ALLOWS)
        assert _has(sources.possibly, address) is (outcome is not Outcome.DOES_NOT)


def _ends(statement: Any) -> list[int]:
    (condition,) = statement["Condition"].values()
    networks = [ipaddress.ip_network(text_) for text_ in condition["aws:SourceIp"]]
    return [int(end) for each in networks for end in (each.network_address, each.broadcast_address)]


@settings(max_examples=20, deadline=None)
@given(statements=STATEMENTS, denied=RANGES)
def test_one_more_denial_never_opens(statements: list[Any], denied: str) -> None:
    """Whoever is let in with it was let in without it."""
    more = invoking(condition={"IpAddress": {"aws:SourceIp": denied}}, effect="Deny")

    assert not (gate_of(*statements, more).sources.surely - gate_of(*statements).sources.surely).ranges


@pytest.mark.parametrize(
    ("version", "surely"),
    [(4, Space(4, ((0, (1 << 31) - 1),))), (6, Space(6))],
)
def test_each_family_has_addresses_of_its_own(version: int, surely: Space) -> None:
    """A range of IPv4 lets nobody in by IPv6."""
    statement = invoking(condition={"IpAddress": {"aws:SourceIp": ["0.0.0.0/1"]}})

    assert gate_of(statement, version=version).sources.surely == surely


@pytest.mark.parametrize("value", ["203.0.113.*", "not an address", "${aws:SourceVpc}"])
def test_what_is_no_range_is_asked_for_as_a_whole(value: str) -> None:
    """Ends of ranges do not divide what is compared as text."""
    found = gate_of(invoking(condition={"StringLike": {"aws:SourceIp": value}}))

    assert found.sources in (just(Space(4)), untold(4))


@pytest.mark.parametrize(
    ("outcome", "sources"),
    [
        (Outcome.ALLOWS, just(everybody(4))),
        (Outcome.UNDECIDED, untold(4)),
        (Outcome.DOES_NOT, just(Space(4))),
    ],
)
def test_what_is_not_decided_may_be_open(outcome: Outcome, sources: Any) -> None:
    """And says what would decide it."""
    gate = effect_gate(Effect(outcome, "statement 1", ("who asks",)), "it")

    assert gate.sources == sources
    assert bool(gate.doubts) is (outcome is Outcome.UNDECIDED)
