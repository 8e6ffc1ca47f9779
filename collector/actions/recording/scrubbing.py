"""Make the documents of a recording out of what was heard: nothing of a company's or a person's is left in them."""

from __future__ import annotations

import base64
import json
import re
import typing
import xml.etree.ElementTree as ET
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from collector.actions.recording.bodies import Cleaner, secrets_in
from collector.actions.recording.inventions import INVENTED, Inventions
from collector.actions.recording.texts import Texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from random import Random

    from collector.actions.recording.exchanges import Heard
    from collector.engine.sources import Source

_WORD = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True)
class Scrubbed:
    """The documents of a recording by operation and status, and what is to be told of them to who reviews it.

    `kept` are the texts that keep words of the platform's, with how often; `doubtful` are words that were replaced in
    one place and kept in another; `replaced` counts different real texts by what they are.
    """

    roots: list[list[str]]
    settings: dict[str, Any]
    answers: dict[tuple[str, int], list[dict[str, Any]]]
    kept: Counter[str]
    keys: frozenset[str]
    doubtful: frozenset[str]
    replaced: Mapping[str, int] = field(default_factory=dict)


def scrub(
    source: Source,
    heard: Mapping[tuple[str, int], Sequence[Heard]],
    random: Random | None = None,
) -> Scrubbed:
    """Return what may be shown to who reviews it. The real texts are in memory only, and nothing leads back to them."""
    connector = source.connector
    inventions = Inventions(random)
    rules = frozenset(
        rule.path.rpartition(".")[2] for col in connector.collections.values() for rule in col.kind.redact
    )
    plain = frozenset(name for collection in connector.collections.values() for name in collection.kind.plain)
    bodies = {
        key: [_parsed(one.exchange.body, one.exchange.headers.get("content-type", "")) for one in exchanges]
        for key, exchanges in heard.items()
    }
    without = Cleaner(Texts(inventions, frozenset()), inventions, connector.published(""), rules, plain - rules)
    secrets = frozenset(
        text
        for key, exchanges in heard.items()
        for one, body in zip(exchanges, bodies[key], strict=True)
        for text in (*_secrets_of(body, without), *secrets_in(plain_params(one.exchange.call.params), without))
        if _WORD.search(text) or len(text) > 5  # noqa: PLR2004  a shorter one cannot be told from a word
    )
    texts = Texts(inventions, secrets)
    scoped = Cleaner(texts, inventions, connector.published(""), rules, plain - rules)
    answers: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for (operation, status), exchanges in heard.items():
        cleaner = Cleaner(texts, inventions, connector.published(operation), rules, plain - rules)
        answers[operation, status] = [
            {"scope": _scope(one.scope, scoped), **_document(one, body, cleaner)}
            for one, body in zip(exchanges, bodies[operation, status], strict=True)
        ]
    kept_words = {word.lower() for text in texts.kept for word in _WORD.findall(text)}
    return Scrubbed(
        roots=[_scope(root, scoped) for root in source.roots()],
        settings=_settings(source.settings, scoped),
        answers=answers,
        kept=texts.kept,
        keys=frozenset(_keys(answers)),
        doubtful=frozenset(kept_words & inventions.replaced_words()),
        replaced={kind: inventions.count(kind) for kind in ("word", "number", "hex", "uuid", "address", "secret")},
    )


def _settings(settings: msgspec.Struct, cleaner: Cleaner) -> dict[str, Any]:
    """Return the texts of the settings, cleaned, for who plays the recording. No secret is among them."""
    hints = typing.get_type_hints(type(settings))
    cleaned: dict[str, Any] = {}
    for name in settings.__struct_fields__:
        value = getattr(settings, name)
        literals = set(_literals(hints[name]))
        if isinstance(value, str):
            cleaned[name] = value if value in literals else cleaner.text(value, "")
        elif isinstance(value, tuple) and all(isinstance(inner, str) for inner in value):
            cleaned[name] = [cleaner.text(inner, "") for inner in value]
    return cleaned


def _literals(hint: Any) -> Iterator[str]:  # noqa: ANN401  any annotation
    if typing.get_origin(hint) is typing.Literal:
        yield from typing.get_args(hint)
    for inner in typing.get_args(hint):
        yield from _literals(inner)


def _scope(scope: Sequence[str], cleaner: Cleaner) -> list[str]:
    return [cleaner.text(name, "") for name in scope]


def _document(heard: Heard, body: Any, cleaner: Cleaner) -> dict[str, Any]:  # noqa: ANN401  JSON, an element or text
    exchange = heard.exchange
    operation = exchange.call.operation
    made: dict[str, Any] = {"operation": operation, "status": exchange.status}
    if " /" in operation:
        made["target"] = cleaner.target(exchange.target, operation)
        if (sent := cleaner.sent(exchange.sent)) is not None:
            made["sent"] = sent
    else:
        made["params"] = cleaner.params(plain_params(exchange.call.params))
    made["headers"] = cleaner.headers(exchange.headers, operation)
    if isinstance(body, ET.Element):
        made["xml"] = cleaner.xml(body)
    elif isinstance(body, bytes):
        made["text"] = cleaner.text(body.decode("utf-8", "replace"), "", strict=True)
    elif exchange.body.strip():
        made["json"] = cleaner.json(body)
    return made


def _parsed(body: bytes, content_type: str) -> Any:  # noqa: ANN401  JSON or an element
    """Return a body as JSON, as an XML element, or as bytes where it is neither."""
    if not body.strip():
        return None
    try:
        if body.lstrip()[:1] == b"<" and "html" not in content_type:
            return ET.fromstring(body)  # noqa: S314  botocore parses the same answer with the same parser
        return json.loads(body)
    except (ET.ParseError, ValueError, RecursionError):
        return body


def _secrets_of(body: Any, cleaner: Cleaner) -> Iterator[str]:  # noqa: ANN401  JSON, an element or bytes
    if not isinstance(body, ET.Element):
        yield from secrets_in(body, cleaner) if not isinstance(body, bytes) else ()
        return
    name = body.tag.rpartition("}")[2]
    means = cleaner.meaning(name) == "name"
    for element in body.iter() if means else body:
        if means:
            yield from (element.text or "",) if not len(element) else ()
        else:
            yield from _secrets_of(element, cleaner)


def plain_params(params: Mapping[str, Any]) -> Any:  # noqa: ANN401  JSON
    """Return the parameters of a request as JSON."""
    return msgspec.to_builtins(dict(params), builtin_types=(), enc_hook=_encoded)


def _encoded(value: object) -> Any:  # noqa: ANN401  JSON
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(value).decode()
    return value.isoformat() if isinstance(value, datetime | date) else str(value)


def _keys(value: Any) -> Iterator[str]:  # noqa: ANN401  JSON
    if isinstance(value, dict):
        for name, inner in value.items():
            if isinstance(name, str) and INVENTED.search(name) is None:
                yield name
            yield from _keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _keys(inner)
