"""Equals signs of neighbours stand below each other, and nothing else moves."""

from __future__ import annotations

import pytest

from eks_lab.generate.terraform.layout import aligned


@pytest.mark.parametrize(
    ("written", "laid_out"),
    [
        ("a = 1\nlong = 2", "a    = 1\nlong = 2"),
        ("a = 1\n\nlong = 2", "a = 1\n\nlong = 2"),
        ("a = 1\nblock {\n  b = 2\n  ccc = 3\n}", "a = 1\nblock {\n  b   = 2\n  ccc = 3\n}"),
        ("a = 1\nlist = [\n  2,\n]\nbb = 3", "a = 1\nlist = [\n  2,\n]\nbb = 3"),
        ('"a/b" = "x = y"\nc = "${d == 1 ? "=" : "{"}"', '"a/b" = "x = y"\nc     = "${d == 1 ? "=" : "{"}"'),
        ("for a, b in c : a => b\nd == e\nf = 1", "for a, b in c : a => b\nd == e\nf = 1"),
        ("# a = 1\nlong = 2", "# a = 1\nlong = 2"),
        ("a = <<-EOT\n  b = 1\n  long = 2\nEOT\nccc = 3", "a = <<-EOT\n  b = 1\n  long = 2\nEOT\nccc = 3"),
        ("tags = { a = 1 }\nb = { c = 2, d = 3 }", "tags = { a = 1 }\nb    = { c = 2, d = 3 }"),
    ],
)
def test_alignment(written: str, laid_out: str) -> None:
    assert aligned(written) == laid_out
