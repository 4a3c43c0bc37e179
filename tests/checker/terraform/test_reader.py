"""The reader of HCL: what it makes of a text, and held against python-hcl2."""

from __future__ import annotations

import hcl2
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from eks_lab import locations
from eks_lab.checker.terraform.cursor import DEEPEST, HclError
from eks_lab.checker.terraform.reader import read_body
from eks_lab.checker.terraform.syntax import (
    Access,
    Body,
    Call,
    Conditional,
    ForValue,
    Literal,
    ObjectValue,
    Operation,
    Template,
    Traversal,
    TupleValue,
)

CASES = sorted((locations.content_root() / "lessons").glob("*/*/terraform/*.tf"))
SAMPLE = """\
resource "aws_subnet" "nodes" {
  for_each   = { for zone in local.zones : zone => index if zone != "" }
  cidr_block = cidrsubnet(var.cidr, 8, each.value + 1) # a comment
  tags       = { Name = "${var.name}-${each.key}", "kubernetes.io/role/elb" : 1 }

  dynamic "route" {
    for_each = var.open ? [1] : []
    content {
      text = <<-EOT
        one ${aws_vpc.main.id}
        %{ for zone in local.zones ~}
        - ${zone}
        %{ endfor ~}
      EOT
    }
  }
}
"""


def value(text: str) -> object:
    """Return the expression of one argument."""
    found = read_body(f"a = {text}\n").value("a")
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('"plain"', Literal),
        ("-1.5e3", Literal),
        ("true", Literal),
        ('"a ${b} c"', Template),
        ("var.x", Traversal),
        ("aws_subnet.x[*].id", Traversal),
        ('aws_subnet.x["a"].id', Traversal),
        ("values(x)[0].id", Access),
        ("max(1, 2...)", Call),
        ("provider::aws::arn_parse(x)", Call),
        ("[1, 2,]", TupleValue),
        ("{ a = 1, b : 2 }", ObjectValue),
        ("{\n a = 1\n b = 2\n}", ObjectValue),
        ("[for x in y : x if x != null]", ForValue),
        ("{for k, v in y : k => v...}", ForValue),
        ("a ? b : c ? d : e", Conditional),
        ("!a && b == (c + 1)", Operation),
        ("<<EOT\nhello\nEOT", Literal),
        ('"%{ if x }a%{ else }b%{ endif }"', Template),
        ("a.0.b", Traversal),
        ("a.*.b", Traversal),
    ],
)
def test_reads_each_form(text: str, kind: type) -> None:
    assert isinstance(value(text), kind)


def test_texts_are_decoded() -> None:
    assert value(r'"a\n\"b\" \u00e9 $${x} %%{y} \\"') == Literal('a\n"b" é ${x} %{y} \\', 1)
    assert value("<<-EOT\n    one\n      two\n    EOT") == Literal("one\n  two\n", 1)
    assert value('"$5 and 100%"') == Literal("$5 and 100%", 1)


def test_lines_and_shape() -> None:
    body = read_body(SAMPLE)
    block = body.blocks[0]
    assert (block.type, block.labels, block.line) == ("resource", ["aws_subnet", "nodes"], 1)
    assert {name: each.line for name, each in block.body.attributes.items()} == {
        "for_each": 2,
        "cidr_block": 3,
        "tags": 4,
    }
    content = block.body.blocks[0].body.of_type("content")[0]
    text = content.body.value("text")
    assert isinstance(text, Template)
    assert text.loops == (("zone",),)


def test_line_breaks_marks_and_comments_do_not_matter() -> None:
    plain = read_body(SAMPLE)
    assert read_body("﻿" + SAMPLE.replace("\n", "\r\n")).blocks[0].labels == plain.blocks[0].labels
    commented = "/* first\n */ // second\n" + SAMPLE.replace("resource", "# third\nresource")
    assert read_body(commented).blocks[0].line == 4
    assert read_body("").blocks == []


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ('resource "a" "b" {\n  x = 1\n', 1, 'brace of resource "a" "b" is never closed'),
        ("a = 1\n}\n", 2, "a brace is closed that was never opened"),
        ("a = [1, 2\nb = 3\n", 2, "expected ] to end the list of line 1"),
        ("a = {\n  b = 1\n", 3, "expected } to end the object of line 1"),
        ("a = (1\n", 2, "expected ) to end a bracket of line 1"),
        ("a = f(1\n", 2, "expected ) to end the call of f of line 1"),
        ('a = "x\nb = 1\n', 1, "a text in quotes does not end in its line"),
        ("a = <<EOT\nnever\n", 1, "begins with <<EOT never ends"),
        ("a = 1 b = 2\n", 1, "expected a new line after a"),
        ("a =\n", 1, "expected a value, found the end of the line"),
        ("a\n", 1, "expected = or { after a"),
        ('"a" = 1\n', 1, "expected an argument or a block"),
        (r'a = "\q"', 1, r"\q is no escape"),
        ('a = "%{ endif }"', 1, "closes nothing"),
        ('a = "%{ if x }"', 1, "%{ if } is never closed"),
        ("/* a\n", 1, "never closed"),
        ("a = b ? c\n", 1, "expected : of a condition"),
        ("a = [for x of y : x]\n", 1, "expected in"),
        ("a = " + "[" * 200 + "]" * 200, 1, f"nested deeper than {DEEPEST} levels"),
        ("a {" * 200, 1, f"nested deeper than {DEEPEST} levels"),
        ("a = x.\n", 1, "expected a name after the dot"),
    ],
)
def test_errors_name_line_and_place(text: str, line: int, says: str) -> None:
    with pytest.raises(HclError) as caught:
        read_body(text)
    assert says in caught.value.message
    assert caught.value.line == line
    assert "\n" not in caught.value.message


