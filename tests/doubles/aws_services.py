"""Machines, databases, load balancers, distributions, certificates and clusters of the small company, two of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from collector.demo.aws.double import AwsDouble

NAMES = ("first", "second")

CANARIES: Mapping[str, str] = {
    "administrator of a database": "canarymaster",
    "answer of a load balancer": "canary-message",
    "parameter of a sign-in": "canary-parameter",
    "header for an origin": "canary-header",
    "comment on a distribution": "canary-comment",
}


def a_distribution(name: str) -> dict[str, Any]:
    """A distribution as cloudfront:ListDistributions lists it, with a secret for its origin."""
    header = {"HeaderName": "X-Origin", "HeaderValue": CANARIES["header for an origin"]}
    origin = {
        "Id": "files",
        "DomainName": "files.example.com",
        "CustomHeaders": {"Quantity": 1, "Items": [header]},
    }
    return {
        "Id": name,
        "DomainName": f"{name}.cloudfront.net",
        "Enabled": True,
        "Comment": CANARIES["comment on a distribution"],
        "Origins": {"Quantity": 1, "Items": [origin]},
        "DefaultCacheBehavior": {"TargetOriginId": "files", "ViewerProtocolPolicy": "https-only"},
        "CacheBehaviors": {"Quantity": 0},
        "ViewerCertificate": {"CloudFrontDefaultCertificate": True, "MinimumProtocolVersion": "TLSv1"},
    }


def seed_services(double: AwsDouble, account: str, region: str) -> None:
    """Create all but the distributions."""

    def client(service: str) -> Any:
        return double.client(service, account, region)

    ec2 = client("ec2")
    subnets = [each["SubnetId"] for each in ec2.describe_subnets()["Subnets"]][:2]
    for name in NAMES:
        machine = ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
        image = ec2.create_image(InstanceId=machine, Name=f"image-{name}")["ImageId"]
        ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1)
        certificate = client("acm").request_certificate(DomainName=f"{name}.example.com")["CertificateArn"]
    _databases(client("rds"))
    _balancers(client("elbv2"), client("elb"), subnets, certificate)
    _clusters(client("eks"), account, subnets)


def _databases(rds: Any) -> None:
    signed = {"MasterUsername": CANARIES["administrator of a database"], "MasterUserPassword": "made-up-Passw0rd"}
    for name in NAMES:
        rds.create_db_instance(
            DBInstanceIdentifier=name,
            DBInstanceClass="db.t3.micro",
            Engine="postgres",
            AllocatedStorage=20,
            PubliclyAccessible=False,
            **signed,
        )
        rds.create_db_cluster(DBClusterIdentifier=name, Engine="aurora-postgresql", **signed)
        rds.create_db_snapshot(DBInstanceIdentifier=name, DBSnapshotIdentifier=name)
        rds.create_db_cluster_snapshot(DBClusterIdentifier=name, DBClusterSnapshotIdentifier=name)


def _balancers(elbv2: Any, elb: Any, subnets: list[str], certificate: str) -> None:
    login = {
        "Issuer": "https://login.example.com",
        "AuthorizationEndpoint": "https://login.example.com/a",
        "TokenEndpoint": "https://login.example.com/t",
        "UserInfoEndpoint": "https://login.example.com/u",
        "ClientId": "web",
        "ClientSecret": "made-up",
        "AuthenticationRequestExtraParams": {"hint": CANARIES["parameter of a sign-in"]},
    }
    pool = {
        "UserPoolArn": "arn:aws:cognito-idp:eu-central-1:111122223333:userpool/a",
        "UserPoolClientId": "web",
        "UserPoolDomain": "login",
        "AuthenticationRequestExtraParams": {"hint": CANARIES["parameter of a sign-in"]},
    }
    text = {"StatusCode": "503", "MessageBody": CANARIES["answer of a load balancer"], "ContentType": "text/plain"}
    answering = {"Type": "fixed-response", "FixedResponseConfig": text}
    for name in NAMES:
        made = elbv2.create_load_balancer(Name=name, Subnets=subnets, Scheme="internet-facing")
        arn = made["LoadBalancers"][0]["LoadBalancerArn"]
        http = {"LoadBalancerArn": arn, "Protocol": "HTTP", "Port": 80, "DefaultActions": [answering]}
        elbv2.create_listener(**http)
        signing_in = [
            {"Type": "authenticate-oidc", "Order": 1, "AuthenticateOidcConfig": login},
            {"Type": "authenticate-cognito", "Order": 2, "AuthenticateCognitoConfig": pool},
        ]
        elbv2.create_listener(
            LoadBalancerArn=arn,
            Protocol="HTTPS",
            Port=443,
            SslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06",
            Certificates=[{"CertificateArn": certificate}],
            DefaultActions=[*signing_in, {**answering, "Order": 3}],
        )
        listener = {"Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 80}
        elb.create_load_balancer(LoadBalancerName=f"old-{name}", Listeners=[listener], Subnets=subnets[:1])


def _clusters(eks: Any, account: str, subnets: list[str]) -> None:
    for name in NAMES:
        eks.create_cluster(
            name=name,
            roleArn=f"arn:aws:iam::{account}:role/clusters",
            resourcesVpcConfig={
                "subnetIds": subnets,
                "endpointPublicAccess": True,
                "publicAccessCidrs": ["10.0.0.0/8"],
            },
        )
