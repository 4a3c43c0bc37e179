"""A small part of the POSIX shell's grammar: what one-liners in manifests are made of."""

from __future__ import annotations

from dataclasses import dataclass

from eks_lab.sim.behaviours.shell_lexer import Lexer, Part, ShellSyntaxError, Token, Word

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


@dataclass(slots=True)
class _Parser:
    tokens: list[Token]
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
                if operator == "(":
                    raise ShellSyntaxError("functions are not simulated")
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
        if reserved == "case":
            raise ShellSyntaxError('"case" is not simulated')
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
    return _Parser(Lexer(text).run()).script()
