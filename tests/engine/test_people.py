"""People of several sources: accounts are joined by what is stored, and the connector is not asked again."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from collector.contract.clock import SettableClock
from collector.core.people import Person, person_values
from collector.core.redaction import Redactor
from collector.core.resources import resource
from collector.engine.run import Runner, RunRequest
from collector.engine.sources import Source
from tests.played.connector import Recipe, played, settings_for
from tests.played.platform import Platform, a_member, an_org
from tests.played.store import MemoryStore
from tests.played.world import RecordedEvents

KEY = b"the key of one store"


@resource("played.member", key="login", redact=("phone", "contact.address"), person=Person(mail="contact.address"))
class OtherMember(Struct, frozen=True, kw_only=True):
    """A member of a platform that has the address in another place."""

    login: str


def mails(store: MemoryStore, source: Source) -> dict[str, str | None]:
    """The fingerprints of the mail addresses of a source's members, from its store."""
    kind = source.connector.collections["played.member"].kind
    assert kind.person is not None
    found = {}
    for stored in store.resources("played.member", source=source.name):
        assert stored.blob is not None
        assert b"@acme" not in stored.blob.replace(b"]@acme", b"")
        body = msgspec.json.decode(stored.blob)["body"]
        found[stored.key] = person_values(kind.person, kind.redact, body, Redactor(KEY).fingerprint).mail
    return found


def test_one_person_on_two_platforms_is_found_by_the_mail_address() -> None:
    """Two sources, two paths, two rules of redaction and one store: whose accounts they are can be joined."""
    here, there = Platform(acme=an_org()), Platform(acme=an_org())
    here.orgs["acme"]["members"] = [
        a_member("ann", email="ann@acme.example"),
        a_member("bob", email="bob@acme.example"),
    ]
    there.orgs["acme"]["members"] = [
        a_member("a.n.n", contact={"address": "ann@acme.example"}),
        a_member("eve", contact={"address": "eve@acme.example"}),
    ]
    sources = [
        Source("code", played(), settings_for(here)),
        Source("chat", played(Recipe(member=OtherMember)), settings_for(there)),
    ]
    clock = SettableClock(tick=0.001)
    store = MemoryStore(clock.now)
    Runner(store=store, sources=sources, rules=[], clock=clock, redaction_key=KEY, events=RecordedEvents()).run(
        RunRequest(run="people", trigger="test", version="0", code="", config="")
    )
    code, chat = (mails(store, source) for source in sources)

    assert code["ann"] == chat["a.n.n"] == Redactor(KEY).fingerprint("ann@acme.example")
    assert len({*code.values(), *chat.values()}) == 3
