"""API versions that are gone or going, and kinds nobody serves.

Sources: Kubernetes "Deprecated API Migration Guide"; Karpenter's v1 migration notes (v1beta1 was
removed in Karpenter 1.1, v1alpha5 in 0.33); the projects' own definitions for the others.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from eks_lab.checker.manifests.manifest import Manifest
from eks_lab.checker.model import Finding
from eks_lab.checker.rule import ERROR, NOTE, WARNING, Rule
from eks_lab.kube.custom_resources import custom_resources
from eks_lab.kube.types import Schema, Schemas, minor_version

NO_KIND = Rule(
    "k8s-no-kind",
    ERROR,
    "Every object says apiVersion and kind; without them kubectl refuses the file.",
    "Start the document with apiVersion and kind.",
)
REMOVED = Rule(
    "k8s-removed-api",
    ERROR,
    "The API version is no longer served by the chosen Kubernetes (or by the controller that owns the kind).",
    "Write the version that replaced it.",
    "architecture.versions",
)
DEPRECATED = Rule(
    "k8s-deprecated-api",
    WARNING,
    "The API version still works and will go.",
    "Write the version that replaces it.",
    "architecture.versions",
)
UNKNOWN_VERSION = Rule(
    "k8s-unknown-version",
    ERROR,
    "The kind exists, but not in this group or version.",
    "Write the apiVersion the kind has; `kubectl explain KIND` shows it.",
    "architecture.versions",
)
UNKNOWN_KIND = Rule(
    "k8s-unknown-kind",
    ERROR,
    "No such kind exists in this API group.",
    "Check the spelling; `kubectl api-resources` lists the kinds of a cluster.",
)
NO_SCHEMA = Rule(
    "k8s-no-schema",
    NOTE,
    "The kind belongs to a controller whose definition the checker does not have: its fields were not judged.",
    "Put its CustomResourceDefinition beside it to have it judged.",
)
RULES = (NO_KIND, REMOVED, DEPRECATED, UNKNOWN_VERSION, UNKNOWN_KIND, NO_SCHEMA)

_CLIENT_GROUPS = frozenset(("kustomize.config.k8s.io", "eksctl.io", "kind.x-k8s.io", "kubelet.config.k8s.io"))
"""Files of tools: they have apiVersion and kind and are never sent to a cluster."""


@dataclass(frozen=True, slots=True)
class Replacement:
    """What became of an API version."""

    removed: str
    """Kubernetes version that no longer serves it, or the controller's release."""
    instead: str
    """apiVersion and kind to write; empty when nothing replaces it."""
    note: str = ""
    """What else changes."""


def _many(
    api_version: str, kinds: str, removed: str, instead: str, note: str = ""
) -> dict[tuple[str, str], Replacement]:
    return {(api_version, kind): Replacement(removed, f"{instead} {kind}", note) for kind in kinds.split()}


