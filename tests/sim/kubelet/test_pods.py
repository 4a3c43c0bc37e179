"""What becomes of pods: the status a kubelet writes, scenario by scenario."""

from __future__ import annotations

import pytest

from eks_lab.sim.objects import Key, Obj, evolve
from tests.sim.kubelet.small_node import NODE, SmallNode


def test_a_pod_becomes_ready() -> None:
    node = SmallNode()
    node.pod()
    node.advance(0)
    assert node.status()["phase"] == "Pending"
    assert node.container()["state"] == {"waiting": {"reason": "ContainerCreating"}}
    unready = node.condition("Ready")
    assert unready["reason"] == "ContainersNotReady"
    assert unready["message"] == "containers with unready status: [web]"
    node.advance(5)
    status = node.status()
    assert status["phase"] == "Running"
    assert [each["type"] for each in status["conditions"]] == [
        "PodScheduled", "PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady",
    ]  # fmt: skip
    assert {each["status"] for each in status["conditions"]} == {"True"}
    assert status["hostIP"] == "10.0.1.10"
    assert status["podIPs"] == [{"ip": status["podIP"]}]
    container = node.container()
    assert container["image"] == "docker.io/library/nginx:1.27"
    assert container["imageID"].startswith("docker.io/library/nginx@sha256:")
    assert container["ready"]
    assert container["started"]
    reasons = [reason for _kind, reason, _message in node.events()]
    assert sorted(reasons) == ["Created", "Pulled", "Pulling", "Started"]
    assert node.said("Created") == ["Container created"]


def test_the_second_pod_finds_the_image() -> None:
    node = SmallNode()
    node.pod("one")
    node.advance(5)
    node.pod("two")
    node.advance(5)
    text = 'Container image "nginx:1.27" already present on machine and can be accessed by the pod'
    assert node.said("Pulled", "two") == [text]


def test_older_versions_name_the_container_in_events() -> None:
    node = SmallNode(version="1.34")
    node.pod()
    node.advance(5)
    assert node.said("Created") == ["Created container: web"]


def test_a_job_pod_completes() -> None:
    node = SmallNode()
    node.pod("job", "busybox:1.36", restartPolicy="Never", container={"command": ["sh", "-c", "echo done"]})
    node.advance(5)
    status = node.status("job")
    assert status["phase"] == "Succeeded"
    assert node.container("job")["state"]["terminated"]["reason"] == "Completed"
    assert node.condition("Ready", "job")["reason"] == "PodCompleted"
    assert node.condition("Initialized", "job")["status"] == "True"
    assert node.logs("job") == ["done"]


def test_exit_codes_come_from_the_script() -> None:
    node = SmallNode()
    node.pod("job", "busybox", restartPolicy="Never", container={"command": ["sh", "-c", "sleep 20; exit 3"]})
    node.advance(15)
    assert node.status("job")["phase"] == "Running"
    node.advance(10)
    assert node.status("job")["phase"] == "Failed"
    assert node.container("job")["state"]["terminated"]["exitCode"] == 3


def test_crashing_backs_off_and_doubles() -> None:
    node = SmallNode()
    node.pod("web", "example.com/crash:1")
    node.advance(4)
    waiting = node.container()["state"]["waiting"]
    uid = node.read()["metadata"]["uid"]
    assert waiting["reason"] == "CrashLoopBackOff"
    assert waiting["message"] == f"back-off 10s restarting failed container=web pod=web_default({uid})"
    assert node.container()["restartCount"] == 1
    assert node.container()["lastState"]["terminated"]["exitCode"] == 1
    assert node.status()["phase"] == "Running"
    node.advance(15)
    assert "back-off 20s" in node.container()["state"]["waiting"]["message"]
    node.advance(1200)
    assert "back-off 5m0s" in node.container()["state"]["waiting"]["message"]
    assert node.said("BackOff") == [f"Back-off restarting failed container web in pod web_default({uid})"]


