"""Settings that cannot be, what is to be authorized, and which scopes are lacking."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.core.errors import ConfigError, Denied
from collector.core.roll_out import RollOut
from collector.core.secrets import Secret
from collector.core.wire import Call
from collector.setup.loading import LoadedConnector
from connectors.googleworkspace._policy.conditions import Of, clauses_of
from connectors.googleworkspace._sdk.client import Workspace, connect
from connectors.googleworkspace._sdk.published import published
from connectors.googleworkspace._sdk.scopes import (
    ALERTS,
    CALLS,
    GROUP_SETTINGS,
    OPTIONAL,
    POLICIES,
    READ_ONLY,
    USER_SECURITY,
    WRITING,
)
from connectors.googleworkspace._sdk.settings import quota
from connectors.googleworkspace.directory.mail_records import Records, dkim, dmarc, plain_text, spf
from connectors.googleworkspace.own_scopes import how_to_authorize, lacking
from connectors.googleworkspace.permissions import document, roll_out
from tests.connectors.aws.wires import CountingWire
from tests.connectors.googleworkspace.double import CUSTOMER, Double, settings


@pytest.mark.parametrize(
    "but",
    [
        {"customer": "my_customer"},
        {"customer": "acme.example"},
        {"admin": "annexd"},
        {"impersonate": "a@p.iam.gserviceaccount.com"},
        {"delegates": ("a@p.iam.gserviceaccount.com",)},
        {"window": timedelta(0)},
        {"window": timedelta(days=181)},
        {"dkim_selectors": ("a b",)},
        {"dkim_selectors": ("",)},
    ],
)
def test_settings_that_cannot_be_are_refused(but: dict[str, Any]) -> None:
    """Before anything is asked."""
    with pytest.raises(ValueError):  # noqa: PT011  the message is for people
        settings(**but)


def test_optional_scopes_are_off_until_they_are_wanted(google: Double, loaded: LoadedConnector) -> None:
    """What checks rest on is refused with the scope and what it would also allow; nothing is asked."""
    plain, full = settings(), settings(group_settings=True, user_security=True, alerts=True)
    client = connect(plain, (CUSTOMER,), CountingWire())

    assert plain.optional_scopes == ()
    assert set(full.optional_scopes) == {GROUP_SETTINGS, USER_SECURITY, ALERTS}
    for kind, scope in (("group_settings", GROUP_SETTINGS), ("token", USER_SECURITY)):
        with pytest.raises(Denied) as off:
            list(loaded.connector.collections[f"googleworkspace.directory.{kind}"].list(client))
        assert scope in off.value.mend
        assert OPTIONAL[scope] in off.value.mend
    assert google.asked.total() == 0
    alerts = loaded.connector.collections["googleworkspace.alertcenter.alert"]
    assert (alerts.when(plain), alerts.when(full)) == (False, True)


def test_scopes_that_only_read_say_so() -> None:
    """And no scope is on both lists."""
    assert all(scope.endswith(".readonly") for scope in READ_ONLY)
    assert not any(scope.endswith(".readonly") for scope in WRITING)
    assert set(OPTIONAL) <= set(WRITING)


def test_each_call_is_made_with_a_scope_that_google_describes_for_it() -> None:
    """By the descriptions that come with Google's client."""
    from connectors._google.services import description, methods

    for call, (operation, scope) in CALLS.items():
        document_ = description(operation.api, operation.version)
        method = next(found for _, found in methods(document_) if found["id"] == call)
        assert scope in method["scopes"], call
        assert method["httpMethod"] == "GET", call


def test_every_scope_that_writes_is_looked_for() -> None:
    """All those that Google describes for the calls, but those that read."""
    from connectors._google.services import description, methods

    described: set[str] = set()
    for call, (operation, _) in CALLS.items():
        every = methods(description(operation.api, operation.version))
        described |= set(next(found for _, found in every if found["id"] == call)["scopes"])

    assert {scope for scope in described if not scope.endswith(".readonly")} <= set(WRITING)


def test_what_is_to_be_authorized_is_written_with_what_it_would_also_allow() -> None:
    """In one line for the form of the Admin console, and the optional ones apart."""
    text = document({scope: [f"kind of {scope[-9:]}"] for scope in (*READ_ONLY, *OPTIONAL)})

    assert ",".join(READ_ONLY) in text
    for scope, allows in OPTIONAL.items():
        assert scope in text
        assert allows in text
        assert scope not in text.partition("In one line")[0]


