"""The played platform: organizations with members, projects, repositories and tickets, behind HTTP answers."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx

from collector.contract.httpx_answers import made_by
from collector.contract.raw_answers import Make

Play = Callable[[httpx.Request], "httpx.Response | None"]
"""An answer in place of the platform's own, or None where the platform's own will do."""

WHOAMI = "GET /whoami"
SETTINGS = "GET /orgs/{org}/settings"
MEMBERS = "GET /orgs/{org}/members"
TICKETS = "GET /orgs/{org}/tickets"
PROJECTS = "GET /orgs/{org}/projects"
REPOS = "GET /orgs/{org}/projects/{project}/repos"
PROTECTION = "GET /orgs/{org}/projects/{project}/repos/{repo}/protection"
HOOKS = "GET /orgs/{org}/projects/{project}/repos/{repo}/hooks"

CANARIES = {
    "member.phone": "+41 79 555 01 99",
    "member.email": "carol.canary",
    "repo.deploy.value": "canary deploy phrase",
    "hook.secret": "canary-hook-secret",
    "hook.url": "canary-url-password",
}
"""What is planted in every estate and must be found nowhere."""


def _pattern(operation: str) -> re.Pattern[str]:
    path = operation.removeprefix("GET ")
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))


_ROUTES = {name: _pattern(name) for name in (WHOAMI, SETTINGS, MEMBERS, TICKETS, PROJECTS, REPOS, PROTECTION, HOOKS)}


def a_member(login: str, **but: Any) -> dict[str, Any]:
    """A member with everything in order."""
    return {
        "login": login,
        "role": "owner",
        "mfa": True,
        "created_at": "2026-01-15T00:00:00Z",
        "phone": CANARIES["member.phone"],
        "email": f"{CANARIES['member.email']}@example.org",
        **but,
    }


def a_repo(name: str, **but: Any) -> dict[str, Any]:
    """A repository with everything in order; `protection` and `hooks` are answered by calls of their own."""
    return {
        "name": name,
        "visibility": "private",
        "deploy": {"value": CANARIES["repo.deploy.value"], "active": True},
        "protection": {"reviews": 2},
        "hooks": [
            {
                "url": f"https://user:{CANARIES['hook.url']}@example.org/hook",
                "tls": True,
                "secret": CANARIES["hook.secret"],
            }
        ],
        **but,
    }


def an_org(**but: Any) -> dict[str, Any]:
    """An organization with everything in order."""
    return {
        "settings": {"two_factor_required": True, "plan": "team"},
        "members": [a_member("ann"), a_member("bob"), a_member("carol")],
        "tickets": [{"id": number, "state": "open"} for number in range(3)],
        "projects": {
            "api": [a_repo("core"), a_repo("docs", protection=None), a_repo("edge")],
            "web": [a_repo("site")],
        },
        **but,
    }


def status(code: int, *, error: str = "", retry_after: int | None = None) -> httpx.Response:
    """A refusal or a failure in the platform's own form."""
    headers = {"Retry-After": str(retry_after)} if retry_after is not None else {}
    return httpx.Response(code, headers=headers, json={"error": error or f"status_{code}"})


def page(items: list[Any], *, following: str | None = None, **more: Any) -> httpx.Response:
    """One page of a list, with the token of the page that follows."""
    return httpx.Response(200, json={"items": items, "next": following, **more})


def html() -> httpx.Response:
    """What a proxy in between says, with the status of a success."""
    return httpx.Response(200, headers={"Content-Type": "text/html"}, text="<html>Sign in</html>")


def huge() -> httpx.Response:
    """An answer that announces a gigabyte."""
    return httpx.Response(200, headers={"Content-Length": str(1 << 30)}, stream=httpx.ByteStream(b"{"))


