"""Commands stay with the question's own files and cluster, and end."""

from __future__ import annotations

import pytest

from eks_lab.errors import InputError
from eks_lab.grading.practical.permission import check_permitted
from eks_lab.grading.practical.typed_lines import commands_of


def check(line: str) -> None:
    for command in commands_of(line, 1):
        check_permitted(command)


@pytest.mark.parametrize(
    "line",
    [
        "kubectl apply -f web.yaml",
        "kubectl apply -f files/web.yaml",
        "kubectl logs -f deploy/web",
        "kubectl logs -fp web -n shop",
        "kubectl get --raw /healthz",
        "kubectl exec web -- cat -f /etc/hosts",
        "kubectl -n shop create configmap c --from-file=key=web.yaml",
        "kubectl get pods -nf -o jsonpath='{.items[*].metadata.name}'",
        "kubectl config set-context --current --namespace=shop",
        "kubectl config",
        "kubectl",
        "kubectl -n edit get pods",
        "kubectl get pods -A -w",
        "aws iam create-role --role-name r --assume-role-policy-document file://trust.json",
        "aws logs tail /aws/eks/lab/cluster",
        "eks-lab calc max-pods --instance t3.medium",
    ],
)
def test_what_ends_and_stays_inside_is_allowed(line: str) -> None:
    check(line)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("kubectl edit deploy web", "`kubectl edit` opens an editor"),
        ("kubectl -n shop edit deploy web", "`kubectl edit` opens an editor"),
        ("kubectl --namespace shop port-forward web 80", "`kubectl port-forward` goes on"),
        ("kubectl proxy", "`kubectl proxy` goes on"),
        ("kubectl attach web", "`kubectl attach` goes on"),
        ("kubectl cp web:/etc/hosts hosts", "`kubectl cp` copies"),
        ("kubectl apply -f /etc/passwd", "`/etc/passwd` is not in this question's folder"),
        ("kubectl apply -f ../web.yaml", "`../web.yaml` is not in"),
        ("kubectl apply -f/etc/passwd", "`/etc/passwd` is not in"),
        ("kubectl apply -Rf /etc", "`/etc` is not in"),
        ("kubectl apply --filename=/etc/passwd", "`/etc/passwd` is not in"),
        (
            "kubectl apply -f https://example.com/x.yaml",
            "`https://example.com/x.yaml` is somewhere on the internet",
        ),
        ("kubectl apply -f -", "`-` reads what a pipe brings"),
        ("kubectl apply -k ~/base", "`~/base` is not in"),
        ("kubectl create cm c --from-file=key=/etc/passwd", "`/etc/passwd` is not in"),
        ("kubectl create cm c --from-file /etc/passwd", "`/etc/passwd` is not in"),
        ("kubectl patch deploy web --patch-file /etc/passwd", "`/etc/passwd` is not in"),
        ("kubectl get pods -o jsonpath-file=/etc/passwd", "`jsonpath-file=/etc/passwd` reads a template"),
        ("kubectl --kubeconfig=/root/.kube/config get pods", "`--kubeconfig` leads away"),
        ("kubectl -s https://elsewhere get pods", "`--server` leads away"),
        ("kubectl config set clusters.lab.server https://elsewhere", "`kubectl config set` leads away"),
        ("kubectl cluster-info dump --output-directory=/tmp/x", "`/tmp/x` is not in"),
        ("aws iam create-role --assume-role-policy-document file:///etc/passwd", "`/etc/passwd` is not in"),
        ("aws lambda create-function --zip-file=fileb://../x", "`../x` is not in"),
        ("aws eks list-clusters --endpoint-url http://elsewhere", "`--endpoint-url` leads away"),
        ("aws configure list", "`aws configure` is not needed here"),
        ("aws eks wait cluster-active --name lab", "`aws … wait` does not run here"),
        ("aws eks update-kubeconfig --name lab", "`aws eks update-kubeconfig` is not needed here"),
        ("eks-lab sandbox down", "Of eks-lab's own commands a question runs calc, check, generate only."),
        ("eks-lab check /etc", "`/etc` is not in"),
        ("eks-lab generate vpc --out=/etc", "`/etc` is not in"),
    ],
)
def test_the_rest_is_refused_in_one_sentence(line: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        check(line)
    assert caught.value.message.startswith(said)
    assert "\n" not in caught.value.message
