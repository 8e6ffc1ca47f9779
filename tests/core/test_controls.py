"""What a control says of itself, before any evidence."""

from __future__ import annotations

import msgspec
import pytest

from collector.core.controls import Ask, AskKind, Control, Link, Shows, Strength


def a_control() -> Control:
    """A control of a framework with two roles."""
    return Control(
        id="C.1",
        title="Shared duties",
        theme="Cloud",
        shows=Shows.PART,
        cannot="The contract.",
        asks=(
            Ask(id="C.1-a", kind=AskKind.POLICY, text="The split."),
            Ask(id="C.1-b", kind=AskKind.RECORD, text="What customers were told.", role="provider"),
        ),
        checks={
            "for_both": Link(strength=Strength.DIRECT, because="it holds for both"),
            "for_provider": Link(strength=Strength.DIRECT, because="it is the provider's", role="provider"),
            "weaker": Link(strength=Strength.SUPPORTING, because="it makes it plausible"),
        },
        roles=("customer", "provider"),
    )


def test_a_role_is_asked_and_checked_only_for_its_own_part() -> None:
    """A customer row that counts the provider's evidence would merge two audits into one."""
    control = a_control()

    assert control.linked(Strength.DIRECT, "customer") == ("for_both",)
    assert control.linked(Strength.DIRECT, "provider") == ("for_both", "for_provider")
    assert [ask.id for ask in control.asked("customer")] == ["C.1-a"]
    assert [ask.id for ask in control.asked("provider")] == ["C.1-a", "C.1-b"]


@pytest.mark.parametrize("every", ["12mo", "90d", "2w", "3y", None])
def test_spans_of_the_calendar_are_taken(every: str | None) -> None:
    """These are the spans auditors speak in; none at all means that the occasion decides."""
    ask = msgspec.convert({"id": "C.1-a", "kind": "record", "text": "It.", "every": every}, Ask)

    assert ask.every == every


@pytest.mark.parametrize("every", ["", "0mo", "12", "mo", "12 mo", "yearly", "12mo "])
def test_a_span_that_cannot_be_counted_is_refused(every: str) -> None:
    """A period nobody can compute would make its record valid for ever."""
    raw = {"id": "C.1-a", "kind": "record", "text": "It.", "every": every}

    with pytest.raises(msgspec.ValidationError, match="every"):
        msgspec.convert(raw, Ask)
