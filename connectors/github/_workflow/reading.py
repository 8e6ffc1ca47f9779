"""One workflow read as GitHub runs it: what in it an outsider could use, and what the workflow does not decide."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.github._workflow.conditions import Chance
from connectors.github._workflow.document import UnreadableError, plain
from connectors.github._workflow.payloads import OF_PEOPLE, OF_PULL_REQUESTS, Origin
from connectors.github._workflow.pins import Pins, write_all
from connectors.github._workflow.shell import read_script
from connectors.github._workflow.untrusted_code import (
    Commands,
    Finding,
    artifact_path,
    in_inputs,
    in_javascript,
    in_other_language,
)
from connectors.github._workflow.values import World, worst

_STATUS = re.compile(r"(?i)\b(?:always|failure|cancelled)\s*\(")
_READS_HISTORY = re.compile(r"git\s+(?:log|show)|GITHUB_EVENT_PATH")
_SHELLS = ("bash", "sh", "pwsh", "powershell")
_MAX_STEPS = 2_000
_MAX_NESTING = 10


@dataclass
class Reading:
    """What was found in a workflow: problems, questions that it leaves open, and what it takes that may change.

    `default_token`: whether a job leaves the permissions of its token to the settings of the repository.
    """

    problems: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    unpinned: list[str] = field(default_factory=list)
    default_token: bool = False

    def problem(self, text: str) -> None:
        """Keep a problem, once."""
        if text not in self.problems:
            self.problems.append(text)

    def question(self, text: str) -> None:
        """Keep what the workflow leaves open, once."""
        if text not in self.questions:
            self.questions.append(text)


def read(text: str, local_actions: Mapping[str, str | None]) -> Reading:
    """Return what is found in a workflow. Raises UnreadableError.

    `local_actions` maps the folder of each action of the repository itself that the workflow uses, also by way of
    another, to the text of its action.yml, None where there is no such file.
    """
    document = plain(text)
    if document is None:
        return Reading()
    if not isinstance(document, dict) or not isinstance(document.get("jobs"), dict):
        raise UnreadableError("it has no jobs")
    return _Workflow(document, local_actions).read()


def local_folder(uses: str) -> str | None:
    """Return the folder of an action of the repository itself, by a step's `uses`; None for an action of others."""
    if not uses.startswith(("./", "$/")):
        return None
    return posixpath.normpath(uses[2:]).lstrip("/")


def local_folders(text: str) -> list[str]:
    """Return the folders of the repository's own actions that a workflow or action uses in its steps, sorted."""
    document = plain(text)
    found = {local_folder(step["uses"]) for step in _all_steps(document) if isinstance(step.get("uses"), str)}
    return sorted(folder for folder in found if folder is not None)


def _all_steps(document: Any) -> Iterator[dict[str, Any]]:
    jobs = _object(_object(document).get("jobs"))
    holders = [*jobs.values(), _object(document).get("runs")]
    for holder in holders:
        for step in _list(_object(holder).get("steps")):
            if isinstance(step, dict):
                yield step


@dataclass(frozen=True)
class _StepContext:
    """Where a step is: its world, its environment by exact name, and whether an outsider's run comes by."""

    world: World
    environment: Mapping[str, str]
    chance: Chance
    shell: str
    nesting: int = 0


