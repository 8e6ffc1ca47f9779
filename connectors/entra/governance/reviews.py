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
from connectors.entra.directory.users import User
from connectors.entra.roles.assignments import RoleAssignment
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
    *,
    now: datetime,
    longest_ago: timedelta = timedelta(days=180),
    roles: tuple[str, ...] = PRIVILEGED_ROLES,
) -> Verdict:
    held = {assignment.role_definition_id for assignment in assignments} & set(roles)
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
    if _reviewed((review for review in of_guests if _is_of_all(review)), now, longest_ago):
        return passed(f"guests were reviewed within {longest_ago.days} days; there are {guests}")
    if _reviewed(of_guests, now, longest_ago):
        return unknown(
            f"guests of some groups were reviewed within {longest_ago.days} days; whether these are all of {guests} is "
            "not known, and a review of all groups would show it"
        )
    return failed(f"no recurring review of guests was completed within {longest_ago.days} days; there are {guests}")


def _is_of_all(review: AccessReview) -> bool:
    """Whether a review is of all groups, or of the directory, and not of one group or team."""
    return any(query.startswith(_EVERYWHERE) for query in review.queries)


def _is_of_role(review: AccessReview, role: str) -> bool:
    return any(_ROLES in query and role in query for query in review.queries)


def _reviewed(reviews: Iterable[AccessReview], now: datetime, longest_ago: timedelta) -> bool:
    ends = [end for review in reviews if (end := review.last_completed()) is not None]
    return any(now - end <= longest_ago for end in ends)
