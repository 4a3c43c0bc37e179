"""Where a phrase of a key point occurs in a sentence: other endings, spellings, compounds and small typos count."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from eks_lab.content.items.rubric.reading import Word, read
from eks_lab.content.items.rubric.stemming import stem
from eks_lab.content.items.rubric.vocabulary import NEGATORS

MOST_SKIPPED = 2
"""Words that may stand between two words of a phrase: "scale the two remaining nodes" has "scale nodes"."""

LONGEST_COMPOUND = 3
"""Words that are also written as one: `nodegroup`, `PodDisruptionBudget`."""

LONGEST_ENDING = 4
"""Letters by which two spellings of a compound may differ in length: plurals and the like."""

TYPO_LENGTH = 6
"""Letters of the shortest word in which one may be wrong."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase of a key point, read."""

    text: str
    """As the author wrote it."""
    plain: tuple[str, ...]
    """Its words."""
    stems: tuple[str, ...]
    """What is compared."""
    is_prefix: tuple[bool, ...]
    """Whether the word ended in `*`: any ending counts."""
    is_negative: bool
    """Whether it says itself what is not."""


@dataclass(frozen=True, slots=True)
class Hit:
    """An occurrence."""

    first: int
    """Index of its first word in the sentence."""
    last: int
    """Index of its last word."""


@lru_cache(maxsize=16384)
def read_phrase(text: str) -> Phrase:
    """Read a phrase.

    Args:
        text: words; one that ends in `*` stands for all that begin so.
    """
    words: list[Word] = []
    prefixes: list[bool] = []
    for part in text.split():
        found = [word for sentence in read(part) for word in sentence.words]
        words += found
        prefixes += [False] * (len(found) - 1) + [part.endswith("*")] if found else []
    stems = tuple(word.plain if prefix else word.stem for word, prefix in zip(words, prefixes, strict=True))
    if len(words) > 1:
        # Units depend on the number before them, which only the whole phrase shows.
        whole = [word for sentence in read(text.replace("*", "")) for word in sentence.words]
        if len(whole) == len(words):
            words = whole
            stems = tuple(
                word.plain if prefix else word.stem for word, prefix in zip(whole, prefixes, strict=True)
            )
    plain = tuple(word.plain for word in words)
    return Phrase(text, plain, stems, tuple(prefixes), any(word in NEGATORS for word in plain))


def occurrences(phrase: Phrase, words: Sequence[Word]) -> Iterator[Hit]:
    """Find a phrase in a sentence.

    Args:
        phrase: what to look for; one without words occurs nowhere.
        words: of the sentence.

    Returns:
        Each place it begins at, with the nearest end.
    """
    if not phrase.stems:
        return
    for first, word in enumerate(words):
        # Typos, prefixes and compounds all keep the first letter: most words need no closer look.
        if word.stem != phrase.stems[0] and word.plain[0] != phrase.plain[0][0]:
            continue
        last = _match(phrase, 0, words, first)
        if last is not None:
            yield Hit(first, last)


def _match(phrase: Phrase, at: int, words: Sequence[Word], place: int) -> int | None:
    """Return the index of the last word when the rest of the phrase begins exactly here."""
    for of_phrase, of_text in _STEPS:
        if at + of_phrase > len(phrase.stems) or place + of_text > len(words):
            continue
        if not _agree(phrase, at, of_phrase, words, place, of_text):
            continue
        following, behind = at + of_phrase, place + of_text
        if following == len(phrase.stems):
            return behind - 1
        for skipped in range(MOST_SKIPPED + 1):
            start = behind + skipped
            if start >= len(words) or words[start].clause != words[place].clause:
                break
            last = _match(phrase, following, words, start)
            if last is not None:
                return last
    return None


_STEPS = tuple(
    sorted(
        (
            (of_phrase, of_text)
            for of_phrase in range(1, LONGEST_COMPOUND + 1)
            for of_text in range(1, LONGEST_COMPOUND + 1)
            if of_phrase == 1 or of_text == 1
        ),
        key=sum,
    )
)
"""How many words of the phrase answer to how many of the text: one to one first, then compounds."""


def _agree(phrase: Phrase, at: int, of_phrase: int, words: Sequence[Word], place: int, of_text: int) -> bool:
    if of_phrase == of_text == 1:
        if phrase.is_prefix[at]:
            return words[place].plain.startswith(phrase.stems[at])
        return phrase.stems[at] == words[place].stem or _is_typo(phrase.plain[at], words[place].plain)
    ours = "".join(phrase.plain[at : at + of_phrase])
    theirs = "".join(word.plain for word in words[place : place + of_text])
    if abs(len(ours) - len(theirs)) > LONGEST_ENDING:
        return False
    return stem(ours) == stem(theirs) or _is_typo(ours, theirs)


@lru_cache(maxsize=65536)
def _is_typo(meant: str, typed: str) -> bool:
    """Return whether one letter is wrong, missing, too many, or two changed places.

    The first letter has to be right: `typical` and `atypical` are two words.
    """
    if min(len(meant), len(typed)) < TYPO_LENGTH - 1 or len(meant) < TYPO_LENGTH:
        return False
    if meant[0] != typed[0] or not (meant.isalpha() and typed.isalpha()) or abs(len(meant) - len(typed)) > 1:
        return False
    return _one_edit(stem(meant), stem(typed)) or _one_edit(meant, typed)


def _one_edit(one: str, other: str) -> bool:
    if len(one) > len(other):
        one, other = other, one
    if len(other) - len(one) > 1:
        return False
    at = next((i for i, letter in enumerate(one) if letter != other[i]), len(one))
    if len(one) < len(other):
        return one[at:] == other[at + 1 :]
    if one[at + 1 :] == other[at + 1 :]:
        return True
    return one[at : at + 2] == other[at : at + 2][::-1] and one[at + 2 :] == other[at + 2 :]
