"""Documents of Google Cloud's, in the shape of the descriptions that come with its client."""

from __future__ import annotations

from collector.demo.json_answers import Json

COMPUTE = "https://www.googleapis.com/compute/v1"
_ETAG = "BwYacme="


def project(id_: str, number: str, made: str) -> Json:
    """Return a project that belongs to no organization."""
    return {
        "name": f"projects/{number}",
        "projectId": id_,
        "displayName": "Acme Analytics",
        "state": "ACTIVE",
        "createTime": made,
        "updateTime": made,
        "etag": _ETAG,
    }


def policy(*bindings: tuple[str, str], **but: Json) -> Json:
    """Return a policy of pairs of role and member."""
    listed = [{"role": role, "members": [member]} for role, member in bindings]
    return {"version": 1, "etag": _ETAG, "bindings": listed, **but}


def role(name: str, *permissions: str) -> Json:
    """Return a role with some of its permissions."""
    return {
        "name": name,
        "title": name.rpartition("/")[2],
        "includedPermissions": list(permissions),
        "stage": "GA",
        "etag": "AA==",
    }


def account(project_id: str, name: str, number: int, shown: str) -> Json:
    """Return a service account."""
    email = f"{name}@{project_id}.iam.gserviceaccount.com"
    return {
        "name": f"projects/{project_id}/serviceAccounts/{email}",
        "projectId": project_id,
        "uniqueId": f"10422233344455566677{number}",
        "email": email,
        "displayName": shown,
        "etag": "MDEwMjE5MjA=",
        "oauth2ClientId": f"10422233344455566677{number}",
    }


def key(account_name: str, id_: str, made: str) -> Json:
    """Return a key that somebody made for a service account, and that never ends."""
    return {
        "name": f"{account_name}/keys/{id_}",
        "validAfterTime": made,
        "validBeforeTime": "9999-12-31T23:59:59Z",
        "keyAlgorithm": "KEY_ALG_RSA_2048",
        "keyOrigin": "GOOGLE_PROVIDED",
        "keyType": "USER_MANAGED",
    }


def activity(number: str, account_: Json, used: str | None, since: str, until: str) -> Json:
    """Return when a service account was last used, in the time that Google has looked at."""
    found = {"lastAuthenticatedTime": used} if used is not None else {}
    return {
        "fullResourceName": f"//iam.googleapis.com/{account_['name']}",
        "activityType": "serviceAccountLastAuthentication",
        "observationPeriod": {"startTime": since, "endTime": until},
        "activity": {
            **found,
            "serviceAccount": {"serviceAccountId": account_["uniqueId"], "projectNumber": number},
        },
    }


def bucket(name: str, number: str, made: str, *, prevention: str = "enforced", **but: Json) -> Json:
    """Return a bucket with uniform access, whose objects can be restored for a week."""
    return {
        "kind": "storage#bucket",
        "id": name,
        "name": name,
        "projectNumber": number,
        "location": "EUROPE-WEST3",
        "storageClass": "STANDARD",
        "timeCreated": made,
        "updated": made,
        "etag": "CAE=",
        "metageneration": "3",
        "iamConfiguration": {
            "publicAccessPrevention": prevention,
            "uniformBucketLevelAccess": {"enabled": True, "lockedTime": made},
        },
        "softDeletePolicy": {"retentionDurationSeconds": "604800", "effectiveTime": made},
        **but,
    }


def bucket_policy(name: str, *bindings: tuple[str, str]) -> Json:
    """Return the policy of a bucket."""
    return {"kind": "storage#policy", "resourceId": f"projects/_/buckets/{name}", **policy(*bindings)}


def sink(name: str, destination: str, made: str, **but: Json) -> Json:
    """Return a sink, which takes everything unless it has a filter."""
    return {"name": name, "destination": destination, "createTime": made, "updateTime": made, **but}


def log_bucket(project_id: str, name: str, days: int, made: str) -> Json:
    """Return a log bucket that keeps logs for some days."""
    place = f"projects/{project_id}/locations/global/buckets/{name}"
    return {"name": place, "retentionDays": days, "lifecycleState": "ACTIVE", "createTime": made, "updateTime": made}


