"""What AWS says went wrong, in our words."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from botocore import exceptions as sdk
from botocore.parsers import ResponseParserError
from hypothesis import given
from hypothesis import strategies as st

from collector.core.errors import ConfigError, ConnectorError, Denied, RateLimited, Unavailable, Unexpected
from connectors.aws._sdk.client import connect
from connectors.aws._sdk.errors import explain
from connectors.aws._sdk.settings import Settings
from tests.connectors.aws.wires import CountingWire

NO_POLICY = ": no identity-based policy allows it"


def refusal(code: str, status: int = 400, message: str = "made up") -> sdk.ClientError:
    """An error as botocore raises it."""
    response: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return sdk.ClientError(response, "ListThings")


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("AccessDenied", 403, Denied),
        ("AccessDeniedException", 400, Denied),
        ("UnauthorizedOperation", 403, Denied),
        ("UnrecognizedClientException", 400, Denied),
        ("InvalidClientTokenId", 403, Denied),
        ("SignatureDoesNotMatch", 403, Denied),
        ("AuthFailure", 401, Denied),
        ("OptInRequired", 403, Denied),
        ("403", 403, Denied),
        ("Throttling", 400, RateLimited),
        ("ThrottlingException", 400, RateLimited),
        ("RequestLimitExceeded", 503, RateLimited),
        ("TooManyRequestsException", 429, RateLimited),
        ("SlowDown", 503, RateLimited),
        ("InternalFailure", 500, Unavailable),
        ("ServiceUnavailable", 503, Unavailable),
        ("SomethingNew", 502, Unavailable),
        ("500", 500, Unavailable),
        ("NoSuchEntity", 404, Unexpected),
        ("ValidationError", 400, Unexpected),
        ("LimitExceeded", 409, Unexpected),
    ],
)
def test_a_code_is_one_of_four_kinds(code: str, status: int, kind: type[ConnectorError]) -> None:
    """What is asked again, what is a missing permission and what is neither depends on it; the code is kept."""
    explained = explain(refusal(code, status))

    assert type(explained) is kind
    assert explained.code == code


USER = "User: arn:aws:sts::111122223333:assumed-role/annexd/annexd is not authorized to perform: "
SENTENCE = "You are not authorized to perform this operation."
TOKEN = "Encoded authorization failure message: " + "Xy0" * 300


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (
            f"{USER}iam:ListThings on resource: * because no identity-based policy allows the iam:ListThings action",
            NO_POLICY,
        ),
        (f"{USER}iam:ListThings because no identity-based policy allows the iam:ListThings action", NO_POLICY),
        (
            f"{SENTENCE} {USER}ec2:ListThings because no session policy allows the ec2:ListThings action. {TOKEN}",
            ": no session policy allows it",
        ),
        (
            f"{USER}iam:ListThings on resource: arn:aws:iam::1:x with an explicit deny in a service control policy",
            ": an explicit deny in a service control policy",
        ),
        (
            f"{USER}iam:ListThings on resource: * with an explicit deny in a service control policy: arn:aws:p-1",
            ": an explicit deny in a service control policy: arn:aws:p-1",
        ),
        # An action that is not called as the operation, or of another service, is news.
        (
            f"{USER}s3:ListAllMyThings because no session policy allows the s3:ListAllMyThings action",
            ": s3:ListAllMyThings, no session policy allows it",
        ),
        (
            f'{USER}kms:Decrypt on resource: "arn:aws:kms:::k" with an explicit deny in a resource-based policy',
            ": kms:Decrypt on arn:aws:kms:::k, an explicit deny in a resource-based policy",
        ),
        (f"{USER}iam:ListThings on resource: *", ""),
        ("Access Denied", ""),
        (SENTENCE, ""),
        ("", ""),
        ("The bucket is in another place.", ": The bucket is in another place."),
        ("x" * 300, f": {'x' * 200}..."),
    ],
)
def test_a_refusal_says_why_and_nothing_twice(message: str, why: str) -> None:
    """It stands in one line of a table, beside what was asked and what is needed."""
    explained = explain(refusal("AccessDenied", 403, message))

    assert explained is not None
    assert explained.what == f"AWS answered AccessDenied to ListThings{why}"


@given(st.text(max_size=2000))
def test_a_message_of_any_kind_is_explained(message: str) -> None:
    """What AWS will say tomorrow nobody knows."""
    explained = explain(refusal("AccessDenied", 403, message))

    assert isinstance(explained, Denied)
    assert len(explained.what) < 300


@pytest.mark.parametrize("code", ["ExpiredToken", "ExpiredTokenException", "RequestExpired"])
def test_a_session_that_ended_says_to_sign_in_again(code: str) -> None:
    """The commonest refusal of all has nothing to do with permissions."""
    explained = explain(refusal(code, 403))

    assert isinstance(explained, Denied)
    assert "expired" in explained.what
    assert "sign in" in explained.mend


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("RequestTimeTooSkewed", "The difference between the request time and the current time is too large."),
        ("SignatureDoesNotMatch", "Signature not yet current: 20261123T120000Z is still later than 20261123T110000Z"),
        ("InvalidSignatureException", "Signature expired: 20261123T100000Z is now earlier than 20261123T115500Z"),
    ],
)
def test_a_wrong_clock_is_named(code: str, message: str) -> None:
    """A wrong clock looks like a wrong key."""
    explained = explain(refusal(code, 403, message))

    assert isinstance(explained, Denied)
    assert "clock" in explained.what
    assert "NTP" in explained.mend


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (sdk.NoCredentialsError(), Denied),
        (sdk.PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"), Denied),
        (sdk.ProfileNotFound(profile="acme"), Denied),
        (sdk.UnauthorizedSSOTokenError(), Denied),
        (sdk.SSOTokenLoadError(error_msg="gone"), Denied),
        (sdk.TokenRetrievalError(provider="sso", error_msg="gone"), Denied),
        (sdk.CredentialRetrievalError(provider="custom", error_msg="gone"), Denied),
        (sdk.EndpointConnectionError(endpoint_url="https://iam"), Unavailable),
        (sdk.ConnectTimeoutError(endpoint_url="https://iam"), Unavailable),
        (sdk.ReadTimeoutError(endpoint_url="https://iam"), Unavailable),
        (sdk.ConnectionClosedError(endpoint_url="https://iam"), Unavailable),
        (sdk.SSLError(endpoint_url="https://iam", error=ValueError("bad")), Unavailable),
        (ResponseParserError("no XML"), Unexpected),
    ],
)
def test_an_error_of_the_sdk_is_one_of_four_kinds(error: Exception, kind: type[ConnectorError]) -> None:
    """Nothing of these may reach a person as a traceback."""
    assert type(explain(error)) is kind


@pytest.mark.parametrize("error", [KeyError("Accounts"), ValueError("x"), sdk.ParamValidationError(report="x")])
def test_our_own_mistakes_are_left_to_the_engine(error: Exception) -> None:
    """A bug that is explained as AWS's doing is never found."""
    assert explain(error) is None


def test_our_own_errors_stay_as_they_are() -> None:
    """What was said once is not said again in other words."""
    reply_text = Unexpected("the platform repeated a page token")

    assert explain(reply_text) is reply_text


def test_a_missing_sdk_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """An ImportError names a package that nobody asked for."""
    monkeypatch.setitem(sys.modules, "botocore.config", None)

    with pytest.raises(ConfigError) as missing:
        connect(Settings(session_name="without-sdk"), (), CountingWire())

    assert missing.value.mend == "pip install 'annexd[aws]'"
