"""A small part of the POSIX shell's grammar: what one-liners in manifests are made of."""

from __future__ import annotations

from dataclasses import dataclass, field

from eks_lab.errors import InputError

OPERATORS = ("&&", "||", ";;", ">>", ">&", "<<", "&>", ";", "&", "|", "(", ")", "<", ">", "\n")
RESERVED = frozenset(
    {
        "while",
        "until",
        "for",
        "if",
        "then",
        "elif",
        "else",
        "fi",
        "do",
        "done",
        "in",
        "{",
        "}",
        "!",
        "case",
        "esac",
        "function",
    }
)
DEEPEST = 50
"""Nesting that is followed; deeper scripts are refused."""


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
class Redirect:
    """`> file`, `2>&1`."""

    operator: str
    target: Word
    descriptor: int = 1


@dataclass(frozen=True, slots=True)
class Simple:
    """Assignments and a command with its words."""

    assignments: tuple[tuple[str, Word], ...]
    words: tuple[Word, ...]
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True)
class Loop:
    """`while` or `until`."""

    condition: Script
    body: Script
    until: bool


@dataclass(frozen=True, slots=True)
class For:
    """`for name in words`."""

    name: str
    words: tuple[Word, ...]
    body: Script


@dataclass(frozen=True, slots=True)
class If:
    """Conditions with their branches, and what is done otherwise."""

    branches: tuple[tuple[Script, Script], ...]
    otherwise: Script | None


@dataclass(frozen=True, slots=True)
class Group:
    """`( … )` and `{ …; }`."""

    body: Script
    redirects: tuple[Redirect, ...] = ()


Command = Simple | Loop | For | If | Group


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Commands joined by `|`."""

    commands: tuple[Command, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A pipeline and how it follows the one before."""

    after: str
    """`;`, `&&` or `||`."""
    pipeline: Pipeline
    background: bool = False


@dataclass(frozen=True, slots=True)
class Script:
    """Pipelines one after the other."""

    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class _Token:
    operator: str = ""
    word: Word | None = None
    descriptor: int = -1


@dataclass(slots=True)
class _Lexer:
    text: str
    at: int = 0
    tokens: list[_Token] = field(default_factory=list)

    def run(self) -> list[_Token]:
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
            self.tokens.append(_Token(operator=operator, descriptor=int(char)))
            return
        if any(text.startswith(each, at) for each in OPERATORS):
            self.tokens.append(_Token(operator=self._operator()))
            return
        self.tokens.append(_Token(word=self._word()))

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


