"""A small reader of HCL, native syntax: from a text to bodies, blocks and expressions with their lines.

Ours and not python-hcl2: findings are shown while someone types, so a whole configuration has milliseconds, and every
reference needs its line and its names (docs/adr/0006). The tests hold this reader against python-hcl2.
Grammar: the HCL native syntax specification (github.com/hashicorp/hcl, hclsyntax/spec.md).
"""

from __future__ import annotations

import re

from eks_lab.checker.terraform.cursor import Cursor
from eks_lab.checker.terraform.syntax import (
    Access,
    Attribute,
    Block,
    Body,
    Call,
    Conditional,
    Expression,
    ForValue,
    Literal,
    ObjectValue,
    Operation,
    Step,
    Template,
    Traversal,
    TupleValue,
)
from eks_lab.checker.terraform.templates import TemplateReader

_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_BINARY = re.compile(r"&&|\|\||==|!=|<=|>=|<(?!<)|>|\+|-|\*|/|%")
_FOR = re.compile(r"for\b(?!\s*[=:,}\]])")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


def read_body(text: str) -> Body:
    """Read a file of HCL.

    Args:
        text: a whole file; line breaks may be CRLF, a byte order mark may lead.

    Raises:
        HclError: it is not HCL; the error has the line.
    """
    return _Reader(text).file()


