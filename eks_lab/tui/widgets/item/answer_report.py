"""What is said about an answer below its verdict: what commands printed, key points, every explanation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.containers import VerticalGroup
from textual.message import Message

from eks_lab.content.items.explanation import Explained, explained
from eks_lab.content.items.given import Given
from eks_lab.content.items.model import ManifestItem, NumberItem, RecallItem
from eks_lab.content.items.recall import points_of, recall_result
from eks_lab.content.items.result import RIGHT, WRONG, Result
from eks_lab.content.items.variant import Variant
from eks_lab.content.page import Span
from eks_lab.tui.widgets.code_text import CodeText
from eks_lab.tui.widgets.item.item_text import closing_flow, explained_flow, number_flow, point_spans
from eks_lab.tui.widgets.option_picker import OptionPicker
from eks_lab.tui.widgets.prose import Prose
from eks_lab.tui.widgets.question_text import bold, inline, marked, unlinked

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.widget import Widget

    from eks_lab.grading.practical.practice import Typed


class AnswerReport(VerticalGroup):
    """The report below an answered question; key points may be overruled in it."""

    DEFAULT_CSS = """
    AnswerReport {
        & > * { margin: 1 0 0 0; }
        & > .-close { margin: 0; }
        CodeText { padding: 0 0 0 2; }
    }
    """

    @dataclass
    class Overruled(Message):
        """The learner says that points were made, or were not, other than the phrases found."""

        report: AnswerReport
        said: dict[str, bool]
        """By id of the point, only where the learner differs."""
        result: Result
        """With the learner's word."""

        @property
        def control(self) -> AnswerReport:
            """The report."""
            return self.report

    @dataclass
    class Done(Message):
        """The learner is through with the key points."""

        report: AnswerReport

        @property
        def control(self) -> AnswerReport:
            """The report."""
            return self.report

    def __init__(
        self,
        variant: Variant,
        given: Given,
        result: Result,
        *,
        transcript: Sequence[Typed] = (),
        names: Mapping[str, str] | None = None,
        overruled: Mapping[str, bool] | None = None,
    ) -> None:
        """Report on an answer.

        Args:
            variant: the question as it was asked.
            given: the answer.
            result: its judgement, what was overruled included.
            transcript: what commands printed.
            names: what the parts of a diagram are called.
            overruled: of an earlier visit.
        """
        super().__init__()
        self._variant = variant
        self._given = given
        self._result = result
        self._transcript = tuple(transcript)
        self._names = dict(names or {})
        self._overruled = dict(overruled or {})

    @property
    def points(self) -> OptionPicker | None:
        """The key points of a recall."""
        return next(iter(self.query(OptionPicker)), None)

    def compose(self) -> ComposeResult:
        """Compose the report."""
        for typed in self._transcript:
            printed = "\n".join(filter(None, [typed.out.rstrip(), typed.err.rstrip()]))
            yield CodeText(f"$ {typed.line}{chr(10) + printed if printed else ''}", "console")
        if isinstance(self._variant.item, RecallItem):
            yield from self._compose_points()
        else:
            yield from self._compose_parts()
        yield Prose(closing_flow(self._variant))

    def _compose_points(self) -> ComposeResult:
        from eks_lab.content.items.rubric import NOTICE

        about = "Key points. Space says that you made one (or did not); Enter goes on."
        yield Prose([marked((Span(f"{NOTICE} "), Span(about)), style="muted")])
        results = self._result.points
        found = [
            place for place, each in enumerate(results) if self._overruled.get(each.point.id, each.found)
        ]
        picker = OptionPicker([unlinked(point_spans(each)) for each in results], is_multi=True, picked=found)
        self.watch(picker, "picked", self._points_changed, init=False)
        yield picker

    def _compose_parts(self) -> ComposeResult:
        parts = explained(self._variant, self._given)
        if isinstance(self._variant.item, NumberItem):
            yield Prose(number_flow(self._variant, parts))
            return
        words = [part for part in parts if not part.is_code]
        if words:
            yield Prose(explained_flow(self._variant, words, self._names))
        for part in parts:
            if part.is_code:
                yield from self._compose_code(part)

    def _compose_code(self, part: Explained) -> ComposeResult:
        mark, word = (RIGHT, "This is right") if part.is_right else (WRONG, "This is not")
        style = "success" if part.is_right else ""
        head = [marked(bold((Span(f"{mark} {word}"),)), style=style)]
        if part.why:
            head.append(marked(inline(part.why), " "))
        yield Prose(head)
        language = "yaml" if isinstance(self._variant.item, ManifestItem) and part.is_right else "console"
        text = part.text.rstrip()
        if not isinstance(self._variant.item, ManifestItem):
            text = "\n".join(f"$ {line}" for line in text.splitlines())
        code = CodeText(text, language)
        code.add_class("-close")
        yield code

    def _points_changed(self, picked: frozenset[int]) -> None:
        results = self._result.points
        self._overruled = {
            each.point.id: place in picked
            for place, each in enumerate(results)
            if (place in picked) != each.found
        }
        changed = recall_result(points_of(self._variant), results, self._overruled)
        self.post_message(self.Overruled(self, dict(self._overruled), changed))

    def on_option_picker_submitted(self, event: OptionPicker.Submitted) -> None:
        """Go on."""
        event.stop()
        self.post_message(self.Done(self))

    @property
    def first_target(self) -> Widget | None:
        """What takes keys first: the key points, where there are any."""
        return self.points
