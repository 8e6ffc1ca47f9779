"""Builders of databases, load balancers, distributions, certificates, clusters and machines.

Each body is compared with the output model of its operation in botocore: a member that AWS does not have, or one of
another type, is an error of the test.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel, Shape
from botocore.validate import ParamValidator

from connectors.aws.acm.resources import Certificate
from connectors.aws.cloudfront.resources import Distribution
from connectors.aws.ec2.resources.compute import Image, Instance
from connectors.aws.eks.resources import Cluster
from connectors.aws.elb.resources import ClassicLoadBalancer, LoadBalancer, TlsPolicies
from connectors.aws.rds.resources import DbCluster, DbClusterSnapshot, DbInstance, DbSnapshot
from tests.connectors.aws.builders import OWN, UNREAD, a


@cache
def _service(name: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(name, "service-2"), name)


@cache
def _shape(call: str, path: str) -> Shape:
    service, _, operation = call.partition(":")
    shape: Any = _service(service).operation_model(operation).output_shape
    for name in path.split("."):
        shape = shape.members[name]
        while shape.type_name == "list":
            shape = shape.member
    found: Shape = shape
    return found


def described(call: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Return a body, which has to be one that the operation may answer with at a path."""
    known = {name: value for name, value in body.items() if value is not UNREAD}
    report = ParamValidator().validate(known, _shape(call, path))
    # Answers leave out what requests have to have.
    errors = [error for error in report._errors if error[0] != "missing required field"]
    assert not errors, errors
    return body


NO_DATA = {"Length": 0, "Suspects": []}


def an_instance(state: str = "running", *, options: Any = None, data: Any = NO_DATA, **but: Any) -> Instance:
    """A running machine without a public address that asks for session tokens."""
    usual: dict[str, Any] = {
        "InstanceId": "i-1",
        "State": {"Code": 16, "Name": state},
        "MetadataOptions": {"State": "applied", "HttpTokens": "required", "HttpEndpoint": "enabled", **(options or {})},
        "NetworkInterfaces": [{"SubnetId": "subnet-1", "Groups": [{"GroupId": "sg-1", "GroupName": "sg-1"}]}],
    }
    body = described("ec2:DescribeInstances", "Reservations.Instances", {**usual, **but})
    return a(Instance, {**body, "UserData": data})


def an_image(*, public: Any) -> Image:
    """A machine image."""
    body = {"ImageId": "ami-1", "Public": public, "OwnerId": OWN, "State": "available"}
    return a(Image, described("ec2:DescribeImages", "Images", body))


def a_database(**but: Any) -> DbInstance:
    """A database as it should be."""
    usual = {
        "DBInstanceIdentifier": "db-1",
        "DBInstanceArn": f"arn:aws:rds:eu-central-1:{OWN}:db:db-1",
        "Engine": "postgres",
        "StorageEncrypted": True,
        "PubliclyAccessible": False,
        "BackupRetentionPeriod": 7,
        "MultiAZ": False,
        "AvailabilityZone": "eu-central-1a",
        "Endpoint": {"Address": "db-1.x.eu-central-1.rds.amazonaws.com", "Port": 5432},
        "NetworkType": "IPV4",
        "DBSubnetGroup": {
            "VpcId": "vpc-1",
            "Subnets": [
                {"SubnetIdentifier": "subnet-1", "SubnetAvailabilityZone": {"Name": "eu-central-1a"}},
                {"SubnetIdentifier": "subnet-2", "SubnetAvailabilityZone": {"Name": "eu-central-1b"}},
            ],
        },
        "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-1", "Status": "active"}],
        "TagList": [],
    }
    return a(DbInstance, described("rds:DescribeDBInstances", "DBInstances", {**usual, **but}))


def a_db_cluster(**but: Any) -> DbCluster:
    """A cluster as it should be, in one zone."""
    usual = {
        "DBClusterIdentifier": "cluster-1",
        "DBClusterArn": f"arn:aws:rds:eu-central-1:{OWN}:cluster:cluster-1",
        "Engine": "aurora-postgresql",
        "StorageEncrypted": True,
        "BackupRetentionPeriod": 7,
        "MultiAZ": False,
        "TagList": [],
    }
    return a(DbCluster, described("rds:DescribeDBClusters", "DBClusters", {**usual, **but}))


