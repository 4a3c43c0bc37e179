"""Which nodes Karpenter may launch, how many, and how it gives them back.

Source: kubernetes-sigs/karpenter, pkg/apis/crds; Karpenter, NodePools and Disruption (2026-08-20).
"""

from __future__ import annotations

from collections.abc import Mapping

from eks_lab.calc.model import Value
from eks_lab.generate import identifiers
from eks_lab.generate.choices import read_choices
from eks_lab.generate.chosen import Chosen, refuse
from eks_lab.generate.fields import CLUSTER, choice, flag, integer, name_of, text
from eks_lab.generate.manifests import ec2nodeclass
from eks_lab.generate.model import Bundle, Generator, Original

_TEMPLATE = """
apiVersion: karpenter.sh/v1
kind: NodePool
metadata:
  name: {{ name|q }}
spec:
{% if weight %}
  weight: {{ weight }} #? Pools with a higher weight are tried first.
{% endif %}
  template:
{% if labels %}
    metadata:
      labels:
{% for key, value in labels.items() %}
        {{ key|q }}: {{ value|q }}
{% endfor %}
{% endif %}
    spec:
      nodeClassRef: #? Required since v1, all three fields.
        group: karpenter.k8s.aws
        kind: EC2NodeClass
        name: {{ node_class|q }}
      requirements:
        - key: kubernetes.io/arch
          operator: In
          values: {{ architectures|q }}
{% if "arm64" in architectures %}
          #? Graviton costs less for the same work; images have to exist for each architecture that is named.
{% endif %}
        - key: kubernetes.io/os
          operator: In
          values: [linux]
        - key: karpenter.sh/capacity-type
          operator: In
          values: {{ capacity_types|q }}
{% if "spot" in capacity_types %}
          #? Spot is taken first where it is allowed; it goes with two minutes' notice.
{% endif %}
        - key: karpenter.k8s.aws/instance-category
          operator: In
          values: {{ categories|q }} #? Many types, so that there is always one that EC2 has.
        - key: karpenter.k8s.aws/instance-generation
          operator: Gt
          values: ["{{ min_generation - 1 }}"] #? Older generations cost more for less. Text, although it is a number.
{% if min_vcpus > 1 %}
        - key: karpenter.k8s.aws/instance-cpu
          operator: Gt
          values: ["{{ min_vcpus - 1 }}"] #? Small nodes spend much of themselves on DaemonSets.
{% endif %}
{% if max_vcpus %}
        - key: karpenter.k8s.aws/instance-cpu
          operator: Lt
          values: ["{{ max_vcpus + 1 }}"] #? Large nodes take many pods with them when they go.
{% endif %}
{% if zones %}
        - key: topology.kubernetes.io/zone
          operator: In
          values: {{ zones|q }}
{% endif %}
{% if taints %}
      taints: #? Only pods that tolerate them come here.
{% for key, (value, effect) in taints.items() %}
        - key: {{ key|q }}
          value: {{ value|q }}
          effect: {{ effect }}
{% endfor %}
{% endif %}
{% if wait_for_ebs %}
      startupTaints:
        - key: ebs.csi.aws.com/agent-not-ready
          effect: NoExecute
          #? The EBS driver takes it off when it is ready: until then the scheduler would miscount volumes.
{% endif %}
      expireAfter: {{ expire_after_hours ~ "h" if expire_after_hours else "Never" }}
{% if expire_after_hours %}
      #? No node gets older: patches arrive, and nothing depends on one machine.
{% else %}
      #? Nodes live until something else ends them: mind the age of their images.
{% endif %}
      terminationGracePeriod: {{ termination_grace_hours }}h
      #? After this time pods are deleted even against a budget: without it one budget keeps an expired node for ever.
  disruption:
    consolidationPolicy: {{ consolidation }}
{% if consolidation == "WhenEmpty" %}
    #? Only empty nodes are given back; half-empty ones stay and cost.
{% else %}
    #? Nodes are also emptied or replaced by cheaper ones when their pods fit elsewhere.
{% endif %}
    consolidateAfter: {{ consolidate_after_minutes }}m #? How long a node has to be quiet: pods that come and go start it anew.
    budgets:
      - nodes: "{{ budget_percent }}%" #? At most this share of the pool is disrupted at once. Expiry and spot do not ask.
{% if quiet_start %}
      - nodes: "0"
        schedule: "{{ quiet_start }}"
        duration: {{ quiet_hours }}h
        reasons: [Underutilized, Empty]
        #? In these hours (UTC) nothing is consolidated; drifted nodes are still replaced.
{% endif %}
  limits:
    cpu: "{{ cpu_limit }}" #? Of all nodes of the pool: the brake for a mistake that asks for a thousand pods.
    memory: {{ memory_limit_gib }}Gi
"""
_ARCHITECTURES = {"both": ["amd64", "arm64"], "arm64": ["arm64"], "amd64": ["amd64"]}
_CAPACITY = {"spot-and-on-demand": ["spot", "on-demand"], "on-demand": ["on-demand"], "spot": ["spot"]}
_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_OWNED = ("kubernetes.io", "k8s.io", "karpenter.sh", "karpenter.k8s.aws")


