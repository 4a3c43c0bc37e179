"""Checks that many kinds share: labels, annotations, selectors, numbers, ports, addresses.

Every function returns errors in the words of k8s.io/apimachinery/pkg/api/validation and
pkg/apis/core/validation. Names that were judged before are remembered: the same labels and container
names come again with every pod.
"""

from __future__ import annotations

import functools
import ipaddress
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from eks_lab.kube import names
from eks_lab.sim.objects import (
    FieldError,
    Obj,
    forbidden_field,
    invalid,
    not_supported,
    required,
    type_invalid,
)

__all__ = [
    "annotation_errors",
    "enum_errors",
    "immutable_errors",
    "ip_errors",
    "label_errors",
    "label_key_errors",
    "label_problems",
    "name_errors",
    "non_negative_errors",
    "port_errors",
    "qualified_problems",
    "selector_errors",
    "subdomain_problems",
    "type_invalid",
    "value_problems",
]

NOT_NEGATIVE = "must be greater than or equal to 0"
IMMUTABLE = "field is immutable"
LARGEST_INT32 = 2**31 - 1
IP_RULE = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
CIDR_RULE = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"

Judge = Callable[[str], Sequence[str]]


def _remembered(check: Callable[[str], list[str]]) -> Judge:
    @functools.lru_cache(maxsize=8192)
    def judge(text: str) -> tuple[str, ...]:
        return tuple(check(text))

    return judge


label_problems = _remembered(names.dns1123_label)
subdomain_problems = _remembered(names.dns1123_subdomain)
qualified_problems = _remembered(names.qualified_name)
value_problems = _remembered(names.label_value)
annotation_key_problems = _remembered(names.annotation_key)
port_name_problems = _remembered(names.port_name)
env_name_problems = _remembered(names.env_name)
config_key_problems = _remembered(names.config_key)


def name_errors(judge: Judge, text: str, path: str) -> list[FieldError]:
    """Return an Invalid error for each thing that is wrong with a name.

    Args:
        judge: `label_problems`, `subdomain_problems`, …
        text: the name.
        path: of its field.
    """
    return [invalid(path, text, said) for said in judge(text)]


def label_errors(labels: Mapping[str, str] | None, path: str) -> list[FieldError]:
    """Return the errors of labels (ValidateLabels)."""
    errors: list[FieldError] = []
    if labels:
        for key, value in labels.items():
            errors.extend(invalid(path, key, said) for said in qualified_problems(key))
            errors.extend(invalid(path, value, said) for said in value_problems(value or ""))
    return errors


def label_key_errors(key: str, path: str) -> list[FieldError]:
    """Return the errors of one label key (ValidateLabelName)."""
    return [invalid(path, key, said) for said in qualified_problems(key)]


def annotation_errors(annotations: Mapping[str, str] | None, path: str) -> list[FieldError]:
    """Return the errors of annotations (ValidateAnnotations)."""
    errors: list[FieldError] = []
    if annotations:
        for key in annotations:
            errors.extend(invalid(path, key, said) for said in annotation_key_problems(key))
        if names.annotations_size(annotations) > names.LARGEST_ANNOTATIONS:
            text = f"Too long: may not be more than {names.LARGEST_ANNOTATIONS} bytes"
            errors.append(FieldError("TooLong", path, text))
    return errors


def selector_errors(selector: Obj | None, path: str) -> list[FieldError]:
    """Return the errors of a LabelSelector (ValidateLabelSelector)."""
    if not selector:
        return []
    errors = label_errors(selector.get("matchLabels"), f"{path}.matchLabels")
    for number, rule in enumerate(selector.get("matchExpressions") or ()):
        here = f"{path}.matchExpressions[{number}]"
        values = rule.get("values") or ()
        errors.extend(_operator_errors(rule.get("operator") or "", values, here))
        errors.extend(label_key_errors(rule.get("key") or "", f"{here}.key"))
        for position, value in enumerate(values):
            errors.extend(
                invalid(f"{here}.values[{position}]", value, said) for said in value_problems(value)
            )
    return errors


def _operator_errors(operator: str, values: Sequence[str], path: str) -> list[FieldError]:
    if operator in ("In", "NotIn"):
        if not values:
            return [required(f"{path}.values", "must be specified when `operator` is 'In' or 'NotIn'")]
    elif operator in ("Exists", "DoesNotExist"):
        if values:
            detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
            return [forbidden_field(f"{path}.values", detail)]
    else:
        return [invalid(f"{path}.operator", operator, "not a valid selector operator")]
    return []


def non_negative_errors(value: int | None, path: str) -> list[FieldError]:
    """Return the error of a number below zero; an absent one is fine."""
    return [invalid(path, value, NOT_NEGATIVE)] if value is not None and value < 0 else []


def enum_errors(value: str | None, supported: Iterable[str], path: str) -> list[FieldError]:
    """Return the error of a word that must be one of a few: Required when empty, else Unsupported.

    Args:
        value: the word.
        supported: in the order the real server names them.
        path: of its field.
    """
    if not value:
        return [required(path)]
    words = tuple(supported)
    return [] if value in words else [not_supported(path, value, words)]


def immutable_errors(new: Any, old: Any, path: str) -> list[FieldError]:
    """Return the error of a field that must not change."""
    return [] if new == old else [invalid(path, new, IMMUTABLE)]


def port_errors(port: int | str | None, path: str) -> list[FieldError]:
    """Return the errors of a port given by number or by name (ValidatePortNumOrName)."""
    if isinstance(port, str):
        return [invalid(path, port, said) for said in port_name_problems(port)]
    number = port or 0
    return [invalid(path, number, said) for said in names.port_number(number)]


def parse_ip(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return an address, None when it is none."""
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def ip_errors(text: str, path: str) -> list[FieldError]:
    """Return the error of a text that is no IP address."""
    return [] if parse_ip(text) is not None else [invalid(path, text, IP_RULE)]


def is_cidr(text: str) -> bool:
    """Say whether a text is a network: `10.0.0.0/16`; host bits may be set, as Go's ParseCIDR allows."""
    address, slash, bits = text.partition("/")
    if not slash or not bits.isascii() or not bits.isdigit():
        return False
    parsed = parse_ip(address)
    return parsed is not None and int(bits) <= parsed.max_prefixlen
