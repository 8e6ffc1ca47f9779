"""The effective model against somebody who tries every context: which rule decides, and who can come upon one."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.okta._policy.conditions import Match, applies
from connectors.okta._policy.formulas import FALSE, TRUE, Formula, can_hold, every, fact, negated, some
from connectors.okta._policy.order import Reach, ranked, reach, world

_GROUPS, _ZONES, _USERS = ("g1", "g2"), ("z1", "z2"), ("u1",)


def holds(formula: Formula, true: frozenset[str]) -> bool:
    """Whether a statement is true where exactly these facts are."""
    match formula.op:
        case "fact":
            return formula.name in true
        case "not":
            return not holds(formula.parts[0], true)
        case "and":
            return all(holds(part, true) for part in formula.parts)
        case "or":
            return any(holds(part, true) for part in formula.parts)
        case _:
            return formula == TRUE


def formulas(names: tuple[str, ...] = ("a", "b", "c", "d")) -> st.SearchStrategy[Formula]:
    """Statements over a few facts."""
    leaves = st.sampled_from([TRUE, FALSE, *(fact(name) for name in names)])
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            inner.map(negated),
            st.lists(inner, max_size=3).map(lambda parts: every(*parts)),
            st.lists(inner, max_size=3).map(lambda parts: some(*parts)),
        ),
        max_leaves=12,
    )


@given(formulas())
def test_a_statement_can_hold_exactly_where_some_choice_of_facts_makes_it_true(formula: Formula) -> None:
    """The search skips choices; what it skips must not have been the only one."""
    names = ("a", "b", "c", "d")
    tried = [
        holds(formula, frozenset(name for name, is_true in zip(names, choice, strict=True) if is_true))
        for choice in product((True, False), repeat=len(names))
    ]

    assert can_hold(formula) is any(tried)


def test_a_search_that_takes_too_long_is_left_open() -> None:
    """Giving up is not the same as finding nothing."""
    formula = every(*(some(fact(f"a{n}"), fact(f"b{n}")) for n in range(5)), fact("x"))

    assert can_hold(formula, most_steps=2) is None
    assert can_hold(formula) is True


def _lists(names: tuple[str, ...]) -> st.SearchStrategy[list[str]]:
    return st.sets(st.sampled_from(names)).map(sorted)


conditions = st.fixed_dictionaries(
    {},
    optional={
        "people": st.fixed_dictionaries(
            {},
            optional={
                "groups": st.fixed_dictionaries({}, optional={"include": _lists(_GROUPS), "exclude": _lists(_GROUPS)}),
                "users": st.fixed_dictionaries({}, optional={"exclude": _lists(_USERS)}),
            },
        ),
        "network": st.one_of(
            st.just({"connection": "ANYWHERE"}),
            st.fixed_dictionaries({"connection": st.just("ZONE"), "include": _lists(_ZONES).filter(bool)}),
            st.fixed_dictionaries({"connection": st.just("ZONE"), "exclude": _lists(_ZONES).filter(bool)}),
        ),
        "riskScore": st.sampled_from([{"level": level} for level in ("ANY", "LOW", "HIGH")]),
    },
)


def _met(rule: dict[str, Any], who: dict[str, Any]) -> bool:
    """Whether somebody meets the conditions of a rule, as Okta's documentation says it."""
    people = rule.get("people") or {}
    groups, users = people.get("groups") or {}, people.get("users") or {}
    if groups.get("include") and not set(groups["include"]) & who["groups"]:
        return False
    if set(groups.get("exclude") or ()) & who["groups"] or who["user"] in (users.get("exclude") or ()):
        return False
    network = rule.get("network") or {}
    if network.get("include") and not set(network["include"]) & who["zones"]:
        return False
    if set(network.get("exclude") or ()) & who["zones"]:
        return False
    level = (rule.get("riskScore") or {}).get("level", "ANY")
    return level in ("ANY", who["risk"])


def _everybody() -> list[dict[str, Any]]:
    def subsets(names: tuple[str, ...]) -> list[set[str]]:
        return [{n for n, taken in zip(names, choice, strict=True) if taken} for choice in product((0, 1), repeat=2)]

    return [
        {"groups": groups, "zones": zones, "user": user, "risk": risk}
        for groups, zones, user, risk in product(
            subsets(_GROUPS), subsets(_ZONES), ("u1", "u2"), ("LOW", "MEDIUM", "HIGH")
        )
    ]


