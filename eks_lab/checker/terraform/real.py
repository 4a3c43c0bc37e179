"""The learner's own terraform, where it is installed: `fmt` always, `validate` where a provider is at hand.

Nothing is downloaded: providers come from a folder that was initialised before, or from a folder of plugins.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eks_lab.checker.model import Finding, Severity
from eks_lab.checker.rule import ERROR, NOTE, Rule

FMT = Rule(
    "terraform-fmt", NOTE, "A file that terraform fmt would write otherwise (with --with-terraform).", "Run terraform fmt.",
    "terraform.verify",
)  # fmt: skip
VALIDATE = Rule(
    "terraform-validate", ERROR, "What terraform validate says, with the real provider (with --with-terraform).",
    "Mend it as Terraform says.", "terraform.verify",
)  # fmt: skip
RULES = (FMT, VALIDATE)
_PATIENCE_SECONDS = 120


@dataclass(slots=True)
class RealOutcome:
    """What the real terraform said."""

    findings: list[Finding] = field(default_factory=list)
    """Of fmt and validate."""
    said: list[str] = field(default_factory=list)
    """What ran and what did not, with the reason, one sentence each."""


def run_terraform(folders: Sequence[Path], plugins: Path | None = None) -> RealOutcome:
    """Run fmt and validate on folders.

    Args:
        folders: each with .tf files; nothing in them is changed.
        plugins: a folder of providers, laid out as a filesystem mirror.
    """
    outcome = RealOutcome()
    program = shutil.which("terraform")
    if program is None:
        outcome.said.append("terraform is not installed, so fmt and validate were not run.")
        return outcome
    for folder in folders:
        _fmt(program, folder, outcome)
        _validate(program, folder, plugins, outcome)
    return outcome


def _run(program: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str] | None:
    environment = {**os.environ, "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"}
    try:
        return subprocess.run(
            [program, *arguments],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_PATIENCE_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None


def _fmt(program: str, folder: Path, outcome: RealOutcome) -> None:
    done = _run(program, folder, "fmt", "-check", "-list=true", "-no-color")
    if done is None or done.returncode not in (0, 3):
        outcome.said.append(f"terraform fmt could not judge {folder}: {_first_line(done)}")
        return
    outcome.said.append(f"terraform fmt looked at {folder}.")
    for name in done.stdout.split("\n"):
        if name.strip().endswith((".tf", ".tfvars")):
            file = (folder / name.strip()).as_posix()
            outcome.findings.append(FMT.at(file, 0, "terraform fmt would write this file otherwise"))


def _first_line(done: subprocess.CompletedProcess[str] | None) -> str:
    if done is None:
        return f"it did not answer within {_PATIENCE_SECONDS} s."
    lines = [line.strip(" │╷╵") for line in f"{done.stderr}\n{done.stdout}".split("\n")]
    wanted = [line for line in lines if line.startswith("Error:")] + [line for line in lines if line]
    return wanted[0] if wanted else "it gave no reason."


def _validate(program: str, folder: Path, plugins: Path | None, outcome: RealOutcome) -> None:
    if (folder / ".terraform").is_dir():
        _read(_run(program, folder, "validate", "-json"), folder, outcome)
        return
    if plugins is None:
        outcome.said.append(
            f"terraform validate was not run on {folder}: no provider at hand, and none is downloaded here."
            " Run terraform init there, or give --plugin-dir."
        )
        return
    with tempfile.TemporaryDirectory(prefix="eks-lab-check-") as scratch:
        copy = Path(scratch) / "module"
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns(".*", "*.tfstate*"), symlinks=True)
        made = _run(
            program,
            copy,
            "init",
            "-backend=false",
            "-input=false",
            "-no-color",
            f"-plugin-dir={plugins.resolve()}",
        )
        if made is None or made.returncode != 0:
            outcome.said.append(
                f"terraform init failed for {folder}, so validate was not run: {_first_line(made)}"
            )
            return
        _read(_run(program, copy, "validate", "-json"), folder, outcome)


def _read(done: subprocess.CompletedProcess[str] | None, folder: Path, outcome: RealOutcome) -> None:
    try:
        answer: dict[str, Any] = json.loads(done.stdout) if done is not None else {}
        diagnostics = answer["diagnostics"]
    except (ValueError, KeyError):
        outcome.said.append(f"terraform validate gave no answer for {folder}: {_first_line(done)}")
        return
    outcome.said.append(f"terraform validate looked at {folder}.")
    for each in diagnostics:
        where = each.get("range") or {}
        file = (folder / where["filename"]).as_posix() if "filename" in where else folder.as_posix()
        line = where.get("start", {}).get("line", 0)
        says = " ".join(f"{each.get('summary', '')}: {each.get('detail', '')}".split())
        severity = Severity.ERROR if each.get("severity") == "error" else Severity.WARNING
        outcome.findings.append(VALIDATE.at(file, line, says, severity=severity))
