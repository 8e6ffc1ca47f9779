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


def read_tree(client: GitHub, sha: str, call: str = TREE, placeholders: dict[str, str] | None = None) -> list[Body]:
    """Return one folder of a commit. Raises Unexpected where GitHub cut it short."""
    answer = client.request(call, placeholders={**(placeholders or {}), "tree_sha": sha})
    if answer["truncated"]:
        raise Unexpected(f"{call}: GitHub cut the list of files short")
    entries: list[Body] = answer["tree"]
    return entries


def entry_named(folder: list[Body], name: str) -> Body | None:
    """Return the entry of a folder by its name."""
    return next((item for item in folder if item["path"] == name), None)


def root_folder(client: GitHub) -> list[Body]:
    """Return the root folder of the default branch, asked once a client. A repository without a commit has none."""
    entries: list[Body] = client.results.get(
        "root", lambda: read_tree(client, client.repository_details()["default_branch"])
    )
    return entries


def root_subfolder(client: GitHub, name: str) -> list[Body]:
    """Return a folder in the root; empty where the root has none of that name."""
    directory = entry_named(root_folder(client), name)
    if directory is None or directory["type"] != "tree":
        return []
    entries: list[Body] = client.results.get(f"folder {name}", lambda: read_tree(client, directory["sha"]))
    return entries
