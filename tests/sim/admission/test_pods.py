"""What pods get and what is refused: accounts, limits, priorities, tolerations, runtime classes."""

from __future__ import annotations

from eks_lab.sim.objects import Key, Obj, User
from tests.sim.admission.full_api import admitting_api, asked, pod, refusal

LIMITS: Obj = {
    "metadata": {"name": "l", "namespace": "default"},
    "spec": {
        "limits": [
            {
                "type": "Container",
                "default": {"cpu": "1", "memory": "256Mi"},
                "defaultRequest": {"cpu": "1"},
                "max": {"cpu": "2"},
                "min": {"memory": "64Mi"},
                "maxLimitRequestRatio": {"cpu": "2"},
            }
        ]
    },
}


def test_a_pod_runs_as_an_account_and_finds_its_token() -> None:
    api = admitting_api()
    spec = api.create("pods", pod())["spec"]
    assert spec["serviceAccountName"] == spec["serviceAccount"] == "default"
    volume = spec["volumes"][0]
    assert volume["name"].startswith("kube-api-access-")
    assert len(volume["name"]) == len("kube-api-access-") + 5
    assert volume["projected"] == {
        "defaultMode": 420,
        "sources": [
            {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
            {"configMap": {"items": [{"key": "ca.crt", "path": "ca.crt"}], "name": "kube-root-ca.crt"}},
            {
                "downwardAPI": {
                    "items": [
                        {
                            "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"},
                            "path": "namespace",
                        }
                    ]
                }
            },
        ],
    }
    assert spec["containers"][0]["volumeMounts"] == [
        {
            "name": volume["name"],
            "readOnly": True,
            "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount",
        }
    ]


def test_the_token_can_be_declined_by_pod_or_account() -> None:
    api = admitting_api()
    quiet = {"metadata": {"name": "quiet", "namespace": "default"}, "automountServiceAccountToken": False}
    api.create("serviceaccounts", {**quiet, "imagePullSecrets": [{"name": "registry"}]})
    assert "volumes" not in api.create("pods", pod("a", automountServiceAccountToken=False))["spec"]
    spec = api.create("pods", pod("b", serviceAccountName="quiet"))["spec"]
    assert "volumes" not in spec
    assert spec["imagePullSecrets"] == [{"name": "registry"}]
    wanting = pod("c", serviceAccountName="quiet", automountServiceAccountToken=True)
    assert "volumes" in api.create("pods", wanting)["spec"]


def test_an_account_must_exist() -> None:
    assert refusal(admitting_api(), "pods", pod(serviceAccountName="ghost")) == (
        'pods "web" is forbidden: error looking up service account default/ghost: serviceaccount "ghost" not found'
    )


def test_a_limit_range_fills_in() -> None:
    api = admitting_api()
    api.create("limitranges", LIMITS)
    made = api.create("pods", pod())
    assert made["spec"]["containers"][0]["resources"] == {
        "limits": {"cpu": "1", "memory": "256Mi"},
        "requests": {"cpu": "1", "memory": "256Mi"},
    }
    assert made["metadata"]["annotations"]["kubernetes.io/limit-ranger"] == (
        "LimitRanger plugin set: cpu, memory request for container c; cpu, memory limit for container c"
    )


def test_a_limit_range_refuses() -> None:
    api = admitting_api()
    api.create("limitranges", LIMITS)
    big = {"resources": {"limits": {"cpu": "3", "memory": "32Mi"}, "requests": {"cpu": "1"}}}
    assert refusal(api, "pods", pod(container=big)) == (
        'pods "web" is forbidden: [minimum memory usage per Container is 64Mi, but request is 32Mi, '
        "maximum cpu usage per Container is 2, but limit is 3, "
        "cpu max limit to request ratio per Container is 2, but provided ratio is 3.000000]"
    )


def test_priorities() -> None:
    api = admitting_api()
    api.create("priorityclasses.scheduling.k8s.io", {"metadata": {"name": "gold"}, "value": 100})
    plain = api.create("pods", pod("plain"))["spec"]
    assert (plain["priority"], plain["preemptionPolicy"]) == (0, "PreemptLowerPriority")
    assert api.create("pods", pod("a", priorityClassName="gold"))["spec"]["priority"] == 100
    assert refusal(api, "pods", pod(priorityClassName="tin")) == (
        'pods "web" is forbidden: no PriorityClass with name tin was found'
    )
    assert "must not be provided in pod spec" in refusal(api, "pods", pod(priority=5))
    default = {"metadata": {"name": "usual"}, "value": 7, "globalDefault": True}
    api.create("priorityclasses.scheduling.k8s.io", default)
    assert api.create("pods", pod("b"))["spec"]["priorityClassName"] == "usual"
    second = {"metadata": {"name": "other"}, "value": 8, "globalDefault": True}
    assert "usual is already marked as default" in refusal(api, "priorityclasses.scheduling.k8s.io", second)


def test_tolerations_of_dead_nodes_and_devices() -> None:
    api = admitting_api()
    own = {
        "key": "node.kubernetes.io/not-ready",
        "operator": "Exists",
        "effect": "NoExecute",
        "tolerationSeconds": 9,
    }
    device = {"resources": {"limits": {"nvidia.com/gpu": "1"}}}
    found = api.create("pods", pod(container=device, tolerations=[own]))["spec"]["tolerations"]
    assert [(each["key"], each.get("tolerationSeconds")) for each in found] == [
        ("node.kubernetes.io/not-ready", 9),
        ("node.kubernetes.io/unreachable", 300),
        ("nvidia.com/gpu", None),
    ]


def test_a_runtime_class_brings_its_overhead() -> None:
    api = admitting_api()
    made = {"metadata": {"name": "kata"}, "handler": "kata", "overhead": {"podFixed": {"memory": "64Mi"}}}
    api.create("runtimeclasses.node.k8s.io", {**made, "scheduling": {"nodeSelector": {"kata": "yes"}}})
    spec = api.create("pods", pod(runtimeClassName="kata"))["spec"]
    assert spec["overhead"] == {"memory": "64Mi"}
    assert spec["nodeSelector"] == {"kata": "yes"}
    assert refusal(api, "pods", pod(runtimeClassName="ghost")) == (
        'pods "web" is forbidden: pod rejected: RuntimeClass "ghost" not found'
    )


def test_a_kubelet_keeps_to_its_own_node() -> None:
    api = admitting_api()
    for name in ("one", "two"):
        api.create("nodes", {"metadata": {"name": name}})
    taints = api.read("nodes", Key("", "one"))["spec"]["taints"]
    assert taints == [{"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}]
    kubelet = User("system:node:one", ("system:nodes",))
    assert "can only create mirror pods" in refusal(api, "pods", pod(), user=kubelet)
    other = {"metadata": {"name": "three"}}
    assert refusal(api, "nodes", other, user=kubelet) == (
        'nodes "three" is forbidden: node "one" is not allowed to modify node "three"'
    )


def test_a_request_counts_where_nothing_is_limited() -> None:
    api = admitting_api()
    assert api.create("pods", pod(container=asked(cpu="100m")))["status"]["qosClass"] == "Burstable"
