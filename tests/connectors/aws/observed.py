"""Ask a connector as the engine does, without an engine: list, read parts, redact, write down, read back as views."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct, json

from collector.core.canonical import encode
from collector.core.checks import Check, Extent, Verdict, unknown
from collector.core.connectors import Collection, Connector, Found
from collector.core.errors import ConnectorError, Denied, Unread
from collector.core.redaction import Redactor
from collector.core.scopes import Scope, enclosing, within
from collector.core.views import decode, unread_view
from collector.core.wire import Total
from collector.setup.loading import connector as load
from connectors.aws._sdk.settings import Settings
from tests.connectors.aws.wires import CountingWire

_KEY = b"a key for tests only"


@dataclass
class Estate:
    """What a connector saw: views by kind and scope, and why lists failed."""

    settings: Settings
    wire: CountingWire = field(default_factory=CountingWire)
    views: dict[str, dict[Scope, dict[str, Struct]]] = field(default_factory=dict)
    stored: dict[str, dict[Scope, dict[str, bytes]]] = field(default_factory=dict)
    failed: dict[tuple[str, Scope], ConnectorError] = field(default_factory=dict)
    scopes: list[Scope] = field(default_factory=list)
    connector: Connector[Settings, Any] = field(default_factory=lambda: load("aws").connector)

    def look(self, *kinds: str) -> Estate:
        """Collect the kinds, or all, everywhere."""
        self.scopes = list(self.connector.roots(self.settings))
        for depth in range(len(self.connector.levels) + 1):
            for scope in [place for place in self.scopes if len(place) == depth]:
                self._look(scope, kinds)
        return self

    def judge(self, check: Check[...], **limits: Any) -> dict[tuple[Scope, str], Verdict]:
        """Return the verdicts of a check by scope and key; `-` for a rule about a set."""
        now = {"now": datetime.now(tz=UTC)} if check.wants_now else {}
        values = {**check.limit_values(limits), **now}
        verdicts = {}
        for scope, key, subject in self._subjects(check):
            arguments = {need.parameter: self._filled(need, check.over, scope, subject) for need in check.needs}
            try:
                verdicts[scope, key] = check.judge(**arguments, **values)
            except Unread as why:
                verdicts[scope, key] = unknown(str(why))
        return verdicts

    def _subjects(self, check: Check[...]) -> Iterator[tuple[Scope, str, Struct | None]]:
        subject = check.subject
        if subject is not None:
            for scope, views in self.views.get(subject.kind.name, {}).items():
                for key, view in views.items():
                    yield scope, key, view
            return
        first = next(need for need in check.needs if need.shape is Extent.ALL)
        depth = self.connector.depth(check.over or self.connector.collections[first.kind.name].level)
        for scope in self.scopes:
            if len(scope) == depth:
                yield scope, "-", None

    def _filled(self, need: Any, over: str | None, scope: Scope, subject: Struct | None) -> Any:
        views_by_scope = self.views.get(need.kind.name, {})
        if need.shape is Extent.EACH:
            return subject
        if need.shape is Extent.THE:
            home = next((item for item in enclosing(scope) if item in views_by_scope), None)
            return (
                unread_view(need.kind.view, "not seen") if home is None else next(iter(views_by_scope[home].values()))
            )
        level = self.connector.collections[need.kind.name].level
        under = scope[: self.connector.set_depth(level, over)]
        looked_at = [item for item in self.scopes if len(item) == self.connector.depth(level) and within(item, under)]
        unread = [item for item in looked_at if item not in views_by_scope or (need.kind.name, item) in self.failed]
        if unread or not looked_at:
            return _Unseen(f"{need.kind.name} was not read in {unread or under}")
        return CompleteSet({item: list(views_by_scope[item].values()) for item in looked_at})

    def _look(self, scope: Scope, kinds: tuple[str, ...]) -> None:
        client = self.connector.connect(self.settings, scope, self.wire)
        for id_, collection in self.connector.collections.items():
            discovery = any(item.collection == id_ for many in self.connector.discoveries.values() for item in many)
            if self.connector.depth(collection.level) != len(scope) or not collection.when(self.settings):
                continue
            if kinds and id_ not in kinds and not discovery:
                continue
            self._collect(client, collection, scope)
        client.close()

    def _collect(self, client: Any, collection: Collection[Any], scope: Scope) -> None:
        kind = collection.kind
        views = self.views.setdefault(kind.name, {}).setdefault(scope, {})
        stored = self.stored.setdefault(kind.name, {}).setdefault(scope, {})
        try:
            listed = collection.list(client)
            assert isinstance(listed, Iterator)
            for body in listed:
                assert not isinstance(body, Total)
                self._discover(collection, scope, body)
                unread = self._parts(client, kind.name, body)
                plain = Redactor(_KEY, kind.redact, kind.plain).apply(body)
                facts = {name: plain.pop(name) for name in kind.volatile if name in plain}
                blob = encode({"body": plain, "key": kind.key_of(plain)})
                key = kind.key_of(plain)
                stored[key] = blob
                views[key] = decode(kind.view, blob, json.encode(facts) if facts else None, unread)
        except Exception as error:
            failure = self.connector.explain(error)
            if failure is None:
                raise
            self.failed[kind.name, scope] = failure

    def _parts(self, client: Any, kind: str, body: Any) -> dict[str, str]:
        unread: dict[str, str] = {}
        body_with_parts: dict[str, Any] = {}
        for part in self.connector.parts.get(kind, []):
            try:
                body_with_parts[part.name] = part.read(client, dict(body))
            except Exception as error:
                failure = self.connector.explain(error)
                if failure is None:
                    raise
                if failure.code in part.absent:
                    body_with_parts[part.name] = None
                else:
                    unread[part.name] = f"{part.call} needs {', '.join(part.permissions)}: {failure.what}"
        body.update(body_with_parts)
        return unread

    def _discover(self, collection: Collection[Any], scope: Scope, body: Any) -> None:
        for many in self.connector.discoveries.values():
            for item in many:
                if item.collection == collection.id:
                    below = item.below(self.settings, body)
                    name = below.name if isinstance(below, Found) else below
                    if name is not None and (*scope, name) not in self.scopes:
                        self.scopes.append((*scope, name))

    def denials(self) -> Counter[str]:
        """How many lists were refused, by kind."""
        return Counter(kind for (kind, _), error in self.failed.items() if isinstance(error, Denied))


@dataclass
class CompleteSet:
    """A complete set, seen in one scope or in several."""

    views: dict[Scope, list[Any]]

    def __iter__(self) -> Iterator[Any]:
        return (view for _, view in self.scoped())

    def scoped(self) -> Iterator[tuple[Scope, Any]]:
        """Yield each view with its scope."""
        return ((scope, view) for scope, views in self.views.items() for view in views)

    def scopes(self) -> Iterator[Scope]:
        """Yield the scopes that were looked at."""
        return iter(self.views)


class _Unseen:
    def __init__(self, why: str) -> None:
        self._why = why

    def __iter__(self) -> Iterator[Any]:
        raise Unread(self._why)

    def scoped(self) -> Iterator[tuple[Scope, Any]]:
        """Say why there is nothing."""
        raise Unread(self._why)

    def scopes(self) -> Iterator[Scope]:
        """Say why there is nothing."""
        raise Unread(self._why)
