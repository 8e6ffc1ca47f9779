"""Secrets in every disguise go into an account; none may be found in what a scan writes or says."""

from __future__ import annotations

import base64
import gzip
import io
import json
import logging
import sqlite3
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from collector.core.redaction import Redactor
from collector.core.resources import Body
from collector.setup.loading import connector
from connectors.aws._sdk.settings import Settings
from storage.database.blobs import Decompressor
from storage.log.dictionary import LeafDecompressor
from tests.doubles.aws import Acme, fresh_account, limited
from tests.sweep.scanning import scan

AWS = connector("aws")
REGION = "eu-central-1"
CANARY = "ghp_" + "c4N4ry0123456789" * 2 + "AbCdEf"


def disguises() -> dict[str, str]:
    """The canary as people and programs write it down."""
    raw = CANARY.encode()
    return {
        "raw": CANARY,
        "base64": base64.b64encode(raw).decode(),
        "gzip": base64.b64encode(gzip.compress(raw, mtime=0)).decode(),
        "url": quote(f"password={CANARY}&x=a b"),
        "json": json.dumps(json.dumps({"token": CANARY})),
    }


def found_in(data: bytes) -> list[str]:
    """Name the disguises of the canary that stand in these bytes."""
    needles = {name: text.encode() for name, text in disguises().items()}
    needles["json"] = CANARY.encode()
    needles["url"] = CANARY.encode()
    # In a base64 text the canary is the same from whichever third byte on it stands.
    needles["inside base64"] = base64.b64encode(CANARY.encode() * 2)[8:40]
    return [name for name, needle in needles.items() if needle in data]


def everything(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield all that lies in a store's folder: the files as they are, and what is compressed in the database."""
    for path in folder.iterdir():
        yield path.name, path.read_bytes()
        if path.suffix == ".db":
            yield from unpacked(path)


def unpacked(database: Path) -> Iterator[tuple[str, bytes]]:
    """Yield every row's compressed columns, opened."""
    opener, bodies = LeafDecompressor(), Decompressor()
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        for index, number, body in connection.execute("SELECT idx, dictionary, body FROM log_leaf"):
            yield f"leaf {index}", opener.decompress(number, body)
        for table in ("blob", "payload"):
            for id_, body in connection.execute(f"SELECT id, body FROM {table}"):  # noqa: S608  two names of ours
                yield f"{table} {id_}", bodies.decompress(body)


def plant(acme: Acme, account: str) -> None:
    """Put the canary wherever the services let people write something."""
    double = acme.double
    iam = double.client("iam", account)
    s3 = double.client("s3", account, REGION)
    ec2 = double.client("ec2", account, REGION)
    rds, elbv2 = double.client("rds", account, REGION), double.client("elbv2", account, REGION)
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    machine = ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    shop = elbv2.create_load_balancer(Name="shop", Subnets=[subnet])["LoadBalancers"][0]["LoadBalancerArn"]
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    for name, text in disguises().items():
        iam.create_role(RoleName=f"role-{name}", AssumeRolePolicyDocument=trust, Description=text)
        iam.create_user(UserName=f"user-{name}", Tags=[{"Key": "DB_PASSWORD", "Value": text[:250]}])
        bucket = f"canary-{name}-{account}"
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "note", "Value": text[:250]}]})
        group = ec2.create_security_group(GroupName=f"group-{name}", Description=text[:250])["GroupId"]
        ec2.create_tags(Resources=[group, machine], Tags=[{"Key": f"note-{name}", "Value": text[:250]}])
        ec2.create_image(InstanceId=machine, Name=f"image-{name}", Description=text[:250])
        rds.create_db_instance(
            DBInstanceIdentifier=f"db-{name}",
            DBInstanceClass="db.t3.micro",
            Engine="postgres",
            AllocatedStorage=20,
            PubliclyAccessible=False,
            MasterUsername="acme",
            MasterUserPassword=CANARY,
            Tags=[{"Key": "note", "Value": text[:250]}],
        )
        said = {"StatusCode": "403", "ContentType": "text/plain", "MessageBody": text}
        elbv2.create_listener(
            LoadBalancerArn=shop,
            Protocol="HTTP",
            Port=8000 + len(text) % 1000,
            DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": said}],
        )


