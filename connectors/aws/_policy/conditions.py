"""Condition operators, as AWS documents them, on context keys of which not everything may be known.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import operator as compare
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, lru_cache

from connectors.aws._policy.context import Known, OneOf, Unknown
from connectors.aws._policy.patterns import (
    Lookup,
    Missing,
    Unresolved,
    has_wildcard,
    is_arn_pattern,
    matches_arn,
    matches_pattern,
    pattern_of,
)
from connectors.aws._policy.statements import Condition
from connectors.aws._policy.truth import Truth, agreed, every, of, some

_IF_EXISTS = "ifexists"
_FOR_ALL, _FOR_ANY = "forallvalues", "foranyvalue"

Match = Callable[[str, str], Truth]
"""Whether a value of a request matches one of a policy, which is given first."""


class _NotComparable(Exception):
    """A value is not of the operator's type."""


def holds(condition: Condition, state: Known | OneOf | Unknown, lookup: Lookup | None) -> Truth:
    """Return whether a condition is true. `lookup` gives policy variables; None: the policy has none."""
    if isinstance(state, Unknown):
        return Truth.MAYBE
    if isinstance(state, OneOf):
        return agreed(_remembered(condition, known, lookup) for known in state.states)
    return _remembered(condition, state, lookup)


def costs(condition: Condition) -> int:
    """Return about how many comparisons a condition takes: one, and for each value that is not looked up one a star."""
    name = condition.operator.rpartition(":")[2].removesuffix(_IF_EXISTS)
    return 1 + _prepared(condition, name).cost


def _remembered(condition: Condition, state: Known, lookup: Lookup | None) -> Truth:
    if lookup is not None and condition.has_variables:
        return _holds(condition, state, lookup)
    truth: Truth | None = condition.answers.get(state.values)
    if truth is None:
        truth = condition.answers[state.values] = _holds(condition, state, lookup)
    return truth


def _holds(condition: Condition, state: Known, lookup: Lookup | None) -> Truth:
    quantifier, _, name = condition.operator.rpartition(":")
    if name == "null":
        return _is_null(condition, state) if not quantifier else Truth.MAYBE
    if_exists = name.endswith(_IF_EXISTS)
    name = name.removesuffix(_IF_EXISTS)
    operator = _OPERATORS.get(name)
    if operator is None or quantifier not in ("", _FOR_ALL, _FOR_ANY):
        return Truth.MAYBE
    match, negated = operator
    if not state.values:
        # A value that is no number, or no address, makes a policy of which AWS does not say how it is evaluated.
        if not _all_comparable(condition, name):
            return Truth.MAYBE
        return _without_key(quantifier, if_exists=if_exists, negated=negated)
    each = [_matches_any(condition, value, name, match, lookup) for value in state.values]
    if negated:
        each = [truth.negated for truth in each]
    match quantifier:
        case "forallvalues":
            return every(each)
        case "foranyvalue":
            return some(each)
        case _:
            # AWS documents operators without a quantifier for keys of one value.
            return agreed(each)


def _without_key(quantifier: str, *, if_exists: bool, negated: bool) -> Truth:
    if quantifier == _FOR_ALL:
        return Truth.YES
    if quantifier == _FOR_ANY:
        # Whether IfExists counts behind ForAnyValue is not documented.
        return Truth.MAYBE if if_exists else Truth.NO
    return of(if_exists or negated)


def _is_null(condition: Condition, state: Known) -> Truth:
    wanted = {value.lower() for value in condition.values}
    if not wanted <= {"true", "false"}:
        return Truth.MAYBE
    return of(("true" if not state.values else "false") in wanted)


@dataclass(frozen=True)
class _Prepared:
    """The values of a condition: texts that match as they are, networks by version and length, and all others."""

    texts: frozenset[str]
    networks: Mapping[tuple[int, int], frozenset[int]]
    compared: tuple[str, ...]

    @cached_property
    def cost(self) -> int:
        """The comparisons of those that are not looked up."""
        return sum(1 + value.count("*") for value in self.compared)


