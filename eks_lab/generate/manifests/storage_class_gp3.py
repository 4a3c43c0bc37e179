"""A StorageClass for gp3 volumes whose defaults do not hurt later.

Source: kubernetes-sigs/aws-ebs-csi-driver v1.64.0, docs/parameters.md; limits in `eks_lab.catalog.volume_types`.
"""

from __future__ import annotations

from collections.abc import Mapping

from eks_lab.calc.model import Value
from eks_lab.catalog.volume_types import volume_types
from eks_lab.generate import identifiers
from eks_lab.generate.chosen import Chosen, refuse
from eks_lab.generate.fields import choice, flag, integer, name_of, text
from eks_lab.generate.model import Bundle, Generator, Original

_TEMPLATE = """
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata:
  name: {{ name|q }}
{% if default_class %}
  annotations:
    storageclass.kubernetes.io/is-default-class: "true"
    #? Claims that name no class get this one. Take the mark off any other class first.
{% endif %}
provisioner: ebs.csi.aws.com #? The EBS CSI driver; a cluster has it only once the add-on is installed.
parameters:
  type: gp3
{% if iops != 3000 %}
  iops: "{{ iops }}" #? 3,000 come with every volume; what is beyond them is paid by the month.
{% endif %}
{% if throughput_mibps != 125 %}
  throughput: "{{ throughput_mibps }}" #? MiB/s; 125 come with every volume.
{% endif %}
  encrypted: "{{ encrypted|lower }}"
{% if encrypted %}
  #? The driver's default is false, unless the account encrypts every volume.
{% else %}
  #? As the driver's default, but said: whoever reads it sees that it was meant.
{% endif %}
{% if kms_key_arn %}
  kmsKeyId: {{ kms_key_arn|q }} #? Your own key: the driver's role needs a grant on it, or volumes stay Pending.
{% endif %}
  csi.storage.k8s.io/fstype: {{ filesystem }}
volumeBindingMode: {{ "WaitForFirstConsumer" if wait_for_pod else "Immediate" }}
{% if wait_for_pod %}
#? The volume is made in the zone where the scheduler put the pod, not before and somewhere.
{% else %}
#? The volume is made at once in any zone; a pod that cannot run there never starts.
{% endif %}
allowVolumeExpansion: {{ allow_expansion|q }}
#? The API's default is false. Volumes grow while they are in use; none ever shrinks.
reclaimPolicy: {{ reclaim_policy }}
{% if reclaim_policy == "Delete" %}
#? The volume goes with its claim.
{% else %}
#? The volume stays when its claim is deleted, and costs money until somebody removes it.
{% endif %}
{% if claim %}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: {{ claim_name|q }}
  namespace: {{ namespace|q }}
spec:
  storageClassName: {{ name|q }}
  accessModes: [ReadWriteOncePod] #? One pod. ReadWriteOnce means one node, with any number of pods on it.
  resources:
    requests:
      storage: {{ size_gib }}Gi
{% endif %}
"""


def render(choices: Mapping[str, Value]) -> Bundle:
    """Return the class, and a claim when it is wanted."""
    chosen = Chosen("storage-class-gp3", choices)
    gp3 = volume_types().block["gp3"]
    iops, throughput, size = (chosen.integer(name) for name in ("iops", "throughput_mibps", "size_gib"))
    if throughput > iops * gp3.mibps_per_iops:
        raise refuse(
            "throughput_mibps",
            f"{throughput} MiB/s need at least {throughput / gp3.mibps_per_iops:.0f} IOPS, and {iops} are asked for",
            f"Raise iops, or stay at {int(iops * gp3.mibps_per_iops)} MiB/s.",
        )
    if chosen.flag("claim") and iops > max(gp3.included_iops, size * gp3.iops_per_gib):
        raise refuse(
            "iops",
            f"a volume of {size} GiB has at most {size * gp3.iops_per_gib:,} IOPS ({gp3.iops_per_gib} a GiB)",
            "Lower iops, or make the claim larger.",
        )
    key = chosen.text("kms_key_arn", identifiers.kms_key_arn)
    if key and not chosen.flag("encrypted"):
        raise refuse(
            "kms_key_arn", "a key is of no use without encryption", "Set encrypted=yes, or leave it empty."
        )
    notes = [
        "The EBS CSI driver has to be installed with a role: EKS brings neither, and claims stay Pending without."
    ]
    if not chosen.flag("encrypted"):
        notes.append("Unencrypted volumes cannot be encrypted later: only a copy can.")
    if not chosen.flag("wait_for_pod"):
        notes.append(
            "Immediate binding ends in 'volume node affinity conflict' as soon as a zone has no room."
        )
    if iops > gp3.included_iops and not chosen.flag("claim"):
        notes.append(
            f"EC2 gives {gp3.iops_per_gib} IOPS a GiB at most: claims below"
            f" {-(-iops // gp3.iops_per_gib)} GiB are refused with {iops:,} IOPS."
        )
    name = chosen.text("name", identifiers.dns_subdomain)
    file = chosen.file(
        "storageclass.yaml",
        _TEMPLATE,
        kms_key_arn=key,
        namespace=chosen.text("namespace", identifiers.dns_label),
        claim_name=identifiers.with_suffix(name, "-claim"),
    )
    return chosen.bundle(file, notes=notes)


GENERATOR = Generator(
    name="storage-class-gp3",
    title="StorageClass for gp3",
    summary="A StorageClass for encrypted gp3 volumes that are made where the pod runs.",
    produces="manifest",
    inputs=(
        name_of("the StorageClass", "gp3"),
        flag("default_class", "Default class", True, "Whether claims without a class get this one."),
        integer("iops", "IOPS", 3000, "Operations a second of each volume.", "IOPS", 3000, 80_000),
        integer("throughput_mibps", "Throughput", 125, "Throughput of each volume.", "MiB/s", 125, 2000),
        flag("encrypted", "Encrypted", True, "Whether volumes are encrypted."),
        text("kms_key_arn", "KMS key", None, "ARN of your own key; empty for the account's default key."),
        choice("filesystem", "File system", ("ext4", "xfs"), "File system that the driver makes."),
        choice(
            "reclaim_policy",
            "Reclaim policy",
            ("Delete", "Retain"),
            "What happens to a volume without its claim.",
        ),
        flag("wait_for_pod", "Wait for the pod", True, "Make the volume in the zone of the pod."),
        flag("allow_expansion", "Expansion", True, "Whether claims may grow."),
        flag("claim", "Claim", False, "Add a claim of this class."),
        text("namespace", "Namespace", "default", "Namespace of the claim."),
        integer("size_gib", "Size", 20, "Size of the claim.", "GiB", 1, 65_536),
    ),
    render=render,
    lesson="storage.ebs-csi",
    original=Original(
        "Chapter 6, StorageClass gp3-storage",
        (
            "encrypted is set: the driver's default is false.",
            "allowVolumeExpansion is set: without it no claim of the class can ever grow.",
            "The reclaim policy and, where wanted, the default-class mark are stated.",
            "The guide uses the class without installing the driver, so its claims stay Pending.",
            "A claim asks for ReadWriteOncePod: ReadWriteOnce means one node, not one pod.",
        ),
    ),
    presets={
        "database": {
            "name": "gp3-database",
            "iops": 6000,
            "throughput_mibps": 250,
            "reclaim_policy": "Retain",
            "default_class": False,
        },
    },
)
