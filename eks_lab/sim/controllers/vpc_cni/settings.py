"""What the variables of the aws-node DaemonSet say (aws/amazon-vpc-cni-k8s v1.23.0, README)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

ENI_CONFIG = "k8s.amazonaws.com/eniConfig"
"""Annotation and label of a node that name its ENIConfig unless the variables name others."""
COOL_DOWN_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Settings:
    """How one node's ipamd works."""

    warm_eni_target: int = 1
    warm_ip_target: int = 0
    """0 is not set, as ipamd reads it."""
    minimum_ip_target: int = 0
    warm_prefix_target: int = 1
    prefix_delegation: bool = False
    custom_networking: bool = False
    eni_config_annotation: str = ENI_CONFIG
    eni_config_label: str = ENI_CONFIG
    max_eni: int | None = None
    subnet_discovery: bool = True
    cool_down: timedelta = timedelta(seconds=COOL_DOWN_SECONDS)
    """How long a freed address is kept from other pods."""
    cluster_name: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    """ADDITIONAL_ENI_TAGS."""

    @property
    def has_ip_targets(self) -> bool:
        """Say whether WARM_IP_TARGET or MINIMUM_IP_TARGET decides instead of whole interfaces or prefixes."""
        return self.warm_ip_target > 0 or self.minimum_ip_target > 0


def settings_of(environment: Mapping[str, str]) -> Settings:
    """Return what the variables of the container `aws-node` say; what cannot be read counts as not set.

    Args:
        environment: name -> value.
    """

    def number(name: str, default: int) -> int:
        text = environment.get(name, "").strip()
        return int(text) if text.isdecimal() else default

    def switch(name: str, default: bool) -> bool:
        text = environment.get(name, "").strip().lower()
        return text in ("true", "1", "t") if text else default

    most = number("MAX_ENI", 0)
    return Settings(
        number("WARM_ENI_TARGET", 1),
        number("WARM_IP_TARGET", 0),
        number("MINIMUM_IP_TARGET", 0),
        number("WARM_PREFIX_TARGET", 1),
        switch("ENABLE_PREFIX_DELEGATION", False),
        switch("AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG", False),
        environment.get("ENI_CONFIG_ANNOTATION_DEF") or ENI_CONFIG,
        environment.get("ENI_CONFIG_LABEL_DEF") or ENI_CONFIG,
        most if most > 0 else None,
        switch("ENABLE_SUBNET_DISCOVERY", True),
        timedelta(seconds=number("IP_COOLDOWN_PERIOD", COOL_DOWN_SECONDS)),
        environment.get("CLUSTER_NAME", ""),
        _tags(environment.get("ADDITIONAL_ENI_TAGS", "")),
    )


def _tags(text: str) -> Mapping[str, str]:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}
