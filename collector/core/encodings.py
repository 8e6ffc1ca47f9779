"""Undo encodings in which a text may hold another one, within a budget of work for the whole text."""

from __future__ import annotations

import base64
import binascii
import bz2
import contextlib
import html
import json
import lzma
import re
import string
import zlib
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LARGEST = 3 << 20
"""Characters of a text, and of everything unpacked from it, that are looked at."""

DEEPEST = 24
"""Layers of encodings that are undone."""

_OVERHEAD = 64
_MOST_MEMORY = 64 << 20


class BudgetSpentError(Exception):
    """More is in a text than is looked at; what is left is not known."""


class Budget:
    """The work that one text may take, whatever is nested in it: characters looked at, and layers.

    `check` is called as work goes on, and raises to end it.
    """

    __slots__ = ("_check", "_left")

    def __init__(self, check: Callable[[], object] | None = None, limit: int = LARGEST) -> None:
        self._left = limit
        self._check = check

    def spend(self, characters: int, layer: int) -> None:
        """Take work from the budget. Raises BudgetSpentError where too little is left."""
        self._left -= characters + _OVERHEAD
        if self._left < 0 or layer > DEEPEST:
            raise BudgetSpentError
        if self._check is not None:
            self._check()

    @property
    def left(self) -> int:
        """How many characters may still be looked at."""
        return max(self._left, 0)


# A run goes on behind the end of a line, also where the end is written as an escape or a backslash stands before it.
_RUN = re.compile(r"[A-Za-z0-9+/_-]{16,}+(?:(?:\\?\r?\n|\\n|\\r\\n)[ \t>#|]{0,40}[A-Za-z0-9+/_-]++){0,20000}+={0,6}")
_HEX = re.compile(r"(?<![0-9A-Fa-f])(?:0x)?((?:[0-9A-Fa-f]{2}){10,}+)(?![0-9A-Fa-f])")
_SPACED_HEX = re.compile(r"(?<![0-9A-Za-z])(?:(?:0x)?[0-9A-Fa-f]{2}(?:[\s:,;-]{1,3}|$)){10,}+")
_FEW_BYTES = re.compile(
    r"[0-9A-Fa-f]{2}[\s:,;-] ?[0-9A-Fa-f]{2}[\s:,;-] ?[0-9A-Fa-f]{2}[\s:,;-]|\d{3}[,; ] ?\d{2,3}[,; ] ?\d\d"
)
_AS_HEX = bytes(
    ord("h") if chr(code) in string.hexdigits else ord(" ") if chr(code).isspace() or chr(code) in ":,;-" else ord(".")
    for code in range(128)
).ljust(256)
_AS_CODES = bytes(
    ord("d") if chr(code) in string.digits else ord(" ") if chr(code) in ",; " else ord(".") for code in range(128)
).ljust(256)
"""Digits of bytes, and what may stand between two of them, each as one character."""
_FEW_HEX = re.compile(rb"hh  ?hh  ?hh ")
_FEW_CODES = re.compile(rb"ddd  ?ddd?  ?dd")
_TWO_DIGITS = re.compile(r"(?<![0-9A-Fa-f])[0-9A-Fa-f]{2}(?![0-9A-Fa-f])")
_CODES = re.compile(r"(?<!\d)(?:\d{2,3}(?:[,\s;]{1,3}|$)){10,}+")
_BASE32 = re.compile(r"[A-Z2-7]{24,}+={0,6}")
_ESCAPE = re.compile(
    r"\\{1,8}(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|u?\{([0-9A-Fa-f]{1,6})\}|([0-7]{3})|([nrt\"'/\\])"
    r"|([0-9A-Fa-f]{2,6})[ ])|%u([0-9A-Fa-f]{4})"
)
_PLAIN_ESCAPES = {"n": "\n", "r": "\n", "t": "\t"}
_CONCATENATED = re.compile(r"([\"'])\s{0,4}(?:[+.&]\s{0,8}|\s\s{0,8})\1")
_CHUNKS = re.compile(r"[A-Za-z0-9+/_-]{12,}+(?:[\"']?[\s,+]{1,6}[\"']?[A-Za-z0-9+/_-]{4,}+={0,2}){1,4000}+")
_BETWEEN_CHUNKS = re.compile(r"[\s,\"']+|(?<=[\"'])\+|\+(?=[\"'])")
_SOFT_BREAK = re.compile(r"=\r?\n")
_QUOTED = re.compile(r"=([0-9A-F]{2})")
_ENDS_OF_LINES = re.compile(r"\\?\r?\n[ \t>#|]*|\\n[ \t]*|\\r\\n[ \t]*")
_WORD_BREAKS = re.compile(r"[/_+-]")
_BZIP2, _XZ = b"BZh", b"\xfd7zXZ\x00"
_GZIP, _ZLIB = b"\x1f\x8b", (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")
_FIRST_BYTES = frozenset((b"\x1f", b"\x78", b"B", b"\xfd", b"\x30", b"o", b"\xfe", b"\xce"))
"""With which something packed or a key in bytes begins."""
_FEWEST_NULS = 3
"""What a text in UTF-16 has at least of bytes that are zero."""
_MOST_PIECES = 8
_HEAD = 64
"""Characters of a run from which it is seen whether it may hold a text."""
_PRINTABLE = bytes([9, 10, 13, *range(32, 127)])
_READABLE = re.compile(rb"[\t\n\r\x20-\x7e]{20,}")
_SHORTEST_RUN = 16
_IDLE: set[str] = set()
_MOST_IDLE = 4096
_LONGEST_IDLE = 128
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\x00]")

