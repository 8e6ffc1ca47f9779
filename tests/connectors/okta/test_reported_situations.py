"""What people reported of tools that do the same on Okta: each report as an input, with the value that is right.

Named by repository and number. What the tool said then is in the docstring.
"""

from __future__ import annotations

from contextlib import closing
from typing import Any

import httpx
import pytest

from collector.core.errors import Denied, NotSignedIn, Unexpected
from collector.setup.loading import LoadedConnector
from connectors.okta._policy.verification import asked
from connectors.okta._sdk.client import Okta, connect
from connectors.okta._sdk.operations import IDPS, USER_FACTORS, USER_ROLES, USERS, ZONES
from connectors.okta.network.anonymizers import anonymizers_blocked
from connectors.okta.organization.log_events import CHANGES
from connectors.okta.people.administrators import super_admin_count_limited
from connectors.okta.people.factors import AdministratorFactors, admins_have_strong_factor
from connectors.okta.signon.second_factor import admin_console_mfa, global_session_mfa
from connectors.okta.signon.session_checks import session_lifetime_limited
from tests.connectors.aws.wires import CountingWire
from tests.connectors.github.judging import FAIL, PASS, UNKNOWN, CompleteSet, UnreadSet, status, view
from tests.connectors.okta import estate
from tests.connectors.okta.judging import (
    a_session_policy,
    a_user,
    a_zone,
    an_access_policy,
    an_app,
    an_assignment,
    an_organization,
)
from tests.connectors.okta.played import PlayedOkta, refused
from tests.connectors.okta.test_collections import filled, listed
from tests.connectors.okta.test_sign_in import SCOPE, fresh


def sessions(*rules: dict[str, Any]) -> Any:
    """Return the verdict's status on the rules of the default policy."""
    policies = CompleteSet(a_session_policy(*rules))
    nothing = UnreadSet()
    return status(global_session_mfa, policies, CompleteSet(), an_organization("v1"), nothing, nothing)


def test_a_rule_that_denies_needs_no_factor() -> None:
    """mondoohq/cnspec#3876: Okta's own example of a rule that denies has requireFactor false, and failed."""
    deny = estate.a_session_rule(
        "a",
        1,
        actions={"signon": {"access": "DENY", "requireFactor": False}},
        conditions={"network": {"connection": "ZONE", "include": ["nzo1"]}},
    )

    assert sessions(deny, estate.a_session_rule("b", 2)) is PASS


def test_the_default_rule_is_no_exception() -> None:
    """mondoohq/cnspec#3854: a rule was left out by the name that Okta gives to those of other policies."""
    default = estate.a_session_rule("b", 2, factor=False, name="Default Rule", system=True)
    catch_all = {**default, "name": "Catch-all Rule"}
    first = estate.a_session_rule("a", 1, conditions={"network": {"connection": "ZONE", "include": ["nzo1"]}})

    assert sessions(first, default) is FAIL
    assert sessions(first, catch_all) is FAIL


def test_a_lifetime_of_zero_is_no_limit() -> None:
    """mondoohq/cnspec#3853: zero is less than the limit, and passed."""
    session = {"maxSessionIdleMinutes": 60, "maxSessionLifetimeMinutes": 0, "usePersistentCookie": False}
    actions = {"signon": {"access": "ALLOW", "requireFactor": True, "session": session}}
    policy = a_session_policy(estate.a_session_rule(actions=actions))

    assert status(session_lifetime_limited, policy, CompleteSet(policy), CompleteSet()) is FAIL


def test_one_inactive_rule_does_not_take_its_policy_out() -> None:
    """mondoohq/cnspec-policies#169: a policy was looked at only where all of its rules were active."""
    off = estate.a_session_rule("a", 1, status="INACTIVE")

    assert sessions(off, estate.a_session_rule("b", 2, factor=False)) is FAIL