_EVERYBODY = _everybody()
_FACTS = frozenset(
    {*(f"group {n}" for n in _GROUPS), *(f"zone {n}" for n in _ZONES), "user u1", "risk LOW", "risk HIGH"}
)


@settings(deadline=None)
@given(st.lists(conditions, min_size=1, max_size=4))
def test_a_rule_is_come_upon_by_exactly_those_for_whom_it_is_the_first(rules: list[dict[str, Any]]) -> None:
    """A weak rule behind a strong one for everybody lets nobody in; one before it does."""
    first = [next((n for n, rule in enumerate(rules) if _met(rule, who)), None) for who in _EVERYBODY]
    found = ranked((number, applies(rule)) for number, rule in enumerate(rules))

    for rule in found:
        expected = Reach.YES if rule.rule in first else Reach.NO
        assert reach(world(_FACTS), rule.decides) is expected, (rules, rule.rule)


@settings(deadline=None)
@given(st.lists(conditions, min_size=1, max_size=3), st.lists(conditions, min_size=1, max_size=3))
def test_two_policies_are_come_upon_together(sessions: list[dict[str, Any]], apps: list[dict[str, Any]]) -> None:
    """Whoever is in a group gets the session and the application by rules for that group."""

    def decide(rules: list[dict[str, Any]], who: dict[str, Any]) -> int | None:
        return next((n for n, rule in enumerate(rules) if _met(rule, who)), None)

    together = {(decide(sessions, who), decide(apps, who)) for who in _EVERYBODY}
    session_rules = ranked((n, applies(rule)) for n, rule in enumerate(sessions))
    app_rules = ranked((n, applies(rule)) for n, rule in enumerate(apps))

    for session, app in product(session_rules, app_rules):
        expected = Reach.YES if (session.rule, app.rule) in together else Reach.NO
        assert reach(world(_FACTS), session.decides, app.decides) is expected


@given(st.lists(st.tuples(conditions, st.booleans()), min_size=1, max_size=3))
def test_an_expression_makes_nothing_certain(rules: list[tuple[dict[str, Any], bool]]) -> None:
    """Whether it is ever true, or always, Okta alone can say: what rests on it is left open."""
    expression = {"elCondition": {"condition": "user.profile.department == 'X'"}}
    with_it = [{**rule, **expression} if has else rule for rule, has in rules]
    found = ranked((n, applies(rule)) for n, rule in enumerate(with_it))
    never = ranked((n, applies(rule)) for n, (rule, has) in enumerate(rules) if not has)
    plain = {rule.rule: reach(world(_FACTS), rule.decides) for rule in never}

    for rule in found:
        said = reach(world(_FACTS), rule.decides)
        if rules[rule.rule][1]:
            assert said is not Reach.YES
        elif said is Reach.YES:
            assert plain[rule.rule] is Reach.YES


