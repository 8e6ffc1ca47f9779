"""The conditions of policies and rules, as statements of which it is said how far they are understood.

A condition that is left out, null or empty restricts nothing. Okta documents that all conditions of a rule must be met.
https://developer.okta.com/docs/api/openapi/okta-management/management/tag/Policy/
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.okta._policy.formulas import FALSE, TRUE, Formula, every, fact, negated, some

ALL_ZONES = "ALL_ZONES"


@dataclass(frozen=True)
class Match:
    """When something applies, from two sides: never beyond `at_most`, and always where `at_least` holds.

    What Okta decides by an expression or a condition that is not understood is a fact like any other in these two; in
    `surely` it never holds and in `possibly` always, so that nothing is concluded from it being free.
    """

    at_most: Formula
    at_least: Formula
    possibly: Formula
    surely: Formula


ALWAYS = Match(TRUE, TRUE, TRUE, TRUE)


def known(formula: Formula) -> Match:
    """Return a condition that is understood in full."""
    return Match(formula, formula, formula, formula)


def opaque(name: str) -> Match:
    """Return a condition of which only its text is known."""
    return Match(fact(name), fact(name), TRUE, FALSE)


def all_of(matches: Iterable[Match]) -> Match:
    """Return that all conditions are met."""
    some_matches = tuple(matches)
    return Match(
        every(*(match.at_most for match in some_matches)),
        every(*(match.at_least for match in some_matches)),
        every(*(match.possibly for match in some_matches)),
        every(*(match.surely for match in some_matches)),
    )


def applies(conditions: Mapping[str, Any] | None) -> Match:
    """Return when a policy or rule with these conditions applies."""
    met = []
    for name, condition in sorted((conditions or {}).items()):
        if condition is None or condition in ({}, []):
            continue
        reader = _READERS.get(name)
        met.append(reader(condition) if reader is not None else opaque(_text(name, condition)))
    return all_of(met)


def expressions_in(conditions: Mapping[str, Any] | None) -> list[str]:
    """Return the custom expressions of a rule, which Okta alone can evaluate."""
    found = ((conditions or {}).get("elCondition") or {}).get("condition")
    return [found] if found else []


def _text(name: str, condition: Any) -> str:
    return f"{name} {json.dumps(condition, sort_keys=True)}"


def _names(condition: Mapping[str, Any], key: str) -> list[str]:
    return list(condition.get(key) or [])


def _any(kind: str, names: Iterable[str]) -> Formula:
    return some(*(fact(f"{kind} {name}") for name in names))


def _people(condition: Mapping[str, Any]) -> Match:
    groups, users = condition.get("groups") or {}, condition.get("users") or {}
    others = {key: value for key, value in condition.items() if key not in {"groups", "users"} and value}
    excluded = negated(some(_any("group", _names(groups, "exclude")), _any("user", _names(users, "exclude"))))
    included = [
        _any(kind, names)
        for kind, names in (("group", _names(groups, "include")), ("user", _names(users, "include")))
        if names
    ]
    # Of groups and users that are both named, Okta does not document whether one is enough.
    return all_of(
        [
            Match(some(*included), every(*included), some(*included), every(*included)) if included else ALWAYS,
            known(excluded),
            *([opaque(_text("people", others))] if others else []),
        ]
    )


def _network(condition: Mapping[str, Any]) -> Match:
    include, exclude = _names(condition, "include"), _names(condition, "exclude")
    match condition.get("connection"):
        case "ANYWHERE":
            return ALWAYS
        case "ZONE" if include or exclude:
            inside = _any("zone", include) if include else TRUE
            return known(every(inside, negated(_any("zone", exclude))))
        case _:
            return opaque(_text("network", condition))


def _risk_score(condition: Mapping[str, Any]) -> Match:
    level = condition.get("level")
    return ALWAYS if level == "ANY" else known(fact(f"risk {level}"))


def _risk(condition: Mapping[str, Any]) -> Match:
    behaviors = [fact(f"behavior {name}") for name in _names(condition, "behaviors")]
    others = {key: value for key, value in condition.items() if key != "behaviors" and value}
    # Okta does not document whether one of several behaviours is enough.
    wanted = Match(some(*behaviors), every(*behaviors), some(*behaviors), every(*behaviors)) if behaviors else ALWAYS
    return all_of([wanted, *([opaque(_text("risk", others))] if others else [])])


def _identity_provider(condition: Mapping[str, Any]) -> Match:
    match condition.get("provider"):
        case "ANY":
            return ALWAYS
        case "OKTA":
            return known(fact("provider OKTA"))
        case "SPECIFIC_IDP" if _names(condition, "idpIds"):
            return known(_any("provider", _names(condition, "idpIds")))
        case _:
            return opaque(_text("identityProvider", condition))


def _authentication(condition: Mapping[str, Any]) -> Match:
    kind = condition.get("authType")
    return ALWAYS if kind == "ANY" else known(fact(f"authentication {kind}"))


def _device(condition: Mapping[str, Any]) -> Match:
    wanted = []
    for name in ("managed", "registered"):
        if condition.get(name) is not None:
            device = fact(f"device {name}")
            wanted.append(known(device if condition[name] else negated(device)))
    assurances = _names(condition.get("assurance") or {}, "include")
    if assurances:
        wanted.append(known(_any("assurance", assurances)))
    rest = {
        key: value
        for key, value in condition.items()
        if key not in {"managed", "registered", "assurance", "migrated", "rooted", "trustLevel"} and value
    }
    odd = {key: condition[key] for key in ("rooted", "trustLevel") if condition.get(key) not in (None, "ANY")}
    if rest or odd:
        wanted.append(opaque(_text("device", {**rest, **odd})))
    return all_of(wanted)


def _platform(condition: Mapping[str, Any]) -> Match:
    include = [entry for entry in condition.get("include") or [] if isinstance(entry, Mapping)]
    wanted = TRUE if not include else some(*(_one_platform(entry) for entry in include))
    excluded = some(*(_one_platform(entry) for entry in condition.get("exclude") or [] if isinstance(entry, Mapping)))
    return known(every(wanted, negated(excluded)))


def _one_platform(entry: Mapping[str, Any]) -> Formula:
    system = entry.get("os") or {}
    if entry.get("type") == "ANY" and system.get("type") in (None, "ANY") and not system.get("expression"):
        return TRUE
    return fact(_text("platform", entry))


def _user_type(condition: Mapping[str, Any]) -> Match:
    include = _names(condition, "include")
    wanted = _any("type", include) if include else TRUE
    return known(every(wanted, negated(_any("type", _names(condition, "exclude")))))


def _expression(condition: Mapping[str, Any]) -> Match:
    text = condition.get("condition")
    return opaque(f"expression {text}") if text else ALWAYS


_READERS: Mapping[str, Callable[[Any], Match]] = {
    "people": _people,
    "network": _network,
    "riskScore": _risk_score,
    "risk": _risk,
    "identityProvider": _identity_provider,
    "authContext": _authentication,
    "device": _device,
    "platform": _platform,
    "userType": _user_type,
    "elCondition": _expression,
}
