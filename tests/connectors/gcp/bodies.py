"""Resources of Google Cloud as its APIs give them; a test changes what it is about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.connectors.github.judging import TODAY

Json = dict[str, Any]

COMPUTE = "https://www.googleapis.com/compute/v1"


def at(moment: datetime) -> str:
    """Return a moment as Google writes it."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def ago(days: float) -> str:
    """Return so many days before TODAY."""
    return at(TODAY - timedelta(days=days))


def project(id_: str = "acme-prod", number: str = "111", parent: str = "folders/10", **but: Any) -> Json:
    """Return a project."""
    return {
        "name": f"projects/{number}",
        "parent": parent,
        "projectId": id_,
        "displayName": id_,
        "state": "ACTIVE",
        "createTime": ago(400),
        "updateTime": ago(4),
        "etag": "e1",
        **but,
    }


def folder(number: str = "10", parent: str = "organizations/1", **but: Any) -> Json:
    """Return a folder."""
    times = {"createTime": ago(400), "updateTime": ago(4)}
    name = {"name": f"folders/{number}", "parent": parent, "displayName": f"folder {number}"}
    return {**name, "state": "ACTIVE", **times, "etag": "e1", **but}


def organization(**but: Any) -> Json:
    """Return the organization."""
    return {
        "name": "organizations/1",
        "displayName": "acme.example",
        "directoryCustomerId": "C01",
        "state": "ACTIVE",
        "createTime": ago(900),
        "etag": "e1",
        **but,
    }


def policy(*bindings: tuple[str, str], **but: Any) -> Json:
    """Return a policy of pairs of role and member."""
    return {
        "version": 1,
        "etag": "BwY=",
        "bindings": [{"role": role, "members": [member]} for role, member in bindings],
        **but,
    }


def audit_configs(*exempted: str) -> list[Json]:
    """Return all logs of data access, for all services."""
    types = ("ADMIN_READ", "DATA_READ", "DATA_WRITE")
    logs: list[Json] = [{"logType": each} for each in types]
    if exempted:
        logs[1]["exemptedMembers"] = list(exempted)
    return [{"service": "allServices", "auditLogConfigs": logs}]


def sink(name: str = "to-siem", **but: Any) -> Json:
    """Return a sink that takes everything."""
    return {
        "name": name,
        "destination": "storage.googleapis.com/acme-logs",
        "writerIdentity": "serviceAccount:service-111@gcp-sa-logging.iam.gserviceaccount.com",
        "createTime": ago(300),
        "updateTime": ago(300),
        **but,
    }


def log_bucket(name: str = "_Default", **but: Any) -> Json:
    """Return a log bucket."""
    place = f"projects/acme-prod/locations/global/buckets/{name}"
    return {"name": place, "retentionDays": 400, "lifecycleState": "ACTIVE", "updateTime": ago(9), **but}


def log_metric(name: str = "m", **but: Any) -> Json:
    """Return a metric that counts every entry."""
    shape = {
        "name": f"projects/acme-prod/metricDescriptors/logging.googleapis.com/user/{name}",
        "type": f"logging.googleapis.com/user/{name}",
        "metricKind": "DELTA",
        "valueType": "INT64",
        "unit": "1",
    }
    return {"name": name, "filter": "", "metricDescriptor": shape, "createTime": ago(9), "updateTime": ago(9), **but}


def threshold(metric: str = "m", **but: Any) -> Json:
    """Return a condition that is met by one entry that a metric counts."""
    return {
        "conditionThreshold": {
            "filter": f'metric.type="logging.googleapis.com/user/{metric}"',
            "comparison": "COMPARISON_GT",
            "duration": "0s",
            "trigger": {"count": 1},
            "aggregations": [{"alignmentPeriod": "600s", "perSeriesAligner": "ALIGN_COUNT"}],
            **but,
        }
    }


def alert_policy(name: str = "1", *conditions: Json, **but: Any) -> Json:
    """Return an alert policy that tells somebody."""
    return {
        "name": f"projects/acme-prod/alertPolicies/{name}",
        "displayName": f"policy {name}",
        "combiner": "OR",
        "conditions": list(conditions or (threshold(),)),
        "notificationChannels": ["projects/acme-prod/notificationChannels/7"],
        "enabled": True,
        "mutationRecord": {"mutateTime": ago(3), "mutatedBy": "ada@acme.example"},
        **but,
    }


