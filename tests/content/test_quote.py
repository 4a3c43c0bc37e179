"""Quoting files beside a lesson."""

from __future__ import annotations

from pathlib import Path

import pytest

from eks_lab.content.quote import language_of, quote_file
from eks_lab.errors import ContentError

TWO = """\
# first
kind: Service
metadata: {name: a}
---
kind: Deployment
spec:
  template:
    spec:
      containers:
        - name: one
          image: x
        - name: two
          image: y
      nodeSelector: {}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "two.yaml").write_text(TWO)
    (tmp_path / "policy.json").write_text('{"Statement": [\n  {"Effect": "Allow"}\n]}\n')
    return tmp_path


@pytest.mark.parametrize(
    ("src", "part", "lines", "text"),
    [
        ("two.yaml", "kind", "", "kind: Service"),
        ("two.yaml", "1:spec.template.spec.containers.1", "", "- name: two\n  image: y"),
        ("two.yaml", "1:spec.template.spec.nodeSelector", "", "nodeSelector: {}"),
        ("two.yaml", "", "2-3", "kind: Service\nmetadata: {name: a}"),
        ("two.yaml", "", "11", "image: x"),
    ],
)
def test_parts(folder: Path, src: str, part: str, lines: str, text: str) -> None:
    assert quote_file(folder, src, part=part, lines=lines) == text


def test_whole(folder: Path) -> None:
    assert quote_file(folder, "two.yaml") == TWO.rstrip("\n")


@pytest.mark.parametrize(
    ("src", "part", "lines", "message"),
    [
        ("none.yaml", "", "", "does not exist"),
        ("../secret", "", "", "not a file of this lesson"),
        ("/etc/passwd", "", "", "not a file of this lesson"),
        ("two.yaml", "spec", "", "nothing is at 'spec'"),
        ("two.yaml", "2:kind", "", "no document 2"),
        ("two.yaml", "", "90-99", "has 14 lines"),
        ("two.yaml", "", "x", "no range"),
        ("two.yaml", "kind", "1", "together"),
    ],
)
def test_what_is_refused(folder: Path, src: str, part: str, lines: str, message: str) -> None:
    with pytest.raises(ContentError, match=message):
        quote_file(folder, src, part=part, lines=lines)


def test_links_out_of_the_lesson_are_refused(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    secret = tmp_path_factory.mktemp("other") / "secret.txt"
    secret.write_text("secret")
    (folder / "link.txt").symlink_to(secret)
    with pytest.raises(ContentError, match="outside"):
        quote_file(folder, "link.txt")


def test_languages() -> None:
    assert [language_of(name) for name in ("a.tf", "b.yml", "Dockerfile", "x")] == [
        "hcl",
        "yaml",
        "dockerfile",
        "text",
    ]


@pytest.mark.parametrize("number", ["²", "٣", "9" * 5000])
def test_what_only_looks_like_a_number_is_none(tmp_path: Path, number: str) -> None:
    (tmp_path / "a.yaml").write_text("a: [1]\n")
    for attributes in (
        {"lines": number},
        {"lines": f"1-{number}"},
        {"part": f"{number}:a"},
        {"part": f"a.{number}"},
    ):
        with pytest.raises(ContentError, match=r"a\.yaml"):
            quote_file(tmp_path, "a.yaml", **attributes)


def test_a_name_that_no_file_can_have(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="does not exist"):
        quote_file(tmp_path, "a" * 300)