def test_a_missing_image_is_tried_again() -> None:
    node = SmallNode()
    node.pod("web", "example.com/bad:1")
    node.advance(1.2)
    assert node.container()["state"]["waiting"]["reason"] == "ErrImagePull"
    node.advance(3)
    waiting = node.container()["state"]["waiting"]
    assert waiting["reason"] == "ImagePullBackOff"
    assert waiting["message"].startswith(
        'Back-off pulling image "example.com/bad:1": ErrImagePull: rpc error'
    )
    assert node.status()["phase"] == "Pending"
    assert "Error: ErrImagePull" in node.said("Failed")


@pytest.mark.parametrize(
    ("image", "reason", "text"),
    [
        ("nginx:no-such-tag", "ImagePullBackOff", "docker.io/library/nginx:no-such-tag: not found"),
        ("example.com/private/app:1", "ImagePullBackOff", "insufficient_scope: authorization failed"),
        ("registry.invalid/app:1", "ImagePullBackOff", "no such host"),
        ("Bad Name", "InvalidImageName", "invalid reference format"),
    ],
)
def test_images_that_cannot_be_had(image: str, reason: str, text: str) -> None:
    node = SmallNode()
    node.pod("web", image)
    node.advance(6)
    waiting = node.container()["state"]["waiting"]
    assert waiting["reason"] == reason
    assert text in waiting["message"]


def test_the_wrong_architecture_has_no_manifest() -> None:
    node = SmallNode(instance="m6g.large")
    node.pod("web", "example.com/amd64-only:1")
    node.advance(6)
    assert "no match for platform in manifest" in node.container()["state"]["waiting"]["message"]


def test_never_pulling_what_is_not_there() -> None:
    node = SmallNode()
    node.pod(container={"imagePullPolicy": "Never"})
    node.advance(2)
    assert node.container()["state"]["waiting"] == {
        "reason": "ErrImageNeverPull",
        "message": 'Container image "nginx:1.27" is not present with pull policy of Never',
    }


def test_a_missing_config_map_stops_the_container_until_it_comes() -> None:
    node = SmallNode()
    source = {"configMapKeyRef": {"name": "settings", "key": "mode"}}
    node.pod(container={"env": [{"name": "MODE", "valueFrom": source}]})
    node.advance(5)
    waiting = node.container()["state"]["waiting"]
    assert waiting == {"reason": "CreateContainerConfigError", "message": 'configmap "settings" not found'}
    node.api.create(
        "configmaps", {"metadata": {"name": "settings", "namespace": "default"}, "data": {"a": "b"}}
    )
    node.advance(15)
    assert (
        node.container()["state"]["waiting"]["message"]
        == "couldn't find key mode in ConfigMap default/settings"
    )
    found = node.api.read("configmaps", Key("default", "settings"))
    node.api.update("configmaps", evolve(found, ("data", "mode"), "demo"))
    node.advance(15)
    assert node.container()["ready"]
    assert node.containers.exec(node.read(), "web", ["printenv", "MODE"]) == ("demo\n", "", 0)


def test_non_root_is_refused_for_images_of_root() -> None:
    node = SmallNode()
    node.pod(container={"securityContext": {"runAsNonRoot": True}})
    node.advance(5)
    message = node.container()["state"]["waiting"]["message"]
    assert message.startswith("container has runAsNonRoot and image will run as root (pod: ")


def test_a_missing_secret_keeps_the_volume_from_mounting() -> None:
    node = SmallNode()
    node.pod(volumes=[{"name": "keys", "secret": {"secretName": "keys"}}])
    node.advance(2)
    assert node.container()["state"]["waiting"]["reason"] == "ContainerCreating"
    assert node.said("FailedMount") == [
        'MountVolume.SetUp failed for volume "keys" : secret "keys" not found'
    ]
    node.api.create("secrets", {"metadata": {"name": "keys", "namespace": "default"}})
    node.advance(10)
    assert node.status()["phase"] == "Running"


