"""Users, administrators and domains, each on both sides of its edge, with none, and unread."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Status
from connectors._network.spf import redirect_of
from connectors.googleworkspace.directory.domains import Domain, email_records
from connectors.googleworkspace.directory.mail_records import Records, Says, plain_text, spf
from connectors.googleworkspace.directory.roles import super_admin_count
from connectors.googleworkspace.directory.users import User, enrolled, inactive_suspended
from connectors.googleworkspace.identity.sso import SsoAssignment
from connectors.googleworkspace.own_scopes import OwnScope, read_only
from connectors.googleworkspace.policy.admins import phishing_resistant_admins
from tests.connectors.googleworkspace.judging import (
    ADMINS,
    FAIL,
    NOTHING,
    PASS,
    UNKNOWN,
    UnreadSet,
    ago,
    assignments,
    every,
    groups,
    of_policies,
    one,
    policy_status,
    roles,
    status,
    units,
    unread,
    users,
    verdict,
)
from tests.connectors.googleworkspace.shapes import ROOT, a_policy, a_user

SUPER, READER = {"roleId": "901", "isSuperAdminRole": True}, {"roleId": "902"}
FACTORS = "security.two_step_verification_enforcement_factor"


def a_view(**but: Any) -> User:
    """A user as stored."""
    return one(User, {"mail": "", **a_user("ada", **but)})


def sso(mode: str, unit: str = "", group: str = "") -> dict[str, Any]:
    """An assignment of single sign-on."""
    target = {"targetOrgUnit": f"orgUnits/{unit}"} if unit else {"targetGroup": f"groups/{group}"}
    return {"name": f"inboundSsoAssignments/{unit}{group}", "ssoMode": mode, **target}


def held(user: str, role: str = "901", kind: str = "user") -> dict[str, Any]:
    """A role that somebody holds."""
    return {"roleAssignmentId": f"{user}{role}", "roleId": role, "assignedTo": user, "assigneeType": kind}


def a_group(group: str, *members: str, kind: str = "USER") -> dict[str, Any]:
    """A group with members."""
    return {"id": group, "email": f"{group}@acme.example", "members": [{"id": name, "type": kind} for name in members]}


@pytest.mark.parametrize(
    ("but", "status_"),
    [
        ({}, PASS),
        ({"isEnrolledIn2Sv": False}, FAIL),
        ({"isEnrolledIn2Sv": False, "suspended": True}, NOTHING),
        ({"isEnrolledIn2Sv": False, "archived": True}, NOTHING),
        ({"isEnrolledIn2Sv": False, "creationTime": ago(7)}, PASS),
        ({"isEnrolledIn2Sv": False, "creationTime": ago(7.001)}, FAIL),
        ({"isEnrolledIn2Sv": False, "isAdmin": True}, FAIL),
    ],
)
def test_enrolment_in_two_step_verification(but: dict[str, Any], status_: Status) -> None:
    """Of people who can sign in, after the days that a new user has."""
    assert status(enrolled, a_view(**but), every(SsoAssignment, []), units()) is status_


@pytest.mark.parametrize(
    ("assigned", "path", "status_"),
    [
        ([sso("SAML_SSO", unit=ROOT)], "/Sales/Berlin", UNKNOWN),
        ([sso("OIDC_SSO", unit=ROOT)], "/", UNKNOWN),
        ([sso("SAML_SSO", unit=ADMINS)], "/Sales", FAIL),
        ([sso("SAML_SSO", unit=ROOT), sso("SSO_OFF", unit=ADMINS)], "/Admins", FAIL),
        ([sso("SSO_OFF", unit=ROOT), sso("SAML_SSO", unit=ADMINS)], "/Admins", UNKNOWN),
        ([sso("DOMAIN_WIDE_SAML_IF_ENABLED", unit=ROOT)], "/Sales", UNKNOWN),
        ([sso("SAML_SSO", group="01grp")], "/Sales", UNKNOWN),
        ([sso("SSO_OFF", group="01grp")], "/Sales", FAIL),
        ([sso("SSO_OFF", unit=ROOT)], "/Sales", FAIL),
        ([sso("SAML_SSO", unit=ROOT)], "/Gone", UNKNOWN),
    ],
)
def test_people_who_sign_in_elsewhere(assigned: list[dict[str, Any]], path: str, status_: Status) -> None:
    """Google does not see their second factor, and of those who may sign in elsewhere it is open."""
    user = a_view(isEnrolledIn2Sv=False, orgUnitPath=path)

    assert status(enrolled, user, every(SsoAssignment, assigned), units()) is status_


def test_super_administrators_always_sign_in_at_google() -> None:
    """Whatever single sign-on is set up for the company."""
    admin = a_view(isEnrolledIn2Sv=False, isAdmin=True)

    assert status(enrolled, admin, every(SsoAssignment, [sso("SAML_SSO", unit=ROOT)]), units()) is FAIL


def test_without_the_list_of_assignments_it_is_open_who_signs_in_elsewhere() -> None:
    """And an enrolled user is enrolled."""
    assert status(enrolled, a_view(isEnrolledIn2Sv=False), UnreadSet(), units()) is UNKNOWN
    assert status(enrolled, a_view(), UnreadSet(), UnreadSet()) is PASS


@pytest.mark.parametrize(
    ("but", "status_"),
    [
        ({"lastLoginTime": ago(90)}, PASS),
        ({"lastLoginTime": ago(90.01)}, FAIL),
        ({"lastLoginTime": "1970-01-01T00:00:00.000Z", "creationTime": ago(89)}, PASS),
        ({"lastLoginTime": "1970-01-01T00:00:00.000Z", "creationTime": ago(91)}, FAIL),
        ({"lastLoginTime": ago(400), "suspended": True}, PASS),
        ({"lastLoginTime": ago(400), "archived": True}, PASS),
        ({"lastLoginTime": ago(400), "creationTime": ago(1)}, PASS),
    ],
)
def test_inactive_users(but: dict[str, Any], status_: Status) -> None:
    """1970 is Google's word for never; a new account counts from its creation."""
    assert status(inactive_suspended, a_view(**but)) is status_
    assert status(inactive_suspended, a_view(lastLoginTime=ago(90.01)), max_inactive="120d") is PASS
    assert status(inactive_suspended, unread(User)) is UNKNOWN


