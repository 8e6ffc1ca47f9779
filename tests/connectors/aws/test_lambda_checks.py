"""The checks of functions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from collector.core.checks import Status
from connectors.aws.lambda_functions.checks import (
    function_not_public,
    function_supported_runtime,
    function_url_authenticated,
)
from connectors.aws.lambda_functions.runtimes import AS_OF, ENDS
from tests.connectors.aws.builders import (
    FAIL,
    NOTHING,
    NOW,
    OWN,
    PASS,
    STRANGER,
    UNKNOWN,
    UNREAD,
    a_bucket,
    all_of,
    not_seen,
    text,
    verdict,
)
from tests.connectors.aws.guarded_builders import FUNCTION_ARN, a_function


def invoke(principal: Any = "*", condition: Any = None, action: str = "lambda:InvokeFunction") -> dict[str, Any]:
    """A statement as lambda:AddPermission writes it."""
    conditions = {} if condition is None else {"Condition": condition}
    return {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": FUNCTION_ARN, **conditions}


def by_url(auth: str = "NONE", principal: Any = "*") -> dict[str, Any]:
    """What a URL needs, as the console writes it."""
    return invoke(principal, {"StringEquals": {"lambda:FunctionUrlAuthType": auth}}, "lambda:InvokeFunctionUrl")


S3 = {"Service": "s3.amazonaws.com"}
BUCKET = {"ArnLike": {"AWS:SourceArn": "arn:aws:s3:::acme-files"}}
VIA_URL = invoke(condition={"Bool": {"lambda:InvokedViaFunctionUrl": "true"}})
PUBLIC_URL = ((FUNCTION_ARN, "NONE"),)
SIGNED_URL = ((FUNCTION_ARN, "AWS_IAM"),)


@pytest.mark.parametrize(
    ("statements", "status"),
    [
        ([], PASS),
        ([invoke()], FAIL),
        ([invoke({"AWS": "*"}, action="lambda:*")], FAIL),
        ([invoke({"AWS": STRANGER})], PASS),
        ([invoke("*", {"StringEquals": {"aws:PrincipalOrgID": "o-acmeacme00"}})], PASS),
        ([invoke("*", {"StringEquals": {"aws:SourceAccount": OWN}})], PASS),
        ([invoke("*", {"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}})], UNKNOWN),
        ([invoke(S3)], FAIL),
        ([invoke(S3, {"StringEquals": {"AWS:SourceAccount": OWN}})], PASS),
        ([invoke(S3, {"StringEquals": {"AWS:SourceAccount": OWN}, **BUCKET})], PASS),
        ([invoke({"Service": "events.amazonaws.com"})], FAIL),
        (
            [
                invoke(
                    {"Service": "events.amazonaws.com"},
                    {"ArnLike": {"AWS:SourceArn": f"arn:aws:events:eu-central-1:{OWN}:rule/nightly"}},
                )
            ],
            PASS,
        ),
        (
            [invoke({"Service": "alexa-appkit.amazon.com"}, {"StringEquals": {"lambda:EventSourceToken": "skill"}})],
            PASS,
        ),
        ([invoke({"Service": "alexa-appkit.amazon.com"})], FAIL),
        ([invoke({"Federated": "accounts.google.com"})], UNKNOWN),
    ],
)
def test_who_may_call(statements: list[Any], status: Status) -> None:
    """A service acts for whoever set it up, unless the policy says for whom."""
    assert verdict(function_not_public, a_function(*statements)).status is status


@pytest.mark.parametrize(
    ("buckets", "status"),
    [
        (all_of(a_bucket()), PASS),
        (all_of(a_bucket(Name="another")), UNKNOWN),
        (all_of(), UNKNOWN),
        (not_seen(), UNKNOWN),
    ],
)
def test_a_bucket_that_is_named_without_its_account(buckets: Any, status: Status) -> None:
    """Its ARN says nothing of the owner; the account's own list does."""
    assert verdict(function_not_public, a_function(invoke("*", BUCKET)), buckets).status is status
    assert verdict(function_not_public, a_function(invoke(S3, BUCKET)), buckets).status is status


