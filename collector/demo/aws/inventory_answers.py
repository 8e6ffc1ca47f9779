"""Lists of the AWS double that moto keeps and does not answer as AWS does."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from moto.awslambda.models import lambda_backends
from moto.organizations.models import organizations_backends
from moto.s3.models import s3_backends
from moto.s3control.models import AccessPoint, s3control_backends
from moto.secretsmanager.models import secretsmanager_backends

from collector.demo.aws.access import account_of
from collector.demo.aws.wire import Call, Reply, refusal
from collector.demo.in_process import Answer


def access_points(call: Call) -> Mapping[str, Any]:
    """Return the access points of one region, which is that of their bucket; moto has one list and one region."""
    return {
        "AccessPointList": [
            {
                "Name": point.name,
                "NetworkOrigin": point.network_origin,
                "Bucket": point.bucket,
                "AccessPointArn": f"arn:aws:s3:{call.region}:{account_of(call)}:accesspoint/{point.name}",
                "Alias": point.alias,
                "BucketAccountId": account_of(call),
                **({"VpcConfiguration": {"VpcId": point.vpc_id}} if point.vpc_id else {}),
            }
            for point in _access_points(call).values()
            if _region_of(call, point.bucket) == call.region
        ]
    }


def access_point_policy_status(call: Call) -> Mapping[str, Any] | Reply:
    """Return whether the policy of an access point is public: moto says so of each."""
    policy = _access_points(call)[str(call.params["name"])].policy
    if policy is None:
        message = "The specified accesspoint policy does not exist"
        return refusal("s3control", "NoSuchAccessPointPolicy", message, status=404)
    return {"PolicyStatus": {"IsPublic": '"Principal": "*"' in policy and '"Condition"' not in policy}}


def function_urls(call: Call) -> Mapping[str, Any]:
    """Return the URL of a function, which moto keeps and does not list."""
    url = lambda_backends[account_of(call)][call.region].get_function(str(call.params["FunctionName"])).url_config
    if url is None:
        return {"FunctionUrlConfigs": []}
    described = {name: value for name, value in url.to_dict().items() if value is not None}
    return {"FunctionUrlConfigs": [described | {"InvokeMode": "BUFFERED"}]}


def secret_versions(call: Call) -> Mapping[str, Any]:
    """Return the versions of a secret with the dates at which they were made; moto dates each of them now."""
    secret = secretsmanager_backends[account_of(call)][call.region].secrets[str(call.params["SecretId"])]
    return {
        "ARN": secret.arn,
        "Name": secret.name,
        "Versions": [
            {
                "VersionId": id_,
                "VersionStages": list(version["version_stages"]),
                "CreatedDate": datetime.fromtimestamp(version["createdate"], UTC),
            }
            for id_, version in secret.versions.items()
        ],
    }


def with_paths(call: Call, answer: Answer) -> Reply:
    """Return moto's list of accounts with the path of each, which moto leaves out."""
    backend: Any = organizations_backends[account_of(call)]["aws"]  # moto's models have no types for it
    parents = {place.id: getattr(place, "parent_id", None) for place in (*backend.ou, *backend.accounts)}

    def path(place: str | None) -> str:
        return "" if place is None else f"{path(parents.get(place))}{place}/"

    headers = tuple((name, value) for name, value in answer.headers.items() if name != "content-length")
    body = json.loads(answer.body)
    for account in body.get("Accounts", []):
        account["Paths"] = [f"{backend.org.id}/{path(account['Id'])}"]
    return Reply(answer.status, headers, json.dumps(body).encode())


def _access_points(call: Call) -> Mapping[str, AccessPoint]:
    account = account_of(call)
    points: Mapping[str, AccessPoint] = s3control_backends[account]["aws"].access_points[account]
    return points


def _region_of(call: Call, bucket: str) -> str | None:
    kept = s3_backends[account_of(call)]["aws"].buckets.get(bucket)
    return None if kept is None else kept.region_name
