"""Checks of how long a session lasts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.plain_text import first_few
from connectors.okta._policy.order import Reach
from connectors.okta.network.zones import Zone
from connectors.okta.signon.effective import ACTIVE, places, session_rules
from connectors.okta.signon.sessions import SessionSettings, SignOnPolicy


@check(
    "okta_session_idle_timeout",
    title="Global session idle time is limited",
    severity="medium",
    fix="Shorten the idle time in the rules of the global session policy",
)
def session_idle_timeout(
    policy: SignOnPolicy,
    policies: All[SignOnPolicy],
    zones: All[Zone],
    *,
    idle: timedelta = timedelta(minutes=120),
) -> Verdict:
    most = idle.total_seconds() / 60

    def wrong(session: SessionSettings) -> str:
        minutes = session.max_session_idle_minutes
        return (
            "" if 0 < minutes <= most else f"ends after {minutes} idle minutes" if minutes else "never ends by itself"
        )

    return _judged(policy, policies, zones, wrong, f"{most:g} idle minutes are allowed")


@check(
    "okta_session_lifetime_limited",
    title="Global session lifetime is limited and cookies do not persist",
    severity="medium",
    fix="Set a lifetime in the rules of the global session policy, and do not let session cookies persist",
)
def session_lifetime_limited(
    policy: SignOnPolicy,
    policies: All[SignOnPolicy],
    zones: All[Zone],
    *,
    lifetime: timedelta = timedelta(hours=18),
) -> Verdict:
    most = lifetime.total_seconds() / 60

    def wrong(session: SessionSettings) -> str:
        minutes = session.max_session_lifetime_minutes
        found = [] if 0 < minutes <= most else [f"lasts {minutes} minutes" if minutes else "lasts without an end"]
        found += ["stays when the browser is closed"] if session.use_persistent_cookie else []
        return " and ".join(found)

    return _judged(policy, policies, zones, wrong, f"{most:g} minutes are allowed")


def _judged(
    policy: SignOnPolicy,
    policies: All[SignOnPolicy],
    zones: All[Zone],
    wrong: Callable[[SessionSettings], str],
    allowed: str,
) -> Verdict:
    """Return the verdict on the rules of a policy by which somebody can get a session."""
    if policy.status != ACTIVE:
        return not_applicable(f"{policy.name} is not active, and applies to nobody")
    found = {}
    for rule in policy.rules:
        signon = rule.actions.signon
        if rule.status == ACTIVE and signon.access != "DENY":
            # Left out as a whole, its settings are Okta's defaults.
            found[rule.id] = wrong(signon.session or SessionSettings())
    if not any(found.values()):
        return passed(f"each session by {policy.name} is within the limit: {allowed}")
    everything = list(policies)
    known = places(everything, zones)
    reached = {
        ranked.rule.rule.id: known.reach(ranked.decides)
        for ranked in session_rules(everything)
        if ranked.rule.policy.id == policy.id and found.get(ranked.rule.rule.id)
    }
    names = {rule.id: rule.name for rule in policy.rules}
    certain = [f"by {names[id_]} it {found[id_]}" for id_, reach in reached.items() if reach is Reach.YES]
    if certain:
        return failed(f"a session by {policy.name}: {first_few(certain, 5, '; ')}; {allowed}")
    if any(reach is Reach.MAYBE for reach in reached.values()):
        open_rules = first_few([names[id_] for id_, reach in reached.items() if reach is Reach.MAYBE], 5)
        return unknown(f"whether anybody gets a session by {open_rules} of {policy.name} is not shown; {allowed}")
    return passed(f"nobody gets a session by the rules of {policy.name} that are beyond the limit: {allowed}")