def plant_in_kept_data(acme: Acme, account: str) -> None:
    """Put the canary into keys, functions, secrets, images, tables and file systems."""
    double = acme.double
    kms, functions, secrets, ecr, tables, files = (
        double.client(service, account, REGION)
        for service in ("kms", "lambda", "secretsmanager", "ecr", "dynamodb", "efs")
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as code:
        code.writestr("index.py", CANARY)
    for name, text in disguises().items():
        kms.create_key(Description=text, Tags=[{"TagKey": "note", "TagValue": text[:250]}])
        functions.create_function(
            FunctionName=f"function-{name}",
            Runtime="python3.13",
            Role=f"arn:aws:iam::{account}:role/role-{name}",
            Handler="index.run",
            Code={"ZipFile": packed.getvalue()},
            Description=text[:250],
            Environment={"Variables": {"HOST": text, "DB_PASSWORD": text}},
        )
        secrets.create_secret(
            Name=f"secret-{name}",
            Description=text,
            SecretString=text,
            Tags=[{"Key": "note", "Value": text[:250]}],
        )
        ecr.create_repository(repositoryName=f"repository-{name.replace(' ', '-')}")
        tables.create_table(
            TableName=f"table-{name}",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            Tags=[{"Key": "note", "Value": text[:250]}],
        )
        files.create_file_system(CreationToken=name, Tags=[{"Key": "note", "Value": text[:250]}])


def scanned(acme: Acme, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Scan an account full of canaries."""
    account = fresh_account()
    plant(acme, account)
    plant_in_kept_data(acme, account)
    login = limited(acme.double, account, name="canaries")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", login.access_key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", login.secret_access_key)
    monkeypatch.setenv("AWS_SESSION_TOKEN", login.session_token or "")
    # A sign-in is shared by equal settings for as long as it lives: a name of its own keeps this account out of others.
    settings = Settings(regions=(REGION,), endpoint_url=login.url, session_name=f"canaries-{account}")
    seen = scan(AWS, settings, folder)
    kinds = {stored.observation.task.collection: stored.observation.listed for stored in seen.seen}
    assert kinds["aws.iam.role"] >= len(disguises())
    assert kinds["aws.s3.bucket"] == len(disguises())
    assert kinds["aws.rds.instance"] == kinds["aws.ec2.image"] == len(disguises())
    assert kinds["aws.elb.load_balancer"] == 1
    assert kinds["aws.lambda.function"] == kinds["aws.secretsmanager.secret"] == len(disguises())


def test_no_canary_reaches_disk_log_or_output(
    acme: Acme,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """What was never written cannot leak, neither from a backup nor from a bundle."""
    caplog.set_level(logging.DEBUG, "collector")

    scanned(acme, tmp_path, monkeypatch)

    output = capfd.readouterr()
    places = [*everything(tmp_path), ("log", caplog.text.encode()), ("output", (output.out + output.err).encode())]
    assert {place: found for place, data in places if (found := found_in(data))} == {}
    assert any(b"[redacted " in data for _, data in places)


def test_the_search_finds_a_canary_that_is_kept(acme: Acme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A search that finds nothing proves something only if it would have found one."""
    apply = Redactor.apply

    def keep_descriptions(self: Redactor, body: Body) -> Body:
        return apply(self, body) | {name: body[name] for name in ("Description", "TagSet", "Tags") if name in body}

    monkeypatch.setattr(Redactor, "apply", keep_descriptions)

    scanned(acme, tmp_path, monkeypatch)

    found = {name for _, data in everything(tmp_path) for name in found_in(data)}
    assert found >= {"raw", "base64", "gzip", "url", "json"}
