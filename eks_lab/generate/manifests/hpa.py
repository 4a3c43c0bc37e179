"""A HorizontalPodAutoscaler that says how fast it may move.

Source: Kubernetes, Horizontal Pod Autoscaling (autoscaling/v2, read 2026-11-22).
"""

from __future__ import annotations

from collections.abc import Mapping

from eks_lab.calc.model import Value
from eks_lab.generate import identifiers
from eks_lab.generate.chosen import Chosen, refuse
from eks_lab.generate.fields import choice, integer, name_of, namespace, text
from eks_lab.generate.model import Bundle, Generator, Original

_MANY = 100
_TEMPLATE = """
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ name|q }}
  namespace: {{ namespace|q }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: {{ target_kind }}
    name: {{ target|q }} #? In the same namespace. Take replicas out of its manifest, or every apply resets them.
  minReplicas: {{ min_replicas }} #? What runs at night; enough to lose a zone.
  maxReplicas: {{ max_replicas }} #? A brake for the bill and for whatever stands behind the pods.
  metrics:
{% if cpu_percent %}
    - type: Resource
      resource:
        name: cpu
        target:
          type: Utilization
          averageUtilization: {{ cpu_percent }}
          #? Per cent of what the pods request, not of what a node has. A pod without a request gives no value at all.
{% endif %}
{% if memory_percent %}
    - type: Resource
      resource:
        name: memory
        target:
          type: Utilization
          averageUtilization: {{ memory_percent }}
          #? Only useful where memory falls again with the load. With several metrics the highest answer counts.
{% endif %}
  behavior:
    scaleUp:
      stabilizationWindowSeconds: {{ up_window_seconds }}
{% if up_window_seconds == 0 %}
      #? At once: waiting when load comes costs requests.
{% else %}
      #? Waits until the load has stayed that long; peaks shorter than that are borne by what runs.
{% endif %}
      selectPolicy: Max
      policies:
      #? The larger of the two: a few pods quickly while there are few, a share of them when there are many.
        - type: Percent
          value: {{ up_percent }}
          periodSeconds: {{ up_period_seconds }}
        - type: Pods
          value: {{ up_pods }}
          periodSeconds: {{ up_period_seconds }}
    scaleDown:
      stabilizationWindowSeconds: {{ down_window_seconds }}
      #? The highest answer of this time counts: a dip does not take pods away that are needed in a minute.
      policies:
        - type: Percent
          value: {{ down_percent }}
          periodSeconds: {{ down_period_seconds }}
          #? At most this share of the pods goes in each period.
"""


def render(choices: Mapping[str, Value]) -> Bundle:
    """Return the autoscaler."""
    chosen = Chosen("hpa", choices)
    least, most = chosen.integer("min_replicas"), chosen.integer("max_replicas")
    if least > most:
        raise refuse("max_replicas", f"{most} is below min-replicas {least}", f"Give at least {least}.")
    if not (chosen.is_set("cpu_percent") or chosen.is_set("memory_percent")):
        raise refuse("cpu_percent", "without a metric there is nothing to scale by", "Set cpu-percent=70.")
    notes = [
        "EKS has no metrics-server by itself: install the add-on, or the target shows <unknown>.",
        "The pods have to request what they are measured by.",
    ]
    if least == most:
        notes.append("Least and most are the same, so it will never do anything.")
    if least == 1:
        notes.append(
            "One replica means no replica while it moves to another node: two are the least for a service."
        )
    if chosen.is_set("cpu_percent") and chosen.integer("cpu_percent") > _MANY:
        notes.append(
            "A target above 100 % relies on pods using more CPU than they requested, which nodes need not have."
        )
    if chosen.is_set("memory_percent"):
        notes.append("Many programs never give memory back: such a deployment grows and stays large.")
    if chosen.integer("down_window_seconds") == 0:
        notes.append("Without a window for scaling down the number of pods follows every dip.")
    file = chosen.file(
        "hpa.yaml",
        _TEMPLATE,
        name=chosen.text("name", identifiers.dns_subdomain),
        namespace=chosen.text("namespace", identifiers.dns_label),
        target=chosen.text("target", identifiers.dns_subdomain) or chosen.text("name"),
    )
    return chosen.bundle(file, notes=notes)


GENERATOR = Generator(
    name="hpa",
    title="HorizontalPodAutoscaler with behaviour",
    summary="Scales a workload by CPU or memory, and says how fast it may grow and shrink.",
    produces="manifest",
    inputs=(
        name_of("the autoscaler", "payments-api"),
        namespace(),
        choice("target_kind", "Target kind", ("Deployment", "StatefulSet"), "What is scaled."),
        text("target", "Target", None, "Name of what is scaled; empty for the same name."),
        integer("min_replicas", "Least replicas", 3, "Fewest pods.", "pods", 1, 5000),
        integer("max_replicas", "Most replicas", 20, "Most pods.", "pods", 1, 5000),
        integer(
            "cpu_percent",
            "CPU target",
            70,
            "CPU use that is aimed at, of what is requested.",
            "%",
            1,
            500,
            optional=True,
        ),
        integer(
            "memory_percent",
            "Memory target",
            None,
            "Memory use that is aimed at, of what is requested.",
            "%",
            1,
            500,
        ),
        integer("up_window_seconds", "Wait before growing", 0, "How long load has to stay.", "s", 0, 3600),
        integer(
            "up_percent", "Growth, share", 100, "Growth in one period, of the pods there are.", "%", 1, 1000
        ),
        integer("up_pods", "Growth, pods", 4, "Growth in one period, in pods.", "pods", 1, 1000),
        integer("up_period_seconds", "Growth period", 15, "Length of the period for growing.", "s", 1, 1800),
        integer(
            "down_window_seconds",
            "Wait before shrinking",
            300,
            "How long load has to be lower.",
            "s",
            0,
            3600,
        ),
        integer("down_percent", "Shrinking, share", 50, "Most that goes in one period.", "%", 1, 100),
        integer(
            "down_period_seconds", "Shrinking period", 60, "Length of the period for shrinking.", "s", 1, 1800
        ),
    ),
    render=render,
    lesson="scaling.hpa-behaviour",
    original=Original(
        "Chapter 7, HorizontalPodAutoscaler payments-api",
        (
            (
                "The metric and the bounds are kept; behaviour is stated, since the default takes everything away after"
                " five minutes."
            ),
            "The guide does not say that metrics-server has to be installed and that the pods need CPU requests.",
        ),
    ),
)
