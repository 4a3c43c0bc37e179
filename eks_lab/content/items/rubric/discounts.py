"""Why words that are there do not count: denied, copied from the question, or strung together without a sentence."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from eks_lab.content.items.rubric.phrases import Hit
from eks_lab.content.items.rubric.reading import Sentence, Word
from eks_lab.content.items.rubric.vocabulary import NEGATED_PAIRS, NEGATORS, NOT_NEGATING

NEGATION_REACH = 6
"""Words behind a "not" that it can still deny, within its clause."""

SHORTEST_COPY = 5
"""Words in the order of the question that make a copy."""

COPIED_SHARE = 0.85
"""A sentence made of the question's words to this share says nothing new."""

GLUE_SHARE = 0.15
"""Share of words that tie a sentence together below which it is only a list of words."""

LOOSE_GLUE_SHARE = 0.22
"""The same for a whole answer in notes, whose short lines may then be bare."""

SHORT_LINE = 8
"""Words of a line that may be bare in such an answer."""

LONGEST_LIST = 8
"""Words in a row without anything that ties them."""

SHORT_ANSWER = 4
"""An answer of so few words may be bare: "Three nodes, two zones"."""


def is_denied(words: Sequence[Word], hit: Hit, own: Collection[int]) -> bool:
    """Return whether a negation close before an occurrence denies it.

    Args:
        words: of the sentence.
        hit: the occurrence.
        own: indexes of words that belong to phrases which are negative themselves.
    """
    clause = words[hit.first].clause
    nearest = max(0, hit.first - NEGATION_REACH)
    for index in range(hit.last - 1, nearest - 1, -1):
        word = words[index]
        if word.clause != clause:
            return False
        following = words[index + 1].plain
        if (word.plain, following) in NEGATED_PAIRS or (word.stem, following) in NEGATED_PAIRS:
            return True
        if word.plain == "and" and index < hit.first and _begins_predicate(words, index + 1):
            return False
        if word.plain in NEGATORS and index not in own and following not in NOT_NEGATING:
            return True
    return False


def _begins_predicate(words: Sequence[Word], index: int) -> bool:
    """Return whether a verb in the third person follows: "does not store keys and rotates them"."""
    word = words[index]
    return word.is_glue or (word.plain.endswith("s") and index + 1 < len(words))


def copied_words(sentence: Sentence, prompt: Sequence[Sentence]) -> frozenset[int]:
    """Return the indexes of the words that a sentence only repeats from the question.

    Args:
        sentence: of the answer.
        prompt: the question, read.
    """
    stems = [word.stem for word in sentence.words]
    asked = [word.stem for part in prompt for word in part.words]
    content = [word.stem for word in sentence.words if not word.is_glue]
    known = set(asked)
    repeated = sum(root in known for root in content)
    if len(content) >= SHORTEST_COPY - 1 and repeated >= COPIED_SHARE * len(content):
        return frozenset(range(len(stems)))
    size = min(SHORTEST_COPY, len(stems))
    runs = {tuple(asked[i : i + size]) for i in range(len(asked) - size + 1)}
    copied: set[int] = set()
    for first in range(len(stems) - size + 1):
        if tuple(stems[first : first + size]) in runs:
            copied.update(range(first, first + size))
    return frozenset(copied)


def loose_words(answer: Sequence[Sentence]) -> tuple[frozenset[int], ...]:
    """Return for each sentence the indexes of words that stand in no sentence worth the name.

    Args:
        answer: all its sentences.
    """
    typed = [_typed(sentence.words) for sentence in answer]
    if sum(len(each) for each in typed) <= SHORT_ANSWER:
        return tuple(frozenset() for _ in answer)
    are_notes = _glue_share([share for each in typed for share in each.values()]) >= LOOSE_GLUE_SHARE
    return tuple(
        _loose(sentence.words, each, are_notes) for sentence, each in zip(answer, typed, strict=True)
    )


def _loose(words: Sequence[Word], typed: Mapping[int, float], are_notes: bool) -> frozenset[int]:
    is_bare = _glue_share(list(typed.values())) < GLUE_SHARE
    if is_bare and not (are_notes and len(typed) <= SHORT_LINE):
        return frozenset(range(len(words)))
    listed: set[int] = set()
    run: list[int] = []
    for number, share in (*typed.items(), (-1, 1.0)):
        if share == 1.0:
            if len(run) > LONGEST_LIST:
                listed.update(run)
            run = []
        else:
            run.append(number)
    return frozenset(index for index, word in enumerate(words) if word.typed in listed)


def _typed(words: Sequence[Word]) -> dict[int, float]:
    """Return each typed word's number and how much it ties: 1 for glue, half for a participle, else nothing.

    `and` and `or` are left out: they tie lists as well.
    """
    parts: dict[int, list[Word]] = {}
    for word in words:
        if word.plain not in ("and", "or"):
            parts.setdefault(word.typed, []).append(word)
    return {number: _tie(each) for number, each in parts.items()}


def _tie(parts: Sequence[Word]) -> float:
    if all(word.is_glue for word in parts):
        return 1.0
    return 0.5 if len(parts) == 1 and parts[0].plain.endswith("ed") else 0.0


def _glue_share(ties: Sequence[float]) -> float:
    return sum(ties) / len(ties) if ties else 0.0