def channel(name: str = "7", **but: Any) -> Json:
    """Return a channel of mail."""
    return {
        "name": f"projects/acme-prod/notificationChannels/{name}",
        "type": "email",
        "labels": {"email_address": "on-call@acme.example"},
        "enabled": True,
        "creationRecord": {"mutateTime": ago(9), "mutatedBy": "ada@acme.example"},
        "mutationRecords": [{"mutateTime": ago(3), "mutatedBy": "ada@acme.example"}],
        **but,
    }


def log_entry(id_: str = "e1", *, parent: str = "projects/acme-prod", **but: Any) -> Json:
    """Return an entry of the log of admin activity: a role was granted."""
    delta = {"action": "ADD", "role": "roles/owner", "member": "user:bo@acme.example"}
    return {
        "insertId": id_,
        "timestamp": ago(2),
        "receiveTimestamp": ago(2),
        "logName": f"{parent}/logs/cloudaudit.googleapis.com%2Factivity",
        "severity": "NOTICE",
        "resource": {"type": "project", "labels": {"project_id": "acme-prod"}},
        "protoPayload": {
            "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
            "serviceName": "cloudresourcemanager.googleapis.com",
            "methodName": "SetIamPolicy",
            "resourceName": parent,
            "authenticationInfo": {"principalEmail": "ada@acme.example"},
            "serviceData": {"policyDelta": {"bindingDeltas": [delta]}},
            **but,
        },
    }


def account(name: str = "deployer", project_: str = "acme-prod", **but: Any) -> Json:
    """Return a service account."""
    email = f"{name}@{project_}.iam.gserviceaccount.com"
    return {
        "name": f"projects/{project_}/serviceAccounts/{email}",
        "projectId": project_,
        "uniqueId": str(100 + len(name)),
        "email": email,
        "displayName": name,
        "etag": "MDE=",
        "oauth2ClientId": "7",
        **but,
    }


def key(id_: str = "k1", *, days: float = 10, **but: Any) -> Json:
    """Return a key of a service account."""
    return {
        "name": f"projects/acme-prod/serviceAccounts/deployer@acme-prod.iam.gserviceaccount.com/keys/{id_}",
        "validAfterTime": ago(days),
        "validBeforeTime": "9999-12-31T23:59:59Z",
        "keyAlgorithm": "KEY_ALG_RSA_2048",
        "keyOrigin": "GOOGLE_PROVIDED",
        "keyType": "USER_MANAGED",
        **but,
    }


def role(name: str = "projects/acme-prod/roles/viewer", *permissions: str, **but: Any) -> Json:
    """Return a role."""
    return {
        "name": name,
        "title": name.rpartition("/")[2],
        "includedPermissions": list(permissions),
        "etag": "a",
        **but,
    }


def contact(name: str = "7", **but: Any) -> Json:
    """Return a contact for matters of security."""
    return {
        "name": f"projects/111/contacts/{name}",
        "email": f"security-{name}@acme.example",
        "notificationCategorySubscriptions": ["SECURITY"],
        "languageTag": "en",
        "validationState": "VALID",
        "validateTime": ago(100),
        **but,
    }


def api_key(uid: str = "u1", **but: Any) -> Json:
    """Return an API key that is restricted."""
    return {
        "name": f"projects/111/locations/global/keys/{uid}",
        "uid": uid,
        "displayName": f"key {uid}",
        "createTime": ago(30),
        "updateTime": ago(30),
        "etag": 'W/"a"',
        "restrictions": {
            "apiTargets": [{"service": "maps.googleapis.com"}],
            "serverKeyRestrictions": {"allowedIps": ["192.0.2.7"]},
        },
        **but,
    }


def bucket(name: str = "acme-data", **but: Any) -> Json:
    """Return a bucket."""
    return {
        "kind": "storage#bucket",
        "id": name,
        "name": name,
        "projectNumber": "111",
        "location": "EU",
        "timeCreated": ago(300),
        "updated": ago(3),
        "etag": "CAE=",
        "metageneration": "3",
        "iamConfiguration": {
            "publicAccessPrevention": "inherited",
            "uniformBucketLevelAccess": {"enabled": True, "lockedTime": ago(-30)},
        },
        "softDeletePolicy": {"retentionDurationSeconds": "604800", "effectiveTime": ago(300)},
        **but,
    }


