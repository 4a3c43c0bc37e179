"""Writes a lab to start from: small, whole, and proved."""

from __future__ import annotations

import re
from pathlib import Path

from eks_lab.errors import DataError, InputError

_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LAB = """\
# Field by field: docs/labs.md. Prove it with: eks-lab lab prove {id}
id: {id}
title: A Deployment without pods
chapter: 0
skills: [troubleshooting]
difficulty: 1
minutes: 5
backends: {{embedded: full, aws: "partial: the start is played into a cluster of yours", docker: full}}
requires: [cluster, kubectl]
vars:
  replicas: {{range: [2, 4]}}
start:
  world: {{nodes: 2}}
  steps:
    - apply: files/web.yaml
start_asserts:
  - resource: {{kind: Deployment, name: web, path: .spec.replicas, equals: 0}}
steps:
  - Let {{{{ replicas }}}} pods of `web` run.
checks:
  - id: pods-run
    title: The pods of web run
    weight: 100
    resource:
      kind: Pod
      selector: app=web
      where: {{.status.phase: Running}}
      count: "{{{{ replicas }}}}"
    otherwise: "{{observed}} of {{{{ replicas }}}} pods run."
hints:
  - text: A Deployment says itself how many pods it wants.
    cost: 10
solutions:
  - title: Scale it
    steps:
      - kubectl: scale deployment web --replicas={{{{ replicas }}}}
wrong:
  - title: Too few
    steps:
      - kubectl: scale deployment web --replicas=1
    caught_by: pods-run
    why: One pod is not what was asked for.
debrief: debrief.md
"""
_MANIFEST = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 0
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: nginx:1.27
          resources:
            requests: {cpu: 50m, memory: 64Mi}
"""
_STORY = """\
The Deployment `web` is there, and nothing of it runs: somebody has scaled it down for the night and gone home.
"""
_DEBRIEF = """\
## Mental model

A Deployment states how many pods there should be; its ReplicaSet makes and removes pods until that is so. Zero is a
number like any other: nothing is broken, nothing is reported, and nothing runs. So the first look at a workload that
is silent goes to what it wants, and only then to what it has.

## What we would do

Scale it back, and write the number down where the next person will see it.

## Interview questions

- Which controller creates the pods of a Deployment, and how does it know that one is missing?
- What does `kubectl get deployment` show in the column READY, and where does each half come from?
"""


def write_lab(root: Path, lab_id: str) -> list[Path]:
    """Write the files of a new lab.

    Args:
        root: folder of labs; made when it is missing.
        lab_id: id and folder.

    Returns:
        What was written.

    Raises:
        InputError: the id cannot be used, or the folder is there already.
        DataError: it cannot be written.
    """
    if not _ID.fullmatch(lab_id):
        raise InputError(f"ID: {lab_id!r} is no id", hint="Write lower case words with dashes: max-pods.")
    folder = root / lab_id
    if folder.exists():
        raise InputError(f"{folder} is there already", hint="Choose another id.")
    files = {
        "lab.yaml": _LAB.format(id=lab_id),
        "story.md": _STORY,
        "debrief.md": _DEBRIEF,
        "files/web.yaml": _MANIFEST,
    }
    try:
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise DataError(
            f"{folder}: {error.strerror or error}", hint="Name a folder with --labs DIR."
        ) from error
    return [folder / name for name in files]
