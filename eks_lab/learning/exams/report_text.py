"""A report as plain text, as Markdown and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from eks_lab.learning.exams.report import DomainReport, ExamReport, TaskReport

FORMAT = "eks-lab-exam-report"
VERSION = 1


def report_json(report: ExamReport) -> str:
    """Return a report as one JSON document that ends in a line feed; times in seconds, points of 100."""
    document = {"format": FORMAT, "version": VERSION, **asdict(report)}
    document["started_at"] = report.started_at.isoformat()
    document["sources"] = [
        {"title": title, "url": url, "checked": checked} for title, url, checked in report.sources
    ]
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def report_markdown(report: ExamReport) -> str:
    """Return a report as a Markdown document that ends in a line feed."""
    lines = [f"# {report.title}, sitting {report.sitting_id}", "", *_head(report), "", "## By domain", ""]
    lines += ["| Domain | Weight | Here | Tasks | Earned |", "|---|---:|---:|---:|---:|"]
    lines += [f"| {' | '.join(_cell(each) for each in _domain_row(domain))} |" for domain in report.domains]
    lines += [
        "",
        "## Tasks",
        "",
        "| No. | Question | Kind | Points | Time | |",
        "|---:|---|---|---:|---:|---|",
    ]
    lines += [f"| {' | '.join(_cell(each) for each in _task_row(task))} |" for task in report.tasks]
    for title, texts in _lists(report):
        lines += ["", f"## {title}", "", *(f"- {text}" for text in texts)]
    return "\n".join(lines) + "\n"


def report_text(report: ExamReport) -> str:
    """Return a report as plain text without colours and frames, for a terminal, a pipe or a screen reader."""
    title = f"{report.title}, sitting {report.sitting_id}"
    lines = [title, "=" * len(title), "", *_head(report), "", "By domain"]
    for domain in report.domains:
        name, weight, here, questions, earned = _domain_row(domain)
        lines.append(f"  {name}: {earned} points; tasks: {questions}; weight {weight}, here {here}")
    lines += ["", "Tasks"]
    for task in report.tasks:
        number, item, kind, points, taken, words = _task_row(task)
        lines.append(f"  {number}. {item} ({kind}): {points} points, {taken}. {words}".rstrip())
        if task.detail and task.earned != task.points:
            lines += [f"     {line}" for line in task.detail.splitlines()]
    for heading, texts in _lists(report):
        lines += ["", heading, *(f"  - {text}" for text in texts)]
    return "\n".join(lines) + "\n"


def clock_text(seconds: float) -> str:
    """Return a stretch of time as `1:02:03` or `2:03`."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _head(report: ExamReport) -> list[str]:
    how = {"time": "Ended by the clock.", "learner": "Handed in.", "": "It runs still."}[report.ending]
    begun = f"Begun {report.started_at:%Y-%m-%d %H:%M} UTC. {how}"
    lines = [
        report.verdict,
        "",
        f"Version {report.version}, {report.issuer}. Seed {report.seed}. {begun}",
        f"Time: {clock_text(report.elapsed_seconds)} of {clock_text(report.allowed_seconds)}.",
    ]
    if report.pauses:
        times = "once" if len(report.pauses) == 1 else f"{len(report.pauses)} times"
        lines.append(
            f"Paused {times}, {clock_text(report.paused_seconds)} in all: a real exam does not stop its clock."
        )
    if report.away_seconds >= 1:
        lines.append(f"For {clock_text(report.away_seconds)} no program had it open; that time counts.")
    return lines


def _domain_row(domain: DomainReport) -> tuple[str, str, str, str, str]:
    weight = "unknown" if domain.weight is None else f"{domain.weight:g} %"
    asked = f"{domain.asked}" if domain.asked == domain.wanted else f"{domain.asked} of {domain.wanted}"
    earned = f"{domain.earned:g} of {domain.points:g}"
    if domain.waiting:
        earned += f", {domain.waiting:g} waiting"
    return domain.title, weight, f"{domain.points:g} %", asked, earned


def _task_row(task: TaskReport) -> tuple[str, str, str, str, str, str]:
    earned = "?" if task.earned is None else f"{task.earned:g}"
    words = task.headline + (" (flagged)" if task.is_flagged else "")
    points = f"{earned} of {task.points:g}"
    return str(task.number), task.item_id, task.kind, points, clock_text(task.seconds), words


def _lists(report: ExamReport) -> list[tuple[str, Sequence[str]]]:
    missing = [
        f"{domain.title}: {', '.join(domain.not_covered)}." for domain in report.domains if domain.not_covered
    ]
    sources = [
        f"{title}{f', {url}' if url else ''}, checked {checked}" for title, url, checked in report.sources
    ]
    found = (
        ("Next steps", report.next_steps),
        ("About this exam", report.notes),
        ("What EKS practice cannot cover", missing),
        ("Sources", sources),
    )
    return [(title, texts) for title, texts in found if texts]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