_PRIVATE_KEYS = re.compile(
    rb"\x30(?:\x82..|\x81.|.)\x02\x01(?:[\x00\x01]\x30[\x05-\x20]\x06|\x00\x02\x82|\x00\x02\x81|\x01\x04)", re.DOTALL
)
"""How PKCS #1, PKCS #8 and SEC 1 begin a private key in DER: a sequence, a version, then what no certificate has."""
_BINARY_KEYS = (b"openssh-key-v1\x00", b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce")
_PKCS12 = re.compile(rb"\x30(?:\x82..|\x80|\x83...)\x02\x01\x03\x30", re.DOTALL)


def has_bytes(text: str) -> bool:
    """Return False if a text certainly holds no bytes that are written one by one, in hexadecimal or as codes."""
    if len(text) < 32:  # noqa: PLR2004  ten bytes
        return False
    if text.isascii():
        # Much sooner than the expression itself, which is tried at each character.
        data = text.encode("ascii")
        if _FEW_HEX.search(data.translate(_AS_HEX)) is None and _FEW_CODES.search(data.translate(_AS_CODES)) is None:
            return False
    return _FEW_BYTES.search(text) is not None


def rewritten(text: str) -> Iterator[tuple[str, str]]:
    """Yield how a whole text reads with one encoding undone, with a name for it, where it reads otherwise then."""
    if "%" in text and (plain := unquote(text)) != text:
        yield plain, "url-encoded"
    if "&" in text and (";" in text or "&#" in text) and (plain := html.unescape(text)) != text:
        yield plain, "html-encoded"
    if ("\\" in text or "%u" in text) and (plain := _ESCAPE.sub(_character, text)) != text:
        yield plain, "escaped"
    if "=\n" in text or "=\r\n" in text or "=3D" in text:
        yield _QUOTED.sub(lambda match: chr(int(match[1], 16)), _SOFT_BREAK.sub("", text)), "quoted-printable"
    if "\x00" in text or (not text.isascii() and _INVISIBLE.search(text) is not None):
        yield _INVISIBLE.sub("", text), "invisible"
    if not text.isascii() and (plain := _narrow(text)) != text:
        yield plain, "wide"
    if ("'" in text or '"' in text) and (plain := _CONCATENATED.sub("", text)) != text:
        yield plain, "joined"
    if "\\\n" in text or "^\n" in text or "`\n" in text:
        yield re.sub(r"[\\^`]\n[ \t]*", "", text), "joined"


def _narrow(text: str) -> str:
    """Return a text with full-width letters as plain ones."""
    return text.translate(_NARROW)


_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def _character(match: re.Match[str]) -> str:
    two, four, braced, octal, plain, spaced, percent = match.groups()
    if plain:
        return _PLAIN_ESCAPES.get(plain, plain)
    code = int(octal, 8) & 0xFF if octal else int(two or four or braced or spaced or percent, 16)
    return chr(code) if code <= 0x10FFFF else "?"  # noqa: PLR2004  the last character


def json_inside(text: str) -> Iterator[Any]:
    """Yield the values of the JSON documents in a text. Raises BudgetSpentError for one nested too deeply."""
    at = 0
    for _ in range(_MOST_DOCUMENTS):
        begin = _DOCUMENT.search(text, at)
        if begin is None:
            return
        try:
            value, at = _DECODER.raw_decode(text, begin.start())
        except RecursionError as error:
            raise BudgetSpentError from error
        except ValueError:
            at = begin.end()
        else:
            yield value


_DECODER = json.JSONDecoder()
_DOCUMENT = re.compile(r"[{\[]\s{0,200}[\"{\[]|\A\s{0,200}\"")
_MOST_DOCUMENTS = 8


def runs(text: str, budget: Budget) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and possible plain text of each encoded run in a text. Raises BudgetSpentError."""
    mixed = 0
    for match in _RUN.finditer(text):
        mixed += not match[0].islower()
        yield from ((*match.span(), plain) for plain in _of_run(match[0], budget))
    for match in _CHUNKS.finditer(text) if mixed > 1 else ():
        joined = _BETWEEN_CHUNKS.sub("", match[0])
        if not joined.islower() and _is_worth_it(_from_base64(joined[:_HEAD])):
            budget.spend(len(joined), 0)
            yield from ((*match.span(), plain) for plain in _texts(_from_base64(joined), budget))
    if not has_bytes(text):
        return
    for match in _SPACED_HEX.finditer(text):
        digits = _TWO_DIGITS.findall(match[0])
        yield from ((*match.span(), plain) for plain in _texts(bytes.fromhex("".join(digits)), budget))
    for match in _CODES.finditer(text):
        codes = [int(code) for code in match[0].replace(",", " ").replace(";", " ").split()]
        if all(9 <= code < 127 for code in codes):  # noqa: PLR2004  ASCII
            yield (*match.span(), "".join(map(chr, codes)))


def _of_run(run: str, budget: Budget) -> Iterator[str]:
    """Yield what a run may hold. Short ones that hold nothing are remembered, because paths have parts in common."""
    if run in _IDLE:
        return
    is_idle = len(run) <= _LONGEST_IDLE
    for plain in _undone(run, budget):
        is_idle = False
        yield plain
    if is_idle:
        if len(_IDLE) >= _MOST_IDLE:
            _IDLE.clear()
        _IDLE.add(run)


def _undone(run: str, budget: Budget) -> Iterator[str]:
    if run.islower() or run.isupper() or run.isdecimal() or _HEX.search(run) is not None:
        for match in _HEX.finditer(run):
            data = bytes.fromhex(match[1])
            if _is_worth_it(data):
                yield from _texts(data, budget)
        joined = _ENDS_OF_LINES.sub("", run)
        if _BASE32.fullmatch(joined) is not None:
            plain = joined.rstrip("=")
            with contextlib.suppress(binascii.Error):
                data = base64.b32decode(plain + "=" * (-len(plain) % 8))
                if _is_worth_it(data):
                    yield from _texts(data, budget)
    if not (run.islower() or run.isupper() or run.isdecimal()):
        yield from _of_base64(run, budget)


def _of_base64(run: str, budget: Budget) -> Iterator[str]:
    """Yield what a run may hold: from its beginning, with its lines joined or alone, or from within a path."""
    lines = _ENDS_OF_LINES.split(run) if "\n" in run or "\\" in run else [run]
    joined = "".join(lines)
    head = _from_base64(joined[:_HEAD])
    if head and _is_worth_it(head):
        yield from _texts(_from_base64(joined), budget)
        if len(lines) == 1:
            return
    elif len(joined) > _HEAD:
        yield from _readable_in(_from_base64(joined))
    pieces = lines if len(lines) > 1 else _ends_of(run)
    for piece in pieces:
        if len(piece) >= _SHORTEST_RUN and _is_worth_it(_from_base64(piece[:_HEAD])):
            budget.spend(len(piece), 0)
            yield from _texts(_from_base64(piece), budget)


def _ends_of(run: str) -> list[str]:
    """Return what stands behind the first separators of a run, as in a path whose last part is encoded."""
    starts = [match.end() for match in _WORD_BREAKS.finditer(run, 0, 400)]
    return [run[start:] for start in starts[:_MOST_PIECES]]


def _readable_in(data: bytes) -> Iterator[str]:
    """Yield the readable stretches of bytes that are no text."""
    stretches = _READABLE.findall(data)
    if stretches:
        yield b"\n".join(stretches).decode("ascii")


def _from_base64(run: str) -> bytes:
    """Return the bytes of a run of base64, without last characters that are too few; empty where it is none."""
    plain = run.replace("-", "+").replace("_", "/").rstrip("=")
    if len(plain) % 4 == 1:
        plain = plain[:-1]
    try:
        return binascii.a2b_base64(plain + "=" * (-len(plain) % 4))
    except (binascii.Error, ValueError):
        return b""


def _is_worth_it(data: bytes) -> bool:
    """Whether bytes are a text, are packed, or are a key, and not chance."""
    head = data[:48]
    if len(head.translate(None, _PRINTABLE)) * 4 <= len(head):
        return bool(head)
    if data[:1] not in _FIRST_BYTES and head.count(0) < _FEWEST_NULS:
        return False
    if data[:2] == _GZIP or data[:2] in _ZLIB or data.startswith((_BZIP2, _XZ)):
        return True
    return _is_utf16(data) or is_private_key(data)


def _is_utf16(data: bytes) -> bool:
    return len(data) >= 8 and (data[1:16:2].count(0) >= len(data[1:16:2]) - 1 or data[0:16:2].count(0) >= 7)  # noqa: PLR2004  every second byte


def is_private_key(data: bytes) -> bool:
    """Whether bytes are a private key or a store of keys, in DER, or as OpenSSH, Java or PKCS #12 write one."""
    return _PRIVATE_KEYS.match(data) is not None or data.startswith(_BINARY_KEYS) or _PKCS12.match(data) is not None


KEY_MARK = "-----BEGIN PRIVATE KEY-----"
"""What stands for a private key that is bytes."""


def _texts(data: bytes, budget: Budget) -> Iterator[str]:
    """Yield the texts that bytes may be: unpacked, in UTF-16, or as they are."""
    if is_private_key(data):
        yield KEY_MARK
    if data[:2] == _GZIP or data[:2] in _ZLIB or data.startswith((_BZIP2, _XZ)):
        plain = _unpacked(data, budget)
        if plain is not None:
            yield from _texts(plain, budget)
    if b"\x00" in data[:64] and _is_utf16(data):
        yield data.decode("utf-16-be" if data[0] == 0 else "utf-16-le", "replace")
    yield data.decode("latin-1")


def _unpacked(data: bytes, budget: Budget) -> bytes | None:
    """Return what a packed stream holds; None for bytes that are none. Raises BudgetSpentError for too much."""
    most = budget.left + 1
    try:
        if data.startswith(_BZIP2):
            plain = bz2.BZ2Decompressor().decompress(data, most)
        elif data.startswith(_XZ):
            plain = lzma.LZMADecompressor(memlimit=_MOST_MEMORY).decompress(data, most)
        else:
            # 32 + 15: gzip or zlib by its own header.
            plain = zlib.decompressobj(47).decompress(data, most)
    except (zlib.error, OSError, lzma.LZMAError, EOFError):
        # What came before the damage was read, and what the rest is nobody knows.
        return None
    budget.spend(len(plain), 0)
    return plain
