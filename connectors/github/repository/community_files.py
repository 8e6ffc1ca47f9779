"""Files that say who looks after a repository: code owners and security policy, found by name in its folders."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from collector.core.checks import The, Verdict, check, failed, not_applicable, passed
from collector.core.errors import ConnectorError
from collector.core.resources import Body, resource
from connectors.github._sdk.client import NO_CALL, REPOSITORY, GitHub
from connectors.github._sdk.connector import github
from connectors.github.repository.git_tree import (
    CONTENTS,
    EMPTY,
    TREE,
    entry_named,
    read_tree,
    root_folder,
    root_subfolder,
)

_NOT_PUBLIC = "the repository is not public"
_FILE_NAMES = ("codeowners", "security.md")
_FOLDERS = (".github", "docs")


class CommunityFile(Struct, frozen=True, kw_only=True):
    """A file of the default branch."""

    path: str
    sha: str


class PrivateReporting(Struct, frozen=True, kw_only=True):
    """Whether private vulnerability reporting is enabled."""

    enabled: bool


@resource("github.repo.community_file")
class CommunityFiles(Struct, frozen=True, kw_only=True):
    """CODEOWNERS and SECURITY.md of a repository, in any folder that GitHub reads them from."""

    full_name: str
    private: bool
    archived: bool
    files: tuple[CommunityFile, ...] | None  # None: GitHub says that the repository is empty
    private_vulnerability_reporting: PrivateReporting | None  # None: the repository is not public

    def at(self, name: str) -> str | None:
        """Return the path of a file by its name, in any case; None where there is none."""
        return next(
            (file.path for file in self.files or () if file.path.rpartition("/")[2].lower() == name.lower()), None
        )


@resource("github.org.community_file")
class OrganizationFiles(Struct, frozen=True, kw_only=True):
    """Files in the organization's repository `.github`, which apply to repositories without their own."""

    login: str
    files: tuple[CommunityFile, ...] | None  # None: the organization has no public repository called .github


def _community_files_in(entries: list[Body], prefix: str) -> list[Body]:
    return [
        {"path": f"{prefix}{entry['path']}", "sha": entry["sha"]}
        for entry in entries
        if entry["type"] == "blob" and entry["path"].lower() in _FILE_NAMES
    ]


@github.collects(CommunityFiles, at="repository", call=REPOSITORY, permissions="Repository Metadata: read")
def community_files(client: GitHub) -> Iterator[Body]:
    repository = client.repository_details()
    yield {"full_name": repository["full_name"], "private": repository["private"], "archived": repository["archived"]}


@github.part(CommunityFiles, "files", call=TREE, permissions=CONTENTS, absent=EMPTY)
def files(client: GitHub, _body: Body) -> Any:
    matches = _community_files_in(root_folder(client), "")
    for name in _FOLDERS:
        matches += _community_files_in(root_subfolder(client, name), f"{name}/")
    return matches


@github.part(
    CommunityFiles,
    "private_vulnerability_reporting",
    call="GET /repos/{owner}/{repo}/private-vulnerability-reporting",
    permissions="Repository Administration: read",
    absent=_NOT_PUBLIC,
)
def reporting(client: GitHub, body: Body) -> Any:
    if body["private"]:
        raise ConnectorError("only public repositories take reports in private", code=_NOT_PUBLIC)
    return client.request("GET /repos/{owner}/{repo}/private-vulnerability-reporting", having="enabled")


@github.collects(OrganizationFiles, at="organization", call=NO_CALL)
def organization_files(client: GitHub) -> Iterator[Body]:
    yield {"login": client.organization}


# Only a public repository called .github applies to others, and every credential can read what is public: a 404 means
# that there is none. https://docs.github.com/en/communities/setting-up-your-project-for-healthy-contributions
@github.part(
    OrganizationFiles,
    "files",
    call="GET /repos/{org}/.github/git/trees/{tree_sha}",
    permissions="none: it is public",
    absent=("404 Not Found", EMPTY),
)
def default_files(client: GitHub, _body: Body) -> Any:
    call = "GET /repos/{org}/.github/git/trees/{tree_sha}"
    top = read_tree(client, "HEAD", call)
    matches = _community_files_in(top, "")
    for name in _FOLDERS:
        directory = entry_named(top, name)
        if directory is not None and directory["type"] == "tree":
            matches += _community_files_in(read_tree(client, directory["sha"], call), f"{name}/")
    return matches


@check(
    "github_repo_security_policy_present",
    title="It is said how a vulnerability is to be reported",
    severity="low",
    fix="Add a SECURITY.md to the repository or to the organization's .github repository, or turn on private reporting",
)
def security_policy(files: CommunityFiles, defaults: The[OrganizationFiles]) -> Verdict:
    if files.private:
        return not_applicable(f"{files.full_name} is not public: nobody outside can see it, or a policy in it")
    if (path := files.at("SECURITY.md")) is not None:
        return passed(f"{files.full_name} has {path}")
    if files.private_vulnerability_reporting is not None and files.private_vulnerability_reporting.enabled:
        return passed(f"{files.full_name} takes private reports")
    for file in defaults.files or ():
        if file.path.lower().endswith("security.md"):
            return passed(f"{defaults.login} has {file.path} for all its repositories")
    return failed(f"neither {files.full_name} nor its organization has a SECURITY.md")
