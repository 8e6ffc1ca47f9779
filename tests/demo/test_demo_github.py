"""The GitHub of the demo: its answers fit GitHub's schema, and a scan has the expected results."""

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
    """Return the double, and the organization seeded once."""
    with GitHubDouble() as double:
        yield double, seed(double)


@pytest.fixture(scope="module")
def scanned(acme: tuple[GitHubDouble, GitHubCompany], tmp_path_factory: pytest.TempPathFactory) -> Scanned:
    """Return a scan of the organization."""
    token = Secret("a test", lambda: acme[1].token)
    settings = Settings(token=token, organizations=(acme[1].login,), url=acme[0].url)
    return scan(GITHUB, settings, tmp_path_factory.mktemp("demo"))


def answer_bodies(answer: Any) -> Iterator[Any]:
    """Yield the bodies with which a path is answered, without errors."""
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
        for body in answer_bodies(answer):
            try:
                shapes.check(call, 204 if body is None else 200, shapes.completed(call, body))
            except AssertionError as error:
                wrong.append(str(error))

    assert wrong == []


def test_what_was_put_there_is_found(acme: tuple[GitHubDouble, GitHubCompany], scanned: Scanned) -> None:
    """The demo promises good and bad; each must be told from the other."""
    wrong = []
    for expected in acme[1].expected:
        statuses = {
            where: now.status.value
            for where, now in scanned.verdicts.items()
            if where[:2] == (expected.check, expected.scope) and (not expected.subject or where[2] == expected.subject)
        }
        if set(statuses.values()) != {expected.outcome}:
            wrong.append((expected, statuses))

    assert wrong == []
