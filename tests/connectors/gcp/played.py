"""A double of Google Cloud: each operation of the connector, found by its path, in pages, held to Google's schemas."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from email.utils import formatdate
from functools import lru_cache, partial
from typing import Any
from urllib.parse import unquote

import httpx

from collector.setup.loading import connector
from connectors._google import Operation
from connectors._google.services import description, methods
from connectors._http import answered_by
from tests.connectors.gcp.bodies import Json
from tests.connectors.google.described import differences

TOKENS = "https://oauth2.googleapis.com"
TOKEN_CALL = "POST oauth2.googleapis.com/token"

LISTS: Mapping[str, str] = {
    "apikeys.projects.locations.keys.list": "keys",
    "cloudasset.searchAllResources": "results",
    "dns.managedZones.list": "managedZones",
    "iam.projects.locations.workloadIdentityPools.list": "workloadIdentityPools",
    "iam.projects.locations.workloadIdentityPools.providers.list": "workloadIdentityPoolProviders",
    "policyanalyzer.projects.locations.activityTypes.activities.query": "activities",
    "secretmanager.projects.secrets.list": "secrets",
    "secretmanager.projects.secrets.versions.list": "versions",
    "securitycenter.organizations.sources.findings.list": "listFindingsResults",
    "artifactregistry.projects.locations.list": "locations",
    "artifactregistry.projects.locations.repositories.list": "repositories",
    "backupdr.projects.locations.backupPlanAssociations.list": "backupPlanAssociations",
    "bigquery.datasets.list": "datasets",
    "cloudfunctions.projects.locations.functions.list": "functions",
    "cloudkms.projects.locations.keyRings.cryptoKeys.list": "cryptoKeys",
    "cloudkms.projects.locations.keyRings.list": "keyRings",
    "cloudkms.projects.locations.list": "locations",
    "cloudresourcemanager.folders.list": "folders",
    "cloudresourcemanager.projects.list": "projects",
    "compute.networks.list": "items",
    "compute.snapshots.list": "items",
    "compute.targetSslProxies.list": "items",
    "essentialcontacts.projects.contacts.compute": "contacts",
    "iam.organizations.roles.list": "roles",
    "iam.projects.roles.list": "roles",
    "iam.projects.serviceAccounts.list": "accounts",
    "iam.roles.list": "roles",
    "logging.entries.list": "entries",
    "logging.folders.sinks.list": "sinks",
    "logging.organizations.sinks.list": "sinks",
    "logging.projects.locations.buckets.list": "buckets",
    "logging.projects.metrics.list": "metrics",
    "logging.projects.sinks.list": "sinks",
    "monitoring.projects.alertPolicies.list": "alertPolicies",
    "monitoring.projects.notificationChannels.list": "notificationChannels",
    "osconfig.projects.locations.instances.vulnerabilityReports.list": "vulnerabilityReports",
    "run.projects.locations.list": "locations",
    "run.projects.locations.services.list": "services",
    "serviceusage.services.list": "services",
    "sql.backupRuns.list": "items",
    "sql.instances.list": "items",
    "storage.buckets.list": "items",
}
"""Where each list has its items."""

AGGREGATED: Mapping[str, str] = {
    "compute.backendServices.aggregatedList": "backendServices",
    "compute.disks.aggregatedList": "disks",
    "compute.instances.aggregatedList": "instances",
    "compute.networkFirewallPolicies.aggregatedList": "firewallPolicies",
    "compute.resourcePolicies.aggregatedList": "resourcePolicies",
    "compute.sslCertificates.aggregatedList": "sslCertificates",
    "compute.sslPolicies.aggregatedList": "sslPolicies",
    "compute.subnetworks.aggregatedList": "subnetworks",
    "compute.targetHttpsProxies.aggregatedList": "targetHttpsProxies",
}
"""The lists whose items are in a map of places."""

_OLDER = ("compute.", "storage.", "sql.", "bigquery.")
_HELD: set[str] = set()
"""Answers that were held against Google's description already, in whichever test."""

Params = Mapping[str, str]
Answer = Json | list[Json] | httpx.Response | Callable[[Params], Any]


@lru_cache(maxsize=1)
def operations() -> dict[str, Operation]:
    """Return every operation that a module of the connector names, once all of them are there."""
    connector("gcp")
    return {
        value.id: value
        for name, module in list(sys.modules.items())
        if name.startswith("connectors.gcp.")
        for value in vars(module).values()
        if isinstance(value, Operation)
    }