class Platform:
    """A double in this process: counts, pages, refuses, and plays what a test wants for an operation."""

    def __init__(self, *, page_size: int = 2, **orgs: dict[str, Any]) -> None:
        self.orgs = orgs or {"acme": an_org()}
        self.page_size = page_size
        self.journal: list[str] = []
        self.count = 0
        self.served: Counter[str] = Counter()
        self.busiest = 0
        self._busy = 0
        self._lock = threading.Lock()
        self._plays: dict[str, Play] = {}
        self.makes: dict[str, Make] = {}
        self.headers: Callable[[str], dict[str, str]] = lambda _operation: {}  # more of them, by operation

    def play(self, operation: str, how: Play) -> None:
        """Answer an operation in another way from now on."""
        self._plays[operation] = how

    def deny(self, operation: str, where: str = "") -> None:
        """Refuse an operation from now on, only for paths that contain `where`."""
        self.play(operation, lambda request: status(403, error="forbidden") if where in request.url.path else None)

    def calm(self) -> None:
        """Answer everything in the platform's own way again."""
        self._plays.clear()

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer one request; the handler of a MockTransport."""
        path = request.url.path
        operation, found = next((name, hit) for name, route in _ROUTES.items() if (hit := route.fullmatch(path)))
        with self._lock:
            self.count += 1
            self.served[operation] += 1
            self.journal.append(f"request {operation}")
            self._busy += 1
            self.busiest = max(self.busiest, self._busy)
        try:
            played = self._plays[operation](request) if operation in self._plays else None
            own = played if played is not None else self._own(operation, found.groupdict(), request)
            own.headers.update(self.headers(operation))
            return made_by(self.makes.get(operation), request, own)
        finally:
            with self._lock:
                self._busy -= 1

    def _own(self, operation: str, at: dict[str, str], request: httpx.Request) -> httpx.Response:
        org = self.orgs.get(at.get("org", ""), {})
        match operation:
            case "GET /whoami":
                return httpx.Response(200, json={"login": "auditor"})
            case _ if not org:
                return status(404, error="no_such_organization")
            case "GET /orgs/{org}/settings":
                return httpx.Response(200, json=org["settings"])
            case "GET /orgs/{org}/members":
                # A field that is another one at every look.
                moving = [
                    {**member, "last_active": f"2026-03-01T00:{self.count % 60:02}:00Z"} for member in org["members"]
                ]
                return self._page(moving, request)
            case "GET /orgs/{org}/tickets":
                return self._page(org["tickets"], request)
            case "GET /orgs/{org}/projects":
                return self._page([{"name": name} for name in org["projects"]], request)
            case _:
                return self._of_project(operation, at, org["projects"][at["project"]], request)

    def _of_project(
        self, operation: str, at: dict[str, str], repos: list[dict[str, Any]], request: httpx.Request
    ) -> httpx.Response:
        if operation == REPOS:
            shown = [{key: repo[key] for key in repo if key not in {"protection", "hooks"}} for repo in repos]
            return self._page(shown, request)
        repo = next(repo for repo in repos if repo["name"] == at["repo"])
        if operation == HOOKS:
            return httpx.Response(200, json=repo["hooks"])
        if repo["protection"] is None:
            return status(404, error="no_protection")
        return httpx.Response(200, json=repo["protection"])

    def _page(self, items: list[Any], request: httpx.Request) -> httpx.Response:
        start = int(request.url.params.get("from", "0"))
        end = start + self.page_size
        if end >= len(items):
            return page(items[start:end], total=len(items))
        link = str(request.url.copy_set_param("from", str(end)))
        return page(items[start:end], following=str(end), total=len(items), next_link=link)


def on_page(token: str, how: Callable[[], httpx.Response]) -> Play:
    """Answer the page with this token in another way; "" is the first one."""
    return lambda request: how() if request.url.params.get("from", "") == token else None


def circle(request: httpx.Request) -> httpx.Response:
    """Pages A, B, A, B and so on, for ever."""
    token = request.url.params.get("from", "A")
    return page([], following="B" if token == "A" else "A")


def endless(request: httpx.Request, pages: int | None = None) -> httpx.Response:
    """Pages without anything on them, each with a token of its own: so many, or for ever."""
    following = int(request.url.params.get("from", "0")) + 1
    return page([], following=str(following) if following != pages else None)