@pytest.mark.parametrize(
    ("people", "roles_held", "in_groups", "status_"),
    [
        (4, [], [], PASS),
        (5, [], [], FAIL),
        (2, [], [], PASS),
        (1, [], [], FAIL),
        (0, [], [], FAIL),
        (1, [held("u9")], [], PASS),
        (1, [held("u9", role="902")], [], FAIL),
        (1, [held("g1", kind="group")], [a_group("g1", "u9")], PASS),
        (1, [held("g1", kind="GROUP")], [a_group("g1", "C01abc234", kind="CUSTOMER")], FAIL),
    ],
)
def test_how_many_have_all_rights(
    people: int, roles_held: list[dict[str, Any]], in_groups: list[dict[str, Any]], status_: Status
) -> None:
    """By Google's own mark, by a role, and by a role of a group; those who cannot sign in do not count."""
    listed = [a_user(f"admin{number}", id=f"a{number}", isAdmin=True) for number in range(people)]
    others = [a_user(f"u{number}", id=f"u{number}") for number in range(5, 10)]
    gone = [a_user("gone", id="gone", isAdmin=True, suspended=True)]

    found = status(
        super_admin_count,
        assignments(*roles_held),
        roles(SUPER, READER),
        users(*listed, *others, *gone),
        groups(*in_groups),
    )

    assert found is status_