@lru_cache(maxsize=1)
def _routes() -> list[tuple[str, str, re.Pattern[str], Operation]]:
    found = []
    for operation in operations().values():
        document = description(operation.api, operation.version)
        method = next(each for _, each in methods(document) if each["id"] == operation.id)
        host = httpx.URL(document["rootUrl"]).host
        path = re.sub(
            r"\{(\+?)(\w+)\}",
            partial(_group, method["parameters"]),
            f"/{document['servicePath']}{method['path']}",
        )
        found.append((method["httpMethod"], host, re.compile(path), operation))
    return found


def _group(parameters: Json, found: re.Match[str]) -> str:
    return f"(?P<{found[2]}>{_pattern(parameters[found[2]], found[1])})"


def _pattern(parameter: Json, plus: str) -> str:
    given = parameter.get("pattern", "").removeprefix("^").removesuffix("$")
    return given.replace("[^/]", "[^/:]") if given and plus else "[^/:]+"


class PlayedGoogle:
    """Google Cloud on this machine. `answers` are by operation: a list of items, an answer, or a function of these.

    `validates`: each answer is held against Google's description of it.
    """

    def __init__(self, *, validates: bool = True) -> None:
        self.validates = validates
        self.answers: dict[str, Answer] = {}
        self.wrong: dict[str, Callable[[httpx.Request, httpx.Response], httpx.Response]] = {}
        self.asked: Counter[str] = Counter()
        self.requests: list[httpx.Request] = []
        self.page_size = 100

    @property
    def count(self) -> int:
        """How many requests were answered."""
        return sum(self.asked.values())

    def answering(self) -> AbstractContextManager[None]:
        """Answer for every host of the connector, as long as the context lasts."""
        hosts = sorted({f"https://{host}" for _, host, _, _ in _routes()})
        return answered_by(self, *hosts, TOKENS)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        self.requests.append(request)
        if request.url.host == "oauth2.googleapis.com":
            self.asked[TOKEN_CALL] += 1
            token = {"access_token": "ya29.madeup", "expires_in": 3600, "token_type": "Bearer"}
            own = httpx.Response(200, json=token)
            wrong = self.wrong.get(TOKEN_CALL)
            return own if wrong is None else wrong(request, own)
        operation, params = self.route(request)
        self.asked[operation.id] += 1
        own = self.own(operation, params)
        wrong = self.wrong.get(operation.id)
        return own if wrong is None else wrong(request, own)

    def route(self, request: httpx.Request) -> tuple[Operation, Params]:
        """Return what a request asks for. Raises AssertionError for what nobody declares."""
        path = request.url.raw_path.decode().partition("?")[0]
        for method, host, pattern, operation in _routes():
            if (method, host) == (request.method, request.url.host) and (found := pattern.fullmatch(path)):
                given = {name: unquote(value) for name, value in found.groupdict().items()}
                return operation, {**dict(request.url.params), **given, "body": request.content.decode()}
        message = f"nobody declares {request.method} {request.url}"
        raise AssertionError(message)

    def own(self, operation: Operation, params: Params) -> httpx.Response:
        """Return the double's own answer."""
        assert operation.id in self.answers, f"nothing is played for {operation.id}"
        answer = self.answers[operation.id]
        found = answer(params) if callable(answer) else answer
        if isinstance(found, httpx.Response):
            return httpx.Response(found.status_code, headers=found.headers, content=found.content)
        body = self.page(operation, found, params) if isinstance(found, list) else found
        if self.validates:
            self._hold(operation, body, params)
        return httpx.Response(200, json=body, headers={"date": formatdate(usegmt=True)})

    def page(self, operation: Operation, items: list[Json], params: Params) -> Json:
        """Return a page of a list."""
        in_body = json.loads(params["body"]) if operation.id == "logging.entries.list" else params
        start = int(in_body.get("pageToken", "0"))
        some = items[start : start + self.page_size]
        body: Json = {}
        if operation.id.startswith(_OLDER):
            body["kind"] = f"{operation.api}#list"
        if operation.id in AGGREGATED:
            places: dict[str, Any] = {
                "zones/us-east1-b": {"warning": {"code": "NO_RESULTS_ON_PAGE", "message": "There are no results."}}
            }
            for item in some:
                place = item.get("zone") or item.get("region") or "global"
                place = (
                    place[place.index("/zones/" if "/zones/" in place else "/regions/") + 1 :]
                    if "/" in place
                    else place
                )
                places.setdefault(place, {AGGREGATED[operation.id]: []})[AGGREGATED[operation.id]].append(item)
            body["items"] = places
        elif some:  # Google leaves an empty list out
            body[LISTS[operation.id]] = some
        if start + self.page_size < len(items):
            body["nextPageToken"] = str(start + self.page_size)
        return body

    def _hold(self, operation: Operation, body: Any, params: Params) -> None:
        asked = json.dumps([operation.id, params, body])
        if asked not in _HELD:
            _HELD.add(asked)
            assert differences(operation, body) == [], operation.id
