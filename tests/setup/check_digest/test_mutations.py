"""Every constant, operator, name and statement of every function that decides, changed one by one."""

from __future__ import annotations

import ast
import types
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from collector.setup.check_digest.digest import reached_targets
from collector.setup.check_digest.draft import Names, Target
from collector.setup.check_digest.nodes import build
from collector.setup.check_digest.origin import home_module, source_of
from tests.setup.check_digest.test_trials import builtin

_OTHER: dict[type[ast.AST], type[Any]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.BitOr: ast.BitAnd,
    ast.Not: ast.UAdd,
}
Change = tuple[str, Callable[[], None], Callable[[], None]]


def setting(node: ast.AST, name: str, value: object) -> Change:
    """Return a change of one field of a node, and its undoing."""
    was = getattr(node, name)
    what = f"{type(node).__name__}.{name} in line {getattr(node, 'lineno', 0)}"
    return what, lambda: setattr(node, name, value), lambda: setattr(node, name, was)


def changes(function: ast.AST) -> Iterator[Change]:  # noqa: C901, PLR0912  one case a kind of change
    """Yield every change of a function that could give other verdicts."""
    docstrings = {id(statement.value) for statement in ast.walk(function) if isinstance(statement, ast.Expr)}
    for node in inside(function):
        match node:
            case ast.Constant(value=bool() as value):
                yield setting(node, "value", not value)
            case ast.Constant(value=int() as value):
                yield setting(node, "value", value + 1)
            case ast.Constant(value=str() as text) if id(node) not in docstrings:
                yield setting(node, "value", f"{text}x")
            case ast.Constant(value=None):
                yield setting(node, "value", 0)
            case ast.Compare():
                yield setting(node, "ops", [_OTHER[type(node.ops[0])](), *node.ops[1:]])
            case ast.BoolOp() | ast.BinOp() | ast.UnaryOp() if type(node.op) in _OTHER:
                yield setting(node, "op", _OTHER[type(node.op)]())
            case ast.Attribute():
                yield setting(node, "attr", f"{node.attr}x")
            case ast.Name(ctx=ast.Load()):
                yield setting(node, "id", "print" if node.id != "print" else "repr")
            case ast.If() | ast.IfExp():
                yield setting(node, "test", ast.UnaryOp(ast.Not(), node.test))
            case ast.Return(value=ast.expr()):
                yield setting(node, "value", None)
            case ast.comprehension(ifs=[_, *_]):
                yield setting(node, "ifs", [])
            case ast.Call(args=[_, _, *_]) if len({ast.dump(given) for given in node.args}) > 1:
                yield setting(node, "args", list(reversed(node.args)))
            case ast.Call(keywords=[_, *_]):
                yield setting(node, "keywords", node.keywords[1:])
            case ast.For():
                yield setting(node, "body", [*node.body, ast.Break()])
            case ast.ExceptHandler():
                yield setting(node, "body", [ast.Raise()])


def inside(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what runs when a function is called: no annotations, defaults and decorators, which live objects have."""
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "returns", "decorator_list", "args"} and not isinstance(node, ast.Call):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield child
                yield from inside(child)


def functions() -> dict[tuple[str, str], tuple[Target, str, ast.AST]]:
    """Return every function that a check rests on, with what refers to it and its syntax."""
    by_name: dict[tuple[str, str], tuple[Target, str, ast.AST]] = {}
    for check in builtin().values():
        for target, _ in reached_targets(check):
            code = target.of.judge if target.kind == "check" else target.of
            if target.kind in {"check", "function"} and isinstance(code, types.FunctionType):
                home, name = home_module(code), code.__code__.co_name
                (node,) = source_of(home).functions[name, code.__code__.co_firstlineno]
                by_name[home, code.__qualname__] = (target, home, node)
    return by_name


def normal_form(target: Target, home: str) -> object:
    """Return the normal form of a target, built anew, with its references."""
    node = build(target, home, "connectors", Names.NONE)
    return node.form, [(other.kind, str(other.of)) for other in node.draft.targets]


_PARTS = 16


@pytest.mark.parametrize("part", [0, *(pytest.param(part, marks=pytest.mark.deep) for part in range(1, _PARTS))])
def test_no_change_of_a_function_goes_unnoticed(part: int) -> None:
    """Of thousands of small changes not one may leave the form as it was."""
    unnoticed = []
    tried = 0
    for target, home, node in list(functions().values())[part::_PARTS]:
        before = normal_form(target, home)
        for what, make, undo in list(changes(node)):
            make()
            try:
                tried += 1
                if normal_form(target, home) == before:
                    unnoticed.append(f"{home}: {what}")
            finally:
                undo()
        assert normal_form(target, home) == before

    assert unnoticed == []
    assert tried > 500