def older_list(kind: str, *items: Json, key: str = "items") -> Json:
    """Return a list of one of Google's older APIs, which say of which kind it is and leave out what is empty."""
    return {"kind": kind, key: list(items)} if items else {"kind": kind}


def in_places(kind: str, key: str, *items: Json) -> Json:
    """Return an aggregated list of Compute Engine, whose items are in a map of zones and regions."""
    places: dict[str, Json] = {
        "zones/us-east1-b": {"warning": {"code": "NO_RESULTS_ON_PAGE", "message": "There are no results."}}
    }
    for item in items:
        place = "/".join((item.get("zone") or item["region"]).split("/")[-2:])
        places.setdefault(place, {key: []})[key].append(item)
    return {"kind": f"compute#{kind}", "id": f"projects/aggregated/{key}", "items": places}


def _placed(project_id: str, place: str, kind: str, name: str) -> Json:
    """Return the names of a resource of Compute Engine; `place` is a zone or region as `zones/europe-west3-a`."""
    where = f"{COMPUTE}/projects/{project_id}/{place}"
    return {"name": name, place.partition("s/")[0]: where, "selfLink": f"{where}/{kind}/{name}"}


def instance(project_id: str, name: str, id_: str, account_: str, made: str) -> Json:
    """Return a shielded instance without an external address."""
    return {
        "kind": "compute#instance",
        "id": id_,
        **_placed(project_id, "zones/europe-west3-a", "instances", name),
        "status": "RUNNING",
        "creationTimestamp": made,
        "lastStartTimestamp": made,
        "fingerprint": "a=",
        "labelFingerprint": "a=",
        "networkInterfaces": [{"name": "nic0", "networkIP": "10.20.0.7"}],
        "serviceAccounts": [{"email": account_, "scopes": ["https://www.googleapis.com/auth/cloud-platform"]}],
        "metadata": {"kind": "compute#metadata", "fingerprint": "a=", "items": []},
        "shieldedInstanceConfig": {"enableSecureBoot": True, "enableVtpm": True, "enableIntegrityMonitoring": True},
    }


def compute_project(project_id: str, number: str, **metadata: str) -> Json:
    """Return what instances of a project share; an underscore in the name of a piece of metadata stands for a dash."""
    items = [{"key": name.replace("_", "-"), "value": value} for name, value in metadata.items()]
    return {
        "kind": "compute#project",
        "id": number,
        "name": project_id,
        "commonInstanceMetadata": {"kind": "compute#metadata", "fingerprint": "a=", "items": items},
        "quotas": [],
    }


def network(project_id: str, name: str, id_: str, *, automatic: bool = False) -> Json:
    """Return a network; `automatic` where Google makes its subnets."""
    return {
        "kind": "compute#network",
        "id": id_,
        "name": name,
        "selfLink": f"{COMPUTE}/projects/{project_id}/global/networks/{name}",
        "autoCreateSubnetworks": automatic,
        "networkFirewallPolicyEnforcementOrder": "AFTER_CLASSIC_FIREWALL",
    }


def firewall(network_: Json, name: str, port: str, *ranges: str) -> Json:
    """Return a rule of a network that lets ranges in at a port."""
    return {
        "kind": "compute#firewall",
        "name": name,
        "network": network_["selfLink"],
        "direction": "INGRESS",
        "priority": 65534 if name.startswith("default-") else 1000,
        "disabled": False,
        "sourceRanges": list(ranges),
        "allowed": [{"IPProtocol": "tcp", "ports": [port]}],
    }


def subnet(project_id: str, name: str, *, logs: bool) -> Json:
    """Return a subnet, with flow logs or without."""
    return {
        "kind": "compute#subnetwork",
        **_placed(project_id, "regions/europe-west3", "subnetworks", name),
        "ipCidrRange": "10.20.0.0/20",
        "purpose": "PRIVATE",
        "fingerprint": "a=",
        **({"logConfig": {"enable": True, "flowSampling": 0.5}} if logs else {}),
    }


def disk(project_id: str, name: str, id_: str, *schedules: Json) -> Json:
    """Return a disk with schedules of snapshots."""
    return {
        "kind": "compute#disk",
        "id": id_,
        **_placed(project_id, "zones/europe-west3-a", "disks", name),
        "status": "READY",
        "sizeGb": "100",
        "labelFingerprint": "a=",
        "resourcePolicies": [schedule["selfLink"] for schedule in schedules],
    }


