"""What a node on Amazon Linux 2023 reads when it starts: nodeadm's NodeConfig.

Source: awslabs/amazon-eks-ami, nodeadm API and examples (2026-07-23).
"""

from __future__ import annotations

from collections.abc import Mapping

from eks_lab.calc.model import Input, Value
from eks_lab.calc.pod_limit import Question, pod_limit
from eks_lab.catalog import instance_types
from eks_lab.generate import identifiers
from eks_lab.generate.chosen import Chosen, refuse
from eks_lab.generate.fields import CLUSTER, choice, flag, integer, text
from eks_lab.generate.model import Bundle, Generator

_TEMPLATE = """
{% if form == "user-data" %}
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="NODECONFIG"

--NODECONFIG
Content-Type: application/node.eks.aws
#? cloud-init hands parts of this type to nodeadm. Parts of type text/x-shellscript may stand beside it.

{% endif %}
apiVersion: node.eks.aws/v1alpha1
kind: NodeConfig
spec:
{% if nodes == "self-managed" %}
  cluster:
    name: {{ cluster|q }} #? The node joins this cluster. A wrong name ends as NodeCreationFailure or silence.
    apiServerEndpoint: {{ endpoint|q }}
    certificateAuthority: {{ certificate_authority|q }}
    #? All four from aws eks describe-cluster: nodeadm does not ask EKS for them itself.
    cidr: {{ service_cidr|q }} #? Of Services, not of the VPC: kubelet derives the address of the cluster's DNS from it.
{% endif %}
  kubelet:
    config:
{% if max_pods %}
      maxPods: {{ max_pods }}
      #? {{ max_pods_reason }}
{% endif %}
      containerLogMaxSize: {{ log_size_mib }}Mi #? Kubelet starts a new log file of a container at this size.
      containerLogMaxFiles: {{ log_files }} #? As many are kept; older lines are gone from the node.
{% if taints %}
      registerWithTaints:
{% for key, (value, effect) in taints.items() %}
        - key: {{ key|q }}
          value: {{ value|q }}
          effect: {{ effect }}
          #? There from the first moment: a taint set later comes after the first pods.
{% endfor %}
{% endif %}
{% if labels %}
    flags:
      - {{ ("--node-labels=" ~ labels)|q }}
      #? Labels the node has when it registers. Kubelet may not set those of kubernetes.io itself.
{% endif %}
{% if local_storage != "none" %}
  instance:
    localStorage:
      strategy: {{ "RAID0" if local_storage == "raid0" else "RAID10" if local_storage == "raid10" else "Mount" }}
      #? NVMe disks of the instance: as an array they hold container images and emptyDir volumes. Gone with the node.
{% endif %}
{% if form == "user-data" %}

--NODECONFIG--
{% endif %}
"""
_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")


def _taint(name: str, text: str) -> str:
    value, _, effect = text.partition(":")
    if effect not in _EFFECTS:
        raise refuse(name, f"{text!r} has no effect after a colon", "Write dedicated=batch:NoSchedule.")
    return f"{identifiers.label_value(name, value)}:{effect}"


def _max_pods(chosen: Chosen, notes: list[str]) -> tuple[int | None, str]:
    """Return maxPods and why, or None when nodeadm's own number is right."""
    instance = instance_types.get(chosen.text("instance"))
    prefixes = chosen.flag("prefix_delegation")
    if prefixes and not instance.supports_prefixes:
        raise refuse(
            "prefix_delegation",
            f"{instance.name} cannot hold prefixes: it is not a Nitro type",
            "Choose a Nitro type, or leave prefixes off.",
        )
    limit = pod_limit(Question(instance, prefixes, custom_networking=chosen.flag("custom_networking")))
    if chosen.is_set("max_pods"):
        wanted = chosen.integer("max_pods")
        if limit.formula_pods is not None and wanted > limit.formula_pods:
            raise refuse(
                "max_pods",
                f"{wanted} pods need more addresses than {instance.name} can hold ({limit.formula_pods} pods)",
                f"At most {limit.formula_pods}, or turn prefix delegation on.",
            )
        if wanted > limit.max_pods:
            notes.append(f"AWS recommends at most {limit.max_pods} pods for {instance.name}.")
        return wanted, "Your number. Kubelet refuses the pod after it, whatever addresses are free."
    if prefixes or chosen.flag("custom_networking"):
        return limit.max_pods, (
            f"What {instance.name} holds in this mode, with AWS's ceiling: nodeadm by itself reckons with single"
            " secondary addresses on every interface."
        )
    return None, ""


