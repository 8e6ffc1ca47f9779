"""An organization with folders and a project, and another project elsewhere, in which there are two of everything."""

from __future__ import annotations

import json
from functools import lru_cache, partial
from typing import Any

from collector.core.secrets import Secret
from connectors.gcp._iam.powers import WRITING
from connectors.gcp._sdk.settings import Settings
from tests.connectors.gcp import bodies
from tests.connectors.gcp.bodies import Json
from tests.connectors.gcp.played import Params, PlayedGoogle
from tests.connectors.google.refusals import by_status
from tests.connectors.http.test_adapters import service_account

NUMBERS = {"acme-prod": "111", "acme-dev": "222"}
SERVICES = (
    "artifactregistry",
    "backupdr",
    "bigquery",
    "binaryauthorization",
    "cloudfunctions",
    "cloudkms",
    "compute",
    "container",
    "dns",
    "run",
    "secretmanager",
    "sqladmin",
)
CANARIES = {
    "a public key": "CANARY-1001",
    "somebody's address": "canary-person",
    "a key string": "CANARY-1002",
    "a start-up script": "CANARY-1003",
    "a shared start-up script": "CANARY-1004",
    "a disk's raw key": "CANARY-1005",
    "a disk's wrapped key": "CANARY-1006",
    "a certificate": "CANARY-1007",
    "a client secret of IAP": "CANARY-1023",
    "a finding's words": "CANARY-1024",
    "somebody who approves": "canary-approver",
    "a certificate of one's own": "CANARY-1014",
    "a private key": "CANARY-1015",
    "a private key of one's own": "CANARY-1016",
    "an image's raw key": "CANARY-1017",
    "a snapshot's raw key": "CANARY-1018",
    "a client certificate": "CANARY-1019",
    "a password": "CANARY-1020",
    "a user": "CANARY-1021",
    "a replica's password": "CANARY-1022",
    "a root password": "CANARY-1008",
    "a database's certificate": "CANARY-1009",
    "a client key": "CANARY-1010",
    "an environment of a function": "CANARY-1011",
    "an environment of a service": "CANARY-1012",
    "a build's environment": "CANARY-1013",
    "an address of alerts": "canary-on-call",
    "a token of a channel": "CANARY-1025",
    "who made a policy": "canary-maker",
    "a runbook": "CANARY-1026",
    "a request": "CANARY-1027",
    "a caller's address": "192.0.2.213",
}


@lru_cache(maxsize=1)
def _key() -> str:
    return json.dumps(service_account())


def settings(**but: Any) -> Settings:
    """Return settings of a source that reads the organization."""
    named = {"organization": "1", "folders": ("99",), "projects": ("acme-dev",), "changes": ("access", "keys")}
    return Settings(**{**named, "credentials": Secret("a test", _key), **but})


