"""Practical questions for tests: sound ones, to spoil."""

from __future__ import annotations

from typing import Any

from eks_lab.content.items.model import CommandItem, ManifestItem
from eks_lab.content.validate import adapter

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: nginx:1.27
"""


def command_question(**changes: Any) -> CommandItem:
    """Return a question that asks to scale a Deployment.

    Args:
        changes: fields in place of the sound ones.
    """
    return adapter(CommandItem).validate_python(
        {
            "id": "troubleshooting.method.scale",
            "kind": "command",
            "prompt": "Let web run with three replicas.",
            "source": "Somewhere",
            "setup": [
                {"kubectl": "create deployment web --image=nginx"},
                {"kubectl": "create deployment neighbour --image=nginx"},
                {"advance": "20s"},
            ],
            "checks": [
                {
                    "resource": {
                        "kind": "Deployment",
                        "name": "web",
                        "path": ".status.readyReplicas",
                        "equals": 3,
                    },
                    "otherwise": "Ready: {observed}.",
                },
                {
                    "resource": {"kind": "Deployment", "name": "neighbour"},
                    "otherwise": "The neighbour is gone.",
                },
            ],
            "answers": [
                "kubectl scale deployment web --replicas=3",
                """k patch deploy web -p '{"spec":{"replicas":3}}'""",
            ],
            "wrong": [
                {"lines": "kubectl scale deployment web --replicas=2", "why": "That is one too few."},
                {"lines": "kubectl delete deployment neighbour", "why": "That is somebody else's."},
            ],
            **changes,
        }
    )


def printing_question(**changes: Any) -> CommandItem:
    """Return a question that asks for an output.

    Args:
        changes: fields in place of the sound ones.
    """
    return command_question(
        **{
            "id": "troubleshooting.method.groups",
            "prompt": "Print the names of the node groups.",
            "setup": [],
            "checks": [],
            "prints": {"contains": ["workers"], "lacks": ["nodegroupArn"], "otherwise": "No names there."},
            "answers": [
                "aws eks list-nodegroups --cluster-name lab",
                "aws eks list-nodegroups --cluster-name lab --query nodegroups --output text",
            ],
            "wrong": [
                {
                    "lines": "aws eks describe-nodegroup --cluster-name lab --nodegroup-name workers",
                    "why": "You had to know the name.",
                }
            ],
            **changes,
        }
    )


def manifest_question(**changes: Any) -> ManifestItem:
    """Return a question that asks to give a container its requests.

    Args:
        changes: fields in place of the sound ones.
    """
    image = "          image: nginx:1.27\n"
    return adapter(ManifestItem).validate_python(
        {
            "id": "troubleshooting.method.requests",
            "kind": "manifest",
            "prompt": "Reserve at least 100m of CPU.",
            "source": "Somewhere",
            "file": "web.yaml",
            "given": DEPLOYMENT,
            "rules": ["k8s-unknown-field"],
            "checks": [
                {
                    "resource": {
                        "kind": "Pod",
                        "selector": "app=web",
                        "path": ".spec.containers[0].resources.requests.cpu",
                        "gte": "100m",
                    },
                    "otherwise": "Reserved: {observed}.",
                },
                {
                    "resource": {
                        "kind": "Deployment",
                        "name": "web",
                        "path": ".status.readyReplicas",
                        "equals": 1,
                    },
                    "otherwise": "Ready: {observed}.",
                },
            ],
            "answers": [
                {
                    "edits": [
                        {"replace": image, "to": f"{image}          resources: {{requests: {{cpu: 100m}}}}\n"}
                    ]
                },
                {
                    "edits": [
                        {"replace": image, "to": f"{image}          resources: {{requests: {{cpu: 0.2}}}}\n"}
                    ]
                },
            ],
            "wrong": [
                {
                    "edits": [
                        {"replace": image, "to": f"{image}          resources: {{limits: {{memory: 1Gi}}}}\n"}
                    ],
                    "why": "That is memory.",
                }
            ],
            **changes,
        }
    )
