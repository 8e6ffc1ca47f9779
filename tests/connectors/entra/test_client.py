"""The client of a tenant: what it asks for, what refusals mean, and what of it the parts share."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from collector.core.errors import (
    ConfigError,
    ConnectorError,
    Denied,
    NotSignedIn,
    NotThere,
    RateLimited,
    Unavailable,
    Unexpected,
)
from collector.core.roll_out import RollOut
from collector.core.secrets import Secret
from collector.core.wire import Call
from connectors.entra._sdk import calls
from connectors.entra._sdk.client import Graph, connect
from connectors.entra._sdk.errors import is_unlicensed
from connectors.entra._sdk.settings import quota, roots
from connectors.entra.applications import collector as own
from connectors.entra.devices.managed import devices
from connectors.entra.directory.tenant import domains
from connectors.entra.directory.users import registration, sign_in_activity, users
from connectors.entra.logs.changes import directory_changes
from connectors.entra.microsoft365.mail_domains import records
from connectors.entra.permissions import document, forms
from connectors.entra.sign_in.conditional_access import policies
from tests.connectors.aws.wires import CountingWire
from tests.connectors.entra.played import CLIENT, TENANT, PlayedTenant, error, settings, token, unlicensed


def listed(found: Any) -> list[Any]:
    """Return what a collection lists."""
    return list(found)


def test_only_what_is_read_is_selected(client: Graph, tenant: PlayedTenant) -> None:
    """Graph leaves out what nobody selected, which is not the same as null; pages are as large as they may be."""
    found = listed(users(client))

    assert {"accountEnabled", "userType", "creationType"} <= found[0].keys()
    assert "signInActivity" not in found[0]
    (request,) = tenant.asked(calls.USERS)
    assert request.url.params["$top"] == "999"
    assert request.headers["prefer"] == "include-unknown-enum-members"


def test_pages_are_read_to_their_end(client: Graph, tenant: PlayedTenant) -> None:
    """Whatever their size."""
    tenant.page_size = 2

    assert len(listed(users(client))) == len(tenant.answers[calls.USERS])
    assert tenant.served(calls.USERS) == 5


def test_sign_ins_and_methods_are_listed_once_for_all_users(client: Graph, tenant: PlayedTenant) -> None:
    """A call for each user would be ten thousand of them."""
    for user in listed(users(client)):
        for part in (sign_in_activity, registration):
            try:
                part(client, user)
            except ConnectorError as absent:  # there is none of this user
                assert absent.code in {"never signed in", "not in the report"}  # noqa: PT017

    assert tenant.served(calls.SIGN_IN_ACTIVITY) == 1
    assert tenant.served(calls.REGISTRATION) == 1
    assert tenant.asked(calls.SIGN_IN_ACTIVITY)[0].url.params["$top"] == "120"


def test_a_refused_list_is_asked_for_once(client: Graph, tenant: PlayedTenant) -> None:
    """Each user is told why, and Graph is not asked again."""
    tenant.deny(calls.SIGN_IN_ACTIVITY)

    for _ in range(3):
        with pytest.raises(Denied):
            sign_in_activity(client, {"id": "u-ada"})
    assert tenant.served(calls.SIGN_IN_ACTIVITY) == 1


def test_a_refusal_names_what_the_token_lacks(tenant: PlayedTenant, wire: CountingWire) -> None:
    """Graph itself says only that there are insufficient privileges."""
    tenant.token = token(roles=["User.Read.All"])
    tenant.deny(calls.DOMAINS)
    client = connect(settings(), (TENANT,), wire)

    with pytest.raises(Denied, match=r"does not have Domain\.Read\.All") as refused:
        listed(domains(client))
    assert "Domain.Read.All" in refused.value.mend
    client.close()


def test_a_refusal_although_the_permission_is_there(client: Graph, tenant: PlayedTenant) -> None:
    """Then granting it again mends nothing, and the reason says so."""
    tenant.deny(calls.DOMAINS)

    with pytest.raises(Denied, match=r"has Domain\.Read\.All, so something else refuses it"):
        listed(domains(client))


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (unlicensed(), NotThere),
        (error(400, "AadPremiumLicenseRequired", "The tenant needs an AAD Premium 2 license."), NotThere),
        (error(403, "Forbidden", "Your tenant is not licensed for this feature."), NotThere),
        (error(400, "BadRequest", "Tenant does not have a SPO license."), NotThere),
        (error(400, "BadRequest", "Request not applicable to target tenant."), NotThere),
        (error(403, "AccessDenied", "You need to have Microsoft Entra ID P2 license."), NotThere),
        (error(403, "Authorization_RequestDenied", "Insufficient privileges"), Denied),
        (error(403, "UnknownError", ""), Denied),
        (error(401, "InvalidAuthenticationToken", "Access token has expired"), NotSignedIn),
        (error(400, "BadRequest", "Invalid filter clause"), Unexpected),
        (error(404, "Request_ResourceNotFound", "gone"), Unexpected),
        (error(429, "TooManyRequests", "Please retry again later.", **{"Retry-After": "2.128"}), RateLimited),
        (error(503, "ServiceUnavailable", "license server away"), Unavailable),
    ],
)
def test_four_states_are_told_apart(client: Graph, tenant: PlayedTenant, answer: Any, kind: type[Exception]) -> None:
    """No permission, no licence, throttled and not found: each is unknown, with another way to mend it."""
    tenant.wrong[calls.CONDITIONAL_ACCESS] = lambda _request, _own: answer

    with pytest.raises(kind) as refused:
        listed(policies(client))
    assert type(refused.value) is kind
    if kind is NotThere:
        assert "Microsoft Entra ID P1" in str(refused.value)
        assert isinstance(refused.value, NotThere)
        assert is_unlicensed(refused.value)


def test_an_answer_without_its_list_is_none(client: Graph, tenant: PlayedTenant) -> None:
    """It may be that of somebody else."""
    tenant.wrong[calls.DEVICES] = lambda _request, _own: httpx.Response(200, json={"error": None})

    with pytest.raises(Unexpected):
        listed(devices(client))


def test_the_token_says_who_asks(client: Graph) -> None:
    """Without a call."""
    assert client.identity() == f"application {CLIENT} in tenant {TENANT}"


def test_an_unreadable_token_leaves_what_the_settings_say(tenant: PlayedTenant, wire: CountingWire) -> None:
    """Microsoft may make tokens unreadable any day; then nothing is known of what was granted."""
    tenant.token = "opaque"
    client = connect(settings(), (TENANT,), wire)

    assert client.identity() == f"application {CLIENT} in tenant {TENANT}"
    with pytest.raises(Unexpected):
        listed(own.collector(client))
    assert [lack.certain for lack in own.lacking(client, ["User.Read.All"])] == [False]
    client.close()


def test_the_probe_names_what_is_lacking(tenant: PlayedTenant, wire: CountingWire) -> None:
    """By the token, without reading anything with it; of rights in Azure it says nothing."""
    tenant.token = token(roles=["User.Read.All"])
    client = connect(settings(), (TENANT,), wire)
    wanted = ["User.Read.All", "Domain.Read.All", "microsoft.aadiam/diagnosticSettings/read"]

    assert [lack.permission for lack in own.lacking(client, wanted)] == ["Domain.Read.All"]
    assert tenant.count == 0
    client.close()


def test_the_log_is_asked_for_by_window_and_category(client: Graph, tenant: PlayedTenant) -> None:
    """Who signed in where is not in it."""
    listed(directory_changes(client))

    asked = tenant.asked(calls.DIRECTORY_AUDITS)[0].url.params["$filter"]
    assert asked.startswith("activityDateTime ge ")
    assert "category eq 'Policy'" in asked


# The resolver ---------------------------------------------------------------------------------------------------------


def test_records_of_a_domain(client: Graph, tenant: PlayedTenant) -> None:
    """Strings are joined, and other texts of the domain are left out."""
    found = records(client, {"id": "acme.example"})

    assert found["spf"] == ["v=spf1 include:spf.protection.outlook.com -all"]
    assert found["dmarc_at"] == "acme.example"
    assert len(found["dkim"]) == 2
    assert found["dkim_keys"] == ["selector1._domainkey.acme.example"]
    assert tenant.served(calls.DNS) == 6


def test_a_subdomain_has_the_record_of_the_domain_above(client: Graph) -> None:
    """Where it has none of its own."""
    found = records(client, {"id": "news.acme.example"})

    assert found["dmarc"] == ["v=DMARC1; p=reject"]
    assert found["dmarc_at"] == "acme.example"
    assert found["spf"] == []


@pytest.mark.parametrize(
    ("records_at", "expected"),
    [
        ({"acme.co.example": "p=reject"}, "acme.co.example"),
        ({"news.acme.co.example": "p=none", "acme.co.example": "p=reject"}, "acme.co.example"),
        ({"news.acme.co.example": "p=reject"}, "news.acme.co.example"),
        ({"acme.co.example": "p=none", "co.example": "p=reject; psd=y"}, "acme.co.example"),
        ({"a.news.acme.co.example": "p=none", "acme.co.example": "p=reject"}, "a.news.acme.co.example"),
        ({}, None),
    ],
)
def test_whose_policy_a_subdomain_has(
    client: Graph, tenant: PlayedTenant, records_at: dict[str, str], expected: str | None
) -> None:
    """domainaware/checkdmarc, cisagov/ScubaGear#1614: its own, or the organization's, and no record in between."""

    def answer(name: str, type_: str) -> dict[str, Any]:
        said = records_at.get(name.removeprefix("_dmarc."))
        if type_ != "TXT" or not name.startswith("_dmarc.") or said is None:
            return {"Status": 3}
        return {"Status": 0, "Answer": [{"name": name, "type": 16, "data": f'"v=DMARC1; {said}"'}]}

    tenant.answers[calls.DNS] = answer

    assert records(client, {"id": "a.news.acme.co.example"})["dmarc_at"] == expected


