"""Write the table of Terraform's functions again. For maintainers.

terraform metadata functions -json | python -m eks_lab.checker.terraform.derive_functions VERSION DATE
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent / "schemas" / "functions.json"


def main(arguments: list[str]) -> int:
    """Write the table from what stands on standard input.

    Args:
        arguments: version and release day of the terraform that was asked.
    """
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    signatures = json.load(sys.stdin)["function_signatures"]
    functions = {name: _signature(about) for name, about in sorted(signatures.items()) if "::" not in name}
    document = {
        "format": 1,
        "sources": [{"package": "terraform", "version": arguments[0], "date": arguments[1],
                     "url": "https://developer.hashicorp.com/terraform/language/functions", "licence": ""}],
        "functions": functions,
    }  # fmt: skip
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(about)}" for name, about in functions.items())
    head = json.dumps({key: value for key, value in document.items() if key != "functions"})[:-1]
    TARGET.write_text(f'{head}, "functions": {{\n{lines}\n}}}}\n', encoding="utf-8")
    print(f"{len(functions)} functions")
    return 0


def _signature(about: dict[str, Any]) -> list[Any]:
    """Return result, parameter types, and the type of further arguments or null."""
    variadic = about.get("variadic_parameter")
    return [
        _type(about["return_type"]),
        [_type(each["type"]) for each in about.get("parameters", [])],
        _type(variadic["type"]) if variadic else None,
    ]


def _type(shape: Any) -> str:
    if isinstance(shape, str):
        return "any" if shape == "dynamic" else shape
    return f"{shape[0]}({_type(shape[1])})" if shape[0] in ("list", "set", "map") else "any"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
