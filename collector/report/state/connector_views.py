"""Every connector: what it collects, its configured sources, and what to install for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from collector.core.people import AccountBy
from collector.setup import loading

if TYPE_CHECKING:
    from collector.core.connectors import Connector
    from collector.core.people import Person
    from collector.setup.app import App


class PeopleView(Struct, frozen=True, kw_only=True):
    """The paths by which accounts of a kind say whose they are; None where they do not.

    `account` is the type of all accounts of the kind. Where each says its own, `account_by` is the path of the
    platform's word and `account_words` says what the words mean.
    """

    id: str | None
    name: str | None
    mail: str | None
    subject: str | None
    account: str | None
    account_by: str | None
    account_words: dict[str, str] | None
    last_use: tuple[str, ...]


class ConnectorView(Struct, frozen=True, kw_only=True):
    """A connector. Of one that is not loaded, `kinds` and `checks` are not known: None.

    `install` is what to install where an SDK is missing. One of another distribution is loaded where a source names it.

    `people` are the kinds of accounts, `answers` says of every declared call how sure its answers are, and `docs` is
    the page about the connector, empty where it names none.
    """

    name: str
    title: str
    installed: bool
    install: str
    levels: tuple[str, ...]
    kinds: tuple[str, ...] | None
    checks: int | None
    sources: tuple[str, ...]
    distribution: str | None
    docs: str
    people: dict[str, PeopleView] | None
    answers: dict[str, str] | None


class ConnectorsView(Struct, frozen=True, kw_only=True, tag="annexd.connectors/1", tag_field="schema"):
    """What `annexd connectors --json` prints."""

    connectors: list[ConnectorView]


def connectors_view(app: App) -> ConnectorsView:
    """Return the connectors that come with annexd, and those that other distributions offer here.

    Code of others is imported only where the configuration names it, so that these are known by their names alone.
    """
    offered = {name: distribution for name, distribution in loading.offered().items() if name not in app.loaded}
    made = [
        ConnectorView(
            name=name,
            title=loaded.connector.title,
            installed=True,
            install="",
            levels=loaded.connector.levels,
            kinds=tuple(sorted(loaded.connector.collections)),
            checks=len(loaded.checks),
            sources=_sources(app, name),
            distribution=loaded.distribution,
            docs=loaded.connector.docs,
            people=_people(loaded.connector),
            answers={call: loaded.connector.answer_basis(call).value for call in loaded.connector.calls()},
        )
        for name, loaded in app.loaded.items()
    ]
    made += [
        ConnectorView(
            name=name,
            title=name,
            installed=name in offered,
            install="" if name in offered else _install(name),
            levels=(),
            kinds=None,
            checks=None,
            sources=_sources(app, name),
            distribution=offered.get(name),
            docs="",
            people=None,
            answers=None,
        )
        for name in {*app.missing, *offered}
    ]
    return ConnectorsView(connectors=sorted(made, key=lambda view: view.name))


def _people(connector: Connector[Any, Any]) -> dict[str, PeopleView]:
    return {
        id_: _paths(collection.kind.person)
        for id_, collection in sorted(connector.collections.items())
        if collection.kind.person is not None
    }


def _paths(person: Person) -> PeopleView:
    by = person.account if isinstance(person.account, AccountBy) else None
    return PeopleView(
        id=person.id or None,
        name=person.name or None,
        mail=person.mail or None,
        subject=person.subject or None,
        account=None if person.account is None or isinstance(person.account, AccountBy) else person.account.value,
        account_by=None if by is None else by.path,
        account_words=None if by is None else {word: meaning.value for word, meaning in by.words.items()},
        last_use=person.last_use,
    )


def _install(name: str) -> str:
    try:
        loading.connector(name)
    except loading.MissingSdkError as error:
        return error.mend
    return ""


def _sources(app: App, connector: str) -> tuple[str, ...]:
    return tuple(name for name, source in app.config.sources.items() if source.connector == connector)
