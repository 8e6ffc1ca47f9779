"""The simulated AWS that both scanners read: one account and region, with resources that pass and that fail.

The small company of the tests has two of everything that annexd reads. Around it stand, for each unit of the scale,
some resources of the kinds of which an account has many, set up in the ways that scanners tell apart.
"""

from __future__ import annotations

import io
import json
import re
import sys
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import redirect_stdout
from typing import Any

from bench.aws_answers import ALSO
from collector.demo.aws.double import AwsDouble
from collector.demo.aws.seeding import allow, deny, policy
from collector.demo.aws.wire import recognise
from collector.demo.in_process import Environ, StartResponse
from tests.doubles.aws_company import ACCOUNT, PREPARED, REGION, seed_company
from tests.doubles.aws_door import Steered
from tests.doubles.served import served

_SERVICE = re.compile(r"Credential=[^/]+/[0-9]+/[^/]+/([^/]+)/aws4_request")
_STRANGER = "999988887777"
_UNITS = 10
# What is the same for each resource in the tests, and which moto tells apart.
_AS_MOTO_HAS_IT = {
    ("ec2", "DescribeInstanceAttribute"),
    ("s3", "GetBucketAcl"),
    ("s3", "GetBucketLifecycleConfiguration"),
}
_POLICIES_OF_AWS = {("iam", "GetPolicy"), ("iam", "GetPolicyVersion")}
_EVERYBODY = {"Principal": "*"}
_BLOCKED = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)


