"""A ServiceAccount whose pods get a role through the cluster's OIDC provider.

Source: EKS user guide, IAM roles for service accounts; aws/amazon-eks-pod-identity-webhook, annotations.
"""

from __future__ import annotations

from collections.abc import Mapping

from eks_lab.calc.model import Value
from eks_lab.generate import identifiers
from eks_lab.generate.chosen import Chosen
from eks_lab.generate.fields import flag, integer, name_of, namespace, text
from eks_lab.generate.model import Bundle, Generator, Original

_TEMPLATE = """
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ name|q }} #? The role's trust policy has to name exactly this namespace and this name.
  namespace: {{ namespace|q }}
  annotations:
    eks.amazonaws.com/role-arn: {{ role_arn|q }}
    #? A webhook of the control plane reads this when a pod is created. Pods that run already stay without
    #? credentials until they are created again.
{% if regional_sts %}
    eks.amazonaws.com/sts-regional-endpoints: "true"
    #? Credentials come from the STS of the cluster's own region: one far region less to depend on, and a VPC
    #? endpoint can serve it.
{% endif %}
    eks.amazonaws.com/token-expiration: "{{ token_expiration_seconds }}"
    #? Seconds the token may live, as text. Kubelet renews it well before that; the credentials from STS have
    #? a lifetime of their own, one hour unless the SDK asks for another.
automountServiceAccountToken: {{ kubernetes_api_access|q }}
{% if kubernetes_api_access %}
#? These pods call the Kubernetes API, so they get its token as well.
{% else %}
#? These pods call AWS, not the Kubernetes API: they do without its token. The token for AWS is mounted all the same.
{% endif %}
{% if check_pod %}
---
# Says who it is in AWS, once. kubectl logs -n {{ namespace }} {{ check_name }}
apiVersion: v1
kind: Pod
metadata:
  name: {{ check_name|q }}
  namespace: {{ namespace|q }}
spec:
  serviceAccountName: {{ name|q }} #? The only link between a pod and the role.
  restartPolicy: Never
  containers:
    - name: whoami
      image: public.ecr.aws/aws-cli/aws-cli:2.31.0
      args: [sts, get-caller-identity]
      #? An assumed-role ARN with the role's name means it works; the node's role means the webhook did not act.
      resources:
        requests:
          cpu: 50m
          memory: 128Mi
        limits:
          memory: 256Mi
{% endif %}
"""


def render(choices: Mapping[str, Value]) -> Bundle:
    """Return the ServiceAccount."""
    chosen = Chosen("service-account-irsa", choices)
    name = chosen.text("name", identifiers.dns_label)
    values = {
        "name": name,
        "namespace": chosen.text("namespace", identifiers.dns_label),
        "role_arn": chosen.text("role_arn", identifiers.role_arn),
        "check_name": identifiers.with_suffix(name, "-whoami"),
    }
    notes = [
        (
            "The cluster needs an IAM OIDC provider, and the role a trust policy for this service account: see the"
            " generator trust-policy-irsa."
        ),
    ]
    if values["namespace"] == "default" and name == "default":
        notes.append(
            "default/default is what every pod of the namespace runs as that names nothing: each of them gets the role."
        )
    return chosen.bundle(chosen.file("serviceaccount.yaml", _TEMPLATE, **values), notes=notes)


GENERATOR = Generator(
    name="service-account-irsa",
    title="ServiceAccount with IRSA",
    summary="A ServiceAccount whose pods assume an IAM role through the cluster's OIDC provider.",
    produces="manifest",
    inputs=(
        name_of("the ServiceAccount", "s3-reader"),
        namespace(),
        text("role_arn", "Role", "arn:aws:iam::111122223333:role/eks-s3-reader", "ARN of the IAM role."),
        flag("regional_sts", "Regional STS", True, "Ask the STS of the cluster's region."),
        integer(
            "token_expiration_seconds",
            "Token lifetime",
            86400,
            "How long a projected token may be used, in seconds.",
            "s",
            3600,
            86400,
        ),
        flag(
            "kubernetes_api_access",
            "Kubernetes API",
            False,
            "Whether the pods call the Kubernetes API as well.",
        ),
        flag("check_pod", "Check pod", False, "Add a pod that prints its AWS identity."),
    ),
    render=render,
    lesson="identity.irsa",
    original=Original(
        "Chapter 4, the annotated ServiceAccount",
        (
            (
                "The guide's object is sound, but alone it gives nothing: the OIDC provider and the trust policy are"
                " missing there."
            ),
            (
                "The guide says the webhook acts when a pod is scheduled; it acts when the pod is created, so running"
                " pods have to be created again."
            ),
            "Regional STS, the token's lifetime and the Kubernetes API token are stated instead of left to defaults.",
        ),
    ),
)