def test_a_role_of_a_group_that_was_not_read_leaves_the_number_open() -> None:
    """And where no group holds the role, groups are not looked at."""
    two = users(a_user("a", isAdmin=True), a_user("b", isAdmin=True))

    assert status(super_admin_count, assignments(held("g1", kind="GROUP")), roles(SUPER), two, UnreadSet()) is UNKNOWN
    assert (
        status(super_admin_count, assignments(held("g1", "902", "GROUP")), roles(SUPER, READER), two, UnreadSet())
        is PASS
    )


def factor(word: str, **but: Any) -> dict[str, Any]:
    """A policy about the factors that may be used."""
    return a_policy(FACTORS, {"allowedSignInFactorSet": word}, **but)


@pytest.mark.parametrize(
    ("policies", "members", "status_"),
    [
        ([factor("PASSKEY_ONLY")], (), PASS),
        ([factor("PASSKEY_PLUS_SECURITY_CODE")], (), PASS),
        ([factor("ALL")], (), FAIL),
        ([factor("NO_TELEPHONY")], (), FAIL),
        ([], (), FAIL),
        ([factor("ALL"), factor("PASSKEY_ONLY", unit=ADMINS, order=202.0)], (), PASS),
        ([factor("PASSKEY_ONLY"), factor("ALL", unit=ADMINS, order=202.0)], (), FAIL),
        ([factor("PASSKEY_ONLY", unit=ADMINS), factor("ALL", order=1.0, origin="SYSTEM")], (), PASS),
        ([factor("ALL"), factor("PASSKEY_ONLY", unit="", group="g1", order=301.0)], ("1",), PASS),
        ([factor("ALL"), factor("PASSKEY_ONLY", unit="", group="g1", order=301.0)], ("2",), FAIL),
        ([factor("PASSKEY_ONLY"), factor("ALL", unit="", group="g1", order=301.0)], ("2",), PASS),
        ([factor("PASSKEY_ONLY"), factor("ALL", unit="", group="WORKSPACE_ALL_ADMIN_GROUP", order=301.0)], (), UNKNOWN),
        ([factor("ALL"), factor("PASSKEY_ONLY", licences=("/l",), order=301.0)], (), UNKNOWN),
        ([factor("PASSKEY_ONLY"), factor("SOMETHING_ELSE", unit=ADMINS, order=202.0)], (), UNKNOWN),
        ([factor("ALL"), factor("PASSKEY_ONLY", unit="", query="entity.age > 18", order=301.0)], (), UNKNOWN),
    ],
)
def test_factors_of_administrators(policies: list[dict[str, Any]], members: tuple[str, ...], status_: Status) -> None:
    """By the unit and the groups of each person; what is not compared leaves it open."""
    people = users(
        a_user("boss", id="1", isAdmin=True, orgUnitPath="/Admins"), a_user("other", id="2", orgUnitPath="/Sales")
    )
    more = (people, assignments(), groups(a_group("g1", *members)))

    assert policy_status(phishing_resistant_admins, *policies, more=more) is status_


@pytest.mark.parametrize(
    ("people", "roles_held", "in_groups"),
    [
        ([a_user("boss", id="1", isDelegatedAdmin=True)], [], []),
        ([a_user("boss", id="1")], [held("1", "902")], []),
        ([a_user("boss", id="1")], [held("g1", "902", "GROUP")], [a_group("g1", "1")]),
    ],
)
def test_whoever_holds_a_role_is_an_administrator(
    people: list[dict[str, Any]], roles_held: list[dict[str, Any]], in_groups: list[dict[str, Any]]
) -> None:
    """Marked by Google, by a role, or by a role of a group."""
    more = (users(*people, a_user("top", isAdmin=True, suspended=True)), assignments(*roles_held), groups(*in_groups))

    found = of_policies(phishing_resistant_admins, factor("ALL"), more=more)

    assert found.status is FAIL
    assert "boss@acme.example" in found.reason
    assert "top@" not in found.reason


def test_factors_mean_nothing_where_two_steps_are_not_enforced() -> None:
    """And without an administrator the list cannot be right."""
    open_ = users(a_user("boss", isAdmin=True, isEnforcedIn2Sv=False))

    assert (
        policy_status(phishing_resistant_admins, factor("PASSKEY_ONLY"), more=(open_, assignments(), groups())) is FAIL
    )
    assert (
        policy_status(phishing_resistant_admins, factor("PASSKEY_ONLY"), more=(users(), assignments(), groups()))
        is UNKNOWN
    )