def bucket_policy(*bindings: tuple[str, str], **but: Any) -> Json:
    """Return the policy of a bucket."""
    return {"kind": "storage#policy", "resourceId": "projects/_/buckets/acme-data", **policy(*bindings), **but}


def instance(name: str = "web-1", zone: str = "europe-west3-a", **but: Any) -> Json:
    """Return an instance without an external address."""
    return {
        "kind": "compute#instance",
        "id": str(4000 + len(name)),
        "name": name,
        "zone": f"{COMPUTE}/projects/acme-prod/zones/{zone}",
        "selfLink": f"{COMPUTE}/projects/acme-prod/zones/{zone}/instances/{name}",
        "status": "RUNNING",
        "creationTimestamp": ago(200),
        "lastStartTimestamp": ago(20),
        "lastStopTimestamp": ago(21),
        "fingerprint": "a=",
        "labelFingerprint": "a=",
        "resourceStatus": {"physicalHost": "h"},
        "networkInterfaces": [{"name": "nic0", "networkIP": "10.0.0.7"}],
        "serviceAccounts": [
            {
                "email": "web@acme-prod.iam.gserviceaccount.com",
                "scopes": ["https://www.googleapis.com/auth/cloud-platform"],
            }
        ],
        "metadata": {"kind": "compute#metadata", "fingerprint": "a=", "items": []},
        "shieldedInstanceConfig": {"enableSecureBoot": True, "enableVtpm": True, "enableIntegrityMonitoring": True},
        **but,
    }


def metadata(**items: str) -> Json:
    """Return metadata, with an underscore for each dash of a key."""
    pairs = [{"key": name.replace("_", "-"), "value": value} for name, value in items.items()]
    return {"kind": "compute#metadata", "fingerprint": "a=", "items": pairs}


def compute_project(**items: str) -> Json:
    """Return what the instances of a project share."""
    return {
        "kind": "compute#project",
        "id": "111",
        "name": "acme-prod",
        "commonInstanceMetadata": metadata(**{"enable_oslogin": "TRUE", **items}),
        "quotas": [{"metric": "SNAPSHOTS", "limit": 1000.0, "usage": 7.0}],
    }


def network(name: str = "main", **but: Any) -> Json:
    """Return a network."""
    return {
        "kind": "compute#network",
        "id": str(70 + len(name)),
        "name": name,
        "selfLink": f"{COMPUTE}/projects/acme-prod/global/networks/{name}",
        "autoCreateSubnetworks": False,
        "networkFirewallPolicyEnforcementOrder": "AFTER_CLASSIC_FIREWALL",
        **but,
    }


def firewall(name: str = "allow-iap", *, ports: tuple[str, ...] = ("22",), **but: Any) -> Json:
    """Return a VPC rule that lets a range in."""
    return {
        "kind": "compute#firewall",
        "name": name,
        "network": f"{COMPUTE}/projects/acme-prod/global/networks/main",
        "direction": "INGRESS",
        "priority": 1000,
        "disabled": False,
        "sourceRanges": ["35.235.240.0/20"],
        "allowed": [{"IPProtocol": "tcp", "ports": list(ports)}],
        **but,
    }


def policy_rule(action: str = "deny", priority: int | str = 100, **but: Any) -> Json:
    """Return a rule of a firewall policy, about SSH from everywhere."""
    match = {"srcIpRanges": ["0.0.0.0/0"], "layer4Configs": [{"ipProtocol": "tcp", "ports": ["22"]}]}
    return {"action": action, "priority": priority, "direction": "INGRESS", "match": match, **but}


def firewall_policy(*rules: Json, kind: str = "HIERARCHY", **but: Any) -> Json:
    """Return a firewall policy as it counts in a network."""
    return {"name": "77", "displayName": "company", "type": kind, "rules": list(rules), **but}


def subnet(name: str = "main-eu", region: str = "europe-west3", **but: Any) -> Json:
    """Return a subnet with flow logs."""
    return {
        "kind": "compute#subnetwork",
        "name": name,
        "region": f"{COMPUTE}/projects/acme-prod/regions/{region}",
        "selfLink": f"{COMPUTE}/projects/acme-prod/regions/{region}/subnetworks/{name}",
        "ipCidrRange": "10.0.0.0/20",
        "purpose": "PRIVATE",
        "fingerprint": "a=",
        "logConfig": {"enable": True, "flowSampling": 0.5},
        **but,
    }


