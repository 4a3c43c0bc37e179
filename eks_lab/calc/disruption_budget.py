"""PodDisruptionBudgets and rolling updates: how many pods may be missing, and which evictions are refused.

Calculators and simulator share it. Sources: `BUDGETS` and `DEPLOYMENTS` below, which the controllers
`pkg/controller/disruption`, `pkg/registry/core/pod/rest/eviction.go` and `deployment/util` carry out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from eks_lab.calc.int_or_percent import IntOrPercent
from eks_lab.calc.model import Reference
from eks_lab.errors import InputError

UnhealthyPolicy = Literal["IfHealthyBudget", "AlwaysAllow"]
UNHEALTHY_POLICIES: tuple[UnhealthyPolicy, ...] = get_args(UnhealthyPolicy)

BUDGETS = Reference(
    title="Kubernetes: Specifying a disruption budget (rounding, unhealthy pods)",
    date="2026-11-22",
    url="https://kubernetes.io/docs/tasks/run-application/configure-pdb/",
)
DEPLOYMENTS = Reference(
    title="Kubernetes: Deployments, rolling update (maxSurge rounds up, maxUnavailable down)",
    date="2026-11-22",
    url="https://kubernetes.io/docs/concepts/workloads/controllers/deployment/",
)


@dataclass(frozen=True, slots=True)
class Budget:
    """A PodDisruptionBudget; with neither number set it forbids nothing."""

    min_available: IntOrPercent | None = None
    """`minAvailable`; a percentage rounds up."""
    max_unavailable: IntOrPercent | None = None
    """`maxUnavailable`; a percentage rounds up."""
    unhealthy_policy: UnhealthyPolicy = "IfHealthyBudget"
    """`unhealthyPodEvictionPolicy`."""

    @property
    def exists(self) -> bool:
        """Whether there is a budget at all."""
        return self.min_available is not None or self.max_unavailable is not None

    def desired_healthy(self, replicas: int) -> int:
        """Return the pods that have to stay healthy; 0 without a budget.

        Args:
            replicas: pods that the workload should have.
        """
        if self.min_available is not None:
            return self.min_available.of(replicas, round_up=True)
        if self.max_unavailable is not None:
            return max(0, replicas - self.max_unavailable.of(replicas, round_up=True))
        return 0

    def allowed_disruptions(self, replicas: int, healthy: int) -> int | None:
        """Return how many healthy pods may be evicted now; None without a budget: all of them.

        Args:
            replicas: pods that the workload should have.
            healthy: pods that are Ready.
        """
        if not self.exists:
            return None
        return max(0, healthy - self.desired_healthy(replicas))

    def evicts_unhealthy(self, replicas: int, healthy: int) -> bool:
        """Whether a running pod that is not Ready may be evicted.

        Args:
            replicas: pods that the workload should have.
            healthy: pods that are Ready.
        """
        if not self.exists or self.unhealthy_policy == "AlwaysAllow":
            return True
        desired = self.desired_healthy(replicas)
        return healthy > desired or healthy == desired > 0


NO_BUDGET = Budget()


@dataclass(frozen=True, slots=True)
class RollingUpdate:
    """What a Deployment's rolling update may do to its pods."""

    surge: int
    """Pods on top at most."""
    unavailable: int
    """Pods that may be missing."""


def rolling_update(replicas: int, max_surge: IntOrPercent, max_unavailable: IntOrPercent) -> RollingUpdate:
    """Return the limits of a rolling update in pods.

    Args:
        replicas: pods of the Deployment.
        max_surge: `maxSurge`; a percentage rounds up.
        max_unavailable: `maxUnavailable`; a percentage rounds down.

    Returns:
        25% and 25% of 3 are one pod on top and none missing. When both round to 0, one may be missing.

    Raises:
        InputError: both are 0, so no pod could ever be replaced.
    """
    if max_surge.number == 0 and max_unavailable.number == 0:
        raise InputError(
            "rollout_max_unavailable: 0 is not allowed when max_surge is 0, no pod could be replaced",
            hint="Give one of them at least 1.",
        )
    surge = max_surge.of(replicas, round_up=True)
    unavailable = min(replicas, max_unavailable.of(replicas, round_up=False))
    if surge == 0 and unavailable == 0:
        unavailable = 1
    return RollingUpdate(surge=surge, unavailable=unavailable)
