"""`eks-lab check`: Terraform, manifests and IAM policies judged offline."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eks_lab.cli.counting import counted

if TYPE_CHECKING:
    from eks_lab.checker.model import Finding


@click.command(name="check")
@click.argument(
    "paths", nargs=-1, required=True, type=click.Path(path_type=Path, allow_dash=True), metavar="PATH…"
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.option(
    "--kubernetes-version", default="", metavar="1.36", help="Judge manifests against this version."
)
@click.option(
    "--with-terraform",
    is_flag=True,
    help="Ask the installed terraform as well: fmt and validate. For a plan: eks-lab terraform -- plan.",
)
@click.option(
    "--plugin-dir",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Providers for validate; none is downloaded.",
)
@click.pass_context
def command(
    ctx: click.Context,
    paths: tuple[Path, ...],
    as_json: bool,
    kubernetes_version: str,
    with_terraform: bool,
    plugin_dir: Path | None,
) -> None:
    """Check Terraform folders, manifests and IAM policies; - reads standard input.

    Nothing is sent anywhere. Exit code 0: nothing found; 1: findings; 2: something could not be read.
    """
    from eks_lab.catalog.kubernetes_versions import get
    from eks_lab.checker.check import STDIN, check_paths
    from eks_lab.checker.model import CheckOptions
    from eks_lab.checker.sources import LARGEST_BYTES
    from eks_lab.clock import SystemClock

    version = get(kubernetes_version, field="--kubernetes-version").name if kubernetes_version else ""
    options = CheckOptions(today=SystemClock().now().date(), kubernetes_version=version)
    stdin = sys.stdin.buffer.read(LARGEST_BYTES + 1) if any(str(path) == STDIN for path in paths) else b""
    report = check_paths(paths, options, stdin=stdin)
    findings, said = list(report.findings), list[str]()
    if with_terraform:
        from eks_lab.checker.terraform.real import run_terraform

        outcome = run_terraform(terraform_folders(report.files), plugin_dir)
        findings = sorted({*findings, *outcome.findings})
        said = outcome.said
    if as_json:
        document = {
            "findings": [asdict(each) for each in findings],
            "unreadable": [asdict(each) for each in report.unreadable],
            "files": list(report.files),
            "notes": said,
            "summary": {
                name: sum(each.severity == name for each in findings) for name in ("error", "warning", "note")
            },
        }
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        for finding in [*report.unreadable, *findings]:
            click.echo(finding_text(finding))
        for line in said:
            click.echo(line)
        click.echo(summary(findings, report.unreadable, report.files))
    ctx.exit(2 if report.unreadable else 1 if findings else 0)


def terraform_folders(files: tuple[str, ...]) -> list[Path]:
    """Return the folders of Terraform files, each once."""
    return sorted({Path(name).parent for name in files if name.endswith(".tf")})


def finding_text(finding: Finding) -> str:
    """Return a finding as it is printed: place, rule, severity and message; below it fix and lesson."""
    place = f"{finding.file}:{finding.line}" if finding.line else finding.file
    lines = [f"{place}: {finding.severity.value} {finding.rule}: {one_line(finding.message)}"]
    if finding.fix:
        lines.append(f"    {one_line(finding.fix)}")
    if finding.lesson:
        lines.append(f"    Lesson: {finding.lesson}")
    return "\n".join(lines)


def one_line(text: str) -> str:
    """Return a text on one line, without letters that a terminal would act on."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def summary(findings: list[Finding], unreadable: tuple[Finding, ...], files: tuple[str, ...]) -> str:
    """Return the last line: how much was checked and found."""
    parts = [
        counted(number, word)
        for word in ("error", "warning", "note")
        if (number := sum(each.severity == word for each in findings))
    ]
    found = ", ".join(parts) if parts else "nothing found"
    left_out = len({each.file for each in unreadable})
    tail = f"; {counted(left_out, 'path')} could not be checked" if left_out else ""
    return f"{counted(len(files), 'file')} checked: {found}{tail}."
