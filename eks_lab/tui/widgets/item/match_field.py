"""The field of a question about pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on

from eks_lab.content.items.given import NOTHING, Given
from eks_lab.content.items.model import MatchItem
from eks_lab.content.items.variant import Variant, shown_sides
from eks_lab.errors import InputError
from eks_lab.tui.widgets.item.answer_field import AnswerField
from eks_lab.tui.widgets.item.match_picker import MatchPicker
from eks_lab.tui.widgets.question_text import inline, unlinked

if TYPE_CHECKING:
    from textual.app import ComposeResult


class MatchField(AnswerField):
    """Pairs, the right sides shuffled by the seed."""

    def __init__(self, variant: Variant, given: Given | None) -> None:
        """Offer pairs.

        Args:
            variant: of a match question.
            given: an earlier answer.
        """
        super().__init__(variant)
        item = variant.item
        assert isinstance(item, MatchItem)
        self._shown = shown_sides(item, variant.seed)
        sides = [pair.right for pair in item.pairs] + [option.text for option in item.extra]
        earlier = (
            [NOTHING if side == NOTHING else self._shown.index(side) for side in given]
            if isinstance(given, tuple)
            else []
        )
        self._picker = MatchPicker(
            [unlinked(inline(pair.left)) for pair in item.pairs],
            [unlinked(inline(sides[index])) for index in self._shown],
            earlier,
        )

    def compose(self) -> ComposeResult:
        """Compose the pairs."""
        yield self._picker

    @property
    def target(self) -> MatchPicker:
        """The pairs."""
        return self._picker

    def given(self) -> Given:
        """Return the pairs.

        Raises:
            InputError: a row has no partner yet.
        """
        chosen = self._picker.chosen
        if missing := [str(row) for row, each in enumerate(chosen, 1) if each == NOTHING]:
            rows = f"Row {missing[0]} has" if len(missing) == 1 else f"Rows {', '.join(missing)} have"
            raise InputError(f"{rows} no partner yet.", hint="A letter gives the row under the cursor one.")
        return tuple(self._shown[place] for place in chosen)

    @on(MatchPicker.Submitted)
    def _submitted(self, event: MatchPicker.Submitted) -> None:
        event.stop()
        self.post_message(self.Entered(self))
