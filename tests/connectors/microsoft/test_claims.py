"""What a token says of who has it."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors._microsoft.claims import claims_of_token

APPLICATION = {
    "tid": "t-1",
    "appid": "a-1",
    "oid": "o-1",
    "app_displayname": "annexd",
    "roles": ["Policy.Read.All", "User.Read.All"],
}


def jwt(said: Any) -> str:
    """Return a token in three parts with these claims."""
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    return f"e30.{base64.urlsafe_b64encode(body).rstrip(b'=').decode()}.c2ln"


def test_an_application_and_what_it_was_granted() -> None:
    """The roles are the application permissions with consent."""
    claims = claims_of_token(jwt(APPLICATION))

    assert claims is not None
    assert claims.identity == "application a-1 (annexd) in tenant t-1"
    assert claims.granted == {"Policy.Read.All", "User.Read.All"}
    assert claims.is_application


def test_a_person_has_scopes() -> None:
    """Delegated permissions are in one text."""
    claims = claims_of_token(jwt({"tid": "t-1", "azp": "a-1", "oid": "o-1", "scp": "User.Read Directory.Read.All"}))

    assert claims is not None
    assert claims.identity == "user o-1 in tenant t-1"
    assert claims.application == "a-1"
    assert claims.granted == {"User.Read", "Directory.Read.All"}
    assert not claims.is_application


def test_an_application_that_was_granted_nothing_has_no_roles() -> None:
    """Entra leaves the claim out."""
    claims = claims_of_token(jwt({"tid": "t-1", "appid": "a-1"}))

    assert claims is not None
    assert claims.granted == frozenset()


@pytest.mark.parametrize(
    "token", ["", "opaque", "a.b", "a.b.c.d", "e30.!!!.x", jwt([]), jwt({}), jwt({"tid": 1}), jwt(b"\xff{"), jwt(b"{")]
)
def test_a_token_that_is_not_readable(token: str) -> None:
    """Nothing is known then, which is not the same as nothing granted."""
    assert claims_of_token(token) is None


@given(st.text() | st.binary().map(jwt) | st.dictionaries(st.text(), st.integers()).map(jwt))
def test_no_text_breaks_the_reading(token: str) -> None:
    """Whatever a platform issues, a reason can be written."""
    claims_of_token(token)
