"""TCP, UDP or TLS from outside through a Network Load Balancer.

Source: AWS Load Balancer Controller, Service annotations (read 2026-11-22).
"""

from __future__ import annotations

from collections.abc import Mapping

from eks_lab.calc.model import Value
from eks_lab.generate import identifiers
from eks_lab.generate.chosen import Chosen, refuse
from eks_lab.generate.fields import choice, flag, integer, name_of, namespace, text
from eks_lab.generate.model import Bundle, Generator

_TEMPLATE = """
apiVersion: v1
kind: Service
metadata:
  name: {{ name|q }}
  namespace: {{ namespace|q }}
  annotations:
    service.beta.kubernetes.io/aws-load-balancer-scheme: {{ scheme }}
{% if scheme == "internal" %}
    #? Reachable inside the VPC and what is connected to it; also the controller's default.
{% else %}
    #? Reachable from the internet.
{% endif %}
    service.beta.kubernetes.io/aws-load-balancer-nlb-target-type: {{ target_type }}
{% if target_type == "ip" %}
    #? Straight to the pods, which have addresses of the VPC.
{% else %}
    #? Through a port of the nodes.
{% endif %}
    service.beta.kubernetes.io/aws-load-balancer-attributes: load_balancing.cross_zone.enabled={{ cross_zone|lower }}
{% if cross_zone %}
    #? Every pod gets an even share, and traffic between zones is paid.
{% else %}
    #? Traffic stays in the zone it came in: cheaper, and zones with few pods are loaded more.
{% endif %}
{% if protocol != "UDP" %}
    service.beta.kubernetes.io/aws-load-balancer-target-group-attributes: preserve_client_ip.enabled={{ keep_client_address|lower }}{{ ",proxy_protocol_v2.enabled=true" if proxy_protocol }}
{% if keep_client_address %}
    #? Pods see who calls. Their security groups have to let those addresses in.
{% else %}
    #? Pods see the load balancer's addresses.
{% endif %}
{% endif %}
{% if certificate_arn %}
    service.beta.kubernetes.io/aws-load-balancer-ssl-cert: {{ certificate_arn|q }}
    service.beta.kubernetes.io/aws-load-balancer-ssl-ports: "{{ port }}" #? TLS ends at the load balancer; pods get plain TCP.
    service.beta.kubernetes.io/aws-load-balancer-ssl-negotiation-policy: ELBSecurityPolicy-TLS13-1-2-2021-06
{% endif %}
{% if health_path %}
    service.beta.kubernetes.io/aws-load-balancer-healthcheck-protocol: HTTP
    service.beta.kubernetes.io/aws-load-balancer-healthcheck-path: {{ health_path|q }}
    #? Asks the program. The default only looks whether the port is open.
{% endif %}
spec:
  type: LoadBalancer
  loadBalancerClass: service.k8s.aws/nlb
  #? For the AWS Load Balancer Controller. Without it the old controller inside Kubernetes makes a Classic one.
{% if target_type == "ip" %}
  allocateLoadBalancerNodePorts: false #? Nobody comes through the nodes, so no ports are opened there.
{% else %}
  externalTrafficPolicy: Local #? Only nodes with a pod take traffic: no second hop, and the caller's address stays.
{% endif %}
{% if source_networks %}
  loadBalancerSourceRanges: {{ source_networks|list|q }} #? Who may connect at all.
{% endif %}
  selector:
    app: {{ app|q }}
  ports:
    - name: main
      protocol: {{ protocol }}
      port: {{ port }}
      targetPort: {{ target_port }}
"""


def render(choices: Mapping[str, Value]) -> Bundle:
    """Return the Service."""
    chosen = Chosen("nlb-service", choices)
    protocol, target_type = chosen.text("protocol"), chosen.text("target_type")
    certificate = chosen.text("certificate_arn", identifiers.certificate_arn)
    if protocol == "UDP" and certificate:
        raise refuse("certificate_arn", "TLS needs TCP", "Set protocol=TCP, or leave it empty.")
    if protocol == "UDP" and chosen.flag("proxy_protocol"):
        raise refuse("proxy_protocol", "it is used with TCP here", "Set protocol=TCP, or proxy-protocol=no.")
    if target_type == "instance" and chosen.text("compute") == "fargate":
        raise refuse("target_type", "Fargate pods have no node port", "Choose ip.")
    if protocol == "UDP" and chosen.text("compute") == "fargate":
        notes = ["UDP to Fargate pods works through ip targets only."]
    else:
        notes = []
    networks = chosen.listed("source_networks", identifiers.network, most=60)
    if chosen.text("scheme") == "internet-facing" and not networks:
        notes.append("Everybody may connect: name source-networks unless that is meant.")
    if chosen.flag("proxy_protocol"):
        notes.append(
            "The program has to understand PROXY protocol version 2, or it sees garbage before each request."
        )
    if chosen.flag("keep_client_address") and target_type == "ip":
        notes.append(
            "A pod that calls itself through the load balancer times out while client addresses are kept."
        )
    notes.append("The AWS Load Balancer Controller has to be installed with a role.")
    file = chosen.file(
        "service.yaml",
        _TEMPLATE,
        name=identifiers.service_name("name", chosen.text("name")),
        namespace=chosen.text("namespace", identifiers.dns_label),
        app=chosen.text("app", identifiers.label_value) or chosen.text("name"),
        certificate_arn=certificate,
        health_path=chosen.text("health_path", identifiers.url_path),
        source_networks=networks,
    )
    return chosen.bundle(file, notes=notes)


GENERATOR = Generator(
    name="nlb-service",
    title="Service with an NLB",
    summary="TCP, UDP or TLS from outside to pods, through a Network Load Balancer.",
    produces="manifest",
    inputs=(
        name_of("the Service", "mqtt"),
        namespace(),
        text("app", "Application", None, "Value of the label app of the pods; empty for the same name."),
        choice("protocol", "Protocol", ("TCP", "UDP"), "Transport protocol."),
        integer("port", "Port", 443, "Port of the load balancer.", "port", 1, 65535),
        integer("target_port", "Target port", 8080, "Port of the container.", "port", 1, 65535),
        choice("scheme", "Scheme", ("internal", "internet-facing"), "From where it can be reached."),
        choice("target_type", "Target type", ("ip", "instance"), "Whether traffic goes to pods or to nodes."),
        flag("cross_zone", "Cross-zone", False, "Share traffic over all zones."),
        flag("keep_client_address", "Client address", True, "Let pods see who calls."),
        flag(
            "proxy_protocol",
            "PROXY protocol",
            False,
            "Tell the program who calls, in front of each connection.",
        ),
        text(
            "certificate_arn", "Certificate", None, "ARN of an ACM certificate, for TLS at the load balancer."
        ),
        text(
            "health_path", "Health path", None, "Path of an HTTP health check; empty for a look at the port."
        ),
        text(
            "source_networks",
            "Who may connect",
            None,
            "Networks that may connect, with commas; empty for all.",
        ),
        choice("compute", "Pods run on", ("nodes", "fargate"), "Where the pods run."),
    ),
    render=render,
    lesson="compute.auto-mode",
)
