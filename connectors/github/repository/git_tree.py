"""The folders of a repository's default branch, as lists of entries (`GET /repos/{owner}/{repo}/git/trees/{tree_sha}`).

A folder lists its files, so that a missing file is known to be missing. Requesting the file itself would give a 404,
which GitHub also answers to a credential without the permission.
"""

from __future__ import annotations

from collector.core.errors import Unexpected
from collector.core.resources import Body
from connectors.github._sdk.client import GitHub

TREE = "GET /repos/{owner}/{repo}/git/trees/{tree_sha}"
CONTENTS = "Repository Contents: read"
EMPTY = "409 Git Repository is empty."
"""GitHub's answer for a repository without a commit."""


def read_tree(client: GitHub, sha: str, call: str = TREE) -> list[Body]:
    """Return the entries of one folder, each with path, type and sha. Raises Unexpected where GitHub truncated it."""
    answer = client.request(call, placeholders={"tree_sha": sha})
    if answer["truncated"]:
        raise Unexpected(f"{call}: GitHub cut the list of files short")
    entries: list[Body] = answer["tree"]
    return entries


def entry_named(folder: list[Body], name: str) -> Body | None:
    """Return the entry of a folder that has a name; None where there is none."""
    return next((item for item in folder if item["path"] == name), None)


def root_folder(client: GitHub) -> list[Body]:
    """Return the root folder of the default branch, requested once. Raises ConnectorError where there is no commit."""
    entries: list[Body] = client.results.get(
        "root", lambda: read_tree(client, client.repository_details()["default_branch"])
    )
    return entries


def root_subfolder(client: GitHub, name: str) -> list[Body]:
    """Return a folder in the root folder, requested once; empty where there is none of that name."""
    directory = entry_named(root_folder(client), name)
    if directory is None or directory["type"] != "tree":
        return []
    entries: list[Body] = client.results.get(f"folder {name}", lambda: read_tree(client, directory["sha"]))
    return entries
