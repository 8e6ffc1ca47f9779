"""The harness of Entra ID and Microsoft 365: the tenant of the connector's tests, in pages of one item."""

from __future__ import annotations

import copy
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import httpx

from collector.setup.loading import connector
from connectors._microsoft import sign_in
from connectors.entra._sdk import calls
from connectors.entra.applications.collector import NO_CALL
from tests.connectors.aws.wires import CountingWire
from tests.connectors.entra.estate import GROUP_TYPE, GROUPS, a_snapshot, an_assignment, an_instance, estate
from tests.connectors.entra.played import PlayedTenant, error, following, next_of, settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from collector.contract.harness import Throttle
    from collector.contract.raw_answers import Make
    from collector.core.connectors import Collection, Connector
    from connectors.entra._sdk.settings import Settings

_LONG = 12
_WORD = "canary"

# Where the values of a kind's redacted paths are planted: the call whose first answer has them.
_SOURCES = {
    "entra.directory.organization": calls.ORGANIZATION,
    "entra.directory.user": calls.USERS,
    "entra.role.assignment": calls.ROLE_ASSIGNMENTS,
    "entra.role.eligibility": calls.ELIGIBLE_ROLES,
    "entra.role.active_assignment": calls.ACTIVE_ROLES,
    "entra.app.application": calls.APPLICATIONS,
    "entra.governance.access_review": calls.ACCESS_REVIEWS,
    "m365.intune.managed_device": calls.DEVICES,
    "m365.security.incident": calls.INCIDENTS,
    "m365.security.attack_simulation": calls.SIMULATIONS,
    "m365.purview.retention_label": calls.RETENTION_LABELS,
    "entra.role.management_policy": calls.ROLE_POLICIES,
    "entra.audit.directory_audit": calls.DIRECTORY_AUDITS,
}
# Lists that have one item by their nature, such as the tenant itself, or of which the latest is read.
_SINGLE = {calls.ORGANIZATION, calls.SECURE_SCORES}


class SteeredTenant(PlayedTenant):
    """The double that the suite steers."""

    def fail(self, call: str) -> None:
        """Answer a call with 500."""
        self.wrong[call] = lambda _request, _own: error(500, "generalException", "An error occurred.")

    def cut(self, call: str) -> None:
        """Answer a call with 500 from the second page on."""
        broken = error(500, "generalException", "An error occurred.")
        self.wrong[call] = lambda request, own: broken if "$skiptoken" in request.url.params else own

    def circle(self, call: str) -> None:
        """Answer a call with pages A, B, A, B."""
        self._lead(call, lambda number: 1 - number)

    def repeat(self, call: str) -> None:
        """Answer a call with a page that names itself as the next."""
        self._lead(call, lambda number: number)

    def endless(self, call: str, pages: int | None = None) -> None:
        """Answer a call with pages without an end, or with so many."""
        self._lead(call, lambda number: number + 1 if number + 1 != pages else None, distinct=True)

    def play(self, call: str, make: Make) -> None:
        """Answer a call with what is made of the double's own answer."""
        self.makes[call] = make

    def stretch(self) -> None:
        """Make every list longer than ten pages."""
        for call, items in self.answers.items():
            if isinstance(items, list) and call not in _SINGLE:
                self.answers[call] = [*items, *(_another(items[-1], number) for number in range(_LONG - len(items)))]

    def _lead(self, call: str, after: Callable[[int], int | None], *, distinct: bool = False) -> None:
        def lead(request: httpx.Request, _own: httpx.Response) -> httpx.Response:
            number = int(request.url.params.get("$skiptoken", 0))
            items = self.answers[call]
            item = _another(items[0], number) if distinct and number else items[number % 2]
            first = request.url.copy_remove_param("$skiptoken")
            body = self.page(call, httpx.Request("GET", first), [item]).json()
            step = after(number)
            if step is not None:
                body[next_of(call)] = following(request, step)
            return httpx.Response(200, json=body)

        self.wrong[call] = lead


def _another(item: dict[str, Any], number: int) -> dict[str, Any]:
    """Return an item of another key."""
    made = copy.deepcopy(item)
    return made | {name: f"{made[name]}-{number}" for name in ("id", "name") if name in made}


