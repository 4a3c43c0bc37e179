"""Previews: colours line by line, judgements, and the process that makes both."""

from __future__ import annotations

import asyncio
import io
import pickle
import sys
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from eks_lab.errors import InputError, UnavailableError
from eks_lab.generate import registry
from eks_lab.generate.choices import read_choices
from eks_lab.generate.model import Bundle, GeneratedFile
from eks_lab.tui.generation import judge, language_of, line_colours, render_preview
from eks_lab.tui.generation_process import GenerationProcess, serve

TODAY = date(2026, 11, 22)
HPA = read_choices(registry.get("hpa"), "", {})


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("vpc.tf", "hcl"),
        ("terraform.tfvars.example", "hcl"),
        ("a/b/HPA.YAML", "yaml"),
        ("trust.json", "json"),
        ("README.md", "markdown"),
        ("commands.sh", "bash"),
        ("notes", "text"),
    ],
)
def test_the_name_tells_the_language(name: str, language: str) -> None:
    assert language_of(name) == language


def test_every_line_has_its_colours() -> None:
    lines = line_colours("kind: Pod\n\n# why\n", "yaml")
    assert len(lines) == 4
    assert lines[1] == ()
    assert [(first, last) for first, last, _ in lines[2]] == [(0, 5)]
    assert any(style for _, _, style in lines[0])


@example("\t0", "hcl")
@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=60),
    st.sampled_from(["yaml", "hcl", "text"]),
)
def test_colours_stay_within_their_lines(text: str, language: str) -> None:
    lines = text.split("\n")
    coloured = line_colours(text, language)
    assert len(coloured) == len(lines)
    for line, spans in zip(lines, coloured, strict=True):
        assert all(0 <= first < last <= len(line) for first, last, _ in spans)


def test_a_preview_has_colours_for_every_file() -> None:
    preview = render_preview("hpa", HPA)
    assert preview.bundle.generator == "hpa"
    for file, colours in zip(preview.bundle.files, preview.colours, strict=True):
        assert len(colours) == file.text.count("\n") + 1


def test_commands_are_not_judged() -> None:
    bundle = Bundle("x", {}, (GeneratedFile("x.sh", "aws eks list-clusters\n"),))
    assert "these are commands" in judge(bundle, TODAY).problem


def test_a_defect_of_the_checker_is_no_defect_of_the_preview(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("eks_lab.checker.check.check_texts", fail)
    judged = judge(Bundle("x", {}, (GeneratedFile("x.yaml", "a: 1\n"),)), TODAY)
    assert judged.problem == "The checker has a defect with these files (ZeroDivisionError)."


def test_what_the_checker_says_of_a_broken_file_is_a_finding() -> None:
    bundle = Bundle("x", {}, (GeneratedFile("x.json", "{\n"),))
    assert [each.file for each in judge(bundle, TODAY).findings] == ["x.json"]


async def test_a_process_makes_previews_and_judges_files(tmp_path: Path) -> None:
    process = GenerationProcess()
    try:
        process.start()
        preview = await process.render("hpa", HPA)
        assert preview == render_preview("hpa", HPA)
        assert (await process.judge(preview.bundle, TODAY)) == judge(preview.bundle, TODAY)
        (tmp_path / "x.json").write_text("{")
        report = await process.check([tmp_path / "x.json"], TODAY)
        assert report.unreadable
        with pytest.raises(InputError, match="no generator named 'none'") as caught:
            await process.render("none", {})
        assert caught.value.hint
    finally:
        process.close()
        process.close()


async def test_a_request_that_is_cancelled_ends_its_process_and_the_next_one_is_answered() -> None:
    process = GenerationProcess((sys.executable, "-c", "import time; input()"))
    asked = asyncio.ensure_future(process.render("hpa", HPA))
    async with asyncio.timeout(20):
        while process._process is None:
            await asyncio.sleep(0)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert process._process is None


async def test_a_process_that_ends_is_told_and_started_anew() -> None:
    process = GenerationProcess((sys.executable, "-c", "pass"))
    for _ in range(2):
        with pytest.raises(UnavailableError, match="ended without an answer"):
            await process.render("hpa", HPA)
    process.close()


async def test_no_process_is_no_reason_for_no_preview() -> None:
    process = GenerationProcess(("/no/such/program",))
    process.start()
    assert (await process.render("hpa", HPA)).bundle.generator == "hpa"


def answered(*requests: object) -> list[object]:
    """Return what the serving end answers to requests."""
    asked, said = io.BytesIO(b"".join(pickle.dumps(request) for request in requests)), io.BytesIO()
    serve(asked, said)
    said.seek(0)
    answers = []
    while said.tell() < len(said.getvalue()):
        answers.append(pickle.load(said))
    return answers


def test_the_serving_end_survives_refusals_and_defects() -> None:
    answers = answered(
        partial(render_preview, "none", {}), partial(int, "x"), partial(render_preview, "hpa", HPA)
    )
    assert [type(answer).__name__ for answer in answers] == ["_Refused", "_Failed", "Preview"]