def proxy(name: str = "front", place: str = "targetHttpsProxies", **but: Any) -> Json:
    """Return a proxy that ends TLS."""
    link = f"{COMPUTE}/projects/acme-prod/global/{place}/{name}"
    policy_ = f"{COMPUTE}/projects/acme-prod/global/sslPolicies/modern"
    shown = {"name": name, "selfLink": link, "sslPolicy": policy_}
    more = {"fingerprint": "a="} if place == "targetHttpsProxies" else {}
    return {"kind": f"compute#{place[:-3]}y", **shown, **more, **but}


def ssl_policy(name: str = "modern", **but: Any) -> Json:
    """Return an SSL policy."""
    return {
        "kind": "compute#sslPolicy",
        "name": name,
        "selfLink": f"{COMPUTE}/projects/acme-prod/global/sslPolicies/{name}",
        "minTlsVersion": "TLS_1_2",
        "profile": "MODERN",
        "fingerprint": "a=",
        **but,
    }


def certificate(name: str = "www", *, days_left: float = 60, **but: Any) -> Json:
    """Return a certificate that somebody renews."""
    return {
        "kind": "compute#sslCertificate",
        "name": name,
        "selfLink": f"{COMPUTE}/projects/acme-prod/global/sslCertificates/{name}",
        "type": "SELF_MANAGED",
        "expireTime": ago(-days_left),
        **but,
    }


def disk(name: str = "data", id_: str = "901", **but: Any) -> Json:
    """Return a disk with a schedule."""
    return {
        "kind": "compute#disk",
        "id": id_,
        "name": name,
        "selfLink": f"{COMPUTE}/projects/acme-prod/zones/europe-west3-a/disks/{name}",
        "zone": f"{COMPUTE}/projects/acme-prod/zones/europe-west3-a",
        "status": "READY",
        "sizeGb": "100",
        "labelFingerprint": "a=",
        "lastAttachTimestamp": ago(20),
        "lastDetachTimestamp": ago(21),
        "resourcePolicies": [f"{COMPUTE}/projects/acme-prod/regions/europe-west3/resourcePolicies/daily"],
        **but,
    }


def snapshot(name: str = "data-1", disk_id: str = "901", *, days: float = 0.5, **but: Any) -> Json:
    """Return a snapshot."""
    times = {"creationTimestamp": ago(days)}
    return {"kind": "compute#snapshot", "name": name, "sourceDiskId": disk_id, "status": "READY", **times, **but}


def schedule(name: str = "daily", **but: Any) -> Json:
    """Return a policy that makes snapshots."""
    link = f"{COMPUTE}/projects/acme-prod/regions/europe-west3/resourcePolicies/{name}"
    days = {"schedule": {"dailySchedule": {"daysInCycle": 1, "startTime": "04:00"}}}
    return {"kind": "compute#resourcePolicy", "name": name, "selfLink": link, "snapshotSchedulePolicy": days, **but}


def report(instance_: str = "4005", *vulnerabilities: Json, **but: Any) -> Json:
    """Return the report of an agent."""
    name = f"projects/111/locations/europe-west3-a/instances/{instance_}/vulnerabilityReport"
    found = {"vulnerabilities": list(vulnerabilities)} if vulnerabilities else {}
    return {"name": name, "updateTime": ago(0.5), **found, **but}


def vulnerability(severity: str = "HIGH", *, days: float = 3) -> Json:
    """Return a vulnerability that an agent has seen."""
    return {"details": {"cve": "CVE-2026-1", "severity": severity}, "createTime": ago(days), "updateTime": ago(1)}


def plan_association(resource: str, *, days: float | None = 0.5, **but: Any) -> Json:
    """Return what a backup plan protects."""
    rules: Json = {"ruleId": "daily"}
    if days is not None:
        rules["lastSuccessfulBackupConsistencyTime"] = ago(days)
    return {
        "name": "projects/acme-prod/locations/europe-west3/backupPlanAssociations/a",
        "resource": resource,
        "state": "ACTIVE",
        "updateTime": ago(1),
        "rulesConfigInfo": [rules],
        **but,
    }


def crypto_key(name: str = "data", **but: Any) -> Json:
    """Return a key that rotates."""
    place = f"projects/acme-prod/locations/europe-west3/keyRings/main/cryptoKeys/{name}"
    return {
        "name": place,
        "purpose": "ENCRYPT_DECRYPT",
        "createTime": ago(200),
        "primary": {"name": f"{place}/cryptoKeyVersions/1", "state": "ENABLED"},
        "rotationPeriod": "7776000s",
        "nextRotationTime": ago(-30),
        **but,
    }


