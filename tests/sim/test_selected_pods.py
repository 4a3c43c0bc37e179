"""Pods found by their labels are those that a look at every pod finds."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from eks_lab.clock import SimClock
from eks_lab.ids import Ids
from eks_lab.sim.api import Api
from eks_lab.sim.objects import Key, Obj, labels_of
from eks_lab.sim.selection import matches
from eks_lab.sim.service_pods import labelled_pods, pods_of_selector
from eks_lab.sim.store import Store

PAIRS = st.dictionaries(st.sampled_from("ab"), st.sampled_from("12"), max_size=2)
PODS = st.lists(st.tuples(st.sampled_from("vwxyz"), st.sampled_from(["one", "two"]), PAIRS, st.booleans()))
SELECTORS = st.fixed_dictionaries(
    {},
    optional={
        "matchLabels": PAIRS,
        "matchExpressions": st.just([{"key": "a", "operator": "NotIn", "values": ["1"]}]),
    },
)


@settings(deadline=None)
@given(PODS, SELECTORS, st.dictionaries(st.sampled_from("ab"), st.sampled_from("12"), min_size=1))
def test_an_index_finds_what_a_search_finds(
    writes: list[tuple[str, str, dict[str, str], bool]], selector: Obj, labels: dict[str, str]
) -> None:
    store = Store()
    api = Api(store, SimClock(datetime(2026, 3, 1, tzinfo=UTC)), Ids(1), "1.36", ())
    for name, namespace, own, is_written in writes:
        pod = {
            "metadata": {"name": name, "namespace": namespace, "uid": f"{namespace}-{name}", "labels": own}
        }
        if is_written:
            store.put("pods", pod)
        elif store.get("pods", Key(namespace, name)):
            store.remove("pods", Key(namespace, name))
        pods = store.items("pods", "one")
        assert pods_of_selector(api, "one", selector) == [
            each for each in pods if matches(selector, labels_of(each))
        ]
        assert labelled_pods(api, "one", labels) == [
            each for each in pods if matches({"matchLabels": labels}, labels_of(each))
        ]
    assert pods_of_selector(api, "one", None) == []
