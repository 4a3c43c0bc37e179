"""One look at an autoscaler: the status that is being built."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from eks_lab.calc.horizontal_scaling.decision import Decision
from eks_lab.sim.controllers.horizontal_pod_autoscaler import words
from eks_lab.sim.objects import Obj, timestamp


class Look:
    """What is found out about one autoscaler at one moment."""

    def __init__(self, autoscaler: Obj, now: datetime) -> None:
        """Begin with the status there is."""
        self.autoscaler = autoscaler
        self.now = now
        self.status: Obj = autoscaler.get("status") or {}

    def set(self, kind: str, status: str, reason: str, message: str) -> None:
        """Set a condition; its transition time changes with its status only."""
        conditions = list(self.status.get("conditions") or ())
        old = next((each for each in conditions if each["type"] == kind), None)
        moment = timestamp(self.now)
        if old is not None and old["status"] == status:
            moment = old.get("lastTransitionTime") or moment
        new = {
            "lastTransitionTime": moment,
            "message": message,
            "reason": reason,
            "status": status,
            "type": kind,
        }
        if old is None:
            conditions.append(new)
        else:
            conditions[conditions.index(old)] = new
        self.status = {**self.status, "conditions": conditions}

    def set_restraint(self, decision: Decision) -> None:
        """Set AbleToScale and ScalingLimited after windows, policies and bounds were asked."""
        is_stabilised = decision.stabilised != decision.recommendation
        if not is_stabilised:
            self.set("AbleToScale", "True", "ReadyForNewScale", words.READY)
        elif (decision.recommendation or 0) >= decision.current:
            self.set("AbleToScale", "True", "ScaleUpStabilized", words.UP_STABILISED)
        else:
            self.set("AbleToScale", "True", "ScaleDownStabilized", words.DOWN_STABILISED)
        reason = decision.scaling_limited
        if reason:
            status = "False" if reason == "DesiredWithinRange" else "True"
            self.set("ScalingLimited", status, reason, words.LIMITED[reason])

    def keep_desired(self, current: int, metrics: Sequence[Obj]) -> None:
        """End without a decision."""
        self._counts(current, self.status.get("desiredReplicas", 0), metrics)

    def finish(self, current: int, desired: int, metrics: Sequence[Obj]) -> None:
        """End with a decision.

        Args:
            current: replicas before.
            desired: replicas that were asked for.
            metrics: entries of `currentMetrics`.
        """
        self._counts(current, desired, metrics)
        if desired != current and desired:
            self.status = {**self.status, "lastScaleTime": timestamp(self.now)}

    def _counts(self, current: int, desired: int, metrics: Sequence[Obj]) -> None:
        kept: Obj = {key: self.status[key] for key in ("conditions", "lastScaleTime") if key in self.status}
        self.status = {**kept, "currentMetrics": list(metrics) or None, "desiredReplicas": desired}
        if current:
            self.status["currentReplicas"] = current
