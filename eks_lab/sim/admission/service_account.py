"""ServiceAccount: every pod runs as one and finds its token (plugin/pkg/admission/serviceaccount/admission.go)."""

from __future__ import annotations

from eks_lab.sim.admission.plugin import Plugin, refused
from eks_lab.sim.objects import Key, Obj
from eks_lab.sim.resource import Attributes, World

MIRROR = "kubernetes.io/config.mirror"
"""Annotation of the copy of a static pod, which has no account."""
MOUNT_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"
TOKEN_SECONDS = 3607
"""How long a projected token is valid: an hour, and seven seconds that tell it from a hand-written one."""
VOLUME_PREFIX = "kube-api-access-"


class ServiceAccount(Plugin):
    """Sets `default` where no account is named, checks the account, mounts its token and pull secrets."""

    name: str = "ServiceAccount"

    def admit(self, request: Attributes, obj: Obj | None, old: Obj | None, world: World) -> None:
        """Complete a pod about to be created."""
        if not _concerns(request) or obj is None or MIRROR in (obj["metadata"].get("annotations") or {}):
            return
        spec: Obj = obj["spec"]
        if not spec.get("serviceAccountName"):
            spec["serviceAccountName"] = "default"
        spec["serviceAccount"] = spec["serviceAccountName"]
        account = _account(request, spec["serviceAccountName"], world)
        if _wants_token(spec, account):
            _mount(spec, world)
        if not spec.get("imagePullSecrets") and account.get("imagePullSecrets"):
            spec["imagePullSecrets"] = [{**each} for each in account["imagePullSecrets"]]

    def validate(self, request: Attributes, obj: Obj | None, old: Obj | None, world: World) -> list[str]:
        """Check mirror pods, and that the account is there.

        Raises:
            ApiError: 403.
        """
        if not _concerns(request) or obj is None:
            return []
        spec: Obj = obj["spec"]
        if MIRROR in (obj["metadata"].get("annotations") or {}):
            if spec.get("serviceAccountName"):
                raise refused(request, "a mirror pod may not reference service accounts")
            for volume in spec.get("volumes") or ():
                sources = (volume.get("projected") or {}).get("sources") or ()
                if any("serviceAccountToken" in each for each in sources):
                    raise refused(request, "a mirror pod may not use ServiceAccountToken volume projections")
            return []
        _account(request, spec.get("serviceAccountName") or "", world)
        return []


def _concerns(request: Attributes) -> bool:
    return request.resource.id == "pods" and request.operation == "CREATE" and not request.subresource


def _account(request: Attributes, name: str, world: World) -> Obj:
    namespace = request.key.namespace
    account = world.get("serviceaccounts", Key(namespace, name))
    if account is None:
        raise refused(
            request,
            f'error looking up service account {namespace}/{name}: serviceaccount "{name}" not found',
        )
    return account


def _wants_token(spec: Obj, account: Obj) -> bool:
    """Say whether a token is mounted; the pod's word counts before the account's."""
    wish = spec.get("automountServiceAccountToken")
    if wish is None:
        wish = account.get("automountServiceAccountToken")
    return wish is not False


def _mount(spec: Obj, world: World) -> None:
    volumes = spec.get("volumes") or []
    found = next((each["name"] for each in volumes if each["name"].startswith(VOLUME_PREFIX)), "")
    name = found or VOLUME_PREFIX + world.ids.suffix()
    is_needed = False
    for kind in ("initContainers", "containers"):
        for container in spec.get(kind) or ():
            mounts = container.get("volumeMounts") or []
            if any(each.get("mountPath") == MOUNT_PATH for each in mounts):
                continue
            mount = {"name": name, "readOnly": True, "mountPath": MOUNT_PATH}
            container["volumeMounts"] = [*mounts, mount]
            is_needed = True
    if is_needed and not found:
        spec["volumes"] = [*volumes, {"name": name, "projected": _projection()}]


def _projection() -> Obj:
    namespace = {"apiVersion": "v1", "fieldPath": "metadata.namespace"}
    authority = {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}
    return {
        "sources": [
            {"serviceAccountToken": {"expirationSeconds": TOKEN_SECONDS, "path": "token"}},
            {"configMap": authority},
            {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": namespace}]}},
        ],
        "defaultMode": 420,
    }
