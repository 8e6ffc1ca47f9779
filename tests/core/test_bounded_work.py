"""Texts made to take long: whoever may write a description must not be able to stop a scan, nor to get past it."""

from __future__ import annotations

import base64
import json
import time
import zlib
from collections.abc import Callable

import pytest

from collector.core.detectors import NOT_LOOKED_AT, find_secrets
from collector.core.redaction import Redactor
from tests.core.planted import draw

_SIZE = 1_000_000
_MOST_SECONDS = 10.0


def _nested(layers: int, data: bytes) -> str:
    for _ in range(layers):
        data = base64.b64encode(zlib.compress(data, 9))
    return data.decode()


def _bomb() -> str:
    """Eight kilobytes that unpack to megabytes, of which each part unpacks again."""
    inner = base64.b64encode(zlib.compress(b"a" * 700_000, 9))
    middle = base64.b64encode(zlib.compress((inner + b" ") * 500, 9))
    return " ".join([base64.b64encode(zlib.compress((middle + b" ") * 200, 9)).decode()] * 4)[:_SIZE]


def _many_bombs() -> str:
    bomb = base64.b64encode(zlib.compress(b"password " * 300_000, 9)).decode()
    return (bomb + " ") * (_SIZE // (len(bomb) + 1))


HOSTILE: dict[str, Callable[[], str]] = {
    "nested zlib": _bomb,
    "many bombs": _many_bombs,
    "forty layers": lambda: _nested(40, b"x" * 100),
    "prefixes of tokens": lambda: "ghp_ AKIA glpat- sk- eyJ xoxb- " * (_SIZE // 31),
    "prefixes without an end": lambda: "eyJ" + "a" * (_SIZE - 3),
    "tokens of two parts": lambda: "eyJaaaaaaaaaaaa." * (_SIZE // 16),
    "one letter": lambda: "a" * _SIZE,
    "one capital": lambda: "A" * _SIZE,
    "letters of both cases": lambda: "aB" * (_SIZE // 2),
    "digits": lambda: "1" * _SIZE,
    "hex": lambda: "6a" * (_SIZE // 2),
    "hex apart": lambda: "6a " * (_SIZE // 3),
    "codes": lambda: "97, " * (_SIZE // 4),
    "base32": lambda: "MFRGGZDF" * (_SIZE // 8),
    "underscores": lambda: "_" * _SIZE,
    "dashes": lambda: "-" * _SIZE,
    "dashes with letters": lambda: "-a" * (_SIZE // 2),
    "options": lambda: "--p -p -u " * (_SIZE // 10),
    "options of mysql": lambda: "mysql " * (_SIZE // 6),
    "names": lambda: "a.b-c_" * (_SIZE // 6),
    "assignments": lambda: "password=" * (_SIZE // 9),
    "short assignments": lambda: "a=" * (_SIZE // 2),
    "secret assignments": lambda: "pw=x " * (_SIZE // 5),
    "words of tokens": lambda: "token:" * (_SIZE // 6),
    "references": lambda: "pw=${A}" * (_SIZE // 7),
    "references of secrets": lambda: "password=$" * (_SIZE // 10),
    "values of nothing": lambda: "password: " * (_SIZE // 10),
    "quotes of many kinds": lambda: "".join("pw=" + "\\" * (at % 9) + "\"'`"[at % 3] for at in range(_SIZE // 9)),
    "users": lambda: "-u a:" * (_SIZE // 5),
    "options in a word": lambda: "--token " + "a" * _SIZE,
    "options in quotes": lambda: '--token "' * (_SIZE // 9),
    "declared": lambda: "ENV A " * (_SIZE // 6),
    "cookies": lambda: "cookie: a" * (_SIZE // 9),
    "headers in lists": lambda: "['a', " * (_SIZE // 6),
    "colons": lambda: "a:" * (_SIZE // 2),
    "quotes": lambda: "\"'" * (_SIZE // 2),
    "values without an end": lambda: 'password="' * (_SIZE // 10),
    "escaped quotes": lambda: 'password="' + '\\"' * (_SIZE // 2),
    "backslashes": lambda: "{" + "\\" * _SIZE,
    "escapes": lambda: "\\x41\\u0041\\n" * (_SIZE // 12),
    "brackets": lambda: "[" * _SIZE,
    "closed brackets": lambda: "[" * (_SIZE // 2) + "]" * (_SIZE // 2),
    "objects in objects": lambda: '{"env":' * (_SIZE // 8) + "1" + "}" * (_SIZE // 8),
    "wide document": lambda: json.dumps([{"name": "a", "value": "b"}] * (_SIZE // 28)),
    "document in documents": lambda: _documents(12),
    "percent signs": lambda: "%25" * (_SIZE // 3),
    "percent of percent": lambda: "%2525252525" * (_SIZE // 11),
    "entities": lambda: "&amp;" * (_SIZE // 5),
    "entity of entities": lambda: "&" + "amp;" * (_SIZE // 4),
    "ampersands": lambda: "&" * _SIZE,
    "addresses": lambda: "://a:" * (_SIZE // 5),
    "addresses without an end": lambda: "://" + "a" * _SIZE,
    "signs of at": lambda: "://a:b" + "@a" * (_SIZE // 2),
    "keys": lambda: "-----BEGIN PRIVATE KEY-----" * (_SIZE // 27),
    "keys without an end": lambda: "-----BEGIN " * (_SIZE // 11),
    "elements": lambda: "<password " * (_SIZE // 10),
    "pairs": lambda: 'name="a" ' * (_SIZE // 9),
    "pairs without an end": lambda: "name: a," + " ," * (_SIZE // 2),
    "bearers": lambda: "bearer " * (_SIZE // 7),
    "queries": lambda: "?key=&sig=" * (_SIZE // 10),
    "slashes": lambda: "aB/" * (_SIZE // 3),
    "lines of base64": lambda: "aGVsbG8gd29ybGQgaGVsbG8gd29y\n" * (_SIZE // 29),
    "dollars": lambda: "$2b$" * (_SIZE // 4),
    "dots": lambda: "MAAAAAAAAAAAAAAAAAAAAAAAA." * (_SIZE // 26),
    "words": lambda: "The quick brown fox jumps over the lazy dog. " * (_SIZE // 45),
    "lines": lambda: "echo a | " * (_SIZE // 9),
    "wide letters": lambda: "\uff41\u200b" * (_SIZE // 2),
    "NUL": lambda: "a\x00" * (_SIZE // 2),
    "web hooks": lambda: "https://hooks.slack.com/" * (_SIZE // 24),
    "hosts": lambda: "https://" + "a." * (_SIZE // 2),
    "blanks": lambda: "password" + " " * _SIZE,
    "identified": lambda: "IDENTIFIED BY " * (_SIZE // 14),
    "logins": lambda: "login a password " * (_SIZE // 17),
    "a table": lambda: "password,a\n" + "x,y\n" * (_SIZE // 4),
    "chunks": lambda: "aBcDeFgHiJkLmNoPqR aBcD " * (_SIZE // 24),
    "sums": lambda: "'a'+" * (_SIZE // 4),
    "types": lambda: "a: b = " * (_SIZE // 7),
    "settings": lambda: "set a.b " * (_SIZE // 8),
    "blocks": lambda: "pw: |\n  a\n" * (_SIZE // 10),
    "one block": lambda: "pw: |\n" + "  a: b\n" * (_SIZE // 7),
    "documents": lambda: '{"a":"env"} [["' * (_SIZE // 15),
    "secrets of kubernetes": lambda: "kind: Secret data:\n  a: b\n" * (_SIZE // 27),
    "marks": lambda: "[redacted " * (_SIZE // 10),
}


def _documents(count: int) -> str:
    text = "x" * 50
    for _ in range(count):
        text = json.dumps({"a": text, "b": text})
        if len(text) > _SIZE // 2:
            break
    return text


@pytest.mark.parametrize("made", HOSTILE.values(), ids=HOSTILE)
def test_a_megabyte_made_to_take_long_ends(made: Callable[[], str]) -> None:
    """A second or so, as `python -m bench redaction` prints; what grows faster than its text takes minutes."""
    text = made()
    redactor = Redactor(b"key")
    began = time.thread_time()
    redactor.apply({"Description": text})
    took = time.thread_time() - began

    assert took < _MOST_SECONDS


@pytest.mark.parametrize("kind", ["nested zlib", "many bombs", "forty layers"])
def test_what_was_not_looked_at_is_not_passed_through(kind: str) -> None:
    """A secret behind the bound would be in no place that was looked at."""
    text = HOSTILE[kind]()

    assert find_secrets(text) == [(0, len(text), NOT_LOOKED_AT)]
    assert text[100:150] not in str(Redactor(b"key").apply({"note": text}))


def test_a_secret_behind_much_that_is_harmless_is_found() -> None:
    """The bound is of work, and a long text alone does not use it up."""
    canary = draw("far", 24)
    text = "The quick brown fox jumps over the lazy dog.\n" * 20_000 + f"password={canary}"

    assert canary not in Redactor(b"key").text(text)


def test_work_on_a_text_ends_when_the_task_has_to() -> None:
    """The deadline and Ctrl-C hold while a text is looked at."""
    calls = 0

    def stop() -> None:
        nonlocal calls
        calls += 1
        if calls > 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Redactor(b"key", check=stop).apply({"note": _nested(20, b"x" * 1000)})
    assert calls == 4
