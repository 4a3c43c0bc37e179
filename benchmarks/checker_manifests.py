"""The checker of manifests: 500 documents in two seconds, and a bomb in no time."""

from __future__ import annotations

import statistics
import time
from datetime import date

from eks_lab.checker.manifests import check_manifests
from eks_lab.checker.model import CheckOptions
from eks_lab.kube import types

DOCUMENTS = 500
CHECK_SECONDS = 2.0
LOAD_SECONDS = 0.15
BOMB_SECONDS = 0.1
_APPLICATION = """apiVersion: apps/v1
kind: Deployment
metadata: {{name: app-{n}, namespace: team-{team}, labels: {{app: app-{n}}}}}
spec:
  selector: {{matchLabels: {{app: app-{n}}}}}
  template:
    metadata: {{labels: {{app: app-{n}}}}}
    spec:
      containers:
      - name: web
        image: registry.example.com/app-{n}:1.{n}.0
        ports: [{{name: http, containerPort: 8080}}]
        env:
        - {{name: MODE, value: "fast"}}
        - {{name: TOKEN, valueFrom: {{secretKeyRef: {{name: app-{n}, key: token}}}}}}
        resources: {{requests: {{cpu: 100m, memory: 128Mi}}, limits: {{memory: 128Mi}}}}
        readinessProbe: {{httpGet: {{path: /ready, port: http}}}}
---
apiVersion: v1
kind: Service
metadata: {{name: app-{n}, namespace: team-{team}}}
spec: {{selector: {{app: app-{n}}}, ports: [{{port: 80, targetPort: http}}]}}
"""
_BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join(['*' + before] * 9)}]\n"
    for before, name in zip("abcdefghi", "bcdefghij", strict=True)
)


def _seconds(text: str) -> float:
    options = CheckOptions(today=date(2026, 11, 22))
    taken = []
    for _ in range(3):
        start = time.perf_counter()
        check_manifests({"all.yaml": text}, options)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def run() -> list[tuple[str, float, float, str]]:
    """Return name, measured, limit and note of each figure."""
    start = time.perf_counter()
    types.load()
    loaded = time.perf_counter() - start
    text = "---\n".join(_APPLICATION.format(n=n, team=n % 10) for n in range(DOCUMENTS // 2))
    return [
        ("Kubernetes types loaded (s)", loaded, LOAD_SECONDS, "one version, first use"),
        ("500 documents checked (s)", _seconds(text), CHECK_SECONDS, f"{len(text) // 1024} kB in one file"),
        ("a bomb of aliases refused (s)", _seconds(_BOMB), BOMB_SECONDS, "9¹⁰ values if written out"),
    ]
