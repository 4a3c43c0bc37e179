"""Access entries for everyone in an aws-auth ConfigMap.

Source: EKS user guide, migrating aws-auth entries; rules of entries in `eks_lab.generate.aws_auth` (read 2026-11-22).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from eks_lab.calc.model import Input, Value
from eks_lab.errors import InputError
from eks_lab.generate import identifiers
from eks_lab.generate.aws_auth import ADMIN_POLICY, FIELD, Conversion, Entry, convert
from eks_lab.generate.chosen import Chosen
from eks_lab.generate.fields import CLUSTER, REGION, choice, flag
from eks_lab.generate.model import Bundle, Generator

_EXAMPLE = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: aws-auth
  namespace: kube-system
data:
  mapRoles: |
    - rolearn: arn:aws:iam::111122223333:role/lab-node
      username: system:node:{{EC2PrivateDNSName}}
      groups:
        - system:bootstrappers
        - system:nodes
    - rolearn: arn:aws:iam::111122223333:role/platform-admin
      username: platform-admin
      groups:
        - system:masters
    - rolearn: arn:aws:iam::111122223333:role/payments-oncall
      username: oncall:{{SessionName}}
      groups:
        - payments-oncall
  mapUsers: |
    - userarn: arn:aws:iam::111122223333:user/build
      username: build
      groups:
        - deployers
"""
_CLI = """
#!/bin/sh
set -eu

{% if switch_mode %}
# Access entries and aws-auth side by side. There is no way back to aws-auth alone.
aws eks update-cluster-config --region {{ region }} --name {{ cluster }} \\
  --access-config authenticationMode=API_AND_CONFIG_MAP
#? While both are read, an access entry wins over a line of aws-auth for the same principal.
aws eks wait cluster-active --region {{ region }} --name {{ cluster }}
{% endif %}
{% for entry in entries %}

# {{ entry.principal_arn }}
{% for remark in entry.remarks %}
# Note: {{ remark }}
{% endfor %}
{% if entry.is_node %}
aws eks create-access-entry --region {{ region }} --cluster-name {{ cluster }} \\
  --type {{ entry.type }} \\
  #? The type stands for the user name and the groups that nodes need; neither can be given.
  --principal-arn {{ entry.principal_arn }}
{% else %}
aws eks create-access-entry --region {{ region }} --cluster-name {{ cluster }} \\
{% if entry.username %}
  --username '{{ entry.username }}' \\
  #? The name from aws-auth, so that bindings to the user still match.
{% endif %}
{% if entry.groups %}
  --kubernetes-groups {{ entry.groups|map("shell")|join(" ") }} \\
  #? The same groups: your RoleBindings go on working.
{% endif %}
  --principal-arn {{ entry.principal_arn }}
{% endif %}
{% if entry.is_admin %}
aws eks associate-access-policy --region {{ region }} --cluster-name {{ cluster }} \\
  --principal-arn {{ entry.principal_arn }} \\
  --policy-arn {{ admin_policy_arn }} \\
  #? system:masters cannot be a group of an access entry; this policy takes its place.
  --access-scope type=cluster
{% endif %}
{% endfor %}

# Look before you go on: everyone above should be in the list.
aws eks list-access-entries --region {{ region }} --cluster-name {{ cluster }}
"""
_TERRAFORM = """
{% for entry in entries %}
# {{ entry.principal_arn }}
{% for remark in entry.remarks %}
# Note: {{ remark }}
{% endfor %}
resource "aws_eks_access_entry" "{{ labels[loop.index0] }}" {
  cluster_name  = {{ cluster|json }}
  principal_arn = {{ entry.principal_arn|json }}
{% if entry.is_node %}
  type          = {{ entry.type|json }}
  #? The type stands for the user name and the groups that nodes need; neither can be given.
{% endif %}
{% if entry.username and entry.groups %}

  user_name         = {{ entry.username|json }} #? The name from aws-auth, so that bindings to the user still match.
  kubernetes_groups = {{ entry.groups|list|json }} #? The same groups: your RoleBindings go on working.
{% elif entry.username %}

  user_name = {{ entry.username|json }} #? The name from aws-auth, so that bindings to the user still match.
{% elif entry.groups %}

  kubernetes_groups = {{ entry.groups|list|json }} #? The same groups: your RoleBindings go on working.
{% endif %}
}
{% if entry.is_admin %}

resource "aws_eks_access_policy_association" "{{ labels[loop.index0] }}" {
  cluster_name  = {{ cluster|json }}
  principal_arn = aws_eks_access_entry.{{ labels[loop.index0] }}.principal_arn
  policy_arn    = {{ admin_policy_arn|json }}
  #? system:masters cannot be a group of an access entry; this policy takes its place.

  access_scope {
    type = "cluster"
  }
}
{% endif %}

{% endfor %}
"""
_FORMS = {"cli": ("access-entries.sh", _CLI), "terraform": ("access_entries.tf", _TERRAFORM)}


