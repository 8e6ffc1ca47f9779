"""The verdict on the reviews of one change, the same for every platform that has pull or merge requests.

A platform's connector says which opinions stood when the change was merged, and what of them was not seen.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from collector.core.checks import Verdict, failed, passed, unknown


@dataclass
class Opinions:
    """The opinions on a change that stood when it was merged: names of accounts, and texts for a reader.

    `unseen` says what was not seen of the reviews, `doubts` why an approval may not be what it looks like. Of what is
    in `objecting` neither may take anything back.
    """

    approved: list[str] = field(default_factory=list)
    approved_earlier: list[str] = field(default_factory=list)  # an older state than the one that was merged
    objecting: list[str] = field(default_factory=list)
    excluded: list[str] = field(default_factory=list)  # approvals that do not count, each with the reason
    unseen: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)


def review_verdict(said: Opinions, change_text: str, stale_approvals: str) -> Verdict:
    """Return whether a change was approved by somebody else; `stale_approvals` is unknown, fail or count.

    An objection that stood fails the change, whatever else was not seen.
    """
    if said.objecting:
        return failed(f"{change_text} was merged while {', '.join(said.objecting)} asked for changes")
    if said.unseen:
        return unknown(f"{change_text}: {'; '.join(said.unseen)}")
    counted = said.approved + (said.approved_earlier if stale_approvals == "count" else [])
    earlier = f"{', '.join(said.approved_earlier)} approved an older commit than the one that was merged"
    if said.doubts and (counted or stale_approvals == "unknown"):
        approvers = ", ".join(said.approved + said.approved_earlier)
        return unknown(f"{change_text} was approved by {approvers}; {'; '.join(said.doubts)}")
    if counted:
        return passed(f"{change_text} was approved by {', '.join(sorted(counted))}")
    if said.approved_earlier and stale_approvals == "unknown":
        return unknown(f"{change_text}: {earlier}; stale_approvals, by default unknown, says whether that is enough")
    reasons = [*said.excluded, *([earlier] if said.approved_earlier else [])]
    why = f": {'; '.join(reasons)}" if reasons else ""
    return failed(f"{change_text} was merged without the approval of anybody else{why}")
