"""Situations that other tools answered wrongly, from their public trackers; here with the right answer."""

from __future__ import annotations

import pytest

from collector.core.checks import Status
from connectors.gcp._network.rules import vpc_rules
from connectors.gcp.apikeys import keys as api_keys
from connectors.gcp.compute import instance_checks, network_checks
from connectors.gcp.compute.instances import ComputeProject, Instance, flags_of
from connectors.gcp.compute.networks import Network
from connectors.gcp.dns import zones
from connectors.gcp.gke import checks as gke_checks
from connectors.gcp.gke.clusters import Cluster
from connectors.gcp.iam import grant_checks
from connectors.gcp.iam.resources import RolePowers
from connectors.gcp.kms import keys
from connectors.gcp.logging import checks as logging_checks
from connectors.gcp.logging.resources import ProjectSink
from connectors.gcp.sql import checks as sql_checks
from connectors.gcp.sql.instances import SqlInstance
from connectors.gcp.storage import checks as storage_checks
from connectors.gcp.storage.buckets import Bucket
from tests.connectors.gcp import bodies
from tests.connectors.gcp.bodies import Json
from tests.connectors.gcp.judging import FOLDER, NOBODY_ABOVE, ORGANIZATION, UNREAD, a_container, a_project, seen
from tests.connectors.github.judging import FAIL, NOTHING, PASS, UNKNOWN, CompleteSet, status, view


def a_network(*firewalls: Json) -> Network:
    """Return a network with VPC rules."""
    return seen(Network, bodies.network(), effective={"firewalls": list(firewalls)}, regional=[])


def test_prevention_that_is_inherited_prevents_nothing_by_itself() -> None:
    """nccgroup/ScoutSuite#1596: a public bucket was never found, because each bucket is enforced or inherited."""
    bucket = seen(Bucket, bodies.bucket(), policy=bodies.bucket_policy(("roles/storage.objectViewer", "allUsers")))

    assert status(storage_checks.not_public, bucket, CompleteSet()) is FAIL


def test_a_rule_that_does_not_say_whether_it_is_off_is_on() -> None:
    """nccgroup/ScoutSuite#845: a rule without `disabled` was shown as disabled, and one that is off was counted."""
    rule = bodies.firewall(sourceRanges=["0.0.0.0/0"])
    del rule["disabled"]

    assert status(network_checks.no_admin_ports_open, a_network(rule)) is FAIL
    assert status(network_checks.no_admin_ports_open, a_network({**rule, "disabled": True})) is PASS


def test_a_rule_without_ports_is_for_all_of_them() -> None:
    """aquasecurity/trivy-checks#461: ports that are left out were taken for none."""
    rule = bodies.firewall(sourceRanges=["0.0.0.0/0"], allowed=[{"IPProtocol": "tcp"}])

    assert status(network_checks.no_db_ports_open, a_network(rule)) is FAIL


def test_a_protocol_without_ports_is_no_error() -> None:
    """bridgecrewio/checkov#75: a rule that allows ICMP beside ports of TCP ended the tool."""
    allowed = [{"IPProtocol": "icmp"}, {"IPProtocol": "tcp", "ports": ["8080", "443"]}]
    rule = bodies.firewall(sourceRanges=["0.0.0.0/0"], allowed=allowed)

    assert status(network_checks.no_admin_ports_open, a_network(rule)) is PASS
    assert [layer[0] for layer in next(vpc_rules([rule])).layers] == ["icmp", "tcp"]


@pytest.mark.parametrize("ports", [["80", "22"], ["443", "3389", "22"], ["80", "1-100"]])
def test_every_port_of_a_rule_counts(ports: list[str]) -> None:
    """prowler-cloud/prowler#12115: only the first port of a rule was looked at."""
    rule = bodies.firewall(sourceRanges=["0.0.0.0/0"], ports=tuple(ports))

    assert status(network_checks.no_admin_ports_open, a_network(rule)) is FAIL


def test_audit_logs_that_a_folder_turns_on_are_on() -> None:
    """elastic/csp-security-policies#305: the policy of a project does not show what its folder turns on."""
    folder = a_container("folders/10", auditConfigs=bodies.audit_configs())
    check = grant_checks.audit_logs_all_services

    assert status(check, a_project(), CompleteSet(folder, ORGANIZATION)) is PASS
    assert status(check, a_project(), CompleteSet(FOLDER, ORGANIZATION)) is FAIL


def test_a_key_that_rotates_in_years_does_not_rotate_in_time() -> None:
    """prowler-cloud/prowler#4617: the period was short, and the first rotation years away."""
    nobody = bodies.policy()
    key = seen(keys.CryptoKey, bodies.crypto_key(nextRotationTime=bodies.ago(-900)), policy=nobody, ringPolicy=nobody)

    assert status(keys.rotation_period, key) is FAIL


def test_what_google_leaves_out_is_no_error() -> None:
    """prowler-cloud/prowler#5016: keys that are left out ended checks, and so did times with fractions of a second."""
    restrictions = {"browserKeyRestrictions": {"allowedReferrers": ["acme.example/*"]}}
    zone = {name: value for name, value in bodies.zone().items() if name != "dnssecConfig"}
    key = bodies.crypto_key(nextRotationTime="2026-04-06T22:00:00.561275Z")
    nobody = bodies.policy()

    assert status(api_keys.restricted, seen(api_keys.ApiKey, bodies.api_key(restrictions=restrictions))) is FAIL
    assert status(zones.dnssec_enabled, seen(zones.Zone, zone)) is FAIL
    assert status(keys.rotation_period, seen(keys.CryptoKey, key, policy=nobody, ringPolicy=nobody)) is PASS


