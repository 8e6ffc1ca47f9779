"""Workflows: known dangerous patterns, and whether the actions they use can change under the same name."""

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
from connectors.github.actions.workflow_text import facts_of
from connectors.github.repository.git_tree import CONTENTS, TREE, entry, folder, tree

_BLOB = "GET /repos/{owner}/{repo}/git/blobs/{file_sha}"


class Facts(Struct, frozen=True, kw_only=True):
    """What the text of a workflow says of known dangers; see workflow_text."""

    unpinned: tuple[str, ...]
    privileged_triggers: tuple[str, ...]
    takes_head: bool
    untrusted: tuple[str, ...]
    untrusted_in_shell: bool


@resource("github.repo.workflow", key="path")
class Workflow(Struct, frozen=True, kw_only=True):
    """A workflow of the default branch, by what it says; its text is not kept."""

    path: str
    facts: Facts


@github.collects(Workflow, at="repository", call=(TREE, REPOSITORY), permissions=CONTENTS)
def workflows(client: GitHub) -> Iterator[Body]:
    at = entry(folder(client, ".github"), "workflows")
    if at is None or at["type"] != "tree":
        return
    for one in tree(client, at["sha"]):
        if one["type"] == "blob" and one["path"].endswith((".yml", ".yaml")):
            yield {"path": f".github/workflows/{one['path']}", "sha": one["sha"]}


@github.part(Workflow, "facts", call=_BLOB, permissions=CONTENTS)
def facts(client: GitHub, workflow: Body) -> Any:
    blob = client.ask(_BLOB, into={"file_sha": workflow["sha"]})
    if blob["encoding"] != "base64":
        raise Unexpected(f"{_BLOB}: the encoding is {blob['encoding']}")
    return facts_of(base64.b64decode(blob["content"]).decode("utf-8", "replace"))


@check(
    "github_repo_workflows_safe",
    title="Workflows avoid known dangerous patterns and use actions by their digest",
    severity="medium",
    fix="Use actions by commit, give outsiders' text to scripts by environment, check out no head with secrets at hand",
)
def workflows_safe(workflow: Workflow) -> Verdict:
    seen = workflow.facts
    wrong = []
    if seen.untrusted_in_shell:
        wrong.append(f"puts text of outsiders into a command ({seen.untrusted[0]})")
    if seen.privileged_triggers and seen.takes_head:
        wrong.append(f"checks out an outsider's code under {seen.privileged_triggers[0]}")
    if seen.unpinned:
        wrong.append(f"uses {len(seen.unpinned)} actions that can change under the same name ({seen.unpinned[0]})")
    if wrong:
        return failed(f"{workflow.path} {', '.join(wrong)}")
    if seen.untrusted:
        return unknown(
            f"{workflow.path} names text of outsiders ({', '.join(seen.untrusted)}); "
            "whether a command takes it has to be looked at"
        )
    return passed()
