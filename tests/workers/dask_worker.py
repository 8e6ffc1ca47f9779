"""A Dask worker of the estate in a process of its own: `python -m tests.workers.dask_worker` and a line of JSON."""

from __future__ import annotations

import asyncio
import json
import sys
from base64 import b64decode
from functools import partial
from pathlib import Path

import msgspec

from collector.engine.workers.dask_channels import Tls, serve_dask
from tests.workers.estate import Settings
from tests.workers.running import build


async def main(given: dict[str, str]) -> None:
    """Serve until the process is ended."""
    tls = Tls(*(Path(given[name]) for name in ("ca", "certificate", "key")))
    settings = msgspec.json.decode(given["settings"], type=Settings)
    parts = partial(
        build, given["url"], given["folder"], settings, given["code"], given["config"], int(given["number"])
    )
    keys = b64decode(given["keys"])
    await serve_dask(given["scheduler"], tls, f"worker {given['number']}", lambda: parts(keys), asyncio.Event())


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.stdin.readline())))
