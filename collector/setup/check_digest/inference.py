"""Of which type an expression is, as far as annotations say: so that a view's fields count by the keys of the body.

Types are what annotations evaluate to. UNKNOWN stands for whatever nobody wrote down; nothing is guessed.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any

from collector.setup.check_digest.member_types import (
    NOWHERE,
    UNKNOWN,
    Inner,
    Live,
    Types,
    attribute,
    elements,
    flat,
    hints_of,
    imported,
    instance,
    item,
    item_at,
    joined,
    only,
    returned,
)
from collector.setup.check_digest.names import Bound, Comprehension, Scope, of_comprehension, of_function, parameters

_SAME_ELEMENTS = frozenset({"sorted", "list", "set", "frozenset", "tuple", "reversed", "iter"})


class Inference:
    """Types of the expressions of one piece of code. `given` are those of a lambda's parameters, by its node."""

    def __init__(self, names: Mapping[str, Any], module: str) -> None:
        self._names = names
        self._module = module
        self._open: set[tuple[int, int]] = set()
        self._scopes: dict[int, Scope] = {}
        self._known: dict[tuple[int, int], Types] = {}
        self.given: dict[int, list[Types]] = {}

    def of(self, node: ast.AST | None, scope: Scope | None) -> Types:
        """Return the types that an expression may have."""
        key = (id(node), id(scope))
        if key in self._known:
            return self._known[key]
        if node is None or key in self._open:
            return NOWHERE
        self._open.add(key)
        try:
            found = self._of(node, scope)
        finally:
            self._open.discard(key)
        if UNKNOWN not in found or not self._open:
            self._known[key] = found
        return found

    def comprehension(self, node: Comprehension, scope: Scope | None) -> Scope:
        """Return the one scope of a comprehension."""
        if id(node) not in self._scopes:
            self._scopes[id(node)] = of_comprehension(node, scope)
        return self._scopes[id(node)]

    def function(self, node: Any, scope: Scope | None) -> Scope:  # noqa: ANN401  a function or a lambda
        """Return the one scope of a function inside, with the types that its parameters are given."""
        if id(node) not in self._scopes:
            made = self._scopes[id(node)] = of_function(node, scope, self._module)
            for one, known in zip(parameters(node.args), self.given.get(id(node), ()), strict=False):
                if one.annotation is None:
                    made.bound[one.arg] = [Bound("type", known), *made.bound[one.arg][1:]]
        return self._scopes[id(node)]

    def tell_lambdas(self, call: ast.Call, scope: Scope | None) -> None:
        """Note what the lambdas among a call's arguments are called with."""
        lambdas = [one for one in [*call.args, *(k.value for k in call.keywords)] if isinstance(one, ast.Lambda)]
        if not lambdas:
            return
        if isinstance(call.func, ast.Attribute) and call.func.attr == "sort":
            self.given |= {id(one): [elements(self.of(call.func.value, scope))] for one in lambdas}
            return
        (func, *others) = self.of(call.func, scope)
        if others or not isinstance(func, Live):
            return
        if isinstance(func.value, types.FunctionType):
            self._tell_own(func.value, call)
        elif func.value in (sorted, min, max, filter, map, any, all) and call.args:
            over = call.args[1] if func.value in (filter, map) and len(call.args) > 1 else call.args[0]
            for one in lambdas:
                self.given[id(one)] = [elements(self.of(over, scope))]

    def _tell_own(self, function: types.FunctionType, call: ast.Call) -> None:
        hints = hints_of(function)
        names = [one for one in inspect.signature(function).parameters if one in hints]
        pairs = [*zip(names, call.args, strict=False), *((k.arg, k.value) for k in call.keywords if k.arg in hints)]
        for name, value in pairs:
            hint = hints[name or ""]
            if isinstance(value, ast.Lambda) and typing.get_origin(hint) is Callable:
                arguments = typing.get_args(hint)[0]
                if isinstance(arguments, list):
                    self.given[id(value)] = [flat(one) for one in arguments]

    def _of(self, node: ast.AST, scope: Scope | None) -> Types:  # noqa: C901, PLR0911, PLR0912  one case an expression
        match node:
            case ast.Constant():
                return (type(node.value),)
            case ast.JoinedStr():
                return (str,)
            case ast.Compare():
                return (bool,)
            case ast.Name():
                return self.name(node.id, scope)
            case ast.Attribute():
                return joined(attribute(one, node.attr) for one in self.of(node.value, scope))
            case ast.Call():
                self.tell_lambdas(node, scope)
                return joined(self._call(one, node, scope) for one in self.of(node.func, scope))
            case ast.Subscript():
                return joined(item(one, node.slice) for one in self.of(node.value, scope))
            case ast.BoolOp():
                return joined(self.of(one, scope) for one in node.values)
            case ast.IfExp():
                return joined([self.of(node.body, scope), self.of(node.orelse, scope)])
            case ast.BinOp():
                return joined([self.of(node.left, scope), self.of(node.right, scope)])
            case ast.UnaryOp(op=ast.Not()):
                return (bool,)
            case ast.NamedExpr() | ast.Starred():
                return self.of(node.value, scope)
            case ast.Tuple():
                return (tuple[tuple(only(self.of(part, scope)) for part in node.elts)],)  # type: ignore[misc]
            case ast.List(elts=[]):
                return (list[typing.Never],)
            case ast.List() | ast.Set():
                return (list[only(joined(self.of(part, scope) for part in node.elts))],)  # type: ignore[misc]
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
                return (list[only(self.of(node.elt, self.comprehension(node, scope)))],)  # type: ignore[misc]
            case ast.DictComp():
                inside = self.comprehension(node, scope)
                return (dict[only(self.of(node.key, inside)), only(self.of(node.value, inside))],)  # type: ignore[misc]
            case ast.Dict():
                keys, values = (joined(self.of(one, scope) for one in part) for part in (node.keys, node.values))
                return (dict[only(keys), only(values)],)  # type: ignore[misc]
            case ast.Lambda():
                return (Inner(node, scope),)
            case _:
                return NOWHERE

    def name(self, name: str, scope: Scope | None) -> Types:
        """Return the types that a name may stand for."""
        found = scope.find(name) if scope is not None else None
        if found is not None:
            return joined(self._bound(one, found) for one in found.bound[name])
        if name in self._names:
            return (Live(self._names[name]),)
        return (Live(getattr(builtins, name)),) if hasattr(builtins, name) else NOWHERE

    def _bound(self, bound: Bound, scope: Scope) -> Types:  # noqa: PLR0911  one return a case
        outer = scope.parent if scope.kind == "comprehension" else scope
        match bound.how:
            case "value":
                return self.of(bound.of, scope)
            case "element":
                # What a comprehension goes over first is looked up around it.
                inside = self.of(bound.of, scope)
                return elements(inside if UNKNOWN not in inside or outer is scope else self.of(bound.of, outer))
            case "item":
                return joined(item_at(one, bound.at or 0) for one in self._bound(bound.of, scope))
            case "hint":
                return flat(self.annotation(bound.of))
            case "caught":
                return joined(instance(one) for one in self.of(bound.of, scope))
            case "define":
                return (Inner(bound.of, scope),) if not isinstance(bound.of, ast.ClassDef) else NOWHERE
            case "import":
                return imported(*bound.of)
            case "type":
                known: Types = bound.of
                return known
            case _:
                return NOWHERE

    def annotation(self, node: ast.AST | None) -> Any:  # noqa: ANN401  whatever an annotation evaluates to
        """Return what an annotation means; UNKNOWN where it cannot be evaluated here."""
        if node is None:
            return UNKNOWN
        try:
            code = compile(ast.Expression(typing.cast("ast.expr", node)), "<annotation>", "eval")
            made = eval(code, dict(self._names))  # noqa: S307  an annotation of code that runs anyway
            return eval(made, dict(self._names)) if isinstance(made, str) else made  # noqa: S307
        except Exception:  # noqa: BLE001  names for type checkers only, or anything else
            return UNKNOWN

    def _call(self, func: Any, node: ast.Call, scope: Scope | None) -> Types:  # noqa: ANN401, PLR0911
        if isinstance(func, Inner):
            inside = self.function(func.node, func.scope)
            if isinstance(func.node, ast.Lambda):
                return self.of(func.node.body, inside)
            return flat(self.annotation(func.node.returns))
        if not isinstance(func, Live):
            return flat(typing.get_args(func)[-1]) if typing.get_origin(func) is Callable else NOWHERE
        value = func.value
        over = elements(self.of(node.args[0], scope)) if node.args else NOWHERE
        match getattr(value, "__name__", "") if value is getattr(builtins, getattr(value, "__name__", ""), 0) else "":
            case name if name in _SAME_ELEMENTS:
                return (list[only(over)],)  # type: ignore[misc]
            case "next" | "min" | "max":
                rest = [self.of(one, scope) for one in node.args[1:]]
                first = over if name == "next" or len(node.args) == 1 else self.of(node.args[0], scope)
                return joined([first, *(one for one in rest if one != (type(None),))])
            case "filter":
                return (list[only(elements(self.of(node.args[-1], scope)))],)  # type: ignore[misc]
            case "map":
                inner = ast.Call(node.args[0], [], [])
                made = joined(self._call(one, inner, scope) for one in self.of(node.args[0], scope))
                return (list[only(made)],)  # type: ignore[misc]
            case "enumerate":
                return (list[tuple[int, only(over)]],)  # type: ignore[misc]
            case "zip":
                parts = tuple(only(elements(self.of(one, scope))) for one in node.args)
                return (list[tuple[parts]],)  # type: ignore[valid-type]
        return returned(value)
