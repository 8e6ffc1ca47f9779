"""The simulated platform of the scale measurements: lists only, of resources with a kilobyte each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from bench.played import Client, Switch
from bench.store import MeasuredDatabase
from collector.core.buckets import Bucket
from collector.core.checks import The, Verdict, check, failed, passed
from collector.core.connectors import Connector
from collector.core.resources import Body, resource
from collector.engine.clock import SystemClock
from collector.engine.rule import Rule
from collector.engine.run import Limits, Runner, RunRequest, RunSummary
from collector.engine.sources import Source
from storage import open_store
from tests.played.silent import Silent

PLACES = 68
_PAGE = 100
_EVERY = timedelta(days=400)
"""Evidence stays valid for so long, because a year is measured with a scan at its beginning and one at its end."""


class Settings(Struct, frozen=True, kw_only=True):
    """How many things each of some places has, and how many of them change a day."""

    places: int = PLACES
    things: int = 1_000
    changed: int = 0
    day: int = 0
    latency: float = 0.0


def estate(resources: int, share: float) -> Settings:
    """Return a share of an estate: fewer places with as many things each, so that a thing costs the same in all."""
    return Settings(places=max(round(PLACES * share), 1), things=resources // PLACES)


@resource("scale.thing", key="Id", volatile=("LastUsed",))
class Thing(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One resource of about a kilobyte."""

    id: str
    size: int
    encrypted: bool
    tags: list[dict[str, str]]


scale: Connector[Settings, Client] = Connector(
    name="scale",
    title="Scale",
    settings=Settings,
    levels=("place",),
    roots=lambda settings: [(f"place-{number}",) for number in range(settings.places)],
    connect=Client,  # type: ignore[arg-type]  # its settings have the latency that it reads
    quota=lambda *_: Bucket("one", concurrency=64),
)


@scale.collects(Thing, at="place", call="ListThings", permissions="things:List", every=_EVERY)
def things(client: Client) -> Iterator[Body]:
    """List the things, in pages."""
    settings: Settings = client.settings  # type: ignore[assignment]  # as above
    for start in range(0, settings.things, _PAGE):
        client.call("ListThings", page=start)
        for number in range(start, min(start + _PAGE, settings.things)):
            yield {
                "Id": f"{client.scope[0]}-{number}",
                "Size": number + (settings.day if number < settings.changed else 0),
                "Encrypted": number % 7 != 0,
                "LastUsed": f"2026-01-01T00:00:{number % 60:02d}Z",
                "Tags": [{"Key": f"tag-{tag}", "Value": f"value {number} of tag {tag}"} for tag in range(12)],
                "Arn": f"arn:aws:thing:eu-central-1:111122223333:thing/{number}",
                "Network": {"Id": "vpc-0123456789abcdef0", "Subnets": ["subnet-0123456789abcdef0"] * 4},
                "Description": "A thing of about the size of one that platforms describe, with some text in it.",
            }


@scale.collects(Switch, at="place", call="GetSwitch", permissions="things:GetSwitch", every=_EVERY)
def switch(client: Client) -> Iterator[Body]:
    """Return the one setting of a place."""
    client.call("GetSwitch")
    yield {"On": True}


@check("scale_thing_encrypted", title="The thing is encrypted", severity="high", fix="Encrypt it")
def encrypted(thing: Thing) -> Verdict:
    """Judge one resource."""
    return passed() if thing.encrypted else failed(f"{thing.id} is not encrypted")


@check("scale_thing_tagged", title="The thing has an owner", severity="low", fix="Tag it")
def tagged(thing: Thing) -> Verdict:
    """Judge the tags of one resource."""
    return passed() if any(tag["Key"] == "tag-7" for tag in thing.tags) else failed(f"{thing.id} has no owner")


@check("scale_thing_small", title="The thing is small", severity="low", fix="Make it smaller")
def small(thing: Thing, switch: The[Switch], *, max_size: int = 10**9) -> Verdict:
    """Judge a resource with the setting of its place."""
    return passed() if switch.on and thing.size <= max_size else failed(f"{thing.id} has {thing.size}")


RULES = tuple(Rule(each, each.limit_values({}), lambda _check: "code") for each in (encrypted, tagged, small))


class _ClockFrom(SystemClock):
    """The machine's own clock, put to a moment, so that what is read later is as old as the run that it is of."""

    def __init__(self, at: datetime) -> None:
        self._shift = at - super().now()

    def now(self) -> datetime:
        """Return the moment, aware and in UTC."""
        return super().now() + self._shift


def scan(
    database: MeasuredDatabase,
    settings: Settings,
    at: datetime,
    *,
    rules: Sequence[Rule] = RULES,
    limits: Limits | None = None,
    code: str = "code",
) -> RunSummary:
    """Scan the platform into the store of a database, dated by a moment; with other `code` all is judged again."""
    with open_store(database.url, writer=True, key_file=database.folder / "bench.db.key", clock=lambda: at) as store:
        runner = Runner(
            store=store,
            sources=[Source("scale", scale, settings)],
            rules=rules,
            clock=_ClockFrom(at),
            redaction_key=store.redaction_key,
            events=Silent(),
            limits=limits or Limits(deadline=timedelta(hours=3)),
        )
        return runner.run(RunRequest(f"run-{at.isoformat()}", "bench", "0", code, "config"))