def _prepared(condition: Condition, name: str) -> _Prepared:
    prepared: _Prepared | None = condition.answers.get(_Prepared)
    if prepared is None:
        prepared = condition.answers[_Prepared] = _prepare(condition.values, name)
    return prepared


def _prepare(values: Iterable[str], name: str) -> _Prepared:
    texts: set[str] = set()
    networks: dict[tuple[int, int], set[int]] = {}
    compared: list[str] = []
    for value in values:
        if name in _TEXTUAL and "${" not in value and not (name in _WITH_WILDCARDS and has_wildcard(value)):
            if name in _OF_ARNS and not is_arn_pattern(value):
                compared.append(value)
            else:
                texts.add(value.lower() if name in _ANY_CASE else value)
        elif name in _OF_NETWORKS and (network := _plain_network(value)) is not None:
            networks.setdefault((network.version, network.prefixlen), set()).add(int(network.network_address))
        else:
            compared.append(value)
    return _Prepared(frozenset(texts), {key: frozenset(some_) for key, some_ in networks.items()}, tuple(compared))


def _plain_network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    """Return the network of a text; None for what is none, or has a zone, which is compared as text."""
    try:
        return None if "%" in text else _network(text)
    except _NotComparable:
        return None


def _is_listed(prepared: _Prepared, value: str, name: str) -> bool:
    """Whether a value is one of those that are looked up. Raises _NotComparable."""
    if (value.lower() if name in _ANY_CASE else value) in prepared.texts:
        return True
    if not prepared.networks:
        return False
    address = _network(value)
    number, width = int(address.network_address), address.max_prefixlen
    return any(
        version == address.version
        and length <= address.prefixlen
        and (number >> (width - length)) << (width - length) in listed
        for (version, length), listed in prepared.networks.items()
    )


def _matches_any(condition: Condition, value: str, name: str, match: Match, lookup: Lookup | None) -> Truth:
    prepared = _prepared(condition, name)
    truths: list[Truth] = []
    try:
        if _is_listed(prepared, value, name):
            return Truth.YES
    except _NotComparable:
        truths.append(Truth.MAYBE)
    for policy_value in prepared.compared:
        try:
            truths.append(_match_one(policy_value, value, name, match, lookup))
        except _NotComparable:
            truths.append(Truth.MAYBE)
    return some(truths)


def _match_one(policy_value: str, value: str, name: str, match: Match, lookup: Lookup | None) -> Truth:
    if name not in _TEXTUAL:
        return match(policy_value, value)
    negated = _OPERATORS[name][1]
    try:
        pattern = pattern_of(policy_value, wildcards=name in _WITH_WILDCARDS, lookup=lookup)
    except Unresolved:
        return Truth.MAYBE
    except Missing:
        # What cannot be resolved matches nothing, and may make the whole statement invalid.
        return Truth.MAYBE if negated else Truth.NO
    return match(pattern, value)


def _same_text(pattern: str, value: str) -> Truth:
    return of(pattern == value)


def _same_letters(pattern: str, value: str) -> Truth:
    return of(pattern.lower() == value.lower())


def _like(pattern: str, value: str) -> Truth:
    return of(matches_pattern(pattern, value))


def _like_arn(pattern: str, value: str) -> Truth:
    if not is_arn_pattern(pattern):
        raise _NotComparable
    return of(matches_arn(pattern, value))


def _same_boolean(policy_value: str, value: str) -> Truth:
    if policy_value.lower() not in ("true", "false"):
        raise _NotComparable
    return of(policy_value.lower() == value.lower())


