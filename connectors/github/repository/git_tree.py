"""The folders of a repository's default branch, as lists of entries.

A tree lists what there is, so that a missing file is seen to be missing; asking for the file itself would give the 404
that GitHub also gives to a credential without the right.
"""

from __future__ import annotations

from collector.core.errors import Unexpected
from collector.core.resources import Body
from connectors.github._sdk.client import GitHub

TREE = "GET /repos/{owner}/{repo}/git/trees/{tree_sha}"
CONTENTS = "Repository Contents: read"
EMPTY = "409 Git Repository is empty."
"""What GitHub says of a repository without a commit."""


def tree(client: GitHub, sha: str, call: str = TREE, into: dict[str, str] | None = None) -> list[Body]:
    """Return one folder of a commit. Raises Unexpected where GitHub cut it short."""
    found = client.ask(call, into={**(into or {}), "tree_sha": sha})
    if found["truncated"]:
        raise Unexpected(f"{call}: GitHub cut the list of files short")
    entries: list[Body] = found["tree"]
    return entries


def entry(folder: list[Body], name: str) -> Body | None:
    """Return the entry of a folder by its name."""
    return next((one for one in folder if one["path"] == name), None)


def root(client: GitHub) -> list[Body]:
    """Return the root folder of the default branch, asked once a client. A repository without a commit has none."""
    found: list[Body] = client.once("root", lambda: tree(client, client.described()["default_branch"]))
    return found


def folder(client: GitHub, name: str) -> list[Body]:
    """Return a folder in the root; empty where the root has none of that name."""
    at = entry(root(client), name)
    if at is None or at["type"] != "tree":
        return []
    found: list[Body] = client.once(f"folder {name}", lambda: tree(client, at["sha"]))
    return found
