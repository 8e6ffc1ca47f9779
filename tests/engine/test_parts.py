"""Parts of a body: null only on the platform's own word, unread for every other reason."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from collector.core.errors import DeadlinePassed
from collector.core.tasks import Outcome, UnreadPart
from collector.engine.run import Limits
from tests.golden_parts import compare_part
from tests.played.connector import Recipe, hooks, played, repos
from tests.played.platform import HOOKS, PROTECTION, REPOS, Platform, a_repo, an_org, html, on_page, status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from collector.core.resources import Body
    from tests.played.session import Session
    from tests.played.world import World

API = ("acme", "api")


def test_a_part_is_null_on_the_platform_s_own_word_only(make_world: Callable[..., World]) -> None:
    """The platform says that there is none: that is knowledge, and judged as such."""
    world = make_world()
    world.run()

    assert b'"protection":null' in (world.bodies("played.repo")["docs"].blob or b"")
    assert world.bodies("played.repo")["docs"].unread == {}
    assert world.finding("played_repo_protected", *API, subject="docs").status.value == "fail"


@pytest.mark.parametrize(
    ("answer", "why", "denied"),
    [
        (lambda: status(403, error="forbidden"), "403 forbidden", True),
        (lambda: status(404, error="no_such_repo"), "404 no_such_repo", False),
        (lambda: status(429), "429", False),
        (lambda: status(503), "503", False),
        (html, "not JSON", False),
        (lambda: httpx.Response(200, content=b"null"), "without the platform's word for it", False),
    ],
    ids=["refused", "another 404", "throttled", "down", "html", "an empty answer"],
)
def test_a_part_that_cannot_be_read_is_unread(
    make_world: Callable[..., World], answer: Callable[[], httpx.Response], why: str, denied: bool
) -> None:
    """Unprotected and not allowed to look are two findings; only one of them is a fail."""
    world = make_world()
    world.platform.play(PROTECTION, lambda _request: answer())
    world.run()
    stored = world.bodies("played.repo")["docs"]
    (part,) = stored.unread.values()

    assert world.observation("played.repo", *API).outcome is Outcome.COMPLETE
    assert list(stored.unread) == ["protection"]
    assert b"protection" not in (stored.blob or b"")
    assert (part.call, part.permissions, part.denied) == (PROTECTION, "protection:read" if denied else "", denied)
    assert why in part.why
    finding = world.finding("played_repo_protected", *API, subject="docs")
    assert finding.status.value == "unknown"
    assert all(text in finding.reason for text in (PROTECTION, why))
    assert ("protection:read" in finding.reason) is denied, "only a refusal names a permission"
    assert world.finding("played_repo_hooks_tls", *API, subject="docs").status.value == "pass"


def test_what_is_unread_is_counted_for_the_auditor(make_world: Callable[..., World]) -> None:
    """A complete list of half-read items says how many lack what."""
    world = make_world()
    world.platform.deny(HOOKS, "docs")
    world.run()

    assert world.observation("played.repo", *API).provenance.unread == {"hooks": 1}


def test_a_part_with_the_connector_s_own_none_is_unread(make_world: Callable[..., World]) -> None:
    """A function that returns nothing has not heard the platform say so."""

    def forgets(_session: Session, _repo: Body) -> None:
        return None

    world = make_world(connector=played(Recipe(hooks=forgets)))
    world.run()

    assert world.finding("played_repo_hooks_tls", *API, subject="docs").status.value == "unknown"


def test_the_explanation_of_a_broken_part_keeps_no_secret(make_world: Callable[..., World]) -> None:
    """The reason of an unread part is shown on pages that many people read."""
    world = make_world()
    world.platform.play(HOOKS, lambda _request: status(500, error="token=abcdef0123456789"))
    world.run()

    assert "abcdef0123456789" not in repr(world.bodies("played.repo")["core"].unread)


def test_items_stay_in_order_however_their_parts_return(make_plain_world: Callable[..., World]) -> None:
    """Evidence reads as the platform listed it, and two runs compare."""
    later = threading.Event()

    def first_waits(_session: Session, repo: Body) -> Any:
        if repo["name"] == "r00":
            assert later.wait(20)
        if repo["name"] == "r20":
            later.set()
        return []

    repos = [a_repo(f"r{number:02}") for number in range(30)]
    world = make_plain_world(
        Platform(acme=an_org(projects={"api": repos})), connector=played(Recipe(hooks=first_waits))
    )
    world.run(limits=Limits(tasks=1, parts=8))

    assert [item.key for item in world.store.items if item.kind == "played.repo"] == [repo["name"] for repo in repos]


def test_parts_of_several_items_are_read_at_once(make_plain_world: Callable[..., World]) -> None:
    """One after the other, an estate's parts would take hours."""
    together = threading.Barrier(6, timeout=20)

    def meets(_session: Session, _repo: Body) -> Any:
        together.wait()
        return []

    repos = [a_repo(f"r{number}") for number in range(6)]
    world = make_plain_world(Platform(acme=an_org(projects={"api": repos})), connector=played(Recipe(hooks=meets)))
    world.run(limits=Limits(parts=16))

    assert world.observation("played.repo", *API).outcome is Outcome.COMPLETE
    assert world.observation("played.repo", *API).provenance.unread == {}