def sql_instance(name: str = "orders", *, ip: Json | None = None, settings: Json | None = None, **but: Any) -> Json:
    """Return an instance without a public address."""
    return {
        "kind": "sql#instance",
        "name": name,
        "project": "acme-prod",
        "region": "europe-west3",
        "instanceType": "CLOUD_SQL_INSTANCE",
        "databaseVersion": "POSTGRES_17",
        "state": "RUNNABLE",
        "currentDiskSize": "7",
        "etag": "e",
        "settings": {
            "kind": "sql#settings",
            "tier": "db-custom-2-8192",
            "availabilityType": "REGIONAL",
            "activationPolicy": "ALWAYS",
            "ipConfiguration": {"ipv4Enabled": False, "sslMode": "ENCRYPTED_ONLY", **(ip or {})},
            "backupConfiguration": {
                "kind": "sql#backupConfiguration",
                "enabled": True,
                "pointInTimeRecoveryEnabled": True,
            },
            **(settings or {}),
        },
        **but,
    }


def backup_run(id_: str = "1", *, days: float = 0.5, **but: Any) -> Json:
    """Return a backup that succeeded."""
    times = {"startTime": ago(days + 0.01), "endTime": ago(days)}
    return {"kind": "sql#backupRun", "id": id_, "status": "SUCCESSFUL", "type": "AUTOMATED", **times, **but}


def dataset(name: str = "orders", **but: Any) -> Json:
    """Return a dataset as the list has it."""
    reference = {"datasetId": name, "projectId": "acme-prod"}
    return {
        "kind": "bigquery#dataset",
        "id": f"acme-prod:{name}",
        "datasetReference": reference,
        "location": "EU",
        **but,
    }


def cluster(name: str = "main", **but: Any) -> Json:
    """Return a cluster whose control plane two networks reach."""
    return {
        "name": name,
        "location": "europe-west3",
        "status": "RUNNING",
        "currentNodeCount": 3,
        "etag": "e",
        "controlPlaneEndpointsConfig": {
            "dnsEndpointConfig": {"allowExternalTraffic": False},
            "ipEndpointsConfig": {
                "enabled": True,
                "enablePublicEndpoint": True,
                "authorizedNetworksConfig": {
                    "enabled": True,
                    "gcpPublicCidrsAccessEnabled": False,
                    "cidrBlocks": [{"displayName": "office", "cidrBlock": "198.51.100.0/24"}],
                },
            },
        },
        "workloadIdentityConfig": {"workloadPool": "acme-prod.svc.id.goog"},
        "shieldedNodes": {"enabled": True},
        "releaseChannel": {"channel": "REGULAR"},
        "nodePools": [
            {
                "name": "default",
                "management": {"autoUpgrade": True, "autoRepair": True},
                "config": {"workloadMetadataConfig": {"mode": "GKE_METADATA"}},
            }
        ],
        "binaryAuthorization": {"evaluationMode": "PROJECT_SINGLETON_POLICY_ENFORCE"},
        **but,
    }


def run_service(name: str = "api", **but: Any) -> Json:
    """Return a service of Cloud Run."""
    return {
        "name": f"projects/acme-prod/locations/europe-west3/services/{name}",
        "uid": name,
        "etag": "e",
        "ingress": "INGRESS_TRAFFIC_ALL",
        "createTime": ago(100),
        "updateTime": ago(1),
        "template": {"containers": [{"image": "x", "env": [{"name": "MODE", "value": "production"}]}]},
        **but,
    }


def function(name: str = "resize", environment: str = "GEN_2", **but: Any) -> Json:
    """Return a function."""
    return {
        "name": f"projects/acme-prod/locations/europe-west3/functions/{name}",
        "environment": environment,
        "state": "ACTIVE",
        "updateTime": ago(1),
        "serviceConfig": {
            "service": f"projects/acme-prod/locations/europe-west3/services/{name}",
            "environmentVariables": {"MODE": "production"},
        },
        **but,
    }


