"""Code of every form: what it uses is followed, whatever way it is brought in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.setup.check_digest.packages import digest

RULE = """
@check("c", title="t", severity="low", fix="f")
def rule(box: Box, *, most: int = 3) -> Verdict:
    return failed("") if USE else passed()
"""


def using(use: str, before: str = "") -> str:
    """Return a rule with a condition, and what stands before it."""
    return before + RULE.replace("USE", use)


@pytest.mark.parametrize(
    ("use", "before", "old", "new"),
    [
        # How a helper is brought in.
        ("helper(box)", "from pkg.more import helper", "> 1", "> 2"),
        ("it(box)", "from pkg.more import helper as it", "> 1", "> 2"),
        ("it(box)", "from .more import helper as it", "> 1", "> 2"),
        ("more.helper(box)", "from pkg import more", "> 1", "> 2"),
        ("pkg.more.helper(box)", "import pkg.more", "> 1", "> 2"),
        ("m.helper(box)", "import pkg.more as m", "> 1", "> 2"),
        ("again(box)", "from pkg.between import again", "> 1", "> 2"),
        ("helper(box)", "from pkg.more import *", "> 1", "> 2"),
        ("late(box)", "def late(box):\n    from pkg.more import helper\n    return helper(box)\n", "> 1", "> 2"),
        ("late(box)", "def late(box):\n    from pkg import more as m\n    return m.helper(box)\n", "> 1", "> 2"),
        # What it is wrapped in.
        ("p(box)", "from functools import partial\nfrom pkg.more import helper\np = partial(helper)", "> 1", "> 2"),
        ("p()", "from functools import partial\nfrom pkg.more import deep\np = partial(deep, 4)", "+ 7", "+ 8"),
        ("cached(4)", "from pkg.more import cached", "* 5", "* 6"),
        ("wrapped(4)", "from pkg.more import wrapped", "* 9", "* 10"),
        ("wrapped(4)", "from pkg.more import wrapped", "result + 1", "result + 2"),
        ("chosen(4)", "from .more import chosen", "one // 2", "one // 3"),
        ("TABLE['a'](4)", "from pkg.more import TABLE", "one - 3", "one - 4"),
        ("closed(4)", "from pkg.more import closed", "made(10)", "made(11)"),
        ("any(map(helper, [box]))", "from pkg.more import helper", "> 1", "> 2"),
        ("(lambda one: helper(one))(box)", "from pkg.more import helper", "> 1", "> 2"),
        ("[helper(one) for one in [box]][0]", "from pkg.more import helper", "> 1", "> 2"),
        ("given(4)", "from pkg.more import given", "def given(one, of=SOME)", "def given(one, of=OTHERS)"),
        # Classes.
        ("Thing(4).twice", "from pkg.more import Thing", "self.size * 2", "self.size * 3"),
        ("Thing(4).size", "from pkg.more import Thing", "size: int = 0", "size: int = 1"),
        ("Thing.made(4)", "from pkg.more import Thing", "of + 20", "of + 21"),
        ("Thing.of(4)", "from pkg.more import Thing", "of + 30", "of + 31"),
        ("Thing.MOST", "from pkg.more import Thing", "MOST = 40", "MOST = 41"),
        ("Child(4).twice", "from pkg.more import Child", "self.size * 2", "self.size * 3"),
        ("Ranked[int](4).half", "from pkg.more import Ranked", "self.rank // 2", "self.rank // 3"),
        ("Colour.RED.value == 'r'", "from pkg.more import Colour", "RED = 'r'", "RED = 'x'"),
        ("Colour.RED.warm", "from pkg.more import Colour", "is Colour.RED", "is Colour.BLUE"),
        ("Pair(1, 2).low", "from pkg.more import Pair", "low: int = 1", "low: int = 2"),
        # Constants.
        ("box.size in SOME", "from pkg.more import SOME", "{1, 2}", "{1, 3}"),
        ("box.size in MORE", "from pkg.more import MORE", "{1, 2}", "{1, 3}"),
        ("WORD.match(box.name)", "from pkg.more import WORD", "'[a-z]+'", "'[a-z]*'"),
        ("WORD.match(box.name)", "from pkg.more import WORD", "re.I", "re.M"),
        ("EVERY < timedelta(1)", "from pkg.more import EVERY", "hours=1", "hours=2"),
        ("NET.is_private", "from pkg.more import NET", "10.0.0.0", "11.0.0.0"),
        ("NESTED['a'][0].size", "from pkg.more import NESTED", "Thing(50)", "Thing(51)"),
        ("box.size in COLOURS", "from pkg.more import COLOURS", "{Colour.RED}", "{Colour.BLUE}"),
        ("EMPTY is SENTINEL", "from pkg.more import EMPTY, SENTINEL", "EMPTY = SENTINEL", "EMPTY = object()"),
        # Recursion.
        ("down(4)", "from pkg.more import down", "one - 60", "one - 61"),
        ("even(4)", "from pkg.more import even", "one - 70", "one - 71"),
        ("even(4)", "from pkg.more import even", "one - 80", "one - 81"),
        # Exceptions that look the same are not.
        ("tried(4)", "from pkg.more import tried", "raise First", "raise Second"),
        ("matched(box)", "from pkg.more import matched", "size=90", "size=91"),
        ("matched([1])", "from pkg.more import matched", "[first, *_]", "[*_, first]"),
        # Looked up by name.
        ("getattr(more, 'hel' + 'per')(box)", "from . import more", "> 1", "> 2"),
        ("looked('helper', box)", "from .more import looked", "> 1", "> 2"),
        ("run('helper')", "from .more import run", "> 1", "> 2"),
    ],
)
def test_what_is_used_counts(tmp_path: Path, use: str, before: str, old: str, new: str) -> None:
    """A helper that changed and is not in the digest would make two rules one."""
    assert old in MORE
    code = using(use, before)

    then = digest(tmp_path, code, more=MORE, between=BETWEEN)

    assert digest(tmp_path, code, more=MORE, between=BETWEEN) == then
    assert digest(tmp_path, code, more=MORE.replace(old, new, 1), between=BETWEEN) != then


def test_what_is_imported_by_name_counts(tmp_path: Path) -> None:
    """Which module it is cannot be seen, so that every file of the package counts."""
    code = using("by_name('helper')", "from .more import by_name")
    files = [digest(tmp_path, code, more=MORE, between=text) for text in (BETWEEN, BETWEEN + "\nA = 1\n")]

    assert files[0] != files[1]


MORE = """
import functools, importlib, ipaddress, re, sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from typing import Generic, NamedTuple, TypeVar

