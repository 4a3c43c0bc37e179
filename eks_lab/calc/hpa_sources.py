"""Sources of `hpa`, and what a reader should know before relying on an answer."""

from __future__ import annotations

from eks_lab.calc.horizontal_scaling.autoscaler import CONTROLLER, DOCUMENTATION
from eks_lab.calc.hpa_question import Question
from eks_lab.calc.model import Reference
from eks_lab.catalog.horizontal_scaling import controller_terms

TOLERANCE_GATE = Reference(
    title="kubernetes/kubernetes, pkg/features: HPAConfigurableTolerance",
    date="2026-11-22",
    url="https://kubernetes.io/docs/reference/command-line-tools-reference/feature-gates/",
)


def sources(question: Question) -> tuple[Reference, ...]:
    """Return where an answer comes from."""
    found = [DOCUMENTATION, CONTROLLER]
    if _sets_tolerance(question):
        found.append(TOLERANCE_GATE)
    if _is_provisioned(question):
        source = controller_terms().source
        found.append(Reference(title=source.title, date=source.as_of.isoformat(), url=source.url))
    return tuple(found)


def warnings(question: Question) -> tuple[str, ...]:
    """Return what concerns decisions and timelines alike."""
    terms, found = controller_terms(), []
    if _sets_tolerance(question):
        found.append(
            f"The field tolerance came with Kubernetes {terms.tolerance_alpha_since} behind the gate"
            f" HPAConfigurableTolerance, and is on by default from {terms.tolerance_on_since} as the controller's"
            " source says; an older cluster drops the field and keeps 0.1. Look with kubectl explain"
            " hpa.spec.behavior.scaleUp."
        )
    if question.autoscaler.min_replicas == 0:
        found.append(
            "minReplicas 0 needs the feature gate HPAScaleToZero, which was still off by default in Kubernetes"
            " 1.35: the API server of an EKS cluster may refuse it."
        )
    if _is_provisioned(question):
        tier = question.tier
        found.append(
            f"Tier {tier.name}: {tier.concurrent_syncs} autoscalers are looked at side by side, by a third-party"
            f" reading of the AWS pages of {terms.source.as_of.isoformat()}. The sync period can be set from"
            f" Kubernetes {terms.sync_period_since} on; back to the standard tier only with 15 s."
        )
        stale = terms.staleness_warning(question.today) if question.today else ""
        if stale:
            found.append(stale)
    return tuple(found)


def _is_provisioned(question: Question) -> bool:
    return question.tier.concurrent_syncs is not None


def _sets_tolerance(question: Question) -> bool:
    behaviour = question.autoscaler.behaviour
    if behaviour is None:
        return False
    return behaviour.up.tolerance is not None or behaviour.down.tolerance is not None
