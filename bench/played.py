"""A simulated platform that only waits for its latency, so that engine and store are what is measured."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec import Struct

from collector.core.buckets import Bucket
from collector.core.checks import All, The, Verdict, check, failed, passed
from collector.core.connectors import Connector
from collector.core.resources import Body, resource
from collector.core.scopes import Scope
from collector.core.wire import Answer, Call, Wire
from collector.engine.clock import SystemClock
from collector.engine.rule import Rule
from collector.engine.run import Limits, Runner, RunRequest, RunSummary
from collector.engine.sources import Source
from storage import open_store
from tests.played.silent import Silent


class Settings(Struct, frozen=True, kw_only=True):
    """How many resources there are, and how long an answer takes (`latency`, in seconds)."""

    places: int = 1
    things: int = 1000
    page: int = 100
    latency: float = 0.0
    changed: int = 0
    day: int = 0


@resource("played.thing", key="Id", volatile=("LastUsed",))
class Thing(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One resource of about a kilobyte."""

    id: str
    size: int
    encrypted: bool
    owner: dict[str, str] | None
    last_used: str


@resource("played.switch")
class Switch(Struct, frozen=True, kw_only=True, rename="pascal"):
    """The one setting of a place."""

    on: bool


@dataclass(frozen=True)
class Client:
    """A client whose calls take as long as the latency."""

    settings: Settings
    scope: Scope
    wire: Wire

    def call(self, operation: str, **params: object) -> None:
        """Make one call that answers after the latency."""
        made = Call(operation, params)
        self.wire.before(made)
        try:
            time.sleep(self.settings.latency)
        finally:
            self.wire.after(made, Answer(200, "request"))


played: Connector[Settings, Client] = Connector(
    name="played",
    title="Played",
    settings=Settings,
    levels=("place",),
    roots=lambda settings: [(f"place-{number}",) for number in range(settings.places)],
    connect=Client,
    quota=lambda *_: Bucket("one", concurrency=64),
)


@played.collects(Thing, at="place", call="ListThings", permissions="things:List")
def things(client: Client) -> Iterator[Body]:
    """List the things, in pages."""
    settings = client.settings
    for start in range(0, settings.things, settings.page):
        client.call("ListThings", page=start)
        for number in range(start, min(start + settings.page, settings.things)):
            yield {
                "Id": f"{client.scope[0]}-{number}",
                "Size": number + (settings.day if number < settings.changed else 0),
                "Encrypted": number % 7 != 0,
                "LastUsed": datetime.now(UTC),
                "Tags": [{"Key": f"tag-{tag}", "Value": f"value of tag {tag}"} for tag in range(12)],
                "Arn": f"arn:aws:thing:eu-central-1:111122223333:thing/{number}",
                "Network": {"Id": "vpc-0123456789abcdef0", "Subnets": ["subnet-0123456789abcdef0"] * 4},
                "Description": "A thing of about the size of one that platforms describe, with some text in it.",
            }


@played.part(Thing, "Owner", call="GetOwner", permissions="things:GetOwner")
def owner(client: Client, thing: Body) -> dict[str, str]:
    """Return the owner; makes no call where there is no latency, so that the store is what is measured."""
    if client.settings.latency:
        client.call("GetOwner", thing=thing["Id"])
    return {"Name": "somebody"}


@played.collects(Switch, at="place", call="GetSwitch", permissions="things:GetSwitch")
def switch(client: Client) -> Iterator[Body]:
    """Return the one setting of a place."""
    client.call("GetSwitch")
    yield {"On": True}


@check("played_thing_encrypted", title="The thing is encrypted", severity="high", fix="Encrypt it")
def encrypted(thing: Thing) -> Verdict:
    """Judge one resource."""
    return passed() if thing.encrypted else failed(f"{thing.id} is not encrypted")


@check("played_thing_small", title="The thing is small", severity="low", fix="Make it smaller")
def small(thing: Thing, switch: The[Switch], *, max_size: int = 10**9) -> Verdict:
    """Judge a resource with the setting of its place."""
    return passed() if switch.on and thing.size <= max_size else failed(f"{thing.id} has {thing.size}")


@check("played_things_few", title="There are not too many things", severity="low", fix="Remove some")
def few(every: All[Thing], *, max_count: int = 10**9) -> Verdict:
    """Judge a set of resources."""
    count = sum(1 for _ in every)
    return passed() if count <= max_count else failed(f"there are {count}")


RULES = [Rule(rule_check, rule_check.limit_values({})) for rule_check in (encrypted, small, few)]


def scan(
    settings: Settings,
    folder: Path,
    *,
    limits: Limits | None = None,
    rules: Sequence[Rule] = RULES,
    at: datetime | None = None,
    url: str | None = None,
) -> RunSummary:
    """Scan the simulated platform into the store at a URL, by default into bench.db of a folder."""
    moment = at or datetime.now(UTC)
    url = url or f"sqlite:///{folder}/bench.db"
    with open_store(url, writer=True, key_file=folder / "bench.db.key", clock=lambda: moment) as store:
        runner = Runner(
            store=store,
            sources=[Source("played", played, settings)],
            rules=rules,
            clock=SystemClock(),
            redaction_key=store.redaction_key,
            events=Silent(),
            limits=limits or Limits(deadline=timedelta(hours=3)),
        )
        return runner.run(RunRequest(f"run-{moment.isoformat()}-{time.monotonic_ns()}", "bench", "0", "code", "config"))
