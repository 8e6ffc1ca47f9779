"""The normal form of code: what it does, without how it is written, laid out and named."""

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
from collector.setup.check_digest.member_types import UNKNOWN, Live
from collector.setup.check_digest.names import Scope, of_class, parameters
from collector.setup.check_digest.naming import Naming
from collector.setup.check_digest.origin import home_of, source_of
from collector.setup.check_digest.values import value_token

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_SKIPPED = frozenset({"ctx", "type_comment", "kind", "annotation", "returns", "type_ignores"})
_OF_THE_CLASS = frozenset({"__new__", "__init_subclass__", "__class_getitem__"})
_NOT_LOOKING = (check, property, staticmethod, classmethod, cached_property, lru_cache, cache, contextmanager)
_BY_MEMBER = frozenset({"getattr", "hasattr"})


class Form:
    """Turns syntax into its normal form. `names` are the globals, `held` what a closure holds."""

    def __init__(self, draft: Draft, names: Mapping[str, Any], held: Mapping[str, Any]) -> None:
        self._draft = draft
        rebound = source_of(draft.module).rebound
        known = {name: value for name, value in {**names, **held}.items() if name not in rebound}
        self._types = Inference(known, draft.module)
        self._naming = Naming(draft, names, held, rebound)
        self.own_class: type | None = None

    def function(self, node: Any, scope: Scope | None, limits: frozenset[str] | None = None) -> Token:  # noqa: ANN401
        """Return a function's form: its parameters by number, limits by name, its body. Defaults are the caller's."""
        inside = self._types.function(node, scope)
        if limits is not None:
            inside.limits = limits
        names = [one.arg for one in parameters(node.args)]
        self._draft.parameters.update(name for name in names if limits is None or name not in limits)
        body = self._node(node.body, inside) if isinstance(node, ast.Lambda) else self._body(node.body, inside)
        a = node.args
        shape = [len(a.posonlyargs), len(a.args), a.vararg is not None, len(a.kwonlyargs), a.kwarg is not None]
        written = [self._naming.local(name, inside) for name in names]
        kept = names if self._draft.names >= Names.MEMBERS else []
        return [type(node).__name__, shape, written, kept, body]

    def defaults(self, node: Any, scope: Scope | None) -> Token:  # noqa: ANN401  a function or a lambda
        """Return the form of a function's defaults, as they are written."""
        return [self._nodes(node.args.defaults, scope), self._nodes(node.args.kw_defaults, scope)]

    def annotations(self, node: Any) -> Token:  # noqa: ANN401  a function
        """Return the form of a function's annotations where a decorator may look at them."""
        known = [self._types.of(one.func if isinstance(one, ast.Call) else one, None) for one in _decorators(node)]
        is_plain = all(len(one) == 1 and isinstance(one[0], Live) and one[0].value in _NOT_LOOKING for one in known)
        if is_plain and self._draft.names < Names.MEMBERS:
            return None
        hints = [one.annotation for one in parameters(node.args)]
        return [self._maybe(one, None) for one in [*hints, getattr(node, "returns", None)]]

    def statement(self, node: ast.AST, scope: Scope | None) -> Token:
        """Return the form of a statement of a class; a method's first parameter is one of the class."""
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and self.own_class is not None:
            decorators = {one.id for one in node.decorator_list if isinstance(one, ast.Name)}
            if not decorators & {"staticmethod", "classmethod"} and node.name not in _OF_THE_CLASS:
                self._types.given[id(node)] = [(self.own_class,)]
        if isinstance(node, ast.AnnAssign):
            hint = self._node(node.annotation, None) if not isinstance(node.annotation, ast.Constant) else ["text"]
            return ["field", self._node(node.target, scope), hint, self._maybe(node.value, scope)]
        return self._node(node, scope)

    def expression(self, node: ast.AST, scope: Scope | None) -> Token:
        """Return the form of an expression."""
        return self._node(node, scope)

    def says_nothing(self, node: object) -> bool:
        """Whether a statement does nothing; a docstring is one, where nobody looks at it."""
        if self._draft.names >= Names.ALL:
            return False
        return isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))

    def _body(self, body: Iterable[ast.stmt], scope: Scope | None) -> Token:
        return [self._node(one, scope) for one in body if not self.says_nothing(one)]

    def _nodes(self, several: Iterable[ast.AST | None], scope: Scope | None) -> Token:
        return [self._maybe(one, scope) for one in several]

    def _maybe(self, node: ast.AST | None, scope: Scope | None) -> Token:
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
                self._shown(self._types.of(node.value, scope))
                return self._generic(node, scope)
            case ast.JoinedStr():
                return ["text", *_merged([self._node(one, scope) for one in node.values])]
            case ast.AnnAssign():
                return ["Assign", [self._node(node.target, scope)], self._maybe(node.value, scope)]
            case ast.ExceptHandler():
                name = None if node.name is None else self._naming.local(node.name, scope)
                return ["except", self._maybe(node.type, scope), name, self._body(node.body, scope)]
            case ast.Import() | ast.ImportFrom():
                return self._import(node, scope)
            case ast.MatchAs() | ast.MatchStar():
                inner = getattr(node, "pattern", None)
                name = None if node.name is None else self._naming.local(node.name, scope)
                return [type(node).__name__, self._maybe(inner, scope), name]
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
                kept = [one for one in value if not self.says_nothing(one)]
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
        self._types.tell_lambdas(node, scope)
        (known, *others) = self._types.of(node.func, scope)
        if isinstance(known, Live) and not others and self._is_builtin(known.value, _BY_MEMBER) and len(node.args) > 1:
            name = node.args[1]
            if isinstance(name, ast.Constant) and isinstance(name.value, str):
                member = self._naming.member(self._types.of(node.args[0], scope), name.value)
                given = [node.args[0], *node.args[2:]]
                return [known.value.__name__, member, self._nodes(given, scope), self._nodes(node.keywords, scope)]
        if isinstance(known, Live) and known.value in (str, repr, ascii, format) and node.args:
            self._shown(self._types.of(node.args[0], scope))
        keywords = [self._keyword(None if others else known, one, scope) for one in node.keywords]
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
        elif not (_keeps_to_itself(target) or (isinstance(target, type) and is_dataclass(target))):
            self._draft.attributes.add(node.arg)
            self._draft.keywords.add(node.arg)
        return [node.arg, value]

    def _shown(self, of: Iterable[Any]) -> None:
        """Note that names of fields count where a view is made a text, which has them."""
        if any(isinstance(one, type) and issubclass(one, Struct) for one in of):
            self._draft.need(Names.MEMBERS)

    def _own_function(self, target: Any) -> types.FunctionType | None:  # noqa: ANN401  whatever is called
        """Return the code of ours that a call of a known thing runs first, None where there is none."""
        if isinstance(target, type) and self._draft.follows(target.__module__) and not is_dataclass(target):
            target = vars(target).get("__init__")
        if isinstance(target, types.FunctionType) and self._draft.follows(home_of(target)):
            return target
        return None

    def _match_class(self, node: ast.MatchClass, scope: Scope | None) -> Token:
        known = self._types.of(node.cls, scope)
        kinds = [one.value if isinstance(one, Live) else UNKNOWN for one in known]
        if node.patterns and not all(_is_builtin_class(one) for one in kinds):
            self._draft.need(Names.MEMBERS)  # they match by the order of names
        named = zip(node.kwd_attrs, node.kwd_patterns, strict=True)
        inner = [[self._naming.member(kinds, name), self._node(pattern, scope)] for name, pattern in named]
        return ["class", self._node(node.cls, scope), self._nodes(node.patterns, scope), inner]

    def _comprehension(self, node: Any, scope: Scope | None) -> Token:  # noqa: ANN401  one of four
        inside = self._types.comprehension(node, scope)
        parts = []
        for at, one in enumerate(node.generators):
            # What is gone over first is evaluated outside.
            over = self._node(one.iter, scope if at == 0 else inside)
            parts.append([over, self._node(one.target, inside), self._nodes(one.ifs, inside), one.is_async])
        inner = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        return [type(node).__name__, parts, self._nodes(inner, inside)]

    def _class(self, node: ast.ClassDef, scope: Scope | None) -> Token:
        inside = of_class(node, scope, self._draft.module)
        body = [self.statement(one, inside) for one in node.body if not self.says_nothing(one)]
        bases = self._nodes([*node.bases, *node.keywords, *node.decorator_list], scope)
        return ["class", self._naming.local(node.name, scope), bases, body]

    def _import(self, node: ast.Import | ast.ImportFrom, scope: Scope | None) -> Token:
        made: list[Any] = ["import"]
        for alias in node.names:
            name = (alias.asname or alias.name).partition(".")[0]
            known = self._types.name(name, scope)
            # Of a module only what is used of it counts, which is said where it is used.
            is_module = all(isinstance(one, Live) and isinstance(one.value, types.ModuleType) for one in known)
            made.append([self._naming.local(name, scope), None if is_module else self._naming.name(name, scope)])
        return made


