"""Options to pick from: of a choice, of a multi, or parts of a diagram."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual import on

from eks_lab.content.items.given import Given
from eks_lab.content.items.model import ChoiceItem, DiagramItem, MultiItem
from eks_lab.content.items.variant import Variant, shown_sides
from eks_lab.content.page import Spans
from eks_lab.errors import InputError
from eks_lab.tui.widgets.item.answer_field import AnswerField
from eks_lab.tui.widgets.option_picker import OptionPicker
from eks_lab.tui.widgets.question_text import inline, unlinked

if TYPE_CHECKING:
    from textual.app import ComposeResult


class ChoiceField(AnswerField):
    """Options in the order of the seed."""

    def __init__(self, variant: Variant, given: Given | None, names: Mapping[str, str] | None = None) -> None:
        """Offer options.

        Args:
            variant: of a choice, multi or diagram question.
            given: an earlier answer.
            names: what the parts of a diagram are called.
        """
        super().__init__(variant)
        self._order = shown_sides(variant.item, variant.seed)
        self._picker = OptionPicker(
            self._texts(names or {}),
            is_multi=isinstance(variant.item, MultiItem),
            picked=[place for place, index in enumerate(self._order) if self._is_given(index, given)],
        )

    def compose(self) -> ComposeResult:
        """Compose the options."""
        yield self._picker

    @property
    def target(self) -> OptionPicker:
        """The options."""
        return self._picker

    def given(self) -> Given:
        """Return what is picked.

        Raises:
            InputError: nothing is.
        """
        picked = tuple(sorted(self._order[place] for place in self._picker.picked))
        if not picked:
            raise InputError("Nothing is picked.", hint="Space picks the option under the cursor.")
        item = self.variant.item
        return item.points[picked[0]].part if isinstance(item, DiagramItem) else picked

    def _texts(self, names: Mapping[str, str]) -> list[Spans]:
        item = self.variant.item
        if isinstance(item, DiagramItem):
            parts = [item.points[index].part for index in self._order]
            return [unlinked(inline(names.get(part, part))) for part in parts]
        assert isinstance(item, ChoiceItem | MultiItem)
        return [unlinked(inline(item.options[index].text)) for index in self._order]

    def _is_given(self, index: int, given: Given | None) -> bool:
        item = self.variant.item
        if isinstance(item, DiagramItem):
            return item.points[index].part == given
        return isinstance(given, tuple) and index in given

    @on(OptionPicker.Submitted)
    def _submitted(self, event: OptionPicker.Submitted) -> None:
        event.stop()
        self.post_message(self.Entered(self))
