"""The JSON Schema of `lab.yaml`, so that editors complete fields and mark mistakes."""

from __future__ import annotations

import json
from typing import Any

from eks_lab.content.validate import json_schema
from eks_lab.grading.model import LabFile

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def schema() -> dict[str, Any]:
    """Return the schema; a template may stand in place of any value, so texts are allowed for numbers."""
    return {"$schema": DRAFT, **_with_templates(json_schema(LabFile))}


def schema_text() -> str:
    """Return the schema as text."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _with_templates(node: Any) -> Any:
    if isinstance(node, list):
        return [_with_templates(each) for each in node]
    if not isinstance(node, dict):
        return node
    found = {name: _with_templates(each) for name, each in node.items()}
    if found.get("type") in ("integer", "number", "boolean") and "enum" not in found:
        kind = found.pop("type")
        found["anyOf"] = [{"type": kind}, {"type": "string", "pattern": "\\{\\{"}]
    return found