def _plant(body: Any, path: str, text: str) -> None:
    """Put a text at a path, into each item of the lists on its way."""
    step, _, rest = path.partition(".")
    for item in body if isinstance(body, list) else [body]:
        if not rest:
            item[step] = text
            continue
        if not item.get(step):
            item[step] = {}
        _plant(item[step], rest, text)


def _canaries(entra: Connector[Any, Any]) -> dict[str, tuple[str, str]]:
    """Return for each redacted path of each kind its call and the text to plant there."""
    found = {}
    for kind, call in _SOURCES.items():
        for number, rule in enumerate(entra.collections[kind].kind.redact):
            text = f"{_WORD}-{kind.replace('.', '-').replace('_', '-')}-{number}"
            found[f"{kind} {rule.path}"] = (call, text)
    return found


def _without_pseudo_call(entra: Connector[Any, Any]) -> Connector[Any, Any]:
    def asked(collection: Collection[Any]) -> Collection[Any]:
        return replace(collection, calls=tuple(call for call in collection.calls if call != NO_CALL))

    return replace(entra, collections={id_: asked(collection) for id_, collection in entra.collections.items()})


class EntraHarness:
    """A source that signs in as an application."""

    throttles: ClassVar[dict[str, Throttle]] = {}
    free = frozenset({calls.DNS})
    attempts = 4
    not_possible: ClassVar[dict[str, str]] = {
        "odd count": "Graph counts only where it is asked to, and is not",
        **{
            f"second page {calls.SNAPSHOT_JOBS} of {kind}": "the list looks up which snapshot is the latest"
            for kind in ("m365.exchange.settings", "m365.teams.settings")
        },
    }

    def __init__(self) -> None:
        self.connector = _without_pseudo_call(connector("entra").connector)
        lists = {call for collection in self.connector.collections.values() for call in collection.calls}
        answers = estate()
        self.paged = frozenset(call for call in lists if isinstance(answers[call], list)) - _SINGLE
        self._planted = _canaries(self.connector)
        self.canaries = {name: text for name, (_, text) in self._planted.items()}
        self.canaries["a recipient in a rule of mail"] = f"{_WORD}-recipient"

    @contextmanager
    def fixture(self) -> Iterator[SteeredTenant]:
        """Start a new double."""
        answers = copy.deepcopy({call: value for call, value in estate().items() if not callable(value)})
        answers = {**estate(), **answers}
        # Groups alone: the members of any other principal are not asked for.
        groups = [{"@odata.type": GROUP_TYPE, "id": name, "displayName": name} for name in GROUPS]
        answers[calls.ROLE_ASSIGNMENTS] = [an_assignment(group["id"], group) for group in groups]
        answers[calls.ELIGIBLE_ROLES] = [an_instance(f"e-{group['id']}", group) for group in groups]
        for name, (call, text) in self._planted.items():
            path = name.partition(" ")[2]
            _plant(answers[call][0], path, f"{text}@acme.example" if path in {"mail", "assignedTo"} else text)
        answers[calls.SNAPSHOT] = _snapshot
        with SteeredTenant(answers, page_size=1).running() as double:
            assert isinstance(double, SteeredTenant)
            yield double

    def settings(self, _double: Any) -> Settings:
        """Return the settings of a source that reads the double, and has signed in.

        A request for a token belongs to no list, and comes in whichever task is the first.
        """
        source = settings()
        for audience in (source.endpoints.graph_scope, source.endpoints.arm_scope):
            sign_in(source, audience).headers(CountingWire())
        return source


def _snapshot(name: str) -> dict[str, Any]:
    made = copy.deepcopy(a_snapshot(name))
    for item in made["resources"]:
        if item["resourceType"].endswith("TransportRule"):
            for key in ("RedirectMessageTo", "CopyTo", "BlindCopyTo", "AddToRecipients"):
                item["properties"][key] = [f"{_WORD}-recipient"]
        if item["resourceType"].endswith("ATPBuiltInProtectionRule"):
            item["properties"]["ExceptIfSentTo"] = [f"{_WORD}-recipient"]
    return made


def harness() -> EntraHarness:
    """Return the harness."""
    return EntraHarness()
