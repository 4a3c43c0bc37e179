"""Shared files on EFS: a class with access points and a claim, or a volume written by hand.

Source: kubernetes-sigs/aws-efs-csi-driver v3.4.1, StorageClass parameters and Fargate.
"""

from __future__ import annotations

from collections.abc import Mapping

from eks_lab.calc.model import Value
from eks_lab.generate import identifiers
from eks_lab.generate.chosen import Chosen, refuse
from eks_lab.generate.fields import choice, integer, name_of, namespace, text
from eks_lab.generate.model import Bundle, Generator, Original

_DYNAMIC = """
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata:
  name: {{ name|q }}
provisioner: efs.csi.aws.com #? The EFS CSI driver: an add-on with a role of its own.
parameters:
  provisioningMode: efs-ap #? Each claim gets an access point: a folder with an owner that clients cannot change.
  fileSystemId: {{ file_system_id }} #? The file system exists before; the driver makes none.
  directoryPerms: "{{ directory_permissions }}" #? Of the new folder, in octal and in quotes.
  uid: "{{ user_id }}" #? Whatever user a container runs as, files belong to this one.
  gid: "{{ user_id }}"
  basePath: {{ base_path|q }} #? Has to exist, or be made by the first access point.
  subPathPattern: "${.PVC.namespace}/${.PVC.name}" #? Folders that people can tell apart.
  ensureUniqueDirectory: "true" #? A claim made again under the old name gets a new folder, not the old files.
reclaimPolicy: {{ reclaim_policy }}
{% if reclaim_policy == "Retain" %}
#? The access point stays when the claim goes. Files stay in any case.
{% else %}
#? The access point goes with its claim; the files stay unless the driver was told to delete them.
{% endif %}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: {{ claim_name|q }}
  namespace: {{ namespace|q }}
spec:
  storageClassName: {{ name|q }}
  accessModes: [ReadWriteMany] #? Any number of pods in any zone.
  resources:
    requests:
      storage: {{ size_gib }}Gi #? The API wants a size; EFS ignores it and grows with what is written.
"""
_STATIC = """
# For Fargate, and for an access point that exists already: a volume written by hand.
apiVersion: v1
kind: PersistentVolume
metadata:
  name: {{ name|q }}
spec:
  capacity:
    storage: {{ size_gib }}Gi #? The API wants a size; EFS ignores it.
  volumeMode: Filesystem
  accessModes: [ReadWriteMany]
  persistentVolumeReclaimPolicy: {{ reclaim_policy }}
  storageClassName: "" #? Empty on purpose: no class will make a volume for the claim below.
  csi:
    driver: efs.csi.aws.com
    volumeHandle: {{ file_system_id }}{{ "::" ~ access_point_id if access_point_id }}
    #? File system, and after two colons the access point.
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: {{ claim_name|q }}
  namespace: {{ namespace|q }}
spec:
  storageClassName: ""
  volumeName: {{ name|q }} #? This volume and no other.
  accessModes: [ReadWriteMany]
  resources:
    requests:
      storage: {{ size_gib }}Gi
"""


def render(choices: Mapping[str, Value]) -> Bundle:
    """Return class and claim, or volume and claim."""
    chosen = Chosen("storage-class-efs", choices)
    is_dynamic = chosen.text("provisioning") == "dynamic"
    if is_dynamic and chosen.text("compute") == "fargate":
        raise refuse(
            "compute",
            "on Fargate the driver cannot make access points: only volumes written by hand work there",
            "Set provisioning=static.",
        )
    access_point = chosen.text("access_point_id", identifiers.access_point_id)
    if access_point and is_dynamic:
        raise refuse(
            "access_point_id",
            "with dynamic provisioning the driver makes the access points",
            "Leave it empty.",
        )
    if not is_dynamic and chosen.text("reclaim_policy") == "Delete":
        raise refuse(
            "reclaim_policy", "a volume written by hand is not deleted by the driver", "Choose Retain."
        )
    notes = [
        (
            "Every zone with nodes needs a mount target, and its security group has to let TCP 2049 in from them: without"
            " it mounting ends with DeadlineExceeded."
        ),
    ]
    if not is_dynamic and not access_point:
        notes.append(
            "Without an access point the pod sees the root of the file system, with the rights of its user."
        )
    if chosen.text("directory_permissions")[-1:] in {"2", "3", "6", "7"} and is_dynamic:
        notes.append(
            "Everybody may write in the new folders: 700 is enough, since the access point sets the user."
        )
    file = chosen.file(
        "efs.yaml",
        _DYNAMIC if is_dynamic else _STATIC,
        name=chosen.text("name", identifiers.dns_subdomain),
        claim_name=chosen.text("claim_name", identifiers.dns_subdomain),
        namespace=chosen.text("namespace", identifiers.dns_label),
        file_system_id=chosen.text("file_system_id", identifiers.file_system_id),
        access_point_id=access_point,
        base_path=chosen.text(
            "base_path", identifiers.matching(r"/[\w/-]*", "a path", "/dynamic", longest=100)
        ),
        directory_permissions=chosen.text(
            "directory_permissions", identifiers.matching(r"[0-7]{3,4}", "octal permissions", "700")
        ),
    )
    return chosen.bundle(file, notes=notes)


GENERATOR = Generator(
    name="storage-class-efs",
    title="EFS class and claim",
    summary="Files that many pods share: an EFS StorageClass and claim, or a volume written by hand.",
    produces="manifest",
    inputs=(
        name_of("the StorageClass, or of the volume written by hand", "efs-sc"),
        choice(
            "provisioning",
            "Provisioning",
            ("dynamic", "static"),
            "Who makes the access point: the driver or you.",
        ),
        choice("compute", "Pods run on", ("nodes", "fargate"), "Where the pods run."),
        text("file_system_id", "File system", "fs-0123456789abcdef0", "Id of the EFS file system."),
        text("access_point_id", "Access point", None, "Id of an access point, for static provisioning."),
        text("claim_name", "Claim", "uploads", "Name of the claim."),
        namespace(),
        integer("size_gib", "Size", 5, "Size that the claim states; EFS ignores it.", "GiB", 1, 1_000_000),
        text("directory_permissions", "Permissions", "700", "Permissions of new folders, octal."),
        integer("user_id", "User id", 1000, "Owner of the files.", "uid", 0, 4_294_967_294),
        text("base_path", "Base path", "/dynamic", "Folder under which new folders are made."),
        choice("reclaim_policy", "Reclaim policy", ("Retain", "Delete"), "What happens without the claim."),
    ),
    render=render,
    lesson="storage.efs-csi",
    original=Original(
        "Chapter 6, the claim efs-pvc",
        (
            "The guide's claim names a class efs-sc that it never defines; here it is.",
            "Mount targets in every zone and port 2049 are needed, which the guide does not say.",
            "The size of the claim is required and means nothing on EFS.",
        ),
    ),
)