def seed(google: PlayedGoogle, number: int = 2) -> None:
    """Fill the organization; `number` is how many there are of most things."""
    several = range(number)

    def named(make: Any, *names: str) -> list[Json]:
        return [make(f"{name}{index or ''}") for index in several for name in names]

    def in_project(items: list[Json]) -> Any:
        """Give both projects what they have, as their own."""

        def answer(params: Params) -> list[Json]:
            id_ = _project_of(params)
            text = json.dumps(items).replace("acme-prod", id_).replace("projects/111", f"projects/{NUMBERS[id_]}")
            found: list[Json] = json.loads(text)
            return found if id_ == "acme-prod" else found[:-1]

        return answer

    def one_in_project(body: Json) -> Any:
        return lambda params: in_project([body, body])(params)[0]

    folders = [bodies.folder(str(10 + index)) for index in several]
    projects = [bodies.project(), bodies.project("acme-dev", "222", "organizations/2", displayName="Development")]
    gone = bodies.project("acme-gone", "333", state="DELETE_REQUESTED", deleteTime=bodies.ago(3))
    agent = "serviceAccount:service-111@gcp-sa-run.iam.gserviceaccount.com"
    key_place = {"name": "projects/acme-prod/locations/europe-west3/keyRings/main"}
    google.answers |= {
        "cloudresourcemanager.organizations.get": bodies.organization(),
        "cloudresourcemanager.folders.get": lambda params: bodies.folder(params["name"].removeprefix("folders/")),
        "cloudresourcemanager.folders.list": lambda params: folders if params["parent"] == "organizations/1" else [],
        "cloudresourcemanager.projects.get": lambda params: next(
            project for project in projects if f"projects/{project['projectId']}" == params["name"]
        ),
        "cloudresourcemanager.projects.list": lambda params: [
            project for project in [*projects, gone] if project["parent"] == params["parent"]
        ],
        "cloudresourcemanager.organizations.getIamPolicy": bodies.policy(
            ("roles/resourcemanager.organizationAdmin", "user:ada@acme.example"), auditConfigs=bodies.audit_configs()
        ),
        "cloudresourcemanager.folders.getIamPolicy": bodies.policy(("roles/viewer", "user:bo@acme.example")),
        "cloudresourcemanager.projects.getIamPolicy": lambda params: bodies.policy(
            ("roles/owner", "user:ada@acme.example"),
            ("roles/run.serviceAgent", agent),
            *((("roles/editor", "user:bo@gmail.com"),) if params["resource"] == "projects/acme-dev" else ()),
        ),
        "cloudresourcemanager.projects.getAncestry": lambda params: {
            "ancestor": [
                {"resourceId": {"type": "project", "id": params["projectId"]}},
                {"resourceId": {"type": "folder", "id": "10" if params["projectId"] == "acme-prod" else "11"}},
                {"resourceId": {"type": "organization", "id": "1" if params["projectId"] == "acme-prod" else "2"}},
            ]
        },
        "cloudresourcemanager.projects.testIamPermissions": _tested,
        "serviceusage.services.list": lambda params: [
            {
                "name": f"{params['parent']}/services/{service}.googleapis.com",
                "parent": params["parent"],
                "state": "ENABLED",
            }
            for service in SERVICES
        ],
        "iam.roles.list": [
            bodies.role("roles/owner", "resourcemanager.projects.setIamPolicy"),
            bodies.role("roles/viewer", "storage.buckets.list"),
            bodies.role("roles/run.serviceAgent", "run.services.get"),
        ],
        "iam.organizations.roles.list": [
            bodies.role("organizations/1/roles/auditor", "logging.sinks.list"),
            bodies.role("organizations/1/roles/breakglass", "iam.roles.update"),
        ],
        "iam.projects.roles.list": in_project(
            named(lambda name: bodies.role(f"projects/acme-prod/roles/{name}", "run.services.get"), "deploy")
        ),
        "iam.projects.serviceAccounts.list": in_project(named(bodies.account, "deployer")),
        "iam.projects.serviceAccounts.keys.list": {
            "keys": [bodies.key(publicKeyData="Q0FOQVJZ" + CANARIES["a public key"], days=400), bodies.key("k2")]
        },
        "essentialcontacts.projects.contacts.compute": in_project(
            [bodies.contact(str(index), email="canary-person@acme.example") for index in several]
        ),
        "apikeys.projects.locations.keys.list": in_project(
            [bodies.api_key("u0", keyString=CANARIES["a key string"], restrictions={}), *named(bodies.api_key, "u")]
        ),
        "logging.organizations.sinks.list": [bodies.sink(includeChildren=True), bodies.sink("other", filter="x")],
        "logging.folders.sinks.list": named(lambda name: bodies.sink(name, filter="severity>=ERROR"), "errors"),
        "logging.projects.sinks.list": in_project(
            named(
                lambda name: bodies.sink(
                    name, destination=f"logging.googleapis.com/projects/acme-prod/locations/global/buckets/{name}"
                ),
                "_Default",
            )
        ),
        "logging.projects.locations.buckets.list": in_project(
            [*named(bodies.log_bucket, "_Required"), bodies.log_bucket(retentionDays=30)]
        ),
        "logging.projects.metrics.list": in_project(
            [bodies.log_metric("firewalls", filter='resource.type="gce_firewall_rule"'), *named(bodies.log_metric, "m")]
        ),
        "logging.entries.list": partial(_logged, number),
        "monitoring.projects.alertPolicies.list": in_project(
            [
                *named(
                    lambda name: bodies.alert_policy(
                        name, creationRecord={"mutateTime": bodies.ago(9), "mutatedBy": CANARIES["who made a policy"]}
                    ),
                    "p",
                ),
                bodies.alert_policy("q", documentation={"content": CANARIES["a runbook"], "mimeType": "text/markdown"}),
            ]
        ),
        "monitoring.projects.notificationChannels.list": in_project(
            [
                bodies.channel(labels={"email_address": f"{CANARIES['an address of alerts']}@acme.example"}),
                *named(
                    lambda name: bodies.channel(
                        name, type="slack", labels={"auth_token": CANARIES["a token of a channel"]}
                    ),
                    "8",
                ),
            ]
        ),
        "monitoring.locations.global.metricsScopes.listMetricsScopesByMonitoredProject": lambda params: {
            "metricsScopes": [
                {"name": f"locations/global/metricsScopes/{number}", "updateTime": bodies.ago(30)}
                for number in (NUMBERS[_project_of(params)], *(f"99{index}" for index in range(1, number)))
            ]
        },
        "storage.buckets.list": in_project(named(bodies.bucket, "acme-prod-data", "acme-prod-web")),
        "storage.buckets.getIamPolicy": lambda params: bodies.bucket_policy(
            ("roles/storage.objectViewer", "allUsers" if "web" in params["bucket"] else "user:ada@acme.example")
        ),
        "compute.instances.aggregatedList": in_project(
            [
                *named(bodies.instance, "web-1"),
                bodies.instance(
                    "open",
                    networkInterfaces=[
                        {"name": "nic0", "accessConfigs": [{"natIP": "203.0.113.9", "type": "ONE_TO_ONE_NAT"}]}
                    ],
                    metadata=bodies.metadata(startup_script=CANARIES["a start-up script"], serial_port_enable="1"),
                    disks=[
                        {
                            "deviceName": "boot",
                            "diskEncryptionKey": {
                                "rawKey": CANARIES["a disk's raw key"],
                                "rsaEncryptedKey": CANARIES["a disk's wrapped key"],
                            },
                        }
                    ],
                ),
            ]
        ),
        "compute.projects.get": one_in_project(
            bodies.compute_project(startup_script=CANARIES["a shared start-up script"])
        ),
        "compute.networks.list": in_project(named(bodies.network, "main", "default")),
        "compute.networks.getEffectiveFirewalls": lambda params: {
            "firewalls": [
                bodies.firewall(sourceRanges=["0.0.0.0/0" if params["network"] == "default" else "10.0.0.0/8"])
            ],
            "firewallPolicys": [bodies.firewall_policy()],
        },
        "compute.networkFirewallPolicies.aggregatedList": in_project(
            [
                {
                    "kind": "compute#firewallPolicy",
                    "name": f"regional{index or ''}",
                    "region": f"{bodies.COMPUTE}/projects/acme-prod/regions/europe-west3",
                    "associations": [{"attachmentTarget": f"{bodies.COMPUTE}/projects/acme-prod/global/networks/main"}],
                    "rules": [bodies.policy_rule()],
                }
                for index in several
            ]
        ),
        "compute.subnetworks.aggregatedList": in_project(
            [*named(bodies.subnet, "main-eu"), bodies.subnet("dark", logConfig={"enable": False})]
        ),
        "compute.targetHttpsProxies.aggregatedList": in_project(named(bodies.proxy, "front")),
        "compute.targetSslProxies.list": in_project(
            named(lambda name: bodies.proxy(name, "targetSslProxies", kind="compute#targetSslProxy"), "mail")
        ),
        "compute.sslPolicies.aggregatedList": in_project(
            [bodies.ssl_policy(), *named(lambda name: bodies.ssl_policy(name, minTlsVersion="TLS_1_0"), "old")]
        ),
        "compute.sslCertificates.aggregatedList": in_project(
            [
                *named(
                    lambda name: bodies.certificate(
                        name,
                        certificate=CANARIES["a certificate"],
                        privateKey=CANARIES["a private key"],
                        selfManaged={
                            "certificate": CANARIES["a certificate of one's own"],
                            "privateKey": CANARIES["a private key of one's own"],
                        },
                    ),
                    "www",
                ),
                bodies.certificate("old", days_left=3),
            ]
        ),
        "compute.disks.aggregatedList": in_project(
            [
                *named(bodies.disk, "data"),
                bodies.disk(
                    "bare",
                    "902",
                    resourcePolicies=[],
                    diskEncryptionKey={
                        "rawKey": CANARIES["a disk's raw key"],
                        "rsaEncryptedKey": CANARIES["a disk's wrapped key"],
                    },
                    sourceImageEncryptionKey={"rawKey": CANARIES["an image's raw key"]},
                    sourceSnapshotEncryptionKey={"rawKey": CANARIES["a snapshot's raw key"]},
                ),
            ]
        ),
        "compute.snapshots.list": in_project(named(bodies.snapshot, "data-1", "data-2")),
        "compute.resourcePolicies.aggregatedList": in_project(
            [
                schedule | {"region": f"{bodies.COMPUTE}/projects/acme-prod/regions/europe-west3"}
                for schedule in named(bodies.schedule, "daily", "weekly")
            ]
        ),
        "osconfig.projects.locations.instances.vulnerabilityReports.list": [
            bodies.report("4005", bodies.vulnerability(days=60)),
            bodies.report("4004"),
        ],
        "backupdr.projects.locations.backupPlanAssociations.list": in_project(
            [
                bodies.plan_association(
                    "//compute.googleapis.com/projects/acme-prod/zones/europe-west3-a/disks/other",
                    name=f"projects/acme-prod/locations/europe-west3/backupPlanAssociations/{index}",
                )
                for index in range(number)
            ]
        ),
        "cloudkms.projects.locations.list": in_project(
            [{"name": f"projects/acme-prod/locations/{place}", "locationId": place} for place in _places(number)]
        ),
        "cloudkms.projects.locations.keyRings.list": lambda params: (
            [
                json.loads(json.dumps({**key_place, "name": f"{params['parent']}/keyRings/main{index or ''}"}))
                for index in several
            ]
            if params["parent"].endswith("/europe-west3")
            else []
        ),
        "cloudkms.projects.locations.keyRings.cryptoKeys.list": lambda params: [
            bodies.crypto_key() | {"name": f"{params['parent']}/cryptoKeys/data{index or ''}"} for index in several
        ],
        "cloudkms.projects.locations.keyRings.getIamPolicy": bodies.policy(
            ("roles/cloudkms.viewer", "user:ada@acme.example")
        ),
        "cloudkms.projects.locations.keyRings.cryptoKeys.getIamPolicy": lambda params: bodies.policy(
            (
                "roles/cloudkms.cryptoKeyDecrypter",
                "user:ada@acme.example" if params["resource"].endswith("data") else "allUsers",
            )
        ),
        "sql.instances.list": in_project(
            [
                *named(bodies.sql_instance, "orders"),
                bodies.sql_instance(
                    "open",
                    ip={
                        "ipv4Enabled": True,
                        "authorizedNetworks": [{"value": "0.0.0.0/0"}],
                        "sslMode": "ALLOW_UNENCRYPTED_AND_ENCRYPTED",
                    },
                    rootPassword=CANARIES["a root password"],
                    replicaConfiguration={"mysqlReplicaConfiguration": {"password": CANARIES["a replica's password"]}},
                    serverCaCert={"cert": CANARIES["a database's certificate"]},
                ),
            ]
        ),
        "sql.backupRuns.list": [bodies.backup_run(str(index), days=index + 0.5) for index in range(number)],
        "bigquery.datasets.list": in_project(named(bodies.dataset, "orders", "shared")),
        "bigquery.datasets.get": lambda params: {
            **bodies.dataset(params["datasetId"]),
            "access": [
                {"role": "OWNER", "userByEmail": "ada@acme.example"},
                *(
                    [{"role": "READER", "specialGroup": "allAuthenticatedUsers"}]
                    if "shared" in params["datasetId"]
                    else []
                ),
            ],
        },
        "container.projects.locations.clusters.list": lambda params: {
            "clusters": in_project(
                [
                    *named(bodies.cluster, "main"),
                    bodies.cluster(
                        "open",
                        controlPlaneEndpointsConfig={
                            "ipEndpointsConfig": {"enabled": True, "enablePublicEndpoint": True}
                        },
                        masterAuth={
                            "clientKey": CANARIES["a client key"],
                            "clientCertificate": CANARIES["a client certificate"],
                            "password": CANARIES["a password"],
                            "username": CANARIES["a user"],
                        },
                    ),
                ]
            )(params)
        },
        "run.projects.locations.list": in_project(
            [{"name": f"projects/acme-prod/locations/{place}", "locationId": place} for place in _places(number)]
        ),
        "run.projects.locations.services.list": lambda params: (
            in_project(
                [
                    bodies.run_service(
                        template={
                            "containers": [
                                {"image": "x", "env": [{"name": "A", "value": CANARIES["an environment of a service"]}]}
                            ]
                        }
                    ),
                    *named(bodies.run_service, "web"),
                ]
            )(params)
            if params["parent"].endswith("/europe-west3")
            else []
        ),
        "run.projects.locations.services.get": lambda params: bodies.run_service() | {"name": params["name"]},
        "run.projects.locations.services.getIamPolicy": lambda params: bodies.policy(
            ("roles/run.invoker", "allUsers" if "web" in params["resource"] else "user:ada@acme.example")
        ),
        "cloudfunctions.projects.locations.functions.list": in_project(
            [
                *named(bodies.function, "resize"),
                bodies.function(
                    "first",
                    "GEN_1",
                    serviceConfig={"environmentVariables": {"A": CANARIES["an environment of a function"]}},
                    buildConfig={"environmentVariables": {"B": CANARIES["a build's environment"]}},
                ),
                bodies.function("web-hook"),
            ]
        ),
        "cloudfunctions.projects.locations.functions.getIamPolicy": bodies.policy(
            ("roles/cloudfunctions.invoker", "user:ada@acme.example")
        ),
        "artifactregistry.projects.locations.list": in_project(
            [{"name": f"projects/acme-prod/locations/{place}", "locationId": place} for place in _places(number)]
        ),
        "artifactregistry.projects.locations.repositories.list": lambda params: (
            in_project(
                [
                    bodies.repository("maven", format="MAVEN"),
                    *named(bodies.repository, "images"),
                    bodies.repository("dark", vulnerabilityScanningConfig={"enablementState": "SCANNING_DISABLED"}),
                ]
            )(params)
            if params["parent"].endswith("/europe-west3")
            else []
        ),
        "orgpolicy.projects.policies.getEffectivePolicy": lambda params: bodies.effective_policy(
            params["name"].rpartition("/")[2], *_in_force(params["name"].rpartition("/")[2])
        ),
        "dns.managedZones.list": in_project(named(bodies.zone, "acme", "shop")),
        "secretmanager.projects.secrets.list": in_project(named(bodies.stored_secret, "db-password", "token")),
        "secretmanager.projects.secrets.versions.list": [
            bodies.secret_version(str(index), days=index * 100 + 10) for index in several
        ],
        "securitycenter.organizations.sources.findings.list": [
            {"finding": bodies.finding(str(index), sourceProperties={"text": CANARIES["a finding's words"]})}
            for index in several
        ],
        "cloudasset.searchAllResources": in_project(
            [*named(bodies.labelled, "acme-data"), bodies.labelled("acme-web", labels={"env": "prod"})]
        ),
        "accessapproval.organizations.getAccessApprovalSettings": lambda params: {
            "name": params["name"],
            "notificationEmails": ["canary-approver@acme.example"],
            "enrolledServices": [{"cloudProduct": "BigQuery", "enrollmentLevel": "BLOCK_ALL"}],
        },
        "accessapproval.projects.getAccessApprovalSettings": lambda params: (
            {
                "name": params["name"],
                "notificationEmails": ["canary-approver@acme.example"],
                "enrolledServices": [{"cloudProduct": "all", "enrollmentLevel": "BLOCK_ALL"}],
            }
            if _project_of(params) == "acme-prod"
            else by_status(404, "NOT_FOUND")
        ),
        "binaryauthorization.projects.getPolicy": one_in_project(bodies.image_policy()),
        "compute.backendServices.aggregatedList": in_project(
            [
                *named(
                    lambda name: bodies.backend_service(
                        name, iap={"enabled": True, "oauth2ClientSecret": CANARIES["a client secret of IAP"]}
                    ),
                    "api",
                ),
                {
                    name: value
                    for name, value in bodies.backend_service("bare", logConfig={"enable": False}).items()
                    if name != "securityPolicy"
                },
            ]
        ),
        "policyanalyzer.projects.locations.activityTypes.activities.query": lambda params: in_project(
            [
                activity | {"activityType": params["parent"].rpartition("/")[2]}
                for activity in named(bodies.activity, "deployer")
            ]
        )(params),
        "iam.projects.locations.workloadIdentityPools.list": lambda params: [
            {
                "name": f"projects/{NUMBERS[_project_of(params)]}/locations/global/workloadIdentityPools/{name}",
                "state": "ACTIVE",
            }
            for name in ("github", *(f"other{index}" for index in range(1, number)))
        ],
        "iam.projects.locations.workloadIdentityPools.providers.list": lambda params: [
            bodies.provider() | {"name": f"{params['parent']}/providers/{name}"}
            for name in ("ci", *(f"p{index}" for index in range(1, number)))
        ],
    }


