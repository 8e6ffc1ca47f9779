"""What holds of an event that an outsider caused: the facts that a condition of a workflow can be decided by."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from connectors.github._workflow.expressions import Context, Expression, Literal
from connectors.github._workflow.payloads import OF_PEOPLE, OF_PULL_REQUESTS, PRIVILEGED

_HEADS = ("github.event.pull_request.head.repo", "github.event.workflow_run.head_repository")
_FORK = {f"{head}.fork" for head in _HEADS}
_FOREIGN = {f"{head}.{field}" for head in _HEADS for field in ("full_name", "owner.login", "id", "owner.id", "node_id")}
_FOREIGN |= {"github.event.pull_request.head.user.login", "github.event.pull_request.head.user.id"}
# Whoever opened it says nothing of who comments on it.
_OF_ISSUES = {"github.event.issue.user.login", "github.event.issue.author_association"}
# An outsider is none of the people that a company names. `github.actor` is left out: it is who caused the latest event,
# which may be a person of the company or a bot that acts on an outsider's pull request.
_FOREIGN |= {"github.event.pull_request.user.login", "github.event.issue.user.login"}
_ASSOCIATIONS = {"github.event.pull_request.author_association", "github.event.issue.author_association"}
_INSIDERS = frozenset({"owner", "member", "collaborator"})
_WORD_OF_EVENT = "github.event_name"
_EVENT_OF_RUN = "github.event.workflow_run.event"


class Chance(IntEnum):
    """Whether something can be: an outsider cannot bring it about, it is not decided by the workflow, or they can."""

    NO = 0
    UNKNOWN = 1
    YES = 2


@dataclass(frozen=True)
class Truth:
    """Whether a condition can be true, and whether it can be false."""

    can_be_true: Chance
    can_be_false: Chance

    @staticmethod
    def of(holds: bool) -> Truth:  # noqa: FBT001  what a constant is
        """A condition that is one of the two."""
        return Truth(Chance.YES, Chance.NO) if holds else Truth(Chance.NO, Chance.YES)

    @staticmethod
    def always() -> Truth:
        """A condition that holds."""
        return Truth.of(holds=True)

    @staticmethod
    def as_they_like() -> Truth:
        """A condition that an outsider decides."""
        return Truth(can_be_true=Chance.YES, can_be_false=Chance.YES)

    @staticmethod
    def undecided() -> Truth:
        """A condition that the workflow alone does not decide."""
        return Truth(can_be_true=Chance.UNKNOWN, can_be_false=Chance.UNKNOWN)

    def negated(self) -> Truth:
        """The opposite condition."""
        return Truth(self.can_be_false, self.can_be_true)

    def both(self, other: Truth) -> Truth:
        """Both conditions at once."""
        return Truth(min(self.can_be_true, other.can_be_true), max(self.can_be_false, other.can_be_false))


def compared(one: Context, other: Expression, event: str | None) -> Truth:  # noqa: PLR0911  one for each known fact
    """Return whether a value of the `github` context can equal another, for an event that an outsider caused."""
    name = str(one)
    literal = other.value if isinstance(other, Literal) else None
    if name == _WORD_OF_EVENT and isinstance(literal, str):
        return Truth.undecided() if event is None else Truth.of(literal.lower() == event)
    if event in OF_PEOPLE:
        return Truth.undecided()  # nobody else caused it, so nothing below is known
    if name in _OF_ISSUES and event != "issues":
        return Truth.undecided()
    if name in _FORK and (isinstance(literal, bool) or literal in ("true", "false")):
        return Truth.of(str(literal).lower() == "true")
    if name in _FOREIGN and (isinstance(literal, str) or isinstance(other, Context)):
        return Truth.of(holds=False)
    if name in _ASSOCIATIONS and isinstance(literal, str):
        return Truth.of(holds=False) if literal.lower() in _INSIDERS else Truth.as_they_like()
    if name == _EVENT_OF_RUN and isinstance(literal, str):
        if literal.lower() in OF_PULL_REQUESTS | PRIVILEGED:
            return Truth.as_they_like()
        return Truth.of(holds=False)
    if name in ("github.event.issue.pull_request", "github.event.workflow_run.conclusion"):
        return Truth.as_they_like()
    if name == "github.event.pull_request" and literal is True:
        return Truth.of(event in OF_PULL_REQUESTS or event == "pull_request_target")
    return Truth.undecided()
