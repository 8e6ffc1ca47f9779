"""Who can sign in where without a second factor: the checks that judge policies and rules as one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from collector.core.checks import All, The, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.plain_text import first_few
from connectors.okta._policy.conditions import Match, known
from connectors.okta._policy.formulas import every, fact, negated
from connectors.okta._policy.order import Ranked, Reach
from connectors.okta._policy.verification import Known
from connectors.okta.applications.apps import ADMIN_CONSOLE, DASHBOARD, App
from connectors.okta.applications.policies import AccessPolicy
from connectors.okta.network.zones import Zone
from connectors.okta.organization.settings import Organization
from connectors.okta.signon.effective import ACTIVE, AppRule, Places, SessionRule, app_rules, places, session_rules
from connectors.okta.signon.sessions import SignOnPolicy

Session = Ranked[SessionRule]


@dataclass(frozen=True)
class Way:
    """A way in that may ask for less than it should. `certain`: somebody can take it, and it does ask for less."""

    text: str
    certain: bool


@dataclass(frozen=True)
class SignIn:
    """What is known of signing in to the organization, outside the places where one factor is accepted."""

    rules: Sequence[Session]
    places: Places
    outside: Match
    asks: Callable[[SessionRule], Known]

    def weak_sessions(self) -> Iterator[tuple[Session, Reach]]:
        """Yield the rules by which somebody may get a session without a second factor."""
        for ranked in self.rules:
            if ranked.rule.allows and self.asks(ranked.rule) is not True:
                reach = self.places.reach(ranked.decides, self.outside)
                if reach is not Reach.NO:
                    yield ranked, reach

    def session_ways(self) -> list[Way]:
        """Return these rules as ways in by themselves."""
        return [
            Way(str(ranked.rule), reach is Reach.YES and self.asks(ranked.rule) is False)
            for ranked, reach in self.weak_sessions()
        ]

    def ways_into(self, policy: AccessPolicy, enough: Callable[[AppRule], Known]) -> list[Way]:
        """Return the ways into an application on which neither the session nor the application asks for enough."""
        apps = [ranked for ranked in app_rules(policy) if ranked.rule.allows and enough(ranked.rule) is not True]
        found = []
        for session, _ in self.weak_sessions() if apps else ():
            for app in apps:
                reach = self.places.reach(session.decides, app.decides, self.outside)
                if reach is not Reach.NO:
                    is_less = self.asks(session.rule) is False and enough(app.rule) is False
                    found.append(Way(f"{app.rule}, with a session by {session.rule}", is_less and reach is Reach.YES))
        return found

    def ways_by_app_alone(self, policy: AccessPolicy, enough: Callable[[AppRule], Known]) -> list[Way]:
        """Return the rules of an application that ask for less, whatever the session asked for."""
        found = []
        for app in app_rules(policy):
            if app.rule.allows and enough(app.rule) is not True:
                reach = self.places.reach(app.decides, self.outside)
                if reach is not Reach.NO:
                    found.append(Way(str(app.rule), enough(app.rule) is False and reach is Reach.YES))
        return found


def sign_in(
    policies: Iterable[SignOnPolicy],
    zones: Iterable[Zone],
    *,
    one_factor_zones: Sequence[str] = (),
    remembered_devices: bool = True,
) -> SignIn:
    """Return what is known of signing in; a zone that holds most of the internet is no place to accept less in."""
    known_zones, known_policies = list(zones), list(policies)
    accepted = [
        zone.id
        for zone in known_zones
        if {zone.name, zone.id} & set(one_factor_zones) and zone.status == ACTIVE and not zone.is_everywhere
    ]

    def asks(session: SessionRule) -> Known:
        if not remembered_devices and session.rule.actions.signon.factor_prompt_mode == "DEVICE":
            return False if session.second_factor is True else session.second_factor
        return session.second_factor

    outside = known(every(*(negated(fact(f"zone {zone}")) for zone in accepted)))
    return SignIn(session_rules(known_policies), places(known_policies, known_zones), outside, asks)


def judged(ways: Sequence[Way], good: str, bad: str) -> Verdict:
    """Return pass where there is no such way, fail where somebody can certainly take one, unknown otherwise."""
    certain = [way.text for way in ways if way.certain]
    if certain:
        return failed(f"{bad} by {first_few(certain, 5, '; ')}")
    if ways:
        open_ways = first_few([way.text for way in ways], 5, "; ")
        return unknown(f"whether {bad} is not shown: what decides are the conditions of {open_ways}")
    return passed(good)


def _two_factors(rule: AppRule) -> Known:
    return rule.asked.two_factors


def _possession(rule: AppRule) -> Known:
    return rule.asked.possession


def _phishing_resistant(rule: AppRule) -> Known:
    return rule.asked.phishing_resistant


def _policies_by_id(policies: Iterable[AccessPolicy]) -> dict[str, AccessPolicy]:
    return {policy.id: policy for policy in policies if policy.status == ACTIVE}


@check(
    "okta_policy_global_session_mfa",
    title="Sign-on needs a second factor for all users",
    severity="critical",
    fix="Require a second factor in each rule of the global session policies, or in the policies of all applications",
)
def global_session_mfa(
    policies: All[SignOnPolicy],
    zones: All[Zone],
    organization: The[Organization],
    access: All[AccessPolicy],
    apps: All[App],
    *,
    one_factor_zones: tuple[str, ...] = (),
    remembered_devices: bool = True,
) -> Verdict:
    entry = sign_in(policies, zones, one_factor_zones=one_factor_zones, remembered_devices=remembered_devices)
    good, bad = "every session is asked for a second factor", "people get a session without a second factor"
    sessions = entry.session_ways()
    if not sessions or organization.is_identity_engine is False:
        return judged(sessions, good, bad)
    if organization.is_identity_engine is None:
        return unknown(f"Okta names an engine that is not known: {organization.pipeline}")
    by_id = _policies_by_id(access)
    ways: dict[str, list[Way]] = {}
    for app in apps:
        if app.status != ACTIVE or app.is_for_programs:
            continue
        policy = by_id.get(app.policy or "")
        if policy is None:
            ways[app.label] = [Way(f"{app.label}, of which no active policy is shown", certain=False)]
        elif policy.id not in ways:
            ways[policy.id] = entry.ways_into(policy, _two_factors)
    found = [way for some in ways.values() for way in some]
    return judged(found, "every session, or every application, is asked for a second factor", f"{bad} in any policy")


@check(
    "okta_policy_apps_not_password_only",
    title="No application is reachable with a password only",
    severity="high",
    fix="Assign the application a policy in which each rule that allows access asks for more than a password",
)
def apps_not_password_only(
    app: App,
    policies: All[SignOnPolicy],
    zones: All[Zone],
    organization: The[Organization],
    access: All[AccessPolicy],
    *,
    exempt_apps: tuple[str, ...] = (),
) -> Verdict:
    if app.status != ACTIVE:
        return not_applicable(f"{app.label} is not active, and nobody can open it")
    if app.is_for_programs:
        return not_applicable(f"{app.label} is a service application: people have no way to sign in to it")
    if {app.label, app.id} & set(exempt_apps):
        return passed(f"{app.label} is listed in exempt_apps")
    return _app_verdict(
        app,
        sign_in(policies, zones),
        organization,
        access,
        _possession,
        f"{app.label} asks for more than a password",
        f"{app.label} opens with a password alone",
    )


@check(
    "okta_policy_dashboard_mfa",
    title="Dashboard access needs MFA",
    severity="high",
    fix="Ask for two factors in each rule of the policy of the Okta Dashboard",
)
def dashboard_mfa(
    apps: All[App],
    policies: All[SignOnPolicy],
    zones: All[Zone],
    organization: The[Organization],
    access: All[AccessPolicy],
) -> Verdict:
    dashboard = _built_in(apps, DASHBOARD)
    if dashboard is None:
        return unknown("the dashboard is not among the applications that Okta lists")
    return _app_verdict(
        dashboard,
        sign_in(policies, zones),
        organization,
        access,
        _two_factors,
        "the dashboard asks for two factors",
        "the dashboard opens with one factor",
    )


@check(
    "okta_policy_admin_console_mfa",
    title="Admin console needs phishing-resistant MFA",
    severity="critical",
    fix="Ask for two factors and a phishing-resistant possession factor in each rule of the Admin Console's policy",
)
def admin_console_mfa(
    apps: All[App],
    policies: All[SignOnPolicy],
    zones: All[Zone],
    organization: The[Organization],
    access: All[AccessPolicy],
) -> Verdict:
    console = _built_in(apps, ADMIN_CONSOLE)
    if console is None:
        return unknown("the Admin Console is not among the applications that Okta lists")
    policy = _policies_by_id(access).get(console.policy or "") if organization.is_identity_engine else None
    if policy is None:
        return unknown(f"the policy of the Admin Console is not shown{_engine(organization)}")
    entry = sign_in(policies, zones)
    relayed = entry.ways_by_app_alone(policy, _phishing_resistant)
    return judged(
        [*relayed, *(entry.ways_into(policy, _two_factors) if not any(way.certain for way in relayed) else [])],
        "the Admin Console asks for two factors, one of them resistant to phishing",
        "the Admin Console opens without two factors of which one is resistant to phishing",
    )


def _app_verdict(
    app: App,
    entry: SignIn,
    organization: Organization,
    access: Iterable[AccessPolicy],
    enough: Callable[[AppRule], Known],
    good: str,
    bad: str,
) -> Verdict:
    if not entry.session_ways():
        return passed(f"{good}: every session is asked for a second factor")
    policy = _policies_by_id(access).get(app.policy or "") if organization.is_identity_engine else None
    if policy is None:
        return unknown(f"whether {bad} is not shown: its policy is not{_engine(organization)}")
    return judged(entry.ways_into(policy, enough), good, bad)


def _built_in(apps: Iterable[App], name: str) -> App | None:
    return next((app for app in apps if app.name == name), None)


def _engine(organization: Organization) -> str:
    return ", which Okta's API has for Identity Engine only" if organization.is_identity_engine is False else ""