def test_a_name_that_comes_twice_is_kept_apart() -> None:
    body = read_body("a = 1\na = 2\n")
    assert body.value("a") == Literal(1, 1)
    assert [each.line for each in body.duplicates] == [2]


def shape(body: Body) -> object:
    """Return names only: blocks with labels and arguments, to compare with another reader."""
    return (
        sorted(body.attributes),
        sorted((block.type, tuple(block.labels), shape(block.body)) for block in body.blocks),
    )


def shape_of_other(found: dict[str, object]) -> object:
    """Return the same from what python-hcl2 gives."""
    names: list[str] = []
    blocks: list[tuple[str, tuple[str, ...], object]] = []
    for name, given_ in found.items():
        if name.startswith("__"):
            continue
        if (
            isinstance(given_, list)
            and given_
            and all(isinstance(each, dict) and _is_block(each) for each in given_)
        ):
            for each in given_:
                labels: list[str] = []
                while (
                    len(keys := [key for key in each if not key.startswith("__")]) == 1
                    and "__is_block__" not in each
                ):
                    labels.append(keys[0].strip('"'))
                    each = each[keys[0]]
                blocks.append((name, tuple(labels), shape_of_other(each)))
        else:
            names.append(name)
    return sorted(names), sorted(blocks)


def _is_block(found: dict[str, object]) -> bool:
    if "__is_block__" in found:
        return True
    inner = [value for key, value in found.items() if not key.startswith("__")]
    return len(inner) == 1 and isinstance(inner[0], dict) and _is_block(inner[0])


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_agrees_with_python_hcl2(path: object) -> None:
    from pathlib import Path

    assert isinstance(path, Path)
    text = path.read_text("utf-8")
    assert shape(read_body(text)) == shape_of_other(hcl2.loads(text))


PIECES = st.sampled_from(
    ['resource "a" "b" {', "}", "{", "[", "]", "(", ")", '"', "a = 1", "a.b[0]", "${", "%{ if x }", "<<EOT\n", "EOT\n",
     "\n", ",", "?", ":", "=>", "for x in y", "\\", "#", "/*", "*/", "...", "\t", "\x00", "é", "=", "==", "-", "!", "."]
)  # fmt: skip


def refused(text: str) -> HclError | None:
    """Return why a text is no HCL, None when it is."""
    try:
        read_body(text)
    except HclError as error:
        return error
    return None


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(PIECES, st.text(max_size=5)), max_size=40).map("".join))
@example("a = " + "-" * 3000 + "1")
@example("a = " + "a." * 3000 + "b")
@example("a = " + " + ".join(["1"] * 3000))
@example("a = " + "9" * 6000)
@example("a = 1e999")
@example("a" * 100_000)
def test_any_text_is_read_or_refused(text: str) -> None:
    error = refused(text)
    assert error is None or (error.line >= 1 and error.message)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(SAMPLE) - 1), st.integers(0, 6), st.text(max_size=4))
def test_a_damaged_file_is_read_or_refused(start: int, length: int, instead: str) -> None:
    error = refused(SAMPLE[:start] + instead + SAMPLE[start + length :])
    assert error is None or 1 <= error.line <= SAMPLE.count("\n") + instead.count("\n") + 2


@pytest.mark.parametrize(
    "text",
    [
        "terraform { required_providers {\n} }\n",
        'variable "a" { default = 1\n type = number }\n',
        'resource "a" "b" {\n  c = 1 }\n',
        'terraform { required_providers { aws = { source = "hashicorp/aws" } } }\n',
    ],
)
def test_a_block_on_one_line_takes_one_argument(text: str) -> None:
    """Terraform refuses these with `Argument definition required` or `Missing newline after argument`."""
    with pytest.raises(HclError):
        read_body(text)


@pytest.mark.parametrize(
    "text", ['variable "a" { default = 1 }\n', 'variable "a" {}\n', "locals { a = { b = 1 } }\n"]
)
def test_a_block_on_one_line_is_fine_with_one_argument(text: str) -> None:
    assert len(read_body(text).blocks) == 1