def repository(name: str = "images", **but: Any) -> Json:
    """Return a repository whose images are scanned."""
    return {
        "name": f"projects/acme-prod/locations/europe-west3/repositories/{name}",
        "format": "DOCKER",
        "createTime": ago(100),
        "updateTime": ago(1),
        "sizeBytes": "1000",
        "vulnerabilityScanningConfig": {"enablementConfig": "INHERITED", "enablementState": "SCANNING_ACTIVE"},
        **but,
    }


def effective_policy(constraint: str = "compute.requireOsLogin", *rules: Json) -> Json:
    """Return a constraint as it is in force."""
    spec = {"spec": {"rules": list(rules)}} if rules else {}
    return {"name": f"projects/111/policies/{constraint}", **spec}


def zone(name: str = "acme", **but: Any) -> Json:
    """Return a public zone that is signed."""
    return {
        "kind": "dns#managedZone",
        "name": name,
        "dnsName": f"{name}.example.",
        "visibility": "public",
        "dnssecConfig": {"state": "on", "defaultKeySpecs": [{"algorithm": "rsasha256", "keyType": "keySigning"}]},
        **but,
    }


def stored_secret(name: str = "db-password", **but: Any) -> Json:
    """Return a secret."""
    return {"name": f"projects/111/secrets/{name}", "createTime": ago(200), "etag": '"a"', **but}


def secret_version(number: str = "1", *, days: float = 10, **but: Any) -> Json:
    """Return a version of a secret."""
    name = f"projects/111/secrets/db-password/versions/{number}"
    return {"name": name, "state": "ENABLED", "createTime": ago(days), "etag": '"a"', **but}


def finding(number: str = "1", *, days: float = 3, **but: Any) -> Json:
    """Return a finding of Security Command Center."""
    return {
        "name": f"organizations/1/sources/7/findings/{number}",
        "category": "PUBLIC_BUCKET_ACL",
        "severity": "HIGH",
        "state": "ACTIVE",
        "resourceName": "//storage.googleapis.com/acme-data",
        "createTime": ago(days),
        "eventTime": ago(0.5),
        **but,
    }


def labelled(name: str = "acme-data", **but: Any) -> Json:
    """Return a resource as Cloud Asset Inventory has it."""
    shown = {"name": f"//storage.googleapis.com/{name}", "assetType": "storage.googleapis.com/Bucket"}
    return {**shown, "labels": {"owner": "platform"}, "location": "eu", "project": "projects/111", **but}


def image_policy(evaluation: str = "REQUIRE_ATTESTATION", **but: Any) -> Json:
    """Return a policy of Binary Authorization."""
    rule = {"evaluationMode": evaluation, "enforcementMode": "ENFORCED_BLOCK_AND_AUDIT_LOG"}
    shown = {"name": "projects/acme-prod/policy", "defaultAdmissionRule": rule}
    return {**shown, "updateTime": ago(30), "etag": '"a"', **but}


def backend_service(name: str = "api", **but: Any) -> Json:
    """Return a backend service that is reached from outside."""
    return {
        "kind": "compute#backendService",
        "name": name,
        "selfLink": f"{COMPUTE}/projects/acme-prod/global/backendServices/{name}",
        "loadBalancingScheme": "EXTERNAL_MANAGED",
        "logConfig": {"enable": True, "sampleRate": 1.0},
        "securityPolicy": f"{COMPUTE}/projects/acme-prod/global/securityPolicies/edge",
        "fingerprint": "a=",
        **but,
    }


def activity(name: str = "deployer", *, days: float | None = 3, watched: float = 180, **but: Any) -> Json:
    """Return when a service account was last used."""
    used = {"lastAuthenticatedTime": ago(days)} if days is not None else {}
    email = f"{name}@acme-prod.iam.gserviceaccount.com"
    return {
        "fullResourceName": f"//iam.googleapis.com/projects/acme-prod/serviceAccounts/{email}",
        "activityType": "serviceAccountLastAuthentication",
        "observationPeriod": {"startTime": ago(watched), "endTime": ago(1)},
        "activity": {**used, "serviceAccount": {"serviceAccountId": "7", "projectNumber": "111"}},
        **but,
    }


def provider(name: str = "ci", **but: Any) -> Json:
    """Return a provider of workload identities with a condition."""
    return {
        "name": f"projects/111/locations/global/workloadIdentityPools/github/providers/{name}",
        "state": "ACTIVE",
        "attributeCondition": "assertion.repository_owner == 'acme'",
        "oidc": {"issuerUri": "https://token.actions.githubusercontent.com"},
        **but,
    }