def restorable_by(*accounts: str) -> list[dict[str, Any]]:
    """The attributes of a snapshot that accounts may restore."""
    return [{"AttributeName": "restore", "AttributeValues": list(accounts)}]


def a_db_snapshot(attributes: Any) -> DbSnapshot:
    """A snapshot of an instance."""
    body = {"DBSnapshotIdentifier": "snapshot-1", "SnapshotType": "manual"}
    described("rds:DescribeDBSnapshots", "DBSnapshots", body)
    if attributes is not UNREAD:
        described(
            "rds:DescribeDBSnapshotAttributes", "DBSnapshotAttributesResult", {"DBSnapshotAttributes": attributes}
        )
    return a(DbSnapshot, {**body, "Attributes": attributes})


def a_cluster_snapshot(attributes: Any) -> DbClusterSnapshot:
    """A snapshot of a cluster."""
    body = {"DBClusterSnapshotIdentifier": "snapshot-2", "SnapshotType": "manual"}
    described("rds:DescribeDBClusterSnapshots", "DBClusterSnapshots", body)
    if attributes is not UNREAD:
        described(
            "rds:DescribeDBClusterSnapshotAttributes",
            "DBClusterSnapshotAttributesResult",
            {"DBClusterSnapshotAttributes": attributes},
        )
    return a(DbClusterSnapshot, {**body, "Attributes": attributes})


FORWARD = {"Type": "forward", "TargetGroupArn": "arn:aws:elasticloadbalancing:eu-central-1:1:targetgroup/a/1"}


def redirect(protocol: str | None = "HTTPS") -> dict[str, Any]:
    """An action that redirects; without a protocol to that of the request."""
    config = {"StatusCode": "HTTP_301", **({} if protocol is None else {"Protocol": protocol})}
    return {"Type": "redirect", "RedirectConfig": config}


