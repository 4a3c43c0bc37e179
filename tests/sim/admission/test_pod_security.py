"""Pod Security: each control's sentence, and what namespaces and workloads make of it."""

from __future__ import annotations

from typing import Any

import pytest

from eks_lab.sim.admission.pod_security import Level, problems_of
from eks_lab.sim.objects import ApiError, Key, Obj
from tests.sim.admission.full_api import admitting_api, pod, refusal

SAFE: Obj = {
    "allowPrivilegeEscalation": False,
    "runAsNonRoot": True,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}
LABEL = "pod-security.kubernetes.io/"


def verdict(level: str, container: Obj | None = None, **spec: Any) -> list[str]:
    """Return what is wrong with a pod that is otherwise safe."""
    context = {**SAFE, **((container or {}).get("securityContext") or {})}
    whole = pod(container={**(container or {}), "securityContext": context}, **spec)
    return problems_of(Level(level, "latest"), whole["metadata"], whole["spec"])


def security(**fields: Any) -> Obj:
    return {"securityContext": fields}


@pytest.mark.parametrize(
    ("container", "spec", "text"),
    [
        (
            security(privileged=True),
            {},
            'privileged (container "c" must not set securityContext.privileged=true)',
        ),
        ({}, {"hostNetwork": True, "hostPID": True}, "host namespaces (hostNetwork=true, hostPID=true)"),
        ({}, {"volumes": [{"name": "v", "hostPath": {"path": "/"}}]}, 'hostPath volumes (volume "v")'),
        ({"ports": [{"hostPort": 80}]}, {}, 'hostPort (container "c" uses hostPort 80)'),
        (
            security(capabilities={"add": ["SYS_ADMIN"]}),
            {},
            (
                'non-default capabilities (container "c" must not include "SYS_ADMIN" in '
                "securityContext.capabilities.add)"
            ),
        ),
        (
            security(procMount="Unmasked"),
            {},
            'procMount (container "c" must not set securityContext.procMount to "Unmasked")',
        ),
        (
            {},
            {"securityContext": {"seccompProfile": {"type": "Unconfined"}}},
            'seccompProfile (pod must not set securityContext.seccompProfile.type to "Unconfined")',
        ),
        (
            security(seLinuxOptions={"type": "spc_t", "user": "u"}),
            {},
            (
                'seLinuxOptions (container "c" set forbidden securityContext.seLinuxOptions: type "spc_t"; '
                "user may not be set)"
            ),
        ),
        (
            {},
            {"securityContext": {"sysctls": [{"name": "kernel.msgmax", "value": "1"}]}},
            "forbidden sysctls (kernel.msgmax)",
        ),
        (
            {},
            {"securityContext": {"windowsOptions": {"hostProcess": True}}},
            "hostProcess (pod must not set securityContext.windowsOptions.hostProcess=true)",
        ),
        (
            security(appArmorProfile={"type": "Unconfined"}),
            {},
            'forbidden AppArmor profile (container "c" must not set AppArmor profile type to "Unconfined")',
        ),
    ],
)
def test_baseline_refuses(container: Obj, spec: Obj, text: str) -> None:
    assert verdict("baseline", container, **spec) == [text]


@pytest.mark.parametrize(
    ("container", "spec", "text"),
    [
        (security(runAsUser=0), {}, 'runAsUser=0 (container "c" must not set runAsUser=0)'),
        (
            security(runAsNonRoot=False),
            {"securityContext": {"runAsNonRoot": False}},
            'runAsNonRoot != true (pod and container "c" must not set securityContext.runAsNonRoot=false)',
        ),
        (
            {},
            {"volumes": [{"name": "a", "nfs": {}}, {"name": "b", "hostPath": {}}]},
            'restricted volume types (volumes "a", "b" use restricted volume types "hostPath", "nfs")',
        ),
        (
            security(capabilities={"add": ["CHOWN"]}),
            {},
            (
                'unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"]; '
                'container "c" must not include "CHOWN" in securityContext.capabilities.add)'
            ),
        ),
    ],
)
def test_restricted_refuses(container: Obj, spec: Obj, text: str) -> None:
    assert verdict("restricted", container, **spec) == [text]


def test_a_safe_pod_passes_and_a_plain_one_lists_everything() -> None:
    assert verdict("restricted") == []
    plain = pod()
    assert [
        each.split(" (")[0] for each in problems_of(Level("restricted", "latest"), {}, plain["spec"])
    ] == [
        "allowPrivilegeEscalation != false",
        "unrestricted capabilities",
        "runAsNonRoot != true",
        "seccompProfile",
    ]
    assert problems_of(Level("baseline", "latest"), {}, plain["spec"]) == []
    assert problems_of(Level("privileged", "latest"), {}, plain["spec"]) == []


def test_a_namespace_enforces_on_pods_and_warns_of_workloads() -> None:
    api = admitting_api()
    api.create("pods", pod("early"))
    namespace = api.read("namespaces", Key("", "default"))
    labels = {
        **namespace["metadata"]["labels"],
        LABEL + "enforce": "restricted",
        LABEL + "warn": "restricted",
    }
    warnings: list[str] = []
    labelled = {**namespace, "metadata": {**namespace["metadata"], "labels": labels}}
    api.update("namespaces", labelled, warnings=warnings)
    assert warnings == [
        'existing pods in namespace "default" violate the new PodSecurity enforce level "restricted:latest"',
        "early: allowPrivilegeEscalation != false, unrestricted capabilities, runAsNonRoot != true, seccompProfile",
    ]
    assert refusal(api, "pods", pod()).startswith(
        'pods "web" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false'
    )
    warnings.clear()
    template = {"metadata": {"labels": {"a": "b"}}, "spec": pod()["spec"]}
    spec = {"selector": {"matchLabels": {"a": "b"}}, "template": template}
    api.create(
        "deployments.apps",
        {"metadata": {"name": "web", "namespace": "default"}, "spec": spec},
        warnings=warnings,
    )
    assert [each.partition(":")[0] for each in warnings] == ['would violate PodSecurity "restricted']


def test_labels_that_say_nothing_are_refused() -> None:
    api = admitting_api()
    labels = {LABEL + "enforce": "strict", LABEL + "enforce-version": "v2"}
    with pytest.raises(ApiError) as caught:
        api.create("namespaces", {"metadata": {"name": "other", "labels": labels}})
    assert caught.value.code == 422
    assert 'Invalid value: "strict": must be one of privileged, baseline, restricted' in caught.value.message
