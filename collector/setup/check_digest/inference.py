"""The types of expressions, as far as annotations give them, by which fields of views are recognised.

Types are evaluated annotations. UNKNOWN stands for types without an annotation; nothing is guessed.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from collector.setup.check_digest.member_types import (
    UNKNOWN,
    UNKNOWN_TYPES,
    Inner,
    Live,
    Types,
    alternatives,
    as_annotation,
    attribute_types,
    element_types,
    hints_of,
    import_types,
    instance_types,
    item_types,
    item_types_at,
    return_types,
    union,
)
from collector.setup.check_digest.names import (
    Bound,
    Comprehension,
    Scope,
    comprehension_scope,
    function_scope,
    parameters,
)

_SAME_ELEMENTS = frozenset({"sorted", "list", "set", "frozenset", "tuple", "reversed", "iter"})


class Inference:
    """Types of the expressions of a target. `parameter_types` are those of a lambda's parameters, by its node."""

    def __init__(self, names: Mapping[str, Any], module: str) -> None:
        self._names = names
        self._module = module
        self._open: set[tuple[int, int]] = set()
        self._scopes: dict[int, Scope] = {}
        self._known: dict[tuple[int, int], Types] = {}
        self.parameter_types: dict[int, list[Types]] = {}

    def of(self, node: ast.AST | None, scope: Scope | None) -> Types:
        """Return the types that an expression may have."""
        key = (id(node), id(scope))
        if key in self._known:
            return self._known[key]
        if node is None or key in self._open:
            return UNKNOWN_TYPES
        self._open.add(key)
        try:
            types_ = self._of(node, scope)
        finally:
            self._open.discard(key)
        if UNKNOWN not in types_ or not self._open:
            self._known[key] = types_
        return types_

    def comprehension(self, node: Comprehension, scope: Scope | None) -> Scope:
        """Return the one scope of a comprehension."""
        if id(node) not in self._scopes:
            self._scopes[id(node)] = comprehension_scope(node, scope)
        return self._scopes[id(node)]

    def function(self, node: Any, scope: Scope | None) -> Scope:  # noqa: ANN401  a function or a lambda
        """Return the one scope of a function inside, with the types that its parameters are given."""
        if id(node) not in self._scopes:
            inner = self._scopes[id(node)] = function_scope(node, scope, self._module)
            for parameter, types_ in zip(parameters(node.args), self.parameter_types.get(id(node), ()), strict=False):
                if parameter.annotation is None:
                    inner.bound[parameter.arg] = [Bound("type", types_), *inner.bound[parameter.arg][1:]]
        return self._scopes[id(node)]

    def note_lambda_parameters(self, call: ast.Call, scope: Scope | None) -> None:
        """Set the parameter types of the lambdas among a call's arguments."""
        lambdas = [
            argument for argument in [*call.args, *(k.value for k in call.keywords)] if isinstance(argument, ast.Lambda)
        ]
        if not lambdas:
            return
        if isinstance(call.func, ast.Attribute) and call.func.attr == "sort":
            self.parameter_types |= {
                id(function): [element_types(self.of(call.func.value, scope))] for function in lambdas
            }
            return
        (func, *others) = self.of(call.func, scope)
        if others or not isinstance(func, Live):
            return
        if isinstance(func.value, types.FunctionType):
            self._note_own_call(func.value, call)
        elif func.value in (sorted, min, max, filter, map, any, all) and call.args:
            over = call.args[1] if func.value in (filter, map) and len(call.args) > 1 else call.args[0]
            for function in lambdas:
                self.parameter_types[id(function)] = [element_types(self.of(over, scope))]

    def _note_own_call(self, function: types.FunctionType, call: ast.Call) -> None:
        hints = hints_of(function)
        names = [name for name in inspect.signature(function).parameters if name in hints]
        pairs = [*zip(names, call.args, strict=False), *((k.arg, k.value) for k in call.keywords if k.arg in hints)]
        for name, value in pairs:
            hint = hints[name or ""]
            if isinstance(value, ast.Lambda) and typing.get_origin(hint) is Callable:
                arguments = typing.get_args(hint)[0]
                if isinstance(arguments, list):
                    self.parameter_types[id(value)] = [alternatives(hint) for hint in arguments]

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
                return union(attribute_types(owner, node.attr) for owner in self.of(node.value, scope))
            case ast.Call():
                self.note_lambda_parameters(node, scope)
                return union(self._call(function, node, scope) for function in self.of(node.func, scope))
            case ast.Subscript():
                return union(item_types(container, node.slice) for container in self.of(node.value, scope))
            case ast.BoolOp():
                return union(self.of(operand, scope) for operand in node.values)
            case ast.IfExp():
                return union([self.of(node.body, scope), self.of(node.orelse, scope)])
            case ast.BinOp():
                return union([self.of(node.left, scope), self.of(node.right, scope)])
            case ast.UnaryOp(op=ast.Not()):
                return (bool,)
            case ast.NamedExpr() | ast.Starred():
                return self.of(node.value, scope)
            case ast.Tuple() if any(isinstance(part, ast.Starred) for part in node.elts):
                return (tuple[as_annotation(self._parts(node.elts, scope)), ...],)  # type: ignore[misc]
            case ast.Tuple():
                return (tuple[tuple(as_annotation(self.of(part, scope)) for part in node.elts)],)  # type: ignore[misc]
            case ast.List(elts=[]):
                return (list[typing.Never],)
            case ast.List() | ast.Set():
                return (list[as_annotation(self._parts(node.elts, scope))],)  # type: ignore[misc]
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
                return (list[as_annotation(self.of(node.elt, self.comprehension(node, scope)))],)  # type: ignore[misc]
            case ast.DictComp():
                inside = self.comprehension(node, scope)
                return (dict[as_annotation(self.of(node.key, inside)), as_annotation(self.of(node.value, inside))],)  # type: ignore[misc]
            case ast.Dict() if None in node.keys:
                return UNKNOWN_TYPES
            case ast.Dict():
                keys, values = (union(self.of(part, scope) for part in parts) for parts in (node.keys, node.values))
                return (dict[as_annotation(keys), as_annotation(values)],)  # type: ignore[misc]
            case ast.Lambda():
                return (Inner(node, scope),)
            case _:
                return UNKNOWN_TYPES

    def _parts(self, parts: Iterable[ast.expr], scope: Scope | None) -> Types:
        """Return the types of the items of a display; those of `*value` are the elements of the value."""
        return union(
            element_types(self.of(part.value, scope)) if isinstance(part, ast.Starred) else self.of(part, scope)
            for part in parts
        )

    def name(self, name: str, scope: Scope | None) -> Types:
        """Return the types that a name may stand for."""
        owner = scope.find(name) if scope is not None else None
        if owner is not None:
            return union(self._bound(bound, owner) for bound in owner.bound[name])
        if name in self._names:
            return (Live(self._names[name]),)
        return (Live(getattr(builtins, name)),) if hasattr(builtins, name) else UNKNOWN_TYPES

    def _bound(self, bound: Bound, scope: Scope) -> Types:  # noqa: PLR0911  one return a case
        outer = scope.parent if scope.kind == "comprehension" else scope
        match bound.how:
            case "value":
                return self.of(bound.of, scope)
            case "element":
                # The first iterable of a comprehension is looked up in the scope around it.
                inside = self.of(bound.of, scope)
                return element_types(inside if UNKNOWN not in inside or outer is scope else self.of(bound.of, outer))
            case "item":
                return union(item_types_at(tuple_, bound.at or 0) for tuple_ in self._bound(bound.of, scope))
            case "hint":
                return alternatives(self.annotation(bound.of))
            case "caught":
                return union(instance_types(kind) for kind in self.of(bound.of, scope))
            case "define":
                return (Inner(bound.of, scope),) if not isinstance(bound.of, ast.ClassDef) else UNKNOWN_TYPES
            case "import":
                return import_types(*bound.of)
            case "type":
                known: Types = bound.of
                return known
            case _:
                return UNKNOWN_TYPES

    def annotation(self, node: ast.AST | None) -> Any:  # noqa: ANN401  whatever an annotation evaluates to
        """Return the value of an annotation; UNKNOWN where it cannot be evaluated."""
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
            return alternatives(self.annotation(func.node.returns))
        if not isinstance(func, Live):
            return alternatives(typing.get_args(func)[-1]) if typing.get_origin(func) is Callable else UNKNOWN_TYPES
        value = func.value
        over = element_types(self.of(node.args[0], scope)) if node.args else UNKNOWN_TYPES
        match getattr(value, "__name__", "") if value is getattr(builtins, getattr(value, "__name__", ""), 0) else "":
            case name if name in _SAME_ELEMENTS:
                return (list[as_annotation(over)],)  # type: ignore[misc]
            case "next" | "min" | "max":
                rest = [self.of(argument, scope) for argument in node.args[1:]]
                first = over if name == "next" or len(node.args) == 1 else self.of(node.args[0], scope)
                return union([first, *(argument for argument in rest if argument != (type(None),))])
            case "filter":
                return (list[as_annotation(element_types(self.of(node.args[-1], scope)))],)  # type: ignore[misc]
            case "map":
                inner = ast.Call(node.args[0], [], [])
                made = union(self._call(function, inner, scope) for function in self.of(node.args[0], scope))
                return (list[as_annotation(made)],)  # type: ignore[misc]
            case "enumerate":
                return (list[tuple[int, as_annotation(over)]],)  # type: ignore[misc]
            case "zip":
                parts = tuple(as_annotation(element_types(self.of(argument, scope))) for argument in node.args)
                return (list[tuple[parts]],)  # type: ignore[valid-type]
        return return_types(value)
