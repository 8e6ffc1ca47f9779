"""The played world behind the real command line: its own framework, its own clock, a real store."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from collector.cli.main import main
from collector.core.canonical import Digest
from collector.core.controls import Ask, AskKind, Control, Framework, Link, Shows, Strength
from collector.engine.sources import Source
from collector.report.state.known import Reading
from collector.setup.app import App
from collector.setup.config import load
from collector.setup.loading import LoadedConnector
from storage import open_store
from tests.played.checks import CHECKS
from tests.played.clock import PlayedClock
from tests.played.connector import played, settings_for
from tests.played.platform import Platform
from tests.played.world import World

if TYPE_CHECKING:
    from datetime import datetime

    from collector.core.ports import Store

FRAMEWORK = Framework(
    id="played:1",
    name="Played",
    edition="1",
    title="A framework for tests",
    status="current",
    confidence="made up",
    soa=False,
    controls=(
        Control(
            id="1.1",
            title="Secure sign-in",
            theme="First theme",
            shows=Shows.PART,
            cannot="Other ways in.",
            asks=(Ask(id="1.1-a", kind=AskKind.POLICY, every="12mo", text="Sign-in standard."),),
            checks={
                "played_member_mfa": Link(strength=Strength.DIRECT, because="each member has a second factor"),
                "played_settings_two_factor": Link(strength=Strength.SUPPORTING, because="it is required"),
            },
        ),
        Control(
            id="1.2",
            title="Reviewed changes",
            theme="First theme",
            shows=Shows.PART,
            cannot="The care of the reviewer.",
            asks=(Ask(id="1.2-a", kind=AskKind.RECORD, text="Reviews."),),
            checks={"played_repo_protected": Link(strength=Strength.DIRECT, because="two people look at a change")},
        ),
        Control(
            id="2.1",
            title="Policies",
            theme="Second theme",
            shows=Shows.NONE,
            cannot="Anything.",
            asks=(Ask(id="2.1-a", kind=AskKind.POLICY, every="12mo", text="Policies."),),
        ),
    ),
)


@dataclass(frozen=True)
class PlayedApp(App):
    """annexd with the played platform as its one source, unless a test takes it away."""

    platform: Platform = field(default_factory=Platform)
    stores: list[Store] = field(default_factory=list)
    names: list[str] = field(default_factory=lambda: ["code"])

    def sources(self, names: object = None) -> list[Source]:  # noqa: ARG002  every test means all
        """Return the played source under each name that there is."""
        connector = self.loaded["played"].connector
        return [Source(name, connector, settings_for(self.platform), "sha256:code") for name in self.names]

    def frameworks(self) -> tuple[Framework, ...]:
        """Return the framework of these tests."""
        return (FRAMEWORK,)

    @contextmanager
    def open_store(self, *, writer: bool, **_: object) -> Iterator[Any]:  # type: ignore[override]  # noqa: ARG002  it is open
        """Lend the store that the test has open."""
        yield self.stores[0]


@dataclass
class Desk:
    """A scanned company and the commands that read of it."""

    world: World
    app: PlayedApp
    capture: pytest.CaptureFixture[str]
    last_error: str = ""

    @property
    def clock(self) -> PlayedClock:
        """The one clock of everything here."""
        return self.world.clock

    @property
    def platform(self) -> Platform:
        """The company's platform."""
        return self.world.platform

    def reading(self, as_of: datetime | None = None) -> Reading:
        """Read as of a moment, or now."""
        return Reading(self.app, self.world.store, as_of or self.clock.now(), as_of=as_of)

    def says(self, *words: str, code: int = 0) -> str:
        """Give a command and return what it prints for people."""
        self.capture.readouterr()
        ended = main(words)
        printed = self.capture.readouterr()
        self.last_error = printed.err
        assert ended == code, printed.err
        return printed.out if code in {0, 1} or (code == 2 and printed.out) else printed.err

    def json(self, *words: str, code: int = 0) -> Any:
        """Give a command and return what it prints for machines."""
        return json.loads(self.says(*words, "--json", code=code))

    def set(self, text: str) -> None:
        """Write another configuration."""
        self.app = an_app(self.app.config.file.path, text, self.app)


def an_app(path: Path, text: str, like: PlayedApp | None = None) -> PlayedApp:
    """Make annexd with this configuration."""
    path.write_text('[store]\nurl = "sqlite:///annexd.db"\n[sources.code]\nconnector = "played"\n' + text)
    loaded = {"played": LoadedConnector(played(), {check.id: check for check in CHECKS}, Digest("sha256:code"))}
    if like is None:
        return PlayedApp(load(path, {}), loaded)
    return PlayedApp(load(path, {}), loaded, platform=like.platform, stores=like.stores, names=like.names)


@pytest.fixture(scope="session")
def new_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a store in which nothing is; making its tables takes longer than any of these tests."""
    folder = tmp_path_factory.mktemp("new-store")
    open_store(f"sqlite:///{folder / 'annexd.db'}", writer=True, clock=PlayedClock().now).close()
    return folder


@pytest.fixture
def desk(
    new_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Desk]:
    """Return a desk at which nothing was scanned yet."""
    clock = PlayedClock()
    for file in new_store.iterdir():
        shutil.copy(file, tmp_path)
    app = an_app(tmp_path / "config.toml", "")
    with open_store(f"sqlite:///{tmp_path / 'annexd.db'}", writer=True, clock=clock.now) as store:
        world = World(app.platform, clock=clock, store=store, rules=app.rules())
        app.stores.append(world.store)
        made = Desk(world, app, capsys)
        monkeypatch.setattr("collector.setup.loading.builtin", lambda: ())
        monkeypatch.setattr("collector.setup.app.open_app", lambda _path: made.app)
        monkeypatch.setattr("collector.engine.clock.SystemClock.now", lambda _clock: clock.now())
        monkeypatch.chdir(tmp_path)
        yield made


@pytest.fixture
def scanned(desk: Desk) -> Desk:
    """Return a desk where everything was scanned once, with nothing refused: the documentation is not protected."""
    desk.world.run()
    return desk


Make = Callable[..., Desk]
