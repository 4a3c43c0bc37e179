"""What EKS's webhook puts into pods whose service account has a role (aws/amazon-eks-pod-identity-webhook).

It looks at a pod once, when it is created: an annotation or an association that comes later changes nothing until the
pod is made again. It is fail-open: when it cannot decide, the pod starts without.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from eks_lab.sim.admission.plugin import Plugin
from eks_lab.sim.objects import Key, Obj, annotations_of
from eks_lab.sim.resource import Attributes, World

PREFIX = "eks.amazonaws.com/"
ROLE = f"{PREFIX}role-arn"
AUDIENCE = f"{PREFIX}audience"
EXPIRATION = f"{PREFIX}token-expiration"
SKIP = f"{PREFIX}skip-containers"
REGIONAL = f"{PREFIX}sts-regional-endpoints"
STS_AUDIENCE = "sts.amazonaws.com"
POD_AUDIENCE = "pods.eks.amazonaws.com"
SECONDS = 86_400
SHORTEST = 600
AGENT_URI = "http://169.254.170.23/v1/credentials"

AssociationOf = Callable[[str, str], Obj | None]
"""Namespace and service account -> its Pod Identity association, or None."""


@dataclass(frozen=True, slots=True)
class _Injection:
    """What a pod gets."""

    volume: str
    mount_path: str
    file: str
    audience: str
    seconds: int
    variables: tuple[tuple[str, str], ...]
    """Set together: a container that has one of them is left alone."""
    has_regional_sts: bool

    @property
    def projected(self) -> Obj:
        """Return the volume."""
        token = {"audience": self.audience, "expirationSeconds": self.seconds, "path": self.file}
        return {
            "name": self.volume,
            "projected": {"sources": [{"serviceAccountToken": token}], "defaultMode": 420},
        }


class PodIdentityWebhook(Plugin):
    """Injects the environment of IRSA or of Pod Identity; where an account has both, Pod Identity wins."""

    name: str = "PodIdentityWebhook"

    def __init__(self, association_of: AssociationOf, region: str) -> None:
        """Wire it up.

        Args:
            association_of: asks the account.
            region: of the cluster.
        """
        self._association_of = association_of
        self._region = region

    def admit(self, request: Attributes, obj: Obj | None, old: Obj | None, world: World) -> None:
        """Complete a pod about to be created."""
        is_ours = request.resource.id == "pods" and request.operation == "CREATE" and not request.subresource
        if not is_ours or obj is None:
            return
        namespace = request.key.namespace
        name = obj["spec"].get("serviceAccountName") or "default"
        account = world.get("serviceaccounts", Key(namespace, name))
        if account is None:
            return
        found = self._pod_identity(namespace, name) or _web_identity(account, obj)
        if found is not None:
            self._inject(obj, found)

    def _pod_identity(self, namespace: str, name: str) -> _Injection | None:
        if self._association_of(namespace, name) is None:
            return None
        path = "/var/run/secrets/pods.eks.amazonaws.com/serviceaccount"
        file = "eks-pod-identity-token"
        variables = (
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", AGENT_URI),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", f"{path}/{file}"),
        )
        return _Injection(file, path, file, POD_AUDIENCE, SECONDS, variables, has_regional_sts=True)

    def _inject(self, pod: Obj, injection: _Injection) -> None:
        spec: Obj = pod["spec"]
        skipped = {each.strip() for each in annotations_of(pod).get(SKIP, "").split(",")}
        for kind in ("initContainers", "containers"):
            for container in spec.get(kind) or ():
                if container.get("name") not in skipped:
                    self._complete(container, injection)
        volumes = spec.get("volumes") or []
        if all(each["name"] != injection.volume for each in volumes):
            spec["volumes"] = [*volumes, injection.projected]

    def _complete(self, container: Obj, injection: _Injection) -> None:
        env = list(container.get("env") or ())
        present = {each.get("name") for each in env}
        if any(name in present for name, _value in injection.variables):
            return
        wanted = [("AWS_STS_REGIONAL_ENDPOINTS", "regional")] if injection.has_regional_sts else []
        if not {"AWS_REGION", "AWS_DEFAULT_REGION"} & present:
            wanted += [("AWS_DEFAULT_REGION", self._region), ("AWS_REGION", self._region)]
        wanted += injection.variables
        env += [{"name": name, "value": value} for name, value in wanted if name not in present]
        container["env"] = env
        mounts = container.get("volumeMounts") or []
        if all(each.get("name") != injection.volume for each in mounts):
            mount = {"name": injection.volume, "readOnly": True, "mountPath": injection.mount_path}
            container["volumeMounts"] = [*mounts, mount]


def _web_identity(account: Obj, pod: Obj) -> _Injection | None:
    notes = annotations_of(account)
    role = notes.get(ROLE)
    if not role:
        return None
    path = f"/var/run/secrets/{PREFIX}serviceaccount"
    text = annotations_of(pod).get(EXPIRATION) or notes.get(EXPIRATION) or ""
    seconds = max(SHORTEST, int(text)) if text.isdecimal() else SECONDS
    variables = (("AWS_ROLE_ARN", role), ("AWS_WEB_IDENTITY_TOKEN_FILE", f"{path}/token"))
    return _Injection(
        "aws-iam-token",
        path,
        "token",
        notes.get(AUDIENCE) or STS_AUDIENCE,
        seconds,
        variables,
        has_regional_sts=notes.get(REGIONAL, "true").lower() != "false",
    )
