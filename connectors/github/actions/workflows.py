"""Workflow files of the default branch: dangerous patterns in them, and actions not pinned to a digest."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from collector.core.checks import Verdict, check, failed, passed, unknown
from collector.core.errors import Unexpected
from collector.core.resources import Body, resource
from connectors.github._sdk.client import REPOSITORY, GitHub
from connectors.github._sdk.connector import github
from connectors.github.actions.workflow_text import patterns_in
from connectors.github.repository.git_tree import CONTENTS, TREE, entry_named, read_tree, root_subfolder

_BLOB = "GET /repos/{owner}/{repo}/git/blobs/{file_sha}"


class WorkflowPatterns(Struct, frozen=True, kw_only=True):
    """The patterns found in the text of a workflow; `workflow_text.patterns_in` describes the fields."""

    unpinned: tuple[str, ...]
    privileged_triggers: tuple[str, ...]
    takes_head: bool
    untrusted: tuple[str, ...]
    untrusted_in_shell: bool


@resource("github.repo.workflow", key="path")
class Workflow(Struct, frozen=True, kw_only=True):
    """A workflow file of the default branch; its text is not stored."""

    path: str
    facts: WorkflowPatterns


@github.collects(Workflow, at="repository", call=(TREE, REPOSITORY), permissions=CONTENTS)
def workflows(client: GitHub) -> Iterator[Body]:
    directory = entry_named(root_subfolder(client, ".github"), "workflows")
    if directory is None or directory["type"] != "tree":
        return
    for file in read_tree(client, directory["sha"]):
        if file["type"] == "blob" and file["path"].endswith((".yml", ".yaml")):
            yield {"path": f".github/workflows/{file['path']}", "sha": file["sha"]}


@github.part(Workflow, "facts", call=_BLOB, permissions=CONTENTS)
def facts(client: GitHub, workflow: Body) -> Any:
    blob = client.request(_BLOB, placeholders={"file_sha": workflow["sha"]})
    if blob["encoding"] != "base64":
        raise Unexpected(f"{_BLOB}: the encoding is {blob['encoding']}")
    return patterns_in(base64.b64decode(blob["content"]).decode("utf-8", "replace"))


@check(
    "github_repo_workflows_safe",
    title="Workflows avoid known dangerous patterns and use actions by their digest",
    severity="medium",
    fix="Use actions by commit, give outsiders' text to scripts by environment, check out no head with secrets at hand",
)
def workflows_safe(workflow: Workflow) -> Verdict:
    facts = workflow.facts
    problems = []
    if facts.untrusted_in_shell:
        problems.append(f"puts text of outsiders into a command ({facts.untrusted[0]})")
    if facts.privileged_triggers and facts.takes_head:
        problems.append(f"checks out an outsider's code under {facts.privileged_triggers[0]}")
    if facts.unpinned:
        problems.append(f"uses {len(facts.unpinned)} actions that can change under the same name ({facts.unpinned[0]})")
    if problems:
        return failed(f"{workflow.path} {', '.join(problems)}")
    if facts.untrusted:
        return unknown(
            f"{workflow.path} names text of outsiders ({', '.join(facts.untrusted)}); "
            "whether a command takes it has to be looked at"
        )
    return passed()
