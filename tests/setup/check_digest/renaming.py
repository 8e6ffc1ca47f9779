"""Copies the connectors with every name changed that does not count in digests."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[3] / "connectors"


def copy(to: Path, root: str, *, fields: Mapping[tuple[str, str], Mapping[str, str]] | None = None) -> None:
    """Write the connectors as the package `root`, without comments, docstrings and texts, and with other names.

    With `fields`, which are the keys of views by module, class and name, only fields of views are renamed.
    """
    trees = {path.relative_to(ROOT): ast.parse(path.read_text()) for path in sorted(ROOT.rglob("*.py"))}
    # Of the code as it is: the trees are changed one after the other.
    bound = frozenset(_bound(trees.values()) - _keywords(trees.values()))
    members = {name for keys in (fields or {}).values() for name in keys} - _other_members(trees.values())
    renamer: ast.NodeTransformer
    for path, tree in trees.items():
        module = ".".join(["connectors", *path.with_suffix("").parts]).removesuffix(".__init__")
        if fields is None:
            renamer = _Names(root, bound)
            target = to / root / Path(*(_module(part) for part in path.parts))
        else:
            renamer = _Fields(module, fields, frozenset(members), root)
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
    """Return every name that is bound outside classes."""
    names: set[str] = set()
    for tree in trees:
        members = {id(inner) for node in ast.walk(tree) if isinstance(node, ast.ClassDef) for inner in node.body}
        for node in ast.walk(tree):
            match node:
                case ast.Name(ctx=ast.Store()):
                    names.add(node.id)
                case ast.arg():
                    names.add(node.arg)
                case ast.FunctionDef() | ast.ClassDef() if id(node) not in members:
                    names.add(node.name)
                case ast.alias():
                    names.add(node.asname or node.name)
                case ast.ExceptHandler(name=str() as name) | ast.MatchAs(name=str() as name):
                    names.add(name)
    return {name for name in names if "." not in name and not name.startswith("__")} - {"annotations"}


def _keywords(trees: Iterable[ast.Module]) -> set[str]:
    """Return the names of keyword arguments and keyword-only parameters, which keep their names."""
    names = {"now"}
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.keyword) and node.arg is not None:
                names.add(node.arg)
            if isinstance(node, ast.arguments):
                names.update(argument.arg for argument in node.kwonlyargs)
    return names


class _Names(ast.NodeTransformer):
    """Adds a prefix to every bound name, and removes docstrings and texts."""

    def __init__(self, root: str, names: frozenset[str]) -> None:
        self._root = root
        self._names = names
        self._modules: set[str] = set()  # names of the file for modules of the connectors, as they were

    def _new(self, name: str) -> str:
        if name not in self._names:
            return name
        return f"_new{name}" if name.startswith("_") else f"new_{name}"

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Name(self._new(node.id), node.ctx)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        if isinstance(node.value, ast.Name) and node.value.id in self._modules:
            node.attr = self._new(node.attr)
        self.generic_visit(node)
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        self.generic_visit(node)
        node.arg = self._new(node.arg)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._defined(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        members = {id(statement): statement.name for statement in node.body if isinstance(statement, ast.FunctionDef)}
        fields = {
            id(statement): statement.target.id
            for statement in node.body
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)
        }
        values = {
            id(statement): statement.targets[0].id
            for statement in node.body
            if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)
        }
        made = self._defined(node)
        for statement in node.body:
            if id(statement) in members and isinstance(statement, ast.FunctionDef):
                statement.name = members[id(statement)]
            if id(statement) in fields and isinstance(statement, ast.AnnAssign):
                statement.target = ast.Name(fields[id(statement)], ast.Store())
            if id(statement) in values and isinstance(statement, ast.Assign):
                statement.targets = [ast.Name(values[id(statement)], ast.Store())]
        return made

    def _defined(self, node: ast.FunctionDef | ast.ClassDef) -> ast.AST:
        if ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
        self.generic_visit(node)
        node.name = self._new(node.name)
        for decorator in node.decorator_list:
            if isinstance(decorator, ast.Call):
                decorator.keywords = [
                    ast.keyword(
                        keyword.arg, ast.Constant("other") if keyword.arg in {"title", "fix"} else keyword.value
                    )
                    for keyword in decorator.keywords
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
        for alias in node.names:
            if "." not in alias.name:
                alias.asname = self._new(alias.asname or alias.name)
        return node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST:
        if node.module == "__future__":
            return node
        own = (node.module or "").startswith("connectors")
        folder = ROOT.joinpath(*(node.module or "").split(".")[1:])
        for alias in node.names:
            known = alias.asname or alias.name
            alias.asname = self._new(known)
            if own and (folder / f"{alias.name}.py").exists():
                self._modules.add(known)
                alias.name = _module(alias.name)
            elif own:
                alias.name = self._new(alias.name)
        node.module = _path(node.module or "", self._root)
        return node


def _other_members(trees: Iterable[ast.Module]) -> set[str]:
    """Return the names of members of classes that are not views, here and in the standard library."""
    names = {name for kind in (str, bytes, dict, list, set, tuple, Exception) for name in dir(kind)}
    names |= {"day", "days", "value", "name", "values", "prefixlen", "id", "status", "kind"}
    for tree in trees:
        for node in ast.walk(tree):
            match node:
                case ast.ClassDef(bases=[ast.Name(id="Struct"), *_]):
                    names.update(statement.name for statement in node.body if isinstance(statement, ast.FunctionDef))
                case ast.ClassDef():
                    for inner in ast.walk(node):
                        if isinstance(inner, ast.AnnAssign) and isinstance(inner.target, ast.Name):
                            names.add(inner.target.id)
                        if isinstance(inner, ast.FunctionDef):
                            names.add(inner.name)
                        if isinstance(inner, ast.Attribute):
                            names.add(inner.attr)
                case ast.alias():
                    names.add(node.name)
    return names


class _Fields(ast.NodeTransformer):
    """Renames fields of views wherever they are used, and declares the key of the body of each."""

    def __init__(
        self, module: str, fields: Mapping[tuple[str, str], Mapping[str, str]], names: frozenset[str], root: str
    ) -> None:
        self._module = module
        self._fields = fields
        self._names = names
        self._root = root
        self._classes = {name for _, name in fields}

    def visit_Module(self, node: ast.Module) -> ast.AST:
        """A class of the core may have the name of a view: what is imported from elsewhere is no view."""
        elsewhere = {
            alias.asname or alias.name
            for statement in node.body
            if isinstance(statement, ast.ImportFrom) and not (statement.module or "").startswith("connectors")
            for alias in statement.names
        }
        self._classes -= elsewhere
        self.generic_visit(node)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        if node.attr in self._names:
            node.attr = f"new_{node.attr}"
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id in self._classes:
            for keyword in node.keywords:
                keyword.arg = f"new_{keyword.arg}" if keyword.arg in self._names else keyword.arg
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        self.generic_visit(node)
        wires = self._fields.get((self._module, node.name), {})
        for statement in node.body:
            if (
                isinstance(statement, ast.AnnAssign)
                and isinstance(statement.target, ast.Name)
                and statement.target.id in self._names & wires.keys()
            ):
                statement.value = self._field(wires[statement.target.id], statement.value)
                statement.target.id = f"new_{statement.target.id}"
        return node

    def _field(self, wire: str, value: ast.expr | None) -> ast.expr:
        name = ast.keyword("name", ast.Constant(wire))
        made = ast.parse("__import__('msgspec').field()", mode="eval").body
        assert isinstance(made, ast.Call)
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "field":
            made.keywords = [name, *(keyword for keyword in value.keywords if keyword.arg != "name")]
        elif isinstance(value, ast.Dict):
            made.keywords = [name, ast.keyword("default_factory", ast.Name("dict", ast.Load()))]
        else:
            made.keywords = [name, *([] if value is None else [ast.keyword("default", value)])]
        return made

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST:
        if (node.module or "").startswith("connectors"):
            node.module = self._root + (node.module or "").removeprefix("connectors")
        return node