class _Workflow:
    def __init__(self, document: dict[str, Any], local_actions: Mapping[str, str | None]) -> None:
        self._document = document
        self._jobs: dict[str, Any] = document["jobs"]
        self._local = local_actions
        self._reading = Reading()
        self._pins = Pins(self._reading.unpinned, self._reading.questions)
        self._events = _events(document.get("on"))
        self._steps = 0
        self._artifacts: list[str] = []

    def read(self) -> Reading:
        for name, job in self._jobs.items():
            if not isinstance(job, dict):
                raise UnreadableError(f"the job {name} has no steps")
            worlds = [self._world(job, event) for event in self._events]
            chances = [self._chance(name, world) for world in worlds]
            if not any(chances):
                continue
            self._permissions(job)
            self._pins.job(job, worlds[0])
            for world, chance in zip(worlds, chances, strict=True):
                if chance is not Chance.NO:
                    self._artifacts = []
                    self._job(job, world, chance)
        return self._reading

    def _permissions(self, job: dict[str, Any]) -> None:
        permissions = job.get("permissions", self._document.get("permissions"))
        if permissions is None:
            self._reading.default_token = True
        elif write_all(permissions):
            self._reading.problem("gives its token every right to write (permissions)")

    def _world(self, job: dict[str, Any], event: str | None) -> World:
        own = event in OF_PEOPLE and event != "repository_dispatch"
        environment = _texts(self._document.get("env")) | _texts(job.get("env"))
        world = World(event, _lower(environment), None, _matrix(job))
        own = own and not (event == "push" and self._takes_history(world))
        return World(event, _lower(environment), None, _matrix(job), own)

    def _takes_history(self, world: World) -> bool:
        """Whether a step reads messages of commits, which outsiders may write, so that its outputs may be theirs."""
        texts = [text for step in _all_steps(self._document) for text in _texts_in(step)]
        return any(
            _READS_HISTORY.search(text) or worst(world.in_text(text, "text")).origin is Origin.OUTSIDER
            for text in texts
        )

    def _chance(self, name: str, world: World, seen: frozenset[str] = frozenset()) -> Chance:
        """Return whether a job runs when an outsider caused the event; jobs that it needs have to run as well."""
        job = self._jobs.get(name)
        if not isinstance(job, dict) or name in seen:
            return Chance.UNKNOWN
        condition = job.get("if")
        condition = condition if isinstance(condition, str) else None
        chance = world.condition(condition).can_be_true
        if job.get("environment") is not None and world.event not in OF_PEOPLE:
            chance = min(chance, Chance.UNKNOWN)  # somebody may have to approve it
        if condition is None or not _STATUS.search(condition):
            needs = job.get("needs")
            for needed in [needs] if isinstance(needs, str) else _list(needs):
                chance = min(chance, self._chance(str(needed), world, seen | {name}))
        return chance

    def _job(self, job: dict[str, Any], world: World, chance: Chance) -> None:
        environment = _texts(self._document.get("env")) | _texts(job.get("env"))
        named_shell = _shell_of(job) or _shell_of(self._document) or "bash"
        place = _StepContext(world, environment, chance, named_shell)
        if isinstance(job.get("uses"), str):
            for name, text in _texts(job.get("with")).items():
                source = worst(world.in_text(text, "text"))
                if source.origin is Origin.OUTSIDER:
                    self._reading.question(f"gives {source.name} to another workflow as {name}")
            return
        for step in _list(job.get("steps")):
            if isinstance(step, dict):
                self._step(step, place)

    def _step(self, step: dict[str, Any], place: _StepContext) -> None:
        self._steps += 1
        if self._steps > _MAX_STEPS * len(self._events):
            raise UnreadableError("it has too many steps to be read")
        own = _texts(step.get("env"))
        world = place.world.with_environment(_lower(own))
        condition = step.get("if")
        chance = min(place.chance, world.condition(condition if isinstance(condition, str) else None).can_be_true)
        if chance is Chance.NO:
            return
        place = _StepContext(world, {**place.environment, **own}, chance, place.shell, place.nesting)
        if isinstance(step.get("run"), str):
            self._run(step["run"], step.get("shell"), place)
        elif isinstance(step.get("uses"), str):
            self._uses(step["uses"], _lower(_texts(step.get("with"))), place)

    def _run(self, text: str, named: Any, place: _StepContext) -> None:
        self._command(text, place)
        name = named if isinstance(named, str) else place.shell
        if not name.split(" ")[0].lower().startswith(_SHELLS):
            for finding in in_other_language(text):
                self._code(finding, place)
            return
        commands = Commands(read_script(text), place.environment, place.world)
        for source in commands.evaluated():
            self._reading.problem(f"puts text of outsiders into a command ({source.name}, by eval)")
        for source in commands.evaluated_by_powershell(text):
            self._reading.problem(f"puts text of outsiders into a command ({source.name}, by Invoke-Expression)")
        self._kept_for_later_steps(commands, place)
        for finding in commands.untrusted():
            self._code(finding, place)
        for folder in self._artifacts:
            if (command := commands.runs_from(folder)) is not None:
                self._code(Finding(sure=True, what=f"{command}, after an artifact of another run was unpacked"), place)
        if commands.takes_artifact():
            self._artifact("gh run download", "", place)

    def _kept_for_later_steps(self, commands: Commands, place: _StepContext) -> None:
        """Look at what a script writes for later steps. For a fork, later steps have no secret either."""
        if place.world.event in OF_PULL_REQUESTS:
            return
        for decides, file, source in commands.kept_for_later_steps():
            if decides:
                self._reading.problem(f"lets text of outsiders into {file}, which sets up later steps ({source.name})")
            else:
                self._reading.question(
                    f"may let text of outsiders into {file}, which sets up later steps ({source.name})"
                )

    def _uses(self, uses: str, inputs: dict[str, str], place: _StepContext) -> None:
        action = uses.lower()
        if (folder := local_folder(uses)) is not None:
            self._local_action(uses, folder, inputs, place)
            return
        self._pins.action(uses)
        script = inputs.get("script", "") if action.partition("@")[0] == "actions/github-script" else ""
        if script:
            self._command(script, place)
            for finding in in_other_language(script) if "checkout" in script else ():
                self._code(finding, place)
            for finding in in_javascript(script):
                self._code(finding, place)
            if "downloadartifact" in script.lower():
                self._artifact("actions/github-script", "", place)
        elif not action.startswith(("actions/", "github/")):
            for name, text in inputs.items():
                source = worst(place.world.in_text(text, "text"))
                if source.origin is Origin.OUTSIDER:
                    self._reading.question(f"gives {source.name} to {uses} as {name}")
        for finding in in_inputs(action, inputs, place.world):
            self._code(finding, place)
        if (path := artifact_path(action, inputs)) is not None:
            self._artifact(uses, path, place)

    def _local_action(self, uses: str, folder: str, inputs: dict[str, str], place: _StepContext) -> None:
        for unpacked in self._artifacts:
            if not unpacked or folder.startswith(f"{unpacked}/"):
                self._code(Finding(sure=True, what=f"{uses}, after an artifact of another run was unpacked"), place)
        text = self._local.get(folder)
        if text is None or place.nesting >= _MAX_NESTING:
            self._reading.question(f"uses {uses}, of which annexd found no action.yml")
            return
        try:
            runs = _object(_object(action := plain(text)).get("runs"))
        except UnreadableError as error:
            self._reading.question(f"uses {uses}, which could not be read: {error}")
            return
        if str(runs.get("image", "")).startswith("docker://"):
            self._pins.image(runs["image"], place.world)
        defaults = {
            name.lower(): value["default"]
            for name, value in _object(_object(action).get("inputs")).items()
            if isinstance(value, dict) and isinstance(value.get("default"), str)
        }
        world = place.world.called_with(defaults | inputs)
        inside = _StepContext(world, place.environment, place.chance, place.shell, place.nesting + 1)
        for step in _list(runs.get("steps")):
            if isinstance(step, dict):
                self._step(step, inside)

    def _command(self, text: str, place: _StepContext) -> None:
        """Look at a text that becomes commands once its expressions are replaced."""
        source = worst(place.world.in_text(text, "text"))
        if source.origin is Origin.OUTSIDER:
            self._reading.problem(f"puts text of outsiders into a command ({source.name})")
        elif source.origin is Origin.UNKNOWN and place.world.event not in OF_PULL_REQUESTS:
            # For a fork, a run of these events has no secret, and its commands are the fork's own.
            self._reading.question(f"puts {source.name} into a command, and does not say who decides it")

    def _code(self, finding: Finding, place: _StepContext) -> None:
        """Keep that code of others is brought, where the run has secrets."""
        event = place.world.event
        if event in OF_PEOPLE or event in OF_PULL_REQUESTS:
            return
        sure = finding.sure and place.chance is Chance.YES and event is not None
        under = event or "the events of the workflows that call it"
        if sure:
            self._reading.problem(f"brings an outsider's code to a run with secrets, under {under} ({finding.what})")
        else:
            self._reading.question(
                f"may bring an outsider's code to a run with secrets, under {under} ({finding.what})"
            )

    def _artifact(self, what: str, folder: str, place: _StepContext) -> None:
        if place.world.event not in ("workflow_run", None):
            return
        if not folder.startswith(("/", "$", "~")):
            self._artifacts.append(folder)
        self._reading.question(
            f"takes an artifact of another run, which may be an outsider's ({what}); whether it is trusted is not read"
        )


