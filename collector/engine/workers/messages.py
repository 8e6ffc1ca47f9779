"""What the process that writes and its workers say to each other: data only, never code, a credential or a key.

Each message is a tagged struct, written as MessagePack. Orders have a number that all messages about them repeat; a
question of a worker has one of its own beside it, because the threads of a task ask at the same time.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct

from collector.core.connectors import Found
from collector.core.findings import FindingChange
from collector.core.ports import HandedItem, StoredObservation
from collector.core.scopes import Scope
from collector.core.tasks import Observation, Task
from collector.core.wire import Answer, Call

# From the writer to a worker ---------------------------------------------------------------------------------------


class Begin(Struct, frozen=True, tag="begin"):
    """A run begins. The worker does its orders only where code, configuration, store and keys are its own too.

    `now` is the writer's clock. `comparable` has by source the earlier runs whose bodies need no redaction again.
    """

    run: str
    code: str
    config: str
    store: str
    keys: str
    now: datetime
    deadline: timedelta
    largest_answer: int
    clock: timedelta
    comparable: dict[str, dict[str, timedelta]]


class Collect(Struct, frozen=True, tag="collect"):
    """Do one task. `facts` are what discovery said of its scope, and `said_by` which discovery that was."""

    order: int
    run: str
    task: Task
    facts: dict[str, Any] = {}
    said_by: str = ""


class Judge(Struct, frozen=True, tag="judge"):
    """Judge the resources of one task, which is in the store now: some rules on all, others on some of them only.

    `latest` and `complete` are the latest observation of the task, and the latest complete one.
    """

    order: int
    run: str
    task: Task
    rules: tuple[str, ...]
    in_part: tuple[str, ...]
    subjects: frozenset[str]
    latest: StoredObservation
    complete: StoredObservation | None


class Reply(Struct, frozen=True, tag="reply"):
    """The answer to a question: a number; or why there is none, with what kind of error that is.

    `waited` are the seconds of it that went by because a quota was used up.
    """

    order: int
    question: int
    value: int = 0
    error: str = ""
    why: str = ""
    waited: float = 0.0


class CloseScope(Struct, frozen=True, tag="close_scope"):
    """The last task of a scope has ended: its client can be closed."""

    run: str
    source: str
    scope: Scope


class Stop(Struct, frozen=True, tag="stop"):
    """The run is to end: tasks end at their next call."""

    run: str


class End(Struct, frozen=True, tag="end"):
    """The run has ended."""

    run: str


ToWorker = Begin | Collect | Judge | Reply | CloseScope | Stop | End

# From a worker to the writer ---------------------------------------------------------------------------------------


class Ready(Struct, frozen=True, tag="ready"):
    """A worker has read its configuration and can do orders. `name` is for the provenance."""

    name: str
    code: str


class Refused(Struct, frozen=True, tag="refused"):
    """A worker does no orders of a run, and why."""

    run: str
    why: str


class Enter(Struct, frozen=True, tag="enter"):
    """A question: may this call be sent? The answer is its number, when its gate lets it pass."""

    order: int
    question: int
    operation: str
    aside: bool


class Left(Struct, frozen=True, tag="left"):
    """A call has been answered, or was not sent after all: then there is no `answer`."""

    order: int
    number: int
    operation: str
    aside: bool
    answer: GateAnswer | None = None


class GateAnswer(Struct, frozen=True):
    """What a gate takes from an answer; see `collector.core.wire.Answer`."""

    status: int | None = None
    throttled: bool = False
    retry_after: timedelta | None = None
    remaining: int | None = None
    limit: int | None = None
    resets_in: timedelta | None = None
    cost: int | None = None
    bucket: str | None = None

    @classmethod
    def of(cls, answer: Answer) -> GateAnswer:
        """Return what matters to a gate."""
        return cls(**{name: getattr(answer, name) for name in cls.__struct_fields__})

    def answer(self) -> Answer:
        """Return it as the wire has it."""
        return Answer(**{name: getattr(self, name) for name in self.__struct_fields__})


class Stage(Struct, frozen=True, tag="stage"):
    """A question: take these items; the answer is how many of them the attempt had staged before."""

    order: int
    question: int
    items: list[HandedItem]


class Drop(Struct, frozen=True, tag="drop"):
    """What the task has staged does not count."""

    order: int


class Collected(Struct, frozen=True, tag="collected"):
    """A task has ended. `answers` and `jumped` are what the worker's clock has come to in the whole run so far."""

    order: int
    observation: Observation
    discovered: tuple[Found, ...]
    answered: bool
    answers: dict[str, int]
    jumped: bool


class Changed(Struct, frozen=True, tag="changed"):
    """A question: take these changes of findings; the answer says that more may come."""

    order: int
    question: int
    changes: tuple[FindingChange, ...]


class Judged(Struct, frozen=True, tag="judged"):
    """An order to judge is done. `counts` are the verdicts of each rule that was judged on all resources, by status."""

    order: int
    counts: dict[str, dict[str, int]]


class Failed(Struct, frozen=True, tag="failed"):
    """An order could not be done, for want of the store or by a defect: not by an error of a platform."""

    order: int
    what: str
    so: str = ""
    mend: str = ""


FromWorker = Ready | Refused | Enter | Left | Stage | Drop | Collected | Changed | Judged | Failed

_encoder = msgspec.msgpack.Encoder()
encode = _encoder.encode
read_order = msgspec.msgpack.Decoder(ToWorker).decode
read_report = msgspec.msgpack.Decoder(FromWorker).decode


def call_of(said: Enter | Left) -> Call:
    """Return the call as far as its gate depends on it: never on its parameters."""
    return Call(said.operation, aside=said.aside)
