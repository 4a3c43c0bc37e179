"""A snapshot of a claim's disk, and a claim that starts from it.

Source: kubernetes-csi/external-snapshotter, v1 API; EBS CSI driver, snapshots.
"""

from __future__ import annotations

from collections.abc import Mapping

from eks_lab.calc.model import Value
from eks_lab.generate import identifiers
from eks_lab.generate.chosen import Chosen, refuse
from eks_lab.generate.fields import choice, flag, integer, name_of, namespace, text
from eks_lab.generate.model import Bundle, Generator

_TEMPLATE = """
{% if snapshot_class %}
apiVersion: snapshot.storage.k8s.io/v1
kind: VolumeSnapshotClass
metadata:
  name: {{ class_name|q }}
driver: ebs.csi.aws.com
deletionPolicy: {{ deletion_policy }}
{% if deletion_policy == "Retain" %}
#? The EBS snapshot outlives the object: deleting a namespace does not delete the backup.
{% else %}
#? The EBS snapshot goes when the object goes.
{% endif %}
---
{% endif %}
apiVersion: snapshot.storage.k8s.io/v1
kind: VolumeSnapshot
metadata:
  name: {{ name|q }}
  namespace: {{ namespace|q }}
spec:
  volumeSnapshotClassName: {{ class_name|q }}
  source:
    persistentVolumeClaimName: {{ claim|q }}
    #? What is on the disk at that moment, as after a power cut: stop or flush the program for a clean state.
{% if restore %}
---
# A new disk with the content of the snapshot, in whatever zone its pod is scheduled to.
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: {{ restore_name|q }}
  namespace: {{ namespace|q }} #? Snapshots are read only from their own namespace.
spec:
  storageClassName: {{ storage_class|q }}
  accessModes: [ReadWriteOncePod]
  dataSource:
    apiGroup: snapshot.storage.k8s.io
    kind: VolumeSnapshot
    name: {{ name|q }}
  resources:
    requests:
      storage: {{ size_gib }}Gi #? Not smaller than the disk the snapshot was taken of.
{% endif %}
"""


def render(choices: Mapping[str, Value]) -> Bundle:
    """Return class, snapshot and claim."""
    chosen = Chosen("volume-snapshot", choices)
    claim = chosen.text("claim", identifiers.dns_subdomain)
    restored = chosen.text("restore_name", identifiers.dns_subdomain)
    if chosen.flag("restore") and restored == claim:
        raise refuse("restore_name", f"{claim} exists already: it is what is copied", "Choose another name.")
    notes = [
        "The cluster needs the snapshot controller and its CRDs: the add-on snapshot-controller.",
        "The first reads of a restored disk are slow: blocks come from S3 when they are needed.",
    ]
    if chosen.text("deletion_policy") == "Delete":
        notes.append("A snapshot that goes with its object is no backup against a deleted namespace.")
    file = chosen.file(
        "snapshot.yaml",
        _TEMPLATE,
        name=chosen.text("name", identifiers.dns_subdomain),
        namespace=chosen.text("namespace", identifiers.dns_label),
        claim=claim,
        class_name=chosen.text("class_name", identifiers.dns_subdomain),
        restore_name=restored,
        storage_class=chosen.text("storage_class", identifiers.dns_subdomain),
    )
    return chosen.bundle(file, notes=notes)


GENERATOR = Generator(
    name="volume-snapshot",
    title="VolumeSnapshot",
    summary="A snapshot of a claim's EBS volume, and a new claim that starts from it.",
    produces="manifest",
    inputs=(
        name_of("the VolumeSnapshot", "ledger-before-upgrade"),
        namespace(),
        text("claim", "Claim", "data-ledger-0", "Claim whose disk is copied."),
        flag("snapshot_class", "Class", True, "Add the VolumeSnapshotClass."),
        text("class_name", "Class name", "ebs", "Name of the VolumeSnapshotClass."),
        choice(
            "deletion_policy", "Deletion policy", ("Retain", "Delete"), "What happens to the EBS snapshot."
        ),
        flag("restore", "Restore", False, "Add a claim that starts from the snapshot."),
        text("restore_name", "Restored claim", "ledger-restored", "Name of the new claim."),
        text("storage_class", "Storage class", "gp3", "StorageClass of the new claim."),
        integer("size_gib", "Size", 20, "Size of the new claim.", "GiB", 1, 65_536),
    ),
    render=render,
    lesson="storage.stateful-sets",
)
