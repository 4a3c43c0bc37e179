"""Storage on EKS: classes, provisioners, access modes, binding."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from eks_lab.checker.manifests.manifest import Manifest, ManifestSet, items, part, text
from eks_lab.checker.model import Finding
from eks_lab.checker.rule import ERROR, NOTE, WARNING, Rule
from eks_lab.kube.structure import Path

EBS, EFS = "ebs.csi.aws.com", "efs.csi.aws.com"
AUTO_MODE_EBS = "ebs.csi.eks.amazonaws.com"
_IN_TREE = "kubernetes.io/aws-ebs"

NO_CLASS = Rule(
    "eks-storage-class-missing",
    WARNING,
    "A claim names a StorageClass that nobody defines here: it stays Pending and its pods with it.",
    "Add the StorageClass, or name one that exists.",
    "storage.ebs-csi",
)
NO_DEFAULT = Rule(
    "eks-no-default-class",
    WARNING,
    "A claim without storageClassName takes the default class, and a cluster made with EKS 1.30 or later has none.",
    "Name a class, or mark one as the default.",
    "storage.ebs-csi",
)
PROVISIONER = Rule(
    "eks-storage-provisioner",
    ERROR,
    "No CSI driver on EKS answers to this provisioner's name, so no volume is ever made.",
    "Write ebs.csi.aws.com (EBS), efs.csi.aws.com (EFS), or ebs.csi.eks.amazonaws.com on Auto Mode, and install the "
    "driver's add-on.",
    "storage.ebs-csi",
)
OLD_PROVISIONER = Rule(
    "eks-in-tree-provisioner",
    WARNING,
    "kubernetes.io/aws-ebs is the in-tree driver's name: it only works because it is handed on to the CSI driver, and "
    "it knows no gp3.",
    "Write provisioner: ebs.csi.aws.com and parameters.type: gp3.",
    "storage.ebs-csi",
)
IMMEDIATE = Rule(
    "eks-ebs-immediate",
    WARNING,
    "An EBS class that binds at once picks a zone before the pod has a node: the pod may never be scheduled there.",
    "Write volumeBindingMode: WaitForFirstConsumer.",
    "storage.ebs-csi",
)
RWX = Rule(
    "eks-ebs-rwx",
    ERROR,
    "An EBS volume with a filesystem is attached to one node: ReadWriteMany and ReadOnlyMany are refused.",
    "Use ReadWriteOnce, or a class of EFS.",
    "storage.access-and-limits",
)
GP2 = Rule(
    "eks-gp2",
    NOTE,
    "gp2 costs more than gp3 and its speed depends on its size.",
    "Write parameters.type: gp3.",
    "storage.ebs-csi",
)
UNENCRYPTED = Rule(
    "eks-ebs-unencrypted",
    NOTE,
    "Volumes of this class are encrypted only if the account's default says so.",
    'Write parameters.encrypted: "true".',
    "practices.security",
)
VOLUME_TYPE = Rule(
    "eks-ebs-volume-type",
    ERROR,
    "The EBS driver refuses a volume type that EC2 does not have: claims of the class stay Pending.",
    "Write parameters.type: gp3, or gp2, io1, io2, st1, sc1, standard.",
    "storage.ebs-csi",
)
EFS_PARAMETERS = Rule(
    "eks-efs-parameters",
    ERROR,
    "Dynamic provisioning on EFS needs provisioningMode: efs-ap and the file system's id.",
    "Write parameters.provisioningMode: efs-ap, fileSystemId and directoryPerms.",
    "storage.efs-csi",
)
SNAPSHOT = Rule(
    "eks-snapshot-class",
    WARNING,
    "A VolumeSnapshot names a class or a claim that is not here.",
    "Add it, or correct the name.",
    "storage.access-and-limits",
)
RULES = (
    NO_CLASS, NO_DEFAULT, PROVISIONER, OLD_PROVISIONER, IMMEDIATE, RWX, GP2, UNENCRYPTED, VOLUME_TYPE,
    EFS_PARAMETERS, SNAPSHOT,
)  # fmt: skip

_EXISTING = frozenset(("gp2",))
"""EKS makes this class in every cluster (not as the default since 1.30)."""
_KNOWN_AWS = frozenset(
    (EBS, EFS, AUTO_MODE_EBS, "fsx.csi.aws.com", "s3.csi.aws.com", "openzfs.csi.aws.com", "file.csi.aws.com")
)
_TYPES = frozenset(("gp2", "gp3", "io1", "io2", "st1", "sc1", "standard"))
"""kubernetes-sigs/aws-ebs-csi-driver, docs/parameters.md: the values of `type`."""
_MANY = frozenset(("ReadWriteMany", "ReadOnlyMany"))
_DEFAULT = "storageclass.kubernetes.io/is-default-class"


def claims(together: ManifestSet) -> Iterator[tuple[Manifest, Path, Mapping[str, Any]]]:
    """Yield every claim's spec with its owner and place: claims, claim templates, ephemeral volumes."""
    for claim in together.of_kind("PersistentVolumeClaim"):
        yield claim, ("spec",), claim.spec
    for stateful in together.of_kind("StatefulSet"):
        for position, template in items(stateful.spec, "volumeClaimTemplates"):
            yield stateful, ("spec", "volumeClaimTemplates", position, "spec"), part(template, "spec")
    for pods in together.templates:
        for position, volume in items(pods.spec, "volumes"):
            spec = part(volume, "ephemeral", "volumeClaimTemplate", "spec")
            if spec:
                yield pods.owner, (*pods.path, "spec", "volumes", position), spec


