"""Types of values against the types that are wanted: the whole object where a string belongs."""

from __future__ import annotations

from collections.abc import Iterator

from eks_lab.catalog.suggestion import did_you_mean
from eks_lab.checker.model import Finding
from eks_lab.checker.rule import ERROR, Rule
from eks_lab.checker.terraform.configuration import Entity
from eks_lab.checker.terraform.functions import Function, functions
from eks_lab.checker.terraform.inference import Inference, Names, StepProblem
from eks_lab.checker.terraform.syntax import (
    Access,
    Call,
    Conditional,
    Expression,
    ForValue,
    Literal,
    ObjectValue,
    Template,
    Traversal,
    TupleValue,
    children,
)
from eks_lab.checker.terraform.value_type import BOOL, NUMBER, STRING, ValueType, fits

REFERENCE_TYPE = Rule(
    "tf-reference-type",
    ERROR,
    "A reference whose type does not fit: a whole resource where its id is wanted, a list where a text is.",
    "Refer to the attribute that is wanted, mostly .id or .arn.",
    "terraform.reading-the-guide",
)
VALUE_TYPE = Rule(
    "tf-value-type",
    ERROR,
    "A value of the wrong type: a text for a number, a list for a text.",
    "Write a value of the type that is wanted.",
    "terraform.verify",
)
UNKNOWN_ATTRIBUTE = Rule(
    "tf-unknown-attribute",
    ERROR,
    "An attribute that the resource, data source or object does not have.",
    "Use one that it has.",
    "terraform.verify",
)
INSTANCE_KEY = Rule(
    "tf-instance-key",
    ERROR,
    "An index that is missing where count or for_each make several, or that stands where there is one.",
    "Say which instance is meant.",
    "terraform.verify",
)
UNKNOWN_FUNCTION = Rule(
    "tf-unknown-function",
    ERROR,
    "A function that Terraform does not have.",
    "Use one that it has; Terraform has no functions of your own.",
    "terraform.verify",
)
FUNCTION_ARGUMENTS = Rule(
    "tf-function-arguments",
    ERROR,
    "A function that is called with too few or too many arguments, or with one of the wrong type.",
    "Call it as the documentation says.",
    "terraform.verify",
)
RULES = (REFERENCE_TYPE, VALUE_TYPE, UNKNOWN_ATTRIBUTE, INSTANCE_KEY, UNKNOWN_FUNCTION, FUNCTION_ARGUMENTS)
# Functions whose declared parameter types are wider than the signature says, or which take anything that has a length.
_LENIENT = frozenset(
    {"alltrue", "anytrue", "sum", "max", "min", "contains", "coalesce", "format", "join", "jsonencode"}
)


