"""Several files and several modules: what belongs together, what is missing, what cannot be told."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from eks_lab.checker.check import check_paths, check_texts
from eks_lab.checker.model import CheckOptions

OPTIONS = CheckOptions(today=date(2026, 11, 22))
CHILD = """\
variable "name" {
  type = string
}

variable "zones" {
  type    = list(string)
  default = []
}

output "id" {
  value = "${var.name}-${join(",", var.zones)}"
}
"""


def rules(files: dict[str, str], options: CheckOptions = OPTIONS) -> list[tuple[str, int, str]]:
    """Return file, line and rule of each finding."""
    return [(each.file, each.line, each.rule) for each in check_texts(files, options).findings]


def test_files_of_one_folder_are_one_module() -> None:
    files = {"a/main.tf": 'output "x" {\n  value = var.x\n}\n', "a/variables.tf": 'variable "x" {}\n'}
    assert rules(files) == []
    assert rules({**files, "b/other.tf": 'output "x" {\n  value = var.x\n}\n'}) == [
        ("b/other.tf", 2, "tf-undeclared-reference")
    ]


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ('name = "a"', []),
        ("", [(1, "tf-module-input")]),
        ('name = "a"\n  nam = "b"', [(4, "tf-module-input")]),
        ('name = "a"\n  zones = "b"', [(4, "tf-value-type")]),
    ],
)
def test_inputs_of_a_local_module(call: str, expected: list[tuple[int, str]]) -> None:
    text = (
        f'module "net" {{\n  source = "./net"\n  {call}\n}}\n\noutput "id" {{\n  value = module.net.id\n}}\n'
    )
    found = rules({"main.tf": text, "net/main.tf": CHILD})
    assert [(line, rule) for file, line, rule in found if file == "main.tf"] == expected


def test_outputs_of_a_local_module() -> None:
    text = (
        'module "net" {\n  source = "./net"\n  name   = "a"\n}\n\noutput "x" {\n  value = module.net.idd\n}\n'
    )
    (finding,) = check_texts({"main.tf": text, "net/main.tf": CHILD}, OPTIONS).findings
    assert (finding.line, finding.rule) == (7, "tf-undeclared-reference")
    assert finding.fix == "Did you mean id?"


def test_a_module_from_elsewhere_may_have_anything() -> None:
    text = 'module "net" {\n  source = "example/net/aws"\n  any = 1\n}\n\noutput "x" {\n  value = module.net.any\n}\n'
    assert rules({"main.tf": text}) == []


def test_modules_that_call_each_other_come_to_an_end() -> None:
    files = {
        f"{name}/main.tf": f'module "m" {{\n  source = "../{other}"\n}}\n' for name, other in ("ab", "ba")
    }
    assert rules(files) == []
    assert rules({"a/main.tf": 'module "m" {\n  source = "./"\n}\n'}) == []


def test_with_a_broken_file_nothing_is_called_undeclared() -> None:
    report = check_texts({"a.tf": 'output "x" {\n  value = var.x\n}\n', "b.tf": 'variable "x" {\n'}, OPTIONS)
    assert report.findings == ()
    (broken,) = report.unreadable
    assert (broken.file, broken.line, broken.rule) == ("b.tf", 1, "tf-syntax")
    assert report.files == ("a.tf",)


def test_a_part_of_a_configuration_is_judged_as_a_part() -> None:
    part = 'resource "aws_eks_cluster" "lab" {\n  role_arn = aws_iam_role.lab.arn\n  name = "x"\n  vpc_config {\n    subnet_ids = []\n  }\n}\n'
    whole = {rule for _, _, rule in rules({"a.tf": part})}
    partial = {
        rule for _, _, rule in rules({"a.tf": part}, CheckOptions(today=OPTIONS.today, whole_set=False))
    }
    assert {"tf-undeclared-reference", "eks-addons-missing"} <= whole
    assert not {"tf-undeclared-reference", "eks-addons-missing"} & partial
    assert "eks-logs-missing" in partial


def test_tfvars_give_values_and_are_checked() -> None:
    files = {
        "main.tf": 'variable "release" {\n  type = string\n}\n\nresource "aws_eks_cluster" "lab" {\n  version = var.release\n}\n',
        "terraform.tfvars": 'release = "1.29"\n',
    }
    found = {(file, rule) for file, _, rule in rules(files)}
    assert ("main.tf", "eks-version-unsupported") in found
    files["terraform.tfvars"] = 'release = ["1.29"]\n'
    assert ("terraform.tfvars", "tf-value-type") in {(file, rule) for file, _, rule in rules(files)}


def test_one_file_of_a_folder_is_judged_with_the_others_in_mind(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('output "x" {\n  value = "${var.x}${module.net.id}"\n}\n')
    (tmp_path / "more.tf").write_text(
        'variable "x" {}\nvariable "y" {}\nmodule "net" {\n  source = "../net"\n  name = "a"\n}\n'
    )
    net = tmp_path.parent / "net"
    net.mkdir(exist_ok=True)
    (net / "main.tf").write_text(CHILD)
    report = check_paths([tmp_path / "main.tf"], OPTIONS)
    assert report.findings == ()
    assert report.files == ((tmp_path / "main.tf").as_posix(),)
    whole = check_paths([tmp_path], OPTIONS)
    assert [(Path(each.file).name, each.line, each.rule) for each in whole.findings] == [
        ("more.tf", 2, "tf-unused-variable")
    ]


def test_names_that_only_a_loop_knows_are_not_undeclared() -> None:
    text = """\
