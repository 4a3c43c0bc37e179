"""Proves that practical questions judge fairly, as labs are proved.

| rule | |
|---|---|
| `form` | the text says what it should, and no more than it can |
| `fills` | variables can be drawn and put in, with each seed |
| `typed` | answers and wrong answers can be typed: no shell, not too many, nothing that never ends |
| `answers-differ` | two answers are two ways, not one way in another order or layout |
| `no-leak` | the prompt does not contain an answer |
| `sets-up` | the setup comes about |
| `nothing-fails` | doing nothing is not right; of a manifest: neither is applying what was given |
| `answer-passes` | each sample answer is right |
| `wrong-fails` | each wrong answer is wrong |
| `repeatable` | the same answer, judged again after all others, is judged the same |
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import yaml

from eks_lab.content.items.model import CommandItem
from eks_lab.content.items.variant import drawn_values
from eks_lab.errors import EksLabError
from eks_lab.grading.practical.bench import Bench
from eks_lab.grading.practical.form import broken_form, text_of
from eks_lab.grading.practical.permission import check_permitted
from eks_lab.grading.practical.practice import Practice
from eks_lab.grading.practical.situation import PracticalItem, filled
from eks_lab.grading.practical.typed_lines import commands_of
from eks_lab.grading.prover.rule import Broken

SEEDS = (7, 11, 23)
"""Of questions with variables; one without is proved with the first only."""
PLAYED_RULES = frozenset({"sets-up", "nothing-fails", "answer-passes", "wrong-fails", "repeatable"})
"""Those that need a world."""
RULES = ("form", "fills", "typed", "answers-differ", "no-leak", *sorted(PLAYED_RULES))
"""All of them."""


@dataclass
class ItemReport:
    """What the proof of one question has found."""

    item: str
    """Its id."""
    seeds: tuple[int, ...]
    broken: list[Broken] = field(default_factory=list)
    judgements: int = 0
    """Answers that were played."""
    seconds: float = 0.0
    """Wall time."""

    @property
    def is_proved(self) -> bool:
        """Return whether no rule is broken."""
        return not self.broken

    def as_json(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return {**asdict(self), "proved": self.is_proved, "seconds": round(self.seconds, 2)}


def seeds_of(item: PracticalItem, only: int | None = None) -> tuple[int, ...]:
    """Return the seeds with which a question is proved.

    Args:
        item: the question.
        only: this seed alone.
    """
    if only is not None:
        return (only,)
    return SEEDS if item.vars else SEEDS[:1]


def prove(
    item: PracticalItem,
    seeds: Sequence[int],
    bench: Bench,
    monotonic: Callable[[], float],
    *,
    is_brief: bool = False,
) -> ItemReport:
    """Prove one question.

    Args:
        item: as it stands in the bank.
        seeds: at least one.
        bench: in which its answers are played.
        monotonic: seconds of wall time from any origin.
        is_brief: True to play only one answer and one wrong one with every seed but the first, another pair each time.
    """
    begun = monotonic()
    report = ItemReport(item.id, tuple(seeds))
    for number, seed in enumerate(seeds):
        proof = _Proof(item, seed, bench, number if is_brief else 0)
        report.broken += [Broken(rule, message, seed) for rule, message in proof.find()]
        report.judgements += proof.judgements
        if report.broken:
            # What is wrong with one seed mostly is with all: saying it once is enough.
            break
    report.seconds = monotonic() - begun
    return report


class _Proof:
    def __init__(self, item: PracticalItem, seed: int, bench: Bench, turn: int) -> None:
        """Take a question.

        Args:
            item: as it stands in the bank.
            seed: of its variables.
            bench: in which its answers are played.
            turn: 0 plays everything; another number one answer and one wrong answer, those whose turn it is.
        """
        self._item = item
        self._seed = seed
        self._bench = bench
        self._turn = turn
        self.judgements = 0

    def find(self) -> Iterator[tuple[str, str]]:
        """Yield each broken rule with a sentence; nothing is played while the text itself is wrong."""
        item = self._item
        try:
            shown = filled(item, drawn_values(item, self._seed), item.id)
        except EksLabError as error:
            yield "fills", error.message
            return
        said = [("form", message) for message in broken_form(shown)]
        if not said:
            answers, wrong = _texts(shown)
            said += [*_untypable(shown, answers, wrong), *_alike(shown, answers), *_leaks(shown, answers)]
        yield from said
        if not said:
            yield from self._played(shown, answers, wrong)

    def _played(
        self, shown: PracticalItem, answers: list[str], wrong: list[str]
    ) -> Iterator[tuple[str, str]]:
        try:
            held = self._bench.untouched(self._item, self._seed)
        except EksLabError as error:
            yield "sets-up", str(error)
            return
        is_read = isinstance(shown, CommandItem) and shown.prints is not None
        if all(held) and not is_read:
            done = "nothing is done" if isinstance(shown, CommandItem) else "the file is applied as given"
            yield "nothing-fails", f"every check holds when {done}"
        if self._judged("").result.correct:
            yield "nothing-fails", "an empty answer is right"
        outcomes = {}
        for number, text in self._chosen(answers):
            practice = self._judged(text)
            outcomes[number] = _outcome(practice)
            if not practice.result.correct:
                yield (
                    "answer-passes",
                    f"answer {number} is judged {practice.result.score:.2f}: {_why(practice)}",
                )
        for number, text in self._chosen(wrong):
            if self._judged(text).result.correct:
                yield "wrong-fails", f"wrong {number} is judged right"
        if not self._turn:
            again = _outcome(self._judged(answers[0]))
            if again != outcomes[1]:
                yield "repeatable", f"answer 1 is judged {outcomes[1]}, then {again}"

    def _chosen(self, texts: list[str]) -> list[tuple[int, str]]:
        numbered = list(enumerate(texts, 1))
        return [numbered[self._turn % len(numbered)]] if self._turn else numbered

    def _judged(self, text: str) -> Practice:
        self.judgements += 1
        return self._bench.judge(self._item, self._seed, text)


def _outcome(practice: Practice) -> tuple[float, str, list[int]]:
    return practice.result.score, practice.result.detail, [each.code for each in practice.transcript]


def _why(practice: Practice) -> str:
    failed = [f"`{each.line}`: {each.err.strip()[-300:]}" for each in practice.transcript if each.code != 0]
    return "; ".join([practice.result.detail.replace("\n", " "), *failed])


def _texts(item: PracticalItem) -> tuple[list[str], list[str]]:
    """Return answers and wrong answers as a learner would type them."""
    if isinstance(item, CommandItem):
        return list(item.answers), [each.lines for each in item.wrong]
    given = item.given
    return [text_of(given, each) for each in item.answers], [text_of(given, each) for each in item.wrong]


def _untypable(item: PracticalItem, answers: list[str], wrong: list[str]) -> Iterator[tuple[str, str]]:
    if not isinstance(item, CommandItem):
        return
    for what, texts in (("answer", answers), ("wrong", wrong)):
        for number, text in enumerate(texts, 1):
            try:
                commands = commands_of(text, item.lines)
                for command in commands:
                    check_permitted(command)
            except EksLabError as error:
                yield "typed", f"{what} {number}: {error.message}"
            else:
                if not commands:
                    yield "typed", f"{what} {number} has no command"


def _alike(item: PracticalItem, answers: list[str]) -> Iterator[tuple[str, str]]:
    seen: dict[str, int] = {}
    for number, text in enumerate(answers, 1):
        try:
            meaning = _meaning(item, text)
        except (EksLabError, yaml.YAMLError):
            continue
        if meaning in seen:
            yield "answers-differ", f"answer {number} is answer {seen[meaning]} in another order or layout"
        seen.setdefault(meaning, number)


def _meaning(item: PracticalItem, text: str) -> str:
    """Return what is left of an answer when order, quotes and layout are taken away."""
    if isinstance(item, CommandItem):
        return repr([(each.program, sorted(each.words)) for each in commands_of(text, item.lines)])
    return repr([_sorted(each) for each in yaml.safe_load_all(text) if each is not None])


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return sorted((str(key), _sorted(each)) for key, each in value.items())
    return [_sorted(each) for each in value] if isinstance(value, list) else value


def _leaks(item: PracticalItem, answers: list[str]) -> Iterator[tuple[str, str]]:
    if not isinstance(item, CommandItem):
        return
    prompt = " ".join(item.prompt.replace("`", " ").split())
    for number, text in enumerate(answers, 1):
        for line in text.splitlines():
            words = " ".join(line.split())
            if words and words in prompt:
                yield "no-leak", f"the prompt contains answer {number}: {words}"