def _in_force(constraint: str) -> list[Json]:
    match constraint:
        case "iam.allowedPolicyMemberDomains":
            return [{"values": {"allowedValues": ["C01"]}}]
        case "storage.publicAccessPrevention":
            return [{"enforce": False}]
        case "gcp.resourceLocations":
            return [{"values": {"allowedValues": ["in:eu-locations"]}}]
        case _:
            return [{"enforce": True}]


def _places(number: int) -> list[str]:
    return ["europe-west3", *(f"europe-north{index}" for index in range(1, number))]


def _project_of(params: Params) -> str:
    text = " ".join(value for name, value in params.items() if name != "body")
    return "acme-dev" if "acme-dev" in text or "222" in text else "acme-prod"


def _logged(number: int, params: Params) -> list[Json]:
    """Return entries of the log of what is asked about."""
    (name,) = json.loads(params["body"])["resourceNames"]
    return [
        bodies.log_entry(
            f"e{index}",
            parent=name,
            requestMetadata={"callerIp": CANARIES["a caller's address"]},
            request={"description": CANARIES["a request"]},
        )
        for index in range(number)
    ]


def _tested(params: Params) -> Json:
    asked = json.loads(params["body"])["permissions"]
    return {"permissions": [permission for permission in asked if permission not in WRITING]}
