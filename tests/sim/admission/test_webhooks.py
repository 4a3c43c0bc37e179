"""Webhooks: whom they are for, what happens when nobody answers, and what an answer does."""

from __future__ import annotations

from typing import Any

import pytest

from eks_lab.clock import SimClock
from eks_lab.ids import Ids
from eks_lab.sim.admission import default_plugins
from eks_lab.sim.admission.webhook_backends import Backends, Door
from eks_lab.sim.api import Api
from eks_lab.sim.objects import ApiError, Key, Obj
from eks_lab.sim.resources import builtin_resources
from eks_lab.sim.resources.expressions import available
from eks_lab.sim.store import Store
from tests.sim.admission.full_api import JANE, pod, refusal
from tests.sim.small_cluster import START

VALIDATING = "validatingwebhookconfigurations.admissionregistration.k8s.io"
MUTATING = "mutatingwebhookconfigurations.admissionregistration.k8s.io"
PODS = {"operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"]}
CALL = (
    'Internal error occurred: failed calling webhook "v.example.org": failed to call webhook: '
    'Post "https://hook.default.svc:443/check?timeout=10s": '
)


@pytest.fixture
def backends() -> Backends:
    """Return a table without entries."""
    return Backends()


@pytest.fixture
def api(backends: Backends) -> Api:
    """Return an Api of every kind whose webhooks are answered by the table."""
    made = Api(
        Store(),
        SimClock(START),
        Ids(7),
        "1.36",
        builtin_resources("1.36"),
        default_plugins(backends=backends),
    )
    for name in ("default", "free"):
        made.create("namespaces", {"metadata": {"name": name}})
        made.create("serviceaccounts", {"metadata": {"name": "default", "namespace": name}})
    return made


def configure(api: Api, rid: str = VALIDATING, name: str = "v", **more: Any) -> Obj:
    """Create a configuration of one webhook, whose Service is default/hook."""
    webhook = {
        "name": "v.example.org",
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
        "clientConfig": {"service": {"name": "hook", "namespace": "default", "path": "/check"}},
        "rules": [PODS],
        **more,
    }
    return api.create(rid, {"metadata": {"name": name}, "webhooks": [webhook]})


def serve(api: Api, *, is_ready: bool = True, port: int = 443) -> None:
    """Create the Service default/hook, and an endpoint of it."""
    spec = {"ports": [{"name": "https", "port": port, "targetPort": 9443}]}
    api.create("services", {"metadata": {"name": "hook", "namespace": "default"}, "spec": spec})
    address = {"addresses" if is_ready else "notReadyAddresses": [{"ip": "10.0.1.99"}]}
    subsets = [{**address, "ports": [{"name": "https", "port": 9443}]}]
    api.create("endpoints", {"metadata": {"name": "hook", "namespace": "default"}, "subsets": subsets})


def allow(path: str, request: Obj) -> Obj:
    """Let everything through."""
    return {"allowed": True}


def test_a_missing_service_locks_out(api: Api) -> None:
    configure(api)
    assert refusal(api, "pods", pod()) == CALL + 'service "hook" not found'
    with pytest.raises(ApiError) as caught:
        api.create("pods", pod())
    assert (caught.value.code, caught.value.reason) == (500, "InternalError")
    api.create("configmaps", {"metadata": {"name": "free", "namespace": "default"}})


def test_no_ready_endpoint_and_a_wrong_port_lock_out(api: Api, backends: Backends) -> None:
    backends.register("default", "hook", allow)
    configure(api)
    serve(api, is_ready=False)
    assert refusal(api, "pods", pod()) == CALL + 'no endpoints available for service "hook"'
    api.delete("services", Key("default", "hook"))
    api.delete("endpoints", Key("default", "hook"))
    serve(api, port=8443)
    assert refusal(api, "pods", pod()) == CALL + 'no service port 443 found for service "hook"'


@pytest.mark.parametrize(
    ("door", "said"),
    [
        ("refused", "dial tcp 10.0.1.99:9443: connect: connection refused"),
        ("plain", "http: server gave HTTP response to HTTPS client"),
        ("silent", "context deadline exceeded (eks-lab does not simulate"),
    ],
)
def test_what_an_endpoint_without_a_backend_says(api: Api, backends: Backends, door: Door, said: str) -> None:
    knocked = []

    def knock(address: str, port: int) -> Door:
        knocked.append((address, port))
        return door

    backends.knock = knock
    configure(api)
    serve(api)
    assert refusal(api, "pods", pod()).startswith(CALL + said)
    assert knocked == [("10.0.1.99", 9443)]


def test_a_url_outside_the_cluster_does_not_resolve(api: Api) -> None:
    configure(api, clientConfig={"url": "https://hooks.example.org/x"}, timeoutSeconds=3)
    text = refusal(api, "pods", pod())
    assert 'Post "https://hooks.example.org/x?timeout=3s": dial tcp: lookup hooks.example.org' in text
    assert "no such host" in text


@pytest.mark.parametrize("rid", [VALIDATING, MUTATING])
def test_ignore_passes_over_silently(api: Api, rid: str) -> None:
    configure(api, rid, failurePolicy="Ignore")
    warnings: list[str] = []
    api.create("pods", pod(), warnings=warnings)
    assert warnings == []


