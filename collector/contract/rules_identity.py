"""Rules on who asks: the identity is the platform's word or is not known, and its credential is never kept."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from collector.contract.blocking_calls import sleeping
from collector.contract.kept_runs import undisturbed
from collector.contract.rounds import NotPossible, lists_answered, parts_answered
from collector.contract.rules import rule
from collector.contract.suite_run import SuiteRun

if TYPE_CHECKING:
    from collector.contract.harness import Harness
    from collector.contract.raw_answers import RawAnswer, RawRequest

_CREDENTIALS = ("authorization", "cookie", "key", "secret", "token")
_SIGNED = "AWS4-HMAC"
"""How a header begins that holds a signature of this one request, and no credential."""

_SHORTEST = 8


@rule
def knows_who_asks_or_says_that_it_does_not(harness: Harness) -> None:
    """The identity is a text that the platform gives; where it gives none, nobody is named."""
    connector = harness.connector
    if connector.identity is None or not connector.identity_call:
        raise NotPossible(f"{connector.name} asks for no identity")
    for seen in undisturbed(harness).trial.seen:
        assert seen.provenance.identity, f"{seen.task}: who asks is {seen.provenance.identity!r}"
    with harness.fixture() as double, sleeping():
        trial = SuiteRun(harness, double)
        double.fail(connector.identity_call)
        trial.run()
    for seen in trial.seen:
        said = seen.provenance.identity
        assert said is None, f"{connector.identity_call} failed, and {seen.task} is asked by {said!r}"
        assert seen.provenance.identity_unknown, f"{connector.identity_call} failed, and {seen.task} does not say so"


@rule
def repeats_no_credential(harness: Harness) -> None:
    """What a request authenticates itself with is kept nowhere, also where an error of the platform repeats it."""
    sent: set[str] = set()
    lock = threading.Lock()

    def echo(request: RawRequest, own: RawAnswer) -> RawAnswer:
        secrets = _secrets(request)
        with lock:
            sent.update(secrets)
        said = f"not understood: {' '.join(sorted(secrets))}"
        if own.body.lstrip().startswith(b"<"):
            body = f"<Error><Code>Odd</Code><Message>{escape(said)}</Message></Error>"
        else:
            body = json.dumps({"error": "odd", "message": said})
        return own.but(status=400, body=body.encode())

    kept = [repr(listed.seen) for listed in lists_answered(harness, "refusal", echo)]
    kept += [repr((filled.trial.seen, filled.resources)) for filled in parts_answered(harness, "refusal", echo)]
    told = [number for number, secret in enumerate(sorted(sent)) if any(secret in text for text in kept)]
    assert not told, f"{len(told)} of {len(sent)} credentials are kept after an error that repeats them"


def _secrets(request: RawRequest) -> set[str]:
    """Return what a request authenticates itself with: the values of such headers, without the name of a scheme."""
    headers = [value for name, value in request.headers.items() if name.endswith(_CREDENTIALS)]
    values = {value.rsplit(" ", 1)[-1] for value in headers if not value.startswith(_SIGNED)}
    return {value for value in values if len(value) >= _SHORTEST}
