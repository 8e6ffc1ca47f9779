"""Evidence of Google Cloud for checks, out of what its APIs give."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from connectors.gcp.iam.resources import ProjectPolicy
from connectors.gcp.resourcemanager.resources import Container
from tests.connectors.gcp import bodies
from tests.connectors.gcp.bodies import Json
from tests.connectors.github.judging import UnreadSet

V = TypeVar("V", bound=Struct)


def seen(kind: type[V], body: Json, **parts: Any) -> V:
    """Return a resource with its parts, as a check is given it."""
    return msgspec.convert({**body, **parts}, kind)


def a_project(
    *bindings: tuple[str, str], above: tuple[str, ...] = ("folder/10", "organization/1"), **but: Any
) -> ProjectPolicy:
    """Return the policy of a project that lies in a folder of the organization."""
    steps = [("project", "acme-prod"), *(each.split("/") for each in above)]
    ancestry = [{"resourceId": {"type": kind, "id": id_}} for kind, id_ in steps]
    policy = bodies.policy(*bindings, **but)
    return seen(ProjectPolicy, {"name": "projects/acme-prod", "policy": policy, "ancestry": ancestry, "held": []})


def a_container(
    name: str = "organizations/1", *bindings: tuple[str, str], sinks: tuple[Json, ...] = (), **but: Any
) -> Container:
    """Return the organization or a folder with its policy."""
    shown = {"name": name, "displayName": "acme.example" if name == "organizations/1" else name, "state": "ACTIVE"}
    return seen(Container, shown, path=[name], policy=bodies.policy(*bindings, **but), sinks=list(sinks))


FOLDER = a_container("folders/10")
ORGANIZATION = a_container()
NOBODY_ABOVE = (FOLDER, ORGANIZATION)
UNREAD = UnreadSet()