def test_the_rule_at_the_top_is_not_the_only_one() -> None:
    """prowler-cloud/prowler#11358: the Admin Console passed by its first rule, which is not for everybody."""
    top = estate.an_app_rule(
        "a", 1, by=estate.assurance("2FA", estate.RESISTANT), conditions={"people": {"groups": {"include": ["00g1"]}}}
    )
    rest = estate.an_app_rule(by=estate.assurance("1FA"))
    found = status(
        admin_console_mfa,
        CompleteSet(an_app("0oac", name="saasure")),
        CompleteSet(a_session_policy(estate.a_session_rule())),
        CompleteSet(),
        an_organization(),
        CompleteSet(an_access_policy(top, rest)),
    )

    assert found is FAIL


def test_one_of_several_constraints_is_enough_for_the_person() -> None:
    """mondoohq/cnspec-policies#147: any constraint that was good made the rule good."""
    method = estate.assurance("2FA", estate.RESISTANT, {"possession": {"phishingResistant": "OPTIONAL"}})

    assert asked(method).phishing_resistant is False


def test_chains_with_intervals_of_their_own_are_read() -> None:
    """okta/terraform-provider-okta#2443: a chain that says how often to ask was refused."""
    steps = [{"key": "okta_password", "method": "password"}]
    following = [{"authenticationMethods": [{"key": "okta_verify", "method": "push"}]}]
    chain = {"authenticationMethods": steps, "next": following, "reauthenticateIn": "PT2H"}

    assert asked({"type": "AUTH_METHOD_CHAIN", "chains": [chain]}).two_factors is True


def test_people_who_are_deprovisioned_are_listed(loaded: LoadedConnector, client: Okta) -> None:
    """okta/okta-sdk-python#376: they were missing, by Okta's default."""
    assert {user["status"] for user in listed(loaded, client, "okta.user.user")} >= {"DEPROVISIONED"}


@pytest.mark.parametrize("number", [1, 2, 199, 200, 201, 438])
def test_people_are_listed_to_the_last_page(
    number: int, loaded: LoadedConnector, client: Okta, played: PlayedOkta
) -> None:
    """cartography-cncf/cartography#1195 and okta/okta-sdk-nodejs#77: the last page, or the rest, was left out."""
    people = [a_person(n) for n in range(number)]
    played.answers[USERS] = lambda query: [] if "filter" in query else people
    played.page = 200

    assert len(listed(loaded, client, "okta.user.user")) == number


def a_person(number: int) -> dict[str, Any]:
    """Somebody."""
    return estate.a_user(f"00u{number}")


def test_roles_that_may_not_be_read_are_not_none(loaded: LoadedConnector, client: Okta, played: PlayedOkta) -> None:
    """articulate/terraform-provider-okta#181: where roles were refused, somebody was taken for nobody special."""
    played.answers[USER_ROLES] = refused()

    with pytest.raises(Denied):
        filled(loaded, client, "okta.role.assignment")


def test_the_roles_of_each_administrator_are_asked_for(
    loaded: LoadedConnector, client: Okta, played: PlayedOkta
) -> None:
    """okta/terraform-provider-okta#1014: a list of users came without the roles of its users, as if they had none."""
    assignments = filled(loaded, client, "okta.role.assignment")

    assert [len(item["roles"]) for item in assignments if item["principal"] == "user"] == [2, 2]
    assert played.asked[USER_ROLES] == 2


def test_super_administrators_are_counted_by_user_and_by_group() -> None:
    """mondoohq/mql#2372: only members of groups were counted, so that those with the role itself were not."""
    users = CompleteSet(*(a_user(f"00u{n}") for n in range(7)))
    direct = [an_assignment(f"00u{n}") for n in range(4)]
    group = an_assignment("00g1", principal="group", name="Admins", members=["00u4", "00u5"])

    assert status(super_admin_count_limited, CompleteSet(group), users) is PASS
    assert status(super_admin_count_limited, CompleteSet(*direct, group), users) is FAIL


