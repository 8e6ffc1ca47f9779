"""Commands and actions that bring an outsider's code to a run that has the repository's secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from connectors.github._workflow.payloads import Origin
from connectors.github._workflow.shell import Script, variables_in
from connectors.github._workflow.values import Kind, Source, World, worst

_FETCHING = frozenset({"fetch", "pull", "clone", "remote", "config"})
_DOWNLOADING = frozenset({"curl", "wget", "aria2c", "http"})
_SHELLS = frozenset({"sh", "bash", "dash", "zsh", "ksh"})
_RUNNING = frozenset(
    {
        ".", "bash", "cargo", "docker", "go", "gradle", "java", "ksh", "make", "mvn", "node", "npm", "npx", "perl",
        "pip", "pip3", "pnpm", "python", "python3", "ruby", "sh", "source", "yarn", "zsh",
    }
)  # fmt: skip
_OTHER_LANGUAGE = re.compile(r"\b(?:git|gh|pulls?)\b")
_INPUTS_OF_CODE = frozenset(
    {"ref", "repository", "branch", "sha", "commit", "revision", "context", "git-ref", "git_ref", "checkout-ref"}
)
# Programs that take code by an address, as `npm install https://...` does.
_INSTALLING = frozenset(
    {
        "bun", "cargo", "composer", "deno", "docker", "gem", "go", "npm", "npx", "pip", "pip3", "pipx", "pnpm",
        "podman", "poetry", "uv", "uvx", "yarn",
    }
)  # fmt: skip
_ADDRESS = re.compile(r"(?i)(?:^|[+@= ])(?:https?|ssh|git)(?:\+[a-z]+)?://|^git@|^github(?:\.com)?[:/]")
_FILES_OF_LATER_STEPS = re.compile(r"\bGITHUB_(ENV|PATH)\b")
# Texts that GitHub keeps on one line.
_ONE_LINE = re.compile(
    r"(?i)(?:\.(?:title|ref|head_ref|head_branch|label|name|page_name|default_branch|email|path)|head_ref)$"
)
_GIVEN_TO_JAVASCRIPT = re.compile(r"\b(?:context\.payload|process\.env)\b")
_RUN_BY_JAVASCRIPT = re.compile(
    r"\b(eval|execSync|execFileSync|spawn|spawnSync|exec\.exec|getExecOutput|exportVariable|addPath|new Function)\s*\("
)
_EVALUATED_BY_POWERSHELL = re.compile(r"(?i)\b(?:invoke-expression|iex)\b([^\n]*)")
# Actions of GitHub itself take inputs as data, but for the script of actions/github-script.
_OWNERS_TAKING_DATA = ("actions/", "github/")


@dataclass(frozen=True)
class Finding:
    """Something that brings code: `sure` if it is an outsider's, else the workflow does not decide whose it is."""

    sure: bool
    what: str


def in_inputs(action: str, inputs: Mapping[str, str], world: World) -> Iterator[Finding]:
    """Yield what an action is told to bring. `action` and the names of inputs are in lower case."""
    name = action.partition("@")[0]
    if name != "actions/checkout":
        if name.startswith(_OWNERS_TAKING_DATA):
            return
        for field in sorted(_INPUTS_OF_CODE & set(inputs)):
            if worst(world.in_text(inputs[field], "code")).origin is Origin.OUTSIDER:
                yield Finding(sure=False, what=f"{name} with {field}: {inputs[field].strip()}")
        return
    for field in ("repository", "ref"):
        given = inputs.get(field, "")
        if field == "repository" and "${{" not in given:
            continue
        source = worst(world.in_text(given, "code"))
        if source.origin is not Origin.OWN:
            yield Finding(source.origin is Origin.OUTSIDER, f"{name} with {field}: {given.strip()}")


def artifact_path(action: str, inputs: Mapping[str, str]) -> str | None:
    """Return where an artifact of another run is unpacked, "" for the workspace; None for no such action."""
    name = action.partition("@")[0]
    own_run = re.search(r"\bgithub\.run_id\b", inputs.get("run-id", "")) or not inputs.get("run-id")
    if name == "actions/download-artifact":
        return None if own_run else _folder(inputs.get("path", ""))
    if "download-artifact" in name or "download-workflow-artifact" in name:
        return _folder(inputs.get("path", ""))
    return None


def _folder(path: str) -> str:
    path = path.strip()
    while path.startswith("./"):
        path = path[2:]
    return path.rstrip("/").removesuffix(".") if path != "." else ""