def _same_bytes(policy_value: str, value: str) -> Truth:
    try:
        return of(base64.b64decode(policy_value, validate=True) == base64.b64decode(value, validate=True))
    except (binascii.Error, ValueError) as error:
        raise _NotComparable from error


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError as error:
        raise _NotComparable from error
    if number != number or number in (float("inf"), float("-inf")):  # noqa: PLR0124  not a number
        raise _NotComparable
    return number


def _moment(text: str) -> float:
    try:
        return _number(text)
    except _NotComparable:
        pass
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError) as error:
        raise _NotComparable from error


@lru_cache(1024)
def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        raise _NotComparable from error


def _in_network(policy_value: str, value: str) -> Truth:
    network, address = _network(policy_value), _network(value)
    return of(network.version == address.version and address.subnet_of(network))  # type: ignore[arg-type]  # one version


def _ordered(read: Callable[[str], float], order: Callable[[float, float], bool]) -> Match:
    return lambda policy_value, value: of(order(read(value), read(policy_value)))


# Operator, without quantifier and IfExists: how it compares, and whether it is a negated one.
_OPERATORS: dict[str, tuple[Match, bool]] = {
    "stringequals": (_same_text, False),
    "stringnotequals": (_same_text, True),
    "stringequalsignorecase": (_same_letters, False),
    "stringnotequalsignorecase": (_same_letters, True),
    "stringlike": (_like, False),
    "stringnotlike": (_like, True),
    "arnequals": (_like_arn, False),
    "arnlike": (_like_arn, False),
    "arnnotequals": (_like_arn, True),
    "arnnotlike": (_like_arn, True),
    "bool": (_same_boolean, False),
    "binaryequals": (_same_bytes, False),
    "ipaddress": (_in_network, False),
    "notipaddress": (_in_network, True),
} | {
    f"{kind}{name}": (_ordered(read, order), negated)
    for kind, read in (("numeric", _number), ("date", _moment))
    for name, order, negated in (
        ("equals", compare.eq, False),
        ("notequals", compare.eq, True),
        ("lessthan", compare.lt, False),
        ("lessthanequals", compare.le, False),
        ("greaterthan", compare.gt, False),
        ("greaterthanequals", compare.ge, False),
    )
}
_WITH_WILDCARDS = frozenset({"stringlike", "stringnotlike", "arnequals", "arnlike", "arnnotequals", "arnnotlike"})
_TEXTUAL = _WITH_WILDCARDS | {
    "stringequals",
    "stringnotequals",
    "stringequalsignorecase",
    "stringnotequalsignorecase",
}


_OF_ARNS = frozenset({"arnequals", "arnlike", "arnnotequals", "arnnotlike"})
_ANY_CASE = frozenset({"stringequalsignorecase", "stringnotequalsignorecase"})
_OF_NETWORKS = frozenset({"ipaddress", "notipaddress"})


def takes_wildcards(condition: Condition) -> bool:
    """Whether `*` and `?` in the values of a condition match other text."""
    return condition.operator.rpartition(":")[2].removesuffix(_IF_EXISTS) in _WITH_WILDCARDS


def compares_text(condition: Condition) -> bool:
    """Whether the operator of a condition compares text, and not numbers, dates or addresses."""
    name = condition.operator.rpartition(":")[2].removesuffix(_IF_EXISTS)
    return name in _TEXTUAL or name in ("bool", "null")


def _all_comparable(condition: Condition, name: str) -> bool:
    comparable: bool | None = condition.answers.get(_is_comparable)
    if comparable is None:
        comparable = all(_is_comparable(name, value) for value in condition.values)
        condition.answers[_is_comparable] = comparable
    return comparable


def _is_comparable(name: str, value: str) -> bool:
    """Whether a policy's value is of the type of an operator."""
    if name in _TEXTUAL:
        return True
    try:
        _OPERATORS[name][0](value, _SAMPLES.get(name.removeprefix("not"), "1"))
    except _NotComparable:
        return False
    return True


_SAMPLES = {"ipaddress": "192.0.2.1", "binaryequals": "AA==", "bool": "true"}
