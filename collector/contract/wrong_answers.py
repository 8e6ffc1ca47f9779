"""Wrong answers, each made out of a double's own, whatever the platform: JSON or XML, in pages or not."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from collector.contract.raw_answers import RawAnswer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from collector.contract.raw_answers import Make, RawRequest

ELSEWHERE = "elsewhere.invalid"
"""A host of nobody's (RFC 2606)."""

_WEB_PAGE = b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body><form></form></body></html>"
_HTML = "text/html; charset=utf-8"
_JSON = "application/json"
_ROOT = re.compile(rb"^\s*(?:<\?xml[^>]*\?>\s*)?<([\w:.-]+)([^>]*?)/?>")
_COUNT = re.compile(r"(?i)total|count")
_COUNT_HEADER = re.compile(r"^x-total(?:-count)?$")
_NEXT_LINK = re.compile(r'<([^>]*)>(\s*;[^,]*rel="?next"?)')


def web_page(_request: RawRequest, own: RawAnswer) -> RawAnswer:
    """A page for people, with the status of a success: a proxy, or a sign-in."""
    return own.but(status=200, body=_WEB_PAGE, content_type=_HTML)


def called_html(_request: RawRequest, own: RawAnswer) -> RawAnswer:
    """The right body under the content type of a web page; an answer without a body has none to be called so."""
    return own.but(status=200, content_type=_HTML) if own.body else own


def empty(_request: RawRequest, own: RawAnswer) -> RawAnswer:
    """A body of the right form without anything in it: `{}`, or the root element alone."""
    root = _ROOT.match(own.body)
    if root is not None:
        return own.but(status=200, body=b"<%b%b></%b>" % (root[1], root[2], root[1]))
    return own.but(status=200, body=b"{}", content_type=own.headers.get("content-type", _JSON))


def without_lists(_request: RawRequest, own: RawAnswer) -> RawAnswer:
    """The right answer without the lists in it; as it is where it is not a JSON object."""
    found = _json_of(own)
    return own.but(body=json.dumps(_listless(found)).encode()) if isinstance(found, dict) else own


def null(_request: RawRequest, own: RawAnswer) -> RawAnswer:
    """`null` in place of an answer."""
    return own.but(status=200, body=b"null")


def cut(_request: RawRequest, own: RawAnswer) -> RawAnswer:
    """The first half of the body, as a whole answer."""
    return own.but(status=200, body=own.body[: len(own.body) // 2]) if len(own.body) > 1 else own


def no_content(_request: RawRequest, own: RawAnswer) -> RawAnswer:
    """Status 204, which is without a body."""
    return own.but(status=204, body=b"")


def no_body(_request: RawRequest, own: RawAnswer) -> RawAnswer:
    """Status 200 without a body."""
    return own.but(status=200, body=b"")


NONSENSE: dict[str, Make] = {
    "web page": web_page,
    "content type": called_html,
    "empty": empty,
    "without lists": without_lists,
    "null": null,
    "cut": cut,
    "no content": no_content,
    "no body": no_body,
}
"""Successes that are none, by the word for each."""


def with_status(status: int, **headers: str) -> Make:
    """Return what answers with a status and little else, in the form of the platform's own answers."""

    def answer(_request: RawRequest, own: RawAnswer) -> RawAnswer:
        body = b"" if _ROOT.match(own.body) else b"{}"
        return own.but(status=status, body=body, **headers)

    return answer


def gone_page(_request: RawRequest, own: RawAnswer) -> RawAnswer:
    """A page for people that says there is nothing here."""
    return own.but(status=404, body=_WEB_PAGE, content_type=_HTML)


def redirected(status: int) -> Make:
    """Return what sends the client to the same path of another host."""

    def answer(request: RawRequest, own: RawAnswer) -> RawAnswer:
        return own.but(status=status, body=b"", location=_moved(request.url))

    return answer


def linked_elsewhere(_request: RawRequest, own: RawAnswer) -> RawAnswer:
    """The right answer with its link to the next page on another host; as it is where it has no such link."""
    link = _NEXT_LINK.sub(lambda hit: f"<{_moved(hit[1])}>{hit[2]}", own.headers.get("link", ""))
    if link != own.headers.get("link", ""):
        return own.but(link=link)

    def moved(name: str, value: Any) -> Any:
        is_link = "next" in name.lower() and isinstance(value, str) and value.startswith(("http://", "https://"))
        return _moved(value) if is_link else value

    return _changed(own, moved)


def counted(wrong: Callable[[int], Any]) -> Make:
    """Return what puts another value for each count that an answer states beside its list."""

    def answer(_request: RawRequest, own: RawAnswer) -> RawAnswer:
        headers = {
            name: str(wrong(int(value)))
            for name, value in own.headers.items()
            if _COUNT_HEADER.match(name) and value.isdecimal()
        }
        if headers:
            return replace(own, headers={**own.headers, **headers})

        def other(name: str, value: Any) -> Any:
            return wrong(value) if type(value) is int and _COUNT.search(name) else value

        return _changed(own, other)

    return answer


ODD_COUNTS: dict[str, Make] = {
    "a half": counted(lambda count: count + 0.5),
    "true": counted(lambda _count: True),
    "null": counted(lambda _count: None),
    "text": counted(lambda _count: "many"),
    "below zero": counted(lambda _count: -1),
    "one too many": counted(lambda count: count + 1),
}
"""Counts that are wrong, by the word for each."""


def _moved(url: str) -> str:
    return urlsplit(url)._replace(scheme="https", netloc=ELSEWHERE).geturl()


def _changed(own: RawAnswer, change: Callable[[str, Any], Any]) -> RawAnswer:
    """Return an answer with each value beside its lists changed by `change(name, value)`; itself where none is."""
    found = _json_of(own)

    def of(value: Any) -> Any:
        return {name: of(change(name, inner)) for name, inner in value.items()} if isinstance(value, dict) else value

    if not isinstance(found, dict) or not any(isinstance(value, list) for value in _values(found)):
        return own
    made = of(found)
    return own if json.dumps(made) == json.dumps(found) else own.but(body=json.dumps(made).encode())


def _values(value: Any) -> Iterator[Any]:
    """Yield every value in an object, those inside of lists left out."""
    for inner in value.values() if isinstance(value, dict) else ():
        yield inner
        yield from _values(inner)


def _listless(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {name: _listless(inner) for name, inner in value.items() if not isinstance(inner, list)}


def _json_of(own: RawAnswer) -> Any:
    try:
        return json.loads(own.body)
    except ValueError:
        return None
