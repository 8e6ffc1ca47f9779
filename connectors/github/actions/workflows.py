"""Workflow files of the default branch, with the repository's own actions that they use: what an outsider could use."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from collector.core.checks import The, Verdict, check, failed, passed, unknown
from collector.core.errors import Unexpected
from collector.core.resources import Body, resource
from connectors.github._sdk.client import REPOSITORY, GitHub
from connectors.github._sdk.connector import github
from connectors.github._workflow.document import MAX_BYTES, UnreadableError, without_secrets
from connectors.github._workflow.reading import local_folders, read
from connectors.github.actions.settings import RepositoryActions
from connectors.github.repository.git_tree import (
    CONTENTS,
    TREE,
    entry_named,
    read_tree,
    root_folder,
    root_subfolder,
)

_BLOB = "GET /repos/{owner}/{repo}/git/blobs/{file_sha}"
_ACTION_FILES = ("action.yml", "action.yaml")
_MAX_LOCAL_ACTIONS = 50
_MAX_NAMED = 3


class LocalAction(Struct, frozen=True, kw_only=True):
    """An action of the repository itself: its folder and the text of its action.yml, None where there is none."""

    folder: str
    text: str | None


@resource("github.repo.workflow", key="path")
class Workflow(Struct, frozen=True, kw_only=True):
    """A workflow file of the default branch: its text without secrets, and the repository's own actions it uses.

    Earlier versions kept what they found in the text, and not the text; `text` and `local_actions` are then None.
    """

    path: str
    text: str | None = None
    local_actions: tuple[LocalAction, ...] | None = None


@github.collects(Workflow, at="repository", call=(TREE, REPOSITORY), permissions=CONTENTS)
def workflows(client: GitHub) -> Iterator[Body]:
    directory = entry_named(root_subfolder(client, ".github"), "workflows")
    if directory is None or directory["type"] != "tree":
        return
    for file in read_tree(client, directory["sha"]):
        if file["type"] == "blob" and file["path"].endswith((".yml", ".yaml")):
            yield {"path": f".github/workflows/{file['path']}", "sha": file["sha"]}


@github.part(Workflow, "text", call=_BLOB, permissions=CONTENTS)
def text(client: GitHub, workflow: Body) -> Any:
    return _text(client, workflow["sha"])


# Folders are read too, with the call of the list: where it fails there is no workflow whose part could be unread.
@github.part(Workflow, "local_actions", call=_BLOB, permissions=CONTENTS)
def local_actions(client: GitHub, workflow: Body) -> Any:
    found: dict[str, str | None] = {}
    waiting = _folders_used(_text(client, workflow["sha"]))
    while waiting and len(found) < _MAX_LOCAL_ACTIONS:
        folder = waiting.pop(0)
        if folder in found:
            continue
        file = next((entry for entry in _folder(client, folder) if entry["path"] in _ACTION_FILES), None)
        found[folder] = None if file is None else _text(client, file["sha"])
        waiting += _folders_used(found[folder] or "")
    return [{"folder": folder, "text": found[folder]} for folder in sorted(found)]


def _text(client: GitHub, sha: str) -> str:
    """Return a file without the secrets in it, requested once. Raises Unexpected where they cannot be told."""
    kept: str = client.results.get(f"file {sha}", lambda: _fetch_text(client, sha))
    return kept


def _fetch_text(client: GitHub, sha: str) -> str:
    blob = client.request(_BLOB, placeholders={"file_sha": sha})
    if blob["encoding"] != "base64":
        raise Unexpected(f"{_BLOB}: the encoding is {blob['encoding']}")
    content = base64.b64decode(blob["content"])
    if len(content) > MAX_BYTES:
        raise Unexpected(f"{_BLOB}: the file has {len(content)} bytes; {MAX_BYTES} are read")
    try:
        return without_secrets(content.decode("utf-8", "replace"))
    except UnreadableError as error:
        raise Unexpected(f"{_BLOB}: the file is not kept, because {error}") from error


def _folders_used(text: str) -> list[str]:
    try:
        return local_folders(text) if text else []
    except UnreadableError:
        return []  # the check says so


def _folder(client: GitHub, path: str) -> list[Body]:
    """Return a folder of the default branch, requested once; empty where there is none."""
    if path in ("", "."):
        return root_folder(client)
    if ".." in path.split("/"):
        return []
    above, _, name = path.rpartition("/")
    entry = entry_named(_folder(client, above), name)
    if entry is None or entry["type"] != "tree":
        return []
    if not above:
        return root_subfolder(client, name)
    entries: list[Body] = client.results.get(f"folder {path}", lambda: read_tree(client, entry["sha"]))
    return entries


@check(
    "github_repo_workflows_safe",
    title="Workflows as written give outsiders no command, code or token, and use actions and images by digest",
    severity="medium",
    fix="Use actions by commit, give outsiders' text to scripts by environment, check out no head with secrets at hand",
)
def workflows_safe(workflow: Workflow, settings: The[RepositoryActions]) -> Verdict:
    path = workflow.path
    if workflow.text is None:
        return unknown(f"the text of {path} was not kept by the version of annexd that read it")
    local = {action.folder: action.text for action in workflow.local_actions or ()}
    try:
        reading = read(workflow.text, local)
    except UnreadableError as error:
        return unknown(f"{path} is not a workflow as annexd reads it: {error}")
    problems = list(reading.problems)
    if reading.unpinned:
        problems.append(f"uses {_counted(reading.unpinned)}, which can change under the same name")
    if problems:
        return failed(f"{path} {_cut(problems)}")
    if reading.default_token and settings.workflow.default_workflow_permissions != "read":
        return failed(f"{path} sets no permissions, and the repository gives its token the right to write by default")
    if reading.questions:
        return unknown(f"{path} {_cut(reading.questions)}")
    return passed(f"{path} as it is written; the scripts and the actions of others that it runs are not read")


def _counted(names: list[str]) -> str:
    shown = ", ".join(names[:_MAX_NAMED])
    rest = f" and {len(names) - _MAX_NAMED:,} more" if len(names) > _MAX_NAMED else ""
    return f"{shown}{rest}"


def _cut(texts: list[str]) -> str:
    rest = f"; and {len(texts) - _MAX_NAMED:,} more" if len(texts) > _MAX_NAMED else ""
    return "; ".join(texts[:_MAX_NAMED]) + rest
