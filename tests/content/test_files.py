"""Files that cannot be used say why in one sentence."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from eks_lab.content.files import read_text
from eks_lab.errors import ContentError


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"a\0b", "binary"),
        ("text".encode("utf-16"), "UTF-16"),
        (b"caf\xe9", "0xe9"),
        (b"x" * 2_000_000, "2,000,000"),
    ],
)
def test_unusable_bytes(tmp_path: Path, content: bytes, word: str) -> None:
    path = tmp_path / "lesson.md"
    path.write_bytes(content)
    with pytest.raises(ContentError, match=word) as raised:
        read_text(path)
    assert str(path) in raised.value.message
    assert raised.value.hint


def test_missing_and_folder(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="does not exist"):
        read_text(tmp_path / "none.md")
    with pytest.raises(ContentError, match="is a folder"):
        read_text(tmp_path)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ContentError, match="no ordinary file"):
        read_text(tmp_path / "pipe")


def test_byte_order_mark_and_windows_lines(tmp_path: Path) -> None:
    path = tmp_path / "lesson.md"
    path.write_bytes(b"\xef\xbb\xbfone\r\ntwo\rthree\r\n")
    assert read_text(path) == "one\ntwo\nthree\n"


@pytest.mark.parametrize("heeded", ["\x1b[2J", "\x07", "\x7f", "\x9b2J", "\u202e", "\u2066"])
def test_what_terminals_obey_is_refused_by_its_line(tmp_path: Path, heeded: str) -> None:
    path = tmp_path / "lesson.md"
    path.write_text(f"one\ntwo {heeded}\n")
    with pytest.raises(ContentError, match=rf"in line 2: U\+{ord(heeded[0]):04X}"):
        read_text(path)


def test_letters_that_join_and_emoji_are_text(tmp_path: Path) -> None:
    path = tmp_path / "lesson.md"
    path.write_text("👩‍👩‍👧 é ٣ \u200f\t\u00a0\n")
    assert read_text(path) == "👩‍👩‍👧 é ٣ \u200f\t\u00a0\n"