def a_domain(
    spf_texts: tuple[str, ...] = ("v=spf1 include:_spf.google.com ~all",),
    dkim_texts: tuple[str, ...] = ("v=DKIM1; k=rsa; p=MIIB",),
    dmarc_texts: tuple[str, ...] = ("v=DMARC1; p=reject; rua=mailto:x@acme.example",),
    *,
    name: str = "acme.example",
    above: tuple[tuple[str, str], ...] = (),
    verified: bool = True,
) -> Domain:
    """A domain with its records, and those that names above it have about DMARC."""
    dmarc = [{"name": f"_dmarc.{name}", "texts": dmarc_texts}]
    dmarc += [{"name": f"_dmarc.{other}", "texts": (text,) if text else ()} for other, text in above]
    body = {
        "domainName": name,
        "verified": verified,
        "spf": [{"name": name, "texts": spf_texts}],
        "dkim": [{"name": f"google._domainkey.{name}", "texts": dkim_texts}],
        "dmarc": dmarc,
    }
    return one(Domain, body)


def of_domain(domain: Domain) -> Status:
    """Return the status of a domain of a company that has acme.example too."""
    listed = [{"domainName": "acme.example", "verified": True, "spf": [], "dkim": [], "dmarc": []}]
    return status(email_records, domain, every(Domain, listed))


@pytest.mark.parametrize(
    ("domain", "status_"),
    [
        (a_domain(), PASS),
        (a_domain(("v=spf1 include:_spf.google.com -ALL",)), PASS),
        (a_domain(("v=spf1 include:_spf.google.com ?all",)), FAIL),
        (a_domain(("v=spf1 +all",)), FAIL),
        (a_domain(("v=spf1 all",)), FAIL),
        (a_domain(("v=spf1 include:all.example",)), FAIL),
        (a_domain(("v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 -all",)), PASS),
        (a_domain(("v=spf1 ip4:0.0.0.0/0 -all",)), FAIL),
        (a_domain(("v=spf1 ip4:0.0.0.0/1 +ip4:128.0.0.0/1 -all",)), FAIL),
        (a_domain(("v=spf1 ip6:::/0 -all",)), FAIL),
        (a_domain(("v=spf1 ip4:somewhere -all",)), UNKNOWN),
        (a_domain(("v=spf1 a mx/24 a:mail.acme.example/28 -all",)), PASS),
        (a_domain(("v=spf1 a:mail.acme.example/0 -all",)), FAIL),
        (a_domain(("v=spf1 mx//4 -all",)), FAIL),
        (a_domain(("v=spf1 redirect=x.example",)), UNKNOWN),
        (a_domain(()), FAIL),
        (a_domain(("v=spf1 -all", "v=spf1 ~all")), FAIL),
        (a_domain(dkim_texts=()), UNKNOWN),
        (a_domain(dkim_texts=("v=DKIM1; p=",)), UNKNOWN),
        (a_domain(dkim_texts=("v=DKIM1; t=y; p=MIIB",)), FAIL),  # receivers take no notice of it
        (a_domain(dkim_texts=("v=DKIM1; t=y:s; p=MIIB",)), FAIL),
        (a_domain(dkim_texts=("v=DKIM1; t=s; p=MIIB",)), PASS),
        (a_domain(dkim_texts=("v=DKIM1; t=y; p=MIIB", "v=DKIM1; p=MIIC")), PASS),
        (a_domain(("v=spf1 -all",), dkim_texts=()), PASS),
        (a_domain(dmarc_texts=()), FAIL),
        (a_domain(dmarc_texts=("v=DMARC1; p=none",)), FAIL),
        (a_domain(dmarc_texts=("v=DMARC1; p=QUARANTINE",)), PASS),
        (a_domain(dmarc_texts=("v=DMARC1; p=reject; pct=100",)), PASS),
        (a_domain(dmarc_texts=("v=DMARC1; p=reject; pct=10",)), FAIL),
        (a_domain(dmarc_texts=("v=DMARC1; p=reject; t=y",)), PASS),
        (a_domain(dmarc_texts=("v=DMARC1; p=quarantine; t=y",)), FAIL),
        (a_domain(("v=spf1 redirect=%{d}._spf.x.example",)), UNKNOWN),
        (a_domain(dmarc_texts=("v=DMARC1; sp=reject",)), FAIL),
        (a_domain(dmarc_texts=("v=DMARC1; p=none; sp=reject",)), FAIL),
        (a_domain(dmarc_texts=("v=DMARC1; p=reject", "v=DMARC1; p=reject")), FAIL),
        (a_domain(dmarc_texts=(), name="x.acme.example", above=(("acme.example", "v=DMARC1; p=reject"),)), PASS),
        (
            a_domain(dmarc_texts=(), name="x.acme.example", above=(("acme.example", "v=DMARC1; p=none; sp=reject"),)),
            PASS,
        ),
        (
            a_domain(dmarc_texts=(), name="x.acme.example", above=(("acme.example", "v=DMARC1; p=reject; sp=none"),)),
            FAIL,
        ),
        (a_domain(dmarc_texts=(), name="acme.co.test", above=(("co.test", "v=DMARC1; p=reject"),)), UNKNOWN),
        (a_domain(dmarc_texts=(), name="acme.co.test", above=(("co.test", ""),)), FAIL),
        (a_domain(verified=False, dmarc_texts=()), NOTHING),
    ],
)
def test_mail_records(domain: Domain, status_: Status) -> None:
    """As receivers read them: RFC 7208, RFC 6376, RFC 7489."""
    assert of_domain(domain) is status_


