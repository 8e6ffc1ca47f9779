"""A small company on AWS with two resources of each list in pages, and a secret text at each redacted path."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from moto.ec2.models import ec2_backends
from moto.iam.models import iam_backends
from moto.organizations.models import organizations_backends

from collector.demo.aws.answers import DirectoryBucket
from collector.demo.aws.credential_report import RootUser
from collector.demo.aws.double import AwsDouble
from collector.demo.aws.seeding import allow, deny, policy
from tests.doubles.aws_apis import APIS
from tests.doubles.aws_apis import CANARIES as OF_APIS
from tests.doubles.aws_door import Prepared
from tests.doubles.aws_events import looked_up
from tests.doubles.aws_guards import GUARDS, UNKEPT
from tests.doubles.aws_operation import CANARIES as OF_OPERATION
from tests.doubles.aws_operation import OPERATION, seed_operation
from tests.doubles.aws_services import CANARIES as OF_SERVICES
from tests.doubles.aws_services import NAMES, a_distribution, seed_services
from tests.doubles.aws_stores import CANARIES as OF_STORES
from tests.doubles.aws_stores import STORES

ACCOUNT = "111122223333"
REGION = "eu-west-1"  # one that has directory buckets
_SIGNED_IN: Any = datetime(2026, 2, 27, 8, tzinfo=UTC)  # moto types the attribute as None
_LOGS = "canary-company-logs"
_SWITCHES = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")

CANARIES: Mapping[str, str] = {
    "name of the contact": "Canary-Contact",
    "telephone of the contact": "+4900canary",
    "email of the contact": "canary-security",
    "email of an account": "canary-account",
    "owner of a bucket": "canary-owner",
    "grantee of a bucket": "canary-grantee",
    "email of a grantee": "canary-mail",
    "seed of a second factor": "canary-seed",
    "picture of a second factor": "canary-picture",
    **OF_SERVICES,
    **OF_APIS,
    **OF_OPERATION,
    **OF_STORES,
    **UNKEPT,
    "description of a permission set": "canary-description",
    "landing page of a permission set": "canary-landing",
    "variable of a function": "canary-variable",
    "description of a function": "canary-function",
    "description of a key": "canary-key",
    "description of a secret": "canary-described",
    "value of a secret": "canary-value",
}

PREPARED: Mapping[tuple[str, str], Prepared] = {
    # moto's answers lack members that AWS documents as always there.
    ("cloudfront", "ListDistributions"): {
        "DistributionList": {
            "Marker": "",
            "MaxItems": 100,
            "IsTruncated": False,
            "Quantity": len(NAMES),
            "Items": [a_distribution(name) for name in NAMES],
        }
    },
    **GUARDS,
    **APIS,
    **OPERATION,
    **STORES,
    ("cloudtrail", "LookupEvents"): looked_up,
    # moto leaves out the names of grantees, which AWS returns in some regions.
    ("s3", "GetBucketAcl"): {
        "Owner": {"ID": "0", "DisplayName": CANARIES["owner of a bucket"]},
        "Grants": [
            {
                "Grantee": {"Type": "CanonicalUser", "ID": "0", "DisplayName": CANARIES["grantee of a bucket"]},
                "Permission": "READ",
            },
            {
                "Grantee": {
                    "Type": "AmazonCustomerByEmail",
                    "EmailAddress": f"{CANARIES['email of a grantee']}@example.com",
                },
                "Permission": "READ",
            },
        ],
    },
    # AWS documents both secrets as members of a device, but not in lists.
    ("iam", "ListVirtualMFADevices"): {
        "VirtualMFADevices": [
            {
                "SerialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/{name}",
                "Base32StringSeed": CANARIES["seed of a second factor"].encode(),
                "QRCodePNG": CANARIES["picture of a second factor"].encode(),
            }
            for name in NAMES
        ],
        "IsTruncated": False,
    },
    # moto has no policies of AWS unless they are loaded, and no permissions boundaries of permission sets.
    ("iam", "GetPolicy"): {"Policy": {"DefaultVersionId": "v1"}},
    ("iam", "GetPolicyVersion"): {
        "PolicyVersion": {
            "Document": policy(allow("s3:ListBucket")),
            "VersionId": "v1",
            "IsDefaultVersion": True,
        }
    },
    ("sso-admin", "GetPermissionsBoundaryForPermissionSet"): {
        "PermissionsBoundary": {"ManagedPolicyArn": "arn:aws:iam::aws:policy/PowerUserAccess"}
    },
}


def seed_company(double: AwsDouble) -> Mapping[str, str]:
    """Create all resources, and return the keys of a role that may read them."""
    double.world.account(ACCOUNT).root = RootUser(double.world.now())
    _organization(double.client("organizations", ACCOUNT))
    double.client("account", ACCOUNT).put_alternate_contact(
        AlternateContactType="SECURITY",
        EmailAddress=f"{CANARIES['email of the contact']}@example.com",
        Name=CANARIES["name of the contact"],
        Title="Security",
        PhoneNumber=CANARIES["telephone of the contact"],
    )
    _buckets(double.client("s3", ACCOUNT))
    _access_points(double.client("s3control", ACCOUNT))
    for name in NAMES:
        let_in = policy(allow("s3express:CreateSession", Principal={"AWS": ACCOUNT}))
        double.world.account(ACCOUNT).directory_buckets[f"{name}--euw1-az1--x-s3"] = DirectoryBucket(REGION, let_in)
    _logs(double)
    _networks(double.client("ec2", ACCOUNT, REGION))
    seed_services(double, ACCOUNT, REGION)
    _people(double.client("iam", ACCOUNT))
    _identity_center(double)
    role = f"arn:aws:iam::{ACCOUNT}:role/{NAMES[0]}"
    _kept(double)
    seed_operation(double, ACCOUNT, REGION)
    keys: Mapping[str, str] = double.client("sts", ACCOUNT).assume_role(RoleArn=role, RoleSessionName="play")[
        "Credentials"
    ]
    return keys


def _organization(organizations: Any) -> None:
    organizations.create_organization(FeatureSet="ALL")
    root = organizations.list_roots()["Roots"][0]["Id"]
    address = f"{CANARIES['email of an account']}@example.com"
    organizations_backends[ACCOUNT]["aws"].accounts[0].email = address
    # It is closed, so that no role has to be entered.
    status = organizations.create_account(AccountName="closed", Email=address)["CreateAccountStatus"]
    organizations.close_account(AccountId=status["AccountId"])
    for service in ("ssm.amazonaws.com", "config-multiaccountsetup.amazonaws.com"):
        organizations.register_delegated_administrator(AccountId=status["AccountId"], ServicePrincipal=service)
    organizations.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
    guard = organizations.create_policy(
        Name="guard", Description="guard", Type="SERVICE_CONTROL_POLICY", Content=policy(deny("iam:CreateUser"))
    )
    organizations.attach_policy(PolicyId=guard["Policy"]["PolicySummary"]["Id"], TargetId=root)
    organizations.enable_policy_type(RootId=root, PolicyType="RESOURCE_CONTROL_POLICY")
    perimeter = organizations.create_policy(
        Name="perimeter",
        Description="perimeter",
        Type="RESOURCE_CONTROL_POLICY",
        Content=policy(deny("s3:DeleteBucket", Principal="*")),
    )
    organizations.attach_policy(PolicyId=perimeter["Policy"]["PolicySummary"]["Id"], TargetId=root)


def _buckets(s3: Any) -> None:
    for name in (_LOGS, "canary-company-files"):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    writer = {"Service": "cloudtrail.amazonaws.com"}
    s3.put_bucket_policy(
        Bucket=_LOGS, Policy=policy(allow("s3:PutObject", on=f"arn:aws:s3:::{_LOGS}/*", Principal=writer))
    )


def _access_points(s3control: Any) -> None:
    blocked = dict.fromkeys(_SWITCHES, True)
    for name in NAMES:
        s3control.create_access_point(
            AccountId=ACCOUNT, Name=name, Bucket=_LOGS, PublicAccessBlockConfiguration=blocked
        )
        s3control.put_access_point_policy(
            AccountId=ACCOUNT,
            Name=name,
            Policy=policy(
                allow(
                    "s3:GetObject",
                    on=f"arn:aws:s3:{REGION}:{ACCOUNT}:accesspoint/{name}/object/*",
                    Principal={"AWS": ACCOUNT},
                )
            ),
        )
        s3control.create_multi_region_access_point(
            AccountId=ACCOUNT,
            ClientToken=name,
            Details={"Name": name, "PublicAccessBlock": blocked, "Regions": [{"Bucket": _LOGS}]},
        )
        s3control.put_multi_region_access_point_policy(
            AccountId=ACCOUNT,
            ClientToken=name,
            Details={"Name": name, "Policy": policy(allow("s3:GetObject", Principal={"AWS": ACCOUNT}))},
        )


def _logs(double: AwsDouble) -> None:
    trails = double.client("cloudtrail", ACCOUNT, REGION)
    trails.create_trail(Name="trail", S3BucketName=_LOGS, IsMultiRegionTrail=True)
    trails.start_logging(Name="trail")
    config = double.client("config", ACCOUNT, REGION)
    role = f"arn:aws:iam::{ACCOUNT}:role/recorder"
    group = {"allSupported": True, "includeGlobalResourceTypes": True}
    config.put_configuration_recorder(
        ConfigurationRecorder={"name": "default", "roleARN": role, "recordingGroup": group}
    )
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": _LOGS})


def _networks(ec2: Any) -> None:
    # moto has lists of AWS in each region, which would make each run of the suite longer.
    ec2_backends[ACCOUNT][REGION].managed_prefix_lists.clear()
    for name in NAMES:
        ec2.create_managed_prefix_list(
            PrefixListName=name, Entries=[{"Cidr": "198.51.100.0/24"}], MaxEntries=1, AddressFamily="IPv4"
        )
    ec2.create_vpc(CidrBlock="10.0.0.0/16")
    for network in [vpc["VpcId"] for vpc in ec2.describe_vpcs()["Vpcs"]]:
        ec2.create_flow_logs(
            ResourceIds=[network],
            ResourceType="VPC",
            TrafficType="ALL",
            LogDestinationType="s3",
            LogDestination=f"arn:aws:s3:::{_LOGS}",
        )
        volume = ec2.create_volume(Size=1, AvailabilityZone=f"{REGION}a")["VolumeId"]
        ec2.create_snapshot(VolumeId=volume)


def _kept(double: AwsDouble) -> None:
    """Two keys, functions, repositories, secrets, log groups, tables and file systems."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as code:
        code.writestr("index.py", "")
    kms, functions, ecr, secrets, logs, tables, files = (
        double.client(service, ACCOUNT, REGION)
        for service in ("kms", "lambda", "ecr", "secretsmanager", "logs", "dynamodb", "efs")
    )
    for name in NAMES:
        key = kms.create_key(Description=CANARIES["description of a key"])["KeyMetadata"]["KeyId"]
        kms.create_alias(AliasName=f"alias/{name}", TargetKeyId=key)
        for grantee in NAMES:
            kms.create_grant(
                KeyId=key, GranteePrincipal=f"arn:aws:iam::{ACCOUNT}:role/{grantee}", Operations=["Decrypt"]
            )
        functions.create_function(
            FunctionName=name,
            Runtime="python3.13",
            Role=f"arn:aws:iam::{ACCOUNT}:role/{NAMES[0]}",
            Handler="index.run",
            Code={"ZipFile": packed.getvalue()},
            Description=CANARIES["description of a function"],
            Environment={"Variables": {"HOST": CANARIES["variable of a function"]}},
            Publish=True,
        )
        functions.create_function_url_config(FunctionName=name, AuthType="AWS_IAM")
        for alias in NAMES:
            functions.create_alias(FunctionName=name, Name=alias, FunctionVersion="1")
        functions.add_permission(
            FunctionName=name, StatementId="own", Action="lambda:InvokeFunction", Principal=ACCOUNT
        )
        ecr.create_repository(repositoryName=name)
        secrets.create_secret(
            Name=f"stored-{name}",  # else whatever has that name would be a secret for whoever records answers
            Description=CANARIES["description of a secret"],
            SecretString=CANARIES["value of a secret"],
        )
        logs.create_log_group(logGroupName=name)
        tables.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        files.create_file_system(CreationToken=f"made-{name}", Encrypted=True)