def test_configurations_can_always_be_mended(api: Api) -> None:
    everything = {"operations": ["*"], "apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*/*"]}
    made = configure(api, rules=[everything])
    assert "failed calling webhook" in refusal(
        api, "configmaps", {"metadata": {"name": "c", "namespace": "default"}}
    )
    with pytest.raises(ApiError, match="failed calling webhook"):
        api.delete("serviceaccounts", Key("default", "default"))
    api.update(VALIDATING, {**made, "webhooks": []})
    api.create("configmaps", {"metadata": {"name": "c", "namespace": "default"}})


def test_namespaces_and_labels_can_be_left_out(api: Api) -> None:
    configure(
        api,
        namespaceSelector={
            "matchExpressions": [
                {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": ["free"]}
            ]
        },
        objectSelector={"matchExpressions": [{"key": "skip", "operator": "DoesNotExist"}]},
    )
    assert "failed calling webhook" in refusal(api, "pods", pod())
    elsewhere = pod()
    elsewhere["metadata"]["namespace"] = "free"
    api.create("pods", elsewhere)
    labelled = pod()
    labelled["metadata"]["labels"] = {"skip": "me"}
    api.create("pods", labelled)


def test_equivalent_takes_other_versions_in_and_exact_does_not(api: Api) -> None:
    old = {
        "operations": ["CREATE"],
        "apiGroups": ["autoscaling"],
        "apiVersions": ["v1"],
        "resources": ["horizontalpodautoscalers"],
    }
    scaler = {
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {
            "scaleTargetRef": {"kind": "Deployment", "apiVersion": "apps/v1", "name": "web"},
            "maxReplicas": 3,
        },
    }
    made = configure(api, rules=[old])
    rid = "horizontalpodautoscalers.autoscaling"
    assert "failed calling webhook" in refusal(api, rid, scaler)
    api.update(VALIDATING, {**made, "webhooks": [{**made["webhooks"][0], "matchPolicy": "Exact"}]})
    api.create(rid, scaler)


@pytest.mark.skipif(not available(), reason="no CEL interpreter")
def test_match_conditions_decide(api: Api) -> None:
    configure(
        api,
        matchConditions=[
            {"name": "not-jane", "expression": "request.userInfo.username != 'jane'"},
            {"name": "on-tier", "expression": "object.metadata.labels.tier == 'web'"},
        ],
    )
    api.create("pods", pod(), user=JANE)
    text = refusal(api, "pods", pod("other"))
    assert text.startswith("pods \"other\" is forbidden: expression 'object.metadata.labels.tier == 'web''")
    assert "resulted in error" in text
    labelled = pod("labelled")
    labelled["metadata"]["labels"] = {"tier": "web"}
    assert "failed calling webhook" in refusal(api, "pods", labelled)


@pytest.mark.skipif(not available(), reason="no CEL interpreter")
def test_a_condition_that_fails_to_evaluate_is_no_match_when_failures_are_ignored(
    api: Api, backends: Backends
) -> None:
    def refuse(path: str, request: Obj) -> Obj:
        return {"allowed": False}

    backends.register("default", "hook", refuse)
    serve(api)
    configure(
        api,
        failurePolicy="Ignore",
        matchConditions=[{"name": "on-tier", "expression": "object.metadata.labels.tier == 'web'"}],
    )
    api.create("pods", pod())


def test_a_registered_backend_sees_the_request_and_refuses(api: Api, backends: Backends) -> None:
    seen: list[tuple[str, Obj]] = []

    def backend(path: str, request: Obj) -> Obj:
        seen.append((path, request))
        return {"allowed": False, "status": {"code": 403, "reason": "Forbidden", "message": "no pods today"}}

    backends.register("default", "hook", backend)
    serve(api)
    configure(api)
    with pytest.raises(ApiError) as caught:
        api.create("pods", pod(), user=JANE, dry_run=True)
    assert caught.value.code == 403
    assert caught.value.message == 'admission webhook "v.example.org" denied the request: no pods today'
    ((path, request),) = seen
    assert path == "/check"
    assert request["operation"] == "CREATE"
    assert request["dryRun"] is True
    assert request["userInfo"]["username"] == "jane"
    assert request["kind"] == {"group": "", "version": "v1", "kind": "Pod"}
    assert request["object"]["spec"]["serviceAccountName"] == "default"
    backends.withdraw("default", "hook")
    assert "context deadline exceeded" in refusal(api, "pods", pod())


def test_a_refusal_without_words_says_so(api: Api, backends: Backends) -> None:
    backends.register("default", "hook", lambda path, request: {"allowed": False})
    serve(api)
    configure(api)
    assert (
        refusal(api, "pods", pod())
        == 'admission webhook "v.example.org" denied the request without explanation'
    )


def test_a_mutating_backend_patches_and_warns(api: Api, backends: Backends) -> None:
    def backend(path: str, request: Obj) -> Obj:
        patch = [{"op": "add", "path": "/metadata/labels", "value": {"injected": "yes"}}]
        return {"allowed": True, "patch": patch, "warnings": ["patched"]}

    backends.register("default", "hook", backend)
    serve(api)
    configure(api, MUTATING)
    warnings: list[str] = []
    made = api.create("pods", pod(), warnings=warnings)
    assert made["metadata"]["labels"]["injected"] == "yes"
    assert warnings == ["patched"]
    backends.register("default", "hook", lambda path, request: {"allowed": True, "patch": [{"op": "cry"}]})
    assert "does not apply" in refusal(api, "pods", pod("other"))
