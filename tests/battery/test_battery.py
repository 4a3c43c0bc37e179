"""Everyday kubectl passes whole, with the packaged kubectl and with another one that the machine has."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.fresh_sandbox import PACKAGED_KUBECTL, FreshSandbox

HERE = Path(__file__).parent
BATTERY: dict[str, Any] = yaml.safe_load((HERE / "battery.yaml").read_text())
PAUSE_SECONDS = 0.2
"""Between two looks at a cluster in another process; nothing else can wait for it."""

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(sys.platform == "win32", reason="starts a process as POSIX systems do"),
]


def another_kubectl() -> str:
    """Return the path of a kubectl on the machine that is not the packaged one; empty when there is none.

    Nobody publishes an old kubectl beside the newest one in a package that could be asked for, so what is tested
    besides the newest is what the machine brings.
    """
    found = shutil.which("kubectl")
    return found if found and Path(found).resolve() != PACKAGED_KUBECTL.resolve() else ""


def judge(step: dict[str, Any], sandbox: FreshSandbox, folder: Path, node: str) -> str:
    """Run one step; return what is wrong with its answer, nothing when it is right."""
    words = [word.replace("<node>", node) for word in shlex.split(step["run"])]
    environment = {"KUBE_EDITOR": step["editor"]} if "editor" in step else {}
    deadline = time.monotonic() + step.get("within", 0)
    while True:
        done = sandbox.kubectl(words, folder, environment=environment)
        said = done.stdout + done.stderr
        right = bool(done.returncode) == step.get("fails", False)
        if right and re.search(step["expect"], said, re.MULTILINE):
            return ""
        if time.monotonic() >= deadline:
            return f"kubectl {step['run']}: exit {done.returncode}, no /{step['expect']}/ in\n{said[:600]}"
        time.sleep(PAUSE_SECONDS)  # noqa: TID251 - waits for another process


@pytest.mark.parametrize("which", ["packaged", "another"])
def test_every_subcommand(which: str, tmp_path: Path) -> None:
    kubectl = str(PACKAGED_KUBECTL) if which == "packaged" else another_kubectl()
    if not kubectl or not Path(kubectl).exists():
        pytest.skip(f"no {which} kubectl on this machine")
    work = tmp_path / "work"
    work.mkdir()
    for name, text in BATTERY["files"].items():
        (work / name).write_text(text)
    # At 1x a drain alone waits for 26 seconds.
    with FreshSandbox.started(tmp_path / "home", kubectl, speed="10x") as sandbox:
        node = sandbox.kubectl(["get", "nodes", "-o", "jsonpath={.items[0].metadata.name}"], work).stdout
        wrong = [said for step in BATTERY["steps"] if (said := judge(step, sandbox, work, node))]
    assert not wrong, "\n\n".join(wrong)
