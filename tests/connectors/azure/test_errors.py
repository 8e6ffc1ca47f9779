"""What the refusals of Resource Manager mean: four states, and none of them is an empty list."""

from __future__ import annotations

import httpx
import pytest

from collector.core.errors import (
    ConnectorError,
    Denied,
    NotSignedIn,
    NotThere,
    NotUsed,
    RateLimited,
    Unavailable,
    Unexpected,
)
from connectors._http import Reply, Usage
from connectors.azure._sdk.client import connect
from connectors.azure._sdk.errors import ERRORS
from connectors.azure._sdk.quotas import reads_left
from connectors.azure.storage.resources import ACCOUNTS, accounts
from tests.connectors.aws.wires import CountingWire
from tests.connectors.azure.double import AzureDouble, error, refused, settings
from tests.connectors.azure.estate import FIRST


def raised_by(double: AzureDouble, wire: CountingWire, answer: httpx.Response) -> ConnectorError:
    """What a list raises that is answered so."""
    double.wrong[ACCOUNTS] = lambda _request, _data: httpx.Response(
        answer.status_code, headers=answer.headers, content=answer.content
    )
    with pytest.raises(ConnectorError) as caught:
        list(accounts(connect(settings(), (FIRST,), wire)))
    return caught.value


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refused("Microsoft.Storage/storageAccounts/read"), Denied),
        (error(403, "AuthorizationFailed"), Denied),
        (error(403, "SomethingElse"), Denied),
        (error(401, "InvalidAuthenticationToken"), NotSignedIn),
        (error(401, "InvalidAuthenticationTokenTenant"), NotSignedIn),
        (error(404, "SubscriptionNotFound"), NotThere),
        (error(403, "DisallowedOperation"), NotThere),
        (error(409, "MissingSubscriptionRegistration"), NotUsed),
        (error(401, "Subscription Not Registered", "Please register to Microsoft.Security in order to"), NotUsed),
        (error(404, "Subscription Not Registered", "Please register to Microsoft.Security in order to"), NotUsed),
        (error(404, "Subscription Not Registered", "of something else"), Unexpected),
        (error(404, "NoRegisteredProviderFound"), Unexpected),
        (error(400, "InvalidApiVersionParameter"), Unexpected),
        (error(404, "InvalidResourceType"), Unexpected),
        (error(400, "AadPremiumLicenseRequired"), NotThere),
        (error(404, "ResourceNotFound"), NotThere),
        (error(409, "Conflict"), Unexpected),
        (httpx.Response(404), Unexpected),
        (httpx.Response(403, json={"Code": "Forbidden", "Message": "older form"}), Denied),
        (httpx.Response(409, json={"code": "MissingSubscriptionRegistration"}), NotUsed),
        (error(500, "InternalServerError"), Unavailable),
    ],
)
def test_what_a_refusal_means(
    answer: httpx.Response, kind: type[ConnectorError], double: AzureDouble, wire: CountingWire
) -> None:
    """No licence, no permission, not there and not used are told apart by Azure's own word."""
    assert type(raised_by(double, wire, answer)) is kind


def test_a_deny_assignment_is_named(double: AzureDouble, wire: CountingWire) -> None:
    """Granting a role would not mend it."""
    message = (
        "The client 'x' with object id 'x' has permission to perform action 'A/b/read' over scope '/s'; however, the "
        "access is denied because of the deny assignment with name 'd'."
    )
    said = raised_by(double, wire, error(403, "DenyAssignmentAuthorizationFailed", message))

    assert "A/b/read" in said.what
    assert "deny assignment" in said.what


def test_too_many_requests_are_waited_for(double: AzureDouble, wire: CountingWire) -> None:
    """As long as Azure asks, and then it is said."""
    said = raised_by(double, wire, error(429, "SubscriptionRequestsThrottled", retry_after="17"))

    assert isinstance(said, RateLimited)
    assert double.served(ACCOUNTS) == 4


@pytest.mark.parametrize(
    ("headers", "usage"),
    [
        ({"x-ms-ratelimit-remaining-subscription-reads": "200"}, (200, 250, 2.0)),
        ({"x-ms-ratelimit-remaining-tenant-reads": "250"}, (250, 250, 0.0)),
        ({"x-ms-ratelimit-remaining-subscription-reads": "0"}, (0, 250, 10.0)),
        ({"x-ms-ratelimit-remaining-subscription-reads": "11999"}, None),
        ({"x-ms-ratelimit-remaining-subscription-reads": "many"}, None),
        ({}, None),
    ],
)
def test_how_many_reads_are_left(headers: dict[str, str], usage: tuple[int, int, float] | None) -> None:
    """Of 250, of which 25 come back each second; a number that cannot be is not believed."""
    found = reads_left(Reply(200, headers, b"{}"))

    if usage is None:
        assert found == Usage()
    else:
        assert found.resets_in is not None
        assert (found.remaining, found.limit, found.resets_in.total_seconds()) == usage


def test_a_body_that_is_no_json_is_no_word_of_azure() -> None:
    """A proxy's page is not taken for a refusal."""
    said = ERRORS.of(Reply(403, {"content-type": "text/html"}, b"<html>Subscription Not Registered</html>"), "GET /x")

    assert not isinstance(said, NotUsed)
