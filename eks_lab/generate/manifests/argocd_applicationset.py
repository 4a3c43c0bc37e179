"""Applications made from folders of a repository, from registered clusters, or from a list.

Source: Argo CD, ApplicationSet generators, Go templates and progressive syncs (widely known, not read again for this).
"""

from __future__ import annotations

from collections.abc import Mapping

from eks_lab.calc.model import Value
from eks_lab.generate import identifiers
from eks_lab.generate.chosen import Chosen, refuse
from eks_lab.generate.fields import choice, flag, name_of, text
from eks_lab.generate.model import Bundle, Generator

_TEMPLATE = """
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata:
  name: {{ name|q }}
  namespace: {{ argocd_namespace|q }}
spec:
  goTemplate: true
  goTemplateOptions: [missingkey=error] #? A mistyped field is an error, not an empty text in a name.
  generators:
{% if source == "folders" %}
    - git:
        repoURL: {{ repo_url|q }}
        revision: {{ revision|q }}
        directories: #? One Application for each folder that matches; a new folder is a new Application.
          - path: {{ (path ~ "/*")|q }}
{% elif source == "clusters" %}
    - clusters: #? One Application for each cluster that Argo CD knows and that has the labels.
        selector:
          matchLabels:
            argocd.argoproj.io/secret-type: cluster
{% for key, value in cluster_labels.items() %}
            {{ key|q }}: {{ value|q }}
{% endfor %}
{% else %}
    - list:
        elements:
{% for stage in stages %}
          - stage: {{ stage|q }}
{% endfor %}
{% endif %}
{% if step_by_step %}
  strategy:
    type: RollingSync #? One stage after the other, each only when the one before is healthy.
    rollingSync:
      steps:
{% for stage in stages %}
        - matchExpressions:
            - key: stage
              operator: In
              values: [{{ stage|q }}]
{% endfor %}
{% endif %}
  template:
    metadata:
{% if source == "folders" %}
      name: {{ (name ~ "-{{ .path.basename }}")|q }}
{% elif source == "clusters" %}
      name: {{ (name ~ "-{{ .nameNormalized }}")|q }} #? As Argo CD writes a cluster's name so that an object may be called by it.
{% else %}
      name: {{ (name ~ "-{{ .stage }}")|q }}
      labels:
        stage: "{% raw %}{{ .stage }}{% endraw %}"
{% endif %}
    spec:
      project: {{ project|q }} #? Fixed: a value from the repository would let a commit choose its own bounds.
      source:
        repoURL: {{ repo_url|q }}
        targetRevision: {{ revision|q }}
{% if source == "folders" %}
        path: "{% raw %}{{ .path.path }}{% endraw %}"
{% elif source == "clusters" %}
        path: {{ path|q }}
{% else %}
        path: {{ (path ~ "/{{ .stage }}")|q }}
{% endif %}
      destination:
{% if source == "clusters" %}
        server: "{% raw %}{{ .server }}{% endraw %}"
        namespace: {{ namespace|q }}
{% elif source == "folders" %}
        server: https://kubernetes.default.svc
        namespace: {{ (namespace ~ "-{{ .path.basename }}")|q }}
{% else %}
        server: https://kubernetes.default.svc
        namespace: {{ (namespace ~ "-{{ .stage }}")|q }}
{% endif %}
      syncPolicy:
        automated:
          prune: true
          selfHeal: true
        syncOptions:
          - CreateNamespace=true
  syncPolicy:
    applicationsSync: {{ "sync" if delete_applications else "create-update" }}
{% if delete_applications %}
    #? An Application whose folder, cluster or entry is gone is deleted, and with it what it deployed.
{% else %}
    #? Applications are made and changed, never deleted: a generator that finds nothing must not empty the cluster.
{% endif %}
    preserveResourcesOnDeletion: {{ (not delete_applications)|q }}
"""


def render(choices: Mapping[str, Value]) -> Bundle:
    """Return the set."""
    chosen = Chosen("argocd-applicationset", choices)
    source = chosen.text("source")
    stages = chosen.listed("stages", identifiers.dns_label, most=10)
    labels = chosen.pairs("cluster_labels", identifiers.label_key, identifiers.label_value)
    if source == "list" and not stages:
        raise refuse("stages", "source=list needs at least one", "For example staging,production.")
    if chosen.flag("step_by_step") and source != "list":
        raise refuse("step_by_step", "steps are the stages of source=list", "Set source=list, or this to no.")
    if "argocd.argoproj.io/secret-type" in labels:
        raise refuse("cluster_labels", "this label is there already", "Name labels of your own.")
    notes = []
    if chosen.flag("step_by_step"):
        notes.append(
            "Stepwise syncing has to be switched on in Argo CD: applicationsetcontroller.enable.progressive.syncs."
        )
    if source == "folders":
        notes.append("Whoever may push to the repository can make applications: bound them with the project.")
    if source == "clusters" and not labels:
        notes.append(
            "Without labels it deploys to every registered cluster; the cluster of Argo CD itself has no Secret."
        )
    if chosen.flag("delete_applications"):
        notes.append(
            "A renamed folder deletes an application and makes another: data in claims may go with it."
        )
    file = chosen.file(
        "applicationset.yaml",
        _TEMPLATE,
        name=chosen.text("name", identifiers.dns_label),
        argocd_namespace=chosen.text("argocd_namespace", identifiers.dns_label),
        project=chosen.text("project", identifiers.dns_subdomain),
        repo_url=chosen.text("repo_url", identifiers.git_url),
        revision=chosen.text("revision", identifiers.git_revision),
        path=chosen.text("path", identifiers.folder_path).rstrip("/"),
        namespace=chosen.text("namespace", identifiers.dns_label),
        cluster_labels=labels,
        stages=stages,
    )
    return chosen.bundle(file, notes=notes)


GENERATOR = Generator(
    name="argocd-applicationset",
    title="Argo CD ApplicationSet",
    summary="Makes Applications from folders, clusters or a list of stages.",
    produces="manifest",
    inputs=(
        name_of("the ApplicationSet; its Applications start with it", "shop"),
        text("argocd_namespace", "Argo CD's namespace", "argocd", "Namespace that Argo CD runs in."),
        choice("source", "Source", ("folders", "clusters", "list"), "What Applications are made from."),
        text("project", "Project", "shop", "AppProject they belong to."),
        text(
            "repo_url",
            "Repository",
            "https://git.example.com/shop/config.git",
            "Address of the Git repository.",
        ),
        text("revision", "Revision", "main", "Branch, tag or commit."),
        text(
            "path",
            "Path",
            "shop/overlays",
            "Folder whose parts are deployed, or the folder itself for clusters.",
        ),
        text("namespace", "Namespace", "shop", "Namespace, or the start of its name."),
        text("cluster_labels", "Cluster labels", None, "Labels of clusters: key=value with commas."),
        text("stages", "Stages", "staging,production", "Stages of source=list, with commas, in order."),
        flag("step_by_step", "Step by step", False, "One stage after the other."),
        flag("delete_applications", "Delete", False, "Delete Applications that are no longer found."),
    ),
    render=render,
    lesson="gitops.applications",
)
