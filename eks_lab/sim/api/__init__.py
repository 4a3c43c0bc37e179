"""The API server without HTTP: every verb, in process; admission, defaults and validation included."""

from __future__ import annotations

from eks_lab.sim.api.core import Api
from eks_lab.sim.api.lists import ListOptions, Page

__all__ = ["Api", "ListOptions", "Page"]
