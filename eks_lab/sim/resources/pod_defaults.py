"""What the API server fills into pods and pod templates (pkg/apis/core/v1/defaults.go).

Everything happens in place and twice is the same as once. It is on the path of every pod write: no
copies, and each field is looked at once.
"""

from __future__ import annotations

import functools
import re

from eks_lab.sim.objects import Obj
from eks_lab.sim.resources.quantities import canonical_value, canonicalise, canonicalise_fields

FILE_MODE = 420
"""0644."""

_TAG = re.compile(r"[\w][\w.-]{0,127}", re.ASCII)
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_ENVIRONMENT_BOOLEANS = ("stdin", "stdinOnce", "tty")
_HOST_BOOLEANS = ("hostNetwork", "hostPID", "hostIPC")
_WITH_MODE = ("configMap", "secret", "projected", "downwardAPI")


@functools.lru_cache(maxsize=4096)
def pull_policy(image: str) -> str:
    """Return the imagePullPolicy of an image: Always for `:latest` or no tag, else IfNotPresent.

    Args:
        image: `nginx`, `localhost:5000/app:v1`, `busybox@sha256:…`.
    """
    name, at, _digest = image.partition("@")
    last = name.rpartition("/")[2]
    _, colon, tag = last.partition(":")
    if not image or at:
        # A digest alone names no tag, and an image that cannot be parsed has none.
        return "Always" if colon and tag == "latest" else "IfNotPresent"
    if colon and not _TAG.fullmatch(tag):
        return "IfNotPresent"
    return "Always" if not colon or tag == "latest" else "IfNotPresent"


def default_pod(pod: Obj) -> None:
    """Fill in a pod (SetDefaults_Pod and what its parts bring along)."""
    spec = pod.get("spec")
    if spec is None:
        spec = pod["spec"] = {}
    default_pod_spec(spec)
    containers, init_containers = spec.get("containers") or (), spec.get("initContainers") or ()
    for container in (*containers, *init_containers):
        resources = container["resources"]
        if resources:
            _requests_from_limits(resources)
    whole = spec.get("resources")
    if whole:
        _pod_requests(whole, containers)
    if "enableServiceLinks" not in spec:
        spec["enableServiceLinks"] = True
    if spec.get("hostNetwork"):
        for container in (*containers, *init_containers):
            for port in container.get("ports") or ():
                if not port.get("hostPort") and port.get("containerPort"):
                    port["hostPort"] = port["containerPort"]


def _requests_from_limits(resources: Obj) -> None:
    limits = resources.get("limits")
    if limits:
        requests = resources.get("requests")
        if requests is None:
            requests = resources["requests"] = {}
        for name, amount in limits.items():
            if name not in requests:
                requests[name] = amount


def _pod_requests(whole: Obj, containers: list[Obj] | tuple[Obj, ...]) -> None:
    """Fill in pod-level requests from limits where no container asks for the same (KEP-2837)."""
    canonicalise(whole.get("requests"))
    canonicalise(whole.get("limits"))
    asked = {name for each in containers for name in (each["resources"].get("requests") or ())}
    requests = whole.get("requests") or {}
    for name, amount in (whole.get("limits") or {}).items():
        if name not in requests and name not in asked:
            requests[name] = amount
    if requests:
        whole["requests"] = requests


def default_template(template: Obj) -> None:
    """Fill in a pod template: less than a pod, requests stay as they are."""
    if "metadata" not in template:
        template["metadata"] = {}
    spec = template.get("spec")
    if spec is None:
        spec = template["spec"] = {}
    default_pod_spec(spec)


def default_pod_spec(spec: Obj) -> None:
    """Fill in what pods and templates have in common (SetDefaults_PodSpec)."""
    if not spec.get("dnsPolicy"):
        spec["dnsPolicy"] = "ClusterFirst"
    if not spec.get("restartPolicy"):
        spec["restartPolicy"] = "Always"
    if spec.get("securityContext") is None:
        spec["securityContext"] = {}
    if spec.get("terminationGracePeriodSeconds") is None:
        spec["terminationGracePeriodSeconds"] = 30
    if not spec.get("schedulerName"):
        spec["schedulerName"] = "default-scheduler"
    # The old name of the field is kept in step (conversion of v1.PodSpec).
    account = spec.get("serviceAccountName") or spec.get("serviceAccount")
    if account:
        spec["serviceAccountName"] = spec["serviceAccount"] = account
    for name in _HOST_BOOLEANS:
        if name in spec and not spec[name]:
            del spec[name]
    for kind in ("containers", "initContainers", "ephemeralContainers"):
        for container in spec.get(kind) or ():
            _container(container)
    for volume in spec.get("volumes") or ():
        _volume(volume)
    if spec.get("overhead"):
        canonicalise(spec["overhead"])