def test_init_containers_run_one_after_the_other() -> None:
    node = SmallNode()
    inits = [
        {"name": name, "image": "busybox", "command": ["sh", "-c", f"echo {name}; sleep 5"]}
        for name in ("first", "second")
    ]
    node.pod(initContainers=inits)
    node.advance(3)
    assert node.status()["phase"] == "Pending"
    condition = node.condition("Initialized")
    assert condition["message"] == "containers with incomplete status: [first second]"
    assert node.container()["state"] == {"waiting": {"reason": "PodInitializing"}}
    node.advance(5)
    assert node.condition("Initialized")["message"] == "containers with incomplete status: [second]"
    node.advance(10)
    assert node.status()["phase"] == "Running"
    states = [each["state"]["terminated"]["reason"] for each in node.status()["initContainerStatuses"]]
    assert states == ["Completed", "Completed"]
    assert node.logs(container="second") == ["second"]


def test_a_failing_init_container_backs_off() -> None:
    node = SmallNode()
    node.pod(initContainers=[{"name": "setup", "image": "busybox", "command": ["false"]}])
    node.advance(5)
    assert node.status()["phase"] == "Pending"
    assert node.status()["initContainerStatuses"][0]["state"]["waiting"]["reason"] == "CrashLoopBackOff"


def test_an_init_container_waits_for_a_service() -> None:
    node = SmallNode()
    script = "until nslookup db; do echo waiting; sleep 2; done"
    node.pod(initContainers=[{"name": "wait", "image": "busybox", "command": ["sh", "-c", script]}])
    node.advance(30)
    assert node.status()["phase"] == "Pending"
    node.api.create(
        "services", {"metadata": {"name": "db", "namespace": "default"}, "spec": {"ports": [{"port": 5432}]}}
    )
    node.advance(10)
    assert node.status()["phase"] == "Running"
    assert "waiting" in node.logs(container="wait")


def test_sidecars_start_first_and_stop_last() -> None:
    node = SmallNode()
    sidecar = {"name": "proxy", "image": "nginx:1.27", "restartPolicy": "Always"}
    node.pod(
        "job",
        "busybox",
        restartPolicy="Never",
        initContainers=[sidecar],
        container={"command": ["sleep", "20"]},
    )
    node.advance(10)
    assert node.status("job")["initContainerStatuses"][0]["started"]
    assert node.status("job")["phase"] == "Running"
    node.advance(25)
    assert node.status("job")["phase"] == "Succeeded"
    assert node.said("Killing", "job") == ["Stopping container proxy"]


@pytest.mark.parametrize(
    ("spec", "reason", "message"),
    [
        (
            {"container": {"resources": {"requests": {"cpu": "4"}}}},
            "OutOfcpu",
            "Node didn't have enough resource: cpu, requested: 4000, used: 0, capacity: 1930",
        ),
        (
            {"nodeSelector": {"disk": "ssd"}},
            "NodeAffinity",
            "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
        ),
    ],
)
def test_the_node_refuses_what_it_cannot_hold(spec: Obj, reason: str, message: str) -> None:
    node = SmallNode()
    node.pod(**spec)
    node.advance(2)
    status = node.status()
    assert (status["phase"], status["reason"]) == ("Failed", reason)
    assert status["message"] == f"Pod was rejected: {message}"
    assert node.said(reason) == [message]


def test_pods_beyond_the_limit_are_refused() -> None:
    node = SmallNode()
    for number in range(30):
        node.pod(f"p{number:02}", "registry.k8s.io/pause:3.10")
    node.advance(10)
    reasons = [node.status(f"p{number:02}").get("reason") for number in range(30)]
    assert reasons.count("OutOfpods") == 1


def test_memory_over_the_limit_is_killed() -> None:
    node = SmallNode()
    node.pod(
        image="polinux/stress",
        container={
            "command": ["stress"],
            "args": ["--vm", "1", "--vm-bytes", "250M", "--vm-hang", "1"],
            "resources": {"limits": {"memory": "100Mi"}},
        },
    )
    node.advance(8)
    last = node.container()["lastState"]["terminated"]
    assert (last["exitCode"], last["reason"]) == (137, "OOMKilled")
    assert node.container()["restartCount"] >= 1


def test_the_deadline_of_a_pod() -> None:
    node = SmallNode()
    node.pod(activeDeadlineSeconds=30, terminationGracePeriodSeconds=1)
    node.advance(29)
    assert node.status()["phase"] == "Running"
    node.advance(5)
    status = node.status()
    assert (status["phase"], status["reason"]) == ("Failed", "DeadlineExceeded")
    assert status["message"] == "Pod was active on the node longer than the specified deadline"


