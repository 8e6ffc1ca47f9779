"""The client of one scope: a project, or the source as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from collector.core.errors import Denied, Unexpected
from connectors._google import Google, Operation, google_errors
from connectors._google.sign_in import CLOUD_PLATFORM

if TYPE_CHECKING:
    from datetime import datetime

    from collector.core.resources import Body
    from collector.core.scopes import Scope
    from collector.core.wire import Wire
    from connectors._google import Identity
    from connectors.gcp._sdk.settings import Settings

TEST_PERMISSIONS = Operation("cloudresourcemanager", "v3", "cloudresourcemanager.projects.testIamPermissions")
NO_CALL = "(no call)"
"""The call of a collection that sends no request: it lists one resource, and each part has a call of its own."""

_SEES = "resourcemanager.projects.get"
_MOST_TESTED = 99  # permissions in one call, beside that one


class GoogleCloud:
    """Requests for one project, or for the source. Safe for several threads.

    `google` takes the word that an API is off in the project for the word that what is listed is not there. `whatever`
    does not: it is for what exists, or is inherited, although the API is off.
    """

    def __init__(self, settings: Settings, scope: Scope, wire: Wire, identity: Identity) -> None:
        self.settings = settings
        self.scope = scope
        self._wire = wire
        self._identity = identity
        number = wire.scope_facts.get("number")
        names = (*(f"projects/{name}" for name in scope), *((f"projects/{number}",) if number else ()))
        self.google = Google(wire, identity, errors=google_errors(*names))
        self.whatever = Google(wire, identity)

    @property
    def project(self) -> str:
        """The id of the project. Raises IndexError at the source, which has none."""
        return self.scope[0]

    @property
    def name(self) -> str:
        """The project as most APIs write it."""
        return f"projects/{self.project}"

    def identity(self) -> str:
        """Return who annexd is."""
        return self._identity.name(self._wire)

    def held(self, permissions: Sequence[str]) -> frozenset[str]:
        """Return which of these permissions the identity has in the project.

        Raises Unexpected for an answer without the permission to see the project, of which nobody asks without it:
        Google leaves an empty list out, so that nothing else tells the answer from another one.
        """
        found: set[str] = set()
        for start in range(0, len(permissions), _MOST_TESTED):
            body = {"permissions": [_SEES, *permissions[start : start + _MOST_TESTED]]}
            answer = self.google.ask(TEST_PERMISSIONS, resource=self.name, body=body).get("permissions", [])
            if _SEES not in answer:
                raise Unexpected(f"{TEST_PERMISSIONS} was answered without {_SEES}, which annexd needs everywhere")
            found |= set(answer)
        return frozenset(found - {_SEES} | ({_SEES} & set(permissions)))

    def require(self, permission: str, why: str) -> None:
        """Raise Denied without a permission, where Google would answer with less, and not say so."""
        if permission not in self.held([permission]):
            raise Denied(why, code="IAM_PERMISSION_DENIED")

    def policy(self, operation: Operation, **arguments: Any) -> Body:
        """Return a policy without its entity tag, which each policy has, one that nobody has set too.

        Raises Unexpected for an answer without it: nothing tells an empty policy from an answer to something else.
        """
        answer = self.whatever.ask(operation, **arguments)
        if not isinstance(answer, dict) or "etag" not in answer:
            raise Unexpected(f"{operation} was answered without an etag, and so with no policy")
        return {name: value for name, value in answer.items() if name != "etag"}

    def clock(self, operation: Operation, **arguments: Any) -> datetime:
        """Return Google's time, off an answer that names something; windows of time are counted from it."""
        page = next(self.whatever.walk(operation, key=lambda body: [body["name"]], **arguments))
        if page.reply.date is None:
            raise Unexpected(f"the answer to {operation} has no date")
        return page.reply.date

    def locations(self, operation: Operation) -> Iterator[str]:
        """Yield the names of the locations that an API has for the project, as it writes them."""
        for location in self.google.pages(operation, key="locations", name=self.name):
            yield location["name"]

    def close(self) -> None:
        """Give the connections back."""
        self.google.close()
        self.whatever.close()


def connect(settings: Settings, scope: Scope, wire: Wire) -> GoogleCloud:
    """Return a client of a project or of the source; nothing is asked."""
    return GoogleCloud(settings, scope, wire, settings.sign_in.identity(CLOUD_PLATFORM))


def in_every_place(key: str) -> Any:
    """Return where an aggregated list of Compute Engine has its items: in a map of zones and regions."""

    def items(page: Any) -> list[Any]:
        return [item for inside in _of_kind(page).get("items", {}).values() for item in inside.get(key, [])]

    return items


def of_kind(key: str = "items") -> Any:
    """Return where the older APIs have the items of a list; each answer of theirs says of which kind it is."""
    return lambda page: _of_kind(page).get(key, [])


def _of_kind(page: Any) -> Any:
    """Return a page. Raises KeyError for one without a kind: it is an answer to something else."""
    page["kind"]
    return page


def compute(id_: str) -> Operation:
    """Return a list of Compute Engine, which names the places that are away in place of failing for them."""
    return Operation("compute", "v1", f"compute.{id_}", (("returnPartialSuccess", "true"),))
