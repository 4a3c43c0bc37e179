"""What each kind of check sees in one small world."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from eks_lab.content.actions import WorldOptions
from eks_lab.content.queries import Query
from eks_lab.content.validate import adapter
from eks_lab.errors import ContentError
from eks_lab.grading.checks import look
from eks_lab.grading.checks.aws import operation_name
from eks_lab.grading.in_process import InProcess
from eks_lab.grading.model import Check
from eks_lab.grading.stage import Stage
from eks_lab.grading.verdict import Verdict
from eks_lab.grading.workspace import Workspace
from tests.grading.bench import loaded

WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: nginx:1.27
          resources: {requests: {cpu: 500m, memory: 64Mi}}
---
apiVersion: v1
kind: Pod
metadata: {name: talker}
spec:
  containers:
    - {name: main, image: busybox:1.36, command: [sh, -c, "echo hello there; sleep 3600"]}
---
apiVersion: v1
kind: Pod
metadata: {name: giant}
spec:
  containers:
    - {name: main, image: nginx:1.27, resources: {requests: {cpu: "64"}}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader}
rules: [{apiGroups: [""], resources: [pods], verbs: [get, list]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: reader}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: [{kind: ServiceAccount, name: default, namespace: default}]
"""
MAIN_TF = """\
resource "aws_route" "out" {
  route_table_id         = aws_route_table.private.id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.one.id
}
"""
BAD_MANIFEST = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: bad}
spec:
  replicaz: 2
  selector: {matchLabels: {app: bad}}
  template:
    metadata: {labels: {app: bad}}
    spec: {containers: [{name: a, image: "nginx:1.27"}]}
