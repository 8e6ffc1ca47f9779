"""Who can sign in where without a second factor: situations, each with the verdict that is right."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Status
from connectors.okta.applications.apps import App
from connectors.okta.signon import second_factor, session_checks
from connectors.okta.signon.sessions import SignOnPolicy
from tests.connectors.github.judging import (
    FAIL,
    NOTHING,
    PASS,
    UNKNOWN,
    CompleteSet,
    UnreadSet,
    status,
    unread,
    verdict,
    view,
)
from tests.connectors.okta.estate import RESISTANT, a_session_rule, an_app_rule, an_oauth_app, assurance
from tests.connectors.okta.judging import a_session_policy, a_zone, an_access_policy, an_app, an_organization

Rules = list[dict[str, Any]]
SESSION_CHECK = second_factor.global_session_mfa


def conditions(**some: Any) -> dict[str, Any]:
    """The conditions of a rule."""
    return {"conditions": some}


def in_zone(*zones: str) -> dict[str, Any]:
    """A rule for whoever comes from some zones."""
    return conditions(network={"connection": "ZONE", "include": list(zones)})


def for_groups(*groups: str) -> dict[str, Any]:
    """A rule, or a policy, for the people of some groups."""
    return conditions(people={"groups": {"include": list(groups)}})


def signon(**but: Any) -> dict[str, Any]:
    """The actions of a session rule, changed as said."""
    return {"actions": {"signon": {**a_session_rule()["actions"]["signon"], **but}}}


DENY = signon(access="DENY", requireFactor=False)


def judge_sessions(*policies: SignOnPolicy, pipeline: str = "v1", zones: Any = None, **limits: Any) -> Status:
    """Return the status of the sessions alone, as on Classic Engine."""
    return status(
        SESSION_CHECK,
        CompleteSet(*policies),
        zones or CompleteSet(a_zone()),
        an_organization(pipeline),
        UnreadSet(),
        UnreadSet(),
        **limits,
    )


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([a_session_rule()], PASS),
        ([a_session_rule(factor=False)], FAIL),
        # Left out, no factor is required: Okta's default.
        ([a_session_rule(actions={"signon": {"access": "ALLOW"}})], FAIL),
        # The order decides: a weak rule behind one for everybody lets nobody in.
        ([a_session_rule("a", 1), a_session_rule("b", 2, factor=False)], PASS),
        ([a_session_rule("a", 2), a_session_rule("b", 1, factor=False)], FAIL),
        ([a_session_rule("a", 1, factor=False, **in_zone("nzo1")), a_session_rule("b", 2)], FAIL),
        ([a_session_rule("a", 1, **in_zone("nzo1")), a_session_rule("b", 2, factor=False)], FAIL),
        # Inside and outside together are everywhere.
        ([a_session_rule("a", 1, **in_zone("nzo1")),
          a_session_rule("b", 2, **conditions(network={"connection": "ZONE", "exclude": ["nzo1"]})),
          a_session_rule("c", 3, factor=False)], PASS),
        # A rule that is not active is not looked at; neither is one that refuses.
        ([a_session_rule("a", 1, factor=False, status="INACTIVE"), a_session_rule("b", 2)], PASS),
        ([a_session_rule("a", 1), a_session_rule("b", 2, status="INACTIVE")], PASS),
        ([a_session_rule("a", 1, status="INACTIVE"), a_session_rule("b", 2, factor=False)], FAIL),
        ([a_session_rule(**DENY)], PASS),
        ([a_session_rule("a", 1, **DENY), a_session_rule("b", 2, factor=False)], PASS),
        ([a_session_rule("a", 1, **DENY, **in_zone("nzo1")), a_session_rule("b", 2, factor=False)], FAIL),
        # Everybody but one person.
        ([a_session_rule("a", 1, **conditions(people={"users": {"exclude": ["00u7"]}})),
          a_session_rule("b", 2, factor=False)], FAIL),
        # Another provider may have asked for the second factor.
        ([a_session_rule("a", 1, factor=False,
                         **conditions(identityProvider={"provider": "SPECIFIC_IDP", "idpIds": ["0oi1"]})),
          a_session_rule("b", 2)], UNKNOWN),
        # A kind of access that is not known.
        ([a_session_rule(**signon(access="CHALLENGE", requireFactor=False))], UNKNOWN),
        ([a_session_rule("a", 1, factor=False, **conditions(somethingNew={"a": 1})), a_session_rule("b", 2)], UNKNOWN),
        # Which of the two is the first?
        ([a_session_rule("a", 1), a_session_rule("b", 1, factor=False)], UNKNOWN),
        ([a_session_rule("a", 1), a_session_rule("b", 2, factor=False) | {"priority": None}], UNKNOWN),
        ([a_session_rule("a", 1), a_session_rule("b", 2, factor=False) | {"priority": None, "system": True}], PASS),
    ],
)  # fmt: skip
def test_rules_of_one_policy(rules: Rules, expected: Status) -> None:
    """The first rule that applies decides."""
    assert judge_sessions(a_session_policy(*rules)) is expected


@pytest.mark.parametrize(
    ("first", "default", "expected"),
    [
        ([a_session_rule("a")], [a_session_rule("b")], PASS),
        ([a_session_rule("a")], [a_session_rule("b", factor=False)], FAIL),
        ([a_session_rule("a", factor=False)], [a_session_rule("b")], FAIL),
        # Without a rule a policy is never applied.
        ([], [a_session_rule("b")], PASS),
        ([], [a_session_rule("b", factor=False)], FAIL),
        # Where no rule of it applies, the next policy is considered.
        ([a_session_rule("a", **in_zone("nzo1"))], [a_session_rule("b", factor=False)], FAIL),
    ],
)
def test_a_policy_for_a_group_before_the_default_one(first: Rules, default: Rules, expected: Status) -> None:
    """The default policy is for whoever is left."""
    group = a_session_policy(*first, priority=1, system=False, **for_groups("00g7"))

    assert judge_sessions(group, a_session_policy(*default, priority=2)) is expected


def test_an_organization_without_its_default_policy_was_not_shown_whole() -> None:
    """Okta makes it, and nobody can delete it: a list without it is not all of the list."""
    group = a_session_policy(a_session_rule("a"), priority=1, system=False, **for_groups("00g7"))

    assert judge_sessions(group) is UNKNOWN
    assert judge_sessions() is UNKNOWN
    assert judge_sessions(a_session_policy()) is UNKNOWN
    assert judge_sessions(a_session_policy(a_session_rule(), status="INACTIVE")) is UNKNOWN


def test_a_policy_for_everybody_leaves_nothing_to_the_default_one() -> None:
    """The group of everybody is the one that the default policy names."""
    everybody = for_groups("00geverybody")
    first = a_session_policy(a_session_rule("a"), priority=1, system=False, **everybody)
    default = a_session_policy(a_session_rule("b", factor=False), priority=2, **everybody)
    other = a_session_policy(a_session_rule("a"), priority=1, system=False, **for_groups("00gothers"))

    assert judge_sessions(first, default) is PASS
    assert judge_sessions(other, default) is FAIL
    assert judge_sessions(a_session_policy(a_session_rule(), status="INACTIVE"), default) is FAIL


@pytest.mark.parametrize(
    ("zone", "accepted", "expected"),
    [
        ({}, (), FAIL),
        ({}, ("zone nzo1",), PASS),
        ({}, ("nzo1",), PASS),
        ({}, ("zone nzo2",), FAIL),
        ({"gateways": [{"type": "CIDR", "value": "0.0.0.0/0"}]}, ("nzo1",), FAIL),
        ({"gateways": [{"type": "RANGE", "value": "0.0.0.0-255.255.255.255"}]}, ("nzo1",), FAIL),
        ({"gateways": [{"type": "CIDR", "value": "0.0.0.0/1"}, {"type": "CIDR", "value": "128.0.0.0/1"}]},
         ("nzo1",), FAIL),
        ({"status": "INACTIVE"}, ("nzo1",), FAIL),
        # No address is in a zone without gateways, so nobody comes from it.
        ({"gateways": []}, (), PASS),
        ({"gateways": None}, (), PASS),
    ],
)  # fmt: skip
def test_a_place_where_one_factor_is_accepted(
    zone: dict[str, Any], accepted: tuple[str, ...], expected: Status
) -> None:
    """The company says which; a zone that is everywhere is no place."""
    policy = a_session_policy(a_session_rule("a", 1, factor=False, **in_zone("nzo1")), a_session_rule("b", 2))
    zones = CompleteSet(a_zone(**zone))

    assert judge_sessions(policy, zones=zones, one_factor_zones=accepted) is expected


@pytest.mark.parametrize(("mode", "allowed", "expected"), [
    ("DEVICE", True, PASS), ("DEVICE", False, FAIL), ("ALWAYS", False, PASS), ("SESSION", False, PASS),
])  # fmt: skip
def test_a_device_that_is_remembered(mode: str, allowed: bool, expected: Status) -> None:
    """Asked once on each device, later sign-ins from it are by password alone; the company may not want that."""
    policy = a_session_policy(a_session_rule(**signon(factorPromptMode=mode)))

    assert judge_sessions(policy, remembered_devices=allowed) is expected


def test_sessions_that_were_not_read_are_unknown() -> None:
    """Neither policies nor zones are guessed."""
    good = CompleteSet(a_session_policy(a_session_rule()))
    org = an_organization()

    assert status(SESSION_CHECK, UnreadSet(), CompleteSet(), org, CompleteSet(), CompleteSet()) is UNKNOWN
    assert status(SESSION_CHECK, good, UnreadSet(), org, CompleteSet(), CompleteSet()) is UNKNOWN
    assert status(SESSION_CHECK, good, CompleteSet(), org, UnreadSet(), UnreadSet()) is PASS


WEAK = a_session_policy(a_session_rule(factor=False))
BY_PASSWORD = an_app_rule(by=assurance("1FA"))
BY_POSSESSION = an_app_rule(by=assurance("1FA", {"possession": {"deviceBound": "REQUIRED"}}))
BY_TWO = an_app_rule()


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([BY_TWO], PASS),
        ([BY_PASSWORD], FAIL),
        ([BY_POSSESSION], FAIL),
        ([an_app_rule("a", 1), BY_PASSWORD], FAIL),
        ([an_app_rule("a", 1, conditions={"network": {"connection": "ANYWHERE"}}), BY_PASSWORD], PASS),
        ([an_app_rule("a", 1, by=assurance("1FA"), **in_zone("nzo1")), BY_TWO], FAIL),
        ([an_app_rule("a", 1, by=assurance("1FA"), status="INACTIVE"), BY_TWO], PASS),
        ([an_app_rule("a", 1, by=assurance("1FA"), **conditions(elCondition={"condition": "e"})), BY_TWO], UNKNOWN),
        ([an_app_rule(by={"type": "ID_PROOFING"})], UNKNOWN),
        ([an_app_rule(actions={"appSignOn": {"access": "DENY"}})], PASS),
    ],
)
def test_on_identity_engine_the_application_may_ask_for_the_second_factor(rules: Rules, expected: Status) -> None:
    """A session without one opens nothing where every application asks for it."""
    # The catch-all rule without conditions is behind another without conditions only in the second to last case.
    rules = [rule if rule["priority"] == 99 or rule["conditions"] else {**rule, **in_zone("nzo9")} for rule in rules]
    found = status(
        SESSION_CHECK,
        CompleteSet(WEAK),
        CompleteSet(a_zone()),
        an_organization(),
        CompleteSet(an_access_policy(*rules)),
        CompleteSet(an_app()),
    )

    assert found is expected


@pytest.mark.parametrize(
    ("apps", "expected"),
    [
        ([], PASS),
        ([an_app()], PASS),
        ([an_app(policy=None)], UNKNOWN),
        ([an_app(policy="rst404")], UNKNOWN),
        ([an_app(policy="rstoff")], UNKNOWN),
        ([an_app(policy="rstweak")], FAIL),
        ([an_app(policy="rstweak", status="INACTIVE")], PASS),
        ([view(App, **an_oauth_app("0oas", policy="rstweak"))], PASS),
        ([an_app(), an_app("0oa2", policy=None), an_app("0oa3", policy="rstweak")], FAIL),
    ],
)
def test_every_application_counts(apps: list[App], expected: Status) -> None:
    """One whose policy is not shown leaves it open; a client for programs has nobody who signs in."""
    policies = CompleteSet(
        an_access_policy(BY_TWO),
        an_access_policy(BY_PASSWORD, id_="rstweak"),
        an_access_policy(BY_TWO, id_="rstoff", status="INACTIVE"),
    )
    found = status(
        SESSION_CHECK, CompleteSet(WEAK), CompleteSet(a_zone()), an_organization(), policies, CompleteSet(*apps)
    )

    assert found is expected
    assert status(SESSION_CHECK, CompleteSet(WEAK), CompleteSet(), an_organization("new"), policies, CompleteSet()) is (
        UNKNOWN
    )


def judge_app(app: App, sessions: SignOnPolicy, *rules: Any, pipeline: str = "idx", **limits: Any) -> Status:
    """Return the status of one application."""
    policies = CompleteSet(an_access_policy(*rules))
    org = an_organization(pipeline)
    check = second_factor.apps_not_password_only
    return status(check, app, CompleteSet(sessions), CompleteSet(a_zone()), org, policies, **limits)


STRONG = a_session_policy(a_session_rule())


@pytest.mark.parametrize(
    ("sessions", "rule", "expected"),
    [
        (WEAK, BY_PASSWORD, FAIL),
        (WEAK, BY_POSSESSION, PASS),
        (WEAK, BY_TWO, PASS),
        (STRONG, BY_PASSWORD, PASS),
        (WEAK, an_app_rule(by={"type": "ID_PROOFING"}), UNKNOWN),
        # The group that gets a session without a second factor is not the one that the application lets in so.
        (a_session_policy(a_session_rule("a", 1, factor=False, **for_groups("00ga")), a_session_rule("b", 2)),
         an_app_rule("x", 1, by=assurance("1FA"), **conditions(people={"groups": {"exclude": ["00ga"]}})), PASS),
        (a_session_policy(a_session_rule("a", 1, factor=False, **for_groups("00ga")), a_session_rule("b", 2)),
         an_app_rule("x", 1, by=assurance("1FA"), **for_groups("00gb")), FAIL),
    ],
)  # fmt: skip
def test_an_application_is_reached_with_a_password_only(
    sessions: SignOnPolicy, rule: dict[str, Any], expected: Status
) -> None:
    """Session and application are both asked, by the same person at the same place."""
    rules = [rule] if rule["priority"] == 99 else [rule, an_app_rule("last", 99)]

    assert judge_app(an_app(), sessions, *rules) is expected


@pytest.mark.parametrize(
    ("app", "pipeline", "limits", "expected"),
    [
        (an_app(), "idx", {}, FAIL),
        (an_app(), "idx", {"exempt_apps": ("App 0oa1",)}, PASS),
        (an_app(), "idx", {"exempt_apps": ("App 0oa2",)}, FAIL),
        (an_app(status="INACTIVE"), "idx", {}, NOTHING),
        (an_app(policy=None), "idx", {}, UNKNOWN),
        (an_app(policy="rst404"), "idx", {}, UNKNOWN),
        (an_app(), "v1", {}, UNKNOWN),
        (view(App, **an_oauth_app("0oas")), "idx", {}, NOTHING),
        (view(App, **an_oauth_app("0oas", "web")), "idx", {}, FAIL),
        (unread(App), "idx", {}, UNKNOWN),
    ],
)
def test_which_applications_are_asked(app: App, pipeline: str, limits: dict[str, Any], expected: Status) -> None:
    """On Classic Engine the policies of applications are not shown."""
    assert judge_app(app, WEAK, BY_PASSWORD, pipeline=pipeline, **limits) is expected


def test_on_classic_engine_a_second_factor_for_each_session_is_enough() -> None:
    """Whatever the application asks for comes on top."""
    assert judge_app(an_app(policy=None), STRONG, pipeline="v1") is PASS


def judge_built_in(check: Any, sessions: SignOnPolicy, *rules: Any, pipeline: str = "idx", apps: Any = None) -> Status:
    """Return the status of the dashboard or the Admin Console."""
    built_in = [an_app("0oaconsole", name="saasure"), an_app("0oadash", name="okta_enduser")]
    listed = CompleteSet(*built_in) if apps is None else apps
    policies = CompleteSet(an_access_policy(*rules))
    return status(check, listed, CompleteSet(sessions), CompleteSet(a_zone()), an_organization(pipeline), policies)


@pytest.mark.parametrize(
    ("sessions", "rule", "expected"),
    [
        (WEAK, BY_TWO, PASS),
        (WEAK, BY_PASSWORD, FAIL),
        (WEAK, BY_POSSESSION, FAIL),
        (STRONG, BY_PASSWORD, PASS),
        (WEAK, an_app_rule(by={"type": "ID_PROOFING"}), UNKNOWN),
    ],
)
def test_the_dashboard(sessions: SignOnPolicy, rule: dict[str, Any], expected: Status) -> None:
    """Two factors, by the session or by the dashboard."""
    assert judge_built_in(second_factor.dashboard_mfa, sessions, rule) is expected


BY_RESISTANT = an_app_rule(by=assurance("2FA", RESISTANT))
ONE_RESISTANT = an_app_rule(by=assurance("1FA", {"possession": {"phishingResistant": "REQUIRED"}}))


@pytest.mark.parametrize(
    ("sessions", "rules", "expected"),
    [
        (WEAK, [BY_RESISTANT], PASS),
        (STRONG, [BY_RESISTANT], PASS),
        (STRONG, [BY_TWO], FAIL),
        (WEAK, [ONE_RESISTANT], FAIL),
        (STRONG, [ONE_RESISTANT], PASS),
        (STRONG, [BY_PASSWORD], FAIL),
        (STRONG, [an_app_rule("a", 1, **in_zone("nzo1")), BY_RESISTANT], FAIL),
        (STRONG, [an_app_rule("a", 1, **conditions(elCondition={"condition": "e"})), BY_RESISTANT], UNKNOWN),
        (STRONG, [an_app_rule(by={"type": "ID_PROOFING"})], UNKNOWN),
    ],
)
def test_the_admin_console(sessions: SignOnPolicy, rules: Rules, expected: Status) -> None:
    """The session cannot ask for a factor that is resistant to phishing; the console's own policy has to."""
    assert judge_built_in(second_factor.admin_console_mfa, sessions, *rules) is expected


