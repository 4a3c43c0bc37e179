"""Times are kept as the server writes them, however a client wrote them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from eks_lab.clock import SimClock
from eks_lab.ids import Ids
from eks_lab.sim.api import Api
from eks_lab.sim.api.decoding import decode_object
from eks_lab.sim.objects import ApiError, Obj
from eks_lab.sim.resources import builtin_resources
from eks_lab.sim.store import Store
from tests.sim.small_cluster import small_api


def _lease(**spec: str) -> Obj:
    api = Api(Store(), SimClock(datetime(2026, 3, 1, tzinfo=UTC)), Ids(1), "1.36", builtin_resources("1.36"))
    lease = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "a"}, "spec": spec}
    resource = api.resource("leases.coordination.k8s.io")
    found: Obj = decode_object(api, resource, "v1", lease, "Strict", [])["spec"]
    return found


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("2026-03-01T12:00:00.500000Z", "2026-03-01T12:00:00.500000Z"),
        ("2026-03-01T12:00:00.500000+00:00", "2026-03-01T12:00:00.500000Z"),
        ("2026-03-01T13:30:00.000001+01:30", "2026-03-01T12:00:00.000001Z"),
    ],
)
def test_a_micro_time_is_in_utc_with_six_digits(written: str, kept: str) -> None:
    assert _lease(renewTime=written)["renewTime"] == kept


@pytest.mark.parametrize("written", ["2026-03-01T12:00:00+00:00", "2026-03-01T10:00:00-02:00"])
def test_a_time_read_and_written_back_is_the_same(written: str) -> None:
    api = small_api()
    api.create("configmaps", {"metadata": {"name": "a", "namespace": "default"}})
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "creationTimestamp": written}}
    decoded = decode_object(api, api.resource("configmaps"), "v1", body, "Strict", [])
    assert decoded["metadata"]["creationTimestamp"] == "2026-03-01T12:00:00Z"


def test_what_is_no_time_is_refused() -> None:
    with pytest.raises(ApiError, match="cannot be handled as a Lease"):
        _lease(renewTime="soon")
