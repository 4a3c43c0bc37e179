"""Replicas with a disk and a name each.

Source: Kubernetes, StatefulSets; EBS CSI driver, access modes (read 2026-11-22).
"""

from __future__ import annotations

from collections.abc import Mapping

from eks_lab.calc.model import Value
from eks_lab.generate import identifiers
from eks_lab.generate.chosen import Chosen, refuse
from eks_lab.generate.fields import CPU, IMAGE, MEMORY, choice, flag, integer, name_of, namespace, text
from eks_lab.generate.model import Bundle, Generator

_LONGEST_NAME = 52
"""Pods are labelled with the name of their controller revision, which is ten characters longer (limit 63)."""
_TEMPLATE = """
apiVersion: v1
kind: Service
metadata:
  name: {{ name|q }}
  namespace: {{ namespace|q }}
spec:
  clusterIP: None #? Headless: each pod gets a DNS name of its own, {{ name }}-0.{{ name }}, and keeps it.
  selector:
    app: {{ name|q }}
  ports:
    - name: main
      port: {{ port }}
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: {{ name|q }}
  namespace: {{ namespace|q }}
spec:
  serviceName: {{ name|q }} #? The Service above; it cannot be changed later.
  replicas: {{ replicas }}
  podManagementPolicy: {{ "Parallel" if start_in_parallel else "OrderedReady" }}
{% if start_in_parallel %}
  #? All start at once: for members that find each other by themselves.
{% else %}
  #? One after the other; a pod that never becomes Ready holds up those behind it.
{% endif %}
  selector:
    matchLabels:
      app: {{ name|q }}
  persistentVolumeClaimRetentionPolicy:
    whenDeleted: {{ "Retain" if keep_claims else "Delete" }}
    whenScaled: {{ "Retain" if keep_claims else "Delete" }}
{% if keep_claims %}
    #? Claims and disks stay when pods go; scaled up again they are found again. They cost money meanwhile.
{% else %}
    #? Claims go with their pods, and with reclaim policy Delete the data goes too.
{% endif %}
  template:
    metadata:
      labels:
        app: {{ name|q }}
    spec:
      terminationGracePeriodSeconds: {{ grace_seconds }} #? Time to flush before the process is killed.
{% if spread_zones %}
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: topology.kubernetes.io/zone
          whenUnsatisfiable: DoNotSchedule #? The first start decides the zone of the disk for ever: better to wait.
          nodeTaintsPolicy: Honor #? Nodes that take no pods do not count as a zone.
          labelSelector:
            matchLabels:
              app: {{ name|q }}
{% endif %}
      containers:
        - name: main
          image: {{ image|q }}
          ports:
            - name: main
              containerPort: {{ port }}
          readinessProbe:
            tcpSocket:
              port: main
            periodSeconds: 5
          resources:
            requests:
              cpu: {{ cpu_millicores }}m
              memory: {{ memory_mib }}Mi
            limits:
              memory: {{ memory_mib }}Mi #? As requested: a database that is killed for memory has to recover.
          volumeMounts:
            - name: data
              mountPath: {{ mount_path|q }}
  volumeClaimTemplates:
  #? One claim a pod, data-{{ name }}-0 and so on. Only few fields may change later; the size is not among them.
    - metadata:
        name: data
      spec:
        storageClassName: {{ storage_class|q }}
        accessModes: [{{ access_mode }}]
{% if access_mode == "ReadWriteOncePod" %}
        #? One pod at a time, kept even when a node is lost and its pod seems to run still.
{% else %}
        #? One node at a time: two pods on it could both write.
{% endif %}
        resources:
          requests:
            storage: {{ size_gib }}Gi
{% if budget %}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ name|q }}
  namespace: {{ namespace|q }}
spec:
  maxUnavailable: 1 #? A drain takes one pod at a time, whatever the number of replicas.
  unhealthyPodEvictionPolicy: AlwaysAllow #? A pod that does not work anyway never blocks a drain.
  selector:
    matchLabels:
      app: {{ name|q }}
{% endif %}
"""


def render(choices: Mapping[str, Value]) -> Bundle:
    """Return Service, StatefulSet and budget."""
    chosen = Chosen("statefulset", choices)
    name = identifiers.service_name("name", chosen.text("name"))
    if len(name) > _LONGEST_NAME:
        raise refuse(
            "name", f"{len(name)} characters are too many for a StatefulSet", f"At most {_LONGEST_NAME}."
        )
    if chosen.text("compute") == "fargate":
        raise refuse(
            "compute",
            "Fargate cannot mount EBS volumes",
            "Run it on nodes, or keep the files on EFS: the generator storage-class-efs.",
        )
    replicas = chosen.integer("replicas")
    if chosen.flag("budget") and replicas == 0:
        raise refuse("budget", "there are no pods to protect", "Set budget=no, or replicas above 0.")
    notes = ["The StorageClass has to exist, and should wait for the pod (WaitForFirstConsumer)."]
    if replicas in {2, 4, 6}:
        notes.append(
            f"{replicas} members survive no more failures than {replicas - 1} where a majority decides."
        )
    if replicas == 1:
        notes.append("One replica is away for minutes when its node goes: the disk has to be detached first.")
    if not chosen.flag("keep_claims"):
        notes.append("Scaling down deletes data. Take snapshots first: the generator volume-snapshot.")
    file = chosen.file(
        "statefulset.yaml",
        _TEMPLATE,
        name=name,
        namespace=chosen.text("namespace", identifiers.dns_label),
        image=chosen.text("image", identifiers.container_image),
        storage_class=chosen.text("storage_class", identifiers.dns_subdomain),
        mount_path=chosen.text(
            "mount_path", identifiers.matching(r"(?:/[\w.-]+)+", "a path", "/data", longest=200)
        ),
    )
    return chosen.bundle(file, notes=notes)


GENERATOR = Generator(
    name="statefulset",
    title="StatefulSet with claims",
    summary="Replicas with a name and a disk each, spread over zones, with a disruption budget.",
    produces="manifest",
    inputs=(
        name_of("StatefulSet, Service and budget", "ledger"),
        namespace(),
        IMAGE,
        integer("replicas", "Replicas", 3, "How many pods.", "pods", 0, 1000),
        integer("port", "Port", 8080, "Port of the container.", "port", 1, 65535),
        text("storage_class", "Storage class", "gp3", "StorageClass of the claims."),
        integer("size_gib", "Size", 20, "Size of each disk.", "GiB", 1, 65_536),
        choice(
            "access_mode",
            "Access mode",
            ("ReadWriteOncePod", "ReadWriteOnce"),
            "Who may mount a disk at once.",
        ),
        text("mount_path", "Mount path", "/data", "Where the disk appears in the container."),
        CPU,
        MEMORY,
        flag("spread_zones", "Spread zones", True, "Spread the pods over zones."),
        flag("start_in_parallel", "Start in parallel", False, "Start all pods at once."),
        flag("keep_claims", "Keep claims", True, "Keep claims when pods are scaled away or deleted."),
        integer(
            "grace_seconds", "Grace period", 60, "Time to stop before the process is killed.", "s", 1, 3600
        ),
        flag("budget", "Budget", True, "Add a PodDisruptionBudget."),
        choice("compute", "Pods run on", ("nodes", "fargate"), "Where the pods run."),
    ),
    render=render,
    lesson="storage.stateful-sets",
)
