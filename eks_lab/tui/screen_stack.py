"""Screens come once and leave once.

A full screen that is opened again from further on comes to the top and leads back from there. Keys such as `C` and
`G` work on almost every screen: without this, going to and fro between two of them would pile up screens, and Esc
would lead back through each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from textual.app import App
    from textual.screen import Screen, ScreenResultCallbackType

_Result = TypeVar("_Result")


def show(
    app: App[Any], screen: Screen[_Result], then: ScreenResultCallbackType[_Result] | None = None
) -> None:
    """Put a screen on top, and take away one of its name that lies hidden below.

    A screen of the same name that is seen now stays: Esc leads back to it.

    Args:
        app: whose screens.
        screen: a full screen, not a dialog.
        then: gets the screen's result.
    """
    hidden = [each for each in app.screen_stack[:-1] if each.name is not None and each.name == screen.name]
    app.push_screen(screen, then)
    for each in hidden:
        # Textual takes screens from the top only. What the app may have installed under a name is none of these.
        app._screen_stack.remove(each)
        app.call_next(each.remove)


def uncover(screen: Screen[Any]) -> bool:
    """Bring a screen that is to leave to the top; False when it has left already.

    Textual's `dismiss` takes away whatever is on top. The second of two quick clicks, which is read when its box is
    gone, would close the screen below; and a screen that leaves by itself would close a box in front of it instead.
    """
    app = screen.app
    if screen not in app.screen_stack:
        return False
    while app.screen is not screen:
        app.pop_screen()
    return True