def render(choices: Mapping[str, Value]) -> Bundle:
    """Return the NodeConfig, bare or as user data."""
    chosen = Chosen("nodeadm-nodeconfig", choices)
    notes: list[str] = []
    max_pods, reason = _max_pods(chosen, notes)
    labels = chosen.pairs("labels", identifiers.label_key, identifiers.label_value)
    for key in labels:
        domain = key.partition("/")[0]
        if (
            "/" in key
            and domain.endswith(("kubernetes.io", "k8s.io"))
            and domain
            not in {
                "node.kubernetes.io",
                "kubelet.kubernetes.io",
            }
        ):
            raise refuse("labels", f"kubelet may not set {key}", "Use a prefix of your own.")
    taints = {
        key: value.split(":") for key, value in chosen.pairs("taints", identifiers.label_key, _taint).items()
    }
    nodes = chosen.text("nodes")
    is_user_data = chosen.text("form") == "user-data"
    if nodes == "managed":
        notes.append(
            "A managed node group without an AMI id of your own adds the cluster's part itself and merges it with this."
        )
    else:
        notes.append("Self-managed nodes need an access entry of type EC2_LINUX for their role.")
    if chosen.flag("prefix_delegation"):
        notes.append("ENABLE_PREFIX_DELEGATION has to be on in the VPC CNI before the node starts.")
    file = chosen.file(
        "user-data.txt" if is_user_data else "nodeconfig.yaml",
        _TEMPLATE,
        cluster=chosen.text("cluster", identifiers.cluster_name),
        endpoint=chosen.text("endpoint", identifiers.https_url),
        certificate_authority=chosen.text("certificate_authority", identifiers.base64_text),
        service_cidr=chosen.text("service_cidr", identifiers.network),
        max_pods=max_pods,
        max_pods_reason=reason,
        taints=taints,
        labels=",".join(f"{key}={value}" for key, value in labels.items()),
    )
    return chosen.bundle(file, notes=notes)


GENERATOR = Generator(
    name="nodeadm-nodeconfig",
    title="NodeConfig for Amazon Linux 2023",
    summary="What a node on Amazon Linux 2023 is told at start: cluster, pod limit, labels, taints.",
    produces="manifest",
    inputs=(
        choice(
            "form",
            "Form",
            ("user-data", "yaml"),
            "As MIME user data for a launch template, or the object alone.",
        ),
        choice("nodes", "Nodes", ("self-managed", "managed"), "Who runs the node group."),
        CLUSTER,
        text(
            "endpoint",
            "Endpoint",
            "https://EXAMPLE.gr7.us-east-1.eks.amazonaws.com",
            "Address of the Kubernetes API.",
        ),
        text(
            "certificate_authority",
            "Certificate authority",
            "Y2VydGlmaWNhdGUtYXV0aG9yaXR5",
            "The cluster's certificateAuthority.data, base64.",
        ),
        text("service_cidr", "Service range", "172.20.0.0/16", "Range of Service addresses."),
        Input("instance", "Instance type", "instance", "m5.large", "Type of the nodes, for the pod limit."),
        flag("prefix_delegation", "Prefix delegation", False, "Whether the VPC CNI hands out /28 prefixes."),
        flag("custom_networking", "Custom networking", False, "Whether pods stay off the primary interface."),
        integer(
            "max_pods", "Max pods", None, "Pods a node may run; empty for the right number.", "pods", 4, 1000
        ),
        integer(
            "log_size_mib", "Log size", 50, "Size at which a container's log is rotated.", "MiB", 1, 1024
        ),
        integer("log_files", "Log files", 5, "Log files kept for each container.", "files", 2, 20),
        text("labels", "Labels", None, "Labels of the node: key=value with commas."),
        text("taints", "Taints", None, "Taints of the node: key=value:Effect with commas."),
        choice(
            "local_storage",
            "Local disks",
            ("none", "raid0", "raid10", "mount"),
            "What to do with NVMe disks.",
        ),
    ),
    render=render,
    lesson="compute.nodes-and-amis",
)