class ValueCheck:
    """Judges the expressions of one module."""

    def __init__(self, inference: Inference) -> None:
        """Keep what tells types.

        Args:
            inference: of the module.
        """
        self.inference = inference

    def argument(
        self, node: Expression, wanted: ValueType | None, place: str, owner: Entity, names: Names
    ) -> Iterator[Finding]:
        """Yield where a value does not fit an argument, and what is wrong inside it.

        Args:
            node: the value.
            wanted: type of the argument; None is anything.
            place: `gateway_id of route`, for messages.
            owner: what it stands in.
            names: types of bound names.
        """
        yield from self.mismatches(node, wanted, place, owner, names)
        yield from self.inside(node, owner, names)

    def mismatches(
        self, node: Expression, wanted: ValueType | None, place: str, owner: Entity, names: Names
    ) -> Iterator[Finding]:
        """Yield where a value does not fit, as far inside it as can be told."""
        if wanted is None:
            return
        if isinstance(node, TupleValue) and wanted.kind in ("list", "set"):
            for number, item in enumerate(node.items):
                yield from self.mismatches(item, wanted.element, f"{place}[{number}]", owner, names)
        elif isinstance(node, ObjectValue) and wanted.kind in ("map", "object"):
            for key, value in node.items:
                if isinstance(key, Literal):
                    name = str(key.value)
                    inner = wanted.element if wanted.kind == "map" else wanted.attributes.get(name)
                    yield from self.mismatches(value, inner, f"{place}.{name}", owner, names)
        elif isinstance(node, Conditional):
            yield from self.mismatches(node.then, wanted, place, owner, names)
            yield from self.mismatches(node.otherwise, wanted, place, owner, names)
        else:
            found = self.inference.of(node, names, owner)
            if found is not None and (not fits(found, wanted) or self._is_no_number(node, wanted)):
                yield self._misfit(node, found, wanted, place, owner)

    def _is_no_number(self, node: Expression, wanted: ValueType) -> bool:
        if not isinstance(node, Literal) or not isinstance(node.value, str):
            return False
        if wanted == NUMBER:
            try:
                float(node.value)
            except ValueError:
                return True
        return wanted == BOOL and node.value not in ("true", "false", "1", "0", "")

    def _misfit(
        self, node: Expression, found: ValueType, wanted: ValueType, place: str, owner: Entity
    ) -> Finding:
        is_reference = isinstance(node, Traversal | Access)
        wanted_words = "a list" if wanted.kind in ("list", "set") else wanted.words
        if not is_reference:
            shown = f" {str(node.value)[:40]!r}" if isinstance(node, Literal) else ""
            return VALUE_TYPE.at(
                owner.file, node.line, f"{place} wants {wanted_words}, this is {found.words}{shown}"
            )
        text = node.text if isinstance(node, Traversal) else "this"
        return REFERENCE_TYPE.at(
            owner.file,
            node.line,
            f"{place} wants {wanted_words}, {text} is {found.words}",
            fix=_instead(text, found, wanted, place),
        )

    def inside(self, node: Expression, owner: Entity, names: Names) -> Iterator[Finding]:
        """Yield what is wrong inside an expression: steps, calls, whole objects in texts.

        Args:
            node: the expression.
            owner: what it stands in.
            names: types of bound names.
        """
        waiting: list[tuple[Expression, Names]] = [(node, names)]
        while waiting:
            current, bound = waiting.pop()
            inner = bound
            if isinstance(current, Traversal):
                yield from self._steps(self.inference.traversal(current, bound, owner)[1], current, owner)
            elif isinstance(current, Access):
                target = self.inference.of(current.target, bound, owner)
                yield from self._steps(self.inference.steps(target, current.steps)[1], current, owner)
            elif isinstance(current, Call):
                yield from self._call(current, owner, bound)
                if current.name in ("try", "can"):
                    # What may fail there is meant to.
                    continue
            elif isinstance(current, Template):
                yield from self._template(current, owner, bound)
                inner = {**bound, **{name: None for loop in current.loops for name in loop}}
            elif isinstance(current, ForValue):
                waiting.append((current.collection, bound))
                collection = self.inference.of(current.collection, bound, owner)
                inner = {**bound, **self.inference.loop_names(current, collection)}
                rest = (current.key, current.value, current.condition)
                waiting += [(each, inner) for each in rest if each is not None]
                continue
            waiting += [(each, inner) for each in children(current)]

    def _steps(
        self, problem: StepProblem | None, node: Traversal | Access, owner: Entity
    ) -> Iterator[Finding]:
        if problem is None:
            return
        text = node.text if isinstance(node, Traversal) else "this"
        rule = UNKNOWN_ATTRIBUTE if problem.kind == "attribute" else INSTANCE_KEY
        fix = did_you_mean(problem.name, problem.known) if problem.name else ""
        yield rule.at(owner.file, node.line, f"{text} {problem.message}", fix=fix or problem.fix)

    def _template(self, node: Template, owner: Entity, names: Names) -> Iterator[Finding]:
        if len(node.parts) == 1 or node.loops:
            return
        for part in node.parts:
            found = None if isinstance(part, str) else self.inference.of(part, names, owner)
            if found is None or isinstance(part, str) or fits(found, STRING):
                continue
            text = part.text if isinstance(part, Traversal) else "this"
            yield REFERENCE_TYPE.at(
                owner.file,
                part.line,
                f"{text} inside a text is {found.words}, a text takes strings, numbers and bools",
                fix=_instead(text, found, STRING, "") or "Use join or jsonencode.",
            )

    def _call(self, node: Call, owner: Entity, names: Names) -> Iterator[Finding]:
        if "::" in node.name and not node.name.startswith("core::"):
            return
        known = functions()
        function = known.get(node.name.removeprefix("core::"))
        if function is None:
            near = did_you_mean(node.name, known)
            yield UNKNOWN_FUNCTION.at(owner.file, node.line, f"there is no function {node.name}", fix=near)
            return
        yield from self._count_arguments(node, function, owner)
        if node.expands or node.name in _LENIENT:
            return
        for number, argument in enumerate(node.arguments):
            wanted = function.parameters[number] if number < len(function.parameters) else function.more
            found = self.inference.of(argument, names, owner)
            if found is not None and wanted is not None and not fits(found, wanted):
                place = f"argument {number + 1} of {node.name}"
                text = argument.text if isinstance(argument, Traversal) else "this"
                yield FUNCTION_ARGUMENTS.at(
                    owner.file,
                    argument.line,
                    f"{place} wants {wanted.words}, {text} is {found.words}",
                    fix=_instead(text, found, wanted, place) if isinstance(argument, Traversal) else "",
                )

    def _count_arguments(self, node: Call, function: Function, owner: Entity) -> Iterator[Finding]:
        given, least = len(node.arguments), len(function.parameters)
        if node.expands or (given == least) or (given > least and function.takes_more):
            return
        wanted = f"at least {least}" if function.takes_more else str(least)
        yield FUNCTION_ARGUMENTS.at(
            owner.file,
            node.line,
            f"{node.name} takes {wanted} argument{'s' * (least != 1)}, {given} are given",
        )


def _instead(text: str, found: ValueType, wanted: ValueType, place: str) -> str:
    """Return what to write in the place of a reference that does not fit."""
    if found.whole and found.kind == "object" and wanted.kind == "string":
        name = place.split(" ")[0].split("[")[0].rsplit(".", 1)[-1]
        ending = next((each for each in ("arn", "name", "url") if name.endswith(each)), "id")
        if ending not in found.attributes:
            ending = "id"
        return f"Write {text}.{ending}."
    if found.whole and wanted.kind in ("list", "set"):
        return f"Write [{text}.id]." if found.kind == "object" else f"Write {text}[*].id."
    if found.kind in ("list", "tuple") and wanted.kind == "string":
        return f"Write {text}[0] for one of them, or one resource for each with for_each."
    if found.kind == "set" and wanted.kind == "string":
        return f"Write one({text}), or one resource for each with for_each."
    if wanted.kind in ("list", "set") and found.kind in ("string", "number", "bool"):
        return f"Write [{text}]."
    return ""
