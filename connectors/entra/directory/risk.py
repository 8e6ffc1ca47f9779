"""Users whom Microsoft takes for compromised."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec import Struct

from collector.core.checks import Verdict, check, failed, not_applicable, passed, unknown
from collector.core.resources import Body, resource
from connectors.entra._sdk.calls import RISKY_USERS, permissions
from connectors.entra._sdk.client import Graph
from connectors.entra._sdk.connector import entra

_HANDLED = frozenset({"none", "confirmedSafe", "remediated", "dismissed"})


@resource("entra.identity_protection.risky_user", key="id", volatile=("isProcessing",))
class RiskyUser(Struct, frozen=True, kw_only=True, rename="camel"):
    """A user with a risk, now or earlier."""

    id: str
    user_principal_name: str | None  # null for a user who was deleted
    is_deleted: bool | None  # null: not deleted
    risk_level: str
    risk_state: str
    risk_last_updated_date_time: datetime | None  # null: Microsoft does not say


@entra.collects(RiskyUser, at="tenant", call=RISKY_USERS, permissions=permissions(RISKY_USERS))
def risky_users(client: Graph) -> Iterator[Body]:
    return client.pages(RISKY_USERS, lambda graph: graph.identity_protection.risky_users, {"top": 500})


@check(
    "entra_risky_users_handled",
    title="High-risk users are handled in time",
    severity="high",
    fix="Look into the risk, then reset the password and sessions, or dismiss the risk",
)
def risky_users_handled(user: RiskyUser, *, now: datetime, longest_open: timedelta = timedelta(days=3)) -> Verdict:
    name = user.user_principal_name or user.id
    if user.is_deleted:
        return not_applicable(f"{name} was deleted")
    if user.risk_state in _HANDLED:
        return passed(f"{name} is {user.risk_state}")
    if user.risk_level in {"low", "medium", "none"}:
        return not_applicable(f"{name} is of {user.risk_level} risk")
    if user.risk_level != "high" or user.risk_state not in {"atRisk", "confirmedCompromised"}:
        return unknown(f"the risk of {name} is not known: {user.risk_level}, {user.risk_state}")
    since = user.risk_last_updated_date_time
    if since is None:
        return unknown(f"{name} is of high risk; Microsoft does not say since when")
    said = f"{name} has been of high risk for {(now - since).days} days; {longest_open.days} are allowed"
    return passed(said) if now - since <= longest_open else failed(said)
