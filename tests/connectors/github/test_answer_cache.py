"""Remembered answers: unchanged ones cost nothing, and nobody else can read them."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.github._sdk.answer_cache import AnswerCache, CachedAnswer, DiskCache, MemoryCache
from connectors.github._sdk.client import connect
from tests.connectors.aws.wires import CountingWire
from tests.connectors.github.estate import ORG, settings
from tests.connectors.github.played import Played
from tests.connectors.github.shapes import item

ANSWER = CachedAnswer('W/"1"', {"link": "<x>"}, b'{"secret": "CANARY-5519"}')


@pytest.fixture(params=["here", "sealed"])
def cache(request: pytest.FixtureRequest, tmp_path: Path) -> AnswerCache:
    """Both kinds."""
    return MemoryCache() if request.param == "here" else DiskCache(tmp_path / "answers", "ghp_x")


def test_what_was_kept_is_recalled(cache: AnswerCache) -> None:
    """Headers too: the next page is named in them."""
    cache.put("/a", ANSWER)

    assert cache.get("/a") == ANSWER
    assert cache.get("/b") is None


def test_the_last_answer_counts(cache: AnswerCache) -> None:
    """The tag of an older one would bring back what is no longer so."""
    cache.put("/a", ANSWER)
    cache.put("/a", CachedAnswer('W/"2"', {}, b"new"))

    assert cache.get("/a") == CachedAnswer('W/"2"', {}, b"new")


def test_memory_has_an_end() -> None:
    """A large estate must not fill it; what was not asked for longest goes first."""
    cache = MemoryCache(20)
    for name in "abc":
        cache.put(name, CachedAnswer(name, {}, b"x" * 10))
        cache.get("a")

    assert [cache.get(name) is not None for name in "abc"] == [True, False, True]


def test_nothing_of_an_answer_can_be_read_on_disk(tmp_path: Path) -> None:
    """Answers are kept as they came, before anything is redacted."""
    DiskCache(tmp_path, "ghp_x").put("/repos/acme/api", ANSWER)

    (file,) = tmp_path.iterdir()
    assert b"CANARY" not in file.read_bytes()
    assert "acme" not in file.name


@pytest.mark.parametrize("credential", ["ghp_y", ""])
def test_another_credential_recalls_nothing(tmp_path: Path, credential: str) -> None:
    """What one may see is not for the other."""
    DiskCache(tmp_path, "ghp_x").put("/a", ANSWER)

    assert DiskCache(tmp_path, credential).get("/a") is None


@pytest.mark.parametrize("where", [0, 12, -1])
def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, where: int) -> None:
    """A remembered answer becomes evidence: one bit that changed must not."""
    cache = DiskCache(tmp_path, "ghp_x")
    cache.put("/a", ANSWER)
    (file,) = tmp_path.iterdir()
    damaged = bytearray(file.read_bytes())
    damaged[where] ^= 1
    file.write_bytes(damaged)

    assert cache.get("/a") is None


def test_a_cache_outlives_the_process(hub: Played, tmp_path: Path) -> None:
    """Settings of a new process are other objects; the folder is the same."""
    hub.answers[ORG] = item("GET /orgs/{org}", login="acme")
    for _ in range(2):
        connect(settings(hub, cache=tmp_path), ("acme",), CountingWire()).request("GET /orgs/{org}")

    assert (hub.total(), hub.unchanged) == (2, 1)


def test_only_the_owner_may_look_into_the_cache(tmp_path: Path) -> None:
    """Answers of a company's platform are nobody else's on a shared machine, sealed or not."""
    folder = tmp_path / "answers"

    DiskCache(folder, "a token").put("/orgs/acme", CachedAnswer("tag", {}, b"{}"))

    (file,) = folder.iterdir()
    assert (folder.stat().st_mode & 0o777, file.stat().st_mode & 0o777) == (0o700, 0o600)
