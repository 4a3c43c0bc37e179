"""One folder of a Git repository kept running in one namespace.

Source: Argo CD, Application specification and automated sync policy (3.5, read 2026-11-22).
"""

from __future__ import annotations

from collections.abc import Mapping

from eks_lab.calc.model import Value
from eks_lab.generate import identifiers
from eks_lab.generate.chosen import Chosen, refuse
from eks_lab.generate.fields import flag, integer, name_of, text
from eks_lab.generate.model import Bundle, Generator, Original

_MOVING = ("HEAD", "main", "master")
_TEMPLATE = """
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: {{ name|q }}
  namespace: {{ argocd_namespace|q }} #? Where Argo CD runs, not where the application goes.
{% if delete_with_application %}
  finalizers:
    - resources-finalizer.argocd.argoproj.io #? Deleting this object deletes what it deployed. Without it that stays.
{% endif %}
spec:
  project: {{ project|q }}
{% if project == "default" %}
  #? The project default allows everything, everywhere: for more than one team make one of your own.
{% else %}
  #? The AppProject decides which repositories, namespaces and kinds are allowed.
{% endif %}
  source:
    repoURL: {{ repo_url|q }}
    targetRevision: {{ revision|q }} #? A branch moves with every push; a tag or a commit does not.
    path: {{ path|q }}
  destination:
    server: {{ server|q }}
    namespace: {{ namespace|q }} #? For objects that name none themselves.
{% if automated %}
  syncPolicy:
    automated:
      prune: {{ prune|q }}
{% if prune %}
      #? What is gone from Git goes from the cluster.
{% else %}
      #? What is gone from Git stays in the cluster and is shown as out of sync.
{% endif %}
      selfHeal: {{ self_heal|q }}
{% if self_heal %}
      #? Changes by hand are taken back within seconds. Without it drift is only shown.
{% else %}
      #? Changes by hand are shown and stay until the next commit.
{% endif %}
{% else %}
  syncPolicy: #? Nothing is applied until somebody presses sync.
{% endif %}
{% if create_namespace or server_side_apply %}
    syncOptions:
{% if create_namespace %}
      - CreateNamespace=true
{% endif %}
{% if server_side_apply %}
      - ServerSideApply=true #? For objects that are too large for the annotation of client-side apply.
{% endif %}
{% endif %}
    retry:
      limit: {{ retries }} #? A webhook or CRD that is not there yet usually is a minute later.
      backoff:
        duration: 10s
        factor: 2
        maxDuration: 3m
{% if ignore_replicas %}
  ignoreDifferences:
    - group: apps
      kind: Deployment
      jsonPointers:
        - /spec/replicas #? The autoscaler owns the number; otherwise both change it in turn.
{% endif %}
"""


def render(choices: Mapping[str, Value]) -> Bundle:
    """Return the Application."""
    chosen = Chosen("argocd-application", choices)
    automated = chosen.flag("automated")
    for field in ("prune", "self_heal"):
        if chosen.flag(field) and not automated:
            raise refuse(
                field, "it is a part of automated syncing, which is off", "Set automated=yes, or this to no."
            )
    revision = chosen.text("revision", identifiers.git_revision)
    notes = []
    if revision in _MOVING:
        notes.append(f"{revision} moves: a merge is a deployment. Protect the branch, or name a tag.")
    if chosen.text("project") == "default":
        notes.append("The project default has no bounds: the generator argocd-appproject makes one that has.")
    if chosen.flag("prune"):
        notes.append("A wrong path prunes everything: try it once with automated=no.")
    file = chosen.file(
        "application.yaml",
        _TEMPLATE,
        name=chosen.text("name", identifiers.dns_subdomain),
        argocd_namespace=chosen.text("argocd_namespace", identifiers.dns_label),
        project=chosen.text("project", identifiers.dns_subdomain),
        repo_url=chosen.text("repo_url", identifiers.git_url),
        revision=revision,
        path=chosen.text("path", identifiers.folder_path),
        server=chosen.text("server", identifiers.https_url),
        namespace=chosen.text("namespace", identifiers.dns_label),
    )
    return chosen.bundle(file, notes=notes)


GENERATOR = Generator(
    name="argocd-application",
    title="Argo CD Application",
    summary="Keeps one folder of a Git repository running in one namespace.",
    produces="manifest",
    inputs=(
        name_of("the Application", "shop"),
        text("argocd_namespace", "Argo CD's namespace", "argocd", "Namespace that Argo CD runs in."),
        text("project", "Project", "shop", "AppProject it belongs to."),
        text(
            "repo_url",
            "Repository",
            "https://git.example.com/shop/config.git",
            "Address of the Git repository.",
        ),
        text("revision", "Revision", "main", "Branch, tag or commit."),
        text("path", "Path", "shop/overlays/prod", "Folder inside the repository."),
        text("server", "Cluster", "https://kubernetes.default.svc", "API address of the target cluster."),
        text("namespace", "Namespace", "shop", "Namespace it is deployed to."),
        flag("automated", "Automated", True, "Apply changes without being asked."),
        flag("prune", "Prune", True, "Delete what is gone from Git."),
        flag("self_heal", "Self-heal", True, "Take changes by hand back."),
        flag("create_namespace", "Create namespace", True, "Make the namespace when it is missing."),
        flag("server_side_apply", "Server-side apply", False, "Apply on the server's side."),
        flag("ignore_replicas", "Ignore replicas", False, "Leave the number of replicas to an autoscaler."),
        flag(
            "delete_with_application", "Delete all", False, "Delete what was deployed with the Application."
        ),
        integer("retries", "Retries", 5, "How often a failed sync is tried again.", "times", 0, 20),
    ),
    render=render,
    lesson="gitops.applications",
    original=Original(
        "Chapter 8, automatic drift detection",
        (
            "The guide shows no Application.",
            "Drift is shown automatically; it is corrected only with selfHeal, which is set here.",
        ),
    ),
)
