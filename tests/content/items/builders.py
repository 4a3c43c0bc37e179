"""Questions of every kind, small and whole; tests change one thing in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from eks_lab.content.items.model import Item, model_of
from eks_lab.content.validate import adapter

OPTIONS: list[dict[str, Any]] = [
    {"text": "Its interfaces", "explain": "Each of them brings addresses.", "correct": True},
    {"text": "Memory it has", "explain": "There is plenty of it left."},
    {"text": "Its zone", "explain": "A zone limits nothing here."},
    {"text": "The price", "explain": "Money is no limit of the kubelet."},
]
POINTS: list[dict[str, Any]] = [
    {
        "id": "limit",
        "text": "The instance type limits interfaces.",
        "says": [["limits", "limited"], ["interface", "interfaces"]],
        "essential": True,
    },
    {
        "id": "address",
        "text": "Every pod takes an address.",
        "says": [["pod", "pods"], ["address", "addresses"]],
    },
]
FIELDS: dict[str, dict[str, Any]] = {
    "choice": {"options": OPTIONS},
    "multi": {
        "options": [
            {"text": text, "explain": f"That is what {text} does.", "correct": at in (0, 3)}
            for at, text in enumerate(("ipamd", "the scheduler", "a Service", "aws-node"))
        ]
    },
    "order": {
        "steps": [
            {"text": f"Step that {verb}", "explain": f"It {verb} before the next."}
            for verb in ("asks", "looks", "decides", "acts")
        ]
    },
    "match": {
        "pairs": [
            {"left": left, "right": right, "explain": f"{left} needs {right}."}
            for left, right in (("kubelet", "a node"), ("ENI", "a subnet"), ("pod", "an address"))
        ],
        "extra": [{"text": "a bucket", "explain": "None of them needs one."}],
    },
    "diagram": {
        "diagram": "hops",
        "points": [
            {"part": "client", "explain": "It did send the request."},
            {"part": "server", "explain": "Nothing arrives there.", "correct": True},
            {"part": "asks", "explain": "The way is open and used."},
        ],
    },
    "number": {
        "vars": {
            "nodes": {"range": [3, 40]},
            "type": {"choose": ["m5.large", "t3.small", "m5.4xlarge", "t3.medium", "c5.xlarge"]},
        },
        "computed_by": {
            "calculator": "max-pods",
            "inputs": {"instance": "{{ type }}", "node_management": "nodeadm"},
            "result": "max_pods",
        },
        "prompt": "Each of {{ nodes }} nodes is a {{ type }}. How many pods may one of them run?",
        "unit": "pods",
        "explain": "The formula gives {{ answer }} for each node.",
    },
    "recall": {
        "points": POINTS,
        "model": "The instance type limits how many interfaces a node has, and each pod takes an address of one.",
    },
    "command": {
        "vars": {"app": {"choose": ["web", "cart"]}},
        "prompt": "Scale the Deployment `{{ app }}` to three replicas.",
        "checks": [
            {
                "resource": {
                    "kind": "Deployment",
                    "name": "{{ app }}",
                    "path": ".spec.replicas",
                    "equals": 3,
                },
                "otherwise": "It has {observed}.",
            }
        ],
        "answers": [
            "kubectl scale deployment {{ app }} --replicas=3",
            'kubectl patch deployment {{ app }} -p \'{"spec":{"replicas":3}}\'',
        ],
        "wrong": [
            {"lines": "kubectl scale deployment {{ app }} --replicas=2", "why": "Two are not three of them."}
        ],
    },
    "manifest": {
        "given": "replicas: 1\nname: web\n",
        "checks": [
            {
                "resource": {"kind": "Deployment", "name": "web", "path": ".spec.replicas", "equals": 3},
                "otherwise": "No.",
            }
        ],
        "answers": [
            {"edits": [{"replace": "replicas: 1", "to": "replicas: 3"}]},
            {"text": "name: web\nreplicas: 3\n"},
        ],
        "wrong": [
            {"edits": [{"replace": "replicas: 1", "to": "replicas: 2"}], "why": "Two are not three of them."}
        ],
    },
}
PROMPTS = {
    "choice": "What limits how many addresses a node can have?",
    "multi": "Who takes part in giving a new pod its address?",
    "order": "In which order does the thing do what it does?",
    "match": "What belongs together in the network?",
    "diagram": "The request leaves and never comes in. Point at the broken hop.",
    "recall": "Why can a large machine be full while it is idle?",
    "manifest": "Mend the file so that three of them run.",
}
KINDS = tuple(FIELDS)


def document(kind: str, **changes: Any) -> dict[str, Any]:
    """Return a question as a file has it."""
    common = {
        "id": f"net.slots.{kind}",
        "kind": kind,
        "prompt": PROMPTS.get(kind, ""),
        "source": "The page",
    }
    return {**common, **FIELDS[kind], **changes}


def item(kind: str, **changes: Any) -> Item:
    """Return a question."""
    made: Item = adapter(model_of(kind)).validate_python(document(kind, **changes))
    return made


def write_bank(root: Path, *documents: dict[str, Any], name: str = "more") -> Path:
    """Write a bank file into the small course of `tests.content.course_files` and return its path."""
    path = root / "01-net" / "quiz" / f"{name}.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(yaml.dump({"format": 1, "items": list(documents)}, Dumper=_Plain, sort_keys=False))
    return path


HOPS = """\
format: 1
id: hops
title: One hop
summary: A client asks a server.
sources:
  - {title: A page, url: "https://docs.example.com/page", checked: 2026-11-22}
picture:
  row:
    - {id: client, name: client}
    - {id: server, name: server}
arrows:
  - {id: asks, from: client, to: server, label: asks}
steps:
  - {title: Ask, say: The client asks the server., focus: [asks]}
"""


class _Plain(yaml.SafeDumper):
    """Writes the same value twice instead of an alias, which course files must not have."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def write_diagram(root: Path) -> None:
    """Write the diagram that the diagram question is about."""
    (root / "diagrams").mkdir(exist_ok=True)
    (root / "diagrams" / "hops.yaml").write_text(HOPS)