REPLACED: Mapping[tuple[str, str], Replacement] = {
    **_many("extensions/v1beta1", "Deployment DaemonSet ReplicaSet", "1.16", "apps/v1", "spec.selector is required"),
    **_many("apps/v1beta1", "Deployment StatefulSet", "1.16", "apps/v1", "spec.selector is required"),
    **_many("apps/v1beta2", "Deployment DaemonSet ReplicaSet StatefulSet", "1.16", "apps/v1"),
    **_many("extensions/v1beta1", "NetworkPolicy", "1.16", "networking.k8s.io/v1"),
    **_many("extensions/v1beta1", "Ingress", "1.22", "networking.k8s.io/v1", "backends are service.name and service.port, and pathType is required"),
    **_many("networking.k8s.io/v1beta1", "Ingress IngressClass", "1.22", "networking.k8s.io/v1", "backends are service.name and service.port, and pathType is required"),
    **_many("rbac.authorization.k8s.io/v1beta1", "Role ClusterRole RoleBinding ClusterRoleBinding", "1.22", "rbac.authorization.k8s.io/v1"),
    **_many("rbac.authorization.k8s.io/v1alpha1", "Role ClusterRole RoleBinding ClusterRoleBinding", "1.22", "rbac.authorization.k8s.io/v1"),
    **_many("apiextensions.k8s.io/v1beta1", "CustomResourceDefinition", "1.22", "apiextensions.k8s.io/v1", "every version needs a schema"),
    **_many("apiregistration.k8s.io/v1beta1", "APIService", "1.22", "apiregistration.k8s.io/v1"),
    **_many("admissionregistration.k8s.io/v1beta1", "MutatingWebhookConfiguration ValidatingWebhookConfiguration", "1.22", "admissionregistration.k8s.io/v1", "sideEffects and admissionReviewVersions are required"),
    **_many("certificates.k8s.io/v1beta1", "CertificateSigningRequest", "1.22", "certificates.k8s.io/v1", "signerName is required"),
    **_many("coordination.k8s.io/v1beta1", "Lease", "1.22", "coordination.k8s.io/v1"),
    **_many("scheduling.k8s.io/v1beta1", "PriorityClass", "1.22", "scheduling.k8s.io/v1"),
    **_many("storage.k8s.io/v1beta1", "StorageClass VolumeAttachment CSIDriver CSINode", "1.22", "storage.k8s.io/v1"),
    **_many("batch/v1beta1", "CronJob", "1.25", "batch/v1"),
    **_many("discovery.k8s.io/v1beta1", "EndpointSlice", "1.25", "discovery.k8s.io/v1"),
    **_many("events.k8s.io/v1beta1", "Event", "1.25", "events.k8s.io/v1"),
    **_many("policy/v1beta1", "PodDisruptionBudget", "1.25", "policy/v1", "an empty selector now selects every pod of the namespace"),
    **_many("node.k8s.io/v1beta1", "RuntimeClass", "1.25", "node.k8s.io/v1"),
    ("policy/v1beta1", "PodSecurityPolicy"): Replacement("1.25", "", "label the namespace pod-security.kubernetes.io/enforce instead"),
    ("extensions/v1beta1", "PodSecurityPolicy"): Replacement("1.16", "", "label the namespace pod-security.kubernetes.io/enforce instead"),
    **_many("autoscaling/v2beta1", "HorizontalPodAutoscaler", "1.25", "autoscaling/v2", "targetAverageUtilization is target.averageUtilization with target.type"),
    **_many("autoscaling/v2beta2", "HorizontalPodAutoscaler", "1.26", "autoscaling/v2"),
    **_many("flowcontrol.apiserver.k8s.io/v1beta1", "FlowSchema PriorityLevelConfiguration", "1.26", "flowcontrol.apiserver.k8s.io/v1"),
    **_many("storage.k8s.io/v1beta1", "CSIStorageCapacity", "1.27", "storage.k8s.io/v1"),
    **_many("flowcontrol.apiserver.k8s.io/v1beta2", "FlowSchema PriorityLevelConfiguration", "1.29", "flowcontrol.apiserver.k8s.io/v1"),
    **_many("flowcontrol.apiserver.k8s.io/v1beta3", "FlowSchema PriorityLevelConfiguration", "1.32", "flowcontrol.apiserver.k8s.io/v1"),
    **_many("karpenter.sh/v1beta1", "NodePool", "Karpenter 1.1", "karpenter.sh/v1", "spec.template.spec.nodeClassRef needs group, kind and name; kubelet settings moved to the EC2NodeClass; expireAfter moved to spec.template.spec"),
    **_many("karpenter.sh/v1beta1", "NodeClaim", "Karpenter 1.1", "karpenter.sh/v1"),
    **_many("karpenter.k8s.aws/v1beta1", "EC2NodeClass", "Karpenter 1.1", "karpenter.k8s.aws/v1", "amiSelectorTerms is required"),
    ("karpenter.sh/v1alpha5", "Provisioner"): Replacement("Karpenter 0.33", "karpenter.sh/v1 NodePool", "one NodePool with an EC2NodeClass replaces it"),
    ("karpenter.k8s.aws/v1alpha1", "AWSNodeTemplate"): Replacement("Karpenter 0.33", "karpenter.k8s.aws/v1 EC2NodeClass"),
    **_many("snapshot.storage.k8s.io/v1alpha1", "VolumeSnapshot VolumeSnapshotClass VolumeSnapshotContent", "snapshot controller 4.0", "snapshot.storage.k8s.io/v1"),
    **_many("snapshot.storage.k8s.io/v1beta1", "VolumeSnapshot VolumeSnapshotClass VolumeSnapshotContent", "snapshot controller 6.0", "snapshot.storage.k8s.io/v1"),
    ("vpcresources.k8s.aws/v1alpha1", "SecurityGroupPolicy"): Replacement("VPC resource controller 1.0", "vpcresources.k8s.aws/v1beta1 SecurityGroupPolicy"),
}  # fmt: skip

DEPRECATED_KINDS: Mapping[tuple[str, str], Replacement] = {
    ("v1", "Endpoints"): Replacement("", "discovery.k8s.io/v1 EndpointSlice", "deprecated since 1.33"),
    ("v1", "ReplicationController"): Replacement("", "apps/v1 Deployment", "kept only for old manifests"),
    ("v1", "ComponentStatus"): Replacement("", "", "deprecated since 1.19; it says nothing useful on EKS"),
    ("autoscaling/v1", "HorizontalPodAutoscaler"): Replacement("", "autoscaling/v2 HorizontalPodAutoscaler", "v1 knows only one CPU target and no behavior"),
}  # fmt: skip


