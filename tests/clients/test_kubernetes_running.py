"""The official Python client and what runs: pods, logs, exec, port-forward, rollouts, tokens, eviction, leases."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.clients.manifests import config_map, deployment, pod
from tests.clients.packages import (
    ApiException,
    client,
    config,
    election_record,
    lease_lock,
    stream,
    watch,
)


def wait_for(listing: Callable[..., Any], namespace: str, is_there: Callable[[Any], Any]) -> Any:
    """Return the first object of a watch that is as wanted."""
    watching = watch.Watch()
    for event in watching.stream(listing, namespace, timeout_seconds=60):
        if is_there(event["object"]):
            watching.stop()
            return event["object"]
    raise AssertionError("it did not happen in time")


def _is_ready(each: Any) -> bool:
    return any(c.type == "Ready" and c.status == "True" for c in each.status.conditions or ())


@pytest.fixture
def web(core: Any, namespace: str) -> str:
    """Return the name of a pod of nginx that is ready."""
    core.create_namespaced_pod(namespace, pod("web", ports=[{"containerPort": 80}]))
    wait_for(core.list_namespaced_pod, namespace, _is_ready)
    return "web"


def test_exec_answers_with_output_and_exit_code(core: Any, namespace: str, web: str) -> None:
    def run(*command: str, **options: Any) -> Any:
        call = core.connect_get_namespaced_pod_exec
        return stream.stream(call, web, namespace, command=list(command), stdout=True, stderr=True, **options)

    assert run("echo", "hello") == "hello\n"
    open_stream = run("sh", "-c", "echo out; echo err >&2; exit 3", _preload_content=False)
    open_stream.run_forever(timeout=10)
    assert (open_stream.read_stdout(), open_stream.read_stderr()) == ("out\n", "err\n")
    assert open_stream.returncode == 3
    open_stream.close()
    with pytest.raises(ApiException) as caught:
        stream.stream(core.connect_get_namespaced_pod_exec, "none", namespace, command=["ls"], stdout=True)
    assert caught.value.status in (0, 404)


def test_logs_come_whole_in_parts_and_as_they_are_written(core: Any, namespace: str, web: str) -> None:
    lines = core.read_namespaced_pod_log(web, namespace).splitlines()
    assert len(lines) > 2
    assert core.read_namespaced_pod_log(web, namespace, tail_lines=1).splitlines() == lines[-1:]
    stamped = core.read_namespaced_pod_log(web, namespace, timestamps=True).splitlines()[0]
    moment, _, text = stamped.partition(" ")
    assert datetime.fromisoformat(moment[:19] + "+00:00").tzinfo is not None
    assert text == lines[0]
    followed = []
    watching = watch.Watch()
    for line in watching.stream(core.read_namespaced_pod_log, web, namespace):
        followed.append(line)
        if len(followed) == 3:
            watching.stop()
    assert followed == lines[:3]
    with pytest.raises(ApiException) as caught:
        core.read_namespaced_pod_log(web, namespace, container="other")
    assert caught.value.status == 400


def test_port_forward_reaches_the_web_server(core: Any, namespace: str, web: str) -> None:
    forward = stream.portforward(core.connect_get_namespaced_pod_portforward, web, namespace, ports="80")
    socket = forward.socket(80)
    socket.setblocking(True)
    socket.settimeout(10)
    socket.sendall(b"GET / HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n")
    answer = b""
    while part := socket.recv(4096):
        answer += part
    socket.close()
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert b"nginx" in answer.lower()
    assert forward.error(80) is None


def test_a_rollout_scales_and_ends(apps: Any, core: Any, namespace: str) -> None:
    apps.create_namespaced_deployment(namespace, deployment("web", replicas=2))
    wait_for(apps.list_namespaced_deployment, namespace, lambda each: each.status.ready_replicas == 2)
    apps.patch_namespaced_deployment_scale("web", namespace, {"spec": {"replicas": 3}})
    scale = apps.read_namespaced_deployment_scale("web", namespace)
    assert (scale.spec.replicas, scale.status.selector) == (3, "app=web")
    wait_for(apps.list_namespaced_deployment, namespace, lambda each: each.status.ready_replicas == 3)
    patch = {"spec": {"template": {"spec": {"containers": [{"name": "main", "image": "nginx:1.28"}]}}}}
    apps.patch_namespaced_deployment("web", namespace, patch)
    wait_for(
        apps.list_namespaced_deployment,
        namespace,
        lambda each: (
            # Until its controller has seen the new image, the numbers are those of the old one.
            each.status.observed_generation == each.metadata.generation
            and each.status.updated_replicas == each.status.available_replicas == each.status.replicas == 3
        ),
    )
    sets = apps.list_namespaced_replica_set(namespace).items
    revisions = {
        each.metadata.annotations["deployment.kubernetes.io/revision"]: each.spec.replicas for each in sets
    }
    assert revisions == {"1": 0, "2": 3}
    reasons = {each.reason for each in core.list_namespaced_event(namespace).items}
    assert {"ScalingReplicaSet", "SuccessfulCreate", "Scheduled", "Started", "Killing"} <= reasons


def test_a_job_runs_to_its_end(api_client: Any, namespace: str) -> None:
    batch = client.BatchV1Api(api_client)
    command = {"name": "main", "image": "busybox", "command": ["sh", "-c", "echo done"]}
    template = {"spec": {"restartPolicy": "Never", "containers": [command]}}
    batch.create_namespaced_job(
        namespace,
        {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {"name": "once"},
            "spec": {"template": template},
        },
    )
    done = wait_for(batch.list_namespaced_job, namespace, lambda each: each.status.succeeded == 1)
    assert "Complete" in {each.type for each in done.status.conditions}


def test_a_token_says_who_and_rbac_says_what(
    api_client: Any, core: Any, namespace: str, kubeconfig: Path
) -> None:
    core.create_namespaced_service_account(namespace, {"metadata": {"name": "robot"}})
    request = {"spec": {"audiences": ["https://kubernetes.default.svc"], "expirationSeconds": 3600}}
    token = core.create_namespaced_service_account_token("robot", namespace, request).status.token
    review = client.AuthenticationV1Api(api_client).create_token_review({"spec": {"token": token}})
    name = f"system:serviceaccount:{namespace}:robot"
    assert review.status.authenticated
    assert review.status.user.username == name
    refused = client.AuthenticationV1Api(api_client).create_token_review(
        {"spec": {"token": token[:-9] + "AAAAAAAAA"}}
    )
    assert not refused.status.authenticated
    settings = client.Configuration()
    config.load_kube_config(config_file=str(kubeconfig), client_configuration=settings)
    settings.cert_file = settings.key_file = None
    settings.api_key = {"BearerToken": f"Bearer {token}"}
    with client.ApiClient(settings) as as_robot:
        robot = client.CoreV1Api(as_robot)
        with pytest.raises(ApiException) as caught:
            robot.list_namespaced_config_map(namespace)
        assert caught.value.status == 403
        message = json.loads(caught.value.body)["message"]
        assert f'User "{name}" cannot list resource "configmaps"' in message
        rbac = client.RbacAuthorizationV1Api(api_client)
        rule = {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["list"]}
        rbac.create_namespaced_role(namespace, {"metadata": {"name": "reader"}, "rules": [rule]})
        reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"}
        subject = {"kind": "ServiceAccount", "name": "robot", "namespace": namespace}
        binding = {"metadata": {"name": "reader"}, "roleRef": reference, "subjects": [subject]}
        rbac.create_namespaced_role_binding(namespace, binding)
        assert [each.metadata.name for each in robot.list_namespaced_config_map(namespace).items]
        who = client.AuthenticationV1Api(as_robot).create_self_subject_review({})
        assert who.status.user_info.username == name
    access = {
        "user": name,
        "resourceAttributes": {"namespace": namespace, "verb": "delete", "resource": "configmaps"},
    }
    answer = client.AuthorizationV1Api(api_client).create_subject_access_review({"spec": access})
    assert not answer.status.allowed


def test_an_eviction_honours_a_budget(api_client: Any, core: Any, namespace: str, web: str) -> None:
    policy = client.PolicyV1Api(api_client)
    budget = {
        "metadata": {"name": "web"},
        "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "web"}}},
    }
    policy.create_namespaced_pod_disruption_budget(namespace, budget)
    wait_for(
        policy.list_namespaced_pod_disruption_budget,
        namespace,
        lambda each: each.status and each.status.current_healthy == 1,
    )
    eviction = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": web, "namespace": namespace},
    }
    with pytest.raises(ApiException) as caught:
        core.create_namespaced_pod_eviction(web, namespace, eviction)
    assert caught.value.status == 429
    assert "disruption budget" in json.loads(caught.value.body)["message"]
    policy.delete_namespaced_pod_disruption_budget("web", namespace)
    core.create_namespaced_pod_eviction(web, namespace, eviction)
    # Its grace period is nought seconds.
    with pytest.raises(ApiException) as caught:
        core.read_namespaced_pod(web, namespace)
    assert caught.value.status == 404


def test_a_lease_has_one_leader(api_client: Any, namespace: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "CoordinationV1Api", lambda calls=client.CoordinationV1Api: calls(api_client))

    def record(identity: str, second: int) -> Any:
        moment = f"2026-03-01 12:00:{second:02d}.500000+00:00"
        return election_record.LeaderElectionRecord(identity, "15", moment, moment)

    one = lease_lock.LeaseLock("leader", namespace, "one")
    other = lease_lock.LeaseLock("leader", namespace, "other")
    assert one.get("leader", namespace)[0] is False
    assert one.create("leader", namespace, record("one", 0)) is True
    assert other.create("leader", namespace, record("other", 1)) is False
    is_there, found = other.get("leader", namespace)
    assert (is_there, found.holder_identity) == (True, "one")
    one.get("leader", namespace)
    assert one.update("leader", namespace, record("one", 5)) is True
    # It read the lease before the leader renewed it: its write comes too late.
    assert other.update("leader", namespace, record("other", 6)) is False
    assert other.get("leader", namespace)[1].holder_identity == "one"


def test_a_quota_stops_what_is_too_much(core: Any, namespace: str) -> None:
    quota = {"metadata": {"name": "small"}, "spec": {"hard": {"count/configmaps": "2"}}}
    core.create_namespaced_resource_quota(namespace, quota)
    wait_for(core.list_namespaced_resource_quota, namespace, lambda each: each.status and each.status.used)
    core.create_namespaced_config_map(namespace, config_map("fits"))
    with pytest.raises(ApiException) as caught:
        core.create_namespaced_config_map(namespace, config_map("does-not"))
    assert caught.value.status == 403
    assert "exceeded quota: small" in json.loads(caught.value.body)["message"]
