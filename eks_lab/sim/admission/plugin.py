"""What every admission plugin starts from: it lets everything through."""

from __future__ import annotations

from eks_lab.sim.objects import ApiError, Obj, forbidden
from eks_lab.sim.resource import Attributes, World


class Plugin:
    """An admission plugin that neither changes nor refuses anything."""

    name: str = ""

    def admit(self, request: Attributes, obj: Obj | None, old: Obj | None, world: World) -> None:
        """Leave the object as it is."""

    def validate(self, request: Attributes, obj: Obj | None, old: Obj | None, world: World) -> list[str]:
        """Refuse nothing and warn of nothing."""
        return []


def refused(request: Attributes, why: str) -> ApiError:
    """Return `pods "web" is forbidden: why` (apiserver/pkg/admission/errors.go: NewForbidden).

    Args:
        request: what is refused.
        why: the plugin's sentence.
    """
    resource = request.resource
    return forbidden(resource.plural, resource.group, request.key.name or "Unknown", why)