def provisioner_of(claim: Mapping[str, Any], together: ManifestSet) -> str:
    """Return who provisions a claim's volume, empty when that cannot be seen here."""
    name = text(claim, "storageClassName")
    if name in _EXISTING:
        return EBS
    found = together.named("StorageClass", name) if name else None
    return text(found.value, "provisioner") if found is not None else ""


def check(together: ManifestSet) -> Iterator[Finding]:
    """Yield findings about classes, claims and snapshots."""
    for one in together.of_kind("StorageClass"):
        yield from _class(one)
    for owner, path, claim in claims(together):
        yield from _claim(owner, path, claim, together)
    if together.whole:
        for snapshot in together.of_kind("VolumeSnapshot"):
            yield from _snapshot(snapshot, together)


def _class(one: Manifest) -> Iterator[Finding]:
    provisioner = text(one.value, "provisioner")
    parameters = part(one.value, "parameters")
    if provisioner == _IN_TREE:
        yield one.finding(OLD_PROVISIONER, ("provisioner",), f"provisioner: {provisioner}")
    elif (
        provisioner
        and provisioner not in _KNOWN_AWS
        and ("aws" in provisioner or "amazon" in provisioner or "ebs" in provisioner or "efs" in provisioner)
    ):
        yield one.finding(PROVISIONER, ("provisioner",), f"provisioner: {provisioner} is no driver's name")
    if provisioner in (EBS, AUTO_MODE_EBS, _IN_TREE):
        if one.value.get("volumeBindingMode", "Immediate") == "Immediate":
            yield one.finding(IMMEDIATE, ("volumeBindingMode",), "volumeBindingMode: Immediate with EBS")
        volume_type = str(parameters.get("type") or "") or ("gp3" if provisioner != _IN_TREE else "gp2")
        if volume_type == "gp2":
            yield one.finding(GP2, ("parameters",), "its volumes are gp2")
        elif volume_type not in _TYPES:
            yield one.finding(
                VOLUME_TYPE,
                ("parameters", "type"),
                f"parameters.type: {volume_type} is no type of EBS volume",
            )
        if str(parameters.get("encrypted", "")).lower() != "true":
            yield one.finding(UNENCRYPTED, ("parameters",), "parameters.encrypted is not set")
    if provisioner == EFS and parameters:
        missing = [key for key in ("provisioningMode", "fileSystemId") if not parameters.get(key)]
        if missing:
            yield one.finding(EFS_PARAMETERS, ("parameters",), f"parameters lack {' and '.join(missing)}")


def _claim(owner: Manifest, path: Path, claim: Mapping[str, Any], together: ManifestSet) -> Iterator[Finding]:
    name = claim.get("storageClassName")
    statically_bound = claim.get("volumeName") or claim.get("selector") or name == ""
    if together.whole and not statically_bound:
        yield from _class_of(owner, path, name, together)
    modes = claim.get("accessModes")
    shared = [mode for mode in _texts(modes) if mode in _MANY]
    provisioner = provisioner_of(claim, together)
    # io2 volumes can be attached to several nodes, as raw blocks only.
    if shared and provisioner in (EBS, AUTO_MODE_EBS, _IN_TREE) and claim.get("volumeMode") != "Block":
        yield owner.finding(RWX, (*path, "accessModes"), f"{shared[0]} on the EBS class {name}")


def _texts(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _class_of(owner: Manifest, path: Path, name: Any, together: ManifestSet) -> Iterator[Finding]:
    classes = together.of_kind("StorageClass")
    if isinstance(name, str):
        volumes = {text(volume.spec, "storageClassName") for volume in together.of_kind("PersistentVolume")}
        if name not in _EXISTING | volumes and together.named("StorageClass", name) is None:
            shown = ", ".join(sorted(one.name for one in classes)) or "none"
            yield owner.finding(
                NO_CLASS,
                (*path, "storageClassName"),
                f'no StorageClass "{name}" stands here (there is {shown})',
            )
    elif name is None and not any(one.annotations.get(_DEFAULT) == "true" for one in classes):
        yield owner.finding(
            NO_DEFAULT, path, "a claim without storageClassName, and no default class stands here"
        )


def _snapshot(snapshot: Manifest, together: ManifestSet) -> Iterator[Finding]:
    name = text(snapshot.spec, "volumeSnapshotClassName")
    if (
        name
        and together.of_kind("VolumeSnapshotClass")
        and together.named("VolumeSnapshotClass", name) is None
    ):
        yield snapshot.finding(
            SNAPSHOT, ("spec", "volumeSnapshotClassName"), f'no VolumeSnapshotClass "{name}" stands here'
        )
    claim = text(snapshot.spec, "source", "persistentVolumeClaimName")
    own_claims = together.of_kind("PersistentVolumeClaim")
    if claim and own_claims and together.named("PersistentVolumeClaim", claim, snapshot.namespace) is None:
        made = any(
            claim.startswith(f"{text(template, 'metadata', 'name')}-{stateful.name}-")
            for stateful in together.of_kind("StatefulSet")
            for _, template in items(stateful.spec, "volumeClaimTemplates")
        )
        if not made:
            yield snapshot.finding(
                SNAPSHOT, ("spec", "source", "persistentVolumeClaimName"), f'no claim "{claim}" stands here'
            )
