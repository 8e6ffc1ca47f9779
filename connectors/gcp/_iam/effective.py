"""What holds in a project: its own policy and those of everything above it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from collector.core.errors import Unread

if TYPE_CHECKING:
    from collector.core.checks import All
    from connectors.gcp._iam.policies import Binding, Policy
    from connectors.gcp.iam.resources import ProjectPolicy
    from connectors.gcp.resourcemanager.resources import Container


class Grant(NamedTuple):
    """One member of one binding, and where that is."""

    where: str
    binding: Binding
    member: str

    @property
    def said(self) -> str:
        """The grant as people read it."""
        condition = " under a condition" if self.binding.condition is not None else ""
        return f"{self.member} has {self.binding.role} by {self.where}{condition}"


@dataclass(frozen=True)
class Effective:
    """The policies that a project has and inherits; `unread` says why some of these are not among them."""

    policies: tuple[tuple[str, Policy], ...]
    unread: str | None

    def grants(self) -> Iterator[Grant]:
        """Yield every member of every binding; one that was deleted has nothing any more."""
        for where, policy in self.policies:
            for binding in policy.bindings:
                for member in binding.members:
                    if not member.startswith("deleted:"):
                        yield Grant(where, binding, member)


def effective(project: ProjectPolicy, containers: All[Container]) -> Effective:
    """Return what holds in a project. Raises Unread only where the project's own policy was not read."""
    found = [(project.name, project.policy)]
    try:
        for container in above(project, containers):
            found.append((container.name, container.policy))  # noqa: PERF401  what came before the error counts
    except Unread as why:
        return Effective(tuple(found), f"what is inherited is not known: {why}")
    return Effective(tuple(found), None)


def id_of(project: ProjectPolicy) -> str:
    """Return the id of a project."""
    return project.name.removeprefix("projects/")


def above(project: ProjectPolicy, containers: All[Container]) -> Iterator[Container]:
    """Yield what is above a project. Raises Unread at the end where some of it was not listed."""
    missing = {f"{each.resource_id.type}s/{each.resource_id.id}" for each in project.ancestry[1:]}
    for container in containers:
        if container.name in missing:
            missing.discard(container.name)
            yield container
    if missing:
        raise Unread(f"{', '.join(sorted(missing))} was not listed")