def helper(box):
    return box.size > 1

def deep(one):
    return one + 7

@functools.lru_cache
def cached(one):
    return one * 5

def decorator(function):
    @functools.wraps(function)
    def inner(*given):
        result = function(*given)
        return result + 1
    return inner

@decorator
def wrapped(one):
    return one * 9

@functools.singledispatch
def chosen(one):
    return one

@chosen.register
def _(one: int):
    return one // 2

TABLE = {"a": lambda one: one - 3, "b": lambda one: one}

def made(least):
    def inside(one):
        return one > least
    return inside

closed = made(10)

SOME = frozenset({1, 2})
OTHERS = frozenset({5})
MORE = SOME | {3}
WORD = re.compile('[a-z]+', re.I)
EVERY = timedelta(hours=1)
NET = ipaddress.ip_network("10.0.0.0/8")
SENTINEL = object()
EMPTY = SENTINEL

def given(one, of=SOME):
    return one in of

@dataclass(frozen=True)
class Thing:
    size: int = 0
    MOST = 40

    @property
    def twice(self):
        return self.size * 2

    @staticmethod
    def made(of):
        return of + 20

    @classmethod
    def of(cls, of):
        return of + 30

T = TypeVar("T")

class Ranked(Generic[T]):
    def __init__(self, rank: T) -> None:
        self.rank = rank

    @property
    def half(self):
        return self.rank // 2


class Child(Thing):
    pass

NESTED = {"a": [Thing(50)]}

class Colour(Enum):
    RED = 'r'
    BLUE = 'b'

    @property
    def warm(self):
        return self is Colour.RED

COLOURS = frozenset({Colour.RED})

class Pair(NamedTuple):
    high: int
    low: int = 1

def down(one):
    return one < 0 or down(one - 60)

def even(one):
    return one == 0 or odd(one - 70)

def odd(one):
    return one != 0 and even(one - 80)

class First(Exception):
    pass

class Second(Exception):
    pass

def raising(one):
    raise First

def tried(one):
    try:
        return raising(one)
    except First:
        return 1
    except Second:
        return 2

def matched(box):
    match box:
        case Thing(size=90):
            return 1
        case [first, *_]:
            return first
        case {"a": value, **rest}:
            return value, rest
        case str() as text:
            return text
    return 0

def looked(name, box):
    return globals()[name](box)

def by_name(name):
    return importlib.import_module(".more", __package__).__dict__[name]

def run(name):
    return eval(name)