def test_the_client_id_is_that_of_the_key() -> None:
    """And without a key it is said how to find it; no form has a secret in it."""
    wanted = RollOut(settings=settings(alerts=True), everywhere=(*READ_ONLY, *OPTIONAL), at_source=())
    form = roll_out(wanted)["delegation"]

    assert "Client ID: 104222333444555666777" in form
    assert ALERTS in form
    assert GROUP_SETTINGS not in form
    assert "PRIVATE KEY" not in form
    keyless = settings(credentials=None, impersonate="annexd@p.iam.gserviceaccount.com")
    assert (
        "describe annexd@p.iam.gserviceaccount.com"
        in roll_out(RollOut(settings=keyless, everywhere=(), at_source=()))["delegation"]
    )
    assert "ADDRESS" in roll_out(RollOut(settings=None, everywhere=(), at_source=()))["delegation"]


@pytest.mark.parametrize("text", ["no JSON", "[]", json.dumps({"type": "service_account"})])
def test_a_key_without_a_client_id_is_none(text: str) -> None:
    """And what it holds is not repeated."""
    odd = settings(credentials=Secret("a file", lambda: text))

    with pytest.raises(ConfigError) as refused:
        roll_out(RollOut(settings=odd, everywhere=(), at_source=()))
    assert text not in refused.value.what


def test_the_doctor_is_told_which_scopes_are_lacking(google: Double, client: Workspace) -> None:
    """Before a scan finds it out list by list."""
    google.scopes.remove(POLICIES)

    found = list(lacking(client, [*READ_ONLY]))

    assert [one.permission for one in found] == [POLICIES]
    assert POLICIES in how_to_authorize(settings(), [CUSTOMER], [POLICIES])
    assert "104222333444555666777" in how_to_authorize(settings(), [CUSTOMER], [])


def test_calls_count_against_the_quotas_that_google_has() -> None:
    """The Policy API takes one a second, and what users granted does not hold up the rest."""
    owner = settings()

    def bucket(operation: str) -> tuple[str, float | None]:
        found = quota(owner, (CUSTOMER,), Call(operation))
        return found.name, found.per_second

    assert bucket("cloudidentity.policies.list") == ("policies", 1.0)
    assert bucket("directory.users.list")[0] != bucket("directory.tokens.list")[0]
    assert {bucket(call)[0] for call in CALLS} == {
        "policies", "cloud identity", "user security", "directory", "reports", "groups settings", "alert center",
    }  # fmt: skip
    assert (
        quota(owner, (CUSTOMER,), Call("directory.users.list")).owner
        != quota(settings(admin="other@acme.example"), (CUSTOMER,), Call("directory.users.list")).owner
    )


PIECES = (
    "entity.",
    "org_units.exists(",
    "u, u.org_unit_id == orgUnitId('a')",
    ")",
    "(",
    "!",
    "&&",
    "||",
    " ",
    "'",
    "[",
)


@given(st.lists(st.sampled_from(PIECES), max_size=12), st.text(max_size=20))
def test_any_query_is_read_or_not_understood(pieces: list[str], rest: str) -> None:
    """Nothing that Google may send ends a check."""
    for query in ("".join(pieces), "".join(pieces) + rest, rest):
        found = clauses_of(query, "", "")
        assert found is None or all(clause.of in Of for clause in found)


@given(st.lists(st.text(max_size=40), max_size=3))
def test_any_records_are_read(texts: list[str]) -> None:
    """Anybody may write anything into the DNS."""
    records = (Records(name="acme.example", texts=tuple(plain_text(text) for text in texts)),)

    assert spf(records)[0] in type(spf(records)[0])
    assert dkim(records)[0] in type(dkim(records)[0])
    assert dmarc(records, frozenset())[0] in type(dmarc(records, frozenset())[0])


def test_a_recording_keeps_googles_own_words_and_no_others() -> None:
    """What a view reads has to be in a recording as it was; names and addresses must not be."""
    users, policies = published("directory.users.list"), published("cloudidentity.policies.list")
    devices = published("cloudidentity.devices.list")

    assert {"isEnrolledIn2Sv", "primaryEmail", "users", "nextPageToken"} <= users.keys
    assert not users.is_constant("ada@acme.example", "primaryEmail")
    assert policies.is_constant("settings/gmail.auto_forwarding", "type")
    assert policies.is_constant("PASSKEY_ONLY", "allowedSignInFactorSet")
    assert not policies.is_constant("Credit cards", "displayName")
    assert devices.is_constant("NOT_ENCRYPTED", "encryptionState")
    assert published("GET /resolve").keys == frozenset()
