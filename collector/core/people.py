"""People: where the accounts of a platform say whose they are, so that accounts of several platforms can be joined.

A kind of accounts declares the paths by `@resource(..., person=Person(...))`, and `person_values` reads them from what
is stored, without the connector. Mail address and subject are compared as keyed fingerprints: a redacted text has
that of its value in it, another text is given it here. Equal texts have equal fingerprints within one store, whatever
platform, kind or path they come from; texts that differ in capitals are different texts.
"""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

from msgspec import Struct
from msgspec.structs import fields

from collector.core.redaction import Redact

Fingerprint = Callable[[str], str]
"""The keyed fingerprint of a text in one store: `Redactor(key).fingerprint`."""

_MARK = re.compile(r"\[redacted .+ ([0-9a-f]{16})\]")


class AccountType(StrEnum):
    """Who an account is for."""

    PERSON = "person"
    SERVICE = "service"
    GUEST = "guest"


@dataclass(frozen=True)
class AccountBy:
    """The path of the platform's own word for the type of an account, and what its words mean.

    The type of an account with another word is not known.
    """

    path: str
    words: Mapping[str, AccountType] = field(hash=False)


@dataclass(frozen=True)
class Person:
    """The paths by which the accounts of a kind say whose they are; empty where they do not.

    A path is dotted, and lists are passed through. `id`: the platform's own id of the account, which never changes.
    `name`: what people and other kinds of the platform call the account. `mail`: the address, which has to be redacted.
    `subject`: what single sign-on calls the person. `account`: the type of all accounts of the kind, or where each says
    it; None where the platform does not. `last_use`: the times of use, of which the latest counts: text as in ISO 8601,
    or milliseconds since 1970.
    """

    id: str = ""
    name: str = ""
    mail: str = ""
    subject: str = ""
    account: AccountType | AccountBy | None = None
    last_use: tuple[str, ...] = ()

    def paths(self) -> dict[str, tuple[str, ...]]:
        """Return the declared paths by the field that they fill; a field without one is left out."""
        account = self.account.path if isinstance(self.account, AccountBy) else ""
        single = {"id": self.id, "name": self.name, "mail": self.mail, "subject": self.subject, "account": account}
        return {name: (path,) for name, path in single.items() if path} | (
            {"last_use": self.last_use} if self.last_use else {}
        )


class PersonValues(Struct, frozen=True, kw_only=True):
    """Whose a stored account is. None: the platform does not say, or the field is in `unread`.

    `mail` and `subject` are fingerprints of 16 hexadecimal digits. `unread` names the fields that could not be read,
    wholly or in part.
    """

    id: str | None = None
    name: str | None = None
    mail: str | None = None
    subject: str | None = None
    account: AccountType | None = None
    last_use: datetime | None = None
    unread: tuple[str, ...] = ()


def person_values(
    person: Person,
    redact: Collection[Redact],
    body: Mapping[str, Any],
    fingerprint: Fingerprint,
    unread: Collection[str] = (),
) -> PersonValues:
    """Return whose an account is.

    `redact` are the rules of its kind, `body` is as stored, with the volatile keys put back in, and `unread` names the
    top-level keys that could not be read. Raises ValueError where a redacted path has no marked text.
    """
    paths = person.paths()
    found = {name: [value for path in some for value in values_at(body, path)] for name, some in paths.items()}

    def text(name: str) -> str | None:
        return str(found[name][0]) if found.get(name) else None

    def marked(name: str) -> str | None:
        plain = text(name)
        if not plain:
            return None
        return _fingerprint_in(plain) if is_redacted(paths[name][0], redact) else fingerprint(plain)

    word = text("account")
    account = person.account.words.get(word or "") if isinstance(person.account, AccountBy) else person.account
    times = [moment for value in found.get("last_use", ()) if (moment := _moment(value)) is not None]
    return PersonValues(
        id=text("id"),
        name=text("name"),
        mail=marked("mail"),
        subject=marked("subject"),
        account=account,
        last_use=max(times, default=None),
        unread=tuple(name for name, some in paths.items() if any(path.split(".")[0] in unread for path in some)),
    )


def values_at(body: object, path: str) -> list[Any]:
    """Return what a body has at a path, without what is null; lists are passed through."""
    values = [body]
    for step in path.split("."):
        values = [
            item[step] for value in values for item in _items(value) if isinstance(item, Mapping) and step in item
        ]
    return [item for value in values for item in _items(value) if item is not None]


def is_redacted(path: str, redact: Collection[Redact]) -> bool:
    """Return whether a rule replaces the text at a path: one of the path itself, or of what it is in."""
    steps = path.split(".")
    return any(
        all(rule_step in {"*", step} for rule_step, step in zip(rule.path.split("."), steps, strict=False))
        and rule.path.count(".") < len(steps)
        for rule in redact
    )


def require_readable(person: Person, view: type[Struct], redact: Collection[Redact]) -> None:
    """Raise TypeError on a path through which nothing can be read, as far as the view tells, or on a plain address.

    A view has the fields that checks read, so a path that it does not know may be right.
    """
    for name, some in person.paths().items():
        for path in some:
            message = _unreadable(view, path)
            if message:
                raise TypeError(f"{view.__name__}: person: {name}: {message}")
    if person.mail and not is_redacted(person.mail, redact):
        message = f"{view.__name__}: person: mail: {person.mail} is personal, and no rule redacts it"
        raise TypeError(message)


def _unreadable(view: type[Struct], path: str) -> str:
    """Return why a view cannot have a single value at a path; empty where it may."""
    structs: list[type[Struct]] = [view]
    steps = path.split(".")
    for number, step in enumerate(steps):
        hints = [
            hint
            for struct in structs
            for known in fields(struct)
            if known.encode_name == step
            for hint in _inside(typing.get_type_hints(struct)[known.name])
        ]
        if not hints:
            return ""
        structs = [hint for hint in hints if isinstance(hint, type) and issubclass(hint, Struct)]
        is_last = number == len(steps) - 1
        if is_last and len(structs) == len(hints):
            return f"{path} is an object"
        if not is_last and not structs and not any(hint is Any or hint is dict for hint in hints):
            return f"{'.'.join(steps[: number + 1])} has nothing below it, so {path} is not there"
    return ""


def _inside(hint: Any) -> Iterator[Any]:  # noqa: ANN401  any annotation
    """Yield the types inside unions and lists; a mapping is given as dict."""
    origin = typing.get_origin(hint)
    if origin is dict or hint is dict:
        yield dict
    elif origin in {typing.Union, types.UnionType, tuple, list, set, frozenset}:
        for argument in typing.get_args(hint):
            if argument is not type(None) and argument is not Ellipsis:
                yield from _inside(argument)
    else:
        yield hint


def _items(value: object) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _fingerprint_in(marked: str) -> str:
    found = _MARK.match(marked)
    if found is None:
        message = "a path that is redacted has a text without a mark"
        raise ValueError(message)
    return found[1]


def _moment(value: object) -> datetime | None:
    """Return a time of use; None for the platform's word that there is none, such as `no_information`."""
    if isinstance(value, int) and not isinstance(value, bool):
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=value)
    if not isinstance(value, str):
        return None
    try:
        if len(value) == len("2026-03-01"):
            day = date.fromisoformat(value)
            return datetime(day.year, day.month, day.day, tzinfo=UTC)
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