def _taint(name: str, text: str) -> str:
    value, _, effect = text.partition(":")
    if effect not in _EFFECTS:
        raise refuse(name, f"{text!r} has no effect after a colon", "Write dedicated=batch:NoSchedule.")
    return f"{identifiers.label_value(name, value)}:{effect}"


def _own_label(name: str, text: str) -> str:
    key = identifiers.label_key(name, text)
    domain = key.partition("/")[0] if "/" in key else ""
    if domain.endswith(_OWNED):
        raise refuse(name, f"{key} belongs to Kubernetes or Karpenter", "Use a prefix of your own.")
    return key


def render(choices: Mapping[str, Value]) -> Bundle:
    """Return the pool, and a class for it when it is wanted."""
    chosen = Chosen("nodepool", choices)
    name = chosen.text("name", identifiers.dns_subdomain)
    node_class = chosen.text("node_class", identifiers.dns_subdomain) or name
    zones = chosen.listed("zones", identifiers.zone, most=6)
    least, most = (
        chosen.integer("min_vcpus"),
        chosen.integer("max_vcpus") if chosen.is_set("max_vcpus") else None,
    )
    if most is not None and most < least:
        raise refuse("max_vcpus", f"{most} is below min-vcpus {least}", "No instance type would be left.")
    if most is not None and chosen.integer("cpu_limit") < least:
        raise refuse("cpu_limit", f"not one node of {least} vCPUs fits under it", "Raise it.")
    quiet = chosen.is_set("quiet_from_hour")
    notes = []
    if chosen.text("capacity") == "spot":
        notes.append(
            "Spot alone: when EC2 has none of these types, pods stay Pending. Allow on-demand beside it."
        )
    if len(zones) == 1:
        notes.append("One zone: when it fails, so does the pool.")
    if chosen.integer("expire_after_hours") == 0:
        notes.append("Nodes that never expire keep old images and old kernels until you replace them.")
    if chosen.text("architecture") == "both":
        notes.append(
            "Both architectures: an image for one of them only ends in 'exec format error' on the other."
        )
    if chosen.integer("budget_percent") == 0:
        notes.append("A budget of 0 % stops consolidation and the replacement of drifted nodes for good.")
    file = chosen.file(
        "nodepool.yaml",
        _TEMPLATE,
        name=name,
        node_class=node_class,
        architectures=_ARCHITECTURES[chosen.text("architecture")],
        capacity_types=_CAPACITY[chosen.text("capacity")],
        categories=list(
            chosen.listed(
                "categories", identifiers.matching(r"[a-z]{1,4}", "an instance category", "m"), most=20
            )
        ),
        zones=list(zones),
        labels=chosen.pairs("labels", _own_label, identifiers.label_value),
        taints={key: value.split(":") for key, value in chosen.pairs("taints", _own_label, _taint).items()},
        quiet_start=f"0 {chosen.integer('quiet_from_hour')} * * mon-fri" if quiet else "",
    )
    if not chosen.flag("with_class"):
        notes.append(f"The EC2NodeClass {node_class} has to exist: the generator ec2nodeclass makes one.")
        return chosen.bundle(file, notes=notes)
    given = {"name": node_class, "cluster": chosen.text("cluster"), "role": chosen.text("role")}
    made = ec2nodeclass.render(read_choices(ec2nodeclass.GENERATOR, "", given))
    return chosen.bundle(file, *made.files, notes=(*notes, *made.notes))


