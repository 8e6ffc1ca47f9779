"""The normal form of syntax trees, without comments, layout and local names."""

from __future__ import annotations

import ast
import inspect
import sys
import types
from contextlib import contextmanager
from dataclasses import is_dataclass
from functools import cache, cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from collector.core.checks import check
from collector.setup.check_digest.draft import Draft, Names, Token
from collector.setup.check_digest.foreign import FILES
from collector.setup.check_digest.inference import Inference
from collector.setup.check_digest.member_types import UNKNOWN, Live, import_types
from collector.setup.check_digest.names import Scope, class_scope, parameters
from collector.setup.check_digest.naming import Naming
from collector.setup.check_digest.origin import home_module, imported_by, source_of, versions
from collector.setup.check_digest.values import value_token

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_SKIPPED = frozenset({"ctx", "type_comment", "kind", "annotation", "returns", "type_ignores"})
_CLASS_METHODS = frozenset({"__new__", "__init_subclass__", "__class_getitem__"})
_IGNORE_ANNOTATIONS = (check, property, staticmethod, classmethod, cached_property, lru_cache, cache, contextmanager)
_BY_MEMBER = frozenset({"getattr", "hasattr"})


class Form:
    """Turns syntax into its normal form. `names` are the globals, `closure` the variables of the closure."""

    def __init__(self, draft: Draft, names: Mapping[str, Any], closure: Mapping[str, Any]) -> None:
        self._draft = draft
        rebound = source_of(draft.module).rebound
        known = {name: value for name, value in {**names, **closure}.items() if name not in rebound}
        self._types = Inference(known, draft.module)
        self._naming = Naming(draft, names, closure, rebound)
        self.own_class: type | None = None

    def function(self, node: Any, scope: Scope | None, limits: frozenset[str] | None = None) -> Token:  # noqa: ANN401
        """Return a function's form: its parameters by number, limits by name, and its body, without defaults."""
        inside = self._types.function(node, scope)
        if limits is not None:
            inside.limits = limits
        names = [parameter.arg for parameter in parameters(node.args)]
        self._draft.parameters.update(name for name in names if limits is None or name not in limits)
        body = self._node(node.body, inside) if isinstance(node, ast.Lambda) else self._body(node.body, inside)
        a = node.args
        shape = [len(a.posonlyargs), len(a.args), a.vararg is not None, len(a.kwonlyargs), a.kwarg is not None]
        written = [self._naming.local(name, inside) for name in names]
        kept = names if self._draft.names >= Names.MEMBERS else []
        return [type(node).__name__, shape, written, kept, body]

    def defaults(self, node: Any, scope: Scope | None) -> Token:  # noqa: ANN401  a function or a lambda
        """Return the form of a function's defaults."""
        return [self._nodes(node.args.defaults, scope), self._nodes(node.args.kw_defaults, scope)]

    def annotations(self, node: Any) -> Token:  # noqa: ANN401  a function
        """Return the form of a function's annotations where a decorator may read them, else None."""
        known = [
            self._types.of(decorator.func if isinstance(decorator, ast.Call) else decorator, None)
            for decorator in _decorators(node)
        ]
        is_plain = all(
            len(kinds) == 1 and isinstance(kinds[0], Live) and kinds[0].value in _IGNORE_ANNOTATIONS for kinds in known
        )
        if is_plain and self._draft.names < Names.MEMBERS:
            return None
        hints = [parameter.annotation for parameter in parameters(node.args)]
        return [self._optional(hint, None) for hint in [*hints, getattr(node, "returns", None)]]

    def statement(self, node: ast.AST, scope: Scope | None) -> Token:
        """Return the form of a statement of a class; a method's first parameter has the type of the class."""
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and self.own_class is not None:
            decorators = {decorator.id for decorator in node.decorator_list if isinstance(decorator, ast.Name)}
            if not decorators & {"staticmethod", "classmethod"} and node.name not in _CLASS_METHODS:
                self._types.parameter_types[id(node)] = [(self.own_class,)]
        if isinstance(node, ast.AnnAssign):
            hint = self._node(node.annotation, None) if not isinstance(node.annotation, ast.Constant) else ["text"]
            return ["field", self._node(node.target, scope), hint, self._optional(node.value, scope)]
        return self._node(node, scope)

    def expression(self, node: ast.AST, scope: Scope | None) -> Token:
        """Return the form of an expression."""
        return self._node(node, scope)

    def has_no_effect(self, node: object) -> bool:
        """Whether a statement has no effect; a docstring has none unless every name counts."""
        if self._draft.names >= Names.ALL:
            return False
        return isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))

    def _body(self, body: Iterable[ast.stmt], scope: Scope | None) -> Token:
        return [self._node(statement, scope) for statement in body if not self.has_no_effect(statement)]

    def _nodes(self, nodes: Iterable[ast.AST | None], scope: Scope | None) -> Token:
        return [self._optional(node, scope) for node in nodes]

    def _optional(self, node: ast.AST | None, scope: Scope | None) -> Token:
        return None if node is None else self._node(node, scope)

    def _node(self, node: ast.AST, scope: Scope | None) -> Token:  # noqa: C901, PLR0911, PLR0912  one case a form
        match node:
            case ast.Constant():
                return value_token(self._draft, node.value, (self._draft.module, ""))
            case ast.Name():
                return self._naming.name(node.id, scope)
            case ast.Attribute():
                return self._attribute(node, scope)
            case ast.Call():
                return self._call(node, scope)
            case ast.Lambda():
                return ["function", self.function(node, scope), self.defaults(node, scope)]
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                hints = self.annotations(node)
                name = self._naming.local(node.name, scope)
                parts = [self.function(node, scope), self.defaults(node, scope), hints]
                return ["define", name, *parts, self._nodes(node.decorator_list, scope)]
            case ast.ClassDef():
                return self._class(node, scope)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                return self._comprehension(node, scope)
            case ast.FormattedValue():
                self._note_shown_types(self._types.of(node.value, scope))
                return self._generic(node, scope)
            case ast.JoinedStr():
                return ["text", *_merge_texts([self._node(part, scope) for part in node.values])]
            case ast.AnnAssign():
                return ["Assign", [self._node(node.target, scope)], self._optional(node.value, scope)]
            case ast.ExceptHandler():
                name = None if node.name is None else self._naming.local(node.name, scope)
                return ["except", self._optional(node.type, scope), name, self._body(node.body, scope)]
            case ast.Import() | ast.ImportFrom():
                return self._import(node, scope)
            case ast.MatchAs() | ast.MatchStar():
                inner = getattr(node, "pattern", None)
                name = None if node.name is None else self._naming.local(node.name, scope)
                return [type(node).__name__, self._optional(inner, scope), name]
            case ast.MatchMapping():
                rest = None if node.rest is None else self._naming.local(node.rest, scope)
                return ["mapping", self._nodes(node.keys, scope), self._nodes(node.patterns, scope), rest]
            case ast.MatchClass():
                return self._match_class(node, scope)
            case ast.Global() | ast.Nonlocal():
                return [type(node).__name__, *(self._naming.name(name, scope) for name in node.names)]
            case _:
                return self._generic(node, scope)

    def _generic(self, node: ast.AST, scope: Scope | None) -> Token:
        made: list[Any] = [type(node).__name__]
        for name, value in ast.iter_fields(node):
            if name in _SKIPPED or value is None or value == []:
                continue
            if isinstance(value, list):
                kept = [item for item in value if not self.has_no_effect(item)]
                made.append([name, self._nodes(kept, scope)])
            else:
                made.append([name, self._node(value, scope) if isinstance(value, ast.AST) else repr(value)])
        return made

    def _attribute(self, node: ast.Attribute, scope: Scope | None) -> Token:
        known = self._types.of(node.value, scope)
        if len(known) == 1 and isinstance(known[0], Live) and isinstance(known[0].value, types.ModuleType):
            module = known[0].value
            inner = getattr(module, node.attr, UNKNOWN)
            if inner is not UNKNOWN and node.attr not in FILES:
                if isinstance(inner, types.ModuleType) or self._draft.follows(module.__name__):
                    return self._naming.live(inner, node.attr, (module.__name__, node.attr))
                return self._naming.foreign_member(module, node.attr, inner)
        return [self._naming.member(known, node.attr), self._node(node.value, scope)]

    def _call(self, node: ast.Call, scope: Scope | None) -> Token:
        self._types.note_lambda_parameters(node, scope)
        (known, *others) = self._types.of(node.func, scope)
        if isinstance(known, Live) and not others and self._is_builtin(known.value, _BY_MEMBER) and len(node.args) > 1:
            name = node.args[1]
            if isinstance(name, ast.Constant) and isinstance(name.value, str):
                member = self._naming.member(self._types.of(node.args[0], scope), name.value)
                given = [node.args[0], *node.args[2:]]
                return [known.value.__name__, member, self._nodes(given, scope), self._nodes(node.keywords, scope)]
        if isinstance(known, Live) and known.value in (str, repr, ascii, format) and node.args:
            self._note_shown_types(self._types.of(node.args[0], scope))
        keywords = [self._keyword(None if others else known, keyword, scope) for keyword in node.keywords]
        return ["call", self._node(node.func, scope), self._nodes(node.args, scope), keywords]

    def _is_builtin(self, value: Any, names: frozenset[str]) -> bool:  # noqa: ANN401
        return (
            isinstance(value, types.BuiltinFunctionType) and value.__module__ == "builtins" and value.__name__ in names
        )

    def _keyword(self, known: Any, node: ast.keyword, scope: Scope | None) -> Token:  # noqa: ANN401
        value = self._node(node.value, scope)
        if node.arg is None:
            self._draft.need(Names.MEMBERS)
            return ["**", value]
        target = known.value if isinstance(known, Live) else None
        function = self._own_function(target)
        if function is not None:
            code = function.__code__
            names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
            if node.arg in names and "__wrapped__" not in vars(function):
                at = names.index(node.arg)
                return [at, node.arg if self._draft.names >= Names.MEMBERS else "", value]
        elif isinstance(target, type) and issubclass(target, Struct) and self._draft.follows(target.__module__):
            return [self._naming.member([target], node.arg), value]
        elif not (_passes_no_keywords_on(target) or (isinstance(target, type) and is_dataclass(target))):
            self._draft.attributes.add(node.arg)
            self._draft.keywords.add(node.arg)
        return [node.arg, value]

    def _note_shown_types(self, of: Iterable[Any]) -> None:
        """Let names of fields count where a view is converted to text, which contains them."""
        if any(isinstance(kind, type) and issubclass(kind, Struct) for kind in of):
            self._draft.need(Names.MEMBERS)

    def _own_function(self, target: Any) -> types.FunctionType | None:  # noqa: ANN401  whatever is called
        """Return the followed function that a call of a target runs first, None where there is none."""
        if isinstance(target, type) and self._draft.follows(target.__module__) and not is_dataclass(target):
            target = vars(target).get("__init__")
        if isinstance(target, types.FunctionType) and self._draft.follows(home_module(target)):
            return target
        return None

    def _match_class(self, node: ast.MatchClass, scope: Scope | None) -> Token:
        known = self._types.of(node.cls, scope)
        kinds = [kind.value if isinstance(kind, Live) else UNKNOWN for kind in known]
        if node.patterns and not all(_is_builtin_class(kind) for kind in kinds):
            self._draft.need(Names.MEMBERS)  # they match by the order of names
        named = zip(node.kwd_attrs, node.kwd_patterns, strict=True)
        inner = [[self._naming.member(kinds, name), self._node(pattern, scope)] for name, pattern in named]
        return ["class", self._node(node.cls, scope), self._nodes(node.patterns, scope), inner]

    def _comprehension(self, node: Any, scope: Scope | None) -> Token:  # noqa: ANN401  one of four
        inside = self._types.comprehension(node, scope)
        parts = []
        for at, generator in enumerate(node.generators):
            # The first iterable is evaluated outside.
            over = self._node(generator.iter, scope if at == 0 else inside)
            parts.append(
                [over, self._node(generator.target, inside), self._nodes(generator.ifs, inside), generator.is_async]
            )
        inner = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        return [type(node).__name__, parts, self._nodes(inner, inside)]

    def _class(self, node: ast.ClassDef, scope: Scope | None) -> Token:
        inside = class_scope(node, scope, self._draft.module)
        body = [self.statement(statement, inside) for statement in node.body if not self.has_no_effect(statement)]
        bases = self._nodes([*node.bases, *node.keywords, *node.decorator_list], scope)
        return ["class", self._naming.local(node.name, scope), bases, body]

    def _import(self, node: ast.Import | ast.ImportFrom, scope: Scope | None) -> Token:
        parts: list[Any] = ["import"]
        for name, module, attribute in imported_by(node, self._draft.module):
            owner = None if scope is None else scope.find(name)
            if owner is not None and len(owner.bound[name]) > 1:
                # Where the name is used it cannot be said which of its values is meant: each counts where it is bound.
                parts.append([self._naming.local(name, scope), self._imported_object(name, module, attribute)])
                continue
            known = self._types.name(name, scope)
            # Of a module only the members that are used count, where they are used.
            is_module = all(isinstance(kind, Live) and isinstance(kind.value, types.ModuleType) for kind in known)
            parts.append([self._naming.local(name, scope), None if is_module else self._naming.name(name, scope)])
        return parts

    def _imported_object(self, name: str, module: str, attribute: str | None) -> Token:
        """Return the form of what an import binds: the object, or all the code of a module."""
        known = import_types(module, attribute)
        if not known or not all(isinstance(kind, Live) for kind in known):
            return ["not there", module, attribute]
        forms: list[Token] = []
        for kind in known:
            value = kind.value
            if not isinstance(value, types.ModuleType):
                forms.append(self._naming.live(value, name, (module, attribute)))
            elif self._draft.follows(value.__name__):
                forms.append(self._draft.whole_module(value.__name__))
            else:
                forms.append(["module", value.__name__, *versions(value.__name__)])
        return forms


