"""Connectors that say the wrong thing of what they have seen."""

from __future__ import annotations

from msgspec import Struct

from collector.core.people import Person
from collector.core.redaction import Redact
from collector.core.resources import resource
from tests.played.connector import Recipe

EMAIL = Redact("email", "domain")


@resource("played.member", key="login", volatile=("last_active",), redact=(EMAIL,))
class Open(Struct, frozen=True, kw_only=True):
    """Leaves the telephone number where it is."""

    login: str


@resource("played.member", key="login", volatile=("last_active",), redact=("phone", EMAIL))
class Numeric(Struct, frozen=True, kw_only=True):
    """Reads a number that is taken out."""

    login: str
    phone: int | str


@resource("played.member", key="login", volatile=("last_active",), redact=("phone", EMAIL))
class Foreign(Struct, frozen=True, kw_only=True):
    """Reads a field that the platform does not have."""

    login: str
    team: str


@resource("played.member", key="login", redact=("phone", EMAIL))
class Restless(Struct, frozen=True, kw_only=True):
    """Keeps what moves by itself in the body."""

    login: str


@resource("played.member", key="login", volatile=("last_active", "lastActive"), redact=("phone", EMAIL))
class Misspelt(Struct, frozen=True, kw_only=True):
    """Calls a field volatile that there is not."""

    login: str


@resource(
    "played.member", key="login", volatile=("last_active",), redact=("phone", EMAIL), person=Person(name="user_name")
)
class Nameless(Struct, frozen=True, kw_only=True):
    """Declares the name of people where the platform has none."""

    login: str


SAYING: dict[str, tuple[str, Recipe]] = {
    "a secret that is not declared": ("keeps_no_secret", Recipe(member=Open)),
    "a number that is taken out": ("reads_no_number_that_is_taken_out", Recipe(member=Numeric)),
    "a view of another platform": ("can_be_read_through_its_views", Recipe(member=Foreign)),
    "a field that moves": ("does_not_change_by_itself", Recipe(member=Restless)),
    "a volatile field that is none": ("knows_what_is_volatile", Recipe(member=Misspelt)),
    "people by another name": ("finds_people_where_declared", Recipe(member=Nameless)),
    "refused means none": (
        "reports_a_refused_part",
        Recipe(protection_absent=("no_protection", "forbidden")),
    ),
    "failed means none": (
        "reports_a_failing_part",
        Recipe(protection_absent=("no_protection", "status_500")),
    ),
}