@pytest.mark.parametrize(
    ("before", "rule", "expected"),
    [
        # The same expression twice: the first rule takes whoever meets it.
        ({"elCondition": {"condition": "e"}}, {"elCondition": {"condition": "e"}}, Reach.NO),
        ({"elCondition": {"condition": "e"}}, {"elCondition": {"condition": "f"}}, Reach.MAYBE),
        ({"elCondition": {"condition": ""}}, {}, Reach.NO),
        ({"elCondition": None}, {}, Reach.NO),
        # What is not known to restrict may restrict.
        ({"newCondition": {"a": 1}}, {}, Reach.MAYBE),
        ({"newCondition": None}, {}, Reach.NO),
        ({"network": {"connection": "ZONE"}}, {}, Reach.MAYBE),
        ({"network": {"connection": "ZONE", "include": ["ALL_ZONES"]}}, {}, Reach.YES),
        ({"network": {"connection": "ZONE", "exclude": ["ALL_ZONES"]}},
         {"network": {"connection": "ZONE", "include": ["z1"]}}, Reach.YES),
        ({"network": {"connection": "ZONE", "include": ["ALL_ZONES"]}},
         {"network": {"connection": "ZONE", "include": ["z1"]}}, Reach.NO),
        # Devices, platforms, kinds of users, providers and entry points.
        ({"device": {"managed": True, "registered": True}}, {"device": {"managed": False}}, Reach.YES),
        ({"device": {"registered": True}}, {"device": {"registered": True, "managed": True}}, Reach.NO),
        ({"device": {"managed": None, "registered": None}}, {}, Reach.NO),
        ({"device": {"assurance": {"include": ["d1"]}}}, {"device": {"assurance": {"include": ["d1"]}}}, Reach.NO),
        ({"device": {"assurance": {"include": ["d1"]}}}, {}, Reach.YES),
        ({"device": {"somethingNew": 1}}, {}, Reach.MAYBE),
        ({"platform": {"include": [{"type": "ANY", "os": {"type": "ANY"}}]}}, {}, Reach.NO),
        ({"platform": {"include": [{"type": "MOBILE", "os": {"type": "IOS"}}]}}, {}, Reach.YES),
        ({"platform": {"include": []}}, {}, Reach.NO),
        ({"userType": {"include": [], "exclude": []}}, {}, Reach.NO),
        ({"userType": {"include": ["t1"], "exclude": []}}, {"userType": {"include": [], "exclude": ["t1"]}}, Reach.YES),
        ({"identityProvider": {"provider": "ANY"}}, {}, Reach.NO),
        ({"identityProvider": {"provider": "OKTA"}},
         {"identityProvider": {"provider": "SPECIFIC_IDP", "idpIds": ["i1"]}}, Reach.YES),
        ({"identityProvider": {"provider": "SPECIFIC_IDP", "idpIds": ["i1"]}},
         {"identityProvider": {"provider": "SPECIFIC_IDP", "idpIds": ["i1"]}}, Reach.NO),
        ({"identityProvider": {"provider": "NEW"}}, {}, Reach.MAYBE),
        ({"authContext": {"authType": "ANY"}}, {}, Reach.NO),
        ({"authContext": {"authType": "RADIUS"}}, {}, Reach.YES),
        ({"risk": {"behaviors": ["b1"]}}, {"risk": {"behaviors": ["b1"]}}, Reach.NO),
        ({"risk": {"behaviors": []}}, {}, Reach.NO),
        # One of two behaviours may be enough, or both be needed.
        ({"risk": {"behaviors": ["b1", "b2"]}}, {"risk": {"behaviors": ["b1"]}}, Reach.MAYBE),
        ({"risk": {"behaviors": ["b1"]}}, {"risk": {"behaviors": ["b1", "b2"]}}, Reach.MAYBE),
        # Of a group and a user that are both named, one may be enough.
        ({"people": {"groups": {"include": ["g1"]}, "users": {"include": ["u1"]}}},
         {"people": {"groups": {"include": ["g1"]}}}, Reach.MAYBE),
        ({"people": {"groups": {"include": ["g1"]}}},
         {"people": {"groups": {"include": ["g1"]}, "users": {"include": ["u1"]}}}, Reach.MAYBE),
        ({"people": {"userCategory": {"a": 1}}}, {}, Reach.MAYBE),
    ],
)  # fmt: skip
def test_a_rule_behind_another(before: dict[str, Any], rule: dict[str, Any], expected: Reach) -> None:
    """Each kind of condition, and what it leaves over for the next rule."""
    facts = {"zone z1", "zone ALL_ZONES", "provider OKTA", "provider i1", "risk LOW"}
    found = ranked([("before", applies(before)), ("rule", applies(rule))])

    assert reach(world(facts), found[1].decides) is expected


@pytest.mark.parametrize(
    ("conditions", "world_of", "expected"),
    [
        ({"network": {"connection": "ZONE", "include": ["z1"]}}, {"empty_zones": ["z1"]}, Reach.NO),
        ({"network": {"connection": "ZONE", "include": ["z1"]}}, {"empty_zones": ["z2"]}, Reach.YES),
        ({"people": {"groups": {"exclude": ["all"]}}}, {"everybody": ["all"]}, Reach.NO),
        ({"people": {"groups": {"include": ["all"]}}}, {"everybody": ["all"]}, Reach.YES),
    ],
)
def test_what_always_holds_counts(conditions: dict[str, Any], world_of: dict[str, Any], expected: Reach) -> None:
    """A zone without addresses holds nobody, and nobody is outside the group of everybody."""
    match: Match = applies(conditions)

    assert reach(world({"zone z1"}, **world_of), match) is expected
