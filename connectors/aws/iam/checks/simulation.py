"""Checks of what annexd's own identity could change or read."""

from __future__ import annotations

from collector.core.checks import Verdict, check, failed, passed, unknown
from connectors.aws.iam.resources.simulation import SAMPLED, Simulation


@check(
    "aws_collector_read_only",
    title="The policies of annexd's own identity allow none of the sampled changes and reads of data",
    severity="high",
    fix="Give annexd only the policy that annexd prints for it, and no other",
)
def read_only(own: Simulation, *, sampled_actions: tuple[str, ...] = SAMPLED) -> Verdict:
    seen = {one.eval_action_name.lower(): one for one in own.evaluation_results}
    allowed: list[str] = []
    doubts: list[str] = []
    for action in sampled_actions:
        one = seen.get(action.lower())
        if one is None:
            doubts.append(f"{action} was not asked about")
        elif one.eval_decision == "allowed":
            allowed.append(action)
        elif one.eval_decision not in ("implicitDeny", "explicitDeny"):
            doubts.append(f"the simulator says {one.eval_decision!r} of {action}")
        elif one.eval_decision == "implicitDeny" and one.missing_context_values:
            doubts.append(f"whether {action} is allowed depends on {', '.join(one.missing_context_values)}")
    if allowed:
        return failed(f"annexd may {', '.join(allowed)} in {own.account_id}")
    if doubts:
        return unknown("; ".join(doubts))
    return passed(
        f"none of {', '.join(sampled_actions)} is allowed on every resource; single ones were not asked about"
    )
