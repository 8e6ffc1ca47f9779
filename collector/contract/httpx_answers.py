"""For doubles that answer an httpx.MockTransport: the answers that the suite makes, as httpx has them."""

from __future__ import annotations

import httpx

from collector.contract.raw_answers import Make, RawAnswer, RawRequest

__all__ = ["Make", "made_by"]


def made_by(make: Make | None, request: httpx.Request, own: httpx.Response) -> httpx.Response:
    """Return what `make` makes of the double's own answer; that answer itself where `make` is None.

    Raises httpx.ReadTimeout where no answer is to come.
    """
    if make is None:
        return own
    headers = {name.lower(): value for name, value in own.headers.items()}
    sent = {name.lower(): value for name, value in request.headers.items()}
    asked = RawRequest(request.method, str(request.url), sent, request.extensions.get("timeout", {}).get("read"))
    try:
        made = make(asked, RawAnswer(own.status_code, headers, own.read()))
    except TimeoutError as error:
        raise httpx.ReadTimeout("no answer came", request=request) from error
    # As a stream, because httpx reads and inflates anything else at once.
    return httpx.Response(made.status, headers=dict(made.headers), stream=httpx.ByteStream(made.body), request=request)
