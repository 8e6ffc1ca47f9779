"""The played GitHub of the demo: it answers as GitHub would, and annexd sees in it what was put there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from collector.core.secrets import Secret
from collector.demo.github.company import GitHubCompany, seed
from collector.demo.github.double import GitHubDouble, Reply
from collector.setup.loading import connector
from connectors.github._sdk.settings import Settings
from tests.connectors.github import shapes
from tests.sweep.scanning import Scanned, scan

GITHUB = connector("github")


@pytest.fixture(scope="module")
def acme() -> Iterator[tuple[GitHubDouble, GitHubCompany]]:
    """The organization, furnished once."""
    with GitHubDouble() as double:
        yield double, seed(double)


@pytest.fixture(scope="module")
def scanned(acme: tuple[GitHubDouble, GitHubCompany], tmp_path_factory: pytest.TempPathFactory) -> Scanned:
    """What annexd makes of it."""
    token = Secret("a test", lambda: acme[1].token)
    settings = Settings(token=token, organizations=(acme[1].login,), url=acme[0].url)
    return scan(GITHUB, settings, tmp_path_factory.mktemp("demo"))


def said(answer: Any) -> Iterator[Any]:
    """Yield the ways in which a path is answered with something other than an error."""
    queries: list[dict[str, str]] = [
        {"role": "admin"}, {"role": "maintainer"}, {"role": "member"}, {"filter": "2fa_disabled"},
        {"phrase": "actor:alice"}, {"phrase": "created:>=x"},
    ]  # fmt: skip
    if callable(answer):
        yield from (answer(query) for query in queries)
    elif not isinstance(answer, Reply):
        yield answer


def test_what_is_played_fits_the_shapes_that_github_publishes(acme: tuple[GitHubDouble, GitHubCompany]) -> None:
    """A demo on answers that GitHub never gives would show another program than the one that people use."""
    wrong = []
    for path, answer in acme[0].answers.items():
        call = shapes.call_of(path)
        assert call is not None, f"GitHub has no {path}"
        for body in said(answer):
            try:
                shapes.check(call, 204 if body is None else 200, shapes.completed(call, body))
            except AssertionError as error:
                wrong.append(str(error))

    assert wrong == []


def test_what_was_put_there_is_found(acme: tuple[GitHubDouble, GitHubCompany], scanned: Scanned) -> None:
    """The demo promises good and bad; each must be told from the other."""
    wrong = []
    for one in acme[1].expected:
        found = {
            where: now.status.value
            for where, now in scanned.verdicts.items()
            if where[:2] == (one.check, one.scope) and (not one.subject or where[2] == one.subject)
        }
        if set(found.values()) != {one.outcome}:
            wrong.append((one, found))

    assert wrong == []
