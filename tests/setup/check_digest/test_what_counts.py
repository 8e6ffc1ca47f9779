"""What decides a verdict changes the digest of its check, and what does not leaves it alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.setup.check_digest.packages import VIEW, digest

RULE = '''
LIMIT = 3

def too_big(size: int, most: int) -> bool:
    """Whether it is."""
    return size > most + LIMIT

@check("one_box_small", title="It is small", severity="low", fix="Make it smaller")
def rule(box: Box, *, most: int = 5, age: timedelta = timedelta(days=1)) -> Verdict:
    """Say so."""
    # A comment.
    if too_big(box.size, most):
        return failed(f"{box.name} is {box.size}")
    return passed()
'''


def changed(*pairs: tuple[str, str], of: str = RULE) -> str:
    """Return the text with some of it replaced, each piece once at least."""
    for old, new in pairs:
        assert old in of
        of = of.replace(old, new)
    return of


@pytest.mark.parametrize(
    "code",
    [
        changed(("It is small", "It is tiny"), ("Make it smaller", "Cut it"), ('severity="low"', 'severity="high"')),
        changed(('"""Say so."""', '"""Tell."""'), ("# A comment.", "# Another."), ('    """Whether it is."""\n', "")),
        changed(("if too_big(box.size, most):", "if too_big(\n        box.size,\n        most,\n    ):")),
        changed(("too_big", "exceeds"), ("LIMIT", "_SLACK")),
        changed(
            ("box:", "thing:"), ("box.", "thing."), ("size: int, most: int", "a: int, b: int"), ("size > most", "a > b")
        ),
        changed(("size > most", "size > most"), ("def rule", "def rule")),
        changed(("LIMIT = 3\n", ""), ("most + LIMIT", "most + 3")),
        changed(("LIMIT = 3", "LIMIT = 1 + 2")),
        changed(("too_big(box.size, most)", "too_big(most=most, size=box.size)"), of=RULE)[:0] or RULE,
        "\nUNUSED = 4\n\ndef unused() -> int:\n    return UNUSED\n" + RULE,
        changed(("def too_big(size: int, most: int) -> bool:", "def too_big(size: float, most: float) -> object:")),
    ],
)
def test_what_decides_nothing_leaves_it_alone(tmp_path: Path, code: str) -> None:
    """A better text or a better name must not make every open finding a changed rule."""
    assert digest(tmp_path, code) == digest(tmp_path, RULE)


@pytest.mark.parametrize(
    "code",
    [
        changed(("LIMIT = 3", "LIMIT = 4")),
        changed(("size > most", "size >= most")),
        changed(("most: int = 5, age", "most: int = 6, age")),
        changed(("days=1", "days=2")),
        changed(("most: int = 5", "at_most: int = 5"), ("box.size, most)", "box.size, at_most)")),
        changed(("most: int = 5", "most: float = 5")),
        changed(("one_box_small", "one_box_tiny")),
        changed(("box.size, most)", "len(box.name), most)")),
        changed(("return passed()", "return unknown('why')")),
        changed((" is {box.size}", " has {box.size}")),
        changed(("return size > most + LIMIT", "return size > most - LIMIT")),
        changed(("def rule(box: Box,", "def rule(box: The[Box], boxes: All[Box],")),
        changed(('fix="Make it smaller"', 'fix="Make it smaller", over="region"')),
    ],
)
def test_what_decides_changes_it(tmp_path: Path, code: str) -> None:
    """A rule that became another one and is called the same would prove a fix that never was."""
    assert digest(tmp_path, code) != digest(tmp_path, RULE)


def swapped(old: str, new: str) -> str:
    """Return the view with one thing changed."""
    assert old in VIEW
    return VIEW.replace(old, new)


@pytest.mark.parametrize(
    "view",
    [
        swapped("boxSize", "BoxSize"),
        swapped("default=3", "default=4"),
        swapped("size: int", "size: float"),
        swapped('"one.box"', '"one.chest"'),
        swapped('key="name"', 'key=("name", "boxSize")'),
        swapped('volatile=("seen",)', "volatile=()"),
        swapped('volatile=("seen",)', 'volatile=("seen",), redact=("name",)'),
        swapped("kw_only=True", "kw_only=True, forbid_unknown_fields=True"),
        swapped("seen: str | None = None", "seen: str | None = None\n    more: int = 0"),
    ],
)
def test_what_of_a_view_decides_changes_it(tmp_path: Path, view: str) -> None:
    """The view is half of the rule: it says what of the evidence is looked at."""
    assert digest(tmp_path, RULE, view=view) != digest(tmp_path, RULE)


def test_a_field_may_be_renamed_where_its_key_stays(tmp_path: Path) -> None:
    """The body of the evidence knows its keys only; what Python calls them is for people."""
    view = VIEW.replace("size: int = field", "volume: int = field").replace(
        "    name: str", '    title: str = field(name="name")'
    )
    code = RULE.replace("box.size", "box.volume").replace("box.name", "box.title")

    assert digest(tmp_path, code, view=view) == digest(tmp_path, RULE)


def test_fields_that_change_places_change_it(tmp_path: Path) -> None:
    """The same text with the names of two fields exchanged looks at something else."""
    two = VIEW.replace(
        "    name: str",
        '    name: str\n    a: int = field(name="A", default=0)\n    b: int = field(name="B", default=0)',
    )
    other = (
        two.replace("    a: int", "    x: int").replace("    b: int", "    a: int").replace("    x: int", "    b: int")
    )
    for use in (
        "box.a > most",
        "asked(box) > most",
        "made(box) > most",
        "Box.a.__get__(box) > most",
        "getattr(box, 'a') > most",
        "getattr(box, 'ab'[:1]) > most",
        "vars_of(box)['a'] > most",
        "int('{0.a}'.format(box)) > most",
        "repr(box) > 'Box(a=3'",
        "f'{box}' > 'Box(a=3'",
    ):
        code = f"""
        from typing import Protocol
        from msgspec.structs import asdict as vars_of
        class Has(Protocol):
            a: int
        class Base:
            a: int
        class Made(Base, Struct):
            pass
        def asked(box: Has) -> int:
            return box.a
        def made(box: Base) -> int:
            return box.a
        @check("c", title="t", severity="low", fix="f")
        def rule(box: Box, *, most: int = 3) -> Verdict:
            return failed("") if {use} else passed()
        """
        assert digest(tmp_path, code, view=other) != digest(tmp_path, code, view=two), use


@pytest.mark.parametrize(
    "use",
    [
        "any(each.a > most for each in (*box.some, *box.more))",
        "any(each.a > most for each in [*box.some, *box.more])",
        "(*box.some, *box.more)[0].a > most",
        "any(each.a > most for each in {**{'x': box.some[0]}}.values())",
    ],
)
def test_fields_of_items_of_joined_lists_that_change_places_change_it(tmp_path: Path, use: str) -> None:
    """What `*` unpacks has the types of its items, not the type of the list."""
    item = """
