"""Simulated attacks, and the score that Microsoft gives a tenant."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec import Struct

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from collector.core.resources import Body, resource
from connectors.entra._sdk.calls import SECURE_SCORES, SIMULATIONS, permissions
from connectors.entra._sdk.client import Graph
from connectors.entra._sdk.connector import entra


@resource("m365.security.attack_simulation", key="id", redact=("createdBy", "lastModifiedBy", "report", "description"))
class Simulation(Struct, frozen=True, kw_only=True, rename="camel"):
    """A simulated attack on the company's own people."""

    id: str
    display_name: str | None  # null: it has no name
    status: str
    completion_date_time: datetime | None  # null: it has not ended


@resource("m365.security.secure_score", volatile=("id", "createdDateTime"))
class SecureScore(Struct, frozen=True, kw_only=True, rename="camel"):
    """The latest score."""

    created_date_time: datetime
    current_score: float
    max_score: float


@entra.collects(Simulation, at="tenant", call=SIMULATIONS, permissions=permissions(SIMULATIONS))
def simulations(client: Graph) -> Iterator[Body]:
    return client.pages(SIMULATIONS, lambda graph: graph.security.attack_simulation.simulations)


@entra.collects(SecureScore, at="tenant", call=SECURE_SCORES, permissions=permissions(SECURE_SCORES))
def secure_scores(client: Graph) -> Iterator[Body]:
    # One a day is kept, the latest first; the others are not asked for.
    fields = ("id", "createdDateTime", "currentScore", "maxScore")
    for body in client.pages(SECURE_SCORES, lambda graph: graph.security.secure_scores, {"top": 1}):
        yield {name: body[name] for name in fields if name in body}
        return


@check(
    "m365_attack_simulation_run",
    title="A phishing simulation ran within the limit",
    severity="low",
    fix="Run a simulated attack, and train those who fell for it",
)
def simulation_run(
    simulations: All[Simulation], *, now: datetime, longest_ago: timedelta = timedelta(days=365)
) -> Verdict:
    ends = [run.completion_date_time for run in simulations if run.status == "succeeded"]
    last = max((end for end in ends if end is not None), default=None)
    if last is None:
        return failed("no simulated attack was ever completed")
    said = f"the latest simulated attack ended {(now - last).days} days ago; {longest_ago.days} are allowed"
    return passed(said) if now - last <= longest_ago else failed(said)


@check(
    "m365_secure_score_ratio",
    title="Secure score is above the limit",
    severity="low",
    fix="Follow the improvements that Microsoft lists, as far as they make sense here",
)
def secure_score(score: SecureScore, *, now: datetime, at_least: float = 0.6) -> Verdict:
    if score.max_score <= 0:
        return unknown("Microsoft gives no score that could be reached")
    ratio = score.current_score / score.max_score
    if now - score.created_date_time > timedelta(days=7):
        return unknown(f"the latest score is of {score.created_date_time:%Y-%m-%d}")
    said = f"the score is {score.current_score:.0f} of {score.max_score:.0f}; {at_least:.0%} are demanded"
    return passed(said) if ratio >= at_least else failed(said)