def schema_of(
    manifest: Manifest, schemas: Schemas, own: Mapping[tuple[str, str, str], Schema]
) -> Schema | None:
    """Return the schema a manifest is judged by; None when there is none.

    Args:
        manifest: the object.
        schemas: the built-in kinds of the chosen version.
        own: definitions that stand in the files themselves, by group, version and kind.
    """
    key = (manifest.group, manifest.version, manifest.kind)
    schema = own.get(key) or schemas.of(*key)
    if schema is not None:
        return schema
    resource = custom_resources().get((manifest.group, manifest.kind))
    version = resource.version(manifest.version) if resource is not None else None
    return version.schema if version is not None and version.served else None


def is_tool_file(manifest: Manifest) -> bool:
    """Return whether a tool reads this and no cluster does.

    Such are kustomization.yaml, eksctl's ClusterConfig, a kubeconfig, and a chart's values, some of which are called `kind`.
    """
    if manifest.group in _CLIENT_GROUPS:
        return True
    if (manifest.api_version, manifest.kind) == ("v1", "Config") and "metadata" not in manifest.value:
        return True
    name = manifest.file.replace("\\", "/").rpartition("/")[2].lower()
    is_helm = "values" in name or name in ("chart.yaml", "kustomization.yaml")
    return is_helm and not {"apiVersion", "kind"} <= set(manifest.value)


def version_findings(
    manifest: Manifest, schemas: Schemas, own: Mapping[tuple[str, str, str], Schema]
) -> Iterator[Finding]:
    """Yield what is wrong with apiVersion and kind.

    Args:
        manifest: the object.
        schemas: the built-in kinds of the chosen version.
        own: definitions that stand in the files themselves.
    """
    missing = [name for name in ("apiVersion", "kind") if not isinstance(manifest.value.get(name), str)]
    if missing:
        yield manifest.finding(NO_KIND, (), f"{' and '.join(missing)} not set")
        return
    key = (manifest.api_version, manifest.kind)
    replaced = REPLACED.get(key)
    if replaced is not None and _is_gone(replaced, schemas.version):
        yield _replaced(REMOVED, manifest, replaced, f"is gone since {_release(replaced.removed)}")
        return
    if schema_of(manifest, schemas, own) is not None:
        going = replaced or DEPRECATED_KINDS.get(key)
        if going is not None:
            yield _replaced(DEPRECATED, manifest, going, "is deprecated")
        return
    yield _unserved(manifest, schemas)


def _is_gone(replaced: Replacement, version: str) -> bool:
    if not replaced.removed[0].isdigit():
        return True
    return minor_version(version) >= minor_version(replaced.removed)


def _release(text: str) -> str:
    return f"Kubernetes {text}" if text[0].isdigit() else text


def _replaced(rule: Rule, manifest: Manifest, replaced: Replacement, what: str) -> Finding:
    instead = f"Write {replaced.instead}" if replaced.instead else "Remove it"
    note = f" ({replaced.note})" if replaced.note else ""
    return manifest.finding(
        rule, ("apiVersion",), f"{manifest.api_version} {manifest.kind} {what}", fix=f"{instead}{note}."
    )


def _unserved(manifest: Manifest, schemas: Schemas) -> Finding:
    no_match = f'no matches for kind "{manifest.kind}" in version "{manifest.api_version}"'
    served = [f"{gvk.api_version}" for gvk in schemas.kinds() if gvk.kind == manifest.kind]
    served += [
        f"{group}/{version.name}"
        for (group, kind), resource in custom_resources().items()
        for version in resource.versions
        if kind == manifest.kind and version.served
    ]
    groups = {gvk.group for gvk in schemas.kinds()} | {group for group, _ in custom_resources()}
    if served and (manifest.group in groups or not manifest.group):
        return manifest.finding(
            UNKNOWN_VERSION, ("apiVersion",), no_match, fix=f"Write apiVersion: {_best(served)}."
        )
    if manifest.group in groups:
        kinds = [gvk.kind for gvk in schemas.kinds() if gvk.group == manifest.group]
        kinds += [kind for group, kind in custom_resources() if group == manifest.group]
        close = difflib.get_close_matches(manifest.kind, kinds, 1, 0.6)
        return manifest.finding(
            UNKNOWN_KIND, ("kind",), no_match, fix=f"Write kind: {close[0]}." if close else ""
        )
    return manifest.finding(NO_SCHEMA, ("apiVersion",), f"{manifest.api_version} is not known here")


def _best(api_versions: list[str]) -> str:
    """Return the most stable of several versions: v2 before v1 before v1beta1."""
    return max(api_versions, key=lambda text: ("alpha" not in text and "beta" not in text, text))
