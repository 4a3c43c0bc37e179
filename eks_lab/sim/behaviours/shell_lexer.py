"""Words of the shell's grammar: quotes, substitutions, operators."""

from __future__ import annotations

from dataclasses import dataclass, field

from eks_lab.errors import InputError

OPERATORS = ("&&", "||", ";;", ">>", ">&", "<<", "&>", ";", "&", "|", "(", ")", "<", ">", "\n")


class ShellSyntaxError(InputError):
    """A script that the simulated shell does not understand."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a word."""

    kind: str
    """text, variable, command, arithmetic."""
    text: str
    quoted: bool = False
    default: str = ""
    """What `${NAME:-default}` gives."""


@dataclass(frozen=True, slots=True)
class Word:
    """Parts that make one word together."""

    parts: tuple[Part, ...]

    @property
    def plain(self) -> str | None:
        """Return the text of a word without quotes and substitutions, else None."""
        if len(self.parts) == 1 and self.parts[0].kind == "text" and not self.parts[0].quoted:
            return self.parts[0].text
        return None


@dataclass(frozen=True, slots=True)
class Token:
    """An operator or a word."""

    operator: str = ""
    word: Word | None = None
    descriptor: int = -1


@dataclass(slots=True)
class Lexer:
    """Cuts a script into tokens."""

    text: str
    at: int = 0
    tokens: list[Token] = field(default_factory=list)

    def run(self) -> list[Token]:
        """Return all tokens."""
        while self.at < len(self.text):
            self._next()
        return self.tokens

    def _next(self) -> None:
        text, at = self.text, self.at
        char = text[at]
        if char in " \t\r":
            self.at += 1
            return
        if text.startswith("\\\n", at):
            self.at += 2
            return
        if char == "#":
            end = text.find("\n", at)
            self.at = len(text) if end < 0 else end
            return
        if char.isdigit() and at + 1 < len(text) and text[at + 1] in "<>":
            self.at += 1
            operator = self._operator()
            self.tokens.append(Token(operator=operator, descriptor=int(char)))
            return
        if any(text.startswith(each, at) for each in OPERATORS):
            self.tokens.append(Token(operator=self._operator()))
            return
        self.tokens.append(Token(word=self._word()))

    def _operator(self) -> str:
        for each in OPERATORS:
            if self.text.startswith(each, self.at):
                self.at += len(each)
                return each
        raise ShellSyntaxError(f"unexpected character {self.text[self.at]!r}")

    def _word(self) -> Word:
        parts: list[Part] = []
        plain = ""

        def flush() -> None:
            nonlocal plain
            if plain:
                parts.append(Part("text", plain))
                plain = ""

        while self.at < len(self.text):
            char = self.text[self.at]
            if char in " \t\r\n;&|()<>":
                break
            if char == "'":
                flush()
                end = self.text.find("'", self.at + 1)
                if end < 0:
                    raise ShellSyntaxError("unterminated quoted string")
                parts.append(Part("text", self.text[self.at + 1 : end], quoted=True))
                self.at = end + 1
            elif char == '"':
                flush()
                parts.extend(self._double_quoted())
            elif char == "\\" and self.at + 1 < len(self.text):
                flush()
                parts.append(Part("text", self.text[self.at + 1], quoted=True))
                self.at += 2
            elif char in "$`":
                flush()
                parts.append(self._substitution(quoted=False))
            else:
                plain += char
                self.at += 1
        flush()
        return Word(tuple(parts))

    def _double_quoted(self) -> list[Part]:
        self.at += 1
        parts: list[Part] = []
        plain = ""
        while True:
            if self.at >= len(self.text):
                raise ShellSyntaxError("unterminated quoted string")
            char = self.text[self.at]
            if char == '"':
                self.at += 1
                parts.append(Part("text", plain, quoted=True))
                return parts
            if char == "\\" and self.text[self.at + 1 : self.at + 2] in ('"', "\\", "$", "`", "\n"):
                plain += self.text[self.at + 1].replace("\n", "")
                self.at += 2
            elif char in "$`":
                if plain:
                    parts.append(Part("text", plain, quoted=True))
                    plain = ""
                parts.append(self._substitution(quoted=True))
            else:
                plain += char
                self.at += 1

    def _substitution(self, *, quoted: bool) -> Part:
        text = self.text
        if text[self.at] == "`":
            end = text.find("`", self.at + 1)
            if end < 0:
                raise ShellSyntaxError("unterminated backquote")
            inner, self.at = text[self.at + 1 : end], end + 1
            return Part("command", inner, quoted)
        if text.startswith("$((", self.at):
            inner = self._balanced(self.at + 1)
            return Part("arithmetic", inner[1:-1], quoted)
        if text.startswith("$(", self.at):
            return Part("command", self._balanced(self.at + 1), quoted)
        if text.startswith("${", self.at):
            end = text.find("}", self.at)
            if end < 0:
                raise ShellSyntaxError("unterminated ${")
            inner, self.at = text[self.at + 2 : end], end + 1
            name, has_default, default = inner.partition(":-")
            if not has_default:
                name, has_default, default = inner.partition("-")
            if not name.replace("_", "a").isalnum():
                raise ShellSyntaxError(f"${{{inner}}} is not simulated")
            return Part("variable", name, quoted, default)
        end = self.at + 1
        if end < len(text) and text[end] in "?#$!@*0123456789":
            self.at = end + 1
            return Part("variable", text[end], quoted)
        while end < len(text) and (text[end].isalnum() or text[end] == "_"):
            end += 1
        name, self.at = text[self.at + 1 : end], end
        return Part("variable", name, quoted) if name else Part("text", "$", quoted)

    def _balanced(self, start: int) -> str:
        """Return what stands between the parenthesis at `start` and its partner, and go behind it."""
        depth, at, quote = 0, start, ""
        while at < len(self.text):
            char = self.text[at]
            if quote:
                quote = "" if char == quote else quote
            elif char in "'\"":
                quote = char
            elif char == "(":
                depth += 1
            elif char == ")":
                depth -= 1
                if depth == 0:
                    self.at = at + 1
                    return self.text[start + 1 : at]
            at += 1
        raise ShellSyntaxError("unterminated (")
