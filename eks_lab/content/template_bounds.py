"""What a template may be made of and come to: packs come from strangers, and none may run for long or fill the memory.

Lists of what is allowed: what Jinja learns tomorrow is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment
    from jinja2.nodes import EvalContext, Expr, Node, Template

LONGEST_VALUE = 32 * 1024
"""Characters and items that one value may hold in all."""
MOST_PARTS = 200
"""Names, numbers, operators and filters of one expression; the parser and Python's compiler take a level for each."""
LARGEST_BITS = 1024
"""Of a whole number: as far as a fraction reaches. Squares of squares fill any memory otherwise."""
LONGEST_RANGE = 10_000
MOST_DECIMALS = 20

FILTERS = frozenset(
    ["abs", "attr", "capitalize", "count", "d", "default", "dictsort", "e", "escape", "filesizeformat", "first", "float", "forceescape", "groupby", "int", "items", "join", "last", "length", "list", "lower", "map", "max", "min", "reject", "rejectattr", "replace", "reverse", "round", "safe", "select", "selectattr", "sort", "string", "striptags", "sum", "title", "trim", "unique", "upper", "urlencode", "wordcount"]
)  # fmt: skip
"""None of them makes more of what it is given by a factor one likes, or draws by lot."""
_BLOCKS = ("Template", "Output", "TemplateData", "If", "For")
"""No macros, assignments or blocks: with them a text doubles itself line by line, and calls itself without end."""


def refuse_more(tree: Template) -> None:
    """Refuse a template that is made of more than texts, expressions, `if` and one level of `for`.

    Args:
        tree: parsed.

    Raises:
        SecurityError: names what is not allowed.
    """
    from jinja2 import nodes
    from jinja2.exceptions import SecurityError

    for node in tree.find_all(nodes.Node):
        is_range = isinstance(node, nodes.Call) and node.node == nodes.Name("range", "load")
        if isinstance(node, nodes.Stmt) and type(node).__name__ not in _BLOCKS:
            raise SecurityError(
                f"{type(node).__name__.lower()} is not allowed: write if, for and expressions"
            )
        if isinstance(node, nodes.Call) and not is_range:
            raise SecurityError("nothing can be called but range: write a filter")
        if isinstance(node, nodes.For) and any(node.find_all(nodes.For)):
            raise SecurityError("loops within loops are not allowed")
        if isinstance(node, nodes.Output | nodes.If | nodes.For):
            for expression in _expressions(node):
                if sum(1 for _ in expression.find_all(nodes.Node)) >= MOST_PARTS:
                    raise SecurityError(f"an expression has more than {MOST_PARTS} parts")


def _expressions(node: Node) -> Iterable[Expr]:
    from jinja2 import nodes

    return (each for each in node.iter_child_nodes() if isinstance(each, nodes.Expr))


def plain_value(value: Any) -> Any:
    """Return what an expression came to as texts, numbers, lists and mappings.

    Args:
        value: of an expression, or of several in a list or mapping.

    Raises:
        SecurityError: it is too large.
        UndefinedError: it names something that is not there.
    """
    return _plain(value, [LONGEST_VALUE])


def _plain(value: Any, left: list[int]) -> Any:
    from jinja2.exceptions import SecurityError

    if isinstance(value, dict):
        left[0] -= 1
        return {_plain(key, left): _plain(each, left) for key, each in value.items()}
    if isinstance(value, list | tuple):
        left[0] -= 1
        return [_plain(each, left) for each in value]
    if isinstance(value, int) and value.bit_length() > LARGEST_BITS:
        raise SecurityError(f"a number has more than {LARGEST_BITS} bits")
    if isinstance(value, Iterator):
        raise SecurityError("a value is no list yet: write | list behind it")
    if value is not None and not isinstance(value, int | float):
        value = value if type(value) is str else str(value)  # which raises for what is not there
        left[0] -= len(value)
    left[0] -= 1
    if left[0] < 0:
        raise SecurityError(f"a value holds more than {LONGEST_VALUE:,} characters and items")
    return value


def short_range(*limits: int) -> range:
    """Return a range, as a template calls it.

    Raises:
        SecurityError: it is too long.
    """
    from jinja2.exceptions import SecurityError

    found = range(*limits)
    if len(found[: LONGEST_RANGE + 1]) > LONGEST_RANGE:
        raise SecurityError(f"a range has more than {LONGEST_RANGE:,} numbers")
    return found


def set_bounds(environment: Environment) -> None:
    """Leave an environment the filters that are allowed, those that can grow within bounds, and `range`.

    Args:
        environment: of labs and questions.
    """
    from jinja2 import filters, pass_environment, pass_eval_context
    from jinja2.exceptions import SecurityError

    @pass_eval_context
    def join(
        context: EvalContext, value: Iterable[Any], d: object = "", attribute: str | int | None = None
    ) -> str:
        parts, between = list(value), plain_value(d)
        plain_value([*parts, "x" * min(LONGEST_VALUE + 1, len(parts) * len(str(between)))])
        return filters.sync_do_join(context, parts, str(between), attribute)

    def replace(value: object, old: object, new: object, count: int = -1) -> str:
        text, before, after = (str(plain_value(each)) for each in (value, old, new))
        if len(text) + text.count(before) * len(after) > LONGEST_VALUE:
            raise SecurityError(f"a value holds more than {LONGEST_VALUE:,} characters and items")
        return text.replace(before, after, count)

    @pass_environment
    def total(
        environment: Environment,
        iterable: Iterable[Any],
        attribute: str | int | None = None,
        start: float = 0,
    ) -> Any:
        if not isinstance(start, int | float):
            raise SecurityError("sum is for numbers only")
        return filters.sync_do_sum(environment, iterable, attribute, start)

    def rounded(value: float, precision: int = 0, method: Any = "common") -> float:
        if abs(precision) > MOST_DECIMALS:  # a power of ten is made for it
            raise SecurityError(f"round is for {MOST_DECIMALS} decimals at most")
        return filters.do_round(value, precision, method)

    environment.filters = {name: each for name, each in environment.filters.items() if name in FILTERS}
    environment.filters |= {"join": join, "replace": replace, "sum": total, "round": rounded}
    environment.globals = {"range": short_range}