@pytest.mark.parametrize("check", [second_factor.dashboard_mfa, second_factor.admin_console_mfa])
def test_a_built_in_application_that_is_not_shown(check: Any) -> None:
    """On Classic Engine, and where the list does not have it, nothing is guessed."""
    assert judge_built_in(check, WEAK, BY_RESISTANT, apps=CompleteSet(an_app())) is UNKNOWN
    assert judge_built_in(check, WEAK, BY_RESISTANT, apps=UnreadSet()) is UNKNOWN
    assert judge_built_in(check, WEAK, BY_RESISTANT, pipeline="v1") is UNKNOWN
    assert judge_built_in(check, WEAK) is UNKNOWN
    assert judge_built_in(check, WEAK, an_app_rule("a", 1)) is UNKNOWN


def session_of(**but: Any) -> dict[str, Any]:
    """The actions of a rule with a session of these settings."""
    return signon(session={"maxSessionIdleMinutes": 60, "maxSessionLifetimeMinutes": 600, **but})


def judge_session(check: Any, policy: SignOnPolicy, *others: SignOnPolicy, **limits: Any) -> Status:
    """Return the status of one policy among others."""
    return status(check, policy, CompleteSet(policy, *others), CompleteSet(a_zone()), **limits)


@pytest.mark.parametrize(
    ("minutes", "expected"), [(1, PASS), (15, PASS), (120, PASS), (121, FAIL), (0, FAIL), (720, FAIL)]
)
def test_idle_sessions_end(minutes: int, expected: Status) -> None:
    """Zero is no limit at all."""
    policy = a_session_policy(a_session_rule(**session_of(maxSessionIdleMinutes=minutes)))

    assert judge_session(session_checks.session_idle_timeout, policy) is expected