@pytest.mark.parametrize(
    ("statements", "urls", "status"),
    [
        ([by_url(), VIA_URL], PUBLIC_URL, FAIL),
        ([by_url()], PUBLIC_URL, UNKNOWN),
        ([by_url(), VIA_URL], (), PASS),
        ([by_url(), VIA_URL], SIGNED_URL, PASS),
        ([by_url(), VIA_URL], ((f"{FUNCTION_ARN}:live", "NONE"),), PASS),
        ([by_url(), VIA_URL], UNREAD, UNKNOWN),
        ([by_url("AWS_IAM"), VIA_URL], SIGNED_URL, FAIL),
        ([by_url("AWS_IAM"), VIA_URL], PUBLIC_URL, PASS),
        ([by_url("AWS_IAM", {"AWS": OWN}), VIA_URL], SIGNED_URL, PASS),
        ([], PUBLIC_URL, PASS),
        ([], UNREAD, PASS),
        ([invoke(action="lambda:InvokeFunctionUrl"), VIA_URL], PUBLIC_URL, FAIL),
        ([invoke(action="lambda:InvokeFunctionUrl"), VIA_URL], (), PASS),
        ([invoke(action="lambda:InvokeFunction*")], (), FAIL),
        ([by_url("SOMETHING_NEW"), VIA_URL], ((FUNCTION_ARN, "SOMETHING_NEW"),), UNKNOWN),
        ([VIA_URL], PUBLIC_URL, PASS),
    ],
)
def test_urls(statements: list[Any], urls: Any, status: Status) -> None:
    """A URL without authentication is as open as the policy, and a policy without a URL opens none."""
    assert verdict(function_not_public, a_function(*statements, urls=urls)).status is status


@pytest.mark.parametrize(
    ("qualified", "status"),
    [
        ([], PASS),
        ([("live", [invoke()])], FAIL),
        ([("7", [invoke({"AWS": OWN})])], PASS),
        ([("7", [invoke({"AWS": OWN})]), ("live", [invoke(S3)])], FAIL),
        (UNREAD, UNKNOWN),
    ],
)
def test_versions_and_aliases_have_policies_of_their_own(qualified: Any, status: Status) -> None:
    """Whoever may call an alias calls the function."""
    policies = qualified
    if qualified is not UNREAD:
        policies = [
            {
                "Qualifier": name,
                "Policy": text(*({**item, "Resource": f"{FUNCTION_ARN}:{name}"} for item in statements)),
            }
            for name, statements in qualified
        ]

    assert verdict(function_not_public, a_function(Qualified=policies)).status is status


def test_a_url_of_an_alias_is_judged_with_the_policy_of_the_alias() -> None:
    """Each URL has the policy of what it calls."""
    arn = f"{FUNCTION_ARN}:live"
    statements = [{**item, "Resource": arn} for item in (by_url(), VIA_URL)]
    function = a_function(Qualified=[{"Qualifier": "live", "Policy": text(*statements)}], urls=((arn, "NONE"),))

    result = verdict(function_not_public, function)

    assert result.status is FAIL
    assert "policy of live" in result.reason


def test_one_way_in_is_enough_whatever_else_is_unread() -> None:
    """What was seen to be open is open."""
    assert verdict(function_not_public, a_function(invoke(), Qualified=UNREAD, urls=UNREAD)).status is FAIL
    assert verdict(function_not_public, a_function(Policy=UNREAD)).status is UNKNOWN


def test_layers_are_named() -> None:
    """Their code runs as the function, and their policies are another matter."""
    layered = a_function(Layers=[{"Arn": f"arn:aws:lambda:eu-central-1:{OWN}:layer:tools:1"}])

    assert "layers" in verdict(function_not_public, layered).reason


@pytest.mark.parametrize(
    ("function", "limits", "status"),
    [
        ({}, {}, PASS),
        ({"Runtime": "python3.9"}, {}, FAIL),
        ({"Runtime": "python3.10"}, {}, FAIL),
        ({"Runtime": "nodejs20.x"}, {}, FAIL),
        ({"Runtime": "nodejs99.x"}, {}, UNKNOWN),
        ({"Runtime": "python3.9"}, {"supported_runtimes": ("python3.9",)}, PASS),
        ({"Runtime": "python3.13"}, {"deprecated_runtimes": ("python3.13",)}, FAIL),
        ({"Runtime": None, "PackageType": "Image"}, {}, NOTHING),
        ({"Runtime": None}, {}, UNKNOWN),
        ({}, {"runtimes_read_within": timedelta(days=30)}, UNKNOWN),
        ({"Runtime": "python3.9"}, {"runtimes_read_within": timedelta(days=30)}, FAIL),
        ({"Runtime": "python3.10"}, {"runtimes_read_within": timedelta(days=30)}, UNKNOWN),
    ],
)
def test_runtimes(function: dict[str, Any], limits: dict[str, Any], status: Status) -> None:
    """What had ended when the page was read stays so; all else holds for as long as the page does."""
    assert verdict(function_supported_runtime, a_function(**function), **limits).status is status