def _notes(
    conversion: Conversion, entries: tuple[Entry, ...], *, skips_nodes: bool, form: str
) -> Iterator[str]:
    yield from (f"Not carried over: {reason}" for reason in conversion.left_out)
    yield from (f"{entry.principal_arn}: {remark}" for entry in entries for remark in entry.remarks)
    nodes = [entry for entry in conversion.entries if entry.is_node]
    if nodes and skips_nodes:
        names = ", ".join(entry.principal_arn.rpartition("/")[2] for entry in nodes)
        yield (
            f"Left out as roles of nodes: {names}. EKS makes entries for managed node groups and Fargate profiles;"
            " check that they are listed before you remove anything from aws-auth, and make those of self-managed nodes."
        )
    elif nodes:
        yield (
            "EKS makes the entries of managed node groups and Fargate profiles itself; for those the command answers"
            " ResourceInUseException, which is harmless."
        )
    if form == "terraform":
        yield 'The cluster needs access_config { authentication_mode = "API_AND_CONFIG_MAP" } before these resources.'
    yield (
        "Test with another identity before you take lines out of aws-auth: whoever is in neither place is locked out."
    )


def _labels(entries: tuple[Entry, ...]) -> list[str]:
    """Return a resource label for each entry, all different."""
    labels: list[str] = []
    for entry in entries:
        name = entry.principal_arn.rpartition("/")[2]
        label = "".join(letter if letter.isalnum() and letter.isascii() else "_" for letter in name.lower())
        label = label if label[:1].isalpha() else f"principal_{label}"
        number = 2
        unique = label
        while unique in labels:
            unique, number = f"{label}_{number}", number + 1
        labels.append(unique)
    return labels


def render(choices: Mapping[str, Value]) -> Bundle:
    """Return the access entries in the form that was asked for."""
    chosen = Chosen("access-entries-from-aws-auth", choices)
    conversion = convert(chosen.text("aws_auth"))
    skips_nodes = not chosen.flag("include_nodes")
    entries = tuple(entry for entry in conversion.entries if not (entry.is_node and skips_nodes))
    if not conversion.entries:
        raise InputError(
            f"{FIELD} names nobody who could have an access entry",
            hint=conversion.left_out[0] if conversion.left_out else "mapRoles and mapUsers are empty.",
        )
    partition = conversion.entries[0].principal_arn.split(":")[1]
    form = chosen.text("form")
    file_name, template = _FORMS[form]
    file = chosen.file(
        file_name,
        template,
        cluster=chosen.text("cluster", identifiers.cluster_name),
        region=chosen.text("region", identifiers.region),
        entries=entries,
        labels=_labels(entries),
        admin_policy_arn=f"arn:{partition}:eks::aws:cluster-access-policy/{ADMIN_POLICY}",
    )
    return chosen.bundle(file, notes=_notes(conversion, entries, skips_nodes=skips_nodes, form=form))


GENERATOR = Generator(
    name="access-entries-from-aws-auth",
    title="Access entries from aws-auth",
    summary="Turns an aws-auth ConfigMap into access entries, and says what cannot be carried over.",
    produces="commands",
    inputs=(
        Input(
            "aws_auth",
            "aws-auth",
            "document",
            _EXAMPLE,
            "The ConfigMap as kubectl -n kube-system get configmap aws-auth -o yaml prints it.",
        ),
        choice("form", "Form", ("cli", "terraform"), "How it should be written."),
        CLUSTER,
        REGION,
        flag(
            "include_nodes",
            "Nodes too",
            False,
            "Entries for the roles of nodes as well: self-managed nodes need them.",
        ),
        flag(
            "switch_mode", "Switch mode", True, "Begin with the change to API_AND_CONFIG_MAP (command form)."
        ),
    ),
    render=render,
    lesson="identity.cluster-access",
)
