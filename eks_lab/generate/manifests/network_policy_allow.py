"""One allowed connection between pods, or from a network, under closed defaults.

Source: Kubernetes, Network Policies; EKS user guide, limit pod traffic (read 2026-11-22).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

from eks_lab.calc.model import Value
from eks_lab.generate import identifiers
from eks_lab.generate.chosen import Chosen, refuse
from eks_lab.generate.fields import choice, flag, integer, name_of, namespace, text
from eks_lab.generate.model import Bundle, Generator

_TEMPLATE = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ name|q }}
  namespace: {{ namespace|q }}
spec:
  podSelector:
    matchLabels:
      app: {{ app|q }} #? The pods that are called.
  policyTypes: [Ingress]
  ingress:
    - from:
{% if peer == "cidr" %}
        - ipBlock:
            cidr: {{ cidr|q }}
            #? Only for addresses outside the cluster: between pods the labels decide, not addresses that change.
{% elif peer == "namespace" %}
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: {{ peer_namespace|q }} #? Every pod of that namespace.
{% else %}
        - {% if peer_namespace != namespace %}namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: {{ peer_namespace|q }}
              #? Kubernetes sets this label on every namespace by itself.
          podSelector:
          #? In the same item as the namespace: both have to match. With a dash of its own it would be one or the other.
{% else %}podSelector:
{% endif %}
            matchLabels:
              app: {{ peer_app|q }} #? The pods that may call.
{% endif %}
      ports:
        - protocol: {{ protocol }}
          port: {{ port }} #? The port of the container, not of the Service.
{% if end_port %}
          endPort: {{ end_port }} #? The end of a range that starts at port.
{% endif %}
{% if both_ends %}
---
# The caller's side: under a closed default both ends need a rule.
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ egress_name|q }}
  namespace: {{ peer_namespace|q }}
spec:
  podSelector:
{% if peer == "namespace" %}
    {}
{% else %}
    matchLabels:
      app: {{ peer_app|q }}
{% endif %}
  policyTypes: [Egress]
  egress:
    - to:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: {{ namespace|q }}
          podSelector:
            matchLabels:
              app: {{ app|q }}
      ports:
        - protocol: {{ protocol }}
          port: {{ port }}
{% if end_port %}
          endPort: {{ end_port }}
{% endif %}
{% if allow_dns %}
    - to: #? The caller has to find the name first. A policy for egress closes everything it does not name.
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: kube-system
          podSelector:
            matchLabels:
              k8s-app: kube-dns
      ports:
        - protocol: UDP
          port: 53
        - protocol: TCP
          port: 53
{% endif %}
{% endif %}
"""


def render(choices: Mapping[str, Value]) -> Bundle:
    """Return the policy, and its counterpart when it is wanted."""
    chosen = Chosen("network-policy-allow", choices)
    name = chosen.text("name", identifiers.dns_label)
    own = chosen.text("namespace", identifiers.dns_label)
    peer = chosen.text("peer")
    port = chosen.integer("port")
    end_port = chosen.integer("end_port") if chosen.is_set("end_port") else None
    both_ends = chosen.flag("both_ends")
    cidr = chosen.text("cidr", identifiers.network)
    if peer == "cidr" and not cidr:
        raise refuse("cidr", "peer=cidr needs a network", "For example 10.0.0.0/16.")
    if peer == "cidr" and both_ends:
        raise refuse("both_ends", "a network has no pods, so there is no other end", "Set both-ends=no.")
    if end_port is not None and end_port <= port:
        raise refuse("end_port", f"{end_port} does not lie above port {port}", "Leave it empty for one port.")
    notes = [
        "The VPC CNI has to enforce policies (enableNetworkPolicy): otherwise the object is accepted and ignored."
    ]
    if peer == "cidr" and ipaddress.ip_network(cidr).prefixlen == 0:
        notes.append(f"{cidr} is everybody, on every side of every load balancer.")
    if both_ends and not chosen.flag("allow_dns"):
        notes.append(
            "The caller's rule closes every other way out, DNS too: allow that in a policy of its own."
        )
    if end_port is not None:
        notes.append("Check that your CNI handles endPort: the VPC CNI does.")
    file = chosen.file(
        "allow.yaml",
        _TEMPLATE,
        name=name,
        namespace=own,
        app=chosen.text("app", identifiers.label_value),
        peer_app=chosen.text("peer_app", identifiers.label_value),
        peer_namespace=chosen.text("peer_namespace", identifiers.dns_label) or own,
        cidr=cidr,
        egress_name=identifiers.with_suffix(name, "-egress"),
    )
    return chosen.bundle(file, notes=notes)


GENERATOR = Generator(
    name="network-policy-allow",
    title="NetworkPolicy: one allowed connection",
    summary="Lets one set of pods, a namespace or a network call one application on one port.",
    produces="manifest",
    inputs=(
        name_of("the policy", "orders-from-checkout"),
        namespace("payments"),
        text("app", "Application", "orders", "Value of the label app of the pods that are called."),
        choice("peer", "Caller", ("app", "namespace", "cidr"), "Who may call."),
        text("peer_app", "Calling application", "checkout", "Value of the label app of the calling pods."),
        text(
            "peer_namespace",
            "Calling namespace",
            None,
            "Where the callers are; empty for the same namespace.",
        ),
        text("cidr", "Network", None, "Network that may call, for peer=cidr."),
        choice("protocol", "Protocol", ("TCP", "UDP", "SCTP"), "Transport protocol."),
        integer("port", "Port", 8080, "Port of the container.", "port", 1, 65535),
        integer("end_port", "Last port", None, "Last port of a range.", "port", 1, 65535),
        flag("both_ends", "Both ends", True, "Add the rule for the caller's side."),
        flag("allow_dns", "Allow DNS", True, "Let the caller ask CoreDNS in that rule."),
    ),
    render=render,
    lesson="practices.security",
)