def _people(iam: Any) -> None:
    trust = policy(allow("sts:AssumeRole", Principal={"AWS": ACCOUNT}))
    for name in NAMES:
        iam.create_user(UserName=name)
        iam.create_group(GroupName=name)
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
        iam.create_policy(PolicyName=name, PolicyDocument=policy(allow("s3:ListBucket")))
    iam.put_role_policy(RoleName=NAMES[1], PolicyName="everything", PolicyDocument=policy(allow("*")))
    # Of the users one has signed in.
    iam.create_login_profile(UserName=NAMES[0], Password="made-up-Passw0rd")
    iam_backends[ACCOUNT]["aws"].users[NAMES[0]].password_last_used = _SIGNED_IN
    iam.update_account_password_policy(MinimumPasswordLength=14)


def _identity_center(double: AwsDouble) -> None:
    center, store = (double.client(name, ACCOUNT, REGION) for name in ("sso-admin", "identitystore"))
    instance = center.list_instances()["Instances"][0]
    named = {"IdentityStoreId": instance["IdentityStoreId"]}
    groups = [store.create_group(**named, DisplayName=name)["GroupId"] for name in NAMES]
    for name in NAMES:
        user = store.create_user(
            **named, UserName=name, DisplayName=name, Name={"GivenName": name, "FamilyName": "Example"}
        )["UserId"]
        store.create_group_membership(**named, GroupId=groups[0], MemberId={"UserId": user})
    for name in NAMES:
        made = center.create_permission_set(
            InstanceArn=instance["InstanceArn"],
            Name=name,
            SessionDuration="PT1H",
            Description=CANARIES["description of a permission set"],
            RelayState=f"https://{CANARIES['landing page of a permission set']}.example.com",
        )["PermissionSet"]["PermissionSetArn"]
        of_set = {"InstanceArn": instance["InstanceArn"], "PermissionSetArn": made}
        center.provision_permission_set(**of_set, TargetType="AWS_ACCOUNT", TargetId=ACCOUNT)
        center.put_inline_policy_to_permission_set(**of_set, InlinePolicy=policy(allow("s3:ListBucket")))
        for policy_name in ("ReadOnlyAccess", "ViewOnlyAccess"):
            center.attach_managed_policy_to_permission_set(
                **of_set, ManagedPolicyArn=f"arn:aws:iam::aws:policy/{policy_name}"
            )
            center.attach_customer_managed_policy_reference_to_permission_set(
                **of_set, CustomerManagedPolicyReference={"Name": policy_name}
            )
        for group in groups:
            center.create_account_assignment(
                **of_set, TargetId=ACCOUNT, TargetType="AWS_ACCOUNT", PrincipalType="GROUP", PrincipalId=group
            )
