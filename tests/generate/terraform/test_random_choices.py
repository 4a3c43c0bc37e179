"""Whatever fits together gives Terraform that parses, refers only to what is there, and is laid out."""

from __future__ import annotations

import shutil
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, seed
from hypothesis import settings as run
from hypothesis import strategies as st

from eks_lab.generate.terraform.generator import GENERATOR
from eks_lab.generate.terraform.layout import aligned
from tests.generate.terraform.bundles import bundle, settings, whole
from tests.generate.terraform.declarations import declared, references

_EXAMPLES = 30


@seed(20261122)
@run(max_examples=_EXAMPLES, deadline=None)
@given(settings())
def test_it_parses_and_every_reference_is_declared(given: dict[str, Any]) -> None:
    found = bundle(**given)
    there, used = declared(found), references(whole(found))
    assert used <= there
    unused = {name for name in there - used if name.startswith(("var.", "local.", "data."))}
    assert not unused


@seed(20261122)
@run(max_examples=60, deadline=None)
@given(settings())
def test_every_reason_stands_on_a_line_that_says_something(given: dict[str, Any]) -> None:
    for file in bundle(**given).files:
        lines = file.text.split("\n")
        assert file.text.endswith("\n")
        assert not file.text.endswith("\n\n")
        assert "#?" not in file.text
        for number, reason in file.reasons.items():
            assert lines[number - 1].strip(), (file.name, number)
            assert reason
            assert reason[-1] in ".?"


@seed(20261122)
@run(max_examples=60, deadline=None)
@given(settings())
def test_blocks_begin_and_end_without_empty_lines(given: dict[str, Any]) -> None:
    for file in bundle(**given).files:
        if file.name.endswith(".tf"):
            lines = file.text.split("\n")
            for above, below in pairwise(lines):
                assert not (above.endswith(("{", "[")) and not below), (file.name, above)
                assert not (not above and below.strip() in {"}", "]", "})"}), (file.name, below)


@pytest.mark.skipif(shutil.which("terraform") is None, reason="there is no terraform on this machine")
def test_terraform_fmt_changes_nothing(tmp_path: Path) -> None:
    """One process for many folders: terraform takes a second to start."""
    numbers = iter(range(1000))

    @seed(20261122)
    @run(max_examples=_EXAMPLES, deadline=None, database=None)
    @given(settings())
    def write(given: dict[str, Any]) -> None:
        _write(tmp_path / str(next(numbers)), bundle(**given).files)

    write()
    for preset in GENERATOR.presets:
        _write(tmp_path / preset, bundle(preset).files)
    answer = subprocess.run(
        ["terraform", "fmt", "-check", "-recursive", "-diff", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr


def _write(folder: Path, files: Any) -> None:
    folder.mkdir()
    for file in files:
        if file.name.endswith(".tf"):
            (folder / file.name).write_text(file.text, encoding="utf-8")


@given(st.text(alphabet='ab ={}[]()"$%#/\\\n', max_size=80))
def test_alignment_keeps_lines_and_words(text: str) -> None:
    done = aligned(text)
    assert done.count("\n") == text.count("\n")
    assert done.replace(" ", "") == text.replace(" ", "")
    assert aligned(done) == done
