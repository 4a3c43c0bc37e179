"""An Api of every built-in kind with every admission plugin, and builders of what they judge."""

from __future__ import annotations

from typing import Any

import pytest

from eks_lab.clock import SimClock
from eks_lab.ids import Ids
from eks_lab.sim.admission import default_plugins
from eks_lab.sim.api import Api
from eks_lab.sim.objects import ApiError, Obj, User
from eks_lab.sim.resources import builtin_resources
from eks_lab.sim.store import Store
from tests.sim.small_cluster import START

JANE = User("jane", ("system:authenticated",))


def admitting_api() -> Api:
    """Return it with a namespace and its account."""
    api = Api(Store(), SimClock(START), Ids(7), "1.36", builtin_resources("1.36"), default_plugins())
    api.create("namespaces", {"metadata": {"name": "default"}})
    api.create("serviceaccounts", {"metadata": {"name": "default", "namespace": "default"}})
    return api


def pod(name: str = "web", container: Obj | None = None, **spec: Any) -> Obj:
    """Return a pod of one container `c`."""
    return {
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"containers": [{"name": "c", "image": "nginx", **(container or {})}], **spec},
    }


def asked(**amounts: str) -> Obj:
    """Return a container's part with requests."""
    return {"resources": {"requests": amounts}}


def refusal(api: Api, rid: str, obj: Obj, **options: Any) -> str:
    """Return why a create is refused."""
    with pytest.raises(ApiError) as caught:
        api.create(rid, obj, **options)
    return caught.value.message
