"""What is written down, and before what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from collector.core.facts import RunEnded, RunStarted, TasksPlanned
from collector.core.tasks import Task
from collector.engine.run import Limits
from tests.played.connector import Recipe, Settings, connect, played
from tests.played.platform import CANARIES, PROJECTS, REPOS, Platform, an_org, status

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from collector.core.scopes import Scope
    from collector.core.wire import Wire
    from tests.played.session import Session
    from tests.played.world import World


def test_roots_are_written_down_before_the_first_request(make_world: Callable[..., World]) -> None:
    """Whoever sees the answers first could choose what to have asked."""
    world = make_world()
    world.run()

    assert world.platform.journal[0] == "write RunStarted"
    assert world.platform.journal[1].startswith("request")
    (started,) = [fact for fact in world.store.facts if isinstance(fact, RunStarted)]
    assert [source.roots for source in started.sources] == [(("acme",),)]


def test_tasks_are_written_down_before_the_first_request_of_a_collection(make_world: Callable[..., World]) -> None:
    """Discovery has to ask, and nothing else may before the plan is fixed."""
    world = make_world()
    world.run()
    planned = world.platform.journal.index("write TasksPlanned")
    before = {line for line in world.platform.journal[:planned] if line.startswith("request")}

    assert before == {"request GET /whoami", f"request {PROJECTS}"}


def test_the_plan_names_every_task_and_every_known_scope(make_world: Callable[..., World]) -> None:
    """What is not in the plan could be left out without anybody missing it."""
    world = make_world()
    world.run()
    (plan,) = [fact for fact in world.store.facts if isinstance(fact, TasksPlanned)]

    assert {task.collection for task in plan.tasks} == {*world.connector.collections}
    assert Task("code", "played.repo", ("acme", "web")) in plan.tasks
    assert plan.scopes == {"code": (("acme",), ("acme", "api"), ("acme", "web"))}
    assert plan.incomplete_discoveries == ()
    assert {done.observation.task for done in world.events.done} == {*plan.tasks}


def test_the_end_of_a_run_is_written_last(make_world: Callable[..., World]) -> None:
    """A run without its end is one that was killed."""
    world = make_world()
    summary = world.run()
    ended = world.store.facts[-1]

    assert isinstance(ended, RunEnded)
    assert world.platform.journal[-1] == "write RunEnded"
    assert ended.outcomes == {"complete": 6}
    assert summary.requests == world.platform.count


def test_no_secret_reaches_the_store(make_world: Callable[..., World]) -> None:
    """What was on a disk once is in a backup for ever."""
    world = make_world()
    world.run()
    handed_over = b"".join(item.body + (item.facts or b"") for item in world.store.items)

    assert [name for name, text in CANARIES.items() if text.encode() in handed_over] == []
    assert b"@example.org" in handed_over


def test_no_secret_of_a_message_reaches_the_store(make_world: Callable[..., World]) -> None:
    """A platform may repeat in its error what it was sent."""
    platform = Platform()
    platform.play(REPOS, lambda _request: status(500, error="password=hunter2hunter2"))
    world = make_world(platform)
    world.run()
    seen = world.observation("played.repo", "acme", "api")

    assert "hunter2" not in repr(seen)
    assert "[redacted assignment" in seen.why


def test_no_secret_of_an_unexpected_error_reaches_the_store(make_world: Callable[..., World]) -> None:
    """Libraries put what they were given into their errors."""

    def breaks(session: Session) -> NoReturn:
        message = f"cannot parse password=hunter2hunter2 in {session.scope}"
        raise RuntimeError(message)

    world = make_world(connector=played(Recipe(members=breaks)))
    world.run()
    why = world.observation("played.member", "acme").why

    assert why.startswith("unexpected RuntimeError: cannot parse password=[redacted")
    assert "hunter2" not in why


def test_a_client_is_closed_after_the_last_task_of_its_scope(make_plain_world: Callable[..., World]) -> None:
    """Clients of a large estate together do not fit into memory."""
    closed: list[tuple[str, ...]] = []
    world = make_plain_world(connector=played(Recipe(close=lambda session: closed.append(session.scope))))
    world.run()

    assert sorted(closed) == [("acme",), ("acme", "api"), ("acme", "web")]


def test_the_tasks_of_a_scope_share_a_client(make_plain_world: Callable[..., World]) -> None:
    """A client costs megabytes, and some platforms count sign-ins."""
    made: list[Scope] = []

    def counts(settings: Settings, scope: Scope, wire: Wire) -> Session:
        made.append(scope)
        return connect(settings, scope, wire)

    make_plain_world(connector=played(Recipe(connect=counts))).run()

    assert sorted(made) == [("acme",), ("acme", "api"), ("acme", "web")]


def test_a_client_is_closed_before_the_run_has_ended(make_plain_world: Callable[..., World]) -> None:
    """With fifty accounts, waiting for the end would keep fifty clients."""
    closed: list[tuple[str, ...]] = []
    orgs: dict[str, Any] = {name: an_org(projects={}) for name in ("a", "b", "c", "d")}
    world = make_plain_world(
        Platform(**orgs), connector=played(Recipe(close=lambda session: closed.append(session.scope)))
    )
    by_then: list[int] = []
    runner = world.begin(limits=Limits(tasks=1))
    world.events.on_finished = lambda _done: by_then.append(len(closed))
    runner.run(world.request())

    assert by_then[-1] >= 3


def test_a_client_that_does_not_close_stops_nothing(
    make_plain_world: Callable[..., World], caplog: pytest.LogCaptureFixture
) -> None:
    """All it had to say has been written down by then."""

    def stuck(session: Session) -> None:
        raise RuntimeError(str(session.scope))

    world = make_plain_world(connector=played(Recipe(close=stuck)))
    summary = world.run()

    assert summary.outcomes == {"complete": 6}
    assert "did not close well" in caplog.text