"""

BETWEEN = "from .more import helper as again"


PATH = "from pathlib import Path\n"
HERE = "Path(__file__).with_name('data.json')"


@pytest.mark.parametrize(
    ("use", "before", "changed"),
    [
        ("DATA['a']", f"import json\n{PATH}DATA = json.loads({HERE}.read_text())", True),
        ("read()", f"{PATH}def read():\n    return {HERE}.read_text()\n", True),
        ("read()", f"{PATH}AT = {HERE}\ndef read():\n    return AT.read_text()\n", True),
        ("read()", f"{PATH}AT = str({HERE})\ndef read():\n    return open(AT).read()\n", True),
        ("read()", "from importlib.resources import files\ndef read():\n    return files('pkg') / 'data.json'\n", True),
        ("read()", "import pkgutil\ndef read():\n    return pkgutil.get_data('pkg', 'data.json')\n", True),
        ("read()", "import os\ndef read():\n    return open(os.path.dirname(__file__) + '/data.json').read()\n", True),
        ("box.size > most", "", False),
    ],
)
def test_files_that_are_read_count(tmp_path: Path, use: str, before: str, *, changed: bool) -> None:
    """A table beside the code is code, too; where nothing is read, a file is nobody's business."""
    before += "\n"
    first = digest(tmp_path, using(use, before), data__json='{"a": 1}')
    second = digest(tmp_path, using(use, before), data__json='{"a": 2}')

    assert (first != second) is changed
    if changed:
        assert digest(tmp_path, using(use, before), data__json='{"a": 1}') == first


def test_a_helper_may_move_and_be_renamed(tmp_path: Path) -> None:
    """Where code lies is no part of what it does."""
    inside = using("helper(box, most)", "LEAST = 1\ndef helper(box, most):\n    return box.size > LEAST + most\n")
    outside = using("other(box, most)", "from pkg.elsewhere import moved as other\n")
    elsewhere = "A = 1\ndef moved(thing, number):\n    return thing.size > A + number\n"

    assert digest(tmp_path, inside) != digest(tmp_path, outside, elsewhere=elsewhere)
    assert digest(tmp_path, typed(inside)) == digest(tmp_path, outside, elsewhere=typed(elsewhere))


def typed(code: str) -> str:
    """Return the code with the parameter annotated, by which a view's fields are known."""
    view = "" if "check(" in code else "from pkg.rules import Box\n"
    return view + code.replace("(box, most):", "(box: Box, most):").replace(
        "(thing, number):", "(thing: 'Box', number):"
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("[x for x in y] and x", "[z for z in y] and x"),
        ("(lambda a, b: a - b)(1, 2)", "(lambda c, d: c - d)(1, 2)"),
        ("(y := box.size) > y", "(z := box.size) > z"),
    ],
)
def test_local_names_do_not_count(tmp_path: Path, first: str, second: str) -> None:
    """Names inside are numbers, in the order in which they are met."""
    before = "x = 3\ny = (1, 2)\n"

    assert digest(tmp_path, using(first, before)) == digest(tmp_path, using(second, before))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("[x for x in y] and x", "[x for x in y] and y"),
        ("[x for x in y]", "[x for y in y]"),
        ("(lambda a, b: a - b)(1, 2)", "(lambda a, b: b - a)(1, 2)"),
        ("(lambda a: x)(1)", "(lambda x: x)(1)"),
        ("f(a=1, b=2)", "f(a=2, b=1)"),
        ("f(1, b=2)", "f(2, b=1)"),
        ("g(a=1, b=2)", "f(a=1, b=2)"),
        ("p(a=1)", "p(b=1)"),
    ],
)
def test_which_name_it_is_counts(tmp_path: Path, first: str, second: str) -> None:
    """Numbers in place of names still tell two of them apart."""
    before = "from functools import partial\nx = 3\ny = (1, 2)\n"
    before += "def f(a=0, b=0):\n    return a - b\n\ndef g(b=0, a=0):\n    return a - b\n\np = partial(f)\n"

    assert digest(tmp_path, using(first, before)) != digest(tmp_path, using(second, before))


def test_parameters_that_change_places_change_it(tmp_path: Path) -> None:
    """Whoever calls by keyword without saying whom calls by name."""
    first_text = "def f(a=0, b=0):\n    return a - b\n\nTABLE = {'f': f}\n"
    other = first_text.replace("f(a=0, b=0)", "f(b=0, a=0)").replace("a - b", "b - a")
    swapped = first_text.replace("a - b", "x - a").replace("a=0, b=0", "a=0, x=0")
    for use in ("TABLE['f'](a=1, b=2)", "f(**{'a': 1, 'b': 2})", "partial(f, a=1)()"):
        first, *others = (
            digest(tmp_path, using(use, "from functools import partial\n" + text))
            for text in (first_text, other, swapped)
        )
        assert first not in others, use
