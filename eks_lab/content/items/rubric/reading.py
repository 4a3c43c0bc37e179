"""A text as a rubric reads it: sentences of words, each with its stem and its place in the text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from eks_lab.content.items.rubric.stemming import stem
from eks_lab.content.items.rubric.vocabulary import (
    ABBREVIATIONS,
    COMMON_VERBS,
    CONTRACTIONS,
    DETERMINERS,
    GLUE,
    NUMBER_WORDS,
    SCOPE_ENDS,
    UNITS,
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text."""

    plain: str
    """Lower case, without accents."""
    stem: str
    """What is compared."""
    start: int
    """Place of its first character in the text."""
    end: int
    """Place behind its last character."""
    clause: int
    """Number of its clause in the sentence: a comma or the like begins another."""
    typed: int
    """Number of the typed word it is of: `kube-proxy` and "PDB" are one typed word each."""
    is_glue: bool
    """Whether it ties a sentence together."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, a line of a list, or what else stands alone."""

    words: tuple[Word, ...]
    """Without articles and the like, abbreviations written out."""
    start: int
    """Place in the text."""
    end: int
    """Place behind it."""


_BREAK = re.compile(
    r"(?<=[.!?…])(?<!e\.g\.)(?<!i\.e\.)(?<!etc\.)(?<!vs\.)[\"')\]]*(?=\s|$)"  # the end of a sentence
    r"|\n[ \t]*\n"  # an empty line
    r"|\n(?=[ \t]*(?:[-*•–+]|\d+[.)])[ \t])"  # a line of a list
)
_LIST_NUMBER = re.compile(r"\d{1,2}\.")
_TOKEN = re.compile(r"[A-Za-z\u00c0-\u024f]+(?:['’][A-Za-z]+)?|\d+(?:[.,]\d+)*|[%$]|[,;:()—–]|\s-\s")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})|(?<=[a-z])(?=\d)|(?<=\d)(?=[a-z])")
_K8S = re.compile(r"\bk8s\b", re.IGNORECASE)
_CLAUSE_MARKS = frozenset(",;:()—–-")
_ABBREVIATED = {stem(short): tuple(long.split()) for short, long in ABBREVIATIONS.items()} | {
    short: tuple(long.split()) for short, long in ABBREVIATIONS.items()
}


def _forms(verb: str) -> tuple[str, ...]:
    """Return the forms of a regular verb. Not by its stem: "protection" is no verb."""
    base = verb.removesuffix("e")
    third = f"{verb[:-1]}ies" if verb.endswith("y") and verb[-2] not in "aeiou" else f"{verb}s"
    past = f"{verb[:-1]}ied" if third.endswith("ies") else f"{base}ed"
    doubled = base + base[-1]
    return verb, third, f"{verb}es", past, f"{base}ing", f"{doubled}ed", f"{doubled}ing"


_TYING = GLUE | {form for verb in COMMON_VERBS for form in _forms(verb)}


def read(text: str) -> tuple[Sentence, ...]:
    """Split a text into sentences of words.

    Args:
        text: as typed: any case, typography, lists, line ends within sentences.

    Returns:
        Its sentences in order; those without a word are left out.
    """
    sentences = []
    for start, end in _sentence_spans(text):
        words = tuple(_words(text, start, end))
        if words:
            sentences.append(Sentence(words, start, end))
    return tuple(sentences)


def _sentence_spans(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for found in _BREAK.finditer(text):
        if not _is_list_number(text, start, found):
            yield start, found.start()
        start = found.end()
    yield start, len(text)


def _is_list_number(text: str, start: int, end: re.Match[str]) -> bool:
    """Return whether only the `2.` of a list's line stands before a break: nobody said that number."""
    number = text[start : end.start()].strip()
    begins_line = text[:start].rstrip(" \t").endswith("\n") or number == "1."
    has_more = text[end.end() : end.end() + 1] in (" ", "\t")
    return begins_line and has_more and _LIST_NUMBER.fullmatch(number) is not None


def _words(text: str, start: int, end: int) -> Iterator[Word]:
    clause = 0
    after_number = False
    money: tuple[int, int] | None = None
    typed = 0
    behind = start
    # Same length, so that places stay right.
    readable = _K8S.sub("kbs", text[start:end])
    for found in _TOKEN.finditer(readable):
        token = found.group()
        at, until = start + found.start(), start + found.end()
        if any(letter.isspace() for letter in text[behind:at]) or token[0].isspace():
            typed += 1
        behind = until
        if token.strip() in _CLAUSE_MARKS:
            clause += 1
            after_number = False
            continue
        if token == "$":
            money = (at, until)
            continue
        if token[0].isdigit():
            yield _word(_number(token), at, until, clause, typed)
            if money:
                yield _word("usd", *money, clause, typed)
                money = None
            after_number = True
            continue
        money = None
        spelled = tuple(_spelled(token, after_number))
        for plain in spelled:
            if len(spelled) == 1 and plain in SCOPE_ENDS:
                clause += 1
            if plain not in DETERMINERS:
                # Parts of `ReadWriteOnce` or of an abbreviation tie nothing; those of "doesn't" do.
                is_glue = plain in _TYING and (len(spelled) == 1 or "not" in spelled)
                yield _word(plain, at, until, clause, typed, is_glue)
        after_number = token.casefold() in NUMBER_WORDS


def _number(token: str) -> str:
    """Return a number without separators: `1,000` is `1000`, `1.50` stays, for it may be a version."""
    return token.replace(",", "") if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", token) else token.rstrip(".,")


def _spelled(token: str, after_number: bool) -> Iterator[str]:
    """Return the words of one token: contractions, compounds and abbreviations written out."""
    plain = _plain(token)
    if after_number and plain in UNITS:
        yield UNITS[plain]
        return
    if "'" in plain:
        if plain in CONTRACTIONS:
            yield from CONTRACTIONS[plain]
            return
        head, _, tail = plain.partition("'")
        if tail == "t" and head.endswith("n"):
            yield from (head[:-1], "not")
            return
        yield from _written_out(head)
        return
    if plain in CONTRACTIONS:
        yield from CONTRACTIONS[plain]
        return
    parts = _CAMEL.split(token)
    if len(parts) == 1:
        yield from _written_out(plain)
    else:
        yield from map(_plain, parts)


def _plain(token: str) -> str:
    folded = unicodedata.normalize("NFKD", token.replace("’", "'")).casefold()
    return "".join(letter for letter in folded if not unicodedata.combining(letter))


def _written_out(plain: str) -> Iterator[str]:
    if plain == "kbs":
        yield "kubernetes"
    elif plain in _ABBREVIATED:
        yield from _ABBREVIATED[plain]
    elif plain.endswith("s") and plain[:-1] in _ABBREVIATED:
        yield from _ABBREVIATED[plain[:-1]]
    else:
        yield NUMBER_WORDS.get(plain, plain)


def _word(plain: str, start: int, end: int, clause: int, typed: int, is_glue: bool = False) -> Word:
    return Word(plain, stem(plain), start, end, clause, typed, is_glue)
