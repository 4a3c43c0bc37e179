"""Defaults of custom resources, and the nulls that make way for them (apiextensions-apiserver/pkg/apiserver/schema/defaulting)."""

from __future__ import annotations

import copy
from typing import Any

from eks_lab.kube.types import Schema


def fill_defaults(schema: Schema, value: Any) -> None:
    """Put a schema's defaults where nothing stands, in place.

    Args:
        schema: structural.
        value: changed in place; a null that may not be null counts as nothing.
    """
    if isinstance(value, dict):
        for name, field in schema.properties.items():
            if name in value and value[name] is None and not field.raw.get("nullable"):
                del value[name]
            if name not in value and "default" in field.raw:
                value[name] = copy.deepcopy(field.raw["default"])
            if name in value:
                fill_defaults(field, value[name])
        if schema.additional is not None:
            for name in [each for each in value if each not in schema.properties]:
                if value[name] is None and not schema.additional.raw.get("nullable"):
                    del value[name]
                else:
                    fill_defaults(schema.additional, value[name])
    elif isinstance(value, list) and schema.items is not None:
        for item in value:
            fill_defaults(schema.items, item)
