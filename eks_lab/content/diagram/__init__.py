"""Diagrams that explain: a picture drawn from data, told in steps, with the same in words.

Belongs here: the format of `lessons/diagrams/*.yaml`, the layout and drawing of a step as styled
text, its text equivalent, and the checks that prove a picture readable. Must not: know a terminal
or a colour (`tui.widgets.diagram_view` turns style names into looks).

    Diagram ─ outline ─► layout ─► routes ─► labels        the plan: the same for every step
                 └────► frames (what is shown, in focus)   ┐
                                                           ├─► draw ─► rows of styled text
                                                    plan ──┘
"""

from eks_lab.content.diagram.describe import describe
from eks_lab.content.diagram.load import diagram_ids, load_diagram
from eks_lab.content.diagram.model import Diagram

__all__ = ["Diagram", "describe", "diagram_ids", "load_diagram"]