@dataclass(slots=True)
class _Parser:
    tokens: list[_Token]
    at: int = 0
    depth: int = 0

    def script(self, *ends: str) -> Script:
        self.depth += 1
        if self.depth > DEEPEST:
            raise ShellSyntaxError("the script is nested too deeply")
        entries: list[Entry] = []
        after = ";"
        while True:
            self._skip()
            if self.at >= len(self.tokens):
                if ends:
                    raise ShellSyntaxError(f'syntax error: unexpected end of file (expecting "{ends[0]}")')
                break
            if self._reserved() in ends or self._operator() in ends:
                break
            pipeline = self._pipeline()
            operator = self._operator()
            background = operator == "&"
            entries.append(Entry(after, pipeline, background))
            after = ";"
            if operator in ("&&", "||"):
                after = operator
                self.at += 1
            elif operator in (";", "&", "\n"):
                self.at += 1
            elif operator and operator not in ends:
                raise ShellSyntaxError(f'syntax error: unexpected "{operator}"')
        self.depth -= 1
        return Script(tuple(entries))

    def _skip(self) -> None:
        while self._operator() in ("\n", ";"):
            self.at += 1

    def _operator(self) -> str:
        return self.tokens[self.at].operator if self.at < len(self.tokens) else ""

    def _reserved(self) -> str:
        if self.at >= len(self.tokens):
            return ""
        word = self.tokens[self.at].word
        plain = word.plain if word is not None else None
        return plain if plain in RESERVED else ""

    def _expect(self, name: str) -> None:
        self._skip()
        if self._reserved() != name:
            raise ShellSyntaxError(f'syntax error: expecting "{name}"')
        self.at += 1

    def _pipeline(self) -> Pipeline:
        negated = self._reserved() == "!"
        if negated:
            self.at += 1
        commands = [self._command()]
        while self._operator() == "|":
            self.at += 1
            self._skip()
            commands.append(self._command())
        return Pipeline(tuple(commands), negated)

    def _command(self) -> Command:
        reserved = self._reserved()
        if self._operator() == "(":
            self.at += 1
            body = self.script(")")
            self.at += 1
            return Group(body, self._redirects())
        match reserved:
            case "{":
                self.at += 1
                body = self.script("}")
                self.at += 1
                return Group(body, self._redirects())
            case "while" | "until":
                self.at += 1
                condition = self.script("do")
                self.at += 1
                body = self.script("done")
                self.at += 1
                self._redirects()
                return Loop(condition, body, reserved == "until")
            case "for":
                return self._for()
            case "if":
                return self._if()
            case "":
                return self._simple()
        raise ShellSyntaxError(f'syntax error: unexpected "{reserved}"')

    def _for(self) -> For:
        self.at += 1
        word = self.tokens[self.at].word if self.at < len(self.tokens) else None
        name = word.plain if word is not None else None
        if not name:
            raise ShellSyntaxError("syntax error: bad for loop variable")
        self.at += 1
        words: list[Word] = []
        if self._reserved() == "in":
            self.at += 1
            while self.at < len(self.tokens) and (each := self.tokens[self.at].word) is not None:
                words.append(each)
                self.at += 1
        self._expect("do")
        body = self.script("done")
        self.at += 1
        return For(name, tuple(words), body)

    def _if(self) -> If:
        branches: list[tuple[Script, Script]] = []
        otherwise: Script | None = None
        while True:
            self.at += 1
            condition = self.script("then")
            self.at += 1
            body = self.script("elif", "else", "fi")
            branches.append((condition, body))
            ending = self._reserved()
            if ending == "elif":
                continue
            if ending == "else":
                self.at += 1
                otherwise = self.script("fi")
            self.at += 1
            return If(tuple(branches), otherwise)

    def _redirects(self) -> tuple[Redirect, ...]:
        found: list[Redirect] = []
        while self._operator() in (">", ">>", "<", ">&", "&>"):
            found.append(self._redirect())
        return tuple(found)

    def _redirect(self) -> Redirect:
        token = self.tokens[self.at]
        self.at += 1
        if self.at >= len(self.tokens) or (target := self.tokens[self.at].word) is None:
            raise ShellSyntaxError("syntax error: a redirection needs a file")
        self.at += 1
        descriptor = token.descriptor if token.descriptor >= 0 else (0 if token.operator == "<" else 1)
        return Redirect(token.operator, target, descriptor)

    def _simple(self) -> Simple:
        assignments: list[tuple[str, Word]] = []
        words: list[Word] = []
        redirects: list[Redirect] = []
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            if token.word is None:
                if token.operator in (">", ">>", "<", ">&", "&>"):
                    redirects.append(self._redirect())
                    continue
                if token.operator in ("<<", ";;"):
                    raise ShellSyntaxError(f'"{token.operator}" is not simulated')
                break
            split = None if words else _assignment(token.word)
            if split is not None:
                assignments.append(split)
            else:
                words.append(token.word)
            self.at += 1
        if not words and not assignments and not redirects:
            raise ShellSyntaxError(f'syntax error: unexpected "{self._operator() or "end of file"}"')
        return Simple(tuple(assignments), tuple(words), tuple(redirects))


def _assignment(word: Word) -> tuple[str, Word] | None:
    first = word.parts[0] if word.parts else None
    if first is None or first.kind != "text" or first.quoted or "=" not in first.text:
        return None
    name, _, rest = first.text.partition("=")
    if not name.isidentifier():
        return None
    parts = (Part("text", rest), *word.parts[1:]) if rest else word.parts[1:]
    return name, Word(parts)


def parse(text: str) -> Script:
    """Return the script of a text.

    Args:
        text: what follows `sh -c`.

    Raises:
        ShellSyntaxError: it is wrong, or uses what is not simulated.
    """
    return _Parser(_Lexer(text).run()).script()
