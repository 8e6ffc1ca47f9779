"""The checks of load balancers."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Status
from connectors.aws.elb.checks.listeners import classic_https_listeners_only, https_listeners_only
from connectors.aws.elb.checks.tls import classic_strong_tls_policy, strong_tls_policy
from tests.connectors.aws.builders import FAIL, NOTHING, PASS, UNKNOWN, UNREAD, all_of, not_seen, verdict
from tests.connectors.aws.exposure_builders import ALL_4, OPEN_6, a_group, a_table, letting, seen
from tests.connectors.aws.service_builders import (
    FORWARD,
    a_balancer,
    a_classic,
    a_classic_listener,
    a_classic_policy,
    a_listener,
    a_rule,
    fixed,
    redirect,
    tls_policies,
)

UNSEEN = (not_seen(), not_seen(), not_seen(), not_seen())
HTTPS = a_listener("HTTPS", policy="modern")
LOGIN = {
    "Type": "authenticate-cognito",
    "AuthenticateCognitoConfig": {"UserPoolArn": "arn", "UserPoolClientId": "c", "UserPoolDomain": "d"},
}


def http(*rules: Any) -> Any:
    """A listener of HTTP."""
    return a_listener("HTTP", 80, *rules)


@pytest.mark.parametrize(
    ("balancer", "status"),
    [
        (a_balancer(HTTPS), PASS),
        (a_balancer(HTTPS, http(a_rule(redirect()))), PASS),
        (a_balancer(http(a_rule(redirect()))), PASS),
        (a_balancer(http(a_rule(fixed("403")))), PASS),
        (a_balancer(http(a_rule(fixed("503")))), PASS),
        (a_balancer(http(a_rule(fixed("200")))), FAIL),
        (a_balancer(HTTPS, http(a_rule(FORWARD))), FAIL),
        (a_balancer(http(a_rule(redirect("HTTP")))), FAIL),
        (a_balancer(http(a_rule(redirect("#{protocol}")))), FAIL),
        (a_balancer(http(a_rule(redirect(None)))), FAIL),
        (a_balancer(http(a_rule(LOGIN, FORWARD))), FAIL),
        # The default redirects, and a rule before it serves.
        (a_balancer(HTTPS, http(a_rule(FORWARD, priority="1"), a_rule(redirect()))), FAIL),
        (a_balancer(HTTPS, http(a_rule(redirect(), priority="1"), a_rule(redirect()))), PASS),
        (a_balancer(a_listener("HTTP", 80)), FAIL),
        (a_balancer(a_listener("TLS", policy="modern"), Type="network"), PASS),
        (a_balancer(a_listener("TCP"), Type="network"), NOTHING),
        (a_balancer(a_listener("TLS"), a_listener("UDP", 53), Type="network"), NOTHING),
        (a_balancer(a_listener("SOMETHING-NEW"), Type="network"), UNKNOWN),
        (a_balancer(Type="gateway", Scheme=UNREAD), NOTHING),
        (a_balancer(), NOTHING),
        (a_balancer(http(a_rule(FORWARD)), Scheme="internal"), NOTHING),
        (a_balancer(Listeners=UNREAD), UNKNOWN),
    ],
)  # fmt: skip
def test_listeners(balancer: Any, status: Status) -> None:
    """Each rule of an HTTP listener counts, not its default alone."""
    assert verdict(https_listeners_only, balancer, *UNSEEN).status is status


def test_the_way_to_a_listener_is_said() -> None:
    """By its own ports, zones and groups; without groups everything passes."""
    whole = seen(groups=(a_group(letting(ALL_4, port=80)),))
    parts = (all_of(*whole.subnets), all_of(*whole.tables), all_of(*whole.acls), all_of(*whole.groups))
    six = (parts[0], all_of(a_table(OPEN_6)), *parts[2:])
    balancer = http(a_rule(FORWARD))

    reasons = [
        verdict(https_listeners_only, a_balancer(balancer), *parts).reason,
        verdict(https_listeners_only, a_balancer(balancer, SecurityGroups=[]), *parts).reason,
        verdict(
            https_listeners_only, a_balancer(balancer, IpAddressType="dualstack-without-public-ipv4"), *parts
        ).reason,
        verdict(https_listeners_only, a_balancer(balancer, SecurityGroups=[], IpAddressType="dualstack"), *six).reason,
        verdict(https_listeners_only, a_balancer(balancer), *UNSEEN).reason,
        verdict(classic_https_listeners_only, a_classic(a_classic_listener("HTTP", 80)), *parts).reason,
    ]

    assert "internet -> igw-1 -> rtb-1 -> subnet-1 -> sg-1: tcp 80 from all of IPv4 -> web" in reasons[0]
    assert "internet -> igw-1 -> rtb-1 -> subnet-1 -> web" in reasons[1]
    assert "does not reach web" in reasons[2]
    assert "internet -> igw-1" in reasons[3]
    assert "cannot be told" in reasons[4]
    assert "sg-1: tcp 80 from all of IPv4 -> old" in reasons[5]


@pytest.mark.parametrize(
    ("balancer", "status"),
    [
        (a_classic(a_classic_listener("HTTPS")), PASS),
        (a_classic(a_classic_listener("SSL")), PASS),
        (a_classic(a_classic_listener("HTTPS"), a_classic_listener("HTTP", 80)), FAIL),
        (a_classic(a_classic_listener("http", 80)), FAIL),
        (a_classic(a_classic_listener("TCP")), NOTHING),
        (a_classic(a_classic_listener("SOMETHING")), UNKNOWN),
        (a_classic(), NOTHING),
        (a_classic(a_classic_listener("HTTP", 80), Scheme="internal"), NOTHING),
    ],
)
def test_classic_listeners(balancer: Any, status: Status) -> None:
    """A classic load balancer cannot redirect."""
    assert verdict(classic_https_listeners_only, balancer, *UNSEEN).status is status


POLICIES = tls_policies(
    modern=("TLSv1.2", "TLSv1.3"),
    newest=("TLSv1.3",),
    old=("TLSv1", "TLSv1.1", "TLSv1.2"),
    oldest=("SSLv3", "TLSv1.2"),
    strange=("TLSv1.2", "QTLSv9"),
    empty=(),
)


@pytest.mark.parametrize(
    ("names", "status"),
    [
        (("modern",), PASS),
        (("newest",), PASS),
        (("modern", "newest"), PASS),
        (("old",), FAIL),
        (("oldest",), FAIL),
        (("modern", "old"), FAIL),
        (("strange",), UNKNOWN),
        (("strange", "old"), FAIL),
        (("empty",), UNKNOWN),
        (("from-tomorrow",), UNKNOWN),
        ((None,), UNKNOWN),
    ],
)
def test_what_a_policy_takes_is_read_and_not_its_name(names: tuple[str | None, ...], status: Status) -> None:
    """AWS adds policies each year."""
    listeners = [a_listener("HTTPS", 443 + number, policy=name) for number, name in enumerate(names)]

    assert verdict(strong_tls_policy, a_balancer(*listeners), POLICIES).status is status


def test_tls_elsewhere() -> None:
    """Without TLS there is nothing to ask, and a policy of a listener of HTTP is none."""
    assert verdict(strong_tls_policy, a_balancer(a_listener("HTTP", 80, policy="old")), POLICIES).status is NOTHING
    assert verdict(strong_tls_policy, a_balancer(HTTPS), tls_policies(UNREAD)).status is UNKNOWN
    assert verdict(strong_tls_policy, a_balancer(Listeners=UNREAD), POLICIES).status is UNKNOWN
    network = a_balancer(a_listener("TLS", policy="old"), Type="network", Scheme="internal")
    assert verdict(strong_tls_policy, network, POLICIES).status is FAIL


def test_the_oldest_version_is_a_limit() -> None:
    """From both sides; a limit that is no version decides nothing."""
    old, modern = (a_balancer(a_listener("HTTPS", policy=name)) for name in ("old", "modern"))

    assert verdict(strong_tls_policy, old, POLICIES, min_tls="TLSv1").status is PASS
    assert verdict(strong_tls_policy, modern, POLICIES, min_tls="TLSv1.3").status is FAIL
    assert verdict(strong_tls_policy, modern, POLICIES, min_tls="best").status is UNKNOWN


GOOD = a_classic_policy("good", TLSv1=False, TLSv1_1=False, TLSv1_2=True)
OLD = a_classic_policy("old", TLSv1=True, TLSv1_1=True, TLSv1_2=True)
BARE = a_classic_policy("bare")
COOKIES = {"PolicyName": "cookies", "PolicyTypeName": "LBCookieStickinessPolicyType"}


@pytest.mark.parametrize(
    ("names", "policies", "status"),
    [
        (("good",), (GOOD,), PASS),
        (("good",), (GOOD, OLD), PASS),
        (("old",), (GOOD, OLD), FAIL),
        (("cookies", "good"), (GOOD, COOKIES), PASS),
        (("cookies",), (GOOD, COOKIES), UNKNOWN),
        (("bare",), (BARE,), UNKNOWN),
        ((), (GOOD,), UNKNOWN),
        (("good",), UNREAD, UNKNOWN),
    ],
)
def test_classic_policies(names: tuple[str, ...], policies: Any, status: Status) -> None:
    """What a policy takes is in its attributes."""
    balancer = a_classic(a_classic_listener("HTTPS", 443, *names), policies=policies)

    assert verdict(classic_strong_tls_policy, balancer).status is status


def test_classic_limit() -> None:
    """From both sides, and nothing to ask without TLS."""
    balancer = a_classic(a_classic_listener("SSL", 443, "good"), policies=(GOOD,))

    assert verdict(classic_strong_tls_policy, balancer, min_tls="TLSv1.3").status is FAIL
    assert verdict(classic_strong_tls_policy, a_classic(a_classic_listener("HTTP", 80))).status is NOTHING
