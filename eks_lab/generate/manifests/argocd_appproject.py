"""What the applications of one team may deploy, from where and to where.

Source: Argo CD, projects (3.5, read 2026-11-22).
"""

from __future__ import annotations

from collections.abc import Mapping

from eks_lab.calc.model import Value
from eks_lab.generate import identifiers
from eks_lab.generate.chosen import Chosen, refuse
from eks_lab.generate.fields import flag, name_of, text
from eks_lab.generate.model import Bundle, Generator

_TEMPLATE = """
apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata:
  name: {{ name|q }}
  namespace: {{ argocd_namespace|q }}
spec:
  description: {{ description|q }}
  sourceRepos: #? Applications may come from these repositories and no others.
{% for repository in repositories %}
    - {{ repository|q }}
{% endfor %}
  destinations: #? And go to these namespaces of these clusters.
{% for namespace in namespaces %}
    - server: {{ server|q }}
      namespace: {{ namespace|q }}
{% endfor %}
{% if may_create_namespaces %}
  clusterResourceWhitelist: #? Of all kinds without a namespace only this one.
    - group: ""
      kind: Namespace
{% else %}
  clusterResourceWhitelist: [] #? No kind without a namespace: no ClusterRole, no CRD, no Namespace.
{% endif %}
  namespaceResourceBlacklist: #? What the platform sets for the team is not the team's to change.
    - group: ""
      kind: ResourceQuota
    - group: ""
      kind: LimitRange
{% if not may_change_policies %}
    - group: networking.k8s.io
      kind: NetworkPolicy
    - group: rbac.authorization.k8s.io
      kind: Role
    - group: rbac.authorization.k8s.io
      kind: RoleBinding
{% endif %}
  orphanedResources:
    warn: {{ warn_orphans|q }} #? Whether objects that belong to no Application are pointed out.
{% if deploy_group %}
  roles:
    - name: deployer
      description: May look at and sync the applications of the project
      policies:
        - p, proj:{{ name }}:deployer, applications, get, {{ name }}/*, allow
        - p, proj:{{ name }}:deployer, applications, sync, {{ name }}/*, allow
      groups:
        - {{ deploy_group|q }} #? As the identity provider names it.
{% endif %}
"""


def render(choices: Mapping[str, Value]) -> Bundle:
    """Return the project."""
    chosen = Chosen("argocd-appproject", choices)
    repositories = chosen.listed("repositories", identifiers.git_url)
    namespaces = chosen.listed(
        "namespaces",
        identifiers.matching(
            r"[a-z0-9](?:[-a-z0-9]*[a-z0-9*])?", "a namespace, with a star at the end at most", "shop-*"
        ),
    )
    if not repositories:
        raise refuse("repositories", "without one nothing can be deployed", "Give at least one address.")
    if not namespaces:
        raise refuse("namespaces", "without one nothing can be deployed", "Give at least one namespace.")
    if chosen.text("name") == "default":
        raise refuse(
            "name", "the project default belongs to Argo CD and allows everything", "Choose another name."
        )
    notes = []
    if "kube-system" in namespaces or chosen.text("argocd_namespace") in namespaces:
        notes.append(
            "Whoever may deploy to kube-system or to Argo CD's namespace can give themselves every right."
        )
    file = chosen.file(
        "appproject.yaml",
        _TEMPLATE,
        name=chosen.text("name", identifiers.dns_subdomain),
        argocd_namespace=chosen.text("argocd_namespace", identifiers.dns_label),
        description=chosen.text("description", identifiers.single_line),
        repositories=repositories,
        namespaces=namespaces,
        server=chosen.text("server", identifiers.https_url),
        deploy_group=chosen.text(
            "deploy_group",
            identifiers.matching(r"[\w:@./-]+", "the name of a group", "shop-developers", longest=120),
        ),
    )
    return chosen.bundle(file, notes=notes)


GENERATOR = Generator(
    name="argocd-appproject",
    title="Argo CD AppProject",
    summary="What a team may deploy with Argo CD: from which repositories, to which namespaces, which kinds.",
    produces="manifest",
    inputs=(
        name_of("the AppProject", "shop"),
        text("argocd_namespace", "Argo CD's namespace", "argocd", "Namespace that Argo CD runs in."),
        text("description", "Description", "What the shop team may deploy, and where", "One line."),
        text(
            "repositories",
            "Repositories",
            "https://git.example.com/shop/config.git",
            "Git addresses, with commas.",
        ),
        text(
            "namespaces",
            "Namespaces",
            "shop,shop-*",
            "Namespaces with commas; a star at the end stands for the rest.",
        ),
        text("server", "Cluster", "https://kubernetes.default.svc", "API address of the target cluster."),
        flag("may_create_namespaces", "Namespaces", True, "Whether applications may make namespaces."),
        flag(
            "may_change_policies",
            "Policies",
            False,
            "Whether applications may hold NetworkPolicies and Roles.",
        ),
        flag("warn_orphans", "Warn of orphans", True, "Point out objects that no Application owns."),
        text("deploy_group", "Group", None, "Group that may look at and sync the applications."),
    ),
    render=render,
    lesson="gitops.applications",
)
