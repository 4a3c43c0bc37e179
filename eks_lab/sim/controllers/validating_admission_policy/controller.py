"""The status of ValidatingAdmissionPolicies (pkg/controller/validatingadmissionpolicystatus)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from eks_lab.sim.api import Api
from eks_lab.sim.objects import Key, is_deleting
from eks_lab.sim.runtime import DONE, Result, Watch

POLICIES = "validatingadmissionpolicies.admissionregistration.k8s.io"
MANAGER = "kube-controller-manager"


class ValidatingAdmissionPolicyStatus:
    """Writes which generation of a policy is in force."""

    name: ClassVar[str] = "validating-admission-policy-status"

    def __init__(self, api: Api) -> None:
        """Wire it up."""
        self._api = api
        self.watches: Sequence[Watch] = (Watch(POLICIES),)

    def reconcile(self, key: Key) -> Result:
        """Write the status when it is behind."""
        policy = self._api.get(POLICIES, key)
        if policy is None or is_deleting(policy):
            return DONE
        generation = policy["metadata"].get("generation")
        status = policy.get("status") or {}
        if status.get("observedGeneration") != generation:
            status = {**status, "observedGeneration": generation, "typeChecking": {}}
            self._api.update_status(POLICIES, {**policy, "status": status}, manager=MANAGER)
        return DONE
