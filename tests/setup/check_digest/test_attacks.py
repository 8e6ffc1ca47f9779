"""Ways in which a rule could become another one unnoticed, and all of them noticed."""

from __future__ import annotations

from pathlib import Path

import pytest

from collector.core.errors import ConfigError
from collector.setup.check_digest import digest as digests
from collector.setup.check_digest import foreign
from collector.setup.check_digest.digest import check_digest
from tests.setup.check_digest.packages import HEAD, VIEW, digest, load

RULE = """
@check("c", title="t", severity="low", fix="f")
def rule(box: Box, *, most: int = 3) -> Verdict:
    return failed("") if used(box) else passed()
"""

STATE = """
A = 0
B = 0
def fill(box):
    global A, B
    A = box.size
def used(box):
    fill(box)
    return A > 1
"""

LISTS = """
A = []
B = []
def fill(box):
    A.append(box.size)
def used(box):
    fill(box)
    return A
"""

LATER = """
class Thing:
    def twice(self, one):
        return one * 2
def other(self, one):
    return one * 3
Thing.twice = other
Thing.most = 4
def used(box):
    return Thing().twice(box.size) + Thing.most
"""

BY_NAME = """
def first(box):
    '''first'''
    return 1
def second(box):
    '''second'''
    return 2
def used(box):
    return {"first": 1}.get(first.__name__, 0) + len(first.__doc__)
"""

HINTS = """
def hinted(one: int) -> int:
    return 1
def used(box):
    return hinted.__annotations__["one"] == "int"
"""

DECORATED = """
def limited(most):
    def wrap(function):
        def inner(self, one):
            return function(self, one) > most
        return inner
    return wrap
LIMITS = {"a": 3}
class Thing:
    @limited(LIMITS["a"])
    def size(self, one):
        return one
def used(box):
    return Thing().size(box.size)
"""

CHILDREN = """
class Base:
    @classmethod
    def any(cls, box):
        return any(one().wrong(box) for one in cls.__subclasses__())
class One(Base):
    def wrong(self, box):
        return box.size > 1
def used(box):
    return Base.any(box)
"""

SHADOWED = """
def len(of):
    return 1
def used(box):
    return len(box.name) > 1
"""

CLOSURE = """
def counting():
    a = 0
    b = 0
    def step(box):
        nonlocal a, b
        a = box.size
        return a > 1
    return step
used = counting()
"""

AROUND = """
x = 5
def used(box):
    x = 1
    def inner():
        global x
        return x
    return inner() + x
"""

LAMBDAS = """
one, two = lambda box: box.size > 1, lambda box: box.size > 2
def used(box):
    return one(box)
"""

CLASS_OF_TABLE = """
class Table:
    rows = dict([("a", 1)])
    def at(self, name):
        return self.rows[name]
def used(box):
    return Table().at("a")
"""


@pytest.mark.parametrize(
    ("code", "old", "new"),
    [
        (STATE, "return A > 1", "return B > 1"),
        (STATE, "    A = box.size", "    B = box.size"),
        (LISTS, "return A", "return B"),
        (LISTS, "A.append", "B.append"),
        (LATER, "one * 3", "one * 4"),
        (LATER, "Thing.most = 4", "Thing.most = 5"),
        (LATER, "Thing.twice = other\n", ""),
        (BY_NAME, "get(first.__name__", "get(second.__name__"),
        (BY_NAME, "'''first'''", "'''First.'''"),
        (BY_NAME, "def first(box):", "def first(box):\n    pass\nfirst.__name__ = 'x'\ndef third(box):"),
        (HINTS, "one: int", "one: str"),
        (DECORATED, '"a": 3', '"a": 4'),
        (DECORATED, "one) > most", "one) >= most"),
        (CHILDREN, "def used", "class Two(Base):\n    def wrong(self, box):\n        return True\ndef used"),
        (SHADOWED, "return 1", "return 2"),
        (SHADOWED, "def len(of):\n    return 1\n", ""),
        (CLOSURE, "return a > 1", "return b > 1"),
        (CLOSURE, "        a = box.size", "        b = box.size"),
        (AROUND, "x = 5", "x = 6"),
        (LAMBDAS, "one, two =", "two, one ="),
        (LAMBDAS, "return one(box)", "return two(box)"),
        (CLASS_OF_TABLE, '("a", 1)', '("a", 2)'),
    ],
)
def test_it_is_noticed(tmp_path: Path, code: str, old: str, new: str) -> None:
    """Each of these gives other verdicts, and was once a way around a digest."""
    assert old in code

    then = digest(tmp_path, code + RULE)

    assert digest(tmp_path, code + RULE) == then
    assert digest(tmp_path, code.replace(old, new) + RULE) != then