@dataclass(frozen=True)
class Commands:
    """A script with the environment that its variables come from, and the world of its expressions."""

    script: Script
    environment: Mapping[str, str]
    world: World

    def untrusted(self) -> Iterator[Finding]:
        """Yield the commands that bring somebody else's code."""
        for command in self.script.commands:
            if command.is_only_text:
                continue
            given = [word for word in command.words[1:] if not word.startswith("-")]
            if command.name in _SHELLS and (not given or any("{}" in word for word in given)):
                yield Finding(sure=False, what=f"{command.name}, which runs what it is sent")
            if command.name == "patch":
                yield Finding(sure=False, what="patch")
            if command.name in _INSTALLING:
                for finding in self._names_code(command.name, list(filter(_ADDRESS.search, command.words[1:]))):
                    yield Finding(sure=False, what=finding.what)
            for place, word in enumerate(command.words):
                yield from self._at(word.rpartition("/")[2], command.words[place + 1 :])

    def _at(self, program: str, following: list[str]) -> Iterator[Finding]:
        arguments = [word for word in following if not word.startswith("-")]
        if program in ("gh", "hub") and arguments[:2] == ["pr", "checkout"]:
            yield Finding(sure=True, what=f"{program} pr checkout")
        elif program == "gh" and arguments[:2] == ["repo", "clone"]:
            yield from self._names_code("gh repo clone", arguments[2:])
        elif program == "git":
            place = next((at for at, word in enumerate(following) if word in _FETCHING), None)
            if place is not None:
                yield from self._names_code(f"git {following[place]}", following[place + 1 :])
            elif arguments[:1] in (["am"], ["apply"]):
                yield Finding(sure=False, what=f"git {arguments[0]}")
        elif program in _DOWNLOADING:
            for finding in self._names_code(program, following):
                if finding.sure:
                    yield Finding(sure=False, what=finding.what)

    def _names_code(self, what: str, words: list[str]) -> Iterator[Finding]:
        for word in words:
            source = worst(self.sources(word, "code"))
            if source.origin is Origin.OUTSIDER or source.origin is Origin.UNKNOWN:
                yield Finding(source.origin is Origin.OUTSIDER, f"{what} {source.name}")

    def evaluated(self) -> Iterator[Source]:
        """Yield the texts of outsiders that a shell is given as commands, as by `eval "$TITLE"`."""
        for command in self.script.commands:
            words = command.words
            if command.name in _SHELLS:
                flag = next((at for at, word in enumerate(words) if re.fullmatch(r"-[a-z]*c", word)), None)
                sent = next((at for at, word in enumerate(words) if word.startswith("<<<")), None)
                words = (words[flag + 1 : flag + 2] if flag is not None else []) + (
                    words[sent : sent + 2] if sent is not None else []
                )
            elif command.name != "eval":
                continue
            for word in words:
                yield from (one for one in self.sources(word, "text") if one.origin is Origin.OUTSIDER)

    def evaluated_by_powershell(self, text: str) -> Iterator[Source]:
        """Yield the texts of outsiders that a script for PowerShell evaluates, by their environment variables."""
        for following in _EVALUATED_BY_POWERSHELL.findall(text):
            for name in re.findall(r"(?i)\benv:(\w+)", following):
                given = next((value for key, value in self.environment.items() if key.lower() == name.lower()), "")
                yield from (one for one in self.world.in_text(given, "text") if one.origin is Origin.OUTSIDER)

    def kept_for_later_steps(self) -> Iterator[tuple[bool, str, Source]]:
        """Yield the texts of outsiders that go to the file of variables, or of paths, that later steps have.

        With each, whether it surely decides more than the value of one variable, and the file. A second line sets
        another variable, and an entry of the path is a folder of programs.
        https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#setting-an-environment-variable
        """
        everything = [word for command in self.script.commands for word in command.words]
        for command in self.script.commands:
            target = next((match for word in command.words if (match := _FILES_OF_LATER_STEPS.search(word))), None)
            if target is None:
                continue
            direct = command.is_only_text
            texts = command.words if direct else [*self.script.documents, *everything]
            for source in {one for text in texts for one in self.sources(text, "text")}:
                if source.origin is Origin.OUTSIDER:
                    in_document = not direct and any(
                        source in set(self.sources(text, "text")) for text in self.script.documents
                    )
                    decides = target.group(1) == "PATH" or _ONE_LINE.search(source.name) is None
                    yield (direct or in_document) and decides, target.group(0), source

    def takes_artifact(self) -> bool:
        """Whether a command downloads what another run kept."""
        for command in self.script.commands:
            words = [word for word in command.words if not word.startswith("-")]
            if words[:3] == ["gh", "run", "download"] or (
                command.name in {"gh", *_DOWNLOADING} and any("/artifacts" in word for word in words)
            ):
                return True
        return False

    def runs_from(self, folder: str) -> str | None:
        """Return a command that runs a file below a folder of the workspace, "" for all of it; None where none does."""
        for command in self.script.commands:
            first, *following = command.words
            ran = command.words if first in _RUNNING else [first]
            if folder:
                runs = any(word.removeprefix("./").startswith(f"{folder}/") for word in ran)
            else:
                runs = first in _RUNNING or ("/" in first and not first.startswith(("/", "~", "$")))
            if runs:
                return " ".join([first, *following])[:80]
        return None

    def sources(self, word: str, kind: Kind, depth: int = 0) -> Iterator[Source]:
        """Yield what a word may stand for: of its expressions, and of its variables."""
        yield from self.world.in_text(word, kind)
        for name in variables_in(re.sub(r"\$\{\{.*?\}\}", "", word, flags=re.DOTALL)):
            if name in self.script.variables and depth < _MAX_DEPTH:
                yield from self.sources(self.script.variables[name], kind, depth + 1)
            elif name in self.environment:
                yield from self.world.in_text(self.environment[name], kind)
            elif name == "GITHUB_HEAD_REF":
                yield from self.world.in_text("${{ github.head_ref }}", kind)
            elif not name.startswith(("GITHUB_", "RUNNER_")) or name == "GITHUB_EVENT_PATH":
                yield Source(Origin.UNKNOWN, f"${name}")


_MAX_DEPTH = 8


def in_javascript(text: str) -> Iterator[Finding]:
    """Yield a question for a script of actions/github-script that runs, or keeps for later steps, what it is given."""
    if _GIVEN_TO_JAVASCRIPT.search(text) is not None and (found := _RUN_BY_JAVASCRIPT.search(text)) is not None:
        yield Finding(sure=False, what=f"a script that takes values of the event or environment to {found.group(1)}")


def in_other_language(text: str) -> Iterator[Finding]:
    """Yield a question for a script in a language that is not read, where it may have to do with code of others."""
    if (found := _OTHER_LANGUAGE.search(text)) is not None:
        yield Finding(sure=False, what=f"a script that is not a shell's and names {found.group(0)}")
