"""Alerts that are about something, with a threshold, a time and a place to read on.

Source: Prometheus operator, monitoring.coreos.com/v1; kube-state-metrics, pod and node metrics.
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
kind: PrometheusRule
metadata:
  name: {{ name|q }}
  namespace: {{ namespace|q }}
  labels:
    release: {{ release|q }} #? Prometheus may be set to look only at rules with the label of its own release.
spec:
  groups:
    - name: {{ name|q }}
      interval: {{ interval_seconds }}s
      rules:
{% if error_rate %}
        - alert: HighErrorRate
          expr: |
            sum(rate({{ requests_metric }}{namespace="{{ target_namespace }}", app="{{ app }}", code=~"5.."}[5m]))
              /
            sum(rate({{ requests_metric }}{namespace="{{ target_namespace }}", app="{{ app }}"}[5m])) * 100
              > {{ error_percent }}
          for: {{ for_minutes }}m #? Has to hold that long: one bad minute wakes nobody.
          labels:
            severity: {{ severity }} #? Alertmanager sends by it: page a person, or write a ticket.
          annotations:
            summary: {{ app }} answers more than {{ error_percent }} % of requests with an error
{% if runbook %}
            runbook_url: {{ runbook|q }} #? What to do at three in the morning.
{% endif %}
{% endif %}
{% if restarts %}
        - alert: PodRestarting
          expr: |
            increase(kube_pod_container_status_restarts_total{namespace="{{ target_namespace }}"}[15m]) > {{ restart_count }}
          for: {{ for_minutes }}m
          labels:
            severity: {{ severity }}
          annotations:
            summary: "{% raw %}{{ $labels.pod }} restarted {{ $value }} times in 15 minutes{% endraw %}"
            #? Prometheus fills in the names when the alert fires.
{% if runbook %}
            runbook_url: {{ runbook|q }}
{% endif %}
{% endif %}
{% if pending %}
        - alert: PodPending
          expr: |
            sum by (namespace, pod) (kube_pod_status_phase{namespace="{{ target_namespace }}", phase="Pending"}) > 0
          for: {{ [for_minutes, 15]|max }}m #? New nodes take minutes: pods that wait shorter than that are normal.
          labels:
            severity: {{ severity }}
          annotations:
            summary: "{% raw %}{{ $labels.pod }} waits for a place{% endraw %}"
{% endif %}
{% if disks %}
        - alert: DiskFillsUp
          expr: |
            predict_linear(kubelet_volume_stats_available_bytes{namespace="{{ target_namespace }}"}[6h], 4 * 3600) < 0
          #? Says when it will be full at this speed: better than a share, which means hours on one disk, weeks on another.
          for: {{ [for_minutes, 30]|max }}m
          labels:
            severity: {{ severity }}
          annotations:
            summary: "{% raw %}{{ $labels.persistentvolumeclaim }} is full within four hours{% endraw %}"
{% endif %}
{% if nodes %}
        - alert: NodeNotReady
          expr: |
            kube_node_status_condition{condition="Ready", status="true"} == 0
          for: {{ for_minutes }}m
          labels:
            severity: {{ severity }}
          annotations:
            summary: "{% raw %}{{ $labels.node }} is not Ready{% endraw %}"
{% endif %}
"""
_ALERTS = ("error_rate", "restarts", "pending", "disks", "nodes")


def render(choices: Mapping[str, Value]) -> Bundle:
    """Return the rules."""
    chosen = Chosen("prometheus-rule", choices)
    if not any(chosen.flag(alert) for alert in _ALERTS):
        raise refuse("error_rate", "no alert is chosen", f"Choose at least one of {', '.join(_ALERTS)}.")
    notes = [
        "Each alert needs somebody who does something about it: leave out those that nobody would answer."
    ]
    if chosen.flag("error_rate"):
        notes.append(f"{chosen.text('requests_metric')} has to carry the labels namespace, app and code.")
    if chosen.text("severity") == "critical" and chosen.integer("for_minutes") < 2:
        notes.append("A page after less than two minutes wakes people for what heals itself.")
    file = chosen.file(
        "prometheusrule.yaml",
        _TEMPLATE,
        name=chosen.text("name", identifiers.dns_subdomain),
        namespace=chosen.text("namespace", identifiers.dns_label),
        release=chosen.text("release", identifiers.label_value),
        target_namespace=chosen.text("target_namespace", identifiers.dns_label),
        app=chosen.text("app", identifiers.dns_label),
        requests_metric=chosen.text("requests_metric", identifiers.metric_name),
        runbook=chosen.text("runbook", identifiers.https_url),
    )
    return chosen.bundle(file, notes=notes)


GENERATOR = Generator(
    name="prometheus-rule",
    title="PrometheusRule",
    summary="Alerts on errors, restarts, waiting pods, disks and nodes, with thresholds of yours.",
    produces="manifest",
    inputs=(
        name_of("rule object and group", "payments-api"),
        namespace("monitoring"),
        text("target_namespace", "Watched namespace", "payments", "Namespace the alerts are about."),
        text("app", "Application", "payments-api", "Value of the label app, for the error rate."),
        flag("error_rate", "Error rate", True, "Alert on the share of requests that fail."),
        integer("error_percent", "Errors", 5, "Share of failed requests that is too much.", "%", 1, 100),
        text(
            "requests_metric",
            "Requests metric",
            "http_requests_total",
            "Counter of requests with the label code.",
        ),
        flag("restarts", "Restarts", True, "Alert on containers that restart."),
        integer(
            "restart_count",
            "Restart count",
            3,
            "Restarts in 15 minutes that are too many.",
            "restarts",
            1,
            100,
        ),
        flag("pending", "Waiting pods", True, "Alert on pods without a place."),
        flag("disks", "Disks", True, "Alert on disks that fill up."),
        flag("nodes", "Nodes", False, "Alert on nodes that are not Ready."),
        integer("for_minutes", "For", 5, "How long it has to last.", "min", 0, 1440),
        integer("interval_seconds", "Interval", 30, "How often the rules are evaluated.", "s", 5, 3600),
        choice("severity", "Severity", ("warning", "critical", "info"), "How urgent it is."),
        text("runbook", "Runbook", None, "Address of what to do."),
        text("release", "Release", "monitoring", "Value of the label release that Prometheus may look for."),
    ),
    render=render,
    lesson="observability.metrics",
)