class _Reader:
    def __init__(self, text: str) -> None:
        self.cursor = Cursor(text)
        self.templates = TemplateReader(self.cursor, self.expression)

    # Bodies

    def file(self) -> Body:
        body = Body()
        while self.cursor.skip_lines():
            if self.cursor.text[self.cursor.position] == "}":
                raise self.cursor.error("a brace is closed that was never opened", "Remove this }.")
            self.item(body)
        return body

    def item(self, body: Body, *, shares_line: bool = False) -> None:
        """Read one argument or one block.

        Args:
            body: takes it.
            shares_line: True in a block written on one line, where the closing brace may follow.
        """
        cursor = self.cursor
        start = cursor.position
        name = cursor.identifier()
        if not name:
            raise cursor.error(
                f"expected an argument or a block, found {cursor.shown()}",
                'Write name = value, or type "label" { … }.',
            )
        if cursor.skip() == "=" and not cursor.text.startswith("==", cursor.position):
            cursor.position += 1
            attribute = Attribute(name, self.expression(), cursor.line(start))
            if name in body.attributes:
                body.duplicates.append(attribute)
            else:
                body.attributes[name] = attribute
        else:
            body.blocks.append(self.block(name, start))
        after = cursor.skip()
        if after == "}" and not shares_line:
            raise cursor.error(
                f"the closing brace stands on the line of {name}", "Put the } on a line of its own."
            )
        if after not in ("", "\n", "}"):
            raise cursor.error(
                f"expected a new line after {name}, found {cursor.shown()}",
                "Write one argument or block a line; texts stand in quotes.",
            )

    def block(self, name: str, start: int) -> Block:
        cursor = self.cursor
        labels: list[str] = []
        while (letter := cursor.skip()) != "{":
            if letter == '"':
                label = self.templates.quoted()
                if not isinstance(label, Literal):
                    raise cursor.error(f"a label of {name} holds ${{…}}", "Labels are plain texts.")
                labels.append(str(label.value))
            elif label_name := cursor.identifier():
                labels.append(label_name)
            else:
                raise cursor.error(
                    f"expected = or {{ after {name}, found {cursor.shown()}",
                    f"Write {name} = value for an argument, {name} {{ … }} for a block.",
                )
        opened = cursor.position
        cursor.position += 1
        cursor.enter()
        before, cursor.lines_matter = cursor.lines_matter, True
        body = Body()
        if cursor.skip() not in ("", "\n", "}"):
            self.only_item(name, body)
        while (letter := cursor.skip_lines()) != "}":
            if not letter:
                title = " ".join([name, *(f'"{label}"' for label in labels)])
                raise cursor.error(
                    f"the brace of {title} is never closed: the file ends first",
                    "Close it with }, and look at the blocks below it: one of them may have taken its brace.",
                    at=opened,
                )
            self.item(body)
        cursor.position += 1
        cursor.lines_matter = before
        cursor.leave()
        return Block(name, labels, body, cursor.line(start))

    def only_item(self, name: str, body: Body) -> None:
        """Read the one argument of a block that is written on one line: `variable "a" { default = 1 }`."""
        cursor = self.cursor
        self.item(body, shares_line=True)
        if body.blocks or cursor.skip() != "}":
            raise cursor.error(
                f"{name} begins on one line and holds more than one argument",
                "A block on one line takes a single argument; otherwise put a new line after { and before }.",
            )

    # Expressions

    def expression(self) -> Expression:
        cursor = self.cursor
        cursor.enter()
        start = self.operation()
        if cursor.skip() == "?":
            cursor.position += 1
            then = self.expression()
            if not cursor.take(":"):
                raise cursor.error(f"expected : of a condition, found {cursor.shown()}", "Write a ? b : c.")
            start = Conditional(start, then, self.expression(), start.line)
        cursor.leave()
        return start

    def operation(self) -> Expression:
        cursor = self.cursor
        operators: list[str] = []
        operands: list[Expression] = []
        while True:
            prefix = ""
            while cursor.skip() in ("!", "-"):
                prefix = cursor.text[cursor.position]
                cursor.position += 1
            operand = self.term()
            if prefix == "-" and isinstance(operand, Literal) and isinstance(operand.value, int | float):
                operand = Literal(-operand.value, operand.line)
            elif prefix:
                operand = Operation([prefix], [operand], operand.line)
            operands.append(operand)
            cursor.skip()
            match = _BINARY.match(cursor.text, cursor.position)
            if match is None:
                break
            cursor.position = match.end()
            operators.append(match.group())
        return Operation(operators, operands, operands[0].line) if operators else operands[0]

    def term(self) -> Expression:
        cursor = self.cursor
        letter = cursor.skip()
        start = cursor.position
        found: Expression
        if letter == '"':
            found = self.templates.quoted()
        elif letter == "<" and cursor.text.startswith("<<", start):
            found = self.templates.heredoc()
        elif letter == "(":
            cursor.position += 1
            found = self.inside(")", start)
        elif letter == "[":
            found = self.list_value(start)
        elif letter == "{":
            found = self.object_value(start)
        elif number := _NUMBER.match(cursor.text, start):
            cursor.position = number.end()
            text = number.group()
            # Python refuses to read numbers of thousands of digits; Terraform has no use for them either.
            whole = text.isdigit() and len(text) < 100
            found = Literal(int(text) if whole else float(text), cursor.line(start))
        elif name := cursor.identifier():
            found = self.named(name, start)
        else:
            raise cursor.error(
                f"expected a value, found {cursor.shown()}",
                "Write a text in quotes, a number, a list or a reference.",
            )
        return self.steps(found)

    def named(self, name: str, start: int) -> Expression:
        cursor = self.cursor
        line = cursor.line(start)
        while cursor.text.startswith("::", cursor.position):
            cursor.position += 2
            name += "::" + cursor.identifier()
        if cursor.skip() == "(":
            return self.call(name, line)
        if name in _WORDS:
            return Literal(_WORDS[name], line)
        return Traversal(name, [], line)

    def call(self, name: str, line: int) -> Expression:
        cursor = self.cursor
        start = cursor.position
        cursor.position += 1
        before, cursor.lines_matter = cursor.lines_matter, False
        arguments: list[Expression] = []
        expands = False
        while cursor.skip() != ")":
            arguments.append(self.expression())
            expands = cursor.take("...")
            if not cursor.take(","):
                break
        if not cursor.take(")"):
            raise self.unclosed(f"the call of {name}", ")", start)
        cursor.lines_matter = before
        return Call(name, arguments, line, expands)

    def inside(self, closing: str, start: int) -> Expression:
        before, self.cursor.lines_matter = self.cursor.lines_matter, False
        found = self.expression()
        if not self.cursor.take(closing):
            raise self.unclosed("a bracket", closing, start)
        self.cursor.lines_matter = before
        return found

    def unclosed(self, what: str, closing: str, start: int) -> Exception:
        cursor = self.cursor
        return cursor.error(
            f"expected {closing} to end {what} of line {cursor.line(start)}, found {cursor.shown()}",
            f"Close it with {closing}, or put a comma between two items.",
        )

    def list_value(self, start: int) -> Expression:
        cursor = self.cursor
        cursor.position += 1
        before, cursor.lines_matter = cursor.lines_matter, False
        line = cursor.line(start)
        cursor.skip()
        found: Expression
        if _FOR.match(cursor.text, cursor.position):
            found = self.loop("]", start)
        else:
            items: list[Expression] = []
            while cursor.skip() != "]":
                items.append(self.expression())
                if not cursor.take(","):
                    break
            if not cursor.take("]"):
                raise self.unclosed("the list", "]", start)
            found = TupleValue(items, line)
        cursor.lines_matter = before
        return found

    def object_value(self, start: int) -> Expression:
        cursor = self.cursor
        cursor.position += 1
        cursor.enter()
        before = cursor.lines_matter
        cursor.skip_lines()
        found: Expression
        if _FOR.match(cursor.text, cursor.position):
            cursor.lines_matter = False
            found = self.loop("}", start)
        else:
            cursor.lines_matter = True
            items: list[tuple[Expression, Expression]] = []
            while (letter := cursor.skip_lines()) != "}":
                if not letter:
                    raise self.unclosed("the object", "}", start)
                items.append(self.pair())
                if not cursor.take(",") and cursor.skip() not in ("\n", "}"):
                    raise self.unclosed("the object", "}", start)
            cursor.position += 1
            found = ObjectValue(items, cursor.line(start))
        cursor.lines_matter = before
        cursor.leave()
        return found

    def pair(self) -> tuple[Expression, Expression]:
        cursor = self.cursor
        key = self.expression()
        if isinstance(key, Traversal) and not key.steps:
            key = Literal(key.root, key.line)
        elif isinstance(key, Literal) and not isinstance(key.value, str):
            key = Literal("null" if key.value is None else str(key.value).lower(), key.line)
        if cursor.skip() not in ("=", ":"):
            raise cursor.error(f"expected = after a key, found {cursor.shown()}", "Write key = value.")
        cursor.position += 1
        return key, self.expression()

    def loop(self, closing: str, start: int) -> Expression:
        cursor = self.cursor
        cursor.position += len("for")
        names = [self.loop_name()]
        if cursor.take(","):
            names.append(self.loop_name())
        cursor.skip()
        if cursor.identifier() != "in":
            raise cursor.error(f"expected in, found {cursor.shown()}", "Write [for item in list : item].")
        collection = self.expression()
        if not cursor.take(":"):
            raise cursor.error(f"expected :, found {cursor.shown()}", "Write [for item in list : item].")
        key: Expression | None = None
        value = self.expression()
        if closing == "}":
            if not cursor.take("=>"):
                raise cursor.error(f"expected =>, found {cursor.shown()}", "Write {for k, v in x : k => v}.")
            key, value = value, self.expression()
        groups = cursor.take("...")
        condition = None
        cursor.skip()
        if re.compile(r"if\b").match(cursor.text, cursor.position):
            cursor.position += len("if")
            condition = self.expression()
        if not cursor.take(closing):
            raise self.unclosed("the for", closing, start)
        return ForValue(tuple(names), collection, key, value, condition, cursor.line(start), groups)

    def loop_name(self) -> str:
        self.cursor.skip()
        name = self.cursor.identifier()
        if not name:
            raise self.cursor.error("expected a name after for", "Write [for item in list : item].")
        return name

    def steps(self, found: Expression) -> Expression:
        """Read what follows a value: `.name`, `[index]`, `[*]`."""
        cursor = self.cursor
        steps: list[Step] = []
        while True:
            letter = cursor.skip()
            if letter == "." and not cursor.text.startswith("...", cursor.position):
                cursor.position += 1
                steps.append(self.dotted())
            elif letter == "[" and not (isinstance(found, Literal | Template) and not steps):
                steps.append(self.bracketed())
            else:
                break
        if not steps:
            return found
        if isinstance(found, Traversal) and not found.steps:
            if found.root == "resource" and len(steps) > 1 and steps[0].kind == "attribute":
                # `resource.aws_vpc.main` is the long form of `aws_vpc.main`.
                return Traversal(steps[0].name, steps[1:], found.line)
            return Traversal(found.root, steps, found.line)
        return Access(found, steps, found.line)

    def dotted(self) -> Step:
        cursor = self.cursor
        letter = cursor.skip()
        if letter == "*":
            cursor.position += 1
            return Step("splat", "", None)
        if digits := re.compile(r"\d{1,9}").match(cursor.text, cursor.position):
            cursor.position = digits.end()
            return Step("index", "", Literal(int(digits.group()), cursor.line()))
        name = cursor.identifier()
        if not name:
            raise cursor.error(f"expected a name after the dot, found {cursor.shown()}", "Write x.id.")
        return Step("attribute", name, None)

    def bracketed(self) -> Step:
        cursor = self.cursor
        start = cursor.position
        cursor.position += 1
        if re.compile(r"\s*\*\s*\]").match(cursor.text, cursor.position):
            cursor.position = cursor.text.index("]", cursor.position) + 1
            return Step("splat", "", None)
        return Step("index", "", self.inside("]", start))
