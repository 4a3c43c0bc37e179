"""How many pods a drain may take away at once.

Source: Kubernetes, Specifying a Disruption Budget; EKS user guide, managed node update (read 2026-11-22).
"""

from __future__ import annotations

from collections.abc import Mapping

from eks_lab.calc.disruption_budget import Budget
from eks_lab.calc.int_or_percent import read_int_or_percent
from eks_lab.calc.model import Value
from eks_lab.generate import identifiers
from eks_lab.generate.chosen import Chosen, refuse
from eks_lab.generate.fields import choice, integer, name_of, namespace, text
from eks_lab.generate.model import Bundle, Generator

_TEMPLATE = """
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ name|q }}
  namespace: {{ namespace|q }}
spec:
{% if rule == "max-unavailable" %}
  maxUnavailable: {{ amount }}
  #? With {{ replicas }} pods a drain may take {{ allowed }} at once. Grows and shrinks with the workload.
{% else %}
  minAvailable: {{ amount }}
  #? With {{ replicas }} pods a drain may take {{ allowed }} at once. A fixed number blocks drains after scaling down.
{% endif %}
  unhealthyPodEvictionPolicy: {{ unhealthy_policy }}
{% if unhealthy_policy == "AlwaysAllow" %}
  #? Pods that are not Ready anyway never block a drain: without this one broken release stops every node upgrade.
{% else %}
  #? Pods that are not Ready are protected while too few are healthy: for members that are catching up with data.
{% endif %}
  selector:
    matchLabels:
      app: {{ app|q }} #? Exactly the pods of one workload: a pod under two budgets cannot be evicted at all.
"""


def render(choices: Mapping[str, Value]) -> Bundle:
    """Return the budget."""
    chosen = Chosen("pdb", choices)
    replicas, rule = chosen.integer("replicas"), chosen.text("rule")
    amount = read_int_or_percent("amount", chosen.text("amount"))
    budget = Budget(min_available=amount) if rule == "min-available" else Budget(max_unavailable=amount)
    allowed = budget.allowed_disruptions(replicas, replicas) or 0
    if allowed == 0:
        raise refuse(
            "amount",
            f"{amount} as {rule} of {replicas} {'pod' if replicas == 1 else 'pods'} never lets one go: every"
            " drain would wait until it gives up",
            "Allow one: rule=max-unavailable amount=1.",
        )
    notes = [
        "A managed node group waits 15 minutes for evictions, then the update fails with PodEvictionFailure.",
    ]
    if allowed >= replicas > 1:
        notes.append(f"It lets all {replicas} pods go at once: that protects nothing.")
    if replicas == 1:
        notes.append(
            "One replica is away during every drain: the budget cannot help it, a second replica can."
        )
    if rule == "min-available" and not amount.is_percent:
        notes.append("A fixed minAvailable blocks every drain when an autoscaler goes down to that number.")
    file = chosen.file(
        "pdb.yaml",
        _TEMPLATE,
        name=chosen.text("name", identifiers.dns_subdomain),
        namespace=chosen.text("namespace", identifiers.dns_label),
        app=chosen.text("app", identifiers.label_value) or chosen.text("name", identifiers.label_value),
        amount=f'"{amount}"' if amount.is_percent else str(amount),
        allowed=allowed,
    )
    return chosen.bundle(file, notes=notes)


GENERATOR = Generator(
    name="pdb",
    title="PodDisruptionBudget",
    summary="How many pods of a workload a drain or an upgrade may take away at once.",
    produces="manifest",
    inputs=(
        name_of("the budget", "payments-api"),
        namespace(),
        text("app", "Application", None, "Value of the label app of the pods; empty for the same name."),
        integer("replicas", "Replicas", 3, "How many pods there usually are.", "pods", 1, 5000),
        choice("rule", "Rule", ("max-unavailable", "min-available"), "What the amount means."),
        text("amount", "Amount", "1", "A number of pods, or a percentage such as 25%."),
        choice(
            "unhealthy_policy",
            "Unhealthy pods",
            ("AlwaysAllow", "IfHealthyBudget"),
            "Whether pods that are not Ready may go.",
        ),
    ),
    render=render,
    lesson="practices.reliability-and-cost",
)
