"""Tells Prometheus which Service to scrape.

Source: Prometheus operator, monitoring.coreos.com/v1 (ServiceMonitor).
"""

from __future__ import annotations

from collections.abc import Mapping

from eks_lab.calc.model import Value
from eks_lab.generate import identifiers
from eks_lab.generate.chosen import Chosen, refuse
from eks_lab.generate.fields import choice, flag, integer, name_of, namespace, text
from eks_lab.generate.model import Bundle, Generator

_TEMPLATE = """
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  name: {{ name|q }}
  namespace: {{ namespace|q }}
  labels:
    release: {{ release|q }} #? Prometheus may be set to look only at monitors with the label of its own release.
spec:
{% if target_namespace and target_namespace != namespace %}
  namespaceSelector:
    matchNames: [{{ target_namespace|q }}] #? Where the Service is; without it only the monitor's own namespace counts.
{% endif %}
  selector:
    matchLabels:
      app: {{ app|q }} #? Labels of the Service, not of the pods.
  endpoints:
    - port: {{ port|q }} #? The name of the Service's port. A number is not taken here.
      path: {{ path|q }}
      scheme: {{ scheme }}
      interval: {{ interval_seconds }}s
      scrapeTimeout: {{ timeout_seconds }}s #? Not longer than the interval: Prometheus refuses the whole configuration.
{% if drop_pattern %}
      metricRelabelings:
        - sourceLabels: [__name__]
          regex: {{ drop_pattern|q }}
          action: drop #? Not stored: metrics nobody looks at cost memory and money as well.
{% endif %}
{% if sample_limit %}
  sampleLimit: {{ sample_limit }} #? A program that invents labels fails its scrape instead of filling Prometheus.
{% endif %}
{% if with_service %}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ service_name|q }}
  namespace: {{ (target_namespace or namespace)|q }}
  labels:
    app: {{ app|q }}
spec:
  clusterIP: None #? Only there to be found: Prometheus asks every pod by itself.
  selector:
    app: {{ app|q }}
  ports:
    - name: {{ port|q }}
      port: {{ port_number }}
{% endif %}
"""


def render(choices: Mapping[str, Value]) -> Bundle:
    """Return the monitor, and a Service when it is wanted."""
    chosen = Chosen("service-monitor", choices)
    interval, timeout = chosen.integer("interval_seconds"), chosen.integer("timeout_seconds")
    if timeout > interval:
        raise refuse(
            "timeout_seconds", f"{timeout} s are longer than the interval of {interval} s", "Shorten it."
        )
    name = chosen.text("name", identifiers.dns_label)
    notes = []
    if interval < 15:
        notes.append("Half the interval is twice the samples: 30 s are enough for most alerts.")
    file = chosen.file(
        "servicemonitor.yaml",
        _TEMPLATE,
        name=name,
        namespace=chosen.text("namespace", identifiers.dns_label),
        target_namespace=chosen.text("target_namespace", identifiers.dns_label),
        release=chosen.text("release", identifiers.label_value),
        app=chosen.text("app", identifiers.label_value),
        port=chosen.text("port", identifiers.port_name),
        path=chosen.text("path", identifiers.url_path),
        service_name=identifiers.service_name(
            "name", identifiers.with_suffix(name, "-metrics") if chosen.flag("with_service") else "metrics"
        ),
        drop_pattern=chosen.text(
            "drop_pattern", identifiers.matching(r"[\w:.*+|()?-]+", "a pattern", "go_.*", longest=500)
        ),
    )
    return chosen.bundle(file, notes=notes)


GENERATOR = Generator(
    name="service-monitor",
    title="ServiceMonitor",
    summary="Tells Prometheus which Service to scrape, how often, and how much to take.",
    produces="manifest",
    inputs=(
        name_of("the ServiceMonitor", "payments-api"),
        namespace("monitoring"),
        text("target_namespace", "Service's namespace", "payments", "Where the Service is."),
        text("app", "Application", "payments-api", "Value of the label app of the Service."),
        text("port", "Port", "metrics", "Name of the Service's port."),
        text("path", "Path", "/metrics", "Path that answers metrics."),
        choice("scheme", "Scheme", ("http", "https"), "How to ask."),
        integer("interval_seconds", "Interval", 30, "How often to ask.", "s", 5, 3600),
        integer("timeout_seconds", "Timeout", 10, "How long to wait for an answer.", "s", 1, 3600),
        text("release", "Release", "monitoring", "Value of the label release that Prometheus may look for."),
        text("drop_pattern", "Drop", None, "Pattern of metric names that are not kept."),
        integer(
            "sample_limit", "Sample limit", None, "Most samples of one scrape.", "samples", 1, 10_000_000
        ),
        flag("with_service", "With Service", False, "Add a Service for the pods with the label."),
        integer(
            "port_number", "Port number", 9090, "Port of the container, for that Service.", "port", 1, 65535
        ),
    ),
    render=render,
    lesson="observability.metrics",
)
