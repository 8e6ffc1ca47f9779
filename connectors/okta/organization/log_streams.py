"""Where the system log goes: streams, and hooks that send single events."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from collector.core.plain_text import first_few
from collector.core.redaction import Redact
from collector.core.resources import Body, resource
from connectors.okta._sdk.client import Okta
from connectors.okta._sdk.connector import okta
from connectors.okta._sdk.operations import EVENT_HOOKS, INLINE_HOOKS, LOG_STREAMS, scopes_of

_ACTIVE = "ACTIVE"
_HOOK_SECRETS = (Redact("channel.config.authScheme.value"), Redact("channel.config.headers.value"))


@resource("okta.log.stream", key="id", redact=(Redact("settings.token"),))
class LogStream(Struct, frozen=True, kw_only=True):
    """A stream of all events to AWS EventBridge or Splunk Cloud."""

    id: str
    name: str
    type: str
    status: str


@resource("okta.log.event_hook", key="id", redact=_HOOK_SECRETS)
class EventHook(Struct, frozen=True, kw_only=True):
    """A hook that sends events of some types to an address."""

    id: str
    name: str
    status: str | None = None  # None: Okta documents it as optional


@resource("okta.log.inline_hook", key="id", redact=_HOOK_SECRETS)
class InlineHook(Struct, frozen=True, kw_only=True):
    """A hook that asks an address before Okta goes on, such as for the claims of a token."""

    id: str
    name: str
    status: str | None = None  # None: Okta documents it as optional


@okta.collects(LogStream, at="organization", call=LOG_STREAMS, permissions=scopes_of(LOG_STREAMS))
def log_streams(client: Okta) -> Iterator[Body]:
    yield from client.pages(LOG_STREAMS)


@okta.collects(EventHook, at="organization", call=EVENT_HOOKS, permissions=scopes_of(EVENT_HOOKS))
def event_hooks(client: Okta) -> Iterator[Body]:
    yield from client.pages(EVENT_HOOKS)


@okta.collects(InlineHook, at="organization", call=INLINE_HOOKS, permissions=scopes_of(INLINE_HOOKS))
def inline_hooks(client: Okta) -> Iterator[Body]:
    yield from client.pages(INLINE_HOOKS)


@check(
    "okta_log_streaming_enabled",
    title="System log is streamed or collected",
    severity="high",
    fix="Create a log stream in Reports > Log Streaming, or file a record of what pulls the log",
)
def log_streaming_enabled(streams: All[LogStream]) -> Verdict:
    found = list(streams)
    active = [f"{stream.name} ({stream.type})" for stream in found if stream.status == _ACTIVE]
    if active:
        return passed(f"the system log goes to {first_few(active)}")
    if found:
        return failed(f"no stream is active: {first_few(stream.name for stream in found)} was switched off")
    return unknown("there is no log stream; whether something else pulls the log by the API is not shown by Okta")
