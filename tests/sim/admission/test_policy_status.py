"""The status of admission policies."""

from __future__ import annotations

from eks_lab.sim.controllers.validating_admission_policy.controller import (
    POLICIES,
    ValidatingAdmissionPolicyStatus,
)
from eks_lab.sim.objects import Key
from eks_lab.sim.runtime import Runtime
from tests.sim.admission.full_api import admitting_api


def test_a_policy_says_which_generation_is_in_force() -> None:
    api = admitting_api()
    runtime = Runtime(api.clock, api.store, (ValidatingAdmissionPolicyStatus(api),))
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}
    spec = {"matchConstraints": {"resourceRules": [rule]}, "validations": [{"expression": "true"}]}
    made = api.create(POLICIES, {"metadata": {"name": "p"}, "spec": spec})
    runtime.settle()
    seen = api.read(POLICIES, Key("", "p"))
    assert seen["status"] == {"observedGeneration": 1, "typeChecking": {}}
    validations = [{"expression": "1 == 1"}]
    api.update(
        POLICIES, {**made, "metadata": seen["metadata"], "spec": {**made["spec"], "validations": validations}}
    )
    runtime.settle()
    assert api.read(POLICIES, Key("", "p"))["status"]["observedGeneration"] == 2