def _passes_no_keywords_on(target: Any) -> bool:  # noqa: ANN401  whatever is called
    """Whether a foreign callable passes none of its keywords on."""
    module = getattr(target, "__module__", None)
    if module in {"builtins", "datetime", "msgspec._core", "re"}:
        return module != "msgspec._core" or isinstance(target, types.BuiltinFunctionType)
    if module is None or module.partition(".")[0] not in sys.stdlib_module_names:
        return False
    try:
        parameters_ = inspect.signature(target).parameters.values()
    except (TypeError, ValueError):
        return False
    return all(parameter.kind is not inspect.Parameter.VAR_KEYWORD for parameter in parameters_)


def _is_builtin_class(of: Any) -> bool:  # noqa: ANN401  a class
    return isinstance(of, type) and of.__module__ == "builtins"


def _decorators(node: Any) -> list[ast.expr]:  # noqa: ANN401  a function
    return list(getattr(node, "decorator_list", []))


def _merge_texts(parts: list[Any]) -> list[Any]:
    """Join neighbouring texts, which versions of Python split differently."""
    merged: list[Any] = []
    for part in parts:
        is_text = part[:2] == ["is", "str"]
        if is_text and merged and merged[-1][:2] == ["is", "str"]:
            merged[-1] = ["is", "str", merged[-1][2] + part[2]]
        else:
            merged.append(part)
    return merged