@pytest.mark.parametrize(
    ("minutes", "stays", "expected"),
    [(1, False, PASS), (1080, False, PASS), (1081, False, FAIL), (0, False, FAIL), (600, True, FAIL)],
)
def test_sessions_end(minutes: int, stays: bool, expected: Status) -> None:
    """Zero is without an end, and a cookie that persists outlives the browser."""
    actions = session_of(maxSessionLifetimeMinutes=minutes, usePersistentCookie=stays)
    policy = a_session_policy(a_session_rule(**actions))

    assert judge_session(session_checks.session_lifetime_limited, policy) is expected


@pytest.mark.parametrize("check", [session_checks.session_idle_timeout, session_checks.session_lifetime_limited])
def test_only_sessions_that_somebody_gets_count(check: Any) -> None:
    """A rule that is off, refuses, or is never reached gives nobody a session."""
    long = session_of(maxSessionIdleMinutes=9999, maxSessionLifetimeMinutes=99999)
    good = a_session_rule("a", 1)

    assert judge_session(check, a_session_policy(good, a_session_rule("b", 2, **long))) is PASS
    assert judge_session(check, a_session_policy(a_session_rule("b", 1, **long), a_session_rule("a", 2))) is FAIL
    assert judge_session(check, a_session_policy(good, a_session_rule("b", 2, **long, status="INACTIVE"))) is PASS
    assert judge_session(check, a_session_policy(a_session_rule("b", 2, **long), status="INACTIVE")) is NOTHING
    open_rule = a_session_rule("b", 1, **long, **conditions(somethingNew={"a": 1}))
    assert judge_session(check, a_session_policy(open_rule, a_session_rule("a", 2))) is UNKNOWN
    assert status(check, unread(SignOnPolicy), UnreadSet(), UnreadSet()) is UNKNOWN


def test_a_policy_before_another_gives_the_session() -> None:
    """What comes later for the same people counts for nobody."""
    everybody = for_groups("00geverybody")
    first = a_session_policy(a_session_rule("a"), priority=1, system=False, **everybody)
    long = session_of(maxSessionIdleMinutes=9999)
    default = a_session_policy(a_session_rule("b", **long), priority=2, **everybody)

    assert judge_session(session_checks.session_idle_timeout, default, first) is PASS
    assert judge_session(session_checks.session_idle_timeout, default) is FAIL


def test_defaults_of_a_session_are_those_that_okta_documents() -> None:
    """Two idle hours, and no end."""
    policy = a_session_policy(a_session_rule(actions={"signon": {"access": "ALLOW", "requireFactor": True}}))

    assert judge_session(session_checks.session_idle_timeout, policy) is PASS
    assert judge_session(session_checks.session_lifetime_limited, policy) is FAIL


def test_the_rules_are_named() -> None:
    """Somebody has to find them."""
    policy = a_session_policy(a_session_rule("0pr9", factor=False))
    found = verdict(
        SESSION_CHECK, CompleteSet(policy), CompleteSet(), an_organization("v1"), CompleteSet(), CompleteSet()
    )

    assert "0pr9" in found.reason
