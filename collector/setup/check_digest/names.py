"""Scopes: the names that code binds, and what each is bound to, by Python's rules."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from collector.setup.check_digest.origin import imported_by

if TYPE_CHECKING:
    from collections.abc import Iterable

Comprehension = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass(frozen=True)
class Bound:
    """One way in which a name gets its value; `how` says what `of` is.

    value: an expression; element: of what an expression iterates over; item: number `at` of another Bound;
    hint: an annotation; caught: an instance of a class; define: a function or class inside; import: module and
    attribute; type: types that are known already; unknown: anything.
    """

    how: Literal["value", "element", "item", "hint", "caught", "define", "import", "type", "unknown"]
    of: Any = None
    at: int | None = None


@dataclass
class Scope:
    """The names of a function, a lambda, a comprehension or a class. `numbers` replace local names in the form."""

    kind: Literal["function", "comprehension", "class"]
    parent: Scope | None
    bound: dict[str, list[Bound]] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    limits: frozenset[str] = frozenset()
    globals: frozenset[str] = frozenset()

    def find(self, name: str) -> Scope | None:
        """Return the scope that a name is local to; None where it is a global or a built-in one."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.globals:
                return None
            if name in scope.bound and (scope.kind != "class" or scope is self):
                return scope
            scope = scope.parent
        return None


def parameters(arguments: ast.arguments) -> list[ast.arg]:
    """Return all parameters in their order: positional, *args, keyword-only, **kwargs."""
    all_parameters = [*arguments.posonlyargs, *arguments.args]
    if arguments.vararg is not None:
        all_parameters.append(arguments.vararg)
    all_parameters += arguments.kwonlyargs
    if arguments.kwarg is not None:
        all_parameters.append(arguments.kwarg)
    return all_parameters


def function_scope(node: Function, parent: Scope | None, module: str) -> Scope:
    """Return the scope of a function, with its parameters and everything that its body binds."""
    scope = Scope("function", parent)
    for parameter in parameters(node.args):
        plain = parameter is not node.args.vararg and parameter is not node.args.kwarg
        hint = Bound("hint", parameter.annotation) if plain and parameter.annotation is not None else Bound("unknown")
        scope.bound[parameter.arg] = [hint]
    body = [node.body] if isinstance(node, ast.Lambda) else node.body
    _bind_all(scope, body, module)
    return scope


def class_scope(node: ast.ClassDef, parent: Scope | None, module: str) -> Scope:
    """Return the scope of a class's body, which its methods do not see."""
    scope = Scope("class", parent)
    _bind_all(scope, node.body, module)
    return scope


def comprehension_scope(node: Comprehension, parent: Scope | None) -> Scope:
    """Return the scope of a comprehension: the names that it iterates with."""
    scope = Scope("comprehension", parent)
    binder = _Binder(scope, "")
    for generator in node.generators:
        binder.target(generator.target, Bound("element", generator.iter))
    return scope


def _bind_all(scope: Scope, body: Iterable[ast.AST], module: str) -> None:
    binder = _Binder(scope, module)
    for node in body:
        binder.visit(node)
    for name in binder.outside | binder.globals:
        scope.bound.pop(name, None)
    scope.globals = frozenset(binder.globals)


class _Binder(ast.NodeVisitor):
    """Collects what statements bind, without entering nested functions and classes."""

    def __init__(self, scope: Scope, module: str) -> None:
        self.outside: set[str] = set()
        self.globals: set[str] = set()
        self._bound = scope.bound
        self._module = module

    def target(self, node: ast.AST, value: Bound) -> None:
        match node:
            case ast.Name():
                self._add(node.id, value)
            case ast.Tuple() | ast.List():
                starred = any(isinstance(element, ast.Starred) for element in node.elts)
                for at, element in enumerate(node.elts):
                    self.target(element, Bound("unknown") if starred else Bound("item", value, at))
            case ast.Starred():
                self.target(node.value, value)
            case _:
                self.visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        for target in node.targets:
            self.target(target, Bound("value", node.value))

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.visit(node.value)
        self.target(node.target, Bound("value", node.value))

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)
        self.target(node.target, Bound("hint", node.annotation))

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        self._add(node.target.id, Bound("value", node.value))

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self.target(node.target, Bound("element", node.iter))
        for part in [node.iter, *node.body, *node.orelse]:
            self.visit(part)

    visit_AsyncFor = visit_For  # noqa: N815  the names are those of the visitor

    def visit_withitem(self, node: ast.withitem) -> None:
        self.visit(node.context_expr)
        if node.optional_vars is not None:
            self.target(node.optional_vars, Bound("unknown"))

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name is not None:
            self._add(node.name, Bound("caught", node.type))
        self.generic_visit(node)

    def visit_Match(self, node: ast.Match) -> None:
        self.visit(node.subject)
        for case in node.cases:
            self._pattern(case.pattern, Bound("value", node.subject))
            for part in [*([case.guard] if case.guard is not None else []), *case.body]:
                self.visit(part)

    def _pattern(self, node: ast.pattern, value: Bound) -> None:
        match node:
            case ast.MatchAs(pattern=None, name=str() as name):
                self._add(name, value)
            case ast.MatchAs(pattern=ast.pattern() as inner, name=name):
                own = Bound("caught", inner.cls) if isinstance(inner, ast.MatchClass) else value
                if name is not None:
                    self._add(name, own)
                self._pattern(inner, value)
            case ast.MatchStar(name=str() as name) | ast.MatchMapping(rest=str() as name):
                self._add(name, Bound("unknown"))
                self._inside(node)
            case ast.MatchOr():
                for alternative in node.patterns:
                    self._pattern(alternative, value)
            case _:
                self._inside(node)

    def _inside(self, node: ast.AST) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.pattern):
                self._pattern(child, Bound("unknown"))
            else:
                self.visit(child)

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        for name, module, attribute in imported_by(node, self._module):
            self._add(name, Bound("import", (module, attribute)))

    visit_ImportFrom = visit_Import  # noqa: N815  the names are those of the visitor

    def visit_Global(self, node: ast.Global) -> None:
        self.globals.update(node.names)

    def visit_Nonlocal(self, node: ast.Nonlocal) -> None:
        self.outside.update(node.names)

    def visit_ListComp(self, node: Comprehension) -> None:
        # Its targets are its own; an assignment expression inside it binds here.
        inner = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        for expression in [*inner, *(inner_part for part in node.generators for inner_part in (part.iter, *part.ifs))]:
            self.visit(expression)

    visit_SetComp = visit_GeneratorExp = visit_DictComp = visit_ListComp  # noqa: N815  the names are those of the visitor

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._add(node.name, Bound("define", node))
        for expression in [
            *node.decorator_list,
            *node.args.defaults,
            *(default for default in node.args.kw_defaults if default is not None),
        ]:
            self.visit(expression)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815  the names are those of the visitor

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._add(node.name, Bound("define", node))
        for expression in [*node.decorator_list, *node.bases, *node.keywords]:
            self.visit(expression)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        for default in [*node.args.defaults, *(default for default in node.args.kw_defaults if default is not None)]:
            self.visit(default)

    def visit_Name(self, node: ast.Name) -> None:
        if not isinstance(node.ctx, ast.Load):
            self._add(node.id, Bound("unknown"))

    def _add(self, name: str, value: Bound) -> None:
        self._bound.setdefault(name, []).append(value)