"""


@pytest.fixture(scope="module")
def stage(target: InProcess, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """Give a world with a Deployment, a pod that talks and one that fits nowhere."""
    folder = tmp_path_factory.mktemp("checks")
    target.begin(WorldOptions(nodes=2), 7)
    workspace = Workspace(folder / "learner")
    workspace.write("main.tf", MAIN_TF)
    workspace.write("k8s/bad.yaml", BAD_MANIFEST)
    done = target.run_kubectl(["apply", "-f", "-"], workspace.root, WEB)
    assert done.code == 0, done.err
    target.advance(timedelta(minutes=1))
    stage = Stage(loaded(folder), target, workspace)
    stage.answers |= {"number": "17", "word": " Kube-Proxy ", "pick": "2", "sort": "2, 1", "off": "18"}
    stage.answers |= {"square": "²", "endless": "9" * 5000}
    return stage


def seen(stage: Stage, check: str = "", **query: Any) -> Verdict:
    if check:
        head = {"id": check, "title": check, "weight": 1, "otherwise": "x"}
        return look(adapter(Check).validate_python({**head, **query}), stage)
    return look(adapter(Query).validate_python(query), stage)


RESOURCE: list[tuple[dict[str, Any], bool, str]] = [
    ({"kind": "Deployment", "name": "web"}, True, "web"),
    ({"kind": "deploy", "name": "wob"}, False, "no deploy wob"),
    ({"kind": "deployments.apps", "name": "wob", "exists": False}, True, "no deployments.apps wob"),
    ({"kind": "Deployment", "name": "web", "path": ".spec.replicas", "equals": 2}, True, "2"),
    ({"kind": "Deployment", "name": "web", "path": ".spec.replicas", "equals": "2"}, True, "2"),
    ({"kind": "Deployment", "name": "web", "path": "{.spec.replicas}", "gte": 3}, False, "2"),
    (
        {"kind": "Deployment", "name": "web", "path": ".spec.paused", "equals": True},
        False,
        ".spec.paused is not set",
    ),
    (
        {"kind": "Deployment", "name": "web", "path": ".spec.paused", "exists": False},
        True,
        ".spec.paused is not set",
    ),
    ({"kind": "Pod", "selector": "app=web", "count": 2}, True, "2"),
    ({"kind": "Pod", "selector": "app=web", "count_gte": 3}, False, "2"),
    ({"kind": "Pod", "selector": "app=web", "count_lte": 1}, False, "2"),
    ({"kind": "Pod", "selector": "app=web", "where": {".status.phase": "Pending"}, "count": 0}, True, "0"),
    ({"kind": "Pod", "selector": "app=web", "where": {".spec.nodeName": None}, "count": 0}, True, "0"),
    ({"kind": "Pod", "selector": "app=web", "path": ".status.phase", "equals": "Running"}, True, "Running"),
    ({"kind": "Pod", "path": ".status.phase", "equals": "Running"}, False, "Pending"),
    ({"kind": "Pod", "path": ".status.phase", "contains": "Running"}, True, "Running"),
    ({"kind": "Pod", "path": ".status.phase", "any_of": ["Running", "Pending"]}, True, "Pending"),
    ({"kind": "Pod", "selector": "app=web", "path": ".metadata.name", "matches": "^web-"}, True, "web-"),
    (
        {
            "kind": "Pod",
            "selector": "app=web",
            "path": ".spec.containers[0].resources.requests.cpu",
            "gte": "0.5",
            "lte": "500m",
        },
        True,
        "500m",
    ),
    (
        {
            "kind": "Pod",
            "selector": "app=web",
            "path": ".spec.containers[0].resources.requests.cpu",
            "lte": "499m",
        },
        False,
        "500m",
    ),
    ({"kind": "Node", "namespace": "*", "count": 2}, True, "2"),
    ({"kind": "Pod", "namespace": "*", "name": "talker", "count": 1}, True, "1"),
    ({"kind": "Pod", "namespace": "kube-system", "selector": "k8s-app=kube-dns", "count_gte": 1}, True, ""),
    (
        {"kind": "Pod", "name": "talker", "path": ".metadata.finalizers", "contains": "x"},
        False,
        "is not set",
    ),
    (
        {
            "kind": "Deployment",
            "name": "web",
            "path": ".spec.template.metadata.labels",
            "contains": {"app": "web"},
        },
        True,
        "web",
    ),
]


@pytest.mark.parametrize(("query", "holds", "observed"), RESOURCE)
def test_resource(stage: Stage, query: dict[str, Any], holds: bool, observed: str) -> None:
    verdict = seen(stage, resource=query)
    assert verdict.holds is holds, verdict
    assert observed in verdict.observed


def test_a_kind_that_the_cluster_has_not_is_the_authors_mistake(stage: Stage) -> None:
    with pytest.raises(ContentError, match="no kind 'Deplyment'") as caught:
        seen(stage, resource={"kind": "Deplyment"})
    assert "deployment" in caught.value.hint


OTHERS: list[tuple[dict[str, Any], bool, str]] = [
    ({"absent": {"kind": "Service", "name": "web"}}, True, "no Service web"),
    ({"absent": {"kind": "Pod", "selector": "app=web"}}, False, "web-"),
    (
        {"event": {"reason": "FailedScheduling", "about": "pod/giant", "type": "Warning"}},
        True,
        "Insufficient cpu",
    ),
    (
        {"event": {"reason": "FailedScheduling", "about": "pod/web-*"}},
        False,
        "no event FailedScheduling about pod/web-*",
    ),
    ({"event": {"about": "pod/web-*", "reason": "Scheduled"}}, True, "Successfully assigned"),
    ({"event": {"message": "0/2 nodes", "exists": False}}, False, "0/2 nodes are available"),
    ({"log": {"pod": "talker", "matches": "^hello"}}, True, "hello there"),
    ({"log": {"pod": "talker", "matches": "goodbye"}}, False, "the last line is: hello there"),
    ({"log": {"pod": "nobody", "matches": "x", "exists": False}}, True, "nothing is printed"),
    ({"log": {"selector": "app=nobody", "matches": "x"}}, False, "no pod app=nobody"),
    (
        {"can_i": {"user": "system:serviceaccount:default:default", "verb": "list", "resource": "pods"}},
        True,
        "may list pods",
    ),
    (
        {
            "can_i": {
                "user": "system:serviceaccount:default:default",
                "verb": "create",
                "resource": "pods/exec",
            }
        },
        False,
        "may not create pods/exec",
    ),
    ({"can_i": {"user": "eve", "verb": "get", "resource": "secrets", "allowed": False}}, True, "eve may not"),
    ({"iam": {"principal": "user/student", "action": "s3:GetObject"}}, True, "allowed"),
    ({"iam": {"principal": "role/eks-lab-node", "action": "s3:GetObject"}}, False, "implicitDeny"),
    ({"iam": {"principal": "role/nobody", "action": "s3:GetObject"}}, False, "NoSuchEntity"),
    ({"schedule": {"requests": {"cpu": "1"}}}, True, "1 of 1 pods would find a node"),
    ({"schedule": {"requests": {"cpu": "1"}, "pods": 9}}, False, "Insufficient cpu"),
    ({"schedule": {"requests": {"cpu": "64"}, "fits": False}}, True, "0 of 1"),
    ({"schedule": {"manifest": "files/web.yaml", "pods": 2}}, True, "2 of 2"),
    (
        {
            "schedule": {
                "manifest": "kind: Pod\nspec:\n  nodeSelector: {a: b}\n  containers: [{name: a, image: b}]\n"
            }
        },
        False,
        "didn't match Pod's node affinity/selector",
    ),
    (
        {
            "aws": {
                "service": "eks",
                "operation": "describe-cluster",
                "params": {"name": "lab"},
                "query": "cluster.status",
                "equals": "ACTIVE",
            }
        },
        True,
        "ACTIVE",
    ),
    (
        {
            "aws": {
                "service": "ec2",
                "operation": "DescribeSubnets",
                "query": "Subnets[].SubnetId",
                "count_gte": 20,
            }
        },
        False,
        "subnet-",
    ),
    (
        {
            "aws": {
                "service": "eks",
                "operation": "DescribeCluster",
                "params": {"name": "x"},
                "error": "ResourceNotFoundException",
            }
        },
        True,
        "No cluster found",
    ),
    (
        {"aws": {"service": "eks", "operation": "DescribeCluster", "params": {"name": "x"}}},
        False,
        "ResourceNotFound",
    ),
    ({"manifest": {"file": "k8s", "rules": ["error"]}}, False, "k8s/bad.yaml:5: "),
    (
        {"manifest": {"file": "k8s/bad.yaml", "kind": "Deployment", "path": ".spec.replicaz", "equals": 2}},
        True,
        "2",
    ),
    ({"manifest": {"file": "k8s/bad.yaml", "kind": "Service"}}, False, "no Service"),
    ({"manifest": {"file": "none.yaml", "rules": ["error"]}}, False, "none.yaml is not there"),
    ({"manifest": {"file": "../lab.yaml", "rules": ["error"]}}, False, "does not stay inside"),
    (
        {
            "terraform": {
                "file": ".",
                "resource": "aws_route.out",
                "path": "destination_cidr_block",
                "equals": "0.0.0.0/0",
            }
        },
        True,
        "0.0.0.0/0",
    ),
    (
        {
            "terraform": {
                "file": "main.tf",
                "resource": "aws_route.out",
                "path": "nat_gateway_id",
                "matches": r"\.id$",
            }
        },
        True,
        "aws_nat_gateway.one.id",
    ),
    (
        {"terraform": {"file": "main.tf", "resource": "aws_route.out", "path": "gateway_id"}},
        False,
        "has no gateway_id",
    ),
    ({"terraform": {"file": "main.tf", "resource": "aws_route.in"}}, False, "no aws_route.in"),
    ({"terraform": {"file": "main.tf", "rules": ["error"]}}, False, "main.tf:2: "),
    ({"terraform": {"file": "k8s", "rules": ["error"]}}, False, "has no Terraform"),
    ({"all": [{"absent": {"kind": "Job"}}, {"absent": {"kind": "Pod"}}]}, False, "giant"),
    ({"any": [{"absent": {"kind": "Job"}}, {"absent": {"kind": "Pod"}}]}, True, "no Job"),
    ({"none": [{"resource": {"kind": "Job"}}]}, True, "no Job"),
]


@pytest.mark.parametrize(("query", "holds", "observed"), OTHERS)
def test_other_kinds(stage: Stage, query: dict[str, Any], holds: bool, observed: str) -> None:
    verdict = seen(stage, **query)
    assert verdict.holds is holds, verdict
    assert observed in verdict.observed


PODS = {
    "question": "How many?",
    "calculator": "max-pods",
    "inputs": {"instance": "t3.medium"},
    "output": "max_pods",
}


@pytest.mark.parametrize(
    ("check", "query", "holds"),
    [
        ("number", {"calc": PODS}, True),
        ("off", {"calc": PODS}, False),
        ("off", {"calc": {**PODS, "tolerance": 0.1}}, True),
        ("word", {"calc": PODS}, False),
        ("unanswered", {"calc": PODS}, False),
        ("word", {"answer": {"question": "q", "exact": "kube-proxy"}}, True),
        ("word", {"answer": {"question": "q", "regex": "^kube"}}, True),
        ("word", {"answer": {"question": "q", "options": ["coredns", "kube-proxy"], "choice": 2}}, True),
        ("pick", {"answer": {"question": "q", "options": ["a", "b"], "choice": 2}}, True),
        ("pick", {"answer": {"question": "q", "options": ["a", "b"], "choice": 1}}, False),
        ("sort", {"answer": {"question": "q", "options": ["a", "b"], "order": [2, 1]}}, True),
        ("sort", {"answer": {"question": "q", "options": ["a", "b"], "order": [1, 2]}}, False),
        ("unanswered", {"answer": {"question": "q", "regex": ""}}, False),
        ("square", {"answer": {"question": "q", "options": ["a", "b"], "choice": 2}}, False),
        ("endless", {"answer": {"question": "q", "options": ["a", "b"], "order": [2, 1]}}, False),
    ],
)
def test_answers(stage: Stage, check: str, query: dict[str, Any], holds: bool) -> None:
    assert seen(stage, check, **query).holds is holds


def test_looking_leaves_no_trace(stage: Stage, target: InProcess) -> None:
    before = target.state_hash()
    for query, _, _ in OTHERS:
        seen(stage, **query)
    assert target.state_hash() == before


@pytest.mark.parametrize("name", ["DeleteCluster", "create-cluster", "GetSessionToken", "RunInstances"])
def test_checks_call_nothing_that_writes(name: str) -> None:
    with pytest.raises(ContentError, match="no operation that only reads"):
        operation_name(name)


def test_operations_may_be_written_as_on_the_command_line() -> None:
    assert operation_name("describe-db-instances") == "DescribeDbInstances"
    assert operation_name("ListClusters") == "ListClusters"


def test_history_and_invariants(stage: Stage, target: InProcess) -> None:
    """A Deployment that is deleted and made again is as it was, and yet it was away."""
    folder = stage.workspace.root
    assert seen(stage, invariant={"resource": {"kind": "Deployment", "name": "web"}}).holds
    target.begin_record()
    target.snapshot("history")
    web: dict[str, Any] = {
        "resource": {"kind": "Deployment", "name": "web", "path": ".spec.replicas", "gte": 2}
    }
    kept = {"absent": {"kind": "Job"}}
    downtime = {"workload": "deployment/web", "downtime_seconds": 0}
    assert seen(stage, invariant=web).holds
    assert seen(stage, history=downtime).holds
    assert seen(stage, history={"commands_max": 0, "blast_radius": 0, "cost_max": 1.0}).holds

    assert target.run_kubectl(["delete", "deployment", "web"], folder).code == 0
    target.advance(timedelta(seconds=30))
    assert target.run_kubectl(["apply", "-f", "-"], folder, WEB).code == 0
    target.advance(timedelta(minutes=1))
    assert seen(stage, **web).holds
    verdict = seen(stage, invariant=web)
    assert not verdict.holds
    assert verdict.observed.endswith("no Deployment web")
    assert seen(stage, invariant={"all": [kept]}).holds
    verdict = seen(stage, history=downtime)
    assert not verdict.holds
    assert 30 <= float(verdict.observed.split()[0]) < 60
    verdict = seen(stage, history={"blast_radius": 0})
    assert not verdict.holds
    assert verdict.observed == "1 other objects touched: default/deployments.apps/web"
    assert seen(stage, history={"blast_radius": 0, "may_change": ["deploy/w*"]}).holds
    assert not seen(stage, history={"commands_max": 1}).holds

    target.restore("history")
    assert seen(stage, invariant=web, check="").holds
    target.end_record()


def test_the_lab_files_are_where_the_learner_has_them(stage: Stage, tmp_path: Path) -> None:
    assert stage.workspace.names() == ["k8s/bad.yaml", "main.tf"]
    assert stage.workspace.root.is_relative_to(tmp_path.parent.parent)
