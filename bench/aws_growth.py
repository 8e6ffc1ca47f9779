"""What the simulated account grows by: resources of which an account has many, some that pass and some that fail."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from collector.demo.aws.double import AwsDouble
from collector.demo.aws.seeding import allow, deny, policy
from tests.doubles.aws_company import ACCOUNT, REGION

_STRANGER = "999988887777"
_UNITS = 10
_EVERYBODY = {"Principal": "*"}
_BLOCKED = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
_Client = Callable[[str], Any]
_Conditions = Mapping[str, Mapping[str, str]]
_FOR_EVERYBODY: Sequence[_Conditions] = (
    {},
    {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
    {"StringEquals": {"aws:PrincipalOrgID": "o-0123456789"}},
    {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
    {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}},
    {"StringEquals": {"aws:SourceVpce": "vpce-0123456789abcdef0"}},
    {"StringLike": {"aws:PrincipalAccount": "*"}},
    {"ArnLike": {"aws:SourceArn": f"arn:aws:sns:*:{ACCOUNT}:*"}},
    {"StringEquals": {"kms:CallerAccount": ACCOUNT}},
)
_RIGHTS: Sequence[Mapping[str, Any]] = (
    allow("s3:ListBucket"),
    allow("*"),
    allow("*:*"),
    {"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"},
    allow("iam:*"),
    allow("*", on="arn:aws:s3:::files/*"),
    allow("sts:AssumeRole"),
    {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}},
)


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


def _for_everybody(number: int, action: str, on: str = "*") -> dict[str, Any]:
    """Return a statement that lets everybody in, on one of the conditions that policies have in practice."""
    conditions = _FOR_EVERYBODY[number % len(_FOR_EVERYBODY)]
    return {**allow(action, on=on, **_EVERYBODY), **({"Condition": conditions} if conditions else {})}


def _bucket(client: _Client, name: str, number: int) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    everything = f"arn:aws:s3:::{name}/*"
    match number % 5:
        case 1:
            s3.put_bucket_policy(Bucket=name, Policy=policy(_for_everybody(number // 5, "s3:GetObject", everything)))
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
            if number % 10 == 9:
                s3.put_bucket_acl(Bucket=name, ACL="public-read")


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
        document = policy(_RIGHTS[number // 5 % len(_RIGHTS)])
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
        5: {"IpProtocol": "tcp", "FromPort": 0, "ToPort": 65535, "IpRanges": [{"CidrIp": "0.0.0.0/1"}]},
        6: {"IpProtocol": "tcp", "FromPort": 20, "ToPort": 25, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]},
    }
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[opened[number % len(opened)]])
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
    key = kms.create_key(Policy=policy(owner, _for_everybody(number, "kms:Decrypt")))["KeyMetadata"]["KeyId"]
    if good:
        kms.enable_key_rotation(KeyId=key)
    client("secretsmanager").create_secret(Name=name, SecretString="made-up")


def _messages(client: _Client, name: str, number: int) -> None:
    good = number % 2 == 0
    sns, sqs = client("sns"), client("sqs")
    topic = sns.create_topic(Name=name, Attributes={"KmsMasterKeyId": "alias/aws/sns"} if good else {})["TopicArn"]
    to_all = policy(_for_everybody(number, "sns:Publish", topic))
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=to_all)
    queue = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
    encrypted = {"KmsMasterKeyId": "alias/aws/sqs"} if good else {}
    sqs.create_queue(
        QueueName=name, Attributes={"Policy": policy(_for_everybody(number, "sqs:SendMessage", queue)), **encrypted}
    )
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
