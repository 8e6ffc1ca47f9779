"""Acme's machines, databases, load balancers, distributions and clusters: in order at home, and not in the west.

moto has no cluster snapshot that is shared and no TLS policy of a classic load balancer in AWS's form: these are left
out of what is expected.
"""

from __future__ import annotations

from typing import Any

from moto.acm.models import acm_backends

from collector.demo.aws.seeding import HOME, AccountSeed, Outcome

_WEST = "eu-west-1"
_MODERN, _OLD = "ELBSecurityPolicy-TLS13-1-2-2021-06", "ELBSecurityPolicy-2016-08"
_ANYWHERE = [{"CidrIp": "0.0.0.0/0"}]
_ADMINISTRATOR = {"MasterUsername": "acme", "MasterUserPassword": "made-up-Passw0rd"}


def production(account: AccountSeed) -> None:
    """Seed one of each that is in order, and in another region one that is not. The networks are there already."""
    for region, good in ((HOME, True), (_WEST, False)):
        subnet = account.client("ec2", region).describe_subnets()["Subnets"][0]
        group = _way_in(account, region, subnet, open_=not good)
        _machine(account, region, subnet["SubnetId"], group, good=good)
        _database(account, region, subnet["SubnetId"], group, good=good)
        _balancers(account, region, subnet["SubnetId"], group, good=good)
    _cluster(account)
    _distribution(account)


def _way_in(account: AccountSeed, region: str, subnet: dict[str, Any], *, open_: bool) -> str:
    """Create a security group, and with `open_` a way from the internet to it, and return its id."""
    ec2, network = account.client("ec2", region), subnet["VpcId"]
    group: str = ec2.create_security_group(GroupName="services", Description="services", VpcId=network)["GroupId"]
    if open_:
        gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=network)
        table = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [network]}])["RouteTables"][0]
        ec2.create_route(RouteTableId=table["RouteTableId"], DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
        rules = [{"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": _ANYWHERE} for port in (80, 5432)]
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=rules)
    account.expect("pass", group, "aws_vpc_security_group_no_admin_ports_open", region=region)
    outcome: Outcome = "fail" if open_ else "pass"
    account.expect(outcome, group, "aws_vpc_security_group_no_db_ports_open", region=region)
    return group


def _machine(account: AccountSeed, region: str, subnet: str, group: str, *, good: bool) -> None:
    ec2 = account.client("ec2", region)
    started = ec2.run_instances(
        ImageId="ami-12c6146b",
        MinCount=1,
        MaxCount=1,
        SubnetId=subnet,
        SecurityGroupIds=[group],
        MetadataOptions={"HttpTokens": "required" if good else "optional", "HttpEndpoint": "enabled"},
    )
    machine = started["Instances"][0]["InstanceId"]
    image = ec2.create_image(InstanceId=machine, Name="acme-web")["ImageId"]
    if not good:
        ec2.modify_image_attribute(ImageId=image, LaunchPermission={"Add": [{"Group": "all"}]})
    account.expect("pass" if good else "fail", machine, "aws_ec2_instance_imdsv2_required", region=region)
    account.expect("pass" if good else "fail", image, "aws_ec2_image_not_public", region=region)


def _database(account: AccountSeed, region: str, subnet: str, group: str, *, good: bool) -> None:
    rds = account.client("rds", region)
    days = 14 if good else 1
    tags = [{"Key": "environment", "Value": "production"}]
    rds.create_db_subnet_group(DBSubnetGroupName="acme", DBSubnetGroupDescription="acme", SubnetIds=[subnet])
    rds.create_db_instance(
        DBInstanceIdentifier="orders",
        DBInstanceClass="db.t3.micro",
        Engine="postgres",
        AllocatedStorage=20,
        DBSubnetGroupName="acme",
        VpcSecurityGroupIds=[group],
        PubliclyAccessible=not good,
        StorageEncrypted=good,
        BackupRetentionPeriod=days,
        MultiAZ=good,
        Tags=tags,
        **_ADMINISTRATOR,
    )
    rds.create_db_cluster(
        DBClusterIdentifier="ledger",
        Engine="aurora-postgresql",
        StorageEncrypted=good,
        BackupRetentionPeriod=days,
        Tags=tags,
        **_ADMINISTRATOR,
    )
    rds.create_db_snapshot(DBInstanceIdentifier="orders", DBSnapshotIdentifier="orders-before-move")
    rds.create_db_cluster_snapshot(DBClusterIdentifier="ledger", DBClusterSnapshotIdentifier="ledger-before-move")
    if not good:
        rds.modify_db_snapshot_attribute(
            DBSnapshotIdentifier="orders-before-move", AttributeName="restore", ValuesToAdd=["all"]
        )
    outcome: Outcome = "pass" if good else "fail"
    for check in ("encrypted", "not_public", "backup_retention", "multi_az"):
        account.expect(outcome, "orders", f"aws_rds_instance_{check}", region=region)
    for check in ("encrypted", "backup_retention"):
        account.expect(outcome, "ledger", f"aws_rds_cluster_{check}", region=region)
    account.expect("fail", "ledger", "aws_rds_cluster_multi_az", region=region)
    account.expect(outcome, "orders-before-move", "aws_rds_snapshot_not_public", region=region)
    account.expect("pass", "ledger-before-move", "aws_rds_cluster_snapshot_not_public", region=region)


