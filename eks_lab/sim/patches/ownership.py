"""Who owns which field: managedFields of creates and updates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eks_lab.sim.objects import Obj

if TYPE_CHECKING:
    from eks_lab.sim.api.core import Api
    from eks_lab.sim.api.request import Request


def record_create(api: Api, request: Request, obj: Obj) -> None:
    """Note the fields of a new object under its manager."""


def record_update(api: Api, request: Request, old: Obj, new: Obj) -> None:
    """Note changed fields under the manager of an update."""


def is_unchanged(new: Obj, old: Obj) -> bool:
    """Say whether two states differ in nothing but the times of managedFields."""
    return new == old
