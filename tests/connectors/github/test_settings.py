"""What a source may say, and what is refused before anything is asked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from collector.core.secrets import Secret
from collector.core.wire import Call
from connectors.github._sdk.settings import INSTALLATION_ACCESS, Settings, quota, roots

TOKEN = Secret("a test", lambda: "ghp_x")
KEY = Secret("a test", lambda: "PEM")
APP = {"app_id": "1", "private_key": KEY}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "either token"),
        ({"token": TOKEN, **APP}, "either token"),
        ({"app_id": "1"}, "belong together"),
        ({"token": TOKEN, "private_key": KEY}, "belong together"),
        ({"token": TOKEN, "installation_id": 1}, "belongs to app_id"),
        ({"token": TOKEN, "organizations": ()}, "organizations is empty"),
        ({"token": TOKEN, "organizations": ("a/b",)}, "not a login"),
        ({**APP, "installation_id": 1, "organizations": ("a", "b")}, "one organization"),
        ({"token": TOKEN, "url": "http://git.acme.example/api/v3"}, "https only"),
        ({"token": TOKEN, "url": "https://github.com"}, "is no API"),
        ({"token": TOKEN, "url": "https://user@git.acme.example/api/v3"}, "is no API"),
        ({"token": TOKEN, "quota_share": 0.0}, "quota_share"),
        ({"token": TOKEN, "quota_share": 1.1}, "quota_share"),
        ({"token": TOKEN, "window": timedelta(0)}, "window"),
        ({"token": TOKEN, "most_changes": 0}, "most_changes"),
    ],
)
def test_what_cannot_be_is_refused(values: dict[str, Any], message: str) -> None:
    """A mistake found here costs nothing; found in the middle of a night, an hour."""
    with pytest.raises(ValueError, match=message):
        Settings(**values)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"organizations": ("acme", "other")}, [(), ("acme",), ("other",)]),
        ({}, [()]),
    ],
)
def test_the_roots_are_what_the_settings_name(values: dict[str, Any], expected: list[tuple[str, ...]]) -> None:
    """The plan is written before the first request, so it can hold no more."""
    assert roots(Settings(token=TOKEN, **values)) == expected


@pytest.mark.parametrize(
    ("values", "repository", "wanted"),
    [
        ({}, {"name": "api"}, True),
        ({"repositories": ("api", "web-*")}, {"name": "web-shop"}, True),
        ({"repositories": ("api",)}, {"name": "web"}, False),
        ({"exclude": ("*-old",)}, {"name": "api-old"}, False),
        ({"repositories": ("API",)}, {"name": "api"}, False),
        ({}, {"name": "api", "archived": True}, True),
        ({"include_archived": False}, {"name": "api", "archived": True}, False),
        ({"include_archived": False}, {"name": "api", "archived": False}, True),
        ({"include_forks": False}, {"name": "api", "fork": True}, False),
    ],
)
def test_which_repositories_are_looked_into(values: dict[str, Any], repository: dict[str, Any], wanted: bool) -> None:
    """What is left out stays in the list of repositories, where it can be seen to be left out."""
    assert Settings(token=TOKEN, **values).wants(repository) is wanted


def owner(settings: Settings, scope: tuple[str, ...], operation: str = "GET /orgs/{org}") -> str:
    """Whose quota a call counts against."""
    return quota(settings, scope, Call(operation)).owner


def test_whose_quota_counts() -> None:
    """A token has one, whichever source uses it; an app has one for each organization, and one of its own."""
    other = Secret("another place", lambda: "ghp_y")
    app = Settings(app_id="1", private_key=KEY)

    assert owner(Settings(token=TOKEN), ("acme", "api")) == owner(Settings(token=TOKEN, window=timedelta(1)), ("b",))
    assert owner(Settings(token=TOKEN), ("acme",)) != owner(Settings(token=other), ("acme",))
    assert owner(Settings(token=TOKEN), ()) != owner(Settings(token=TOKEN, url="https://git.acme.example/api/v3"), ())
    assert owner(app, ("acme", "api")) == owner(app, ("acme",))
    assert owner(app, ("acme",)) != owner(app, ("other",))
    assert owner(app, ("acme",), INSTALLATION_ACCESS) == owner(app, ()) == owner(app, ("other",), "GET /app")


@pytest.mark.parametrize(
    ("operation", "name", "unit", "span"),
    [
        ("GET /orgs/{org}/members", "core", "requests", timedelta(hours=1)),
        ("GET /search/issues", "search", "requests", timedelta(minutes=1)),
        ("GET /search/code", "code_search", "requests", timedelta(minutes=1)),
        ("POST /graphql", "graphql", "points", timedelta(hours=1)),
        ("GET /orgs/{org}/audit-log", "audit_log", "requests", timedelta(hours=1)),
    ],
)
def test_each_kind_of_call_has_a_quota_of_its_own(operation: str, name: str, unit: str, span: timedelta) -> None:
    """They are what `GET /rate_limit` names; of each, the source uses its share."""
    bucket = quota(Settings(token=TOKEN, quota_share=0.25), ("acme",), Call(operation))

    assert (bucket.name, bucket.unit, bucket.span, bucket.share) == (name, unit, span, 0.25)


def test_a_secret_is_in_no_repr() -> None:
    """Settings are shown in messages."""
    assert "ghp_x" not in repr(Settings(token=TOKEN))