@pytest.mark.parametrize(("days", "status"), [(-1, PASS), (0, FAIL), (1, FAIL)])
def test_a_runtime_ends_on_the_day_that_was_announced(days: int, status: Status) -> None:
    """The first day without mending is the one that AWS names."""
    end = datetime.combine(ENDS["python3.10"], datetime.min.time(), UTC)

    result = verdict(function_supported_runtime, a_function(Runtime="python3.10"), now=end + timedelta(days=days))

    assert result.status is status


def test_a_page_that_is_old_says_nothing_of_what_had_not_ended() -> None:
    """A list that nobody looks after would pass for ever."""
    later = datetime.combine(AS_OF, datetime.min.time(), UTC) + timedelta(days=181)

    statuses = [
        verdict(function_supported_runtime, a_function(Runtime=name), now=later).status
        for name in ("nodejs24.x", "python3.10", "python3.9")
    ]

    assert statuses == [UNKNOWN, UNKNOWN, FAIL]
    assert later > NOW


FROM_OFFICE = {"IpAddress": {"aws:SourceIp": "8.8.8.0/24"}}
FROM_HALF = {"IpAddress": {"aws:SourceIp": ["128.0.0.0/1"]}}


def limited(condition: Any) -> list[dict[str, Any]]:
    """The two permissions that a URL needs, for some addresses."""
    return [{**item, "Condition": {**item.get("Condition", {}), **condition}} for item in (by_url(), VIA_URL)]


@pytest.mark.parametrize(
    ("statements", "urls", "status"),
    [
        ([by_url(), VIA_URL], (), NOTHING),
        ([by_url(), VIA_URL], UNREAD, UNKNOWN),
        ([by_url(), VIA_URL], SIGNED_URL, PASS),
        ([by_url("AWS_IAM"), VIA_URL], SIGNED_URL, PASS),
        ([by_url(), VIA_URL], PUBLIC_URL, FAIL),
        ([by_url()], PUBLIC_URL, UNKNOWN),
        ([], PUBLIC_URL, PASS),
        ([by_url("NONE", {"AWS": OWN}), VIA_URL], PUBLIC_URL, PASS),
        (limited(FROM_OFFICE), PUBLIC_URL, PASS),
        (limited(FROM_HALF), PUBLIC_URL, FAIL),
        (limited({"StringLike": {"aws:SourceIp": "8.*"}}), PUBLIC_URL, UNKNOWN),
        ([by_url(), VIA_URL], (*SIGNED_URL, *PUBLIC_URL), FAIL),
        ([by_url("SOMETHING_NEW"), VIA_URL], ((FUNCTION_ARN, "SOMETHING_NEW"),), UNKNOWN),
    ],
)
def test_urls_that_the_internet_reaches(statements: list[Any], urls: Any, status: Status) -> None:
    """A URL without authentication is as open as the policy, and a policy may be open to a part of the internet."""
    assert verdict(function_url_authenticated, a_function(*statements, urls=urls)).status is status


def test_a_url_without_authentication_that_is_meant_for_everybody() -> None:
    """The company says so."""
    function = a_function(by_url(), VIA_URL, urls=PUBLIC_URL)

    named = verdict(function_url_authenticated, function, approved_public_functions=("web",))
    other = verdict(function_url_authenticated, function, approved_public_functions=("webshop",))

    assert [named.status, other.status] == [PASS, FAIL]


@pytest.mark.parametrize(
    ("own", "qualified", "status"), [([], UNREAD, UNKNOWN), ([by_url(), VIA_URL], [], PASS), (UNREAD, [], PASS)]
)
def test_a_url_of_an_alias_depends_on_the_policy_of_the_alias(own: Any, qualified: Any, status: Status) -> None:
    """That of the function says nothing of it, and need not be read."""
    given = () if own is UNREAD else own
    but = {"Policy": UNREAD} if own is UNREAD else {}
    function = a_function(*given, urls=((f"{FUNCTION_ARN}:live", "NONE"),), Qualified=qualified, **but)

    assert verdict(function_url_authenticated, function).status is status


def test_the_path_to_a_function_is_in_the_reason() -> None:
    """Each step from the internet to the function, and how much of it comes through."""
    result = verdict(function_url_authenticated, a_function(*limited(FROM_HALF), urls=PUBLIC_URL))

    steps = result.reason.split(" -> ")
    assert [steps[0], steps[-1]] == ["internet", "web"]
    assert "NONE" in steps[1]
    assert "statement 1" in steps[2]
    assert "IPv4" in steps[2]
