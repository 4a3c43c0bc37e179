"""The field of a question about an order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on

from eks_lab.content.items.given import Given
from eks_lab.content.items.model import OrderItem
from eks_lab.content.items.variant import Variant, shown_sides
from eks_lab.tui.widgets.item.answer_field import AnswerField
from eks_lab.tui.widgets.item.order_picker import OrderPicker
from eks_lab.tui.widgets.question_text import inline, unlinked

if TYPE_CHECKING:
    from textual.app import ComposeResult


class OrderField(AnswerField):
    """Steps, shuffled by the seed."""

    def __init__(self, variant: Variant, given: Given | None) -> None:
        """Offer steps.

        Args:
            variant: of an order question.
            given: an earlier answer.
        """
        super().__init__(variant)
        assert isinstance(variant.item, OrderItem)
        self._shown = shown_sides(variant.item, variant.seed)
        texts = [unlinked(inline(variant.item.steps[index].text)) for index in self._shown]
        earlier = [self._shown.index(index) for index in given] if isinstance(given, tuple) else []
        self._picker = OrderPicker(texts, earlier)

    def compose(self) -> ComposeResult:
        """Compose the steps."""
        yield self._picker

    @property
    def target(self) -> OrderPicker:
        """The steps."""
        return self._picker

    def given(self) -> Given:
        """Return the order as it stands."""
        return tuple(self._shown[place] for place in self._picker.order)

    @on(OrderPicker.Submitted)
    def _submitted(self, event: OrderPicker.Submitted) -> None:
        event.stop()
        self.post_message(self.Entered(self))
