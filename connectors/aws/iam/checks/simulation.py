"""The check of annexd's own permissions, by the policy simulator."""

from __future__ import annotations

from collector.core.checks import Verdict, check, failed, passed, unknown
from connectors.aws.iam.resources.simulation import SAMPLED_ACTIONS, Simulation


@check(
    "aws_collector_read_only",
    title="The policies of annexd's own identity allow none of the sampled changes and reads of data",
    severity="high",
    fix="Give annexd only the policy that annexd prints for it, and no other",
)
def read_only(simulation: Simulation, *, sampled_actions: tuple[str, ...] = SAMPLED_ACTIONS) -> Verdict:
    evaluations = {evaluation.eval_action_name.lower(): evaluation for evaluation in simulation.evaluation_results}
    allowed: list[str] = []
    doubts: list[str] = []
    for action in sampled_actions:
        evaluation = evaluations.get(action.lower())
        if evaluation is None:
            doubts.append(f"{action} was not asked about")
        elif evaluation.eval_decision == "allowed":
            allowed.append(action)
        elif evaluation.eval_decision not in ("implicitDeny", "explicitDeny"):
            doubts.append(f"the simulator says {evaluation.eval_decision!r} of {action}")
        elif evaluation.eval_decision == "implicitDeny" and evaluation.missing_context_values:
            doubts.append(f"whether {action} is allowed depends on {', '.join(evaluation.missing_context_values)}")
    if allowed:
        return failed(f"annexd may {', '.join(allowed)} in {simulation.account_id}")
    if doubts:
        return unknown("; ".join(doubts))
    return passed(
        f"none of {', '.join(sampled_actions)} is allowed on every resource; single ones were not asked about"
    )
