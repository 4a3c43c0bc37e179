"""Code in pages: known languages, commands that say what they need, text that parses."""

from __future__ import annotations

import json

from eks_lab.content.console import commands, is_number
from eks_lab.content.findings import Problem
from eks_lab.content.page import Code
from eks_lab.content.yaml_text import CourseYamlError, compose_yaml

LANGUAGES = ("console", "yaml", "json", "hcl", "dockerfile", "ini", "toml", "text")
NEEDS = ("nothing", "tools", "sandbox", "aws", "internet")
OF_COMMANDS = ("expect-error", "empty", "example", "after")
"""Attributes about commands, for `console` only; docs/authoring.md says what they mean."""
LONGEST_TYPED = 15


def check_code(code: Code) -> list[Problem]:
    """Return what is wrong with one block of code.

    Args:
        code: typed in the page or quoted; quoted text is judged like typed text.
    """
    problems: list[Problem] = []
    if code.language not in LANGUAGES and not code.src:
        known = ", ".join(LANGUAGES)
        problems.append(
            Problem(code.line, "fence", f"unknown language {code.language!r}", f"Known: {known}.")
        )
    for key in code.attributes:
        if key not in {"needs", "fragment", "title", *OF_COMMANDS}:
            problems.append(Problem(code.line, "attributes", f"unknown attribute {key!r}", "Remove it."))
        elif key in OF_COMMANDS and code.language != "console":
            problems.append(
                Problem(code.line, "attributes", f"{key} on code that nobody types", "Remove it.")
            )
    if code.language == "console":
        problems += _check_console(code)
    elif code.language == "yaml":
        try:
            compose_yaml(code.text)
        except CourseYamlError as error:
            problems.append(_placed(code, error.problem.line, error.problem.message, "yaml"))
    elif code.language == "json":
        try:
            json.loads(code.text if not _is_fragment(code) else _wrapped(code.text))
        except (ValueError, RecursionError) as error:
            problems.append(_placed(code, getattr(error, "lineno", 1), f"not valid JSON: {error}", "json"))
    elif code.language == "hcl":
        problems += _check_hcl(code)
    typed = not code.src and code.language in {"yaml", "json", "hcl", "dockerfile"}
    if typed and code.text.count("\n") + 1 > LONGEST_TYPED:
        problems.append(
            Problem(code.line, "fence-long", f"{code.text.count(chr(10)) + 1} lines of {code.language} in the page",
                    "Put them into a file beside the page and quote it with ::file{src=…}.")
        )  # fmt: skip
    return problems


def _is_fragment(code: Code) -> bool:
    return "fragment" in code.attributes


def _wrapped(text: str) -> str:
    stripped = text.strip().rstrip(",")
    return "{" + stripped + "}" if stripped.startswith('"') else "[" + stripped + "]"


def _placed(code: Code, line_in_text: int, message: str, rule: str) -> Problem:
    if code.src:
        return Problem(
            code.line, f"fence-{rule}", f"{code.src}:{line_in_text}: {message}", "Mend the quoted file."
        )
    return Problem(
        code.line + line_in_text, f"fence-{rule}", message, "Mend it; a `fragment` has to parse as well."
    )


def _check_console(code: Code) -> list[Problem]:
    problems: list[Problem] = []
    needs = code.attributes.get("needs")
    if needs not in NEEDS:
        said = f"needs={needs}" if needs else "a console block that does not say what it needs"
        problems.append(Problem(code.line, "needs", said, "Write {needs=…}: " + ", ".join(NEEDS) + "."))
    if needs != "sandbox":
        problems += [
            Problem(code.line, "attributes", f"{key} without needs=sandbox", "Remove it: these are not run.")
            for key in ("empty", "example", "after")
            if key in code.attributes
        ]
    number = len(commands(code.text))
    for key in ("expect-error", "empty"):
        problems += _check_numbers(code, key, number)
    lines = code.text.split("\n")
    if not any(line.startswith("$ ") for line in lines):
        problems.append(
            Problem(code.line, "console", "no command", "Start each command with `$ `; output is bare.")
        )
    for number, line in enumerate(lines, 1):
        if line.startswith("$ ") and line.rstrip().endswith("\\") and number == len(lines):
            problems.append(
                Problem(code.line + number, "console", "a command that goes on after \\", "End it.")
            )
    return problems


def _check_numbers(code: Code, key: str, most: int) -> list[Problem]:
    """Judge an attribute that names commands by number: `2`, `1,3`, or all of them without a value."""
    value = code.attributes.get(key, "true")
    if value in ("true", "false"):
        return []
    wrong = [
        each for each in value.replace(",", " ").split() if not (is_number(each) and 1 <= int(each) <= most)
    ]
    said = f"{key}={value}: {wrong[0]!r} is no command of this block" if wrong else f"{key} names no command"
    fix = f"Count the commands from 1; there are {most}. Without a value all are meant."
    return [Problem(code.line, "attributes", said, fix)] if wrong or not value.strip() else []


def _check_hcl(code: Code) -> list[Problem]:
    import hcl2
    from lark.exceptions import LarkError, UnexpectedInput

    text = code.text + "\n"
    try:
        hcl2.loads(text)
    except UnexpectedInput as error:
        return [_placed(code, max(1, int(error.line)), "not valid HCL", "hcl")]
    except (LarkError, ValueError, RuntimeError) as error:
        return [_placed(code, 1, f"not valid HCL: {str(error).splitlines()[0]}", "hcl")]
    return []
