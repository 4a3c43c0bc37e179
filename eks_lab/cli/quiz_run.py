"""One run of questions in plain lines: asked, judged, remembered, summed up."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import click

from eks_lab import locations
from eks_lab.cli.app import lessons_root
from eks_lab.cli.asking import Quit, Terminal, ask, overrule, plain_terminal, tell
from eks_lab.cli.course_names import check_kinds
from eks_lab.cli.progress import opened_progress
from eks_lab.clock import Clock, SystemClock
from eks_lab.content.items.judging import Result, judge, needs_bench
from eks_lab.content.items.model import CommandItem, ManifestItem
from eks_lab.content.items.variant import Variant, make_variant
from eks_lab.errors import InputError, UnavailableError

if TYPE_CHECKING:
    from eks_lab.content.items.bank import Bank
    from eks_lab.content.items.entry import Entry
    from eks_lab.content.items.given import Given
    from eks_lab.content.model import Course
    from eks_lab.grading.practical.practice import Practice
    from eks_lab.grading.practical.remote import RemoteBench
    from eks_lab.learning.progress import Progress
    from eks_lab.learning.records import AnswerMode


@dataclass(slots=True)
class Asked:
    """What came of one question."""

    id: str
    kind: str
    seed: int
    given: Any = None
    score: float = 0.0
    correct: bool = False
    skipped: bool = False
    seconds: float = 0.0
    headline: str = ""
    detail: str = ""


class Practising:
    """The bench for commands and manifests: made when the first of them is asked, ended with the run."""

    def __init__(self) -> None:
        self._bench: RemoteBench | None = None
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def prepare(self, variant: Variant) -> None:
        """Set a question up while the learner reads it.

        Raises:
            UnavailableError: this machine has no kubectl.
        """
        assert isinstance(variant.item, CommandItem | ManifestItem)
        self._open().prepare(variant.item, variant.seed)

    def judge(self, variant: Variant, text: str) -> Practice:
        """Run an answer and return its judgement; see `RemoteBench.judge` for errors."""
        assert isinstance(variant.item, CommandItem | ManifestItem)
        return self._open().judge(variant.item, variant.seed, text)

    def _open(self) -> RemoteBench:
        if self._bench is None:
            from eks_lab.cli.lab import kubectl_program, run_course
            from eks_lab.grading.practical.remote import RemoteBench

            self._bench = self._stack.enter_context(RemoteBench(kubectl_program(), run_course))
        return self._bench


@dataclass
class Run:
    """A course, its bank, and how and where to ask."""

    course: Course
    bank: Bank
    terminal: Terminal
    as_json: bool = False
    kinds: tuple[str, ...] = ()
    given_seed: int | None = None
    """As on the command line; None lets every time be another."""
    by_id: Mapping[str, str] | None = None
    """Answers by id, from a JSON file."""
    clock: Clock = field(default_factory=SystemClock)

    @classmethod
    def of(
        cls,
        *,
        content: str,
        plain: bool,
        as_json: bool,
        answers: Path | None,
        seed: int | None,
        kinds: tuple[str, ...],
    ) -> Run:
        """Make a run from the options of a command.

        Args:
            content: folder of another course, or empty.
            plain: accepted for scripts that say it: asking is always plain here.
            as_json: print one document at the end.
            answers: a file of answers instead of standard input.
            seed: of selection, order and variables.
            kinds: only these.

        Raises:
            InputError: the file of answers cannot be read.
            ContentError: the course cannot be used.
        """
        from eks_lab.content.index import open_course
        from eks_lab.content.items.bank import open_bank

        root = lessons_root(content)
        loaded = open_course(root, locations.cache_dir())
        lines, by_id = answer_source(answers)
        terminal = plain_terminal(root=root, lines=lines, to_stderr=as_json)
        bank = open_bank(loaded, locations.cache_dir())
        return cls(loaded.course, bank, terminal, as_json, kinds, seed, by_id)

    @property
    def seed(self) -> int:
        """Return the seed of the selection: as given, or another one every day."""
        return self.clock.now().date().toordinal() if self.given_seed is None else self.given_seed

    def fitting(self, *, lesson: str = "", chapter: str = "", skill: str = "") -> tuple[Entry, ...]:
        """Return the entries that may be asked.

        Raises:
            InputError: there are none.
        """
        check_kinds(self.kinds)
        entries = self.bank.find(lesson=lesson, chapter=chapter, skill=skill, kinds=self.kinds)
        if not entries:
            of = lesson or chapter or skill
            raise InputError(
                f"There are no such questions of {of}.", hint="`eks-lab quiz list` shows what there is."
            )
        return entries

    def ask(self, entries: Sequence[Entry], mode: AnswerMode) -> int:
        """Ask questions, remember the answers, show the sum, and return the exit code.

        Args:
            entries: in this order.
            mode: where they are asked.

        Returns:
            0 when all answers were right, 1 otherwise.
        """
        with opened_progress() as progress:
            turns = ((entry, self._seed_of(entry, progress)) for entry in entries)
            return self._asked(turns, len(entries), progress, mode)

    def drill(self, skill: str, count: int) -> int:
        """Ask what is known least, one after the other; each answer changes what comes next.

        Args:
            skill: practise this one; empty practises what is weakest.
            count: so many questions.

        Raises:
            InputError: there is nothing to ask.
        """
        from eks_lab.ids import Ids
        from eks_lab.learning.drill import Drill

        entries = self.fitting(skill=skill)
        count = min(count, len(entries))
        with opened_progress() as progress:
            ids = Ids(self.seed)
            drill = Drill(entries, progress.history(), self.clock.now(), ids, skill)

            def turns() -> Iterator[tuple[Entry, int]]:
                for _ in range(count):
                    pick = drill.next()
                    entry = self.bank.entry(pick.item_id)
                    before = len(progress.attempts(entry.id))
                    yield entry, pick.seed if self.given_seed is None else self.given_seed
                    # The generator goes on when the question was answered, or skipped.
                    for answer in progress.attempts(entry.id)[before:]:
                        drill.note(answer)

            return self._asked(turns(), count, progress, "drill")

    def _seed_of(self, entry: Entry, progress: Progress) -> int:
        return len(progress.attempts(entry.id)) if self.given_seed is None else self.given_seed

    def _asked(
        self, turns: Iterable[tuple[Entry, int]], count: int, progress: Progress, mode: AnswerMode
    ) -> int:
        done: list[Asked] = []
        with Practising() as practising:
            for number, (entry, seed) in enumerate(turns, 1):
                try:
                    asked = self._one(
                        entry, seed, f"Question {number} of {count}", progress, practising, mode
                    )
                except Quit:
                    break
                done.append(asked)
        return self._sum_up(done, count)

    def _one(
        self,
        entry: Entry,
        seed: int,
        heading: str,
        progress: Progress,
        practising: Practising,
        mode: AnswerMode,
    ) -> Asked:
        variant = make_variant(self.bank.item(entry.id), seed)
        asked = Asked(entry.id, entry.kind, seed)
        self.terminal.write(f"{heading} ({entry.id})")
        if entry.needs_bench:
            try:
                practising.prepare(variant)
            except UnavailableError as error:
                self.terminal.write(
                    f"Left out: this {entry.kind} needs the sandbox bench. {error.message}. {error.hint}"
                )
                asked.skipped = True
                return asked
        begun = self.clock.now()
        given = ask(variant, self._terminal_for(entry.id))
        asked.seconds = max(0.0, round((self.clock.now() - begun).total_seconds(), 1))
        if given is None:
            asked.skipped = True
            self.terminal.write("Skipped.\n")
            return asked
        result = judged(variant, given, practising, self.terminal)
        tell(variant, given, result, self.terminal)
        result = overrule(variant, result, self.terminal)
        asked.given, asked.score, asked.correct = given, round(result.score, 4), result.correct
        asked.headline, asked.detail = result.headline, result.detail
        progress.record_answer(
            entry.id,
            entry.rev,
            given,
            result.correct,
            seed=seed,
            score=result.score,
            seconds=asked.seconds,
            mode=mode,
        )
        self.terminal.write("")
        return asked

    def _terminal_for(self, item_id: str) -> Terminal:
        if self.by_id is None:
            return self.terminal
        text = self.by_id.get(item_id, "s")
        answering = plain_terminal(lines=text.split("\n"), root=self.terminal.root)
        return Terminal(answering.read, self.terminal.write, root=self.terminal.root)

    def _sum_up(self, done: Sequence[Asked], count: int) -> int:
        right = sum(each.correct for each in done)
        answered = [each for each in done if not each.skipped]
        score = sum(each.score for each in answered) / len(done) if done else 0.0
        if self.as_json:
            document = {
                "questions": count,
                "answered": len(answered),
                "right": right,
                "score": round(score, 4),
                "results": [_row(each) for each in done],
            }
            click.echo(json.dumps(document, indent=2, ensure_ascii=False))
        else:
            left = count - len(answered)
            more = f", {left} without an answer" if left else ""
            self.terminal.write(f"{right} of {count} right{more}. Score {score:.0%}.")
        return 0 if right == count else 1


def _row(asked: Asked) -> dict[str, Any]:
    given = list(asked.given) if isinstance(asked.given, tuple) else asked.given
    return {
        "id": asked.id,
        "kind": asked.kind,
        "seed": asked.seed,
        "skipped": asked.skipped,
        "given": given,
        "score": asked.score,
        "correct": asked.correct,
        "headline": asked.headline,
        "detail": asked.detail,
        "seconds": asked.seconds,
    }


def judged(variant: Variant, given: Given, practising: Practising, terminal: Terminal) -> Result:
    """Return the judgement of an answer; what commands printed is shown first.

    Args:
        variant: the question as it was asked.
        given: the answer.
        practising: runs commands and manifests.
        terminal: where to show what they print.

    Raises:
        InputError: the answer has another form than the question.
        UnavailableError: the bench cannot run.
    """
    if not needs_bench(variant.item.kind):
        return judge(variant, given)
    assert isinstance(given, str)
    practice = practising.judge(variant, given)
    for typed in practice.transcript:
        terminal.write("\n".join(filter(None, [f"$ {typed.line}", typed.out.rstrip(), typed.err.rstrip()])))
    return practice.result


def answer_source(path: Path | None) -> tuple[list[str] | None, dict[str, str] | None]:
    """Return the lines of a file of answers, or its answers by id when it is a JSON object."""
    if path is None:
        return None, None
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read: {error}.", hint="Give a text file in UTF-8.") from error
    if not text.lstrip().startswith("{"):
        return text.splitlines(), None
    try:
        return None, {str(name): str(answer) for name, answer in json.loads(text).items()}
    except ValueError as error:
        raise InputError(f"{path} is no JSON: {error}.", hint='Write {"question id": "a c"}.') from error
