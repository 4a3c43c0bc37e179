"""Which key points an answer has, and what that is worth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from eks_lab.content.items.model import KeyPoint
from eks_lab.content.items.result import PointResult, Reason
from eks_lab.content.items.rubric.discounts import copied_words, is_denied, loose_words
from eks_lab.content.items.rubric.phrases import Hit, Phrase, occurrences, read_phrase
from eks_lab.content.items.rubric.reading import Sentence, read

NOTICE = (
    "This compares your words with the words of good answers. It does not understand what you wrote: "
    "where it is wrong, say so."
)
"""What every screen that shows found points has to say."""

STRONG = 0.75
"""Score from which an answer is strong, when it has every essential point."""

WEAK = 0.5
"""Score below which an answer is weak."""

LONGEST_QUOTE = 240
"""Characters of a quotation."""

Strength = Literal["strong", "fair", "weak"]


@dataclass(frozen=True, slots=True)
class _Page:
    """An answer, read once for all points."""

    text: str
    sentences: tuple[Sentence, ...]
    copied: tuple[frozenset[int], ...]
    loose: tuple[frozenset[int], ...]
    seen: dict[tuple[str, int], tuple[Hit, ...]]
    """(phrase, sentence) -> where it occurs, as far as it was looked for."""

    def hits(self, phrase: Phrase, number: int) -> tuple[Hit, ...]:
        """Return where a phrase occurs in a sentence."""
        key = (phrase.text, number)
        if key not in self.seen:
            self.seen[key] = tuple(occurrences(phrase, self.sentences[number].words))
        return self.seen[key]


@dataclass(frozen=True, slots=True)
class _Place:
    """An occurrence of a phrase, and why it does not count."""

    sentence: int
    hit: Hit
    reason: Reason


def find(points: Sequence[KeyPoint], text: str, prompt: str) -> tuple[PointResult, ...]:
    """Hold an answer against key points. Words are compared; nothing is understood.

    Args:
        points: of the question.
        text: the answer, as typed.
        prompt: the question as it was put; what is only repeated from it does not count.

    Returns:
        A result a point, in the order of the points.
    """
    sentences = read(text)
    if not sentences:
        return tuple(PointResult(point, False) for point in points)
    asked = read(prompt)
    copied = tuple(copied_words(sentence, asked) for sentence in sentences)
    page = _Page(text, sentences, copied, loose_words(sentences), {})
    return tuple(_held(point, page) for point in points)


def score(
    points: Sequence[KeyPoint], results: Iterable[PointResult], overruled: Mapping[str, bool] | None = None
) -> float:
    """Return the weighted share of the points that were found.

    Args:
        points: of the question.
        results: of `find`.
        overruled: point id -> whether the learner says it was there; outranks what was found.

    Returns:
        0 to 1; 0 without points.
    """
    found = {result.point.id: result.found for result in results} | dict(overruled or {})
    whole = sum(point.weight for point in points)
    if whole <= 0:
        return 0.0
    return min(1.0, sum(point.weight for point in points if found.get(point.id, False)) / whole)


def strength(
    points: Sequence[KeyPoint], results: Sequence[PointResult], overruled: Mapping[str, bool] | None = None
) -> Strength:
    """Return how an answer stands: strong needs three quarters of the weight and every essential point.

    Args:
        points: of the question.
        results: of `find`.
        overruled: point id -> whether the learner says it was there.
    """
    found = {result.point.id: result.found for result in results} | dict(overruled or {})
    reached = score(points, results, overruled)
    if reached >= STRONG and all(found.get(point.id, False) for point in points if point.essential):
        return "strong"
    return "weak" if reached < WEAK else "fair"


def _held(point: KeyPoint, page: _Page) -> PointResult:
    groups = [[read_phrase(text) for text in group] for group in point.says]
    negative = [phrase for group in groups for phrase in group if phrase.is_negative]
    own = tuple(_covered(negative, page, number) for number in range(len(page.sentences)))
    reason: Reason = ""
    where = ""
    if not groups:
        return PointResult(point, False)
    for size in (1, 2):
        for first in range(len(page.sentences) - size + 1):
            bests = [_best(group, range(first, first + size), page, own) for group in groups]
            places = [best for best in bests if best is not None]
            if len(places) < len(groups):
                continue
            quoted = _quoted(page, places)
            failed: Reason = next((place.reason for place in places if place.reason), "")
            if not failed:
                against = _contradiction(point, page)
                if against:
                    return PointResult(point, False, _quoted(page, [against]), "contradicted")
                return PointResult(point, True, quoted)
            reason, where = reason or failed, where or quoted
    return PointResult(point, False, where, reason)


def _covered(phrases: Sequence[Phrase], page: _Page, number: int) -> frozenset[int]:
    return frozenset(
        index
        for phrase in phrases
        for hit in page.hits(phrase, number)
        for index in range(hit.first, hit.last + 1)
    )


_ORDER: dict[Reason, int] = {"": 0, "denied": 1, "copied": 2, "loose": 3}


def _best(
    group: Sequence[Phrase], window: Iterable[int], page: _Page, own: Sequence[frozenset[int]]
) -> _Place | None:
    """Return the occurrence of a group in some sentences that stands best; None when there is none."""
    best: _Place | None = None
    for number in window:
        for phrase in group:
            for hit in page.hits(phrase, number):
                place = _Place(number, hit, _judged(phrase, hit, number, page, own[number]))
                if not place.reason:
                    return place
                if best is None or _ORDER[place.reason] < _ORDER[best.reason]:
                    best = place
    return best


def _judged(phrase: Phrase, hit: Hit, number: int, page: _Page, own: frozenset[int]) -> Reason:
    places = range(hit.first, hit.last + 1)
    if page.copied[number].issuperset(places):
        return "copied"
    if not page.loose[number].isdisjoint(places):
        return "loose"
    if not phrase.is_negative and is_denied(page.sentences[number].words, hit, own):
        return "denied"
    return ""


def _contradiction(point: KeyPoint, page: _Page) -> _Place | None:
    """Return where the answer says, and does not deny, something that excludes the point."""
    for text in point.denied:
        phrase = read_phrase(text)
        for number, sentence in enumerate(page.sentences):
            for hit in page.hits(phrase, number):
                if page.copied[number].issuperset(range(hit.first, hit.last + 1)):
                    continue
                if phrase.is_negative or not is_denied(sentence.words, hit, ()):
                    return _Place(number, hit, "")
    return None


def _quoted(page: _Page, places: Sequence[_Place]) -> str:
    """Return the sentences of some occurrences; of long ones, the words from the first to the last."""
    numbers = [place.sentence for place in places]
    whole = " ".join(page.text[page.sentences[min(numbers)].start : page.sentences[max(numbers)].end].split())
    if len(whole) <= LONGEST_QUOTE:
        return whole
    first = min(page.sentences[place.sentence].words[place.hit.first].start for place in places)
    last = max(page.sentences[place.sentence].words[place.hit.last].end for place in places)
    inner = " ".join(page.text[first:last].split())
    if len(inner) > LONGEST_QUOTE:
        inner = inner[: LONGEST_QUOTE - 1] + "…"
    return f"… {inner} …"
