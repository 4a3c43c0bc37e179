"""Lessons as plain text."""

from __future__ import annotations

import re
from pathlib import Path

from eks_lab.content.body import read_page
from eks_lab.content.load import load_course
from eks_lab.content.plain import render_plain
from tests.content.course_files import lesson_path, replace_in, write_course


def plain(root: Path, width: int = 80) -> str:
    loaded = load_course(root)
    return render_plain(loaded, loaded.course.lessons[0], read_page(loaded, "net.slots"), width)


def test_everything_on_the_page_is_in_the_text(tmp_path: Path) -> None:
    text = plain(write_course(tmp_path))
    for part in (
        "# Slots on a node",
        "  * Compute max pods",
        "## The formula",
        "[Worked example: By hand]",
        "[The guide says, and what is true today (row 3.5)]\nThe guide gives seventeen",
        "Today: still right",
        "Code, console (needs a cluster",
        "    $ kubectl get nodes",
        "Code, manifests/pod.yaml (part of a file):",
        "Question 1. How many pods fit on a t3.medium?",
        "17 pods. Three times five",
        "b is wrong: There is no margin",
        "  * ENI: A network card.",
        "checked 2026-11-22",
    ):
        assert part in text, part


def test_no_colour_no_box_drawing_and_no_long_lines_of_prose(tmp_path: Path) -> None:
    text = plain(write_course(tmp_path), width=60)
    assert not re.search("[\x1b\u2500-\u257f]", text)
    assert (
        max(len(line) for line in text.splitlines() if not line.startswith("    ") and "https" not in line)
        <= 60
    )


def test_the_command_of_a_calculator_can_be_typed_as_it_stands(tmp_path: Path) -> None:
    root = write_course(tmp_path)
    form = '::calculator{name=vpc-plan cidrs="10.0.0.0/16, 100.64.0.0/16" mode=custom-networking}'
    replace_in(lesson_path(root), "::quiz\n", f"{form}\n\n::quiz\n")
    assert "eks-lab calc vpc-plan --cidrs '10.0.0.0/16, 100.64.0.0/16' --mode custom-networking" in plain(
        root
    )


def test_tables_lists_and_calculators_read_as_sentences(tmp_path: Path) -> None:
    root = write_course(tmp_path)
    more = (
        "| Type | Pods |\n|---|---|\n| t3.medium | 17 |\n\n1. first\n2. second\n   * deeper\n\n"
        "::calculator{name=max-pods instance=t3.medium}\n\n::lab{id=pods}\n\n::quiz\n"
    )
    replace_in(lesson_path(root), "::quiz\n", more)
    text = plain(root)
    assert "  * Type: t3.medium; Pods: 17." in text
    assert "  1. first\n  2. second\n       * deeper" in text
    assert "eks-lab calc max-pods --instance t3.medium" in text
    assert "eks-lab lab start pods" in text


def test_a_try_box_says_how_to_run_it_in_the_sandbox(tmp_path: Path) -> None:
    root = write_course(tmp_path)
    box = ":::try{{needs={0}}}\nLook.\n\n```console {{needs={0}}}\n$ kubectl get pods\n```\n:::\n\n::quiz\n"
    replace_in(lesson_path(root), "::quiz\n", box.format("sandbox"))
    text = plain(root)
    assert 'eks-lab sandbox up\n    eval "$(eks-lab sandbox env)"\n[End of try it]' in text
    assert "once it is built" not in text
    assert str(lesson_path(root).parent) not in text, "no file is named"
    replace_in(lesson_path(root), "$ kubectl get pods\n", "$ kubectl apply -f manifests/pod.yaml\n")
    assert f"to be typed:\n    {lesson_path(root).parent}\n" in plain(root)
    replace_in(lesson_path(root), "$ kubectl apply -f manifests/pod.yaml\n", "$ kubectl get pods\n")
    replace_in(lesson_path(root), box.format("sandbox"), box.format("aws"))
    assert "eks-lab sandbox up" not in plain(root)
