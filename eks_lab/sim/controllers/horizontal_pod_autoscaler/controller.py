"""Reconciles one HorizontalPodAutoscaler. See the README beside this file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import ClassVar

import orjson

from eks_lab.calc.horizontal_scaling.autoscaler import Autoscaler, ControllerFlags
from eks_lab.calc.horizontal_scaling.decision import Decision, decide
from eks_lab.calc.horizontal_scaling.manifest import read_autoscaler
from eks_lab.calc.horizontal_scaling.proposal import Proposal
from eks_lab.calc.horizontal_scaling.restraint import History
from eks_lab.clock import Clock
from eks_lab.errors import InputError
from eks_lab.sim.api import Api
from eks_lab.sim.controllers.horizontal_pod_autoscaler import words
from eks_lab.sim.controllers.horizontal_pod_autoscaler.look import Look
from eks_lab.sim.controllers.horizontal_pod_autoscaler.measure import (
    PodUsage,
    UsageSource,
    group_of,
    reading_of,
)
from eks_lab.sim.controllers.horizontal_pod_autoscaler.metrics_status import current_metrics
from eks_lab.sim.controllers.horizontal_pod_autoscaler.targets import Target, find_target
from eks_lab.sim.events import EventRecorder
from eks_lab.sim.objects import ApiError, Key, Obj, key_of, labels_of
from eks_lab.sim.runtime import DONE, Result, Watch
from eks_lab.sim.selection import matches
from eks_lab.sim.service_pods import pods_of_selector

AUTOSCALERS = "horizontalpodautoscalers.autoscaling"
MANAGER = "kube-controller-manager"
SYNC_PERIOD = timedelta(seconds=15)
"""--horizontal-pod-autoscaler-sync-period."""


class HorizontalPodAutoscalerController:
    """Looks at each autoscaler every 15 seconds."""

    name: ClassVar[str] = "horizontal-pod-autoscaler"

    def __init__(self, clock: Clock, api: Api, recorder: EventRecorder, usage: UsageSource) -> None:
        """Wire it up.

        Args:
            clock: the cluster's time.
            api: the API server.
            recorder: `horizontal-pod-autoscaler`.
            usage: the resource metrics API.
        """
        self._clock = clock
        self._api = api
        self._recorder = recorder
        self._usage = usage
        self._epoch = clock.now()
        self._flags = ControllerFlags(sync_period_seconds=SYNC_PERIOD.total_seconds())
        self._due: dict[str, datetime] = {}
        """Uid -> when to look next; a change in between does not bring that forward."""
        self._histories: dict[str, History] = {}
        self._rules: dict[str, tuple[Obj, Autoscaler]] = {}
        """Uid -> specification and what the algorithm makes of it."""
        self.watches: Sequence[Watch] = (Watch(AUTOSCALERS),)

    def reconcile(self, key: Key) -> Result:
        """Look, when it is time to."""
        found = self._api.get(AUTOSCALERS, key)
        if found is None:
            self._forget_gone()
            return DONE
        now, uid = self._clock.now(), found["metadata"]["uid"]
        due = self._due.setdefault(uid, now + SYNC_PERIOD)
        if now < due:
            return Result(due - now)
        self._due[uid] = now + SYNC_PERIOD
        look = Look(found, now)
        self._look(look)
        self._write(look)
        return Result(SYNC_PERIOD)

    def _forget_gone(self) -> None:
        for uid in [uid for uid in self._due if self._api.store.find_uid(uid) is None]:
            del self._due[uid]
            self._histories.pop(uid, None)
            self._rules.pop(uid, None)

    def _write(self, look: Look) -> None:
        current = self._api.get(AUTOSCALERS, key_of(look.autoscaler))
        if current is not None and current.get("status") != look.status:
            self._api.update_status(AUTOSCALERS, {**current, "status": look.status}, manager=MANAGER)

    # --- one look --------------------------------------------------------------------------------------------

    def _look(self, look: Look) -> None:
        autoscaler = look.autoscaler
        try:
            target = find_target(self._api, autoscaler)
        except ApiError as error:
            self._recorder.warning(autoscaler, "FailedGetScale", error.message)
            message = f"the HPA controller was unable to get the target's current scale: {error.message}"
            look.set("AbleToScale", "False", "FailedGetScale", message)
            return
        look.set("AbleToScale", "True", "SucceededGetScale", words.GOT_SCALE)
        try:
            rules = self._rules_of(autoscaler)
        except InputError as error:
            # The API server takes targets that no metric can be compared with, such as 9223372036854775807.
            self._refuse(look, target, "InvalidMetricSourceType", error.message, error.message)
            return
        is_asked = rules.min_replicas <= target.replicas <= rules.max_replicas and not (
            target.replicas == 0 and rules.min_replicas
        )
        pods: list[Obj] = []
        if is_asked:
            if target.selector is None:
                self._recorder.warning(autoscaler, "SelectorRequired", "selector is required")
                self._refuse(look, target, "InvalidSelector", words.NO_SELECTOR, "selector is required")
                return
            pods = self._pods_of(autoscaler, target.selector)
            rivals = self._rivals(autoscaler, pods)
            if len(rivals) > 1:
                message = (
                    f"pods by selector {target.selector_text} are controlled by multiple HPAs: "
                    f"[{' '.join(rivals)}]"
                )
                self._recorder.warning(autoscaler, "AmbiguousSelector", message)
                self._refuse(look, target, "AmbiguousSelector", message, message)
                return
        self._act(look, target, rules, pods, self._decide(look, target, rules, pods))

    def _refuse(self, look: Look, target: Target, reason: str, message: str, error: str) -> None:
        look.set("ScalingActive", "False", reason, message)
        self._recorder.warning(look.autoscaler, "FailedComputeMetricsReplicas", error)
        look.keep_desired(target.replicas, [])

    def _rules_of(self, autoscaler: Obj) -> Autoscaler:
        uid = autoscaler["metadata"]["uid"]
        known = self._rules.get(uid)
        if known is None or known[0] != autoscaler["spec"]:
            document = {key: autoscaler[key] for key in ("apiVersion", "kind", "spec")}
            rules = read_autoscaler(orjson.dumps(document).decode(), autoscaler["metadata"]["name"])
            known = self._rules[uid] = (autoscaler["spec"], rules)
        return known[1]

    def _pods_of(self, autoscaler: Obj, selector: Obj) -> list[Obj]:
        return pods_of_selector(self._api, autoscaler["metadata"]["namespace"], selector)

    def _rivals(self, autoscaler: Obj, pods: Sequence[Obj]) -> list[str]:
        """Return the autoscalers that count one of these pods as theirs, this one included."""
        found = []
        for each in self._api.items(AUTOSCALERS, autoscaler["metadata"]["namespace"]):
            is_same = each["metadata"]["uid"] == autoscaler["metadata"]["uid"]
            try:
                selector = find_target(self._api, each).selector
            except ApiError:
                continue
            if is_same or any(matches(selector, labels_of(pod)) for pod in pods):
                found.append("/".join(key_of(each)))
        return found

    def _decide(self, look: Look, target: Target, rules: Autoscaler, pods: Sequence[Obj]) -> Decision:
        uid, namespace = look.autoscaler["metadata"]["uid"], look.autoscaler["metadata"]["namespace"]
        usage: Sequence[PodUsage] = ()
        missing = ""
        try:
            usage = self._usage.pod_usage(namespace, target.selector or {}) if pods else ()
        except ApiError as error:
            missing = error.message
        decision, history = decide(
            rules,
            self._flags,
            self._histories.get(uid, History()),
            [group_of(pod, self._epoch) for pod in pods],
            [reading_of(metric, pods, usage, self._epoch, missing) for metric in rules.metrics],
            target.replicas,
            (look.now - self._epoch).total_seconds(),
            status_replicas=target.scale["status"].get("replicas", 0),
        )
        self._histories[uid] = history
        return decision

    # --- acting ----------------------------------------------------------------------------------------------

    def _act(
        self, look: Look, target: Target, rules: Autoscaler, pods: Sequence[Obj], decision: Decision
    ) -> None:
        metrics = current_metrics(decision.proposals)
        broken = [each for each in decision.proposals if each.replicas is None]
        failures = self._report(look, broken, pods)
        if decision.outcome in ("unreadable", "blocked"):
            first = broken[0].metric
            look.set("ScalingActive", "False", f"FailedGet{first.kind}Metric", words.unable(failures[0]))
            cause = words.value_failure(first, failures[0])
            message = words.invalid_metrics(len(broken), len(rules.metrics), cause)
            self._recorder.warning(look.autoscaler, "FailedComputeMetricsReplicas", message)
            look.keep_desired(target.replicas, metrics)
            return
        if decision.outcome == "disabled":
            look.set("ScalingActive", "False", "ScalingDisabled", words.ZERO_TARGET)
        name = ""
        if decision.winner is not None:
            name = words.metric_name(
                decision.winner.metric, _spec_of(look.autoscaler, rules, decision.winner)
            )
            message = f"the HPA was able to successfully calculate a replica count from {name}"
            look.set("ScalingActive", "True", "ValidMetricFound", message)
            look.set_restraint(decision)
        if decision.change and not self._rescale(look, target, decision, name):
            look.finish(target.replicas, target.replicas, metrics)
            return
        look.finish(target.replicas, decision.desired, metrics)

    def _report(self, look: Look, broken: Sequence[Proposal], pods: Sequence[Obj]) -> list[str]:
        """Write an event for each metric that could not be read; return why."""
        failures = []
        for proposal in broken:
            failures.append(words.failure(proposal, pods))
            self._recorder.warning(look.autoscaler, f"FailedGet{proposal.metric.kind}Metric", failures[-1])
        return failures

    def _rescale(self, look: Look, target: Target, decision: Decision, name: str) -> bool:
        """Write the new size; return whether that worked."""
        reason = words.rescale_reason(decision, name)
        scale = {**target.scale, "spec": {"replicas": decision.desired}}
        text = f"New size: {decision.desired}; reason: {reason}"
        try:
            self._api.set_scale(target.resource, scale, manager=MANAGER)
        except ApiError as error:
            self._recorder.warning(look.autoscaler, "FailedRescale", f"{text}; error: {error.message}")
            message = f"the HPA controller was unable to update the target scale: {error.message}"
            look.set("AbleToScale", "False", "FailedUpdateScale", message)
            return False
        message = f"the HPA controller was able to update the target scale to {decision.desired}"
        look.set("AbleToScale", "True", "SucceededRescale", message)
        self._recorder.normal(look.autoscaler, "SuccessfulRescale", text)
        return True


def _spec_of(autoscaler: Obj, rules: Autoscaler, winner: Proposal) -> Obj:
    """Return the entry of `spec.metrics` that a proposal belongs to; empty when the metric is the default."""
    specs: Sequence[Obj] = autoscaler["spec"].get("metrics") or ()
    return next(
        (spec for spec, metric in zip(specs, rules.metrics, strict=False) if metric is winner.metric), {}
    )
