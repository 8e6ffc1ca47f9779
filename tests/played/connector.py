"""A connector for the played platform: the manner of a real one, with every piece exchangeable."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
from msgspec import Struct

from collector.core.buckets import Bucket
from collector.core.checks import Check
from collector.core.connectors import Connector, Listed
from collector.core.errors import ConnectorError, Unexpected
from collector.core.people import Person
from collector.core.redaction import Redact
from collector.core.resources import Body, resource
from collector.core.scopes import Scope
from collector.core.wire import Call, Wire
from tests.played.platform import HOOKS, MEMBERS, PROJECTS, PROTECTION, REPOS, SETTINGS, TICKETS, WHOAMI, Platform
from tests.played.session import Session, Wired, explain


class Settings(Struct, frozen=True, kw_only=True):
    """A source that talks to a double in this process."""

    platform: Any
    orgs: tuple[str, ...] = ("acme",)
    tickets: bool = True
    attempts: int = 1  # at a request of which there were too many


@resource("played.settings")
class OrgSettings(Struct, frozen=True, kw_only=True):
    """What an organization has set for itself."""

    two_factor_required: bool


@resource(
    "played.member",
    key="login",
    volatile=("last_active",),
    redact=("phone", Redact("email", "domain")),
    person=Person(name="login", mail="email", last_use=("last_active",)),
)
class Member(Struct, frozen=True, kw_only=True):
    """One account of an organization."""

    login: str
    role: str
    mfa: bool
    created_at: datetime
    last_active: datetime
    email: str


@resource("played.ticket", key="id")
class Ticket(Struct, frozen=True, kw_only=True):
    """A request for help."""

    id: int
    state: str


@resource("played.project", key="name")
class Project(Struct, frozen=True, kw_only=True):
    """A project of an organization: a scope of its own."""

    name: str


class Protection(Struct, frozen=True, kw_only=True):
    """What must happen before a change is taken."""

    reviews: int


class Hook(Struct, frozen=True, kw_only=True):
    """Where a repository calls out to."""

    tls: bool


@resource("played.repo", key="name", redact=("deploy.value",))
class Repo(Struct, frozen=True, kw_only=True):
    """A repository."""

    name: str
    visibility: str
    protection: Protection | None  # None: the platform says that there is none
    hooks: list[Hook]


def connect(settings: Settings, scope: Scope, wire: Wire) -> Session:
    """Make a client of which every request passes the wire."""
    inner = httpx.MockTransport(settings.platform.answer)
    transport = Wired(wire, inner, settings.attempts)
    return Session(wire, scope, httpx.Client(base_url="https://played.example", transport=transport))


def settings_of(session: Session) -> Iterator[Body]:
    """Ask for the one of its kind."""
    (org,) = session.scope
    yield with_key("two_factor_required", session.get(SETTINGS, f"/orgs/{org}/settings"))


def members(session: Session) -> Iterator[Body]:
    """List the members."""
    (org,) = session.scope
    yield from session.pages(MEMBERS, f"/orgs/{org}/members")


def tickets(session: Session) -> Iterator[Body]:
    """List the tickets."""
    (org,) = session.scope
    yield from session.pages(TICKETS, f"/orgs/{org}/tickets")


def projects(session: Session) -> Iterator[Body]:
    """List the projects."""
    (org,) = session.scope
    yield from session.pages(PROJECTS, f"/orgs/{org}/projects")


def repos(session: Session) -> Iterator[Body]:
    """List the repositories of a project."""
    org, project = session.scope
    yield from session.pages(REPOS, f"/orgs/{org}/projects/{project}/repos")


def protection(session: Session, repo: Body) -> Any:
    """Ask how changes are guarded."""
    org, project = session.scope
    path = f"/orgs/{org}/projects/{project}/repos/{repo['name']}/protection"
    return with_key("reviews", session.get(PROTECTION, path))


def hooks(session: Session, repo: Body) -> Any:
    """Ask where the repository calls out to."""
    org, project = session.scope
    found = session.get(HOOKS, f"/orgs/{org}/projects/{project}/repos/{repo['name']}/hooks")
    if not isinstance(found, list):
        raise Unexpected("the hooks are no list")
    return found


def with_key(key: str, answer: Any) -> Any:
    """Return an answer that has a key, and None as it is. Raises Unexpected for any other."""
    if answer is not None and (not isinstance(answer, dict) or key not in answer):
        raise Unexpected(f"the answer has no {key}")
    return answer


def close(session: Session) -> None:
    """Close the client, and say so where a test looks."""
    session.closed += 1
    session.http.close()


def one_bucket(name: str = "one", **limits: Any) -> Callable[[Settings, Scope, Call], Bucket]:
    """A quota that every call counts against."""
    return lambda *_: Bucket(name, **limits)


def bucket_each(**limits: Any) -> Callable[[Settings, Scope, Call], Bucket]:
    """A quota for each organization."""
    return lambda _settings, scope, _call: Bucket(scope[0], **limits)


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """The pieces of the connector; a test exchanges the one that it is about."""

    connect: Callable[[Settings, Scope, Wire], Session] = connect
    explain: Callable[[Exception], ConnectorError | None] = explain
    close: Callable[[Session], None] = close
    identity: Callable[[Session], str] = lambda session: str(session.get(WHOAMI, "/whoami")["login"])
    settings_of: Callable[[Session], Listed] = settings_of
    member: type[Struct] = Member
    members: Callable[[Session], Listed] = members
    members_need: str = "members:read"
    tickets: Callable[[Session], Listed] = tickets
    repo: type[Struct] = Repo
    repos: Callable[[Session], Listed] = repos
    protection: Callable[[Session, Body], Any] = protection
    protection_absent: tuple[str, ...] = ("no_protection",)
    hooks: Callable[[Session, Body], Any] = hooks
    every: timedelta = timedelta(hours=24)
    checks: tuple[Check[...], ...] = ()  # none: those of the played platform
    quota: Callable[[Settings, Scope, Call], Bucket] = lambda _settings, scope, _call: Bucket(scope[0])


def played(recipe: Recipe | None = None) -> Connector[Settings, Session]:
    """Put the connector together."""
    pieces = recipe or Recipe()
    made = Connector(
        name="played",
        title="The played platform",
        settings=Settings,
        levels=("org", "project"),
        roots=lambda settings: [(org,) for org in settings.orgs],
        connect=pieces.connect,
        explain=pieces.explain,
        quota=pieces.quota,
        identity=pieces.identity,
        identity_call=WHOAMI,
        close=pieces.close,
        check_prefixes=("played_",),
    )
    every = pieces.every
    made.collects(OrgSettings, at="org", call=SETTINGS, permissions="settings:read", every=every)(pieces.settings_of)
    made.collects(pieces.member, at="org", call=MEMBERS, permissions=pieces.members_need, every=every)(pieces.members)
    made.collects(
        Ticket, at="org", call=TICKETS, permissions="tickets:read", every=every, when=lambda settings: settings.tickets
    )(pieces.tickets)
    made.collects(Project, at="org", call=PROJECTS, permissions="projects:read", every=every)(projects)
    made.discovers(Project, level="project", below=lambda _settings, body: str(body["name"]))(projects)
    made.collects(pieces.repo, at="project", call=REPOS, permissions="repos:read", every=every)(pieces.repos)
    made.part(
        pieces.repo, "protection", call=PROTECTION, permissions="protection:read", absent=pieces.protection_absent
    )(pieces.protection)
    made.part(pieces.repo, "hooks", call=HOOKS, permissions="hooks:read")(pieces.hooks)
    return made


def settings_for(platform: Platform, **but: Any) -> Settings:
    """Settings that see every organization of a double."""
    return Settings(platform=platform, **{"orgs": tuple(platform.orgs), **but})
