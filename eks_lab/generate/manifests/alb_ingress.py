"""HTTP from outside through an Application Load Balancer.

Source: AWS Load Balancer Controller, Ingress annotations (read 2026-11-22).
"""

from __future__ import annotations

from collections.abc import Mapping

from eks_lab.calc.model import Value
from eks_lab.generate import identifiers
from eks_lab.generate.chosen import Chosen, refuse
from eks_lab.generate.fields import choice, flag, integer, name_of, namespace, text
from eks_lab.generate.model import Bundle, Generator

_TEMPLATE = """
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {{ name|q }}
  namespace: {{ namespace|q }}
  annotations:
    alb.ingress.kubernetes.io/scheme: {{ scheme }}
{% if scheme == "internal" %}
    #? Reachable inside the VPC and what is connected to it. Subnets need the tag kubernetes.io/role/internal-elb.
{% else %}
    #? Reachable from the internet. Subnets need the tag kubernetes.io/role/elb.
{% endif %}
    alb.ingress.kubernetes.io/target-type: {{ target_type }}
{% if target_type == "ip" %}
    #? Straight to the pods, which have addresses of the VPC: one hop less, and the only way to Fargate.
{% else %}
    #? Through a port of every node: needs a Service of type NodePort.
{% endif %}
    alb.ingress.kubernetes.io/listen-ports: '{{ listeners }}'
{% if certificate_arn %}
    alb.ingress.kubernetes.io/certificate-arn: {{ certificate_arn|q }}
    alb.ingress.kubernetes.io/ssl-policy: ELBSecurityPolicy-TLS13-1-2-2021-06 #? TLS 1.2 and 1.3 only.
{% if ssl_redirect %}
    alb.ingress.kubernetes.io/ssl-redirect: "443" #? Whoever comes by http is sent to https.
{% endif %}
{% endif %}
    alb.ingress.kubernetes.io/healthcheck-path: {{ health_path|q }} #? Of the pods; the default / is often no good sign.
    alb.ingress.kubernetes.io/target-group-attributes: deregistration_delay.timeout_seconds={{ drain_seconds }}
    #? How long running requests may go on after a pod is taken out. Shorter than the pods' grace period.
{% if group %}
    alb.ingress.kubernetes.io/group.name: {{ group|q }}
    #? All Ingresses of the group share one load balancer and its price. Whoever may write one can claim any path.
{% endif %}
{% if inbound_networks %}
    alb.ingress.kubernetes.io/inbound-cidrs: {{ inbound_networks|join(",")|q }} #? Who may connect at all.
{% endif %}
{% if protect %}
    alb.ingress.kubernetes.io/load-balancer-attributes: deletion_protection.enabled=true,routing.http.drop_invalid_header_fields.enabled=true
    #? Deleting the Ingress does not delete the load balancer; malformed headers are dropped.
{% endif %}
spec:
  ingressClassName: {{ ingress_class|q }} #? Of the AWS Load Balancer Controller; without a class nobody feels meant.
  rules:
{% if host %}
    - host: {{ host|q }}
      http:
{% else %}
    - http:
{% endif %}
        paths:
          - path: {{ path|q }}
            pathType: Prefix
            backend:
              service:
                name: {{ service|q }}
                port:
                  number: {{ port }}
{% if with_service %}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ service|q }}
  namespace: {{ namespace|q }}
spec:
  type: {{ "ClusterIP" if target_type == "ip" else "NodePort" }}
  selector:
    app: {{ service|q }}
  ports:
    - name: http
      port: {{ port }}
      targetPort: {{ target_port }}
{% endif %}
"""


def render(choices: Mapping[str, Value]) -> Bundle:
    """Return the Ingress, and the Service when it is wanted."""
    chosen = Chosen("alb-ingress", choices)
    certificate = chosen.text("certificate_arn", identifiers.certificate_arn)
    scheme, target_type = chosen.text("scheme"), chosen.text("target_type")
    host = chosen.text("host", identifiers.host_name)
    if chosen.flag("ssl_redirect") and not certificate:
        raise refuse(
            "ssl_redirect",
            "without a certificate there is no https to send anyone to",
            "Give certificate-arn.",
        )
    if target_type == "instance" and chosen.text("compute") == "fargate":
        raise refuse("target_type", "Fargate pods have no node port", "Choose ip.")
    networks = chosen.listed("inbound_networks", identifiers.network, most=40)
    listeners = '[{"HTTPS":443}]' if certificate else '[{"HTTP":80}]'
    if chosen.flag("ssl_redirect"):
        listeners = '[{"HTTP":80},{"HTTPS":443}]'
    notes = [
        "The AWS Load Balancer Controller has to be installed with a role; EKS Auto Mode has one of its own."
    ]
    if scheme == "internet-facing" and not certificate:
        notes.append(
            "Plain HTTP on the internet: everybody on the way can read and change it. Give a certificate."
        )
    if scheme == "internet-facing" and not networks:
        notes.append("Everybody may connect: put AWS WAF in front, or name inbound-networks.")
    if not host:
        notes.append("Without a host every name that points here is served.")
    if chosen.text("group"):
        notes.append(
            "In a group, rules are sorted by group.order and then by name: overlapping paths surprise."
        )
    file = chosen.file(
        "ingress.yaml",
        _TEMPLATE,
        name=chosen.text("name", identifiers.dns_subdomain),
        namespace=chosen.text("namespace", identifiers.dns_label),
        service=identifiers.service_name("service", chosen.text("service")),
        certificate_arn=certificate,
        host=host,
        path=chosen.text("path", identifiers.url_path),
        health_path=chosen.text("health_path", identifiers.url_path),
        group=chosen.text("group", identifiers.dns_label),
        ingress_class=chosen.text("ingress_class", identifiers.dns_subdomain),
        inbound_networks=networks,
        listeners=listeners,
    )
    return chosen.bundle(file, notes=notes)


GENERATOR = Generator(
    name="alb-ingress",
    title="Ingress with an ALB",
    summary="HTTP or HTTPS from outside to a Service, through an Application Load Balancer.",
    produces="manifest",
    inputs=(
        name_of("the Ingress", "shop"),
        namespace(),
        text("service", "Service", "shop", "Service behind it."),
        integer("port", "Port", 80, "Port of the Service.", "port", 1, 65535),
        integer("target_port", "Target port", 8080, "Port of the container.", "port", 1, 65535),
        flag("with_service", "With Service", True, "Add the Service."),
        choice("scheme", "Scheme", ("internal", "internet-facing"), "From where it can be reached."),
        choice("target_type", "Target type", ("ip", "instance"), "Whether traffic goes to pods or to nodes."),
        text("host", "Host", "shop.example.com", "Host name that is served; empty for all.", optional=True),
        text("path", "Path", "/", "Start of the paths that are served."),
        text("certificate_arn", "Certificate", None, "ARN of an ACM certificate, for HTTPS."),
        flag("ssl_redirect", "Redirect", False, "Send http to https."),
        text("health_path", "Health path", "/", "Path of the health check."),
        text("group", "Group", None, "Name of a group that shares one load balancer."),
        text(
            "inbound_networks",
            "Who may connect",
            None,
            "Networks that may connect, with commas; empty for all.",
        ),
        integer(
            "drain_seconds", "Drain time", 30, "Time for running requests when a pod goes.", "s", 0, 3600
        ),
        flag("protect", "Protect", False, "Deletion protection, and no malformed headers."),
        text("ingress_class", "Class", "alb", "IngressClass of the controller."),
        choice("compute", "Pods run on", ("nodes", "fargate"), "Where the pods run."),
    ),
    render=render,
    lesson="compute.auto-mode",
)