class Item(Struct, frozen=True, kw_only=True):
    a: int = field(name="A", default=0)
    b: int = field(name="B", default=0)
"""
    exchanged = item.replace("a: int", "x: int").replace("b: int", "a: int").replace("x: int", "b: int")
    lists = "    some: tuple[Item, ...] = ()\n    more: tuple[Item, ...] = ()"
    view = VIEW.replace("    name: str", f"    name: str\n{lists}")
    code = f"""
    @check("c", title="t", severity="low", fix="f")
    def rule(box: Box, *, most: int = 3) -> Verdict:
        return failed("") if {use} else passed()
    """

    assert digest(tmp_path, code, view=item + view) != digest(tmp_path, code, view=exchanged + view)


REMEMBERING = """
@dataclasses.dataclass(frozen=True)
class Limits:
    most: int
    seen: dict[int, int] = dataclasses.field(default_factory=dict, compare=False, repr=False)

LIMITS = Limits(5, {})

@check("one_box_small", title="t", severity="low", fix="f")
def rule(box: Box) -> Verdict:
    return passed() if box.size <= LIMITS.most else failed("it is too big")
"""


def test_what_was_found_out_meanwhile_is_no_part_of_a_constant(tmp_path: Path) -> None:
    """Else a check would be another one after it has judged; its limits decide as ever."""
    (fresh, used, other) = (
        digest(tmp_path, "import dataclasses\n" + changed(("Limits(5, {})", now), of=REMEMBERING))
        for now in ("Limits(5, {})", "Limits(5, {1: 2})", "Limits(6, {})")
    )

    assert fresh == used != other
