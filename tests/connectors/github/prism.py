"""GitHub's whole description of its API, played by Prism: installed once into a cache folder, from npm."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

PACKAGES = ("@octokit/openapi@23.0.2", "@stoplight/prism-cli@5.16.0")
# Answers are described as plain JSON; PyGithub asks for GitHub's own names of it.
_NAMES = ("vnd.github+json", "vnd.github.v3+json")
_HOSTS = ("https://api.github.com", "https://HOSTNAME")


def installed() -> Path:
    """Return the folder with node's packages in it; skip the test where they cannot be had."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("Prism needs node and npm, which are not installed")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "annexd-tests" / "prism" / "-".join(package.rpartition("@")[2] for package in PACKAGES)
    done = folder / "installed"
    if not done.exists():
        folder.mkdir(parents=True, exist_ok=True)
        command = [npm, "install", "--no-audit", "--no-fund", "--silent", "--prefix", str(folder), *PACKAGES]
        made = subprocess.run(command, capture_output=True, text=True, check=False)
        if made.returncode != 0:
            pytest.skip(f"npm could not install {' and '.join(PACKAGES)}: {made.stderr.strip()[-300:]}")
        done.touch()
    return folder


def _description(folder: Path, base: str) -> dict[str, Any]:
    """Return every operation that reads, with addresses of the double and without what Prism cannot answer with."""
    text = (folder / "node_modules/@octokit/openapi/generated/ghec.json").read_text(encoding="utf-8")
    for host in _HOSTS:
        text = text.replace(host, base)
    description: dict[str, Any] = json.loads(text)
    _mend(description)
    reading = {path: item for path, item in description["paths"].items() if "get" in item}
    for item in reading.values():
        for answer in item["get"].get("responses", {}).values():
            content = answer.get("content", {})
            if "application/json" in content:
                content |= {f"application/{name}": content["application/json"] for name in _NAMES}
    description["paths"] = {
        path: {verb: operation for verb, operation in item.items() if verb in {"get", "parameters"}}
        for path, item in reading.items()
    }
    return description


def without_example(folder: Path, calls: Iterable[str]) -> set[str]:
    """Return the calls for whose answer GitHub publishes no example, so that Prism makes one of the description."""
    text = (folder / "node_modules/@octokit/openapi/generated/ghec.json").read_text(encoding="utf-8")
    paths: dict[str, Any] = {_blank(path): item for path, item in json.loads(text)["paths"].items()}
    missing = set()
    for call in calls:
        path = call.partition(" ")[2].replace("/repos/{org}/.github/", "/repos/{owner}/{repo}/")
        answer = paths[_blank(path)]["get"]["responses"]["200"]
        if not any("example" in content or "examples" in content for content in answer.get("content", {}).values()):
            missing.add(call)
    return missing


def _blank(path: str) -> str:
    """Return a path without the names of its placeholders."""
    return re.sub(r"{[^}]*}", "{}", path)


def _mend(node: Any) -> None:
    """Take out references to files that are not published, and examples of links to a page that never ends."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str) and not node["$ref"].startswith("#/"):
            del node["$ref"]
        if isinstance(node.get("headers"), dict):
            node["headers"].pop("Link", None)
        for value in node.values():
            _mend(value)
    elif isinstance(node, list):
        for value in node:
            _mend(value)


@contextmanager
def prism(work: Path) -> Iterator[str]:
    """Yield the address of a Prism that answers as described, and refuses requests that are not."""
    folder = installed()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    described = work / "github.json"
    described.write_text(json.dumps(_description(folder, f"http://127.0.0.1:{port}")), encoding="utf-8")
    command = [str(folder / "node_modules/.bin/prism"), "mock", "-h", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(
        [*command, str(described)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1
    )
    output_lines: list[str] = []
    reader: threading.Thread | None = None
    assert process.stdout is not None
    try:
        for line in process.stdout:
            output_lines.append(line)
            if "Prism is listening" in line:
                break
        else:
            pytest.fail(f"Prism ended: {''.join(output_lines[-5:])}")
        # Read on, or it stops when the pipe is full.
        reader = threading.Thread(target=output_lines.extend, args=(process.stdout,), daemon=True)
        reader.start()
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()
        if reader is not None:
            reader.join()
        process.stdout.close()
