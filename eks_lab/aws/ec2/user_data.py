"""User data of a node: NodeConfig documents, scripts, and how a kubelet is to start.

Source: awslabs/amazon-eks-ami, nodeadm: user data is MIME multipart with parts of `application/node.eks.aws`, or one
NodeConfig by itself; several are merged, later ones win. `kubelet.config` is written into the kubelet's configuration,
`kubelet.flags` is appended to its command line.
"""

from __future__ import annotations

import base64
import binascii
import gzip
from collections.abc import Mapping
from dataclasses import dataclass, field
from email import message_from_string
from typing import Any

import yaml

NODE_CONFIG_TYPE = "application/node.eks.aws"
NODE_CONFIG_API = "node.eks.aws/v1alpha1"
BOOTSTRAP = "/etc/eks/bootstrap.sh"
"""The script of the Amazon Linux 2 AMIs; those of AL2023 do not have it."""
EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")


@dataclass(frozen=True, slots=True)
class NodeConfig:
    """What nodeadm starts a kubelet with."""

    cluster: str = ""
    """Name; empty when no document names one."""
    endpoint: str = ""
    certificate_authority: str = ""
    max_pods: int | None = None
    kubelet: Mapping[str, Any] = field(default_factory=dict)
    """KubeletConfiguration that wins over the AMI's."""
    labels: Mapping[str, str] = field(default_factory=dict)
    taints: tuple[Mapping[str, str], ...] = ()
    """`{"key", "value", "effect"}` each."""


@dataclass(frozen=True, slots=True)
class UserData:
    """User data as a node reads it at its first boot."""

    config: NodeConfig | None = None
    """None when there is no NodeConfig document."""
    calls_bootstrap: bool = False
    """Whether a script calls the AL2 script."""
    bootstrap_line: int = 0
    """Line of its script in which it does, from 1."""
    problem: str = ""
    """Why nodeadm cannot read it, in the words it logs."""


def decode(text: str) -> str:
    """Return user data as text.

    Args:
        text: base64, as EC2 keeps it; compressed with gzip or not.

    Returns:
        The text; user data that is not base64 is returned as it is.
    """
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return text
    if raw[:2] == b"\x1f\x8b":
        try:
            raw = gzip.decompress(raw)
        except (OSError, EOFError):
            return ""
    return raw.decode("utf-8", "replace")


def read(text: str) -> UserData:
    """Read user data.

    Args:
        text: as a node sees it, not base64.
    """
    if not text.strip():
        return UserData()
    documents: list[str] = []
    scripts: list[str] = []
    head = text.lstrip().lower()
    if head.startswith(("mime-version:", "content-type:")):
        for part in message_from_string(text.lstrip()).walk():
            if part.is_multipart():
                continue
            payload = part.get_payload(decode=True)
            content = payload.decode("utf-8", "replace") if isinstance(payload, bytes) else str(payload)
            if part.get_content_type() == NODE_CONFIG_TYPE:
                documents.append(content)
            elif part.get_content_type() == "text/x-shellscript" or content.lstrip().startswith("#!"):
                scripts.append(content)
    elif head.startswith("#!"):
        scripts.append(text)
    elif NODE_CONFIG_API in text:
        documents.append(text)
    line = 0
    for script in scripts:
        for number, each in enumerate(script.splitlines(), 1):
            if BOOTSTRAP in each.partition("#!")[0].split(" #")[0] and not each.lstrip().startswith("#"):
                line = number
    try:
        config = _merged(documents)
    except (yaml.YAMLError, ValueError) as error:
        return UserData(None, line > 0, line, problem=f"could not parse NodeConfig: {_one_line(error)}")
    return UserData(config, line > 0, line)


def _merged(documents: list[str]) -> NodeConfig | None:
    spec: dict[str, Any] = {}
    is_there = False
    for text in documents:
        for document in yaml.safe_load_all(text):
            if document is None:
                continue
            if not isinstance(document, dict) or document.get("kind") != "NodeConfig":
                raise ValueError(f"no kind NodeConfig is registered for version in: {str(document)[:60]}")
            if document.get("apiVersion") != NODE_CONFIG_API:
                raise ValueError(
                    f'no kind "NodeConfig" is registered for version "{document.get("apiVersion")}"'
                )
            is_there = True
            spec = _merge(spec, document.get("spec") or {})
    return _config(spec) if is_there else None


def _merge(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(first)
    for name, value in second.items():
        before = found.get(name)
        if isinstance(before, dict) and isinstance(value, dict):
            found[name] = _merge(before, value)
        elif isinstance(before, list) and isinstance(value, list):
            found[name] = [*before, *value]
        else:
            found[name] = value
    return found


def _config(spec: Mapping[str, Any]) -> NodeConfig:
    cluster = spec.get("cluster") or {}
    kubelet = spec.get("kubelet") or {}
    if not isinstance(cluster, dict) or not isinstance(kubelet, dict):
        raise ValueError("spec.cluster and spec.kubelet must be objects")  # noqa: TRY004 - a fault of the document
    settings = kubelet.get("config") or {}
    if not isinstance(settings, dict):
        raise ValueError("spec.kubelet.config must be an object")  # noqa: TRY004 - a fault of the document
    max_pods = settings.get("maxPods")
    if max_pods is not None and (isinstance(max_pods, bool) or not isinstance(max_pods, int)):
        raise ValueError(f"json: cannot unmarshal {max_pods!r} into field maxPods of type int32")
    labels: dict[str, str] = {}
    taints: list[dict[str, str]] = [
        {key: str(each.get(key, "")) for key in ("key", "value", "effect")}
        for each in settings.get("registerWithTaints") or []
        if isinstance(each, dict)
    ]
    for flag in kubelet.get("flags") or []:
        name, _, value = str(flag).partition("=")
        if name == "--node-labels":
            labels.update(dict(each.partition("=")[::2] for each in value.split(",") if each))
        elif name == "--register-with-taints":
            taints += [_taint(each) for each in value.split(",") if each]
        elif name == "--max-pods" and value.isdecimal() and len(value) < 10:
            max_pods = int(value)
    return NodeConfig(
        cluster=str(cluster.get("name") or ""),
        endpoint=str(cluster.get("apiServerEndpoint") or ""),
        certificate_authority=str(cluster.get("certificateAuthority") or ""),
        max_pods=max_pods,
        kubelet=settings,
        labels=labels,
        taints=tuple(taints),
    )


def _taint(text: str) -> dict[str, str]:
    pair, _, effect = text.rpartition(":")
    key, _, value = pair.partition("=")
    if effect not in EFFECTS:
        raise ValueError(f"invalid taint effect: {effect}, unsupported taint effect")
    return {"key": key, "value": value, "effect": effect}


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
