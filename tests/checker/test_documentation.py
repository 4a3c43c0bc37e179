"""docs/checker.md lists every rule as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from eks_lab.checker.documentation import BEGIN, END, own_rules, table_row, with_tables

PAGE = Path(__file__).parents[2] / "docs" / "checker.md"


def test_every_rule_of_ours_stands_in_the_page_as_it_is() -> None:
    text = PAGE.read_text("utf-8")
    for rule in own_rules():
        assert table_row(rule) in text, "run python -m eks_lab.checker.documentation"
    listed = [
        line.split("`")[1] for line in text.split("\n") if line.startswith(("| `tf-", "| `eks-", "| `iam-"))
    ]
    ours = {rule.id for rule in own_rules()}
    assert {each for each in listed if each.startswith(("tf-", "iam-"))} <= ours


def test_writing_the_list_again_keeps_the_rest() -> None:
    text = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    found = with_tables(text)
    assert found.startswith(f"before\n{BEGIN}\n")
    assert found.endswith(f"{END}\nafter\n")
    assert "`tf-reference-type`" in found
    assert with_tables(found) == found


@pytest.mark.parametrize("word", ["--json", "--with-terraform", "--kubernetes-version"])
def test_every_option_is_explained(word: str) -> None:
    assert word in PAGE.read_text("utf-8")
