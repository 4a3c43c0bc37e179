"""The commands that install Argo CD in a way that works and can be repeated.

Source: Argo CD, installation manifests; argoproj/argo-cd issue 26265 (server-side apply).
"""

from __future__ import annotations

from collections.abc import Mapping

from eks_lab.calc.model import Value
from eks_lab.generate import identifiers
from eks_lab.generate.chosen import Chosen
from eks_lab.generate.fields import choice, flag, namespace, text
from eks_lab.generate.model import Bundle, Generator, Original

_TEMPLATE = """
#!/bin/sh
set -eu

kubectl create namespace {{ namespace }}

kubectl apply --namespace {{ namespace }} --server-side --force-conflicts \\
  #? Client-side apply copies each object into an annotation, and the ApplicationSet CRD is larger than one may be.
  -f https://raw.githubusercontent.com/argoproj/argo-cd/{{ version }}/manifests/{{ path }}
  #? A fixed version: "stable" installs something else next month.

# Ready when these are available.
{% if not core %}
kubectl --namespace {{ namespace }} rollout status deployment/argocd-server --timeout=5m
{% endif %}
kubectl --namespace {{ namespace }} rollout status deployment/argocd-repo-server --timeout=5m
kubectl --namespace {{ namespace }} rollout status statefulset/argocd-application-controller --timeout=5m
{% if not core %}

# The first password of admin. Log in, change it or set up single sign-on, then remove this Secret.
kubectl --namespace {{ namespace }} get secret argocd-initial-admin-secret \\
  -o jsonpath='{.data.password}' | base64 -d
{% endif %}
{% if remove_initial_secret and not core %}

kubectl --namespace {{ namespace }} delete secret argocd-initial-admin-secret
#? It is only a copy of the first password; left lying about it is a way in.
{% endif %}
"""
_PATHS = {
    "standard": "install.yaml",
    "high-availability": "ha/install.yaml",
    "namespace-only": "namespace-install.yaml",
    "core": "core-install.yaml",
}


def render(choices: Mapping[str, Value]) -> Bundle:
    """Return the commands."""
    chosen = Chosen("argocd-install", choices)
    kind = chosen.text("kind")
    notes = [
        "Look up the newest patch of a supported line (3.3, 3.4 or 3.5 in August 2026) before you install."
    ]
    target = chosen.text("namespace", identifiers.dns_label)
    if target != "argocd" and kind != "namespace-only":
        notes.append(
            "The manifests bind cluster roles to service accounts in the namespace argocd: elsewhere the subjects have to"
            " be changed with a kustomization."
        )
    if kind == "namespace-only":
        notes.append(
            "It may act in its own namespace only, and needs the CRDs from manifests/crds beside it."
        )
    if kind == "high-availability":
        notes.append("Redis wants three nodes: its pods do not share one.")
    notes.append(
        "EKS can also run it for you: the capability ARGOCD, outside your cluster, with IAM Identity Center."
    )
    file = chosen.file(
        "install-argocd.sh",
        _TEMPLATE,
        namespace=target,
        path=_PATHS[kind],
        core=kind == "core",
        version=chosen.text(
            "version", identifiers.matching(r"v\d+\.\d+\.\d+", "a release of Argo CD", "v3.5.1")
        ),
    )
    return chosen.bundle(file, notes=notes)


GENERATOR = Generator(
    name="argocd-install",
    title="Argo CD installation",
    summary="Commands that install a fixed version of Argo CD with server-side apply.",
    produces="commands",
    inputs=(
        text("version", "Version", "v3.5.1", "Release of Argo CD."),
        choice("kind", "Kind", tuple(_PATHS), "Which of the release's manifests."),
        namespace("argocd"),
        flag(
            "remove_initial_secret",
            "Remove first password",
            False,
            "Delete the Secret with the first password.",
        ),
    ),
    render=render,
    lesson="gitops.argocd-install",
    original=Original(
        "Chapter 8, installing Argo CD",
        (
            "kubectl apply without --server-side fails today: the ApplicationSet CRD is too large for the annotation.",
            "The version is fixed; the guide follows the branch stable.",
            "The first password is read and its Secret named: the guide leaves it in place.",
        ),
    ),
)