GENERATOR = Generator(
    name="nodepool",
    title="Karpenter NodePool",
    summary="Which nodes Karpenter may launch, within which limits, and how it gives them back.",
    produces="manifest",
    inputs=(
        name_of("the NodePool", "general"),
        text("node_class", "Node class", None, "Name of the EC2NodeClass; empty for the same name."),
        flag("with_class", "With class", True, "Add an EC2NodeClass with usual settings."),
        CLUSTER,
        text("role", "Node role", "lab-karpenter-node", "IAM role of the nodes, for the class."),
        choice("architecture", "Architecture", tuple(_ARCHITECTURES), "Processors that are allowed."),
        choice("capacity", "Capacity", tuple(_CAPACITY), "How instances are bought."),
        text("categories", "Categories", "c,m,r", "Instance categories, with commas."),
        integer(
            "min_generation",
            "Oldest generation",
            6,
            "Oldest generation of instance types.",
            "generation",
            2,
            9,
        ),
        integer("min_vcpus", "Smallest node", 2, "Fewest vCPUs of a node.", "vCPUs", 1, 192),
        integer(
            "max_vcpus",
            "Largest node",
            16,
            "Most vCPUs of a node; empty for any.",
            "vCPUs",
            1,
            448,
            optional=True,
        ),
        text("zones", "Zones", None, "Zones the pool is limited to, with commas; empty for all."),
        integer("cpu_limit", "CPU limit", 64, "vCPUs of all nodes together.", "vCPUs", 1, 100_000),
        integer(
            "memory_limit_gib", "Memory limit", 256, "Memory of all nodes together.", "GiB", 1, 1_000_000
        ),
        choice(
            "consolidation",
            "Consolidation",
            ("WhenEmptyOrUnderutilized", "WhenEmpty"),
            "Which nodes are given back.",
        ),
        integer(
            "consolidate_after_minutes", "Quiet time", 5, "How long a node has to be quiet.", "min", 0, 1440
        ),
        integer("budget_percent", "Budget", 10, "Share of nodes disrupted at once.", "%", 0, 100),
        integer(
            "quiet_from_hour", "No consolidation from", None, "Hour (UTC) on working days.", "hour", 0, 23
        ),
        integer("quiet_hours", "No consolidation for", 8, "Length of that time.", "h", 1, 24),
        integer(
            "expire_after_hours",
            "Expires after",
            720,
            "Age at which a node is replaced; 0 for never.",
            "h",
            0,
            8760,
        ),
        integer(
            "termination_grace_hours", "Grace", 24, "Longest wait for pods when a node goes.", "h", 1, 720
        ),
        integer("weight", "Weight", None, "Pools with a higher weight are tried first.", "", 1, 100),
        text("labels", "Labels", None, "Labels of the nodes: key=value with commas."),
        text("taints", "Taints", None, "Taints of the nodes: key=value:Effect with commas."),
        flag("wait_for_ebs", "Wait for EBS", True, "Keep pods away until the EBS driver is ready."),
    ),
    render=render,
    lesson="scaling.karpenter-nodepools",
    original=Original(
        "Chapter 7, Karpenter Provisioner",
        (
            "karpenter.sh/v1beta1 is gone since Karpenter 1.1; v1 it is, and the word Provisioner is older still.",
            "nodeClassRef with group, kind and name is required, and so is the class itself.",
            "limits are set: the guide's pool has none.",
            "disruption, budgets, expireAfter and terminationGracePeriod are stated.",
            "arm64 is allowed beside amd64, and the categories and generations are named.",
        ),
    ),
    presets={
        "production": {
            "capacity": "on-demand",
            "budget_percent": 10,
            "quiet_from_hour": 8,
            "quiet_hours": 10,
        },
        "batch": {
            "name": "batch",
            "capacity": "spot-and-on-demand",
            "consolidation": "WhenEmpty",
            "taints": "dedicated=batch:NoSchedule",
        },
    },
)
