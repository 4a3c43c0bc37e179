"""The list of rules in docs/checker.md, written from the rules themselves. For maintainers.

python -m eks_lab.checker.documentation
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from eks_lab.checker import check
from eks_lab.checker.rule import Rule
from eks_lab.checker.terraform import judge, real
from eks_lab.checker.terraform.schema import provider_schema

BEGIN = "<!-- rules: written by python -m eks_lab.checker.documentation -->"
END = "<!-- end of rules -->"
_SECTIONS = (
    ("Any file", ("check-", "json-")),
    ("Terraform", ("tf-", "terraform-")),
    ("EKS", ("eks-", "kms-")),
    ("IAM", ("iam-",)),
)


def own_rules() -> list[Rule]:
    """Return the rules about files, Terraform, EKS and IAM."""
    return [*check.RULES, *judge.RULES, *real.RULES]


def rule_tables() -> str:
    """Return the Markdown between the two marks of docs/checker.md."""
    from eks_lab.checker.manifests import RULES as MANIFEST_RULES

    parts = [BEGIN, ""]
    for title, prefixes in _SECTIONS:
        parts += [
            f"### {title}",
            "",
            _table(rule for rule in own_rules() if rule.id.startswith(prefixes)),
            "",
        ]
    parts += ["### Manifests", "", _table(MANIFEST_RULES), "", END]
    return "\n".join(parts)


def _table(rules: Iterable[Rule]) -> str:
    rows = [table_row(rule) for rule in rules]
    return "\n".join(
        ["| Rule | Severity | What it finds | What to write | Lesson |", "|---|---|---|---|---|", *rows]
    )


def table_row(rule: Rule) -> str:
    """Return the row of a rule."""
    cells = (
        f"`{rule.id}`",
        rule.severity.value,
        rule.summary,
        rule.fix,
        f"`{rule.lesson}`" if rule.lesson else "",
    )
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def with_tables(text: str) -> str:
    """Return a page with the list of rules put in anew.

    Args:
        text: of docs/checker.md, with both marks.
    """
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + rule_tables() + after


def main(page: Path) -> int:
    """Write the list into the page."""
    page.write_text(with_tables(page.read_text("utf-8")), encoding="utf-8")
    print(
        f"{len(own_rules())} rules and those of manifests, provider table: {provider_schema().sources[0]['version']}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(__file__).parents[2] / "docs" / "checker.md"))
