"""A kubelet for tests: what a pod does is written in its image, or in the scenario by name.

Words: `ok` (ready after the usual time), `slow 30s` (ready after 30 s), `never` (runs, not ready), `stuck` (stays
Pending), `done 5s` (succeeds), `exit 3 5s` (fails with code 3), `evicted 5s` (fails with a DisruptionTarget condition).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from fnmatch import fnmatch
from typing import Any, ClassVar

from eks_lab.clock import Clock
from eks_lab.sim.api import Api
from eks_lab.sim.objects import Key, Obj, condition_of, parse_time, timestamp
from eks_lab.sim.pod_state import is_finished
from eks_lab.sim.runtime import DONE, Result, Watch

_WORDS = ("ok", "slow", "never", "stuck", "done", "exit", "evicted")


def seconds(text: str) -> timedelta:
    """Return a length of time written as `90s`, `5m` or `2h`."""
    return timedelta(seconds=float(text[:-1]) * {"s": 1, "m": 60, "h": 3600}[text[-1]])


class FakeKubelet:
    """Runs the pods of all nodes."""

    name: ClassVar[str] = "fake-kubelet"

    def __init__(
        self,
        clock: Clock,
        api: Api,
        fates: Mapping[str, str],
        ready_after: timedelta = timedelta(seconds=2),
        gone_after: timedelta = timedelta(seconds=1),
    ) -> None:
        """Wire it up.

        Args:
            clock: the cluster's time.
            api: the API server.
            fates: pattern of a pod's name -> words that go before its image.
            ready_after: from binding to readiness.
            gone_after: from the deletion of a pod that runs to its end.
        """
        self._clock = clock
        self._api = api
        self._fates = fates
        self._ready_after = ready_after
        self._gone_after = gone_after
        self._since: dict[str, datetime] = {}
        self._addresses = 0
        self.watches: Sequence[Watch] = (Watch("pods"),)

    def reconcile(self, key: Key) -> Result:
        """Bring one pod on."""
        pod = self._api.get("pods", key)
        if pod is None or not pod["spec"].get("nodeName"):
            return DONE
        now, uid = self._clock.now(), pod["metadata"]["uid"]
        if "deletionTimestamp" in pod["metadata"]:
            asked = parse_time(pod["metadata"]["deletionTimestamp"]) - timedelta(
                seconds=pod["metadata"].get("deletionGracePeriodSeconds", 0)
            )
            left = asked + self._gone_after - now
            if left > timedelta(0):
                return Result(left)
            if (
                pod["metadata"].get("finalizers")
                and not is_finished(pod)
                and pod.get("status", {}).get("startTime")
            ):
                # Who holds it wants to know how it ended.
                status = self._running(pod, parse_time(pod["status"]["startTime"]), is_ready=False)
                self._write(pod, self._ended(status, 137, now))
            self._api.delete("pods", key, grace_seconds=0)
            return DONE
        if is_finished(pod):
            return DONE
        started = self._since.setdefault(uid, now)
        word, *rest = self._fate(pod)
        if word == "stuck":
            return DONE
        delay = seconds(rest[-1]) if rest else self._ready_after
        if now - started < delay or word == "never":
            if condition_of(pod, "Ready") is None:
                self._write(pod, self._running(pod, started, is_ready=word in ("done", "exit", "evicted")))
            return DONE if word == "never" else Result(started + delay - now)
        status = self._running(pod, started, is_ready=True)
        if word in ("done", "exit", "evicted"):
            code = int(rest[0]) if word == "exit" else 0 if word == "done" else 137
            status = self._ended(status, code, started)
            if word == "evicted":
                status["conditions"].append(
                    {
                        "type": "DisruptionTarget",
                        "status": "True",
                        "reason": "EvictionByEvictionAPI",
                        "lastTransitionTime": timestamp(now),
                    }
                )
        self._write(pod, status)
        return DONE

    def _fate(self, pod: Obj) -> list[str]:
        for pattern, words in self._fates.items():
            if fnmatch(pod["metadata"]["name"], pattern):
                return words.split()
        words = pod["spec"]["containers"][0]["image"].split(":")[0].split("-")
        return words if words[0] in _WORDS else ["ok"]

    def _running(self, pod: Obj, started: datetime, *, is_ready: bool) -> Obj:
        old: Obj = pod.get("status") or {}
        ready = condition_of(pod, "Ready")
        state = "True" if is_ready else "False"
        moment = timestamp(self._clock.now())
        if ready is not None and ready["status"] == state:
            moment = ready["lastTransitionTime"]
        others = [each for each in old.get("conditions") or () if each["type"] != "Ready"]
        address = old.get("podIP")
        if address is None:
            self._addresses += 1
            address = f"10.0.{self._addresses // 250}.{self._addresses % 250 + 1}"
        return {
            **old,
            "phase": "Running",
            "startTime": old.get("startTime") or timestamp(started),
            "podIP": address,
            "podIPs": [{"ip": address}],
            "conditions": [*others, {"type": "Ready", "status": state, "lastTransitionTime": moment}],
            "containerStatuses": [
                self._container(each, {"running": {"startedAt": timestamp(started)}}, is_ready=is_ready)
                for each in pod["spec"]["containers"]
            ],
        }

    def _container(self, container: Obj, state: Obj, *, is_ready: bool) -> dict[str, Any]:
        return {
            "name": container["name"],
            "image": container["image"],
            "imageID": "",
            "ready": is_ready,
            "restartCount": 0,
            "state": state,
        }

    def _ended(self, status: Obj, code: int, started: datetime) -> Obj:
        moment = timestamp(self._clock.now())
        ended = {
            "exitCode": code,
            "reason": "Error" if code else "Completed",
            "startedAt": timestamp(started),
            "finishedAt": moment,
        }
        conditions = [each for each in status["conditions"] if each["type"] != "Ready"]
        return {
            **status,
            "phase": "Failed" if code else "Succeeded",
            "conditions": [*conditions, {"type": "Ready", "status": "False", "lastTransitionTime": moment}],
            "containerStatuses": [
                {**each, "ready": False, "state": {"terminated": ended}}
                for each in status["containerStatuses"]
            ],
        }

    def _write(self, pod: Obj, status: Obj) -> None:
        if status != pod.get("status"):
            self._api.update_status("pods", {**pod, "status": status}, manager="kubelet")