variable "rules" {
  type = map(object({ port = number }))
}

resource "aws_security_group" "web" {
  dynamic "ingress" {
    for_each = var.rules
    iterator = rule
    content {
      from_port   = rule.value.port
      to_port     = rule.value.porrt
      protocol    = "tcp"
      description = join(",", [for name, each_rule in var.rules : "${name}-${each_rule.port}"])
    }
  }
}
"""
    found = [
        each
        for each in check_texts({"main.tf": text}, OPTIONS).findings
        if each.rule != "tf-unpinned-provider"
    ]
    assert [(each.line, each.rule) for each in found] == [(11, "tf-unknown-attribute")]
    assert "'porrt'" in found[0].message


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"locals {{\n  a{n} = [local.a{n + 1}, local.a{n + 1}]\n}}\n" for n in range(60)),
        "".join(f'locals {{\n  a{n} = "${{local.a{n + 1}}}${{local.a{n + 1}}}"\n}}\n' for n in range(60))
        + 'locals {\n  a60 = "xxxxxxxx"\n}\nresource "aws_iam_policy" "x" {\n  policy = jsonencode({ Statement = local.a0 })\n}\n',
        "".join(f"locals {{\n  a{n} = concat(local.a{n + 1}, local.a{n + 1})\n}}\n" for n in range(60))
        + 'locals {\n  a60 = [1]\n}\nresource "aws_eip" "x" {\n  for_each = toset(local.a0)\n}\n',
        "".join(f"locals {{\n  a{n} = local.a{n + 1}\n}}\n" for n in range(3000))
        + "locals {\n  a3000 = 1\n}\n",
        "".join(f"locals {{\n  a{n} = [{{ b = local.a{n + 1} }}]\n}}\n" for n in range(3000)),
        "".join(f"locals {{\n  a{n} = [{{ b = local.a{n + 1} }}]\n}}\n" for n in range(2999, -1, -1))
        + 'output "x" {\n  value = toset([local.a0, local.a0])\n}\n',
        'resource "aws_eip" "x" {\n  for_each = toset([element([], 1), 1 % 0, slice([], 5, -1)])\n}\n',
        'locals {\n  a = replace(local.b, "x", local.b)\n  b = "' + "x" * 15000 + '"\n}\n'
        'resource "aws_eip" "x" {\n  for_each = toset([local.a, join(local.b, range(900))])\n}\n',
        'resource "aws_eip" "x" {\n  count = 100000000000\n}\n',
        'resource "aws_iam_role_policy_attachment" "x" {\n  count = 1000000\n  policy_arn = "a"\n  role = "b"\n}\n',
        "locals {\n  a = range(0, 999999999)\n}\n",
    ],
    ids=["lists", "texts", "concat", "chain", "nest", "back", "zero", "long", "count", "many", "range"],
)
def test_values_that_grow_without_bound_are_left_alone(text: str) -> None:
    check_texts({"main.tf": text}, OPTIONS)