def test_no_part_is_still_under_way_when_its_task_has_ended(make_plain_world: Callable[..., World]) -> None:
    """A request after the task's last word would be in nobody's record."""
    begun, go_on, running = threading.Event(), threading.Event(), [0]

    def late(session: Session, repo: Body) -> Any:
        running[0] += 1
        begun.set()
        try:
            assert go_on.wait(20)
            return session.get(HOOKS, f"/orgs/acme/projects/api/repos/{repo['name']}/hooks")
        finally:
            running[0] -= 1

    def ends(_session: Session, repo: Body) -> Any:
        assert begun.wait(20)
        # Long enough for a task that does not wait to have ended; one that waits is not held up by more.
        threading.Timer(0.2, go_on.set).start()
        message = f"the time was used up at {repo['name']}"
        raise DeadlinePassed(message)

    world = make_plain_world(
        Platform(acme=an_org(projects={"api": [a_repo("core"), a_repo("docs")]})),
        connector=played(Recipe(hooks=late, protection=ends)),
    )
    still: list[int] = []
    runner = world.begin()
    world.events.on_finished = lambda done: still.append(running[0]) if done.observation.why else None
    summary = runner.run(world.request())

    assert world.observation("played.repo", *API).outcome is Outcome.FAILED
    assert still == [0]
    assert summary.requests == world.platform.count


def test_a_list_that_breaks_off_keeps_the_items_whose_parts_were_under_way(make_world: Callable[..., World]) -> None:
    """They were listed before it broke: half a list, and neither a refusal nor nothing."""
    world = make_world()
    world.platform.play(REPOS, on_page("2", lambda: status(403)))
    world.run()
    seen = world.observation("played.repo", *API)

    assert (seen.outcome, seen.listed) == (Outcome.PARTIAL, 2)
    assert world.finding("played_repo_protected", *API, subject="docs").status.value == "fail"


def test_an_unread_part_reads_as_a_sentence() -> None:
    """The reason of an unknown is the first thing that somebody wants to mend."""
    part = UnreadPart("GET /x", "x:read", "refused", denied=True)

    assert all(value in str(part) for value in (part.call, part.why, part.permissions))
    compare_part("engine/reasons", "unread part", str(part))


@pytest.mark.parametrize("where", ["the list", "a part"])
def test_an_item_that_changes_while_its_parts_are_read_is_no_evidence(
    make_world: Callable[..., World], where: str
) -> None:
    """The parts of one repository would be stored as those of another."""

    def in_one_object(session: Session) -> Iterator[Body]:
        body: Body = {}
        for repo in repos(session):
            assert isinstance(repo, dict)
            body.update(repo)
            yield body

    def adding(session: Session, repo: Body) -> Any:
        found = hooks(session, repo)
        repo["visibility"] = "private"
        return found

    recipe = Recipe(repos=in_one_object) if where == "the list" else Recipe(hooks=adding)
    world = make_world(connector=played(recipe))
    world.platform.orgs["acme"]["projects"]["api"] = [a_repo("core", visibility="public"), a_repo("edge")]
    world.run()
    seen = world.observation("played.repo", *API)

    assert seen.outcome is Outcome.FAILED
    assert "changed an item that it had listed" in seen.why
