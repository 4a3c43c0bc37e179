"""A small course on disk that passes every check; tests break one thing in it."""

from __future__ import annotations

from pathlib import Path

COURSE = """\
format: 1
id: small
title: A small course
chapters:
  - {id: net, number: "1", folder: 01-net, title: Networking, summary: Addresses for pods.}
skills:
  - {id: ip-planning, title: Plan addresses}
guide_rows:
  - {id: "3.5", topic: Seventeen pods}
"""

GLOSSARY = """\
format: 1
terms:
  - {id: eni, name: ENI, aliases: [elastic network interface], definition: A network card., lesson: net.slots}
  - {id: max-pods, name: max pods, definition: How many pods kubelet accepts., lesson: net.slots}
"""

HEAD = """\
---
id: net.slots
title: Slots on a node
minutes: 5
order: 10
summary: How many pods fit on a node, and why.
objectives:
  - Compute max pods
  - Explain the formula
skills: [ip-planning]
terms: [eni, max-pods]
sources:
  - title: The page
    url: https://docs.aws.amazon.com/eks/latest/userguide/choosing-instance-type.html
    checked: 2026-11-22
---
"""

WORDS = " ".join(["Every node has a limit that its interfaces set."] * 60)

BODY = f"""\
A pod needs an address, and an [ENI](term:eni) holds only so many.

## The formula

{WORDS}

:::example{{title="By hand"}}
Three interfaces of six addresses give 17.
:::

:::guide{{rows="3.5"}}
The guide gives seventeen pods for a t3.medium.

Today: still right, as [the formula](#the-formula) shows.
:::

```console {{needs=sandbox}}
$ kubectl get nodes \\
    -o wide
NAME   STATUS
```

::file{{src="manifests/pod.yaml" part="spec.containers"}}

::quiz
"""

POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: nginx
  restartPolicy: Always
"""

QUIZ = """\
format: 1
questions:
  - id: net.slots.medium
    kind: number
    prompt: How many pods fit on a `t3.medium`?
    answer: 17
    unit: pods
    explain: Three times five and two are seventeen.
    source: The page
  - id: net.slots.two
    kind: choice
    prompt: What is the + 2?
    options:
      - {text: Host-network pods, correct: true, explain: They use the address of the node.}
      - {text: A margin kept, explain: There is no margin in it.}
      - {text: Spare addresses, explain: Spare addresses are not counted.}
    source: The page
"""


def write_course(root: Path) -> Path:
    """Write the course into a folder and return the folder."""
    lesson = root / "01-net" / "10-slots"
    (lesson / "manifests").mkdir(parents=True)
    (root / "glossary").mkdir()
    (root / "course.yaml").write_text(COURSE)
    (root / "glossary" / "net.yaml").write_text(GLOSSARY)
    (lesson / "lesson.md").write_text(HEAD + BODY)
    (lesson / "quiz.yaml").write_text(QUIZ)
    (lesson / "manifests" / "pod.yaml").write_text(POD)
    return root


def lesson_path(root: Path) -> Path:
    """Return the small course's lesson file."""
    return root / "01-net" / "10-slots" / "lesson.md"


def replace_in(path: Path, old: str, new: str) -> None:
    """Change one thing in a file; the test is wrong if it is not there."""
    text = path.read_text()
    assert old in text, old
    path.write_text(text.replace(old, new, 1))
