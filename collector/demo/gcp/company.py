"""Acme's Google Cloud: one project, which runs the analytics and belongs to no organization.

An export that everybody with an account of Google can read, a key that nobody has replaced, the network that Google
makes by default; beside them a network, an archive of logs and a pipeline that are in order.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import httpx
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from collector.demo.gcp import documents as google
from collector.demo.json_answers import NOT_FOUND, Json, JsonAnswers, Refusal
from collector.demo.platforms import PlayedPlatform
from connectors.gcp._iam.powers import WRITING

PROJECT = "acme-analytics"
VARIABLE = "ACME_GOOGLE_KEY"
_NUMBER = "271828182845"
_NAME = f"projects/{PROJECT}"
_PLACE = f"{_NAME}/locations/europe-west3"
_COMPUTE = f"/compute/v1/{_NAME}"
_TOKENS = "https://oauth2.googleapis.com"
_TABLE = f"""\
[sources.analytics]
connector   = "gcp"
projects    = ["{PROJECT}"]
credentials = {{ env = "{VARIABLE}" }}
every       = "30d"
serves      = ["acme-shop"]
"""
_SYSTEM = f"""\
[[system]]
name          = "Analytics"
owner         = "Ann Sommer"
environment   = "production"
source        = "analytics"
scope         = ["{PROJECT}"]
in_scope_from = {{{{-300d}}}}
"""

_ON = (
    "accessapproval", "apikeys", "artifactregistry", "bigquery", "cloudasset", "cloudresourcemanager", "compute",
    "essentialcontacts", "iam", "logging", "monitoring", "orgpolicy", "osconfig", "policyanalyzer", "run",
    "secretmanager", "serviceusage", "storage",
)  # fmt: skip
_OFF = (
    "backupdr", "binaryauthorization", "cloudfunctions", "cloudkms", "container", "dns", "securitycenter", "sqladmin",
)  # fmt: skip
"""APIs that Acme does not use; they are answered for all the same, so that nothing leaves the process."""

_PUBLIC_SINCE = 30
_VULNERABLE_SINCE = 45
_EXPORTS, _RAW, _ARCHIVE = "acme-analytics-exports", "acme-analytics-raw", "acme-analytics-archive"
# Service accounts: the name, what it is for, how many days ago it was last used, and the ages of its keys.
_ACCOUNTS: tuple[tuple[str, str, float, tuple[int, ...]], ...] = (
    ("annexd", "annexd", 1, (20,)),
    ("exporter", "Export of reports", 2, (400,)),
    ("pipeline", "Pipeline", 1, ()),
    ("trial", "Trial of a dashboard", 170, ()),
)


def platform(now: Callable[[], datetime], last: datetime) -> PlayedPlatform:
    """Return Acme's project as of the demo's last day; what has not happened yet by `now` is not shown."""
    answers = JsonAnswers(now, _missing)
    token = {"access_token": "ya29.made-up-token-of-the-demo", "expires_in": 3600, "token_type": "Bearer"}
    answers.documents["/token"] = token
    for documents in (
        _project(last), _accounts(now, last), _buckets(now, last), _logging(last), _networks(), _machines(now, last),
        _data(last), _governance(last),
    ):  # fmt: skip
        answers.documents.update(documents)
    return PlayedPlatform(
        about="a project on Google Cloud",
        table=_TABLE,
        system=_SYSTEM,
        bases=(_TOKENS, *(f"https://{api}.googleapis.com" for api in (*_ON, *_OFF))),
        answer=answers,
        variables={VARIABLE: _key()},
    )


@lru_cache(maxsize=1)
def _key() -> str:
    """Return the JSON of a key of a service account that nobody has."""
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    key = {
        "type": "service_account",
        "project_id": PROJECT,
        "client_email": _email("annexd"),
        "client_id": "104222333444555666770",
        "private_key": made.private_bytes(encoding, form, serialization.NoEncryption()).decode(),
        "token_uri": f"{_TOKENS}/token",
    }
    return json.dumps(key)


def _missing(request: httpx.Request) -> Refusal:
    message = f"Requested entity was not found: {request.url.path}"
    return Refusal(NOT_FOUND, {"error": {"code": NOT_FOUND, "message": message, "status": "NOT_FOUND"}})


def _ago(day: datetime, days: float) -> str:
    return f"{day - timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"


def _email(account: str) -> str:
    return f"{account}@{PROJECT}.iam.gserviceaccount.com"


def _project(last: datetime) -> dict[str, Any]:
    """Return the project and who holds roles in it: two owners, the programs, and somebody with an account at Gmail."""
    policy = google.policy(
        ("roles/owner", "user:ann@example.com"),
        ("roles/owner", "user:bob@example.com"),
        ("roles/bigquery.dataViewer", "user:kim.reports@gmail.com"),
        ("roles/storage.admin", f"serviceAccount:{_email('exporter')}"),
        ("roles/bigquery.dataEditor", f"serviceAccount:{_email('pipeline')}"),
        (f"{_NAME}/roles/annexd", f"serviceAccount:{_email('annexd')}"),
        auditConfigs=[{"service": "allServices", "auditLogConfigs": [{"logType": "ADMIN_READ"}]}],
    )
    services = [f"projects/{_NUMBER}/services/{api}.googleapis.com" for api in _ON]
    return {
        f"/v3/{_NAME}": google.project(PROJECT, _NUMBER, _ago(last, 900)),
        f"/v3/{_NAME}:getIamPolicy": policy,
        f"/v3/{_NAME}:testIamPermissions": _tested,
        f"/v1/{_NAME}:getAncestry": {"ancestor": [{"resourceId": {"type": "project", "id": PROJECT}}]},
        f"/v1/projects/{_NUMBER}/services": {
            "services": [
                {"name": name, "parent": f"projects/{_NUMBER}", "state": "ENABLED"} for name in sorted(services)
            ]
        },
        "/v1/roles": {
            "roles": [
                google.role("roles/owner", "resourcemanager.projects.setIamPolicy", "iam.serviceAccounts.actAs"),
                google.role("roles/storage.admin", "storage.buckets.setIamPolicy", "storage.objects.get"),
                google.role("roles/bigquery.dataViewer", "bigquery.tables.getData"),
                google.role("roles/bigquery.dataEditor", "bigquery.tables.updateData"),
            ]
        },
        f"/v1/{_NAME}/roles": {
            "roles": [google.role(f"{_NAME}/roles/annexd", "resourcemanager.projects.get", "storage.buckets.list")]
        },
    }


def _tested(request: httpx.Request) -> Json:
    """Return which of the permissions annexd has: those to read."""
    asked = json.loads(request.content)["permissions"]
    return {"permissions": [permission for permission in asked if permission not in WRITING]}


def _accounts(now: Callable[[], datetime], last: datetime) -> dict[str, Any]:
    made = [(google.account(PROJECT, name, at, shown), ages) for at, (name, shown, _, ages) in enumerate(_ACCOUNTS)]
    pools = f"projects/{_NUMBER}/locations/global/workloadIdentityPools"
    provider = {
        "name": f"{pools}/github/providers/actions",
        "state": "ACTIVE",
        "attributeCondition": "assertion.repository_owner == 'acme'",
        "oidc": {"issuerUri": "https://token.actions.githubusercontent.com"},
    }

    def used(_request: httpx.Request) -> Json:
        """Return the last uses as Google knows them a day later; those in use are used every day."""
        seen = []
        for (account, _), (_, _, days, _) in zip(made, _ACCOUNTS, strict=True):
            day = now() if days < 7 else last  # noqa: PLR2004  a week: the others are not used any more
            seen.append(google.activity(_NUMBER, account, _ago(day, days), _ago(now(), 366), _ago(now(), 1)))
        return {"activities": seen}

    activities = f"/v1/{_NAME}/locations/global/activityTypes"
    return {
        f"/v1/{_NAME}/serviceAccounts": {"accounts": [account for account, _ in made]},
        **{
            f"/v1/{account['name']}/keys": {
                "keys": [google.key(account["name"], f"{age:04}c0ffee", _ago(last, age)) for age in ages]
            }
            if ages
            else {}
            for account, ages in made
        },
        f"{activities}/serviceAccountLastAuthentication/activities:query": used,
        f"{activities}/serviceAccountKeyLastAuthentication/activities:query": {},
        f"/v1/{_NAME}/locations/global/workloadIdentityPools": {
            "workloadIdentityPools": [{"name": f"{pools}/github", "state": "ACTIVE"}]
        },
        f"/v1/{pools}/github/providers": {"workloadIdentityPoolProviders": [provider]},
    }


def _buckets(now: Callable[[], datetime], last: datetime) -> dict[str, Any]:
    """Return the exports, which are public in the last thirty days, the raw data, and the archive of logs."""
    made = _ago(last, 800)
    deletes = {"rule": [{"action": {"type": "Delete"}, "condition": {"age": 400}}]}
    locked = {"retentionPeriod": f"{400 * 86_400}", "effectiveTime": made, "isLocked": True}

    def exports(_request: httpx.Request) -> Json:
        own = ("roles/storage.objectUser", f"serviceAccount:{_email('exporter')}")
        is_public = now() >= last - timedelta(days=_PUBLIC_SINCE)
        everybody = (("roles/storage.objectViewer", "allAuthenticatedUsers"),) if is_public else ()
        return google.bucket_policy(_EXPORTS, own, *everybody)

    return {
        "/storage/v1/b": google.older_list(
            "storage#buckets",
            google.bucket(_EXPORTS, _NUMBER, made, prevention="inherited"),
            google.bucket(_RAW, _NUMBER, made, versioning={"enabled": True}, lifecycle=deletes),
            google.bucket(_ARCHIVE, _NUMBER, made, retentionPolicy=locked),
        ),
        f"/storage/v1/b/{_EXPORTS}/iam": exports,
        f"/storage/v1/b/{_RAW}/iam": google.bucket_policy(
            _RAW, ("roles/storage.objectUser", f"serviceAccount:{_email('pipeline')}")
        ),
        f"/storage/v1/b/{_ARCHIVE}/iam": google.bucket_policy(_ARCHIVE),
    }


def _logging(last: datetime) -> dict[str, Any]:
    """Return an archive of all logs, and a log bucket that keeps audit logs for too short a time."""
    made = _ago(last, 800)
    logs = f"logging.googleapis.com/{_NAME}/locations/global/buckets"
    audit = 'logName:"cloudaudit.googleapis.com"'
    activity = 'LOG_ID("cloudaudit.googleapis.com/activity")'
    return {
        f"/v2/{_NAME}/sinks": {
            "sinks": [
                google.sink("_Required", f"{logs}/_Required", made, filter=activity),
                google.sink("_Default", f"{logs}/_Default", made, filter=f"NOT {activity}"),
                google.sink("archive", f"storage.googleapis.com/{_ARCHIVE}", made),
                google.sink("audit", f"{logs}/audit", made, filter=audit),
            ]
        },
        f"/v2/{_NAME}/locations/-/buckets": {
            "buckets": [
                google.log_bucket(PROJECT, name, days, made)
                for name, days in (("_Required", 400), ("_Default", 400), ("audit", 90))
            ]
        },
        f"/v2/{_NAME}/metrics": {},
        f"/v3/{_NAME}/alertPolicies": {},
        f"/v3/{_NAME}/notificationChannels": {},
        "/v1/locations/global/metricsScopes:listMetricsScopesByMonitoredProject": {
            "metricsScopes": [{"name": f"locations/global/metricsScopes/{_NUMBER}"}]
        },
    }


def _networks() -> dict[str, Any]:
    """Return the network that Google makes by default, open as it comes, and one that Acme made."""
    default = google.network(PROJECT, "default", "7001", automatic=True)
    own = google.network(PROJECT, "pipeline", "7002")
    rules = {
        "default": [
            google.firewall(default, f"default-allow-{name}", port, "0.0.0.0/0")
            for name, port in (("ssh", "22"), ("rdp", "3389"))
        ],
        "pipeline": [google.firewall(own, "allow-iap", "22", "35.235.240.0/20")],
    }
    return {
        f"{_COMPUTE}/global/networks": google.older_list("compute#networkList", default, own),
        **{
            f"{_COMPUTE}/global/networks/{name}/getEffectiveFirewalls": {"firewalls": found}
            for name, found in rules.items()
        },
        f"{_COMPUTE}/aggregated/firewallPolicies": google.in_places(
            "networkFirewallPolicyAggregatedList", "firewallPolicies"
        ),
        f"{_COMPUTE}/aggregated/subnetworks": google.in_places(
            "subnetworkAggregatedList",
            "subnetworks",
            google.subnet(PROJECT, "default", logs=False),
            google.subnet(PROJECT, "pipeline", logs=True),
        ),
    }


def _machines(now: Callable[[], datetime], last: datetime) -> dict[str, Any]:
    """Return the one machine, whose agent reports a vulnerability, a disk that is backed up, and one that is not."""
    machine = google.instance(PROJECT, "pipeline-1", "4001", _email("pipeline"), _ago(last, 400))
    daily = google.schedule(PROJECT, "daily")
    disk = google.disk(PROJECT, "pipeline-1", "9001", daily)
    spare = google.disk(PROJECT, "spare", "9002")
    seen = last - timedelta(days=_VULNERABLE_SINCE)

    def reports(_request: httpx.Request) -> Json:
        found = google.vulnerability("CVE-2026-10001", "HIGH", _ago(seen, 0))
        return {
            "vulnerabilityReports": [
                google.report(_NUMBER, machine, _ago(now(), 0.5), *((found,) if now() >= seen else ()))
            ]
        }

    def snapshots(_request: httpx.Request) -> Json:
        return google.older_list("compute#snapshotList", google.snapshot("pipeline-1-daily", disk, _ago(now(), 0.5)))

    empty = ("backendServices", "sslCertificates", "sslPolicies", "targetHttpsProxies")
    return {
        _COMPUTE: google.compute_project(PROJECT, _NUMBER, enable_oslogin="TRUE"),
        f"{_COMPUTE}/aggregated/instances": google.in_places("instanceAggregatedList", "instances", machine),
        f"{_COMPUTE}/aggregated/disks": google.in_places("diskAggregatedList", "disks", disk, spare),
        f"{_COMPUTE}/aggregated/resourcePolicies": google.in_places(
            "resourcePolicyAggregatedList", "resourcePolicies", daily
        ),
        f"{_COMPUTE}/global/snapshots": snapshots,
        f"{_COMPUTE}/global/targetSslProxies": google.older_list("compute#targetSslProxyList"),
        **{f"{_COMPUTE}/aggregated/{kind}": google.in_places(f"{kind}AggregatedList", kind) for kind in empty},
        f"/v1/{_NAME}/locations/europe-west3-a/instances/-/vulnerabilityReports": reports,
    }


def _data(last: datetime) -> dict[str, Any]:
    """Return the dataset of orders, the service that fills it, and its secrets."""
    made = _ago(last, 600)
    datasets = f"/bigquery/v2/{_NAME}/datasets"
    owners = {"role": "OWNER", "specialGroup": "projectOwners"}
    writer = {"role": "WRITER", "userByEmail": _email("pipeline")}
    secrets = {
        name: {"name": f"projects/{_NUMBER}/secrets/{name}", "createTime": made, "etag": '"a"'}
        for name in ("orders-token", "mail-password")
    }
    ages = {"orders-token": 20, "mail-password": 210}
    image = f"europe-west3-docker.pkg.dev/{PROJECT}/images/loader:7"
    loader = google.run_service(_PLACE, "loader", image, secrets["orders-token"]["name"], made)
    return {
        datasets: google.older_list("bigquery#datasetList", google.dataset(PROJECT, "orders"), key="datasets"),
        f"{datasets}/orders": google.dataset(PROJECT, "orders", owners, writer),
        # Cloud Run and Artifact Registry are asked at the same path for where they are.
        f"/v1/{_NAME}/locations": {"locations": [{"name": _PLACE, "locationId": "europe-west3"}]},
        f"/v2/{_PLACE}/services": {"services": [loader]},
        f"/v2/{loader['name']}:getIamPolicy": google.policy(
            ("roles/run.invoker", f"serviceAccount:{_email('pipeline')}")
        ),
        f"/v1/{_PLACE}/repositories": {"repositories": [google.repository(_PLACE, "images", made)]},
        f"/v1/{_NAME}/secrets": {"secrets": list(secrets.values())},
        **{
            f"/v1/{secret['name']}/versions": {"versions": [google.version(secret, "3", _ago(last, ages[name]))]}
            for name, secret in secrets.items()
        },
    }


def _governance(last: datetime) -> dict[str, Any]:
    """Return a contact, an API key for any page, and labels; without an organization no constraint is in force."""
    targets = [{"service": "bigquery.googleapis.com"}]
    bucket = "storage.googleapis.com/Bucket"

    def constraint(name: str) -> Json:
        return {"name": f"projects/{_NUMBER}/policies/{name}"}

    return {
        f"/v1/{_NAME}/contacts:compute": {
            "contacts": [google.contact(_NUMBER, "security@example.com", _ago(last, 100))]
        },
        f"/v2/{_NAME}/locations/global/keys": {
            "keys": [google.api_key(_NUMBER, "5d7c-dashboard", "dashboard", _ago(last, 500), apiTargets=targets)]
        },
        f"/v1/{_NAME}:searchAllResources": {
            "results": [
                google.labelled(_NUMBER, f"//storage.googleapis.com/{_EXPORTS}", bucket),
                google.labelled(_NUMBER, f"//storage.googleapis.com/{_RAW}", bucket, owner="analytics"),
                google.labelled(_NUMBER, f"//storage.googleapis.com/{_ARCHIVE}", bucket, owner="platform"),
            ]
        },
        **{f"/v2/{_NAME}/policies/{name}:getEffectivePolicy": constraint(name) for name in _CONSTRAINTS},
    }


_CONSTRAINTS = (
    "iam.disableServiceAccountKeyCreation",
    "iam.managed.disableServiceAccountKeyCreation",
    "storage.publicAccessPrevention",
    "compute.requireOsLogin",
    "sql.restrictPublicIp",
    "compute.skipDefaultNetworkCreation",
    "iam.automaticIamGrantsForDefaultServiceAccounts",
    "iam.allowedPolicyMemberDomains",
    "iam.managed.allowedPolicyMembers",
    "gcp.resourceLocations",
)
