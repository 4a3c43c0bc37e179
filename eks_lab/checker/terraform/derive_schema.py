"""Write the table of argument names again. For maintainers; the program itself only reads the table.

    python -m eks_lab.checker.terraform.derive_schema PROVIDER.json PULUMI_AWS_DIR

PROVIDER.json is what `terraform providers schema -json` prints for the AWS provider: exact names, types and block
shapes. PULUMI_AWS_DIR is the folder `pulumi_aws` of a newer pulumi-aws package: its type hints name the arguments
the provider has gained since. What only the newer source knows is marked `either`: whether Terraform wants a block
or an argument there cannot be told from it, so both are accepted.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent / "schemas" / "aws.json"
FORMAT = 1
_PROVIDER = "registry.terraform.io/hashicorp/aws"
_FAMILIES = re.compile(
    r"aws_(eks_.*|ec2_(tag|subnet_cidr_reservation|managed_prefix_list.*|instance_type.*|transit_gateway"
    r"(_vpc_attachment|_route|_route_table)?|capacity_reservation|spot_price)|vpc|vpc_(endpoint.*|dhcp_options.*|"
    r"ipv4_cidr.*|ipv6_cidr.*|peering_conn.*|security_group.*|ipam.*|block_public.*)|vpcs|default_(vpc|subnet|"
    r"security_group|route_table|network_acl)|subnets?|route|route_tables?|route_table_association|"
    r"main_route_table_association|internet_gateway|egress_only_internet_gateway|nat_gateways?|eips?|eip_association|"
    r"network_(acl|acl_rule|interface|interface_attachment|acls|interfaces)|security_groups?|security_group_rule|"
    r"flow_log|instances?|launch_(template|configuration)|key_pair|placement_group|ami(_ids)?|"
    r"ebs_(volume|snapshot|encryption_by_default|default_kms_key|volumes)|volume_attachment|autoscaling_.*|"
    r"iam_(role|role_polic.*|policy.*|instance_profiles?|openid_connect_provider|service_linked_role|user|"
    r"user_polic.*|group|group_polic.*|access_key|roles|session_context|users)|kms_.*|"
    r"cloudwatch_(log_.*|event_(rule|target|bus|permission|bus_policy|archive|connection|source)|metric_alarm|"
    r"dashboard|composite_alarm|query_definition)|sqs_.*|sns_topic.*|scheduler_.*|pipes_pipe|efs_.*|"
    r"fsx_lustre_file_system|s3_bucket(_policy|_versioning|_public_access_block|_lifecycle_configuration|"
    r"_server_side_encryption_configuration|_ownership_controls|_object|_logging|_notification)?|s3_objects?|"
    r"dynamodb_table|ecr_(repositor.*|lifecycle_policy.*|pull_through.*|registry_policy|image|authorization_token|"
    r"registry_scanning_configuration)|lb|alb|lb_(listener|listener_rule|target_group|target_group_attachment|"
    r"listener_certificate)|alb_(listener|target_group)|acm_certificate(_validation)?|route53_(zone|record)|"
    r"ssm_(parameters?.*|document)|secretsmanager_secret.*|budgets_budget|guardduty_(detector|detector_feature)|"
    r"prometheus_.*|grafana_workspace|backup_(vault|plan|selection)|wafv2_web_acl_association|"
    r"caller_identity|partition|regions?|default_tags|availability_zones?|ip_ranges|prefix_list|"
    r"service(_principal)?|billing_service_account|arn|iam_policy_document|organizations_organization|"
    r"lambda_(function|permission)|ram_(resource_share|principal_association|resource_association)|"
    r"cloudtrail|config_rule|vpclattice_(service|service_network.*|target_group)|accessanalyzer_analyzer|"
    r"networkfirewall_firewall|globalaccelerator_accelerator|resourcegroups_group)"
)
_MODULES = {"alb": "lb", "vpc": "ec2", "cloudwatch": "cloudwatch"}
_CLASSES = {
    "aws_lb": ("lb", "load_balancer"),
    "aws_alb": ("lb", "load_balancer"),
    "aws_s3_bucket": ("s3", "bucket"),
    "aws_s3_object": ("s3", "bucket_object"),
    "aws_vpc_ipv4_cidr_block_association": ("ec2", "vpc_ipv4_cidr_block_association"),
    "aws_vpc_security_group_ingress_rule": ("vpc", "security_group_ingress_rule"),
    "aws_vpc_security_group_egress_rule": ("vpc", "security_group_egress_rule"),
    "aws_iam_openid_connect_provider": ("iam", "open_id_connect_provider"),
    "aws_prometheus_workspace": ("amp", "workspace"),
    "aws_prometheus_scraper": ("amp", "scraper"),
}
_NEW_RESOURCES = ("aws_eks_capability",)
_NEW_DATA = ("aws_eks_access_policies",)
_NOW_WRITABLE = ("service_ipv6_cidr",)
"""Results inside blocks that version 6 takes as arguments."""
_GLOBAL = ("aws_iam_", "aws_route53_", "aws_organizations_", "aws_globalaccelerator_", "aws_budgets_")
"""Services without a Region; every other type takes `region` since version 6."""


def main(arguments: list[str]) -> int:
    """Write the table.

    Args:
        arguments: the schema's JSON file and the folder of pulumi_aws.
    """
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    provider_file, pulumi_folder = map(Path, arguments)
    shipped = json.loads(provider_file.read_bytes())
    provider = shipped["provider_schemas"][_PROVIDER]
    pulumi = Pulumi(pulumi_folder)
    resources = {
        name: _with_newer(_block(schema["block"]), pulumi.resource(name), relax=True)
        for name, schema in sorted(provider["resource_schemas"].items())
        if _FAMILIES.fullmatch(name)
    }
    data = {
        name: _with_newer(_block(schema["block"]), pulumi.data_source(name), relax=False)
        for name, schema in sorted(provider["data_source_schemas"].items())
        if _FAMILIES.fullmatch(name)
    }
    for name, block in (resources | data).items():
        if not name.startswith(_GLOBAL):
            block["a"].setdefault("region", "o:string")
    resources |= {name: _whole(pulumi.resource(name)) for name in _NEW_RESOURCES}
    data |= {name: _whole(pulumi.data_source(name)) for name in _NEW_DATA}
    document: dict[str, Any] = {
        "format": FORMAT,
        "sources": [
            {"package": "terraform-provider-aws", "version": "5.100.0", "date": "2025-06-12",
             "url": "https://registry.terraform.io/providers/hashicorp/aws/5.100.0", "licence": "MPL-2.0"},
            {"package": "pulumi-aws", "version": pulumi.version, "date": "2026-10-16",
             "url": "https://pypi.org/project/pulumi-aws/", "licence": "Apache-2.0"},
        ],
        "resources": resources,
        "data": data,
        "other_resources": sorted({*provider["resource_schemas"], *pulumi.guessed_names()} - set(resources)),
        "other_data": sorted(set(provider["data_source_schemas"]) - set(data)),
    }  # fmt: skip
    lines = [
        f"{json.dumps(key)}: {{\n"
        + ",\n".join(f"{json.dumps(k)}: {_compact(v)}" for k, v in value.items())
        + "\n}"
        if key in ("resources", "data")
        else f"{json.dumps(key)}: {_compact(value)}"
        for key, value in document.items()
    ]
    TARGET.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    print(f"{len(resources)} resources, {len(data)} data sources, {TARGET.stat().st_size:,} bytes")
    return 0


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def _block(block: dict[str, Any]) -> dict[str, Any]:
    """Return attributes as `flags:type` and blocks with their bounds.

    Flags: r required, o optional, c known after apply, d deprecated.
    """
    attributes = {}
    for name, about in block.get("attributes", {}).items():
        flags = "".join(
            letter
            for letter, key in (("r", "required"), ("o", "optional"), ("c", "computed"), ("d", "deprecated"))
            if about.get(key)
        )
        # A list of objects that may be written as blocks keeps its shape in the type.
        attributes[name] = f"{flags}:{_type(about['type'])}" if "type" in about else f"{flags}:any"
    blocks = {}
    for name, about in block.get("block_types", {}).items():
        inner = _block(about["block"])
        inner["n"] = about["nesting_mode"]
        if about.get("min_items"):
            inner["min"] = about["min_items"]
        if about.get("max_items"):
            inner["max"] = about["max_items"]
        blocks[name] = inner
    found: dict[str, Any] = {"a": attributes}
    if blocks:
        found["b"] = blocks
    return found


def _type(shape: Any) -> str:
    """Return a type as Terraform writes it: `list(string)`."""
    if isinstance(shape, str):
        return {"dynamic": "any"}.get(shape, shape)
    kind, inner = shape
    if kind == "object":
        return "object({" + ",".join(f"{name}={_type(each)}" for name, each in sorted(inner.items())) + "})"
    if kind == "tuple":
        return "any"
    return f"{kind}({_type(inner)})"


class Pulumi:
    """The type hints of pulumi-aws, read without importing it."""

    def __init__(self, folder: Path) -> None:
        """Read nothing yet."""
        self.folder = folder
        self._inputs: dict[str, dict[str, ast.ClassDef]] = {}
        about = next(folder.parent.glob("pulumi_aws-*.dist-info"), None)
        self.version = about.name.removeprefix("pulumi_aws-").removesuffix(".dist-info") if about else ""

    def guessed_names(self) -> Iterator[str]:
        """Yield `aws_eks_capability` for eks/capability.py: enough to know that such a type may exist."""
        for path in self.folder.glob("*/*.py"):
            if not path.name.startswith(("_", "get_")) and path.stem not in ("outputs",):
                yield f"aws_{path.parent.name}_{path.stem}"

    def _module(self, name: str, prefix: str) -> Path | None:
        stem = name.removeprefix("aws_")
        candidates = [_CLASSES[name]] if name in _CLASSES else []
        head, _, tail = stem.partition("_")
        candidates += [
            (head, tail),
            (_MODULES.get(head, head), stem),
            (_MODULES.get(head, head), tail),
            ("ec2", stem),
        ]
        candidates += [
            ("", stem),
            ("cloudwatch", stem.removeprefix("cloudwatch_")),
            ("ec2", stem.removeprefix("ec2_")),
        ]
        for folder, file in candidates:
            path = self.folder / folder / f"{prefix}{file}.py"
            if file and path.exists():
                return path
        return None

    def resource(self, name: str) -> dict[str, Any] | None:
        """Return arguments and results of a resource, None when it is not found."""
        path = self._module(name, "")
        if path is None:
            return None
        classes = [node for node in ast.parse(path.read_text("utf-8")).body if isinstance(node, ast.ClassDef)]
        arguments = next((node for node in classes if node.name.endswith("Args")), None)
        state = next((node for node in classes if node.name.endswith("State")), None)
        if arguments is None or state is None:
            return None
        given = dict(self._parameters(arguments))
        found = self._shape(path.parent.name, arguments)
        for each, hint in self._parameters(state):
            if each not in given:
                found["a"][each] = f"c:{self._scalar(hint)}"
        return found

    def data_source(self, name: str) -> dict[str, Any] | None:
        """Return arguments and results of a data source, None when it is not found."""
        path = self._module(name, "get_")
        if path is None:
            return None
        body = ast.parse(path.read_text("utf-8")).body
        function = next(
            (node for node in body if isinstance(node, ast.FunctionDef) and node.name == path.stem), None
        )
        results = next(
            (node for node in body if isinstance(node, ast.ClassDef) and node.name.endswith("Result")), None
        )
        found: dict[str, Any] = {"a": {}, "b": {}}
        if function is not None:
            for argument in function.args.args:
                if argument.annotation is not None and argument.arg != "opts":
                    self._add(
                        found,
                        path.parent.name,
                        argument.arg,
                        ast.unparse(argument.annotation),
                        required=False,
                    )
        for node in results.body if results else []:
            if isinstance(node, ast.FunctionDef) and any(
                "property" in ast.unparse(d) for d in node.decorator_list
            ):
                known = node.name in found["a"] or node.name in found["b"]
                if not known and node.returns is not None:
                    found["a"][node.name] = f"c:{self._scalar(ast.unparse(node.returns))}"
        return found

    def _parameters(self, node: ast.ClassDef) -> Iterator[tuple[str, str]]:
        init = next(
            each for each in node.body if isinstance(each, ast.FunctionDef) and each.name == "__init__"
        )
        for argument in init.args.kwonlyargs:
            assert argument.annotation is not None
            yield argument.arg, ast.unparse(argument.annotation)

    def _shape(self, module: str, node: ast.ClassDef) -> dict[str, Any]:
        found: dict[str, Any] = {"a": {}, "b": {}}
        for name, hint in self._parameters(node):
            self._add(found, module, name, hint, required="Optional[" not in hint)
        return found

    def _add(self, found: dict[str, Any], module: str, name: str, hint: str, *, required: bool) -> None:
        nested = re.search(r"'?\b([A-Z]\w+Args)\b", hint)
        inner = self._input(module, nested.group(1)) if nested else None
        if inner is None:
            found["a"][name] = f"{'r' if required else 'o'}:{self._scalar(hint)}"
        else:
            # A list of blocks has its singular name in Terraform, or keeps the plural as an argument.
            names = _singular(name) if "Sequence[" in hint else (name,)
            for each in names:
                found["b"][each] = {**self._shape(module, inner), "n": "either"}
                if required and len(names) == 1:
                    found["b"][each]["min"] = 1

    def _input(self, module: str, name: str) -> ast.ClassDef | None:
        if module not in self._inputs:
            path = self.folder / module / "_inputs.py"
            body = ast.parse(path.read_text("utf-8")).body if path.exists() else []
            self._inputs[module] = {node.name: node for node in body if isinstance(node, ast.ClassDef)}
        return self._inputs[module].get(name)

    def _scalar(self, hint: str) -> str:
        plain = re.sub(r"pulumi\.Input|_builtins\.|Optional|Union|[\[\]' ]", "", hint)
        if "Args" in hint or "outputs." in hint or "Any" in hint:
            return "any"
        base = {"str": "string", "int": "number", "float": "number", "bool": "bool"}
        for word, kind in (("Sequence", "list"), ("Mapping", "map")):
            if plain.startswith(word):
                inner = base.get(plain.removeprefix(word).removeprefix("str,"))
                return f"{kind}({inner})" if inner and word not in inner else "any"
        return base.get(plain, "any")


def _singular(name: str) -> tuple[str, ...]:
    """Return the names Terraform may use for a list that Pulumi writes in the plural."""
    if name.endswith("ies"):
        return (name, name[:-3] + "y")
    if name.endswith(("sses", "xes", "ches", "shes")):
        return (name, name[:-2])
    return (name, name[:-1]) if name.endswith("s") else (name,)


def _with_newer(
    block: dict[str, Any], newer: dict[str, Any] | None, *, relax: bool, top: bool = True
) -> dict[str, Any]:
    """Return a block with what the newer source adds.

    Args:
        block: from the provider's schema.
        newer: from pulumi-aws; None when it has no such type.
        top: whether it is the resource itself and not a block in it.
        relax: whether what the newer source calls optional is no longer required.
    """
    if newer is None:
        return block
    known = {*block["a"], *block.get("b", {})}
    for name, about in newer["a"].items():
        # Names are optional there only because Pulumi invents them, and data sources never say what they need.
        if (
            relax
            and not name.endswith("name")
            and about.startswith("o:")
            and block["a"].get(name, "").startswith("r:")
        ):
            block["a"][name] = "o" + block["a"][name][1:]
        # Below the top, type hints list results among the arguments.
        is_new = top or name in _NOW_WRITABLE
        if is_new and block["a"].get(name, "").startswith("c:") and not about.startswith("c:"):
            block["a"][name] = f"o{block['a'][name]}"
        if known.isdisjoint(_singular(name)):
            # What the newer source calls required came with a new major; the old shape stays valid.
            block["a"][name] = about.replace("r:", "o:", 1) if about.startswith("r:") else about
    for name, inner in newer.get("b", {}).items():
        same = next((each for each in _singular(name) if each in block.get("b", {})), None)
        if same is not None:
            _with_newer(block["b"][same], inner, relax=relax, top=False)
        elif known.isdisjoint(_singular(name)):
            for each in _singular(name):
                block.setdefault("b", {})[each] = {key: value for key, value in inner.items() if key != "min"}
    return block


def _whole(newer: dict[str, Any] | None) -> dict[str, Any]:
    """Return the shape of a type that only the newer source has."""
    if newer is None:
        raise SystemExit("a type that only pulumi-aws has was not found in it")
    newer["a"].setdefault("id", "c:string")
    return newer


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