def schedule(project_id: str, name: str) -> Json:
    """Return a policy that makes a snapshot each day."""
    daily = {"schedule": {"dailySchedule": {"daysInCycle": 1, "startTime": "04:00"}}}
    placed = _placed(project_id, "regions/europe-west3", "resourcePolicies", name)
    return {"kind": "compute#resourcePolicy", **placed, "snapshotSchedulePolicy": daily}


def snapshot(name: str, disk_: Json, made: str) -> Json:
    """Return a snapshot of a disk."""
    return {
        "kind": "compute#snapshot",
        "name": name,
        "sourceDiskId": disk_["id"],
        "status": "READY",
        "creationTimestamp": made,
    }


def report(number: str, instance_: Json, updated: str, *vulnerabilities: Json) -> Json:
    """Return what the agent of an instance has reported last."""
    place = f"projects/{number}/locations/europe-west3-a/instances/{instance_['id']}"
    found = {"vulnerabilities": list(vulnerabilities)} if vulnerabilities else {}
    return {"name": f"{place}/vulnerabilityReport", "updateTime": updated, **found}


def vulnerability(cve: str, severity: str, seen: str) -> Json:
    """Return a vulnerability that an agent has seen."""
    return {"details": {"cve": cve, "severity": severity}, "createTime": seen, "updateTime": seen}


def dataset(project_id: str, name: str, *access: Json) -> Json:
    """Return a dataset; who may read it is in what one gets, and not in what is listed."""
    return {
        "kind": "bigquery#dataset",
        "id": f"{project_id}:{name}",
        "datasetReference": {"datasetId": name, "projectId": project_id},
        "location": "europe-west3",
        **({"access": list(access)} if access else {}),
    }


def run_service(parent: str, name: str, image: str, secret: str, made: str) -> Json:
    """Return a service of Cloud Run that takes its one variable from a secret."""
    variable = {"name": "TOKEN", "valueSource": {"secretKeyRef": {"secret": secret, "version": "latest"}}}
    return {
        "name": f"{parent}/services/{name}",
        "uid": f"4f1c-{name}",
        "etag": '"a"',
        "ingress": "INGRESS_TRAFFIC_ALL",
        "createTime": made,
        "updateTime": made,
        "template": {"containers": [{"image": image, "env": [variable]}]},
    }


def repository(parent: str, name: str, made: str) -> Json:
    """Return a repository of images that are scanned."""
    return {
        "name": f"{parent}/repositories/{name}",
        "format": "DOCKER",
        "createTime": made,
        "updateTime": made,
        "sizeBytes": "734003200",
        "vulnerabilityScanningConfig": {"enablementConfig": "INHERITED", "enablementState": "SCANNING_ACTIVE"},
    }


def version(secret: Json, number: str, made: str) -> Json:
    """Return a version of a secret."""
    return {"name": f"{secret['name']}/versions/{number}", "state": "ENABLED", "createTime": made, "etag": '"a"'}


def api_key(number: str, uid: str, shown: str, made: str, **restrictions: Json) -> Json:
    """Return an API key with what it is restricted to."""
    return {
        "name": f"projects/{number}/locations/global/keys/{uid}",
        "uid": uid,
        "displayName": shown,
        "createTime": made,
        "updateTime": made,
        "etag": 'W/"a"',
        "restrictions": restrictions,
    }


def contact(number: str, address: str, made: str) -> Json:
    """Return a confirmed contact for matters of security."""
    return {
        "name": f"projects/{number}/contacts/7",
        "email": address,
        "notificationCategorySubscriptions": ["SECURITY"],
        "languageTag": "en",
        "validationState": "VALID",
        "validateTime": made,
    }


def labelled(number: str, name: str, kind: str, **labels: str) -> Json:
    """Return a resource with its labels, as Cloud Asset Inventory has it."""
    shown = {"name": name, "assetType": kind, "location": "europe-west3", "project": f"projects/{number}"}
    return {**shown, "labels": labels} if labels else shown