def test_deletion_with_grace() -> None:
    node = SmallNode()
    node.pod("polite")
    node.pod("deaf", "busybox", container={"command": ["sleep", "3600"]})
    node.advance(5)
    for name in ("polite", "deaf"):
        node.api.delete("pods", Key("default", name))
    node.advance(2)
    assert not node.exists("polite")
    assert node.exists("deaf")
    assert node.said("Killing", "deaf") == ["Stopping container web"]
    node.advance(27)
    assert node.exists("deaf")
    node.advance(3)
    assert not node.exists("deaf")


def test_a_shorter_grace_shortens_the_wait() -> None:
    node = SmallNode()
    node.pod("deaf", "busybox", container={"command": ["sleep", "3600"]})
    node.advance(5)
    node.api.delete("pods", Key("default", "deaf"))
    node.advance(1)
    node.api.delete("pods", Key("default", "deaf"), grace_seconds=2)
    node.advance(4)
    assert not node.exists("deaf")


def test_addresses_are_given_back_once() -> None:
    node = SmallNode()
    node.pod("one", "busybox", restartPolicy="Never", container={"command": ["true"]})
    node.advance(5)
    freed = node.status("one")["podIP"]
    node.pod("two")
    node.advance(5)
    node.api.delete("pods", Key("default", "one"))
    node.advance(5)
    addresses = node.kubelet.around.addresses
    fresh = {addresses.allocate(node.api.read("nodes", Key("", NODE)), {}) for _ in range(200)}
    assert node.status("two")["podIP"] not in fresh
    assert freed != "10.0.1.10"


def test_a_new_image_restarts_the_container() -> None:
    node = SmallNode()
    pod = node.pod()
    node.advance(5)
    pod = node.read()
    container = {**pod["spec"]["containers"][0], "image": "httpd:2.4"}
    node.api.update("pods", evolve(pod, ("spec", "containers"), [container]))
    node.advance(5)
    assert node.container()["image"] == "docker.io/library/httpd:2.4"
    assert node.container()["restartCount"] == 1
    assert "Container web definition changed, will be restarted" in node.said("Killing")


def test_pods_on_a_node_without_kubelet_stay_as_they_are() -> None:
    node = SmallNode()
    node.api.create("nodes", {"metadata": {"name": "handmade"}})
    node.pod(nodeName="handmade")
    node.advance(30)
    assert node.status() == {"phase": "Pending", "qosClass": "BestEffort"}
    node.api.delete("pods", Key("default", "web"))
    node.advance(120)
    assert node.exists()
    node.api.delete("pods", Key("default", "web"), grace_seconds=0)
    assert not node.exists()


def test_an_unknown_image_says_so() -> None:
    node = SmallNode()
    node.pod(image="example.org/shop/cart:7")
    node.advance(5)
    assert node.container()["ready"]
    text = "the sandbox does not know what example.org/shop/cart:7 does: it idles"
    assert node.said("Simulated") == [text]
    assert node.logs() == [f"[simulated] {text}"]


def test_a_command_that_the_image_does_not_have() -> None:
    node = SmallNode()
    node.pod("job", "busybox", restartPolicy="Never", container={"command": ["nope"]})
    node.advance(5)
    terminated = node.container("job")["state"]["terminated"]
    assert (terminated["reason"], terminated["exitCode"]) == ("StartError", 128)
    assert 'exec: "nope": executable file not found in $PATH' in terminated["message"]


def test_readiness_gates_wait_for_others() -> None:
    node = SmallNode()
    node.pod(readinessGates=[{"conditionType": "example.com/ok"}])
    node.advance(5)
    assert node.condition("ContainersReady")["status"] == "True"
    assert node.condition("Ready")["reason"] == "ReadinessGatesNotReady"
    status = node.status()
    conditions = [*status["conditions"], {"type": "example.com/ok", "status": "True"}]
    node.api.update_status("pods", evolve(node.read(), ("status", "conditions"), conditions))
    node.advance(1)
    assert node.condition("Ready")["status"] == "True"