def fixed(status: str) -> dict[str, Any]:
    """An action that answers itself."""
    return {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": status, "MessageBody": "x"}}


def a_rule(*actions: dict[str, Any], priority: str = "default") -> dict[str, Any]:
    """A rule of a listener."""
    rule = {"Priority": priority, "Actions": list(actions), "IsDefault": priority == "default"}
    return described("elbv2:DescribeRules", "Rules", rule)


def a_listener(protocol: str, port: int = 443, *rules: dict[str, Any], policy: str | None = None) -> dict[str, Any]:
    """A listener; one of HTTP has its rules, as the collection puts them there."""
    body = {"Protocol": protocol, "Port": port, **({} if policy is None else {"SslPolicy": policy})}
    return {**described("elbv2:DescribeListeners", "Listeners", body), **({"Rules": list(rules)} if rules else {})}


def logging_to(bucket: str | None) -> list[dict[str, str]]:
    """The attributes of a load balancer that logs to a bucket, or that does not log."""
    listed = [
        {"Key": "access_logs.s3.enabled", "Value": str(bucket is not None).lower()},
        {"Key": "access_logs.s3.bucket", "Value": bucket or ""},
    ]
    described("elbv2:DescribeLoadBalancerAttributes", "Attributes", listed[0])
    return listed


def a_balancer(*listeners: dict[str, Any], attributes: Any = None, **but: Any) -> LoadBalancer:
    """An application load balancer on the internet."""
    usual = {
        "LoadBalancerArn": "arn:aws:elasticloadbalancing:eu-central-1:1:loadbalancer/app/web/1",
        "LoadBalancerName": "web",
        "Type": "application",
        "Scheme": "internet-facing",
        "IpAddressType": "ipv4",
        "AvailabilityZones": [{"ZoneName": "eu-central-1a", "SubnetId": "subnet-1"}],
        "SecurityGroups": ["sg-1"],
    }
    unread = {name: value for name, value in but.items() if value is UNREAD}
    known = {name: value for name, value in but.items() if value is not UNREAD}
    body = described("elbv2:DescribeLoadBalancers", "LoadBalancers", {**usual, **known})
    return a(LoadBalancer, {**body, "Listeners": list(listeners), "Attributes": attributes, **unread})


def tls_policies(policies: Any = None, **protocols: tuple[str, ...]) -> TlsPolicies:
    """The TLS policies of a region by name, with the protocols that they take."""
    listed = [{"Name": name.replace("_", "-"), "SslProtocols": list(taken)} for name, taken in protocols.items()]
    for policy in listed:
        described("elbv2:DescribeSSLPolicies", "SslPolicies", policy)
    return a(TlsPolicies, {"Region": "eu-central-1", "Policies": listed if policies is None else policies})


def a_classic_listener(protocol: str, port: int = 443, *policies: str) -> dict[str, Any]:
    """A listener of a classic load balancer."""
    listener = {"Protocol": protocol, "LoadBalancerPort": port, "InstanceProtocol": "HTTP", "InstancePort": 80}
    return {"Listener": listener, "PolicyNames": list(policies)}


def a_classic_policy(name: str, **protocols: bool) -> dict[str, Any]:
    """A TLS policy of a classic load balancer, with `_` for `.` in the protocols."""
    attributes = [{"AttributeName": "Reference-Security-Policy", "AttributeValue": name}]
    attributes += [
        {"AttributeName": f"Protocol-{protocol.replace('_', '.')}", "AttributeValue": str(taken).lower()}
        for protocol, taken in protocols.items()
    ]
    body = {
        "PolicyName": name,
        "PolicyTypeName": "SSLNegotiationPolicyType",
        "PolicyAttributeDescriptions": attributes,
    }
    return described("elb:DescribeLoadBalancerPolicies", "PolicyDescriptions", body)


def a_classic(*listeners: dict[str, Any], policies: Any = (), **but: Any) -> ClassicLoadBalancer:
    """A classic load balancer on the internet."""
    usual = {
        "LoadBalancerName": "old",
        "Scheme": "internet-facing",
        "ListenerDescriptions": list(listeners),
        "Subnets": ["subnet-1"],
        "SecurityGroups": ["sg-1"],
    }
    body = described("elb:DescribeLoadBalancers", "LoadBalancerDescriptions", {**usual, **but})
    return a(ClassicLoadBalancer, {**body, "PoliciesOfListeners": policies if policies is UNREAD else list(policies)})


def a_distribution(*policies: str, **but: Any) -> Distribution:
    """A distribution whose behaviours have these policies, the first one the default, with an own certificate."""
    default, *others = policies or ("redirect-to-https",)
    items = [
        {"PathPattern": f"/{number}", "ViewerProtocolPolicy": policy} for number, policy in enumerate(others, start=1)
    ]
    usual = {
        "Id": "E1",
        "DomainName": "d1.cloudfront.net",
        "Enabled": True,
        "DefaultCacheBehavior": {"ViewerProtocolPolicy": default},
        "CacheBehaviors": {"Quantity": len(items), **({"Items": items} if items else {})},
        "ViewerCertificate": own_certificate("TLSv1.2_2021"),
    }
    body = described("cloudfront:ListDistributions", "DistributionList.Items", {**usual, **but})
    return a(Distribution, body)


def own_certificate(policy: str | None) -> dict[str, Any]:
    """A certificate of the company's with a security policy."""
    minimum = {} if policy is None else {"MinimumProtocolVersion": policy}
    arn = f"arn:aws:acm:us-east-1:{OWN}:certificate/1"
    return {"CloudFrontDefaultCertificate": False, "ACMCertificateArn": arn, **minimum}


def a_certificate(**but: Any) -> Certificate:
    """A certificate in use that is valid for a year."""
    usual = {
        "CertificateArn": f"arn:aws:acm:eu-central-1:{OWN}:certificate/c-1",
        "DomainName": "www.example.com",
        "Status": "ISSUED",
        "Type": "AMAZON_ISSUED",
        "InUse": True,
        "NotAfter": "2027-11-23T12:00:00Z",
        "RenewalEligibility": "ELIGIBLE",
    }
    body = {**usual, **but}
    body = {name: value for name, value in body.items() if value is not None}
    return a(Certificate, described("acm:ListCertificates", "CertificateSummaryList", body))


def a_k8s_cluster(*cidrs: str, public: bool = True, cluster: Any = None) -> Cluster:
    """A cluster whose public endpoint lets in these ranges."""
    config = {"endpointPublicAccess": public, "endpointPrivateAccess": True, "publicAccessCidrs": list(cidrs)}
    body = described("eks:DescribeCluster", "cluster", {"name": "k8s", "resourcesVpcConfig": config})
    return a(Cluster, {"name": "k8s", "cluster": body if cluster is None else cluster})