def test_records_are_read_in_pieces_and_through_redirections() -> None:
    """A text longer than 255 characters comes in several."""
    chain = (Records(name="a", texts=("v=spf1 redirect=b",)), Records(name="b", texts=("v=spf1 -all",)))

    assert plain_text('"v=spf1 " "-all"') == "v=spf1 -all"
    assert plain_text("v=spf1 -all") == "v=spf1 -all"
    assert redirect_of("v=spf1 redirect=b") == "b"
    assert redirect_of("v=spf1 ~all redirect=b") is None
    assert spf(chain)[0] is Says.GOOD
    for first in ("v=spf1 ip4:0.0.0.0/0 redirect=b", "v=spf1; redirect=b"):
        assert spf((Records(name="a", texts=(first,)), chain[1]))[0] is Says.BAD


@pytest.mark.parametrize(
    ("authorized", "status_"),
    [
        (["https://www.googleapis.com/auth/admin.directory.user.readonly"], PASS),
        (
            [
                "https://www.googleapis.com/auth/admin.directory.user.readonly",
                "https://www.googleapis.com/auth/apps.alerts",
            ],
            FAIL,
        ),
        (["https://www.googleapis.com/auth/admin.directory.user"], FAIL),
        ([], UNKNOWN),
    ],
)
def test_scopes_of_annexd_itself(authorized: list[str], status_: Status) -> None:
    """One that writes fails, also where it has no read-only form: then it is said what it allows."""
    bodies = [{"scope": scope, "authorized": True} for scope in authorized]
    refused = [{"scope": "https://www.googleapis.com/auth/cloud-platform", "authorized": False}]

    assert verdict(read_only, every(OwnScope, bodies + refused)).status is status_
    assert verdict(read_only, UnreadSet()).status is UNKNOWN


def test_the_grace_of_a_new_user_is_the_companys() -> None:
    """A limit that the operator sets."""
    user = a_view(isEnrolledIn2Sv=False, creationTime=ago(3))

    assert status(enrolled, user, every(SsoAssignment, []), units(), new_user_grace="2d") is FAIL
