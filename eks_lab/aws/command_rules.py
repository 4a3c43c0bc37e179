"""The short form in which the aws CLI takes one rule of a security group, in place of `--ip-permissions`.

Source: `aws ec2 authorize-security-group-ingress help`, options --protocol, --port, --cidr, --source-group and
--group-owner (AWS CLI 2.32, 2026-11).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eks_lab.aws.command_arguments import ArgumentError

OPERATIONS = frozenset(
    f"{verb}SecurityGroup{way}" for verb in ("Authorize", "Revoke") for way in ("Ingress", "Egress")
)
OPTIONS = ("--protocol", "--port", "--cidr", "--source-group", "--group-owner")
_PING = "icmp"


def ip_permissions(given: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    """Return the `IpPermissions` that the short form stands for.

    Args:
        given: those of `OPTIONS` that were given -> their values.

    Raises:
        ArgumentError: a value is missing or cannot be read.
    """
    values: dict[str, str] = {}
    for name, words in given.items():
        if len(words) != 1:
            raise ArgumentError(f"argument {name}: expected one argument")
        values[name] = words[0]
    if "--protocol" not in values:
        raise ArgumentError("the following arguments are required: --protocol")
    protocol = "-1" if values["--protocol"] == "all" else values["--protocol"]
    rule: dict[str, Any] = {"IpProtocol": protocol}
    if "--port" in values:
        rule["FromPort"], rule["ToPort"] = _ports(values["--port"], protocol)
    if "--cidr" in values:
        kind, key = ("Ipv6Ranges", "CidrIpv6") if ":" in values["--cidr"] else ("IpRanges", "CidrIp")
        rule[kind] = [{key: values["--cidr"]}]
    if "--source-group" in values:
        group = values["--source-group"]
        pair = {"GroupId" if group.startswith("sg-") else "GroupName": group}
        if "--group-owner" in values:
            pair["UserId"] = values["--group-owner"]
        rule["UserIdGroupPairs"] = [pair]
    return [rule]


def _ports(text: str, protocol: str) -> tuple[int, int]:
    """Return both ends of `443`, `1024-65535` or `all`."""
    if text in ("all", "-1"):
        return (-1, -1) if protocol in ("-1", _PING) else (0, 65535)
    low, dash, high = text.partition("-")
    if not _is_port(low) or (dash and not _is_port(high)):
        raise ArgumentError(f"argument --port: invalid value: '{text}'")
    return int(low), int(high) if dash else (-1 if protocol == _PING else int(low))


def _is_port(text: str) -> bool:
    return text.isdecimal() and len(text) < 10