@pytest.mark.parametrize(
    ("ip", "expected"),
    [
        ({"requireSsl": True, "sslMode": "TRUSTED_CLIENT_CERTIFICATE_REQUIRED"}, PASS),
        ({"requireSsl": False, "sslMode": "ENCRYPTED_ONLY"}, PASS),
        ({"requireSsl": True, "sslMode": "ALLOW_UNENCRYPTED_AND_ENCRYPTED"}, FAIL),
    ],
)
def test_the_newer_setting_of_tls_counts(ip: Json, expected: Status) -> None:
    """prowler-cloud/prowler#6668 and #6916: both settings were asked for, or one value of the newer one only."""
    instance = seen(SqlInstance, bodies.sql_instance(ip=ip), backups=[])

    assert status(sql_checks.tls_required, instance) is expected


def test_a_replica_has_no_backups_of_its_own() -> None:
    """nccgroup/ScoutSuite#437: a replica was found to have none, which nobody can configure."""
    replica = bodies.sql_instance(instanceType="READ_REPLICA_INSTANCE", settings={"backupConfiguration": None})

    assert status(sql_checks.backups_enabled, seen(SqlInstance, replica, backups=[])) is NOTHING


def test_os_login_that_a_constraint_turned_on_is_on() -> None:
    """prowler-cloud/prowler#11340: Google writes `true` in small letters where a constraint asks for it."""
    body = bodies.compute_project(enable_oslogin="true", enable_oslogin_2fa="true")
    project = seen(ComputeProject, body, flags=flags_of(body["commonInstanceMetadata"]))
    none: CompleteSet = CompleteSet()

    assert status(instance_checks.os_login_required, project, none) is PASS
    assert status(instance_checks.os_login_2fa, project, none) is PASS


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("roles/accessapproval.configEditor", PASS),
        ("roles/viewer", PASS),
        ("roles/editor", FAIL),
        ("roles/compute.networkAdmin", FAIL),
    ],
)
def test_a_role_is_not_an_administrators_for_a_word_in_its_name(role: str, expected: Status) -> None:
    """prowler-cloud/prowler#4393 and Checkmarx/kics#5206: `editor` anywhere in a name was taken for the basic role."""
    account = "serviceAccount:ci@acme-prod.iam.gserviceaccount.com"
    roles = view(RolePowers, roles={role: []})
    above = CompleteSet(*NOBODY_ABOVE)

    found = status(grant_checks.service_account_no_admin_role, a_project((role, account)), above, roles, CompleteSet())

    assert found is expected


@pytest.mark.parametrize(
    "ip",
    [
        {"enabled": False},
        {"enabled": True, "enablePublicEndpoint": False},
        {"enabled": True, "authorizedNetworksConfig": {}},
    ],
)
def test_a_control_plane_without_a_public_address_needs_no_networks(ip: Json) -> None:
    """google/gke-policy-automation#227: a private cluster was invalid, because it names no authorized networks."""
    private: Json = {"privateClusterConfig": {"enablePrivateEndpoint": True, "enablePrivateNodes": True}}
    cluster = bodies.cluster(controlPlaneEndpointsConfig={"ipEndpointsConfig": ip}, **private)

    assert status(gke_checks.private_control_plane, seen(Cluster, cluster)) is PASS


def test_machines_of_the_same_cloud_are_let_in_beside_the_networks() -> None:
    """terraform-google-modules/terraform-google-kubernetes-engine#2554: networks were set, and a machine came in."""
    networks = {"enabled": True, "gcpPublicCidrsAccessEnabled": True, "cidrBlocks": [{"cidrBlock": "192.0.2.1/32"}]}
    ip = {"enabled": True, "enablePublicEndpoint": True, "authorizedNetworksConfig": networks}
    cluster = bodies.cluster(controlPlaneEndpointsConfig={"ipEndpointsConfig": ip})

    assert status(gke_checks.private_control_plane, seen(Cluster, cluster)) is FAIL


@pytest.mark.parametrize("level", ["folders/10", "organizations/1"])
def test_a_sink_above_takes_the_logs_of_what_is_below(level: str) -> None:
    """prowler-cloud/prowler#11343: a project failed whose logs go through a sink of its folder or organization."""
    sinks = (bodies.sink(includeChildren=True),)
    above = [a_container(name, sinks=sinks if name == level else ()) for name in ("folders/10", "organizations/1")]
    own = CompleteSet(seen(ProjectSink, bodies.sink("_Required", destination="logging.googleapis.com/x/_Required")))

    assert status(logging_checks.sink_exports_all, a_project(), own, CompleteSet(*above)) is PASS


def test_a_list_that_was_refused_shows_nothing() -> None:
    """prowler-cloud/prowler#3426: without the permission there were no instances, and nothing was found."""
    metadata = bodies.compute_project()
    project = seen(ComputeProject, metadata, flags=flags_of(metadata["commonInstanceMetadata"]))

    assert status(instance_checks.os_login_required, project, UNREAD) is UNKNOWN


def test_an_instance_says_itself_what_it_blocks() -> None:
    """prowler-cloud/prowler#8110: of instances with the same metadata some were judged by something else."""
    own = bodies.instance(metadata=bodies.metadata(serial_port_enable="FALSE"))
    shared = bodies.compute_project(serial_port_enable="TRUE")
    project = seen(ComputeProject, shared, flags=flags_of(shared["commonInstanceMetadata"]))
    instance = seen(Instance, own, place="p", flags=flags_of(own["metadata"]))

    assert status(instance_checks.serial_port_disabled, instance, project) is PASS