def _balancers(account: AccountSeed, region: str, subnet: str, group: str, *, good: bool) -> None:
    elbv2 = account.client("elbv2", region)
    certificate = account.client("acm", region).request_certificate(DomainName="www.acme.example")["CertificateArn"]
    # moto issues it only after a minute.
    acm_backends[account.number][region].get_certificate(certificate).status = "ISSUED"
    made = elbv2.create_load_balancer(Name="shop", Subnets=[subnet], SecurityGroups=[group], Scheme="internet-facing")
    arn = made["LoadBalancers"][0]["LoadBalancerArn"]
    refusal = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "403", "ContentType": "text/plain"}}
    to_https = {
        "Type": "redirect",
        "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"},
    }
    welcome = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200", "ContentType": "text/plain"}}
    elbv2.create_listener(LoadBalancerArn=arn, Protocol="HTTP", Port=80, DefaultActions=[to_https if good else welcome])
    elbv2.create_listener(
        LoadBalancerArn=arn,
        Protocol="HTTPS",
        Port=443,
        SslPolicy=_MODERN if good else _OLD,
        Certificates=[{"CertificateArn": certificate}],
        DefaultActions=[refusal],
    )
    protocol = {"Protocol": "HTTPS", "SSLCertificateId": certificate} if good else {"Protocol": "HTTP"}
    listener = {**protocol, "LoadBalancerPort": 443 if good else 80, "InstancePort": 8080}
    account.client("elb", region).create_load_balancer(
        LoadBalancerName="shop-old", Listeners=[listener], Subnets=[subnet], SecurityGroups=[group]
    )
    outcome: Outcome = "pass" if good else "fail"
    account.expect(outcome, arn, "aws_elb_https_listeners_only", "aws_elb_strong_tls_policy", region=region)
    account.expect(outcome, "shop-old", "aws_elb_classic_https_listeners_only", region=region)
    if good:  # the other is not in use
        account.expect("pass", certificate, "aws_acm_certificate_not_expiring", region=region)
        account.expect("unknown", "shop-old", "aws_elb_classic_strong_tls_policy", region=region)


def _cluster(account: AccountSeed) -> None:
    for name, ranges in (("shop", ["10.0.0.0/8"]), ("batch", ["0.0.0.0/0"])):
        config = {"subnetIds": ["subnet-1"], "endpointPublicAccess": True, "publicAccessCidrs": ranges}
        role = f"arn:aws:iam::{account.number}:role/clusters"
        account.client("eks").create_cluster(name=name, roleArn=role, resourcesVpcConfig=config)
        outcome: Outcome = "pass" if name == "shop" else "fail"
        account.expect(outcome, name, "aws_eks_cluster_endpoint_restricted", region=HOME)


def _distribution(account: AccountSeed) -> None:
    cloudfront = account.client("cloudfront", "us-east-1")
    for name, policy in (("files", "redirect-to-https"), ("downloads", "allow-all")):
        origin = {
            "Id": name,
            "DomainName": f"acme-{name}.s3.amazonaws.com",
            "S3OriginConfig": {"OriginAccessIdentity": ""},
        }
        made = cloudfront.create_distribution(
            DistributionConfig={
                "CallerReference": name,
                "Comment": name,
                "Enabled": True,
                "Origins": {"Quantity": 1, "Items": [origin]},
                "DefaultCacheBehavior": {"TargetOriginId": name, "ViewerProtocolPolicy": policy},
                "CacheBehaviors": {"Quantity": 0},
                "ViewerCertificate": {"CloudFrontDefaultCertificate": True},
            }
        )
        outcome: Outcome = "fail" if policy == "allow-all" else "pass"
        account.expect(outcome, made["Distribution"]["Id"], "aws_cloudfront_https_enforced")
