"""Nothing in, nothing out, for every pod of a namespace, except what is needed to live.

Source: Kubernetes, Network Policies; EKS user guide, limit pod traffic and Pod Identity agent (read 2026-11-22).
"""

from __future__ import annotations

from collections.abc import Mapping

from eks_lab.calc.model import Value
from eks_lab.generate import identifiers
from eks_lab.generate.chosen import Chosen, refuse
from eks_lab.generate.fields import choice, flag, name_of, namespace
from eks_lab.generate.model import Bundle, Generator

_TEMPLATE = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ name|q }}
  namespace: {{ namespace|q }}
spec:
  podSelector: {} #? Every pod of the namespace, those to come as well.
  policyTypes: [{{ types|join(", ") }}]
  #? A direction that is named and has no rule is closed. Policies only add: later ones open what they name.
{% if allow_dns and "Egress" in types %}
---
# Names have to be resolved, or everything looks broken.
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ dns_name|q }}
  namespace: {{ namespace|q }}
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
    - to:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: kube-system #? Kubernetes sets this label on every namespace by itself.
          podSelector:
          #? In the same item as the namespace: both have to match. With a dash of its own it would be one or the other.
            matchLabels:
              k8s-app: kube-dns #? CoreDNS kept the label of its predecessor.
      ports:
        - protocol: UDP
          port: 53
        - protocol: TCP
          port: 53 #? Long answers come over TCP.
{% endif %}
{% if allow_same_namespace %}
---
# Pods of the namespace may talk to each other.
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ same_name|q }}
  namespace: {{ namespace|q }}
spec:
  podSelector: {}
  policyTypes: [{{ types|join(", ") }}]
{% if "Ingress" in types %}
  ingress:
    - from:
        - podSelector: {} #? Without a namespaceSelector: the policy's own namespace.
{% endif %}
{% if "Egress" in types %}
  egress:
    - to:
        - podSelector: {}
{% endif %}
{% endif %}
{% if allow_pod_identity and "Egress" in types %}
---
# The agents on the node that hand out AWS credentials.
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ identity_name|q }}
  namespace: {{ namespace|q }}
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
    - to:
        - ipBlock:
            cidr: 169.254.170.23/32 #? The Pod Identity agent; the metadata service, 169.254.169.254, stays closed.
      ports:
        - protocol: TCP
          port: 80
{% endif %}
"""
_TYPES = {"both": ["Ingress", "Egress"], "ingress": ["Ingress"], "egress": ["Egress"]}


def render(choices: Mapping[str, Value]) -> Bundle:
    """Return the policies."""
    chosen = Chosen("network-policy-default-deny", choices)
    name = chosen.text("name", identifiers.dns_label)
    direction = chosen.text("direction")
    target = chosen.text("namespace", identifiers.dns_label)
    if target == "kube-system":
        raise refuse(
            "namespace",
            "closing kube-system cuts CoreDNS, the CNI's helpers and webhooks off",
            "Start with a namespace of an application.",
        )
    notes = [
        "The VPC CNI has to enforce policies (enableNetworkPolicy): otherwise the objects are accepted and ignored.",
        "In the CNI's default mode a new pod is open for the first seconds, until its policies are in place.",
    ]
    if direction != "ingress" and not chosen.flag("allow_dns"):
        notes.append(
            "Without DNS almost every connection fails by name: allow it here or with a policy of your own."
        )
    if direction != "egress":
        notes.append(
            "Load balancers and the control plane's webhooks come from outside too: allow what has to come in."
        )
    file = chosen.file(
        "default-deny.yaml",
        _TEMPLATE,
        name=name,
        namespace=target,
        types=_TYPES[direction],
        dns_name=identifiers.with_suffix(name, "-allow-dns"),
        same_name=identifiers.with_suffix(name, "-allow-same-namespace"),
        identity_name=identifiers.with_suffix(name, "-allow-pod-identity"),
    )
    return chosen.bundle(file, notes=notes)


GENERATOR = Generator(
    name="network-policy-default-deny",
    title="NetworkPolicy: closed by default",
    summary="Closes a namespace in one direction or both, and opens what every pod needs.",
    produces="manifest",
    inputs=(
        name_of("the policy; those that open something start with it", "default-deny"),
        namespace("payments"),
        choice("direction", "Direction", ("both", "ingress", "egress"), "What to close."),
        flag("allow_dns", "Allow DNS", True, "Let pods ask CoreDNS."),
        flag(
            "allow_same_namespace", "Allow neighbours", False, "Let pods of the namespace talk to each other."
        ),
        flag(
            "allow_pod_identity",
            "Allow Pod Identity",
            True,
            "Let pods reach the Pod Identity agent of their node.",
        ),
    ),
    render=render,
    lesson="practices.security",
)
