"""Wrong answers of the contract suite, for doubles that are WSGI applications."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.contract.raw_answers import RawAnswer, RawRequest
from collector.demo.in_process import TIMEOUT, ask

if TYPE_CHECKING:
    from collections.abc import Iterable

    from collector.contract.raw_answers import Make
    from collector.demo.in_process import Application, Environ, StartResponse


def answered(
    make: Make | None, application: Application, environ: Environ, start_response: StartResponse
) -> Iterable[bytes]:
    """Answer with what `make` makes of an application's own answer; with that itself where `make` is None."""
    if make is None:
        return application(environ, start_response)
    own = ask(application, environ)
    url = f"{environ['wsgi.url_scheme']}://{environ['HTTP_HOST']}{environ['RAW_URI']}"
    sent = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    asked = RawRequest(environ["REQUEST_METHOD"], url, sent, environ.get(TIMEOUT))
    made = make(asked, RawAnswer(own.status, own.headers, own.body))
    start_response(f"{made.status} -", list(made.headers.items()))
    return [made.body]
