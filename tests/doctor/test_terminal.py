"""What the doctor says about terminals."""

from __future__ import annotations

import pytest

from eks_lab.doctor.model import Check
from eks_lab.doctor.terminal import terminal_checks
from tests.doctor.machines import machine


def check(name: str, environment: dict[str, str] | None = None, **changed: object) -> Check:
    if environment is not None:
        changed["environment"] = environment
    return next(found for found in terminal_checks(machine(**changed)) if found.name == name)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("size", "status"),
    [
        ((80, 24), "ok"),
        ((79, 24), "warn"),
        ((80, 23), "warn"),
        ((40, 10), "warn"),
        ((39, 50), "missing"),
        ((200, 9), "missing"),
        (None, "warn"),
    ],
)
def test_the_size(size: tuple[int, int] | None, status: str) -> None:
    found = check("size", terminal_size=size)
    assert found.status == status
    assert found.required
    if status != "ok" and size:
        assert found.found == f"{size[0]} x {size[1]}"
        assert "80 x 24" in found.how_to_get


@pytest.mark.parametrize(
    ("environment", "status"), [({"TERM": "xterm"}, "ok"), ({"TERM": "dumb"}, "missing"), ({}, "warn")]
)
def test_the_type(environment: dict[str, str], status: str) -> None:
    assert check("type", environment).status == status


def test_windows_needs_no_type() -> None:
    assert check("type", {}, system="Windows").status == "ok"


@pytest.mark.parametrize(
    ("environment", "status", "word"),
    [
        ({"COLORTERM": "truecolor", "NO_COLOR": "1"}, "ok", "NO_COLOR"),
        ({"COLORTERM": "24bit", "NO_COLOR": ""}, "ok", "16 million"),
        ({"WT_SESSION": "x"}, "ok", "16 million"),
        ({"TERM": "screen-256color"}, "ok", "256"),
        ({"TERM": "vt100"}, "warn", "16 or fewer"),
    ],
)
def test_the_colours(environment: dict[str, str], status: str, word: str) -> None:
    found = check("colours", environment)
    assert found.status == status
    assert word in found.found
    assert not found.required


@pytest.mark.parametrize(
    ("environment", "encoding", "status"),
    [
        ({"LANG": "en_US.UTF-8"}, "utf-8", "ok"),
        ({"LANG": "C.utf8"}, "UTF8", "ok"),
        ({}, "utf-8", "ok"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "C"}, "utf-8", "warn"),
        ({"LANG": "de_DE.ISO-8859-1"}, "iso8859-1", "warn"),
        ({"LANG": "en_US.UTF-8"}, "ascii", "warn"),
    ],
)
def test_the_characters(environment: dict[str, str], encoding: str, status: str) -> None:
    found = check("characters", environment, output_encoding=encoding)
    assert found.status == status
    assert ("UTF-8 locale" in found.how_to_get) == (status == "warn")


@pytest.mark.parametrize(
    ("environment", "status", "words"),
    [
        ({"TERM_PROGRAM": "WezTerm"}, "ok", "WezTerm"),
        ({"KITTY_WINDOW_ID": "1"}, "ok", "kitty"),
        ({"TERM": "alacritty"}, "ok", "Alacritty"),
        ({"TERM": "foot"}, "ok", "foot"),
        ({"WT_SESSION": "x"}, "ok", "Windows Terminal"),
        ({"TERM_PROGRAM": "tmux", "TMUX": "x"}, "warn", "set -g set-clipboard on"),
        ({"TERM": "screen.xterm-256color"}, "warn", "GNU screen"),
        ({"VTE_VERSION": "7600"}, "warn", "VTE"),
        ({"TERM_PROGRAM": "Apple_Terminal"}, "warn", "Apple"),
        ({"TERM": "xterm"}, "warn", "kitty, foot, Ghostty"),
        ({"TERM_PROGRAM": "ghostty", "SSH_TTY": "/dev/pts/1"}, "ok", "over SSH"),
    ],
)
def test_the_clipboard_never_claims_proof(environment: dict[str, str], status: str, words: str) -> None:
    found = check("clipboard", environment)
    assert found.status == status
    assert "cannot be proved from here" in found.found
    assert words in found.found + found.how_to_get
