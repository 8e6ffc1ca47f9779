"""Checks of rules, control policies, root users, certificates, domains, tags and of what keeps watch."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Status
from collector.core.errors import Denied, NotThere
from connectors.aws._sdk.errors import MACIE_IS_OFF, explain
from connectors.aws.accessanalyzer.checks import no_stale_findings
from connectors.aws.accessanalyzer.resources import Finding
from connectors.aws.config.checks import rules_compliant_ratio
from connectors.aws.config.resources import RuleCompliance
from connectors.aws.ec2.resources.network import DhcpOptions, Vpc
from connectors.aws.guardduty.checks import protection_plans_enabled
from connectors.aws.iam.checks.upkeep import no_expired_server_certificates, root_credentials_centrally_managed
from connectors.aws.iam.resources.upkeep import OrganizationFeatures, ServerCertificate
from connectors.aws.macie2.checks import macie_enabled
from connectors.aws.macie2.resources import MacieRegion
from connectors.aws.organizations.checks import security_services_protected
from connectors.aws.route53.checks import dns_firewall_enabled, domain_transfer_lock
from connectors.aws.route53.resources import DnsFirewall, Domain
from connectors.aws.sso.checks import identity_center_enabled
from connectors.aws.sso.resources import Instance
from connectors.aws.tagging.checks import classification_tag_present, owner_tag_present, workloads_separated
from connectors.aws.tagging.resources import TaggedResource
from tests.connectors.aws.answers import refusal
from tests.connectors.aws.builders import (
    FAIL,
    MANAGEMENT,
    NOTHING,
    OWN,
    PASS,
    UNKNOWN,
    UNREAD,
    a,
    a_bucket,
    a_service_control,
    all_of,
    an_organization,
    full_access,
    in_organization,
    in_regions,
    not_seen,
    placed,
    verdict,
)
from tests.connectors.aws.guarded_builders import a_function
from tests.connectors.aws.protection_builders import (
    a_detector,
    a_file_system,
    a_table,
    ago,
    an_analyzer,
    analyzers,
    detecting,
)
from tests.connectors.aws.regional_builders import a_network
from tests.connectors.aws.service_builders import a_database, a_db_cluster, an_instance, described


def a_finding(*, days: float, type_: str = "AWS::IAM::Role") -> Finding:
    """A finding that is open for so many days."""
    body = {"id": f"f-{days}", "resourceType": type_, "createdAt": ago(days=days), "resource": "arn:aws:iam::1:role/x"}
    return a(Finding, body)


@pytest.mark.parametrize(
    ("place", "findings", "status"),
    [
        (analyzers(an_analyzer()), all_of(), PASS),
        (analyzers(an_analyzer()), all_of(a_finding(days=30)), PASS),
        (analyzers(an_analyzer()), all_of(a_finding(days=31)), FAIL),
        (analyzers(an_analyzer(status="DISABLED")), all_of(a_finding(days=31)), FAIL),
        (analyzers(an_analyzer(status="DISABLED")), all_of(), UNKNOWN),
        (analyzers(), all_of(), NOTHING),
        (analyzers(an_analyzer("ACCOUNT_UNUSED_ACCESS")), all_of(), NOTHING),
        (analyzers(an_analyzer()), not_seen(), UNKNOWN),
        (analyzers(Analyzers=UNREAD), all_of(), UNKNOWN),
    ],
)
def test_findings_of_access_from_outside(place: Any, findings: Any, status: Status) -> None:
    """About how they are handled, and never about there being none."""
    assert verdict(no_stale_findings, place, findings).status is status


def a_rule(name: str, said: str) -> RuleCompliance:
    """What a rule says."""
    body = {"ConfigRuleName": name, "Compliance": {"ComplianceType": said}}
    described("config:DescribeComplianceByConfigRule", "ComplianceByConfigRules", body)
    return a(RuleCompliance, body)


KEPT = [a_rule(f"kept-{number}", "COMPLIANT") for number in range(9)]
BROKEN, IDLE = a_rule("broken", "NON_COMPLIANT"), a_rule("idle", "INSUFFICIENT_DATA")


@pytest.mark.parametrize(
    ("rules", "status"),
    [
        (all_of(*KEPT, BROKEN), PASS),
        (all_of(*KEPT[:8], BROKEN), FAIL),
        (all_of(*KEPT[:8], BROKEN, IDLE, IDLE), FAIL),
        # What has no result may be broken: it changes nothing where enough are kept without it.
        (all_of(*KEPT, IDLE), PASS),
        (all_of(*KEPT, IDLE, IDLE), UNKNOWN),
        (all_of(KEPT[0], *[IDLE] * 9), UNKNOWN),
        (all_of(IDLE), UNKNOWN),
        (all_of(), NOTHING),
        (not_seen(), UNKNOWN),
    ],
)
def test_rules_of_config(rules: Any, status: Status) -> None:
    """Rules without a result fail nothing, and do not help to pass."""
    assert verdict(rules_compliant_ratio, rules).status is status


def denying(*actions: str, **condition: Any) -> Any:
    """A control policy at the root that denies actions."""
    said = {"Effect": "Deny", "Action": list(actions), "Resource": "*"}
    return a_service_control({**said, "Condition": condition} if condition else said)


FOUR = (
    "cloudtrail:StopLogging",
    "cloudtrail:DeleteTrail",
    "cloudtrail:UpdateTrail",
    "cloudtrail:PutEventSelectors",
    "config:Stop*",
    "config:DeleteConfigurationRecorder",
    "guardduty:UpdateDetector",
    "guardduty:DeleteDetector",
)
FULL = full_access("r-ab12", OWN)
EXEMPT = {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/security"}}


@pytest.mark.parametrize(
    ("organization", "policies", "status"),
    [
        (in_organization(), all_of(FULL, denying(*FOUR)), PASS),
        (in_organization(), all_of(FULL, denying("cloudtrail:*", "config:*", "guardduty:*")), PASS),
        (in_organization(), all_of(FULL, denying(*FOUR, **EXEMPT)), PASS),
        # Each of them by itself is enough to switch something off.
        *((in_organization(), all_of(FULL, denying(*(other for other in FOUR if other != one))), FAIL) for one in FOUR),
        (in_organization(), all_of(FULL), FAIL),
        # For requests without MFA only.
        (in_organization(), all_of(FULL, denying(*FOUR, Bool={"aws:MultiFactorAuthPresent": "false"})), UNKNOWN),
        (in_organization(), not_seen(), UNKNOWN),
        (in_organization(), all_of(denying(*FOUR)), UNKNOWN),
        (an_organization(None), all_of(), NOTHING),
        (an_organization({"Id": "o-acmeacme00", "MasterAccountId": OWN}), all_of(FULL), NOTHING),
        (an_organization(UNREAD), all_of(FULL), UNKNOWN),
    ],
)
def test_control_policies_that_protect(organization: Any, policies: Any, status: Status) -> None:
    """Asked is what an administrator may do, and not how the policy is written."""
    assert MANAGEMENT != OWN
    assert verdict(security_services_protected, organization, placed(), policies).status is status


@pytest.mark.parametrize(
    ("features", "status"),
    [
        (["RootCredentialsManagement"], PASS),
        (["RootCredentialsManagement", "RootSessions"], PASS),
        (["RootSessions"], FAIL),
        ([], FAIL),
        (None, FAIL),
        (UNREAD, UNKNOWN),
    ],
)
def test_root_users_of_the_organization(features: Any, status: Status) -> None:
    """Where IAM has no access to the organization nothing is managed."""
    assert (
        verdict(root_credentials_centrally_managed, a(OrganizationFeatures, {"EnabledFeatures": features})).status
        is status
    )


@pytest.mark.parametrize(
    ("ends", "status"), [(ago(days=-1), PASS), (ago(days=1), FAIL), (None, UNKNOWN), (UNREAD, UNKNOWN)]
)
def test_uploaded_certificates(ends: Any, status: Status) -> None:
    """They do not renew themselves."""
    known = {"ServerCertificateId": "ASCA1", "ServerCertificateName": "www"}
    body = known if ends is None else {**known, "Expiration": ends}

    assert verdict(no_expired_server_certificates, a(ServerCertificate, body)).status is status


@pytest.mark.parametrize(
    ("instances", "status"),
    [
        (all_of(a(Instance, {"InstanceArn": "arn", "Region": "eu-central-1", "Status": "ACTIVE"})), PASS),
        (
            all_of(a(Instance, {"InstanceArn": "arn", "Region": "eu-central-1", "Status": "CREATE_IN_PROGRESS"})),
            UNKNOWN,
        ),
        (all_of(a(Instance, {"InstanceArn": "arn", "Region": "eu-central-1"})), UNKNOWN),
        (all_of(), FAIL),
        (not_seen(), UNKNOWN),
    ],
)
def test_identity_center(instances: Any, status: Status) -> None:
    """A state that AWS does not say is not taken for active."""
    assert verdict(identity_center_enabled, instances).status is status


PLANS = ("S3_DATA_EVENTS", "EBS_MALWARE_PROTECTION", "RDS_LOGIN_EVENTS", "LAMBDA_NETWORK_LOGS", "EKS_AUDIT_LOGS")


def with_plans(*names: str, status: str = "ENABLED") -> Any:
    """A region with a detector and these plans."""
    features = [{"Name": name, "Status": "ENABLED" if name in names else "DISABLED"} for name in PLANS]
    return detecting({**a_detector(status), "Features": features})


HERE = a_bucket(BucketRegion="eu-central-1")
MACHINE, POSTGRES = an_instance(), a_database(Engine="postgres")
NONE: dict[str, Any] = {name: all_of() for name in ("buckets", "instances", "databases", "functions", "clusters")}


@pytest.mark.parametrize(
    ("place", "things", "limits", "status"),
    [
        (with_plans(*PLANS), {}, {}, PASS),
        (with_plans(), {}, {}, PASS),
        (with_plans(), {"buckets": all_of(HERE)}, {}, FAIL),
        (with_plans("S3_DATA_EVENTS"), {"buckets": all_of(HERE)}, {}, PASS),
        (with_plans(), {"buckets": all_of(a_bucket(BucketRegion="eu-west-1"))}, {}, PASS),
        (with_plans(), {"instances": all_of(MACHINE)}, {}, FAIL),
        (with_plans(), {"instances": all_of(an_instance("terminated"))}, {}, PASS),
        (with_plans(), {"databases": all_of(POSTGRES)}, {}, FAIL),
        (with_plans(), {"databases": all_of(a_database(Engine="oracle-ee"))}, {}, PASS),
        (with_plans(), {"functions": all_of(a_function())}, {}, FAIL),
        (with_plans(), {"functions": all_of(a_function())}, {"plans_not_needed": ("LAMBDA_NETWORK_LOGS",)}, PASS),
        (with_plans(), {"functions": not_seen()}, {}, UNKNOWN),
        (with_plans(), {"functions": not_seen(), "instances": all_of(MACHINE)}, {}, FAIL),
        (with_plans(*PLANS), {"functions": not_seen()}, {}, PASS),
        (with_plans(status="DISABLED"), {}, {}, NOTHING),
        (detecting(), {}, {}, NOTHING),
        (detecting(a_detector()), {}, {}, UNKNOWN),
        (detecting(Detectors=UNREAD), {}, {}, UNKNOWN),
    ],
)
def test_protection_plans(place: Any, things: dict[str, Any], limits: dict[str, Any], status: Status) -> None:
    """A plan is asked for where there is something that it protects."""
    assert verdict(protection_plans_enabled, place, **{**NONE, **things}, **limits).status is status


ENABLED = {"status": "ENABLED"}


@pytest.mark.parametrize(
    ("session", "discovery", "buckets", "status"),
    [
        (ENABLED, ENABLED, all_of(HERE), PASS),
        (ENABLED, {"status": "DISABLED"}, all_of(HERE), FAIL),
        ({"status": "PAUSED"}, ENABLED, all_of(HERE), FAIL),
        (None, None, all_of(HERE), FAIL),
        (None, None, all_of(a_bucket(BucketRegion="eu-west-1")), NOTHING),
        (None, None, not_seen(), UNKNOWN),
        (UNREAD, ENABLED, all_of(HERE), UNKNOWN),
        (ENABLED, UNREAD, all_of(HERE), UNKNOWN),
    ],
)
def test_macie(session: Any, discovery: Any, buckets: Any, status: Status) -> None:
    """Where there are buckets to look through."""
    place = a(MacieRegion, {"region": "eu-central-1", "session": session, "discovery": discovery})

    assert verdict(macie_enabled, place, buckets).status is status


@pytest.mark.parametrize(
    ("message", "kind", "code"),
    [
        ("Macie is not enabled.", NotThere, MACIE_IS_OFF),
        ("User: arn:x is not authorized to perform: macie2:GetMacieSession", Denied, "AccessDeniedException"),
    ],
)
def test_that_macie_is_off_is_told_from_a_refusal(message: str, kind: type[Exception], code: str) -> None:
    """AWS has one code for both."""
    with pytest.raises(Exception, match="AccessDenied") as caught:
        refusal("AccessDeniedException", "GetMacieSession")({})
    caught.value.response["Error"]["Message"] = message  # type: ignore[attr-defined]
    assert isinstance(caught.value, Exception)

    found = explain(caught.value)

    assert type(found) is kind
    assert found is not None
    assert found.code == code


def a_domain(**but: Any) -> Domain:
    """A registered domain."""
    body = {"DomainName": "example.com", "AutoRenew": True, "TransferLock": True, **but}
    return a(Domain, described("route53domains:ListDomains", "Domains", body))


@pytest.mark.parametrize(
    ("domain", "limits", "status"),
    [
        (a_domain(), {}, PASS),
        (a_domain(TransferLock=False), {}, FAIL),
        (a_domain(AutoRenew=False), {}, FAIL),
        (a_domain(TransferLock=False), {"domains_without_lock": ("example.com",)}, PASS),
        (a_domain(TransferLock=UNREAD), {}, UNKNOWN),
        (a(Domain, {"DomainName": "example.com", "AutoRenew": True}), {}, UNKNOWN),
        (a_domain(Expiry=ago(days=-90)), {}, PASS),
        # A renewal that failed, say for the payment, leaves the setting on.
        (a_domain(Expiry=ago(days=1)), {}, FAIL),
        (a_domain(Expiry=ago(days=1), TransferLock=False), {"domains_without_lock": ("example.com",)}, FAIL),
    ],
)
def test_domains(domain: Any, limits: dict[str, Any], status: Status) -> None:
    """Some registries know no lock, which the company has to say."""
    assert verdict(domain_transfer_lock, domain, **limits).status is status


def a_firewall(
    *actions: str, status: str = "COMPLETE", vpc: str = "vpc-1", priority: int = 101, **but: Any
) -> DnsFirewall:
    """A rule group of a network, whose rules come in this order."""
    rules = [{"Action": action, "Priority": place} for place, action in enumerate(actions)]
    usual = {
        "Id": f"rslvr-frgassoc-{priority}",
        "VpcId": vpc,
        "FirewallRuleGroupId": f"rslvr-frg-{priority}",
        "Status": status,
        "Priority": priority,
    }
    return a(DnsFirewall, {**usual, "Rules": rules}, **but)


def a_network_with(*servers: str, known: bool = True) -> tuple[Any, Any]:
    """A network whose machines ask these servers for names, and the DHCP options that were seen."""
    told = [{"Key": "domain-name-servers", "Values": [{"Value": server} for server in servers]}]
    body = {"DhcpOptionsId": "dopt-1", "DhcpConfigurations": told if servers else []}
    options = a(DhcpOptions, described("ec2:DescribeDhcpOptions", "DhcpOptions", body))
    return a(Vpc, {"VpcId": "vpc-1", "DhcpOptionsId": "dopt-1"}), all_of(options) if known else all_of()


OWN_RESOLVER = a_network_with("AmazonProvidedDNS")


@pytest.mark.parametrize(
    ("firewalls", "limits", "status"),
    [
        (all_of(a_firewall("ALERT", "BLOCK")), {}, PASS),
        (all_of(a_firewall("ALERT")), {}, FAIL),
        (all_of(a_firewall()), {}, FAIL),
        (all_of(a_firewall("BLOCK", vpc="vpc-2")), {}, FAIL),
        (all_of(), {}, FAIL),
        (all_of(a_firewall("BLOCK", status="UPDATING")), {}, UNKNOWN),
        (all_of(a_firewall(Rules=UNREAD)), {}, UNKNOWN),
        # What is allowed first is not blocked later, and may be everything.
        (all_of(a_firewall("BLOCK", "ALLOW")), {}, PASS),
        (all_of(a_firewall("ALLOW", "BLOCK")), {}, UNKNOWN),
        (all_of(a_firewall("ALLOW")), {}, FAIL),
        (all_of(a_firewall("BLOCK", priority=200), a_firewall("ALLOW", priority=150)), {}, UNKNOWN),
        (all_of(a_firewall("BLOCK", priority=150), a_firewall("ALLOW", priority=200)), {}, PASS),
        (all_of(a_firewall("BLOCK", priority=200), a_firewall("ALERT", priority=150)), {}, PASS),
        (all_of(a_firewall("BLOCK", priority=200), a_firewall(priority=150, Rules=UNREAD)), {}, UNKNOWN),
        (all_of(a_firewall(Rules=[{"Action": "BLOCK", "Priority": 1, "Status": "CREATION_FAILED"}])), {}, FAIL),
        (all_of(a_firewall(Rules=[{"Action": "ALLOW"}, {"Action": "BLOCK"}])), {}, UNKNOWN),
        (all_of(), {"networks_filtered_elsewhere": ("vpc-1",)}, NOTHING),
        (not_seen(), {}, UNKNOWN),
    ],
)
def test_dns_firewalls(firewalls: Any, limits: dict[str, Any], status: Status) -> None:
    """A group that only watches blocks nothing."""
    network, options = OWN_RESOLVER

    assert verdict(dns_firewall_enabled, network, firewalls, options, **limits).status is status


@pytest.mark.parametrize(
    ("network", "blocks", "status"),
    [
        (a_network_with("AmazonProvidedDNS"), "BLOCK", PASS),
        (a_network_with("169.254.169.253", "fd00:ec2::253"), "BLOCK", PASS),
        (a_network_with("198.51.100.53"), "BLOCK", UNKNOWN),
        (a_network_with("AmazonProvidedDNS", "198.51.100.53"), "BLOCK", UNKNOWN),
        (a_network_with("198.51.100.53"), "ALERT", FAIL),
        (a_network_with(), "BLOCK", UNKNOWN),
        (a_network_with("AmazonProvidedDNS", known=False), "BLOCK", UNKNOWN),
        ((a_network(), all_of()), "BLOCK", UNKNOWN),
        ((a_network_with()[0], not_seen()), "BLOCK", UNKNOWN),
    ],
)
def test_networks_that_ask_others_for_names(network: Any, blocks: str, status: Status) -> None:
    """The firewall sees what Route 53 Resolver is asked, and nothing else."""
    place, options = network

    assert verdict(dns_firewall_enabled, place, all_of(a_firewall(blocks)), options).status is status


BUCKET = "arn:aws:s3:::acme-files"
DATABASE = f"arn:aws:rds:eu-central-1:{OWN}:db:db-1"


def with_tags(arn: str, **tags: str) -> TaggedResource:
    """A resource with tags, `_` for `-`."""
    listed = [{"Key": key.replace("_", "-"), "Value": value} for key, value in tags.items()]
    return a(TaggedResource, {"ResourceARN": arn, "Tags": listed})


def tags(*resources: Any) -> Any:
    """The list of tags of one region."""
    return in_regions(eu_central_1=resources)


def stores(**but: Any) -> dict[str, Any]:
    """One bucket and one database, and nothing else."""
    usual = {
        "buckets": all_of(HERE),
        "instances": all_of(a_database()),
        "clusters": all_of(),
        "tables": all_of(),
        "file_systems": all_of(),
    }
    return {**usual, **but}


@pytest.mark.parametrize(
    ("tagged", "seen", "status"),
    [
        (tags(with_tags(BUCKET, owner="web"), with_tags(DATABASE, Owner="web")), stores(), PASS),
        (tags(with_tags(BUCKET, owner="web"), with_tags(DATABASE, owner="")), stores(), FAIL),
        (tags(with_tags(BUCKET, owner="web")), stores(), FAIL),
        (tags(with_tags(BUCKET, owner="web")), stores(instances=all_of(a_database(DBClusterIdentifier="c"))), PASS),
        (tags(), stores(clusters=all_of(a_db_cluster())), FAIL),
        (tags(), stores(buckets=all_of(), instances=all_of()), NOTHING),
        (not_seen(), stores(), UNKNOWN),
        (tags(), stores(instances=not_seen()), UNKNOWN),
        # A bucket in a region of which no tags were listed.
        (tags(with_tags(DATABASE, owner="web")), stores(buckets=all_of(a_bucket(BucketRegion="eu-west-1"))), UNKNOWN),
        (tags(), stores(buckets=all_of(a_bucket(BucketRegion="eu-west-1"))), FAIL),
    ],
)
def test_owners(tagged: Any, seen: dict[str, Any], status: Status) -> None:
    """What never had a tag is in no list of tags, and in the list of its service."""
    assert verdict(owner_tag_present, tagged, **seen).status is status


def test_owners_of_tables_and_file_systems() -> None:
    """Their places are made of the region that they were seen in."""
    seen = stores(
        buckets=all_of(),
        instances=all_of(),
        tables=in_regions(eu_central_1=[a_table()]),
        file_systems=in_regions(eu_central_1=[a_file_system()]),
    )
    here = f"eu-central-1:{OWN}"
    tagged = tags(
        with_tags(f"arn:aws:dynamodb:{here}:table/carts", owner="web"),
        with_tags(f"arn:aws:elasticfilesystem:{here}:file-system/fs-1", owner="web"),
    )

    assert verdict(owner_tag_present, tagged, **seen).status is PASS
    assert verdict(owner_tag_present, tags(), **seen).status is FAIL


@pytest.mark.parametrize(
    ("bucket", "database", "status"),
    [
        ("confidential", "Internal", PASS),
        ("confidential", "secret", FAIL),
        ("confidential", "", FAIL),
    ],
)
def test_classes(bucket: str, database: str, status: Status) -> None:
    """A class that the company does not have is none."""
    tagged = tags(with_tags(BUCKET, data_classification=bucket), with_tags(DATABASE, data_classification=database))

    assert verdict(classification_tag_present, tagged, **stores()).status is status
    assert verdict(classification_tag_present, not_seen(), **stores()).status is UNKNOWN


PRODUCTION, TEST = with_tags(BUCKET, environment="Production"), with_tags(DATABASE, environment="test")
UNTAGGED = with_tags("arn:aws:s3:::other", owner="web")
LIVE = with_tags("arn:aws:s3:::files", environment="live")


@pytest.mark.parametrize(
    ("tagged", "status"),
    [
        (tags(PRODUCTION, TEST), FAIL),
        (tags(PRODUCTION), PASS),
        (tags(TEST), PASS),
        (tags(PRODUCTION, UNTAGGED), UNKNOWN),
        (tags(UNTAGGED), UNKNOWN),
        (tags(), UNKNOWN),
        (tags(PRODUCTION, TEST, UNTAGGED), FAIL),
        (tags(LIVE), PASS),
        (tags(LIVE, TEST), UNKNOWN),
        (tags(LIVE, PRODUCTION), UNKNOWN),
        (not_seen(), UNKNOWN),
    ],
)
def test_environments(tagged: Any, status: Status) -> None:
    """What has no such tag may be either."""
    assert verdict(workloads_separated, tagged, **workloads()).status is status


@pytest.mark.parametrize(
    ("limits", "status"),
    [({"production_values": ("live",)}, FAIL), ({"other_values": ("live", "test")}, PASS), ({}, UNKNOWN)],
)
def test_the_company_says_which_environments_are_production(limits: Any, status: Status) -> None:
    """How a value is spelled does not."""
    assert verdict(workloads_separated, tags(LIVE, TEST), **workloads(), **limits).status is status


def workloads(**but: Any) -> dict[str, Any]:
    """Nothing in any list of a service."""
    lists = ("buckets", "instances", "clusters", "tables", "file_systems", "functions")
    return {**{name: all_of() for name in lists}, "machines": in_regions(eu_central_1=[]), **but}


@pytest.mark.parametrize(
    ("tagged", "seen", "status"),
    [
        (tags(PRODUCTION), workloads(buckets=all_of(HERE)), PASS),
        (tags(PRODUCTION), workloads(instances=all_of(a_database())), UNKNOWN),
        (tags(PRODUCTION, TEST), workloads(instances=not_seen()), FAIL),
        (tags(PRODUCTION), workloads(instances=not_seen()), UNKNOWN),
        (tags(PRODUCTION), workloads(functions=all_of(a_function())), UNKNOWN),
        (tags(PRODUCTION), workloads(machines=in_regions(eu_central_1=[an_instance()])), UNKNOWN),
        (tags(PRODUCTION), workloads(machines=in_regions(eu_central_1=[an_instance("terminated")])), PASS),
        (
            tags(with_tags(f"arn:aws:ec2:eu-central-1:{OWN}:instance/i-1", environment="prod")),
            workloads(machines=in_regions(eu_central_1=[an_instance()])),
            PASS,
        ),
        (tags(TEST), workloads(buckets=all_of(a_bucket(BucketRegion="eu-west-1"))), UNKNOWN),
    ],
)
def test_environments_of_what_never_had_a_tag(tagged: Any, seen: dict[str, Any], status: Status) -> None:
    """It is in no list of tags, and may be production or not."""
    assert verdict(workloads_separated, tagged, **seen).status is status
