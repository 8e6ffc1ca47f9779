"""Clean the parts of an answer: JSON, XML, headers, and the request that it answers."""

from __future__ import annotations

import hashlib
import json
import re
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from collector.core.secret_names import is_secret_name
from collector.core.secret_pairs import is_list_of_things

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.actions.recording.inventions import Inventions
    from collector.actions.recording.texts import Texts
    from collector.core.published import Published

_HEADERS = ("content-type", "date", "link", "retry-after", "x-oauth-scopes", "x-amzn-errortype", "x-amz-bucket-region")
_HEADER_PREFIXES = ("x-ratelimit-", "ratelimit")
_AS_THEY_ARE = ("content-type", "date", "retry-after", "x-oauth-scopes")
_LINK = re.compile(r'<([^>]*)>(\s*;\s*rel="\w+")')
_IDENTIFIER = re.compile(r"[A-Za-z_$@][A-Za-z0-9_.:@-]{0,63}")
_PAIR_NAMES = frozenset({"Key", "Name", "key", "name", "ParameterKey", "OutputKey", "property_name"})
_PAIR_VALUES = frozenset({"Value", "value", "ParameterValue", "OutputValue", "ResolvedValue"})
_ID_KEY = re.compile(r"(?i)(?:id|ids|account|owner|phone)$")
_LONG_NUMBER = 10_000
_DIGITS_OF_AN_ACCOUNT = 12
_DEEPEST = 200
SERVER = "{server}"
"""Stands for scheme and host of the platform in a recorded link."""


