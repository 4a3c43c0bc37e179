"""Changes of Jobs, CronJobs and StatefulSets: what stays, what a status may become, what is warned of."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_lab.sim.objects import Obj, timestamp
from eks_lab.sim.resource import Resource
from eks_lab.sim.resources.cron_jobs import CRON_JOBS
from eks_lab.sim.resources.job_rules import index_intervals
from eks_lab.sim.resources.jobs import JOBS
from eks_lab.sim.resources.stateful_sets import STATEFUL_SETS
from tests.sim.resources.world import NOW, FakeWorld

_POD = {"restartPolicy": "Never", "containers": [{"name": "c", "image": "busybox"}]}
_BEFORE, _AFTER = timestamp(NOW - timedelta(seconds=90)), timestamp(NOW)


def _stored(resource: Resource, obj: Obj) -> Obj:
    copied: Obj = orjson.loads(orjson.dumps(obj))
    resource.default(copied, FakeWorld())
    resource.prepare_create(copied, FakeWorld())
    assert resource.validate(copied, FakeWorld()) == []
    return copied


def _changed(obj: Obj, **spec: Any) -> Obj:
    copied: Obj = orjson.loads(orjson.dumps(obj))
    copied["spec"] |= spec
    return copied


def _job(name: str = "j", **spec: Any) -> Obj:
    metadata = {"name": name, "namespace": "ns", "uid": "u-1"}
    return _stored(JOBS, {"metadata": metadata, "spec": {"template": {"spec": _POD}, **spec}})


def _cron_job(**spec: Any) -> Obj:
    template = {"spec": {"template": {"spec": _POD}}}
    spec = {"schedule": "@daily", "jobTemplate": template, **spec}
    return _stored(CRON_JOBS, {"metadata": {"name": "cj", "namespace": "ns"}, "spec": spec})


def _set(**spec: Any) -> Obj:
    template = {"metadata": {"labels": {"app": "db"}}, "spec": {"containers": [{"name": "c", "image": "a"}]}}
    spec = {"selector": {"matchLabels": {"app": "db"}}, "template": template, **spec}
    return _stored(STATEFUL_SETS, {"metadata": {"name": "db", "namespace": "ns"}, "spec": spec})


def _update(resource: Resource, new: Obj, old: Obj) -> list[str]:
    resource.default(new, FakeWorld())
    resource.prepare_update(new, old, FakeWorld())
    return [str(error) for error in resource.validate_update(new, old, FakeWorld())]


# --- jobs ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"completions": 5}, "spec.completions: Invalid value: 5: field is immutable"),
        (
            {"completionMode": "Indexed"},
            'spec.completionMode: Invalid value: "Indexed": field is immutable',
        ),
        ({"managedBy": "a.io/b"}, 'spec.managedBy: Invalid value: "a.io/b": field is immutable'),
        (
            {"podFailurePolicy": {"rules": []}, "podReplacementPolicy": "Failed"},
            'spec.podFailurePolicy: Invalid value: {"Rules":null}: field is immutable',
        ),
        ({"parallelism": 7, "backoffLimit": 1, "activeDeadlineSeconds": 9}, ""),
    ],
)
def test_what_of_a_job_stays(change: Obj, error: str) -> None:
    old = _job(completions=2)
    assert _update(JOBS, _changed(old, **change), old) == ([error] if error else [])


def test_an_elastic_job_grows_with_its_parallelism() -> None:
    old = _job(completionMode="Indexed", completions=2, parallelism=2)
    assert _update(JOBS, _changed(old, completions=4, parallelism=4), old) == []
    assert _update(JOBS, _changed(old, completions=4), old) == [
        "spec.completions: Invalid value: 4: can only be modified in tandem with spec.parallelism"
    ]


def _with_pod(job: Obj, **pod: Any) -> Obj:
    changed = _changed(job)
    changed["spec"]["template"]["spec"] |= pod
    return changed


def test_only_a_suspended_job_may_be_placed_elsewhere() -> None:
    placed = {
        "nodeSelector": {"pool": "gpu"},
        "affinity": {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": []}},
    }
    suspended, running = _job(suspend=True), _job()
    assert _update(JOBS, _with_pod(suspended, **placed), suspended) == []
    (error,) = _update(JOBS, _with_pod(running, **placed), running)
    assert error.startswith(
        'spec.template: Invalid value: {"labels":{"batch.kubernetes.io/controller-uid":"u-1",'
    )
    assert error.endswith("field is immutable")
    other_image = _with_pod(suspended, containers=[{"name": "c", "image": "nginx"}])
    assert len(_update(JOBS, other_image, suspended)) == 1


def test_a_suspended_job_that_ran_may_be_changed_when_its_pods_are_gone() -> None:
    old = _job(suspend=True)
    old["status"] = {"startTime": _BEFORE, "active": 1}
    bigger = [{**old["spec"]["template"]["spec"]["containers"][0], "resources": {"requests": {"cpu": "2"}}}]
    assert len(_update(JOBS, _with_pod(old, containers=bigger), old)) == 1
    old["status"] = {"startTime": _BEFORE, "conditions": [{"type": "Suspended", "status": "True"}]}
    assert _update(JOBS, _with_pod(old, containers=bigger), old) == []


def test_labels_of_the_template_are_the_jobs_too() -> None:
    template = {"metadata": {"labels": {"app": "x"}}, "spec": _POD}
    job = _job(template=template)
    assert job["metadata"]["labels"] == {
        "app": "x",
        "job-name": "j",
        "batch.kubernetes.io/job-name": "j",
        "controller-uid": "u-1",
        "batch.kubernetes.io/controller-uid": "u-1",
    }
    assert job["metadata"]["labels"] is not job["spec"]["template"]["metadata"]["labels"]


_COMPLETE = [
    {"type": "SuccessCriteriaMet", "status": "True"},
    {"type": "Complete", "status": "True"},
]
_FAILED = [{"type": "FailureTarget", "status": "True"}, {"type": "Failed", "status": "True"}]
_DONE = {"startTime": _BEFORE, "completionTime": _AFTER, "succeeded": 1, "conditions": _COMPLETE}


@pytest.mark.parametrize(
    ("old", "new", "errors"),
    [
        ({}, {"startTime": _BEFORE, "active": 1, "ready": 1}, []),
        ({"startTime": _BEFORE, "active": 1}, _DONE, []),
        ({"startTime": _BEFORE}, {"startTime": _BEFORE, "failed": 1, "conditions": _FAILED}, []),
        ({}, {"active": -1}, ["status.active: Invalid value: -1: must be greater than or equal to 0"]),
        (
            {},
            {"active": 1, "ready": 2},
            ["status.ready: Invalid value: 2: cannot set more ready pods than active"],
        ),
        (
            {"startTime": _BEFORE},
            {"startTime": _BEFORE, "completionTime": _AFTER},
            [
                (
                    f'status.completionTime: Invalid value: "{_AFTER}": cannot set completionTime when there is no '
                    "Complete=True condition"
                )
            ],
        ),
        (
            {"startTime": _AFTER},
            {**_DONE, "startTime": _AFTER, "completionTime": _BEFORE},
            [
                f'status.completionTime: Invalid value: "{_BEFORE}": completionTime cannot be set before startTime'
            ],
        ),
        (
            {},
            {"conditions": _COMPLETE[1:], "active": 1, "terminating": 1},
            [
                "status.completionTime: Required value: completionTime is required for Complete jobs",
                (
                    "status.conditions: Invalid value: cannot set Complete=True condition without the "
                    "SuccessCriteriaMet=true condition"
                ),
                "status.active: Invalid value: 1: active>0 is invalid for finished job",
                "status.startTime: Required value: startTime is required for finished job",
                "status.terminating: Invalid value: 1: terminating>0 is invalid for finished job",
            ],
        ),
        (
            {"startTime": _BEFORE},
            {"startTime": _BEFORE, "conditions": _FAILED[1:]},
            [
                (
                    "status.conditions: Invalid value: cannot set Failed=True condition without the "
                    "FailureTarget=true condition"
                )
            ],
        ),
        (
            _DONE,
            {"startTime": _BEFORE},
            [
                "status.conditions: Invalid value: cannot disable the terminal Complete=True condition",
                "status.succeeded: Invalid value: 0: cannot decrease the succeeded counter",
                "status.conditions: Invalid value: cannot disable the SuccessCriteriaMet=True condition",
            ],
        ),
        (
            {"startTime": _BEFORE},
            {"startTime": _AFTER},
            ["status.startTime: Required value: startTime cannot be removed for unsuspended job"],
        ),
        (
            {"startTime": _BEFORE},
            {"startTime": _BEFORE, "completedIndexes": "0", "failedIndexes": "0"},
            [
                (
                    'status.completedIndexes: Invalid value: "0": cannot set non-empty completedIndexes when '
                    "non-indexed completion mode"
                ),
                (
                    'status.failedIndexes: Invalid value: "0": cannot set non-null failedIndexes when '
                    "backoffLimitPerIndex is null"
                ),
                'status.failedIndexes: Invalid value: "0": failedIndexes and completedIndexes overlap at index: 0',
            ],
        ),
        (
            {},
            {"uncountedTerminatedPods": {"succeeded": ["a", ""], "failed": ["a"]}},
            [
                'status.uncountedTerminatedPods.succeeded[1]: Invalid value: "": must not be empty',
                'status.uncountedTerminatedPods.failed[0]: Duplicate value: "a"',
            ],
        ),
        (_DONE, {**_DONE, "observedSomething": 1}, []),
    ],
)
def test_what_the_status_of_a_job_may_become(old: Obj, new: Obj, errors: list[str]) -> None:
    job = _job()
    found = JOBS.validate_status_update({**job, "status": new}, {**job, "status": old}, FakeWorld())
    assert [str(error) for error in found] == errors


def test_jobs_are_warned_of_names_that_are_no_hostnames() -> None:
    (warning,) = JOBS.warnings(_job("a.b"), None, FakeWorld())
    assert warning == (
        "metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; "
        "a DNS label is recommended: [must not contain dots]"
    )
    many = _job(completionMode="Indexed", completions=100_001, parallelism=10_001)
    (warning,) = JOBS.warnings(many, None, FakeWorld())
    assert warning.startswith("spec: In Indexed Jobs with a number of completions higher than 10^5")
    assert JOBS.warnings(many, many, FakeWorld()) == []


@given(st.sets(st.integers(0, 60), min_size=1))
def test_indexes_are_read_back(indexes: set[int]) -> None:
    text = ",".join(str(index) for index in sorted(indexes))
    assert {first for first, _ in index_intervals(text, 61)} == indexes


@given(st.text("0123456789-,x", max_size=12))
def test_indexes_that_can_be_read_rise(text: str) -> None:
    try:
        intervals = index_intervals(text, 1000)
    except ValueError:
        return
    flat = [limit for first, last in intervals for limit in ((first, last) if last > first else (first,))]
    assert flat == sorted(set(flat))
    assert all(limit < 1000 for limit in flat)


# --- CronJobs -----------------------------------------------------------------------------------------------


def test_a_zone_that_was_stored_is_not_judged_again() -> None:
    old = _cron_job()
    old["spec"]["timeZone"] = "Mars/Base"
    assert _update(CRON_JOBS, _changed(old, suspend=True), old) == []
    assert _update(CRON_JOBS, _changed(old, timeZone="Mars/Sea"), old) == [
        'spec.timeZone: Invalid value: "Mars/Sea": unknown time zone Mars/Sea'
    ]


def test_a_schedule_that_was_stored_with_a_zone_may_keep_it() -> None:
    old = _cron_job()
    old["spec"]["schedule"] = "TZ=UTC 0 3 * * *"
    assert _update(CRON_JOBS, _changed(old, schedule="TZ=UTC 0 4 * * *"), old) == []
    both = _changed(old, schedule="TZ=UTC 0 4 * * *", timeZone="Etc/UTC")
    assert _update(CRON_JOBS, both, old) == [
        (
            'spec.schedule: Invalid value: "TZ=UTC 0 4 * * *": '
            "cannot use both timeZone field and TZ or CRON_TZ in schedule"
        )
    ]


def test_long_names_of_cron_jobs_are_refused_only_at_first() -> None:
    old = _cron_job()
    old["metadata"]["name"] = "c" * 60
    assert _update(CRON_JOBS, _changed(old, suspend=True), old) == []


# --- StatefulSets -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["serviceName", "podManagementPolicy", "volumeClaimTemplates"])
def test_what_of_a_stateful_set_stays(field: str) -> None:
    claim = {
        "metadata": {"name": "d"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    }
    values = {"serviceName": "x", "podManagementPolicy": "Parallel", "volumeClaimTemplates": [claim]}
    old = _set()
    assert _update(STATEFUL_SETS, _changed(old, **{field: values[field]}), old) == [
        (
            "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', "
            "'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and "
            "'minReadySeconds' are forbidden"
        )
    ]


def test_what_of_a_stateful_set_may_change() -> None:
    old = _set()
    new = _changed(
        old,
        replicas=3,
        ordinals={"start": 5},
        minReadySeconds=2,
        revisionHistoryLimit=3,
        updateStrategy={"type": "OnDelete"},
        persistentVolumeClaimRetentionPolicy={"whenScaled": "Delete"},
    )
    assert _update(STATEFUL_SETS, new, old) == []


def test_the_counts_of_a_stateful_set_fit_each_other() -> None:
    old = {**_set(), "status": {"replicas": 1, "collisionCount": 2}}
    status = {"replicas": 1, "readyReplicas": 2, "availableReplicas": 3, "collisionCount": 1}
    found = STATEFUL_SETS.validate_status_update({**old, "status": status}, old, FakeWorld())
    assert [str(error) for error in found] == [
        "status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas",
        "status.availableReplicas: Invalid value: 3: cannot be greater than status.replicas",
        "status.availableReplicas: Invalid value: 3: cannot be greater than status.readyReplicas",
        "status.collisionCount: Invalid value: 1: cannot be decremented",
    ]


def test_a_stateful_set_is_warned_of_endless_history() -> None:
    obj = _set(revisionHistoryLimit=-1)
    assert STATEFUL_SETS.warnings(obj, None, FakeWorld()) == [
        "spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended"
    ]


def test_names_of_stateful_sets_have_no_dots() -> None:
    assert STATEFUL_SETS.name_problem is not None
    assert STATEFUL_SETS.name_problem("db.main") == ["must not contain dots"]


# --- columns ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "status", "row"),
    [
        ({}, {}, ["Running", "0/1", ""]),
        ({"suspend": True, "completions": 3}, {"conditions": [{"type": "Suspended", "status": "True"}]},
         ["Suspended", "0/3", ""]),
        ({"parallelism": 3}, {"startTime": _BEFORE, "succeeded": 1}, ["Running", "1/1 of 3", "90s"]),
        ({}, _DONE, ["Complete", "1/1", "90s"]),
        ({}, {"startTime": _BEFORE, "conditions": _FAILED[:1]}, ["FailureTarget", "0/1", "90s"]),
        ({}, {"startTime": _BEFORE, "conditions": _FAILED}, ["Failed", "0/1", "90s"]),
    ],
)  # fmt: skip
def test_rows_of_jobs(spec: Obj, status: Obj, row: list[str]) -> None:
    job = {**_job(**spec), "status": status}
    assert [column.cell(job, NOW) for column in JOBS.columns[1:4]] == row


def test_rows_of_cron_jobs_and_stateful_sets() -> None:
    cron_job = _cron_job(timeZone="Etc/UTC")
    cron_job["metadata"]["creationTimestamp"] = _BEFORE
    cron_job["status"] = {"lastScheduleTime": _BEFORE, "active": [{"name": "cj-1"}]}
    assert [column.cell(cron_job, NOW) for column in CRON_JOBS.columns] == [
        "cj", "@daily", "Etc/UTC", "False", 1, "90s", "90s", "c", "busybox", "<none>"
    ]  # fmt: skip
    stateful_set = {**_set(replicas=3), "status": {"readyReplicas": 2}}
    cells = [column.cell(stateful_set, NOW) for column in STATEFUL_SETS.columns]
    assert cells == ["db", "2/3", "<unknown>", "c", "a"]
