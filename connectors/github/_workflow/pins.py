"""Actions and images by names that can change, and tokens with every right."""

from __future__ import annotations

import re
from typing import Any

from connectors.github._workflow.expressions import NotAnExpressionError, template
from connectors.github._workflow.values import World

_COMMIT = re.compile(r"(?i)@(?:[0-9a-f]{40}|[0-9a-f]{64})$")
_DIGEST = re.compile(r"@sha256:[0-9a-fA-F]{64}$")
_SCOPES = frozenset(
    {
        "actions", "checks", "contents", "deployments", "discussions", "issues", "packages", "pages", "pull-requests",
        "security-events", "statuses",
    }
)  # fmt: skip


def write_all(permissions: Any) -> bool:
    """Whether permissions are `write-all`, or every one of them is to write."""
    if isinstance(permissions, str):
        return permissions.strip().lower() == "write-all"
    return (
        isinstance(permissions, dict) and {name for name, value in permissions.items() if value == "write"} >= _SCOPES
    )


class Pins:
    """Gathers, in `unpinned`, each action, workflow and image that is not named by a commit or digest."""

    def __init__(self, unpinned: list[str], questions: list[str]) -> None:
        self._unpinned = unpinned
        self._questions = questions

    def job(self, job: dict[str, Any], world: World) -> None:
        """Look at the images of a job, and at the workflow that it calls."""
        uses = job.get("uses")
        if isinstance(uses, str) and not uses.startswith(("./", "$/")):
            self.action(uses)
        services = job.get("services")
        for holder in (job.get("container"), *(services.values() if isinstance(services, dict) else ())):
            image = holder.get("image") if isinstance(holder, dict) else holder
            if isinstance(image, str) and image.strip():
                self.image(image, world)

    def action(self, uses: str) -> None:
        """Look at an action or workflow of another repository, or at an image in the place of an action."""
        uses = uses.strip()
        pin = _DIGEST if uses.startswith("docker://") else _COMMIT
        if not pin.search(uses) and uses not in self._unpinned:
            self._unpinned.append(uses)

    def image(self, image: str, world: World) -> None:
        """Look at an image; one that the matrix names is each of those in it."""
        image = image.strip().removeprefix("docker://")
        try:
            pieces = template(image)
        except NotAnExpressionError:
            pieces = ()
        if pieces and all(isinstance(piece, str) for piece in pieces):
            names: tuple[str, ...] = (image,)
        else:
            names = self._of_matrix(image, world)
        for name in names:
            if not _DIGEST.search(name) and name not in self._unpinned:
                self._unpinned.append(name)
        if not names and (question := f"takes the image {image}, which it does not name itself") not in self._questions:
            self._questions.append(question)

    @staticmethod
    def _of_matrix(image: str, world: World) -> tuple[str, ...]:
        match = re.fullmatch(r"\$\{\{\s*matrix\.([\w-]+)\s*\}\}", image)
        values = (world.matrix or {}).get(match.group(1).lower(), ()) if match is not None else ()
        return () if any("${{" in value for value in values) else values
