"""The Kubernetes version of a cluster against the calendar of EKS."""

from __future__ import annotations

from collections.abc import Iterator

from eks_lab.catalog.kubernetes_versions import calendar
from eks_lab.checker.model import Finding
from eks_lab.checker.rule import ERROR, NOTE, WARNING, Rule
from eks_lab.checker.terraform.view import View
from eks_lab.errors import InputError

_LESSON = "architecture.versions"
UNSUPPORTED = Rule(
    "eks-version-unsupported", ERROR, "A Kubernetes version that EKS no longer or never offered: CreateCluster refuses it.",
    "Write a version in standard support.", _LESSON,
)  # fmt: skip
EXTENDED = Rule(
    "eks-version-extended", WARNING, "A Kubernetes version in extended support: six times the price of the control plane.",
    "Upgrade to a version in standard support, one minor at a time.", _LESSON,
)  # fmt: skip
ENDING = Rule(
    "eks-version-ending", NOTE, "A Kubernetes version whose standard support ends within sixty days.",
    "Begin with a newer version, or plan the upgrade now.", _LESSON,
)  # fmt: skip
RULES = (UNSUPPORTED, EXTENDED, ENDING)
_SOON_DAYS = 60


def check(view: View) -> Iterator[Finding]:
    """Yield what is wrong with the version of each cluster."""
    today = view.options.today
    known = calendar()
    standard = [
        each
        for each in known.versions.values()
        if each.phase(today) == "standard" and (each.end_of_standard - today).days > _SOON_DAYS
    ]
    advice = (
        f"Write one in standard support: {', '.join(each.name for each in reversed(standard))}."
        if standard
        else ""
    )
    for cluster in view.clusters:
        text = view.value(cluster, "version")
        if not isinstance(text, str | int | float) or isinstance(text, bool):
            continue
        try:
            found = known.get(str(text))
        except InputError as error:
            yield view.finding(
                UNSUPPORTED, cluster, "version", says=f"{cluster.address}: {error.message}", fix=advice
            )
            continue
        phase = found.phase(today)
        if phase in ("ended", "not released"):
            when = (
                f"left EKS on {found.end_of_extended}" if phase == "ended" else f"comes on {found.released}"
            )
            says = f"Kubernetes {found.name} of {cluster.address} {when}, so EKS refuses to create it"
            yield view.finding(UNSUPPORTED, cluster, "version", says=says, fix=advice)
        elif phase == "extended":
            says = (
                f"Kubernetes {found.name} of {cluster.address} is in extended support"
                f" since {found.end_of_standard}: $0.60 an hour instead of $0.10"
            )
            yield view.finding(EXTENDED, cluster, "version", says=says, fix=advice)
        elif (found.end_of_standard - today).days <= _SOON_DAYS:
            says = f"standard support of Kubernetes {found.name} of {cluster.address} ends on {found.end_of_standard}"
            yield view.finding(ENDING, cluster, "version", says=says)
