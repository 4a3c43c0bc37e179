"""A namespace that refuses pods below a Pod Security Standard.

Source: Kubernetes, Pod Security Admission and Standards (read 2026-11-22).
"""

from __future__ import annotations

from collections.abc import Mapping

from eks_lab.calc.model import Value
from eks_lab.generate import identifiers
from eks_lab.generate.chosen import Chosen, refuse
from eks_lab.generate.fields import choice, name_of, text
from eks_lab.generate.model import Bundle, Generator, Original

_LEVELS = ("restricted", "baseline", "privileged")
_TEMPLATE = """
apiVersion: v1
kind: Namespace
metadata:
  name: {{ name|q }}
  labels:
    pod-security.kubernetes.io/enforce: {{ enforce }}
{% if enforce == "restricted" %}
    #? Pods that break it are refused: no root, no privilege escalation, no host namespaces, no hostPath.
{% elif enforce == "baseline" %}
    #? Pods that break it are refused: no privileged containers, no host namespaces, no hostPath. Root is allowed.
{% else %}
    #? Nothing is refused. Only for system software that needs the node.
{% endif %}
    pod-security.kubernetes.io/enforce-version: {{ version|q }}
{% if version == "latest" %}
    #? The rules of whatever version the cluster has: an upgrade may refuse what ran before.
{% else %}
    #? The rules of this version, also after an upgrade.
{% endif %}
    pod-security.kubernetes.io/audit: {{ audit }} #? Breaking this one leaves a line in the audit log.
    pod-security.kubernetes.io/audit-version: {{ version|q }}
    pod-security.kubernetes.io/warn: {{ warn }} #? Breaking this one answers a warning to whoever applies it.
    pod-security.kubernetes.io/warn-version: {{ version|q }}
{% if team %}
    team: {{ team|q }} #? Who to ask; also a handle for cost allocation.
{% endif %}
"""


def render(choices: Mapping[str, Value]) -> Bundle:
    """Return the namespace."""
    chosen = Chosen("pod-security-namespace", choices)
    enforce = chosen.text("enforce")
    for field in ("audit", "warn"):
        if _LEVELS.index(chosen.text(field)) > _LEVELS.index(enforce):
            raise refuse(
                field,
                f"{chosen.text(field)} is weaker than what is enforced, so it would never say anything",
                f"Choose {enforce} or stricter.",
            )
    version = chosen.text(
        "version", identifiers.matching(r"latest|v1\.\d{2}", "latest or a minor version", "latest, or v1.36")
    )
    notes = [
        (
            "Try first what would be refused: kubectl label --dry-run=server --overwrite namespace"
            f" {chosen.text('name', identifiers.dns_label)} pod-security.kubernetes.io/enforce={enforce}"
        ),
        "Pods are checked when they are created; those that run are left alone.",
    ]
    if enforce == "privileged":
        notes.append("Whoever may create pods here can take over the nodes they run on.")
    file = chosen.file(
        "namespace.yaml",
        _TEMPLATE,
        version=version,
        team=chosen.text("team", identifiers.label_value),
    )
    return chosen.bundle(file, notes=notes)


GENERATOR = Generator(
    name="pod-security-namespace",
    title="Namespace with Pod Security",
    summary="A namespace that refuses, records or warns about pods below a security standard.",
    produces="manifest",
    inputs=(
        name_of("the Namespace", "payments"),
        choice("enforce", "Enforce", _LEVELS, "Standard below which pods are refused."),
        choice("audit", "Audit", _LEVELS, "Standard below which pods are recorded."),
        choice("warn", "Warn", _LEVELS, "Standard below which whoever applies pods is warned."),
        text("version", "Version", "latest", "Kubernetes version whose rules count: latest, or v1.36."),
        text("team", "Team", None, "Value of a label team."),
    ),
    render=render,
    lesson="practices.security",
    original=Original(
        "Chapter 11, Implement Pod Security Standards",
        (
            "The guide's checklist names the standards and shows nothing: they act through these labels of a namespace.",
        ),
    ),
)