class Cleaner:
    """Cleans the answers of one operation.

    `rules` are the last keys of the paths that the connector declares as secret or personal; `plain` are the keys that
    its views read, which mean no secret by their name.
    """

    def __init__(
        self,
        texts: Texts,
        inventions: Inventions,
        published: Published,
        rules: frozenset[str] = frozenset(),
        plain: frozenset[str] = frozenset(),
    ) -> None:
        self._texts = texts
        self._inventions = inventions
        self._published = published
        self._rules = rules
        self._plain = plain

    def json(self, value: Any, key: str = "", depth: int = 0, *, strict: bool = False, means: str = "") -> Any:  # noqa: ANN401  JSON
        """Return JSON with every text cleaned. Raises ValueError for one that is nested too deeply.

        `means` says that a key above means a secret: "name" by its name, "rule" by the connector's declaration.
        """
        if depth > _DEEPEST:
            raise ValueError(f"nested deeper than {_DEEPEST} levels")
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return self.text(value, key, strict=strict, means=means, depth=depth)
        if isinstance(value, int | float):
            return self._number(value, key, means)
        if isinstance(value, list | tuple):
            return [self.json(inner, key, depth + 1, strict=strict, means=means) for inner in value]
        if isinstance(value, dict):
            return self._object(value, depth, means)
        return self.text(str(value), key, strict=strict, means=means)

    def text(self, value: str, key: str, *, strict: bool = False, means: str = "", depth: int = 0) -> str:
        """Return one text cleaned."""
        means = means or self.meaning(key)
        if means == "name" and not self._is_plain(value, key):
            return self._texts.secret(value)

        def below(inner: Any, _depth: int) -> Any:  # noqa: ANN401  JSON
            return self.json(inner, key, depth + 1, strict=strict, means=means)

        is_strict = strict or means == "rule"
        return self._texts.clean(value, key, self._published, strict=is_strict, below=below)

    def meaning(self, key: str) -> str:
        """Return "rule" or "name" for a key that means a secret; empty for any other."""
        if key not in self._plain and is_secret_name(key):
            return "name"
        return "rule" if key in self._rules else ""

    def meaning_of(self, name: str, value: object) -> str:
        """Do what `meaning` does, for a key with this value: things with names that are called secrets are none."""
        meaning = self.meaning(name)
        things = [value] if isinstance(value, dict) else value
        return "" if meaning == "name" and is_list_of_things(things) else meaning

    def key(self, name: str) -> str:
        """Return a key of an object: as it is where it is the platform's, and its words replaced where it is not."""
        published = self._published
        known = name in published.keys if published.keys else _IDENTIFIER.fullmatch(name) is not None
        if known or published.is_constant(name, ""):
            return name
        shaped = published.shaped(name, self._texts.words)
        return self._texts.words(name) if shaped is None else shaped

    def xml(self, root: ET.Element) -> str:
        """Return XML with every text and attribute cleaned; names of elements stay."""
        self._element(root, "", "")
        return ET.tostring(root, encoding="unicode")

    def headers(self, headers: Mapping[str, str], operation: str) -> dict[str, str]:
        """Return the headers that tell something of the answer, cleaned."""
        cleaned = {}
        for name, value in headers.items():
            if name == "link":
                cleaned[name] = _LINK.sub(lambda match: f"<{self._link(match[1], operation)}>{match[2]}", value)
                if cleaned[name] == value:
                    del cleaned[name]
            elif name in _AS_THEY_ARE or name.startswith(_HEADER_PREFIXES):
                # Content types may have a boundary or a name in a parameter that nobody needs.
                cleaned[name] = value.partition(";")[0] if name == "content-type" else value
            elif name in _HEADERS:
                cleaned[name] = self.text(value, "Code" if name == "x-amzn-errortype" else name)
        return cleaned

    def target(self, target: str, operation: str) -> str:
        """Return path and query of a request: the operation's own words stay, and what fills its braces is replaced.

        What comes before the documented path, as on a server of the company's, is left out.
        """
        parts = urlsplit(target)
        path = self._path(parts.path.split("/"), operation.partition(" ")[2].split("/"))
        query = urlencode(
            [(name, self.text(value, name)) for name, value in parse_qsl(parts.query, keep_blank_values=True)]
        )
        return f"{path}?{query}" if query else path

    def sent(self, body: bytes) -> Any:  # noqa: ANN401  JSON
        """Return the body of a request: JSON cleaned, the text of a query by its digest; None for anything else."""
        value = sent_json(body)
        if isinstance(value, dict) and "query" in value:
            return {"query": value["query"], "variables": self.params(value.get("variables"))}
        return self.params(value)

    def params(self, value: Any) -> Any:  # noqa: ANN401  JSON
        """Return the parameters of a request, whose names are the connector's own, with their values cleaned.

        What a connector declares as secret in answers says nothing of a parameter, such as the name of a filter.
        """
        without = Cleaner(self._texts, self._inventions, self._published, frozenset(), self._plain)
        if not isinstance(value, dict):
            return without.json(value)
        return {name: without.json(inner, name) for name, inner in value.items()}

    def _object(self, value: dict[Any, Any], depth: int, means: str) -> dict[str, Any]:
        names = [inner for name, inner in value.items() if name in _PAIR_NAMES and isinstance(inner, str)]
        is_pair = bool(names) and not _PAIR_VALUES.isdisjoint(value)
        of_pair = "name" if is_pair and any(is_secret_name(name) for name in names) else ""
        return {
            self.key(str(name)): self.json(
                inner,
                str(name),
                depth + 1,
                strict=is_pair and name in _PAIR_VALUES,
                means=means or self.meaning_of(str(name), inner) or (of_pair if name in _PAIR_VALUES else ""),
            )
            for name, inner in value.items()
        }

    def _number(self, value: float, key: str, means: str) -> float:
        if means or self.meaning(key):
            return 0
        if not isinstance(value, int) or abs(value) < _LONG_NUMBER:
            return value
        digits = str(abs(value))
        if _ID_KEY.search(key) is None and len(digits) != _DIGITS_OF_AN_ACCOUNT:
            return value
        return int(self._inventions.number(digits)) * (1 if value > 0 else -1)

    def _is_plain(self, value: str, key: str) -> bool:
        """Whether a text at a key that means a secret by its name says only whether or since when there is one."""
        return value in {"true", "false"} or key.endswith(("Expiration", "Date", "_at", "expiration"))

    def _element(self, element: ET.Element, above: str, means: str) -> None:
        name = element.tag.rpartition("}")[2]
        means = means or self.meaning(name)
        children = {child.tag.rpartition("}")[2]: child for child in element}
        pair = [child.text or "" for tag, child in children.items() if tag in _PAIR_NAMES]
        is_pair = bool(pair) and not _PAIR_VALUES.isdisjoint(children)
        of_pair = "name" if is_pair and any(is_secret_name(text) for text in pair) else ""
        for attribute, value in element.attrib.items():
            element.set(attribute, self._xml_text(value, attribute.rpartition("}")[2], name, means))
        if element.text is not None and element.text.strip():
            element.text = self._xml_text(element.text, name, above, means)
        for child in element:
            tag = child.tag.rpartition("}")[2]
            in_value = is_pair and tag in _PAIR_VALUES and not len(child)
            if in_value and child.text is not None and not self._is_known(child.text, tag):
                child.text = self.text(child.text, tag, strict=True, means=of_pair)
            else:
                # Of a list with an element for each item, the list's own name says what they are.
                self._element(child, name, means)
            if child.tail is not None and child.tail.strip():
                child.tail = self._texts.words(child.tail)

    def _is_known(self, text: str, key: str) -> bool:
        return self._published.is_constant(text, key)

    def _xml_text(self, text: str, name: str, above: str, means: str) -> str:
        key = name if not self._is_known(text, above) else above
        return self.text(text, key, means=means)

    def _link(self, url: str, operation: str) -> str:
        parts = urlsplit(url)
        return SERVER + self.target(f"{parts.path}?{parts.query}" if parts.query else parts.path, operation)

    def _path(self, sent: list[str], documented: list[str]) -> str:
        documented = documented[1:]
        tail = sent[-len(documented) :]
        fits = len(tail) == len(documented) and all(
            "{" in word or word == segment for word, segment in zip(documented, tail, strict=True)
        )
        if fits:
            cleaned = [
                self._segment(segment) if "{" in word else segment
                for word, segment in zip(documented, tail, strict=True)
            ]
        else:
            literal = {word for word in documented if "{" not in word}
            cleaned = [segment if segment in literal else self._segment(segment) for segment in sent[1:]]
        return "/" + "/".join(cleaned)

    def _segment(self, segment: str) -> str:
        plain = unquote(segment)
        return quote(self._texts.clean(plain, "", self._published, strict=False), safe="")


def sent_json(body: bytes) -> Any:  # noqa: ANN401  JSON
    """Return the JSON of a request's body, with the text of a query as its digest; None for anything else."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if isinstance(value, dict) and isinstance(value.get("query"), str):
        # The texts of queries are the connector's own, and long.
        return {**value, "query": f"sha256:{hashlib.sha256(value['query'].encode()).hexdigest()}"}
    return value


def secrets_in(value: Any, cleaner: Cleaner, key: str = "", means: str = "", depth: int = 0) -> Iterator[str]:  # noqa: ANN401  JSON
    """Yield the texts in JSON that stand at a key that means a secret."""
    if depth > _DEEPEST:
        return
    means = means or cleaner.meaning_of(key, value)
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from secrets_in(inner, cleaner, str(name), means, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from secrets_in(inner, cleaner, key, means, depth + 1)
    elif isinstance(value, str) and means == "name":
        yield value
