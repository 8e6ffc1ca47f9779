"""What Google's refusals mean, in each of their shapes."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from collector.core.errors import Denied, NotSignedIn, NotThere, NotUsed, RateLimited, Unavailable, Unexpected
from connectors._google.errors import google_errors, google_usage
from connectors._http import Reply
from tests.connectors.google.refusals import by_error_info, by_list, by_status, by_text


def reply(response: httpx.Response) -> Reply:
    """Return an answer as the kit reads it."""
    headers = {"content-type": "application/json", **dict(response.headers)}
    return Reply(response.status_code, headers, response.content)


@pytest.mark.parametrize(
    ("response", "kind", "code"),
    [
        (by_error_info(403, "IAM_PERMISSION_DENIED", permission="a.b.get"), Denied, "IAM_PERMISSION_DENIED"),
        (by_list(403, "forbidden"), Denied, "forbidden"),
        (by_status(403, "PERMISSION_DENIED"), Denied, "PERMISSION_DENIED"),
        (by_text(403, "access_denied"), Denied, "access_denied"),
        (by_error_info(403, "SECURITY_POLICY_VIOLATED"), Denied, "SECURITY_POLICY_VIOLATED"),
        (by_error_info(403, "BILLING_DISABLED"), Denied, "BILLING_DISABLED"),
        (by_status(401, "UNAUTHENTICATED"), NotSignedIn, "UNAUTHENTICATED"),
        (by_list(404, "notFound"), NotThere, "notFound"),
        (by_status(404, "NOT_FOUND"), NotThere, "NOT_FOUND"),
        (httpx.Response(404, json={"found": False}), Unexpected, "404"),
        (httpx.Response(404, text="<html>", headers={"Content-Type": "text/html"}), Unexpected, "404"),
        (by_list(403, "rateLimitExceeded"), RateLimited, "rateLimitExceeded"),
        (by_list(403, "userRateLimitExceeded"), RateLimited, "userRateLimitExceeded"),
        (by_list(403, "quotaExceeded"), RateLimited, "quotaExceeded"),
        (by_error_info(429, "RATE_LIMIT_EXCEEDED", name="RESOURCE_EXHAUSTED"), RateLimited, "RATE_LIMIT_EXCEEDED"),
        (by_status(429, "RESOURCE_EXHAUSTED"), RateLimited, "RESOURCE_EXHAUSTED"),
        (by_list(403, "dailyLimitExceeded"), Unavailable, "dailyLimitExceeded"),
        (by_list(429, "dailyLimitExceeded"), Unavailable, "dailyLimitExceeded"),
        (by_status(503, "UNAVAILABLE"), Unavailable, "503"),
        (by_status(400, "INVALID_ARGUMENT"), Unexpected, "400"),
        (httpx.Response(403, json={"error": {"details": "none", "errors": [], "status": 7}}), Denied, "403"),
        (httpx.Response(403, json=[1]), Denied, "403"),
    ],
)
def test_a_refusal_means_what_google_documents(response: httpx.Response, kind: type[Exception], code: str) -> None:
    """Whichever of its shapes it has; without Google's body a 404 says nothing of what was asked for."""
    error = google_errors().of(reply(response), "an.operation")

    assert (type(error), error.code) == (kind, code)


@pytest.mark.parametrize("reason", ["SERVICE_DISABLED", "accessNotConfigured"])
@pytest.mark.parametrize(
    ("metadata", "kind"),
    [
        ({"consumer": "projects/11", "service": "run.googleapis.com"}, NotUsed),
        ({"consumer": "projects/99", "service": "run.googleapis.com"}, NotThere),
        ({"service": "run.googleapis.com"}, NotThere),
        ({"consumer": ""}, NotThere),
    ],
)
def test_an_api_is_off_in_the_project_that_google_names(
    reason: str, metadata: dict[str, str], kind: type[Exception]
) -> None:
    """Off in the project that pays says nothing of the one that is asked about."""
    error = google_errors("projects/11", "projects/acme").of(reply(by_error_info(403, reason, **metadata)), "a.b")

    assert type(error) is kind
    assert ("99" in error.mend) is (metadata.get("consumer") == "projects/99")


def test_without_a_project_of_its_own_nothing_is_unused() -> None:
    """An organization has no APIs."""
    refusal = by_error_info(403, "SERVICE_DISABLED", consumer="projects/11")

    assert type(google_errors().of(reply(refusal), "a.b")) is NotThere


def test_the_words_of_one_api_are_added() -> None:
    """And count before what they mean elsewhere."""
    errors = google_errors(by_code={"FAILED_PRECONDITION": NotThere})

    assert type(errors.of(reply(by_status(400, "FAILED_PRECONDITION")), "a.b")) is NotThere


@pytest.mark.parametrize(
    ("response", "seconds"),
    [
        (by_error_info(429, "RATE_LIMIT_EXCEEDED", retry="7.5s"), 7.5),
        (by_error_info(429, "RATE_LIMIT_EXCEEDED", retry="soon"), 18),
        (by_list(403, "userRateLimitExceeded"), 18),
        (by_list(403, "forbidden"), None),
        (by_list(403, "dailyLimitExceeded"), None),
        (by_status(500, "INTERNAL"), None),
        (httpx.Response(200, json={"error": {"status": "RESOURCE_EXHAUSTED"}}), None),
    ],
)
def test_a_throttled_call_waits_as_long_as_google_says(response: httpx.Response, seconds: float | None) -> None:
    """Or until the minute is over in which calls are counted, by Google's clock."""
    response.headers["date"] = "Mon, 30 Nov 2026 10:00:42 GMT"
    waits = google_usage(reply(response)).retry_after

    assert waits == (None if seconds is None else timedelta(seconds=seconds))