def _container(container: Obj) -> None:
    if not container.get("imagePullPolicy"):
        container["imagePullPolicy"] = pull_policy(container.get("image") or "")
    if not container.get("terminationMessagePath"):
        container["terminationMessagePath"] = "/dev/termination-log"
    if not container.get("terminationMessagePolicy"):
        container["terminationMessagePolicy"] = "File"
    resources = container.get("resources")
    if resources is None:
        container["resources"] = {}
    elif resources:
        canonicalise(resources.get("limits"))
        canonicalise(resources.get("requests"))
    for port in container.get("ports") or ():
        if not port.get("protocol"):
            port["protocol"] = "TCP"
    for variable in container.get("env") or ():
        source = variable.get("valueFrom")
        if source:
            _field_source(source)
    for name in _PROBES:
        probe = container.get(name)
        if probe is not None:
            _probe(probe)
    lifecycle = container.get("lifecycle")
    if lifecycle:
        for hook in ("postStart", "preStop"):
            if lifecycle.get(hook):
                _http_get(lifecycle[hook])
    for name in _ENVIRONMENT_BOOLEANS:
        if name in container and not container[name]:
            del container[name]
    for mount in container.get("volumeMounts") or ():
        if "readOnly" in mount and not mount["readOnly"]:
            del mount["readOnly"]


def _field_source(source: Obj) -> None:
    """Fill in `fieldRef` and `resourceFieldRef` of an env variable or a downward API file."""
    field = source.get("fieldRef")
    if field is not None and not field.get("apiVersion"):
        field["apiVersion"] = "v1"
    amount = source.get("resourceFieldRef")
    if amount is not None:
        amount["divisor"] = canonical_value(amount.get("divisor") or "0")


def _http_get(handler: Obj) -> None:
    request = handler.get("httpGet")
    if request is not None:
        if not request.get("path"):
            request["path"] = "/"
        if not request.get("scheme"):
            request["scheme"] = "HTTP"


def _probe(probe: Obj) -> None:
    if not probe.get("timeoutSeconds"):
        probe["timeoutSeconds"] = 1
    if not probe.get("periodSeconds"):
        probe["periodSeconds"] = 10
    if not probe.get("successThreshold"):
        probe["successThreshold"] = 1
    if not probe.get("failureThreshold"):
        probe["failureThreshold"] = 3
    _http_get(probe)
    grpc = probe.get("grpc")
    if grpc is not None and grpc.get("service") is None:
        grpc["service"] = ""


def _volume(volume: Obj) -> None:
    if len(volume) == 1 and "name" in volume:
        volume["emptyDir"] = {}
        return
    for kind in _WITH_MODE:
        source = volume.get(kind)
        if source is not None and source.get("defaultMode") is None:
            source["defaultMode"] = FILE_MODE
    if "downwardAPI" in volume:
        for item in volume["downwardAPI"].get("items") or ():
            _field_source(item)
    elif "projected" in volume:
        for part in volume["projected"].get("sources") or ():
            _projection(part)
    elif "hostPath" in volume:
        if volume["hostPath"].get("type") is None:
            volume["hostPath"]["type"] = ""
    elif "emptyDir" in volume:
        canonicalise_fields(volume["emptyDir"], ("sizeLimit",))
    elif "ephemeral" in volume:
        template = volume["ephemeral"].get("volumeClaimTemplate")
        if template is not None:
            template.setdefault("metadata", {})
            default_claim_spec(template.setdefault("spec", {}))
    elif "iscsi" in volume and not volume["iscsi"].get("iscsiInterface"):
        volume["iscsi"]["iscsiInterface"] = "default"


def _projection(part: Obj) -> None:
    token = part.get("serviceAccountToken")
    if token is not None and token.get("expirationSeconds") is None:
        token["expirationSeconds"] = 3600
    for item in (part.get("downwardAPI") or {}).get("items") or ():
        _field_source(item)


def default_claim_spec(spec: Obj) -> None:
    """Fill in the spec of a PersistentVolumeClaim, its own or inside a template."""
    if spec.get("volumeMode") is None:
        spec["volumeMode"] = "Filesystem"
    resources = spec.setdefault("resources", {})
    canonicalise(resources.get("requests"))
    canonicalise(resources.get("limits"))
    source, reference = spec.get("dataSource"), spec.get("dataSourceRef")
    # The registry keeps the two in step (pkg/registry/core/persistentvolumeclaim NormalizeDataSources).
    if source and not reference:
        spec["dataSourceRef"] = dict(source)
    elif reference and not source and not reference.get("namespace"):
        spec["dataSource"] = dict(reference)
