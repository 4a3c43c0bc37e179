"""CEL expressions, where an interpreter is installed (package `common-expression-language`).

Used by rules of custom resources and by ValidatingAdmissionPolicies. Kubernetes' own library functions that
the interpreter lacks are added here (k8s.io/apiserver/pkg/cel/library).
"""

from __future__ import annotations

import functools
import importlib
import importlib.machinery
import importlib.util
import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from eks_lab.errors import InputError, UnavailableError
from eks_lab.kube.quantity import QuantityError, parse_quantity

PACKAGE = "common-expression-language"


class ExpressionError(InputError):
    """An expression does not compile or cannot be evaluated."""


@functools.cache
def available() -> bool:
    """Say whether an interpreter is installed."""
    return importlib.util.find_spec("cel") is not None


@functools.cache
def _library() -> Any:
    if not available():
        raise UnavailableError(
            f"the package {PACKAGE} is not installed, so CEL rules cannot be evaluated",
            hint=f"Install it: pip install {PACKAGE}",
        )
    # Only the compiled half: the package's own __init__ imports a shell, which takes half a second.
    package = importlib.util.find_spec("cel")
    if package is not None and package.submodule_search_locations:
        found = importlib.machinery.PathFinder.find_spec("cel", list(package.submodule_search_locations))
        if found is not None and found.loader is not None:
            module = importlib.util.module_from_spec(found)
            found.loader.exec_module(module)
            return module
    return importlib.import_module("cel")


def _compile_once(text: str) -> Any:
    try:
        return _library().compile(text)
    except (ValueError, RuntimeError) as error:
        raise ExpressionError(str(error)) from error


_compiled = functools.lru_cache(maxsize=4096)(_compile_once)


def check(text: str) -> None:
    """Compile an expression.

    Raises:
        ExpressionError: it does not compile.
        UnavailableError: no interpreter is installed.
    """
    _compiled(text)


def variables(text: str) -> list[str]:
    """Return the names that an expression reads, those of macros and comprehensions left out.

    Raises:
        ExpressionError: it does not compile.
        UnavailableError: no interpreter is installed.
    """
    return sorted(_compiled(text).variables())


def evaluate(text: str, variables: Mapping[str, Any]) -> Any:
    """Evaluate an expression.

    Args:
        text: CEL.
        variables: JSON values by name.

    Raises:
        ExpressionError: it does not compile, a field is missing, or types do not fit.
        UnavailableError: no interpreter is installed.
    """
    program = _compiled(text)
    context = _library().Context(variables=dict(variables), functions=_FUNCTIONS)
    try:
        return program.execute(context)
    except KeyError as error:
        raise ExpressionError(f"no such key: {error.args[0] if error.args else ''}") from error
    except (TypeError, ValueError, RuntimeError, ArithmeticError) as error:
        raise ExpressionError(str(error)) from error


def _find(text: str, pattern: str) -> str:
    found = re.search(pattern, text)
    return found[0] if found else ""


def _is_quantity(text: str) -> bool:
    try:
        parse_quantity(text)
    except QuantityError:
        return False
    return True


def _is_sorted(items: list[Any]) -> bool:
    return all(one <= other for one, other in pairwise(items))


_FUNCTIONS: dict[str, Any] = {
    "join": lambda items, separator="": separator.join(items),
    "lowerAscii": lambda text: text.lower(),
    "upperAscii": lambda text: text.upper(),
    "split": lambda text, separator, most=-1: text.split(separator, most - 1 if most > 0 else -1),
    "replace": lambda text, old, new, most=-1: text.replace(old, new, most),
    "trim": lambda text: text.strip(),
    "indexOf": lambda text, part: text.index(part) if part in text else -1,
    "lastIndexOf": lambda text, part: (
        text.rfind(part)
        if isinstance(text, str)
        else (len(text) - 1 - text[::-1].index(part) if part in text else -1)
    ),
    "substring": lambda text, start, end=None: text[start:end],
    "charAt": lambda text, at: text[at : at + 1],
    "find": _find,
    "findAll": lambda text, pattern: [found[0] for found in re.finditer(pattern, text)],
    "isSorted": _is_sorted,
    "sum": lambda items: sum(items),
    "isURL": lambda text: bool(urlsplit(text).scheme),
    "isQuantity": _is_quantity,
}