def test_fastpass_is_a_factor(loaded: LoadedConnector, client: Okta, played: PlayedOkta) -> None:
    """okta/okta-sdk-java#965 and okta/okta-sdk-python#387: a factor that the SDK did not know took all others away."""
    keys = [{"kty": "RSA", "use": "sig", "kid": "default", "jwkType": "proofOfPossession"}]
    fastpass = estate.a_factor("signed_nonce", profile={"platform": "WINDOWS", "keys": keys})
    played.answers[USER_FACTORS] = [fastpass, estate.a_factor("token")]
    body = filled(loaded, client, "okta.user.factor")[0]

    assert status(admins_have_strong_factor, view(AdministratorFactors, **body), CompleteSet(a_user())) is PASS


def test_a_provider_with_a_policy_of_another_shape_is_read(
    loaded: LoadedConnector, client: Okta, played: PlayedOkta
) -> None:
    """okta/okta-sdk-java#972: a part that was not as described made the provider unreadable."""
    idp = estate.an_idp("0oi7")
    played.answers[IDPS] = lambda _query: httpx.Response(200, json=[{**idp, "policy": {"accountLink": {"filter": 7}}}])

    assert [item["id"] for item in listed(loaded, client, "okta.idp.idp")] == ["0oi7"]


def test_a_rule_that_was_never_created_is_read() -> None:
    """okta/okta-sdk-java#983: rules that come with an organization have no time of creation."""
    assert sessions(estate.a_session_rule(created=None, name="Default Rule", system=True)) is PASS


def test_an_app_that_wants_proof_of_possession_says_so() -> None:
    """okta/terraform-provider-okta#1904 and #2658: an empty token, or a list that failed, in place of the reason."""
    body = {"error": "invalid_dpop_proof", "error_description": "The DPoP proof JWT header is missing."}
    with PlayedOkta() as okta, closing(connect(fresh(), SCOPE, CountingWire())) as client:
        okta.makes["POST /oauth2/v1/token"] = lambda _request, own: own.but(
            400, httpx.Response(400, json=body).content, content_type="application/json"
        )
        with pytest.raises(NotSignedIn) as error:
            client.items(ZONES)

    assert error.value.code == "invalid_dpop_proof"
    assert "DPoP" in error.value.mend


def test_a_scope_that_was_not_granted_is_no_bad_credential(played: PlayedOkta) -> None:
    """Infisical/infisical#6372: good credentials were called bad where the scope was not there."""
    played.granted.clear()
    with closing(connect(fresh(), SCOPE, CountingWire())) as client, pytest.raises(Denied) as error:
        client.items(ZONES)

    assert not isinstance(error.value, NotSignedIn)


def test_roles_that_groups_are_given_are_changes_too() -> None:
    """elastic/detection-rules#5670: only what was granted to a user was looked for."""
    granted = ("user.account.privilege.grant", "group.privilege.grant", "iam.resourceset.bindings.add")

    assert all(kind.startswith(CHANGES) for kind in granted)


@pytest.mark.parametrize(
    ("gateways", "expected"),
    [(["104.28.0.0/16"], PASS), (["0.0.0.0/0"], UNKNOWN), (["0.0.0.0/1", "128.0.0.0/1"], UNKNOWN)],
)
def test_addresses_that_no_blocklist_is_for(gateways: list[str], expected: Any) -> None:
    """cloudflare/cloudflare-docs#31322: addresses are put into a zone of Okta's that goes past the blocklist."""
    exempt = a_zone("nzo9", system=True, gateways=[{"type": "CIDR", "value": value} for value in gateways])
    blocking = view(type(exempt), **estate.an_enhanced_zone())

    assert status(anonymizers_blocked, CompleteSet(blocking, exempt)) is expected


def test_a_web_page_with_status_200_is_no_answer(loaded: LoadedConnector, client: Okta, played: PlayedOkta) -> None:
    """trufflesecurity/trufflehog#4176: a sign-in page with status 200 was taken for the platform's word."""
    page = httpx.Response(200, text="<html>Sign in</html>", headers={"content-type": "text/html"})
    played.answers[USERS] = page

    with pytest.raises(Unexpected):
        listed(loaded, client, "okta.user.user")
