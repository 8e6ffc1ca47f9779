"""Replace what is a company's or a person's in one text, also behind URL encoding, JSON in a string, base64 and tables.

A text is kept only where it is known to be harmless: a constant of the platform's published description, a time, a
short number, true or false. Every word of any other text is replaced by an invented one.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from collector.actions.recording.inventions import INVENTED
from collector.core.detectors import ENCODED, find_secrets, suspect
from collector.core.secrets import revealed

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.actions.recording.inventions import Inventions
    from collector.core.published import Published

_PLAIN = {"", "true", "false", "True", "False", "TRUE", "FALSE", "null", "none", "None", "*", "-1"}
_SHORT_NUMBER = re.compile(r"-?\d{1,5}(?:\.\d{1,3})?")
_TIME = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?|\d{8}T\d{6}Z"
    r"|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT"
)
_TOKEN = re.compile(
    r"(?P<scheme>\bhttps?(?=://))"
    r"|(?P<uuid>\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b)"
    r"|(?P<address>(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2})?(?![\w.])"
    r"|(?<!\d)\d{1,3}(?:\.\d{1,3}){3}(?!\d)"
    r"|(?<![\w:])(?=[0-9a-fA-F:]*:[0-9a-fA-F:]*:)[0-9a-fA-F:]{2,39}(?:/\d{1,3})?(?![\w:]))"
    r"|(?P<groups>\d+(?:[ ./()_-]{1,2}\d+){2,})"
    r"|(?P<word>[^\W_]+)"
)
_HEX = re.compile(r"(?=.*\d)(?:[0-9a-f]{8,}|[0-9A-F]{8,})")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")
_HEX_SHOWN = re.compile(r"\b(?=\w*\d)[0-9a-fA-F]{8,}\b")
_LETTERS = re.compile(r"[^\W\d_]{2}")
_NUMBERS = re.compile(r"\d+")
_DEEPEST = 6
_LONGEST_KEPT_DIGITS = 2


class Texts:
    """Cleans the texts of one recording. `secrets` are whole texts that stand at a key that means a secret, anywhere.

    `kept` counts the texts that keep a word of the platform's; in them an invented word reads `…` and a number `#`.
    """

    def __init__(self, inventions: Inventions, secrets: frozenset[str]) -> None:
        self._inventions = inventions
        self._secrets = secrets
        self._long_secrets = tuple(
            sorted((secret for secret in secrets | revealed() if len(secret) >= 6), key=len, reverse=True)  # noqa: PLR2004  as revealed
        )
        self.kept: Counter[str] = Counter()

    def clean(
        self,
        text: str,
        key: str,
        published: Published,
        *,
        strict: bool = False,
        below: Callable[[Any, int], Any] | None = None,
        depth: int = 0,
    ) -> str:
        """Return the text as it may be shared.

        With `strict`, as for the value of a tag, no time, number or constant is kept. `below` cleans JSON that stands
        in the text, with the depth at which it stands.
        """
        if text in _PLAIN or (not strict and _TIME.fullmatch(text) is not None and text not in self._secrets):
            return text
        if text in self._secrets or text in revealed():
            return self.secret(text)
        if not strict and (published.is_constant(text, key) or _SHORT_NUMBER.fullmatch(text) is not None):
            return self._keep(text)
        if depth < _DEEPEST:
            opened = self._opened(text, key, published, strict=strict, below=below, depth=depth)
            if opened is not None:
                return opened
        return self._keep(self._leaf(text, published))

    def words(self, text: str) -> str:
        """Return the text with each word, number, address and identifier replaced, and its punctuation as it is."""
        return _TOKEN.sub(self._token, text)

    def secret(self, text: str) -> str:
        """Return what stands for a secret: one word, in base64 where it was base64."""
        if text == "":
            return text
        made = self._inventions.secret(text)
        return base64.b64encode(made.encode()).decode() if _is_blob(text) else made

    def _token(self, match: re.Match[str]) -> str:
        token = match[0]
        if match.lastgroup == "scheme":
            return token
        if match.lastgroup == "uuid":
            return self._inventions.uuid(token)
        if match.lastgroup == "address":
            try:
                return self._inventions.address(token)
            except ValueError:
                return re.sub(r"[^\W_]+", self._word, token)
        if match.lastgroup == "groups":
            # A telephone number, an address in the name of a host: of short numbers, but not anybody's.
            return _NUMBERS.sub(lambda group: self._inventions.number(group[0]), token)
        return self._word(match)

    def _word(self, match: re.Match[str]) -> str:
        word = match[0]
        if len(word) == 1:
            return word
        if word.isdecimal():
            return word if len(word) <= _LONGEST_KEPT_DIGITS else self._inventions.number(word)
        if _HEX.fullmatch(word) is not None:
            return self._inventions.hexadecimal(word)
        return self._inventions.word(word)

    def _leaf(self, text: str, published: Published) -> str:
        for secret in self._long_secrets:
            if secret in text:
                return self._inventions.secret(secret).join(
                    self._leaf(part, published) if part else "" for part in text.split(secret)
                )
        if suspect(text) and (found := find_secrets(text)) and not _is_only_encoded(found):
            pieces, end = [], 0
            for span in found:
                pieces += [self.words(text[end : span.start]), self._inventions.secret(text[span.start : span.end])]
                end = span.end
            return "".join([*pieces, self.words(text[end:])])
        if _is_blob(text):
            return self.secret(text)
        shaped = published.shaped(text, self.words)
        return self.words(text) if shaped is None else shaped

    def _opened(
        self,
        text: str,
        key: str,
        published: Published,
        *,
        strict: bool,
        below: Callable[[Any, int], Any] | None,
        depth: int,
    ) -> str | None:
        """Return a text that holds another one, with that cleaned; None for a text that does not."""

        def again(inner: str) -> str:
            return self.clean(inner, key, published, strict=strict, below=below, depth=depth + 1)

        if text[:1] in {"{", "["} and below is not None:
            try:
                return json.dumps(below(json.loads(text), depth + 1), separators=(",", ":"), ensure_ascii=False)
            except (ValueError, RecursionError):
                pass
        if "%" in text and (plain := unquote(text)) != text:
            return quote(again(plain), safe="")
        if (plain64 := _from_base64(text)) is not None:
            return base64.b64encode(again(plain64).encode()).decode()
        if "\n" in text and published.is_constant(text.partition("\n")[0].split(",")[0], key):
            return self._table(text, key, published)
        return None

    def _table(self, text: str, key: str, published: Published) -> str:
        """Return a table of cells between commas, whose first row has the names of the columns, cell by cell."""
        return "\n".join(
            ",".join(self.clean(cell, key, published, depth=_DEEPEST) for cell in line.split(","))
            for line in text.split("\n")
        )

    def _keep(self, text: str) -> str:
        if _LETTERS.search(text) is not None:
            shown = _NUMBERS.sub("#", _HEX_SHOWN.sub("#", INVENTED.sub("…", text)))
            if _LETTERS.search(shown) is not None:
                self.kept[shown[:200]] += 1
        return text


def _is_only_encoded(found: list[Any]) -> bool:
    """Whether a text was found because of something encoded in it, of which no word stays anyway."""
    return all(span.kind in ENCODED for span in found)


def _is_blob(text: str) -> bool:
    """Whether a text is bytes in base64: with letters of both cases and digits, or padded."""
    if len(text) < 16 or len(text) % 4 or _BASE64.fullmatch(text) is None or _HEX.fullmatch(text) is not None:  # noqa: PLR2004  a shorter one is a word
        return False
    return text.endswith("=") or (text.lower() != text != text.upper() and any(char.isdecimal() for char in text))


def _from_base64(text: str) -> str | None:
    """Return the readable text behind base64; None where there is none."""
    whole = "".join(text.split("\n"))  # GitHub and MIME break it into lines
    if len(whole) < 8 or len(whole) % 4 or _BASE64.fullmatch(whole) is None:  # noqa: PLR2004  shorter ones are words
        return None
    try:
        plain = base64.b64decode(whole.replace("-", "+").replace("_", "/"), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return plain if plain and all(char.isprintable() or char in "\n\r\t" for char in plain) else None
