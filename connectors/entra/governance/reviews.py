"""Access reviews: who is reviewed, how often, and when a review was last completed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from collector.core.resources import Body, resource
from connectors.entra._sdk.calls import ACCESS_REVIEWS, REVIEW_INSTANCES, permissions
from connectors.entra._sdk.client import Graph
from connectors.entra._sdk.connector import entra
from connectors.entra.directory.tenant import Sku
from connectors.entra.directory.users import User
from connectors.entra.roles.assignments import Eligibility, RoleAssignment
from connectors.entra.roles.holders import can_be_eligible
from connectors.entra.roles.privileged import PRIVILEGED_ROLES, role_name

# Microsoft's words for the end of one round. What the system decided because no reviewer answered is none of them.
_COMPLETED = frozenset({"completed", "applied", "applying"})
_GUESTS = re.compile(r"usertype(?:\s|\+|%20)*eq(?:\s|\+|%20)*'?guest")
_EVERYWHERE = ("/groups?", "/v1.0/groups?", "/beta/groups?", "/users?", "/v1.0/users?", "/beta/users?")
_ROLES = "/rolemanagement/directory/"


class Recurrence(Struct, frozen=True, kw_only=True):
    """How a review is repeated."""

    pattern: dict[str, Any] | None  # null: it takes place once


class ReviewSettings(Struct, frozen=True, kw_only=True):
    """The settings of a review."""

    recurrence: Recurrence | None  # null: it takes place once


class Round(Struct, frozen=True, kw_only=True, rename="camel"):
    """One round of a review."""

    id: str
    status: str
    end_date_time: datetime | None  # null: it has no end yet


@resource("entra.governance.access_review", key="id", volatile=("status",), redact=("createdBy",))
class AccessReview(Struct, frozen=True, kw_only=True, rename="camel"):
    """A review with its rounds."""

    id: str
    display_name: str | None  # null: it has no name
    scope: dict[str, Any] | None  # null: what the other one enumerates
    instance_enumeration_scope: dict[str, Any] | None  # null: one round for the whole scope
    settings: ReviewSettings
    instances: tuple[Round, ...]

    @property
    def recurs(self) -> bool:
        """Whether it is repeated by itself."""
        recurrence = self.settings.recurrence
        return recurrence is not None and recurrence.pattern is not None

    @property
    def queries(self) -> list[str]:
        """The queries that say who or what is reviewed, in lower case."""
        return [text.lower() for text in _queries((self.scope, self.instance_enumeration_scope))]

    @property
    def is_of_inactive(self) -> bool:
        """Whether only those are reviewed who have not signed in for a while."""
        return _has((self.scope, self.instance_enumeration_scope), "inactiveDuration")

    def last_completed(self) -> datetime | None:
        """Return when the latest round ended that was completed; None where there is none."""
        ends = (item.end_date_time for item in self.instances if item.status.lower() in _COMPLETED)
        return max((end for end in ends if end is not None), default=None)


def _queries(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "query" and isinstance(inner, str):
                yield inner
            else:
                yield from _queries(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _queries(inner)


def _has(value: Any, name: str) -> bool:
    """Whether an object, or one in it, says something by a name."""
    if isinstance(value, dict):
        return value.get(name) is not None or any(_has(inner, name) for inner in value.values())
    return isinstance(value, list | tuple) and any(_has(inner, name) for inner in value)


@entra.collects(AccessReview, at="tenant", call=ACCESS_REVIEWS, permissions=permissions(ACCESS_REVIEWS))
def access_reviews(client: Graph) -> Iterator[Body]:
    return client.pages(ACCESS_REVIEWS, lambda graph: graph.identity_governance.access_reviews.definitions)


@entra.part(AccessReview, "instances", call=REVIEW_INSTANCES, permissions=permissions(REVIEW_INSTANCES))
def instances(client: Graph, body: Body) -> Any:
    def build(graph: Any) -> Any:
        definitions = graph.identity_governance.access_reviews.definitions
        return definitions.by_access_review_schedule_definition_id(body["id"]).instances

    fields = ("id", "status", "startDateTime", "endDateTime")
    return [{name: item.get(name) for name in fields} for item in client.pages(REVIEW_INSTANCES, build)]


@check(
    "entra_privileged_access_reviewed",
    title="Privileged roles are reviewed periodically",
    severity="medium",
    fix="Create a recurring access review of each privileged role that somebody has, and complete its rounds",
)
def privileged_access_reviewed(
    reviews: All[AccessReview],
    assignments: All[RoleAssignment],
    eligible: All[Eligibility],
    skus: All[Sku],
    *,
    now: datetime,
    longest_ago: timedelta = timedelta(days=180),
    roles: tuple[str, ...] = PRIVILEGED_ROLES,
) -> Verdict:
    """Roles that can be activated are had as well; a review of guests or applications alone is not one of a role."""
    held = {assignment.role_definition_id for assignment in assignments}
    if can_be_eligible(skus):
        held |= {possible.role_definition_id for possible in eligible}
    held &= set(roles)
    recurring = [review for review in reviews if review.recurs]
    late = [
        role_name(role)
        for role in sorted(held, key=role_name)
        if not _reviewed((review for review in recurring if _is_of_role(review, role)), now, longest_ago)
    ]
    if late:
        return failed(
            f"{len(late)} of {len(held)} privileged roles that somebody has were not reviewed by a recurring review "
            f"within {longest_ago.days} days: {', '.join(late)}"
        )
    return passed(f"each of {len(held)} privileged roles that somebody has was reviewed within {longest_ago.days} days")


@check(
    "entra_guest_access_reviewed",
    title="Guest access is reviewed periodically",
    severity="medium",
    fix="Create a recurring access review of guests in all groups and teams, and complete its rounds",
)
def guest_access_reviewed(
    reviews: All[AccessReview], users: All[User], *, now: datetime, longest_ago: timedelta = timedelta(days=180)
) -> Verdict:
    guests = sum(user.is_guest for user in users)
    if not guests:
        return passed("there is no guest")
    of_guests = [
        review for review in reviews if review.recurs and any(_GUESTS.search(query) for query in review.queries)
    ]
    whole = (review for review in of_guests if _is_of_all(review) and not review.is_of_inactive)
    if _reviewed(whole, now, longest_ago):
        return passed(f"guests were reviewed within {longest_ago.days} days; there are {guests}")
    if _reviewed(of_guests, now, longest_ago):
        return unknown(
            f"guests of some groups, or inactive ones, were reviewed within {longest_ago.days} days; whether these are "
            f"all of {guests} is not known, and a review of all guests in all groups would show it"
        )
    return failed(f"no recurring review of guests was completed within {longest_ago.days} days; there are {guests}")


def _is_of_all(review: AccessReview) -> bool:
    """Whether a review is of all groups, or of the directory, and not of one group or team."""
    return any(query.startswith(_EVERYWHERE) for query in review.queries)


def _is_of_role(review: AccessReview, role: str) -> bool:
    """Whether a review is of whoever has a role, and not of some of these alone."""
    of_roles = [query for query in review.queries if _ROLES in query and role in query]
    people = [query for query in review.queries if _ROLES not in query]
    if review.is_of_inactive or (people and all(_is_of_some(query) for query in people)):
        return False
    return any(not _is_of_some(query) for query in of_roles)


def _is_of_some(query: str) -> bool:
    """Whether a query selects guests or applications, and nobody else."""
    return _GUESTS.search(query) is not None or ("serviceprincipal" in query and "graph.user" not in query)


def _reviewed(reviews: Iterable[AccessReview], now: datetime, longest_ago: timedelta) -> bool:
    ends = [end for review in reviews if (end := review.last_completed()) is not None]
    return any(now - end <= longest_ago for end in ends)