READING = """
import json
from pathlib import Path
ROWS = json.loads(Path(__file__).with_name("data.json").read_text())
"""


@pytest.mark.parametrize(
    "code",
    [
        f"{READING}\ndef used(box, of=tuple(ROWS)):\n    return box.size in of\n",
        f"{READING}\nclass T:\n    ROWS = list(ROWS)\ndef used(box):\n    return box.size in T.ROWS\n",
        "from .reading import ROWS\ndef used(box):\n    return box.size in ROWS\n",
    ],
)
def test_what_was_read_while_code_was_loaded_counts(tmp_path: Path, code: str) -> None:
    """A default, a member or a constant may come out of a file; what came of it is what decides."""
    texts = ("[1]", "[2]", "[1]")
    first, second, third = (digest(tmp_path, code + RULE, reading=READING, data__json=text) for text in texts)

    assert (first != second, first == third) == (True, True)


def test_the_version_of_a_distribution_that_decides_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its code is not read, so that its version is all that tells one of its rules from another."""
    decoding = "import msgspec\ndef used(box):\n    return msgspec.json.decode(box.name)\n" + RULE
    plain = "def used(box):\n    return box.name\n" + RULE
    before = [digest(tmp_path, code) for code in (decoding, plain)]
    monkeypatch.setattr(foreign, "versions", lambda _module: ("msgspec 99.0",))

    after = [digest(tmp_path, code) for code in (decoding, plain)]

    assert (before[0] != after[0], before[1] == after[1]) == (True, True)


def test_two_checks_that_say_the_same_have_two_digests(tmp_path: Path) -> None:
    """The id is a part of it: findings are of one check."""
    code = "def used(box):\n    return box.size\n" + RULE

    assert digest(tmp_path, code) != digest(tmp_path, code.replace('"c"', '"d"'))


def test_a_check_without_source_is_told(tmp_path: Path) -> None:
    """A finding that does not say which rule was applied is worth nothing later."""
    check = load(tmp_path, HEAD + VIEW + "def used(box):\n    return box.size\n" + RULE)
    module = check.judge.__module__
    next(tmp_path.rglob("rules.py")).unlink()

    with pytest.raises(ConfigError, match=f"the source of {module} cannot be read"):
        check_digest(check)


def test_a_digest_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command of a process asks for it again."""
    check = load(tmp_path, HEAD + VIEW + "def used(box):\n    return box.size\n" + RULE)
    first = check_digest(check)
    monkeypatch.setattr(digests, "build", None)

    assert check_digest(check) == first
    assert first.startswith("rule1:")
    assert len(first) == len("rule1:") + 64


TWO_IMPORTS = """
def used(box):
    try:
        from pkg.limits import {first} as limit
    except ImportError:
        from pkg.limits import lax as limit
    return limit(box.size)
"""

LIMITS = """
def strict(size):
    return size > {most}
def lax(size):
    return False
"""

TWO_MODULES = """
def used(box):
    if box.name:
        import pkg.limits as rules
    else:
        import pkg.others as rules
    return rules.strict(box.size)
"""


def test_each_of_several_imports_of_one_name_counts(tmp_path: Path) -> None:
    """Which of them is used cannot be said from the text, so all of them decide."""
    limits, other = LIMITS.format(most=3), LIMITS.format(most=4)
    strict = digest(tmp_path, TWO_IMPORTS.format(first="strict") + RULE, limits=limits)

    assert digest(tmp_path, TWO_IMPORTS.format(first="strict") + RULE, limits=limits) == strict
    assert digest(tmp_path, TWO_IMPORTS.format(first="lax") + RULE, limits=limits) != strict
    assert digest(tmp_path, TWO_IMPORTS.format(first="strict") + RULE, limits=other) != strict
    modules = digest(tmp_path, TWO_MODULES + RULE, limits=limits, others=limits)
    assert digest(tmp_path, TWO_MODULES + RULE, limits=other, others=limits) != modules
    assert digest(tmp_path, TWO_MODULES + RULE, limits=limits, others=other) != modules