def _events(on: Any) -> list[str | None]:
    """Return the events that start a workflow, None for those of the workflows that call it. Raises UnreadableError."""
    names = [on] if isinstance(on, str) else list(on) if isinstance(on, list | dict) else []
    if not names or not all(isinstance(name, str) for name in names):
        raise UnreadableError("it does not say which events start it")
    return [None if name.lower() == "workflow_call" else name.lower() for name in names]


def _matrix(job: dict[str, Any]) -> dict[str, tuple[str, ...]] | None:
    """Return the values that are written in a job's matrix; None where they are computed."""
    matrix = _object(job.get("strategy")).get("matrix")
    if not isinstance(matrix, dict):
        return None
    found: dict[str, list[str]] = {}
    for name, values in matrix.items():
        if name in ("include", "exclude"):
            for row in _list(values):
                for column, value in _object(row).items():
                    found.setdefault(column.lower(), []).extend(_texts_in(value))
        elif isinstance(values, list):
            found.setdefault(name.lower(), []).extend(text for value in values for text in _texts_in(value))
        else:
            found.setdefault(name.lower(), []).append(str(values))
    return {name: tuple(values) for name, values in found.items()}


def _shell_of(holder: dict[str, Any]) -> str | None:
    name = _object(_object(holder.get("defaults")).get("run")).get("shell")
    return name if isinstance(name, str) else None


def _texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else _list(value):
        yield from _texts_in(inner)


def _texts(value: Any) -> dict[str, str]:
    """Return the texts of an object by name; what is not a text becomes one that says nothing."""
    return {name: text if isinstance(text, str) else str(text) for name, text in _object(value).items()}


def _lower(texts: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): text for name, text in texts.items()}


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
