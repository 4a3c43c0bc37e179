"""Label selectors as objects (`matchLabels`, `matchExpressions`), on the hot path of every controller."""

from __future__ import annotations

from collections.abc import Mapping

from eks_lab.sim.objects import Obj


def matches(selector: Obj | None, labels: Mapping[str, str]) -> bool:
    """Say whether labels satisfy a `metav1.LabelSelector`.

    Args:
        selector: None matches nothing, an empty one matches everything, as in the API.
        labels: of the object.
    """
    if selector is None:
        return False
    for key, value in (selector.get("matchLabels") or {}).items():
        if labels.get(key) != value:
            return False
    return all(_holds(expression, labels) for expression in selector.get("matchExpressions") or ())


def matches_map(wanted: Mapping[str, str] | None, labels: Mapping[str, str]) -> bool:
    """Say whether labels hold every pair of a plain map, as a Service selects; an empty map matches nothing."""
    return bool(wanted) and all(labels.get(key) == value for key, value in (wanted or {}).items())


def _holds(expression: Obj, labels: Mapping[str, str]) -> bool:
    key = expression["key"]
    match expression["operator"]:
        case "In":
            return labels.get(key) in (expression.get("values") or ()) and key in labels
        case "NotIn":
            return key not in labels or labels[key] not in (expression.get("values") or ())
        case "Exists":
            return key in labels
        case "DoesNotExist":
            return key not in labels
        case "Gt" | "Lt" as operator:
            return key in labels and _compares(operator, labels[key], expression.get("values") or ())
    return False


def _compares(operator: str, text: str, values: object) -> bool:
    if not isinstance(values, list) or len(values) != 1:
        return False
    try:
        value, bound = int(text), int(values[0])
    except ValueError:
        return False
    return value > bound if operator == "Gt" else value < bound


def selector_text(selector: Obj | None) -> str:
    """Return a selector as the API writes it in a line: `app=web,tier in (a,b)`."""
    if selector is None:
        return "<none>"
    parts = [(key, f"{key}={value}") for key, value in (selector.get("matchLabels") or {}).items()]
    for expression in selector.get("matchExpressions") or ():
        key, values = expression["key"], ",".join(sorted(expression.get("values") or ()))
        text = {
            "In": f"{key} in ({values})",
            "NotIn": f"{key} notin ({values})",
            "Exists": key,
            "DoesNotExist": f"!{key}",
        }.get(expression["operator"], f"{key} {expression['operator']} {values}")
        parts.append((key, text))
    return ",".join(text for _, text in sorted(parts))
