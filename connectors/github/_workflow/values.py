"""Who decides what an expression yields, and whether an outsider can make a condition hold."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal as OneOf

from connectors.github._workflow.conditions import Chance, Truth, compared
from connectors.github._workflow.expressions import (
    Call,
    Context,
    Expression,
    Literal,
    NotAnExpressionError,
    Operation,
    Within,
    parse,
    template,
)
from connectors.github._workflow.payloads import Origin, code_origin, text_origin, whole_origin

Kind = OneOf["text", "code"]
"""What a value is looked at as: text that a shell could take for commands, or the name of code."""

_OWN_CONTEXTS = frozenset({"secrets", "vars", "runner", "strategy", "job", "jobs"})
_OF_STATUS = frozenset({"outcome", "conclusion", "result"})
_PASSING = frozenset({"format", "join", "fromjson", "tojson", "case"})
_HARMLESS = frozenset({"contains", "startswith", "endswith", "hashfiles", "success", "always", "failure", "cancelled"})
_PULL_REF = re.compile(r"(?i)\brefs/pull\b|(?:^|[\s'\":+/])pull/|^/?pull/?$")
_MAX_DEPTH = 12


@dataclass(frozen=True)
class Source:
    """Something that an expression may yield: who decides it, and what it is called in the workflow."""

    origin: Origin
    name: str


@dataclass(frozen=True)
class World:
    """Where an expression is evaluated: the event, None for any, and what the names of its contexts stand for.

    `env`, `inputs` and `matrix` map a name in lower case to the texts that it may stand for, themselves with
    expressions; `inputs` and `matrix` are None where they are not in the workflow. `outputs_are_own`: whether the
    outputs of earlier steps can only come from people of the organization. `inside`: the world that `inputs` are
    written in, for the steps of a composite action.
    """

    event: str | None
    env: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, str] | None = None
    matrix: Mapping[str, tuple[str, ...]] | None = None
    outputs_are_own: bool = False
    inside: World | None = None
    depth: int = 0

    def deeper(self) -> World:
        """Return the same world one step of resolving further."""
        return World(self.event, self.env, self.inputs, self.matrix, self.outputs_are_own, self.inside, self.depth + 1)

    def with_environment(self, env: Mapping[str, str]) -> World:
        """Return the same world with more variables, as a step has them."""
        return World(
            self.event, {**self.env, **env}, self.inputs, self.matrix, self.outputs_are_own, self.inside, self.depth
        )

    def called_with(self, inputs: Mapping[str, str]) -> World:
        """Return the world inside of an action that is given inputs, which are written in this world."""
        return World(self.event, self.env, inputs, self.matrix, self.outputs_are_own, self, self.depth)

    def in_text(self, text: str, kind: Kind) -> Iterator[Source]:
        """Yield what the expressions of a text may yield that somebody else than the organization decides."""
        try:
            pieces = template(text)
        except NotAnExpressionError as error:
            yield Source(Origin.UNKNOWN, f"an expression that annexd cannot read ({error})")
            return
        for piece in pieces:
            yield from self.of(Literal(piece) if isinstance(piece, str) else piece, kind)

    def of(self, expression: Expression, kind: Kind) -> Iterator[Source]:  # noqa: C901, PLR0912  one branch for each form
        """Yield what an expression may yield that somebody else than the organization decides."""
        match expression:
            case Literal(value=str() as text) if kind == "code" and _PULL_REF.search(text):
                yield Source(Origin.OUTSIDER, text.strip())
            case Context():
                yield from self._of_context(expression, kind, whole=False)
            case Call(name="tojson", arguments=(Context() as inner,)):
                yield from self._of_context(inner, kind, whole=True)
            case Call() if expression.name in _PASSING:
                for argument in expression.arguments:
                    yield from self.of(argument, kind)
            case Call() if expression.name not in _HARMLESS:
                yield Source(Origin.UNKNOWN, f"{expression.name}()")
            case Within():
                yield from self.of(expression.of, kind)
            case Operation(operator="&&", operands=(left, right)):
                if self.truth(left).can_be_false:
                    yield from self.of(left, kind)
                if self.truth(left).can_be_true:
                    yield from self.of(right, kind)
            case Operation(operator="||", operands=(left, right)):
                if self.truth(left).can_be_true:
                    yield from self.of(left, kind)
                if self.truth(left).can_be_false:
                    yield from self.of(right, kind)
            case _:
                return

    def _of_context(  # noqa: C901, PLR0912  one branch for each context
        self, context: Context, kind: Kind, *, whole: bool
    ) -> Iterator[Source]:
        name, *rest = context.path
        if self.depth > _MAX_DEPTH:
            yield Source(Origin.UNKNOWN, str(context))
            return
        match name:
            case "github":
                decide = whole_origin if whole else code_origin if kind == "code" else text_origin
                origin = decide(tuple(rest), self.event)
                if origin is not Origin.OWN:
                    yield Source(origin, str(context))
            case _ if name in _OWN_CONTEXTS:
                return
            case "steps" | "needs":
                if not self.outputs_are_own and (not rest or rest[-1] not in _OF_STATUS):
                    yield Source(Origin.UNKNOWN, str(context))
            case "env" if rest and rest[0] in self.env:
                yield from self.deeper().in_text(self.env[rest[0]], kind)
            case "matrix" if self.matrix is not None and rest and rest[0] in self.matrix:
                for text in self.matrix[rest[0]]:
                    yield from self.deeper().in_text(text, kind)
            case "inputs" if self.inside is not None and self.inputs is not None:
                if rest and rest[0] in self.inputs:
                    yield from self.inside.deeper().in_text(self.inputs[rest[0]], kind)
            case "inputs" if self.event == "workflow_dispatch":
                return
            case "env" | "matrix" if self.outputs_are_own:
                return
            case _:
                yield Source(Origin.UNKNOWN, str(context))

    def condition(self, text: str | None) -> Truth:
        """Return whether the `if` of a job or step can hold when an outsider caused the event; none always holds."""
        if text is None or not text.strip():
            return Truth.always()
        try:
            if "${{" not in text:
                return self.truth(parse(text))
            # Not stripped: with a line break behind the braces, as `|` leaves one, it is a text as well.
            match template(text):
                case (Literal() | Context() | Call() | Within() | Operation() as whole,):
                    return self.truth(whole)
                case _:
                    return Truth.always()  # GitHub makes a text of it, and a text that is not empty holds
        except NotAnExpressionError:
            return Truth.undecided()

    def truth(self, expression: Expression) -> Truth:  # noqa: PLR0911  one for each form
        """Return whether an expression can be true, and whether it can be false."""
        match expression:
            case Literal(value=value):
                return Truth.of(bool(value))
            case Operation(operator="!", operands=(inner,)):
                return self.truth(inner).negated()
            case Operation(operator="&&", operands=(left, right)):
                return self.truth(left).both(self.truth(right))
            case Operation(operator="||", operands=(left, right)):
                return self.truth(left).negated().both(self.truth(right).negated()).negated()
            case Operation(operator="==", operands=(left, right)):
                return self._equal(left, right)
            case Operation(operator="!=", operands=(left, right)):
                return self._equal(left, right).negated()
            case Call(name="always"):
                return Truth.always()
            case Call(name="success"):
                return Truth(Chance.YES, Chance.UNKNOWN)
            case Call(name="failure" | "cancelled"):
                return Truth.as_they_like()
            case Call(name="contains" | "startswith" | "endswith", arguments=(first, *_)) if self._is_outsiders(first):
                return Truth.as_they_like()
            case Context():
                return compared(expression, Literal(value=True), self.event)
            case _:
                return Truth.undecided()

    def _equal(self, left: Expression, right: Expression) -> Truth:
        for one, other in ((left, right), (right, left)):
            if isinstance(one, Context):
                if self._is_outsiders(one):
                    return Truth.as_they_like()
                found = compared(one, other, self.event)
                if found != Truth.undecided():
                    return found
        return Truth.undecided()

    def _is_outsiders(self, expression: Expression) -> bool:
        return any(source.origin is Origin.OUTSIDER for source in self.of(expression, "text"))


def worst(sources: Iterator[Source]) -> Source:
    """Return the worst of some sources; one of the organization itself where there is none."""
    return max(sources, key=lambda source: source.origin, default=Source(Origin.OWN, ""))
