"""A bundle read as a store: it has to give what the store gave that it was made from, resource by resource."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from collector.bundle.reevaluation.bundle_store import BundleStore
from collector.bundle.verifying.members import opened
from collector.core.errors import NotUsed, Unavailable
from tests.bundle.verifiers import ours
from tests.played.connector import Recipe, played
from tests.played.connector import members as members_of
from tests.played.platform import HOOKS, MEMBERS, PROTECTION, REPOS, Play, a_member, a_repo, on_page, status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from collector.core.ports import Store, Stored
    from collector.core.resources import Body
    from tests.bundle.conftest import Office
    from tests.played.session import Session

_KINDS = ("played.settings", "played.member", "played.ticket", "played.project", "played.repo")


def live(office: Office, every: timedelta, runs: int = 6) -> None:
    """Scan so many times, at which something changes, something is refused, and something breaks off."""
    desk = office.desk
    desk.world.connector = played(Recipe(every=every))
    members = desk.platform.orgs["acme"]["members"]
    breaks: tuple[Play, ...] = (
        lambda _request: None,
        lambda _request: None,
        on_page("2", lambda: status(500)),
        lambda _request: None,
        lambda _request: status(403),
        on_page("2", lambda: status(500)),
    )
    for number, how in enumerate(breaks[:runs]):
        desk.clock.move(timedelta(hours=1))
        members[number % len(members)]["last_active"] = f"2026-03-0{number + 1}T00:00:00Z"
        if number > 1:
            members.insert(0, a_member(f"new{number}"))
            members.pop()
            for project in desk.platform.orgs["acme"]["projects"].values():
                project.insert(0, a_repo(f"new{number}"))
        for operation in (MEMBERS, REPOS, PROTECTION, HOOKS):
            desk.platform.play(operation, how)
        desk.world.run()


def without_what_is_not_told(stored: Stored) -> tuple[object, ...]:
    """Since when something was there is not told; when it was seen counts only beyond the last complete list."""
    return tuple(
        getattr(replace(stored, seen_at=None), name) for name in stored.__struct_fields__ if "first" not in name
    )


def read_back(store: Store) -> list[object]:
    """Everything that the engine asks of a store."""
    resources = [stored for kind in _KINDS for stored in store.resources(kind, source="code")]
    return [
        sorted(store.observations(), key=lambda seen: seen.observation.task),
        sorted(store.last_complete(), key=lambda seen: seen.observation.task),
        [without_what_is_not_told(stored) for stored in resources],
        [state.finding for state in store.findings()],
        list(store.plans()),
    ]


@pytest.mark.parametrize("runs", range(1, 7))
def test_it_gives_what_the_store_gives(office: Office, runs: int) -> None:
    """Verdicts that are judged again from anything else would prove nothing about those that are stated."""
    live(office, timedelta(hours=24), runs)
    office.export()

    with opened(office.folder / "out.zip") as members:
        assert read_back(BundleStore(members)) == read_back(office.desk.world.store)


def off(_session: Session) -> Iterator[Body]:
    """A list that cannot exist."""
    yield from ()
    raise NotUsed("the API of members is off")


def refused(_session: Session) -> Iterator[Body]:
    """A list that fails."""
    yield from ()
    raise Unavailable("down")


def half(session: Session) -> Iterator[Body]:
    """A list that breaks off."""
    yield next(members_of(session))
    raise Unavailable("down")


@pytest.mark.parametrize("after", [(), (refused,), (half,), (refused, members_of)])
@pytest.mark.parametrize("every", [timedelta(hours=1), timedelta(hours=24)])
def test_a_list_that_cannot_exist_is_empty_in_a_bundle_too(
    office: Office, every: timedelta, after: tuple[Callable[[Session], Iterator[Body]], ...]
) -> None:
    """The list of before is still proven, and nothing of it counts as there."""
    live(office, every, 2)
    for listing in (off, *after):
        office.desk.clock.move(timedelta(hours=1))
        office.desk.world.connector = played(Recipe(every=every, members=listing))
        office.desk.world.run()
    office.export()
    bundle = office.folder / "out.zip"
    there = list(office.desk.world.store.resources("played.member", source="code"))

    assert ours(bundle, office.key) == ""
    assert bool(there) is (after not in {(), (refused,)})
    with opened(bundle) as members:
        assert read_back(BundleStore(members)) == read_back(office.desk.world.store)


@pytest.mark.parametrize("runs", range(2, 7))
def test_it_gives_the_same_of_tasks_that_share_a_leaf(office: Office, runs: int) -> None:
    """What is seen every hour is kept as what changed, in leaves of many tasks, and has to be put together again."""
    live(office, timedelta(hours=1), runs)
    office.export()

    with opened(office.folder / "out.zip") as members:
        store = BundleStore(members)
        assert read_back(store) == read_back(office.desk.world.store)
        assert store.leaves.again


def seen_since(store: Store) -> tuple[dict[tuple[object, ...], datetime], dict[str, datetime]]:
    """When each resource was seen, but not before the last complete list; and when that was, by kind."""
    floor = {seen.observation.task.collection: seen.observation.ended_at for seen in store.last_complete()}
    there = [stored for kind in ("played.member", "played.repo") for stored in store.resources(kind, source="code")]
    found: dict[tuple[object, ...], datetime] = {}
    for stored in there:
        least = floor[stored.task.collection]
        found[stored.task.collection, stored.task.scope, stored.key] = max(stored.seen_at or least, least)
    return found, floor


def test_it_says_when_something_was_seen_after_the_last_complete_list(office: Office) -> None:
    """What a list showed that broke off is judged by its own time, here as there."""
    live(office, timedelta(hours=24))
    office.export()

    with opened(office.folder / "out.zip") as members:
        found, floor = seen_since(BundleStore(members))

    assert (found, floor) == seen_since(office.desk.world.store)
    assert {str(of[0]) for of, at in found.items() if at > floor[str(of[0])]} == {"played.member", "played.repo"}