@pytest.mark.parametrize(
    ("text", "names", "keys"),
    [
        ("v=DKIM1; k=rsa; p=MIIB", 2, 2),
        ("k=rsa;p = MIIB", 2, 2),
        ("v=DKIM1; p=", 0, 0),  # taken back, and no alias
        ("v=DKIM1; k=rsa", 0, 0),
    ],
)
def test_a_name_of_a_key_is_no_key(client: Graph, tenant: PlayedTenant, text: str, names: int, keys: int) -> None:
    """cammurray/orca#5, canada-ca/tracker#2519: an alias that leads to nothing passed, and so did a key taken back."""
    tenant.answers[calls.DNS] = lambda name, type_: (
        {"Status": 0, "Answer": [{"name": name, "type": 16, "data": f'"{text}"'}]}
        if type_ == "TXT" and "_domainkey" in name
        else {"Status": 3}
    )
    found = records(client, {"id": "acme.example"})

    assert (len(found["dkim"]), len(found["dkim_keys"])) == (names, keys)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({"Status": 2}, Unavailable),
        ({"Status": 5}, Unavailable),
        ({"Status": 0, "TC": True}, Unexpected),
        ({}, Unexpected),
        ({"Status": None}, Unexpected),
        ([], Unexpected),
    ],
)
def test_a_resolver_that_does_not_know(client: Graph, tenant: PlayedTenant, answer: Any, kind: type[Exception]) -> None:
    """That it could not find out is not that there is none."""
    tenant.answers[calls.DNS] = lambda _name, _type: answer

    with pytest.raises(kind):
        records(client, {"id": "acme.example"})