class Estate(Steered):
    """The double that answers as the tests prepared it, and for what they leave to it as moto does."""

    def __init__(self) -> None:
        answers = {name: answer for name, answer in {**PREPARED, **ALSO}.items() if name not in _AS_MOTO_HAS_IT}
        super().__init__(answers, keeps_answers=True)

    def respond(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer whoever seeds from moto alone."""
        call = recognise(environ)
        if call is None or call.account is not None:
            return super().respond(environ, start_response)
        of_aws = str(call.params.get("PolicyArn", "")).startswith("arn:aws:iam::aws:")
        if (call.service, call.operation) in _POLICIES_OF_AWS and not of_aws:
            return super().respond(environ, start_response)
        return self.whole(environ, start_response)


class Counting:
    """Counts the calls to the double by the service that they are signed for, and refuses what it cannot answer.

    An error of the server would be tried again by each client, which is no work that a scanner has on AWS.
    """

    def __init__(self, application: AwsDouble) -> None:
        self._application = application
        self.calls: Counter[str] = Counter()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        match = _SERVICE.search(environ.get("HTTP_AUTHORIZATION", ""))
        self.calls[match[1] if match else "unsigned"] += 1
        try:
            return self._application(environ, start_response)
        except Exception:  # noqa: BLE001  moto raises what it likes for what it does not have
            start_response("403 Forbidden", [("Content-Length", "0")])
            return [b""]


def serve(scale: int) -> None:
    """Serve the estate until the input ends: its address first, and for each line of input the calls since the last."""
    answers = sys.stdout
    with Estate() as double, redirect_stdout(sys.stderr):  # moto prints of what it does not have
        keys = seed_company(double)
        grow(double, scale)
        counting = Counting(double)
        environment = {
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
            "AWS_SESSION_TOKEN": keys["SessionToken"],
        }
        with served(counting) as url:
            print(json.dumps({"url": url, "environment": environment}), file=answers, flush=True)
            for _ in sys.stdin:
                counted, counting.calls = counting.calls, Counter()
                print(json.dumps(counted), file=answers, flush=True)


def grow(double: AwsDouble, scale: int) -> None:
    """Add some ninety resources for each unit of the scale: ten of what an account has most of, two of the rest."""

    def client(service: str) -> Any:  # noqa: ANN401  boto3 makes its classes late
        return double.client(service, ACCOUNT, REGION)

    subnet = client("ec2").describe_subnets()["Subnets"][0]
    for number in range(_UNITS * scale):
        name = f"bench-{number:04}"
        for make in (_bucket, _identities):
            make(client, name, number)
        _network(client, name, number, subnet)
        if number % 5 == 0:
            for make in (_data, _messages, _code):
                make(client, name, number // 5)


_Client = Callable[[str], Any]


def _bucket(client: _Client, name: str, number: int) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    everything = f"arn:aws:s3:::{name}/*"
    match number % 5:
        case 1:
            s3.put_bucket_policy(Bucket=name, Policy=policy(allow("s3:GetObject", on=everything, **_EVERYBODY)))
        case 2:
            s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=_BLOCKED)
            s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
            s3.put_bucket_encryption(
                Bucket=name,
                ServerSideEncryptionConfiguration={
                    "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]
                },
            )
        case 3:
            not_tls = {"Condition": {"Bool": {"aws:SecureTransport": "false"}}, **_EVERYBODY}
            both = [f"arn:aws:s3:::{name}", everything]
            s3.put_bucket_policy(Bucket=name, Policy=policy(deny("s3:*", on=both, **not_tls)))
        case 4:
            s3.put_bucket_policy(
                Bucket=name, Policy=policy(allow("s3:PutObject", on=everything, Principal={"AWS": _STRANGER}))
            )


def _identities(client: _Client, name: str, number: int) -> None:
    iam = client("iam")
    trusts: Mapping[int, Any] = {
        0: {"AWS": ACCOUNT},
        1: {"AWS": f"arn:aws:iam::{_STRANGER}:root"},
        2: {"Service": "ec2.amazonaws.com"},
        3: {"Service": "sns.amazonaws.com"},
    }
    trust = policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": trusts[number % 4]})
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
    iam.create_user(UserName=name)
    iam.create_access_key(UserName=name)
    if number % 4 == 1:
        iam.create_access_key(UserName=name)
    if number % 4 == 2:
        iam.create_login_profile(UserName=name, Password="made-up-Passw0rd")  # noqa: S106  of nobody
    if number % 5 == 0:
        document = policy(allow("*" if number % 10 else "s3:ListBucket"))
        made = iam.create_policy(PolicyName=name, PolicyDocument=document)["Policy"]["Arn"]
        iam.attach_user_policy(UserName=name, PolicyArn=made)
    if number % 10 == 7:
        iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=policy(allow("*")))


def _network(client: _Client, name: str, number: int, subnet: Mapping[str, Any]) -> None:
    ec2 = client("ec2")
    group = ec2.create_security_group(GroupName=name, Description="bench", VpcId=subnet["VpcId"])["GroupId"]
    opened: Mapping[int, Any] = {
        0: {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]},
        1: {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]},
        2: {"IpProtocol": "tcp", "FromPort": 3306, "ToPort": 3306, "Ipv6Ranges": [{"CidrIpv6": "::/0"}]},
        3: {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]},
        4: {"IpProtocol": "tcp", "FromPort": 8080, "ToPort": 8080, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]},
    }
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[opened[number % 5]])
    volume = ec2.create_volume(Size=1, AvailabilityZone=f"{REGION}a", Encrypted=number % 2 == 0)["VolumeId"]
    if number % 5 == 0:
        snapshot = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
        if number % 10 == 0:
            ec2.modify_snapshot_attribute(
                SnapshotId=snapshot,
                Attribute="createVolumePermission",
                OperationType="add",
                GroupNames=["all"],
            )
        ec2.run_instances(
            ImageId="ami-12c6146b",
            MinCount=1,
            MaxCount=1,
            SecurityGroupIds=[group],
            SubnetId=subnet["SubnetId"],
            MetadataOptions={"HttpTokens": "required" if number % 10 else "optional", "HttpEndpoint": "enabled"},
        )


def _data(client: _Client, name: str, number: int) -> None:
    good = number % 2 == 0
    client("rds").create_db_instance(
        DBInstanceIdentifier=name,
        DBInstanceClass="db.t3.micro",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="bench",
        MasterUserPassword="made-up-Passw0rd",
        PubliclyAccessible=not good,
        StorageEncrypted=good,
        MultiAZ=good,
        DeletionProtection=good,
        BackupRetentionPeriod=7 if good else 0,
    )
    tables = client("dynamodb")
    tables.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    tables.update_continuous_backups(
        TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": good}
    )
    client("efs").create_file_system(CreationToken=name, Encrypted=good)
    kms = client("kms")
    owner = allow("kms:*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"})
    open_to_all = [] if good else [allow("kms:Decrypt", **_EVERYBODY)]
    key = kms.create_key(Policy=policy(owner, *open_to_all))["KeyMetadata"]["KeyId"]
    if good:
        kms.enable_key_rotation(KeyId=key)
    client("secretsmanager").create_secret(Name=name, SecretString="made-up")


def _messages(client: _Client, name: str, number: int) -> None:
    good = number % 2 == 0
    sns, sqs = client("sns"), client("sqs")
    topic = sns.create_topic(Name=name, Attributes={"KmsMasterKeyId": "alias/aws/sns"} if good else {})["TopicArn"]
    if not good:
        sns.set_topic_attributes(
            TopicArn=topic,
            AttributeName="Policy",
            AttributeValue=policy(allow("sns:Publish", on=topic, **_EVERYBODY)),
        )
    queue = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
    to_all = {"Policy": policy(allow("sqs:SendMessage", on=queue, **_EVERYBODY))}
    sqs.create_queue(QueueName=name, Attributes={"KmsMasterKeyId": "alias/aws/sqs"} if good else to_all)
    logs = client("logs")
    logs.create_log_group(logGroupName=name)
    if good:
        logs.put_retention_policy(logGroupName=name, retentionInDays=365)
    client("ssm").put_parameter(Name=f"/{name}", Value="made-up", Type="SecureString" if good else "String")


def _code(client: _Client, name: str, number: int) -> None:
    good = number % 2 == 0
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as code:
        code.writestr("index.py", "")
    functions = client("lambda")
    functions.create_function(
        FunctionName=name,
        Runtime="python3.13" if good else "python3.7",
        Role=f"arn:aws:iam::{ACCOUNT}:role/first",
        Handler="index.run",
        Code={"ZipFile": packed.getvalue()},
    )
    functions.create_function_url_config(FunctionName=name, AuthType="AWS_IAM" if good else "NONE")
    if not good:
        functions.add_permission(FunctionName=name, StatementId="all", Action="lambda:InvokeFunction", Principal="*")
    client("ecr").create_repository(
        repositoryName=name,
        imageTagMutability="IMMUTABLE" if good else "MUTABLE",
        imageScanningConfiguration={"scanOnPush": good},
    )


if __name__ == "__main__":
    serve(int(sys.argv[1]))
