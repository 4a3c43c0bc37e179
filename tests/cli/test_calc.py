"""`eks-lab calc`."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from click.testing import CliRunner, Result

from eks_lab.calc import registry
from eks_lab.cli.calc import command
from eks_lab.errors import InputError


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(command, list(arguments))


def shown(*arguments: str) -> str:
    result = invoke(*arguments)
    assert result.exit_code == 0, result.output
    return result.output


def as_json(*arguments: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(shown(*arguments, "--json"))
    return document


def refused(*arguments: str) -> InputError:
    error = invoke(*arguments).exception
    assert isinstance(error, InputError)
    return error


def test_list() -> None:
    text = shown("list")
    lines = text.splitlines()
    column = max(len(name) for name in registry.names()) + 2
    for name in registry.names():
        assert f"{name:<{column}}{registry.get(name).summary.split()[0]}" in text
    assert all(line[:column].strip() in {*registry.names(), ""} for line in lines[:-2])
    assert lines[-1] == "Inputs of one: eks-lab calc NAME --help"


def test_list_as_json_describes_the_forms() -> None:
    calculators = as_json("list")["calculators"]
    assert [calculator["name"] for calculator in calculators] == list(registry.names())
    fields = {field["name"]: field for field in calculators[0]["inputs"]}
    assert fields["max_eni"] | {"help": ""} == {
        "name": "max_eni",
        "label": "MAX_ENI",
        "kind": "integer",
        "unit": "ENIs",
        "default": None,
        "optional": True,
        "minimum": 1,
        "maximum": 1000,
        "choices": [],
        "help": "",
    }
    assert fields["ip_family"]["choices"] == ["ipv4", "ipv6"]
    assert calculators[0]["result_units"]["max_pods"] == "pods"


def test_answer_as_text() -> None:
    lines = shown("max-pods", "--instance", "t3.medium", "--prefix-delegation").splitlines()
    assert lines[0] == "t3.medium: max pods 110; 242 by the formula with prefixes, the ceiling decides."
    assert [line for line in lines if line and not line.startswith(" ")][1:] == [
        "Inputs",
        "Result",
        "Working",
        "Warnings",
        "Sources",
    ]
    assert "  prefix-delegation         yes" in lines
    assert "  max-eni                   –" in lines
    assert "  max_pods                      110 pods" in lines
    assert "  kube_reserved_memory_percent  35.8%" in lines
    assert "  2. formula = ENIs for pods × (addresses per ENI − 1) × 16 + 2" in lines
    assert "     = 3 × (6 − 1) × 16 + 2 = 242 pods" in lines
    assert any(line.startswith("  - t3.medium is burstable") for line in lines)
    assert "    https://docs.aws.amazon.com/eks/latest/userguide/choosing-instance-type.html" in lines


def test_no_warnings_no_heading() -> None:
    assert "Warnings" not in shown("max-pods")


def test_one_is_singular() -> None:
    text = shown("node-ips", "--pods", "0", "--custom-networking")
    assert "  enis                   1 ENI\n" in text
    assert "     = 1 address\n" in text


@pytest.mark.parametrize(
    "arguments",
    [
        ("list",),
        ("max-pods",),
        ("max-pods", "--instance", "p5.48xlarge", "--security-groups-for-pods"),
        ("max-pods", "--node-management", "nodeadm", "--prefix-delegation", "--custom-networking"),
        ("max-pods", "--node-management", "auto-mode"),
        ("max-pods", "--ip-family", "ipv6"),
        ("node-ips", "--pods", "900", "--prefix-delegation", "--custom-networking", "--nodes", "100000"),
        ("node-ips", "--instance", "u7in-32tb.224xlarge", "--warm-ip-target", "5", "--warm-eni-target", "3"),
        ("max-pods", "--help"),
        ("node-ips", "--help"),
        ("--help",),
    ],
)
def test_text_is_plain_and_fits_80_columns(arguments: tuple[str, ...]) -> None:
    text = shown(*arguments)
    assert "\x1b" not in text
    assert not any("\u2500" <= letter <= "\u257f" for letter in text)
    too_long = [line for line in text.splitlines() if len(line) > 80]
    assert not too_long


def test_answer_as_json() -> None:
    document = as_json("max-pods", "--instance", "t3.medium", "--prefix-delegation")
    assert list(document) == [
        *("calculator", "headline", "inputs", "result", "steps", "warnings", "sources", "grids", "plots")
    ]
    assert document["calculator"] == "max-pods"
    assert document["inputs"]["prefix_delegation"] is True
    assert document["inputs"]["max_eni"] is None
    assert document["result"]["max_pods"] == 110
    assert document["steps"][1] == {
        "formula": "formula = ENIs for pods × (addresses per ENI − 1) × 16 + 2",
        "substitution": "3 × (6 − 1) × 16 + 2",
        "value": 242,
        "unit": "pods",
        "why": "Each place of a secondary address holds a /28 prefix of 16 addresses instead.",
    }
    assert {"title", "date", "url"} == set(document["sources"][0])
    assert document["warnings"]


def test_every_input_is_an_option() -> None:
    document = as_json(
        "max-pods",
        *("--instance", "M5.XLarge", "--no-prefix-delegation", "--custom-networking", "--max-eni", "3"),
        *("--ip-family", "ipv4", "--node-management", "nodeadm", "--security-groups-for-pods"),
    )
    assert document["inputs"] == {
        "instance": "m5.xlarge",
        "prefix_delegation": False,
        "custom_networking": True,
        "max_eni": 3,
        "ip_family": "ipv4",
        "node_management": "nodeadm",
        "security_groups_for_pods": True,
    }
    assert as_json("node-ips", "--pods=17", "--warm-ip-target", "2")["inputs"]["warm_ip_target"] == 2


@pytest.mark.parametrize("name", registry.names())
def test_help_explains_every_input_with_unit_and_default(name: str) -> None:
    text = " ".join(shown(name, "--help").split())
    for field in registry.get(name).inputs:
        assert f"--{field.name.replace('_', '-')}" in text
        # Lines may be broken at hyphens.
        assert "".join(field.help.split()) in "".join(text.split())
        if field.unit:
            assert f"[{field.unit}; default: " in text
        assert "|".join(field.choices) in text
        if field.kind == "flag":
            assert "[default: no]" in text or "[default: yes]" in text
    assert "--batch [FILE]" in text


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (("max-pods", "--instance", "t3.medum"), "instance: 't3.medum'", "Did you mean t3.medium"),
        (("max-pods", "--max-eni", "none"), "max_eni: 'none' is not a whole number", "from 1 to 1000 (ENIs)"),
        (("max-pods", "--max-eni=-1"), "max_eni: '-1' is below 1", "or leave it empty"),
        (("node-ips", "--pods", ""), "pods is empty", "Give a whole number"),
        (("maxpods",), "no calculator named 'maxpods'", "Did you mean max-pods?"),
        (
            ("max-pods", "--instance", "t3.small", "--security-groups-for-pods"),
            "no type of the t families has a trunk",
            "m5.large",
        ),
    ],
)
def test_refusals(arguments: tuple[str, ...], message: str, hint: str) -> None:
    error = refused(*arguments)
    assert message in error.message
    assert hint in error.hint
    assert error.exit_code == 2


def test_unknown_option_is_a_usage_error() -> None:
    result = invoke("max-pods", "--instanse", "m5.large")
    assert result.exit_code == 2
    assert "--instance" in result.output


def test_importing_the_command_imports_no_calculator() -> None:
    code = (
        "import sys, eks_lab.cli.calc;"
        "found = [name for name in sys.modules if name.startswith(('eks_lab.calc', 'eks_lab.catalog', 'textual'))];"
        "assert not found, found"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_names_are_not_broken_at_their_hyphens() -> None:
    assert "    prefix-and-ip-target.md" in shown("node-ips")


def test_one_of_something_is_singular() -> None:
    """Units of two words too, wherever a figure with its unit is shown."""
    text = shown("vpc-plan", "--internal-load-balancers", "1")
    assert "1 load balancer\n" in text
    assert "1 load balancers" not in text