def test_records_are_not_looked_up_without_a_resolver(tenant: PlayedTenant, wire: CountingWire) -> None:
    """It would be told the domains."""
    client = connect(settings(dns_resolver=None), (TENANT,), wire)

    with pytest.raises(NotThere, match="dns_resolver"):
        records(client, {"id": "acme.example"})
    assert tenant.served(calls.DNS) == 0
    client.close()


# Settings, quotas, permissions ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("but", [{"dns_resolver": "http://dns.example"}, {"url": "ftp://x"}, {"url": "https://x/?a=1"}])
def test_addresses_are_encrypted(but: dict[str, Any]) -> None:
    """Names of domains, and a token, go there."""
    with pytest.raises(ValueError, match="over https"):
        settings(**but)


def test_each_service_of_graph_has_its_own_quota() -> None:
    """One application in one tenant has them."""
    source = settings()
    names = {
        call: quota(source, (TENANT,), Call(call)).name
        for call in (
            calls.USERS,
            calls.REGISTRATION,
            calls.CONDITIONAL_ACCESS,
            calls.DEVICES,
            calls.INCIDENTS,
            calls.DNS,
        )
    }

    assert list(names.values()) == ["identity", "reports", "protection", "intune", "security", "dns"]
    assert quota(source, (TENANT,), Call(calls.USERS)).owner == source.identity
    assert roots(source) == [(), (TENANT,)]