def _keeps_to_itself(target: Any) -> bool:  # noqa: ANN401  whatever is called
    """Whether something of others takes keywords for itself only, and passes none on."""
    module = getattr(target, "__module__", None)
    if module in {"builtins", "datetime", "msgspec._core", "re"}:
        return module != "msgspec._core" or isinstance(target, types.BuiltinFunctionType)
    if module is None or module.partition(".")[0] not in sys.stdlib_module_names:
        return False
    try:
        some = inspect.signature(target).parameters.values()
    except (TypeError, ValueError):
        return False
    return all(one.kind is not inspect.Parameter.VAR_KEYWORD for one in some)


def _is_builtin_class(of: Any) -> bool:  # noqa: ANN401  a class
    return isinstance(of, type) and of.__module__ == "builtins"


def _decorators(node: Any) -> list[ast.expr]:  # noqa: ANN401  a function
    return list(getattr(node, "decorator_list", []))


def _merged(parts: list[Any]) -> list[Any]:
    """Join neighbouring texts: versions of Python cut them at different places."""
    made: list[Any] = []
    for one in parts:
        is_text = one[:2] == ["is", "str"]
        if is_text and made and made[-1][:2] == ["is", "str"]:
            made[-1] = ["is", "str", made[-1][2] + one[2]]
        else:
            made.append(one)
    return made
