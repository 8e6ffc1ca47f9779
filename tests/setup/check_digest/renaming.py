"""A copy of the connectors in which everything that may be called otherwise is called otherwise."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[3] / "connectors"


def copy(to: Path, root: str, *, fields: Mapping[tuple[str, str], Mapping[str, str]] | None = None) -> None:
    """Write the connectors as the package `root`: comments, docstrings and texts gone, names changed.

    With `fields`, which are the keys of views by module, class and name, only fields of views are renamed.
    """
    trees = {path.relative_to(ROOT): ast.parse(path.read_text()) for path in sorted(ROOT.rglob("*.py"))}
    kept = _keywords(trees.values())
    renamer: ast.NodeTransformer
    for path, tree in trees.items():
        module = ".".join(["connectors", *path.with_suffix("").parts]).removesuffix(".__init__")
        if fields is None:
            renamer = _Names(root, frozenset(_bound(trees.values()) - kept))
            target = to / root / Path(*(_module(one) for one in path.parts))
        else:
            names = {name for one in fields.values() for name in one} - _other_members(trees.values())
            renamer = _Fields(module, fields, frozenset(names), root)
            target = to / root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(ast.unparse(ast.fix_missing_locations(renamer.visit(tree))))


def _module(name: str) -> str:
    if name in {"__init__.py", "connectors"}:
        return name
    return f"_moved{name}" if name.startswith("_") else f"moved_{name}"


def _path(dotted: str, root: str) -> str:
    first, *rest = dotted.split(".")
    return ".".join([root, *map(_module, rest)]) if first == "connectors" else dotted


def _bound(trees: Iterable[ast.Module]) -> set[str]:
    """Return every name that is bound anywhere but in a class."""
    found: set[str] = set()
    for tree in trees:
        members = {id(inner) for one in ast.walk(tree) if isinstance(one, ast.ClassDef) for inner in one.body}
        for one in ast.walk(tree):
            match one:
                case ast.Name(ctx=ast.Store()):
                    found.add(one.id)
                case ast.arg():
                    found.add(one.arg)
                case ast.FunctionDef() | ast.ClassDef() if id(one) not in members:
                    found.add(one.name)
                case ast.alias():
                    found.add(one.asname or one.name)
                case ast.ExceptHandler(name=str() as name) | ast.MatchAs(name=str() as name):
                    found.add(name)
    return {one for one in found if "." not in one and not one.startswith("__")} - {"annotations"}


def _keywords(trees: Iterable[ast.Module]) -> set[str]:
    """Return the names that are passed by keyword, and those of limits: others may know them."""
    found = {"now"}
    for tree in trees:
        for one in ast.walk(tree):
            if isinstance(one, ast.keyword) and one.arg is not None:
                found.add(one.arg)
            if isinstance(one, ast.arguments):
                found.update(each.arg for each in one.kwonlyargs)
    return found


class _Names(ast.NodeTransformer):
    """Puts a word before every name that is bound, and drops what is only for people."""

    def __init__(self, root: str, names: frozenset[str]) -> None:
        self._root = root
        self._names = names

    def _new(self, name: str) -> str:
        if name not in self._names:
            return name
        return f"_new{name}" if name.startswith("_") else f"new_{name}"

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Name(self._new(node.id), node.ctx)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        self.generic_visit(node)
        node.arg = self._new(node.arg)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._defined(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        members = {id(one): one.name for one in node.body if isinstance(one, ast.FunctionDef)}
        fields = {
            id(one): one.target.id
            for one in node.body
            if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)
        }
        values = {
            id(one): one.targets[0].id
            for one in node.body
            if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name)
        }
        made = self._defined(node)
        for one in node.body:
            if id(one) in members and isinstance(one, ast.FunctionDef):
                one.name = members[id(one)]
            if id(one) in fields and isinstance(one, ast.AnnAssign):
                one.target = ast.Name(fields[id(one)], ast.Store())
            if id(one) in values and isinstance(one, ast.Assign):
                one.targets = [ast.Name(values[id(one)], ast.Store())]
        return made

    def _defined(self, node: ast.FunctionDef | ast.ClassDef) -> ast.AST:
        if ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
        self.generic_visit(node)
        node.name = self._new(node.name)
        for one in node.decorator_list:
            if isinstance(one, ast.Call):
                one.keywords = [
                    ast.keyword(each.arg, ast.Constant("other") if each.arg in {"title", "fix"} else each.value)
                    for each in one.keywords
                ]
        return node

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        self.generic_visit(node)
        node.name = None if node.name is None else self._new(node.name)
        return node

    def visit_MatchAs(self, node: ast.MatchAs) -> ast.AST:
        self.generic_visit(node)
        node.name = None if node.name is None else self._new(node.name)
        return node

    def visit_Import(self, node: ast.Import) -> ast.AST:
        for one in node.names:
            if "." not in one.name:
                one.asname = self._new(one.asname or one.name)
        return node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST:
        if node.module == "__future__":
            return node
        own = (node.module or "").startswith("connectors")
        for one in node.names:
            one.asname = self._new(one.asname or one.name)
            one.name = self._new(one.name) if own else one.name
        node.module = _path(node.module or "", self._root)
        return node


def _other_members(trees: Iterable[ast.Module]) -> set[str]:
    """Return the names of members of whatever is no view, here and in the standard library."""
    found = {name for one in (str, bytes, dict, list, set, tuple, Exception) for name in dir(one)}
    found |= {"day", "days", "value", "name", "values", "prefixlen", "id", "status", "kind"}
    for tree in trees:
        for one in ast.walk(tree):
            match one:
                case ast.ClassDef(bases=[ast.Name(id="Struct"), *_]):
                    found.update(each.name for each in one.body if isinstance(each, ast.FunctionDef))
                case ast.ClassDef():
                    for each in ast.walk(one):
                        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
                            found.add(each.target.id)
                        if isinstance(each, ast.FunctionDef):
                            found.add(each.name)
                        if isinstance(each, ast.Attribute):
                            found.add(each.attr)
                case ast.alias():
                    found.add(one.name)
    return found


class _Fields(ast.NodeTransformer):
    """Renames fields of views, wherever they are asked for, and says which key of the body each stands for."""

    def __init__(
        self, module: str, fields: Mapping[tuple[str, str], Mapping[str, str]], names: frozenset[str], root: str
    ) -> None:
        self._module = module
        self._fields = fields
        self._names = names
        self._root = root

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        if node.attr in self._names:
            node.attr = f"new_{node.attr}"
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and any(node.func.id == of for _, of in self._fields):
            for one in node.keywords:
                one.arg = f"new_{one.arg}" if one.arg in self._names else one.arg
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        self.generic_visit(node)
        wires = self._fields.get((self._module, node.name), {})
        for one in node.body:
            if (
                isinstance(one, ast.AnnAssign)
                and isinstance(one.target, ast.Name)
                and one.target.id in self._names & wires.keys()
            ):
                one.value = self._field(wires[one.target.id], one.value)
                one.target.id = f"new_{one.target.id}"
        return node

    def _field(self, wire: str, value: ast.expr | None) -> ast.expr:
        name = ast.keyword("name", ast.Constant(wire))
        made = ast.parse("__import__('msgspec').field()", mode="eval").body
        assert isinstance(made, ast.Call)
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "field":
            made.keywords = [name, *(one for one in value.keywords if one.arg != "name")]
        elif isinstance(value, ast.Dict):
            made.keywords = [name, ast.keyword("default_factory", ast.Name("dict", ast.Load()))]
        else:
            made.keywords = [name, *([] if value is None else [ast.keyword("default", value)])]
        return made

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST:
        if (node.module or "").startswith("connectors"):
            node.module = self._root + (node.module or "").removeprefix("connectors")
        return node