def test_what_to_grant_is_printed() -> None:
    """What Microsoft documents for people only is not asked for, and rights in Azure are named apart."""
    kinds = {
        "User.Read.All": ["entra.directory.user"],
        "Agreement.Read.All": ["entra.governance.terms_of_use"],
        "microsoft.aadiam/diagnosticSettings/read": ["entra.audit.diagnostic_setting"],
    }
    text = document(kinds)
    granted, _, rest = text.partition("In Azure")

    assert "User.Read.All" in granted
    assert "Agreement.Read.All" not in granted
    assert "entra.audit.diagnostic_setting" in rest


def test_what_makes_the_application() -> None:
    """By names, which the tenant resolves; no secret of the settings is in it."""
    wanted = ("User.Read.All", "Agreement.Read.All", "microsoft.aadiam/diagnosticSettings/read")
    found = forms(RollOut(settings=settings(), everywhere=wanted, at_source=()))

    assert set(found) == {"az", "terraform", "manifest", "consent"}
    assert found["consent"] == f"https://login.microsoftonline.com/{TENANT}/adminconsent?client_id={CLIENT}\n"
    for form in ("az", "terraform", "manifest"):
        assert "User.Read.All" in found[form]
        assert "Agreement.Read.All" not in found[form]
        assert "aadiam" not in found[form]
        assert "a-made-up-secret" not in found[form]
    assert "TENANT_ID" in forms(RollOut(settings=None, everywhere=wanted, at_source=()))["consent"]


def test_a_token_for_graph_is_not_sent_to_azure(tenant: PlayedTenant, wire: CountingWire) -> None:
    """One that somebody else has asked for is for one audience."""
    from connectors.entra.logs.exports import diagnostic_settings

    source = settings(client_id=None, client_secret=None, access_token=Secret("a test", token))
    client = connect(source, (TENANT,), wire)

    with pytest.raises(Denied, match="Resource Manager"):
        listed(diagnostic_settings(client))
    assert tenant.count == 0
    client.close()


def test_a_token_of_another_tenant_ends_the_list(tenant: PlayedTenant, wire: CountingWire) -> None:
    """Its users are not this tenant's."""
    tenant.token = token(tid="99999999-2222-3333-4444-555555555555")
    client = connect(settings(), (TENANT,), wire)

    with pytest.raises(ConfigError, match="99999999"):
        listed(users(client))
    assert tenant.count == 0
    client.close()
