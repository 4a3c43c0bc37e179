"""What steps do: one function a kind of step. Each yields the simulated time that has to pass."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import jmespath

from eks_lab.aws.command import run_aws
from eks_lab.aws.ec2 import mended
from eks_lab.aws.faults.durations import duration
from eks_lab.aws.faults.kinds import key_in, place_of, printed, resource_of
from eks_lab.aws.faults.model import Step
from eks_lab.aws.faults.observations import ENVIRONMENT, is_seen, objects_of
from eks_lab.aws.faults.references import text_of
from eks_lab.aws.faults.stage import Playing, Stage, StepError
from eks_lab.aws.faults.subnet_filling import fill
from eks_lab.kube import jsonpath
from eks_lab.sim.objects import ApiError, Key, controller_of, labels_of, timestamp
from eks_lab.sim.resource import Resource

MANAGER = "kubectl"
LOOK_EVERY = timedelta(seconds=5)
RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"
_CODE = re.compile(r"An error occurred \((\w[\w.]*)\)")


def run(stage: Stage, step: Step) -> Playing[None]:
    """Take one step.

    Args:
        stage: where; its notes receive what the step finds.
        step: of a file.

    Yields:
        Simulated time that has to pass before it goes on.

    Raises:
        StepError: it is refused and should not be, or the other way round, or a wait is over in vain.
        ContentError: it names something that there is not.
    """
    text, code = "", ""
    try:
        text = (yield from _KINDS[step.kind](stage, getattr(step, step.kind))) or ""
    except _RefusedError as refusal:
        text, code = refusal.text, refusal.code
        is_meant = bool(step.fails) and re.search(step.fails, text) is not None
        if not is_meant and code not in step.allow:
            raise StepError(f"{shown(stage, step)}: {text.strip()}") from refusal
    else:
        if step.fails:
            raise StepError(f"{shown(stage, step)} was not refused with: {step.fails}")
    if step.name:
        stage.notes.said[step.name] = text
    if step.save and not code:
        document = json.loads(text) if text.strip() else None
        for name, path in step.save.items():
            stage.notes.saved[name] = jmespath.search(path, document)


def shown(stage: Stage, step: Step) -> str:
    """Return a step as a learner would type it; what has no command is named in words."""
    scope = stage.scope
    argument: Any = getattr(step, step.kind)
    match step.kind:
        case "aws":
            return shlex.join(["aws", *(scope.text(word) for word in shlex.split(argument))])
        case "apply":
            documents = argument if isinstance(argument, list) else [argument]
            names = [
                f"{scope.text(each['kind']).lower()}/{scope.text(each['metadata']['name'])}"
                for each in documents
            ]
            return f"kubectl apply -f - ({', '.join(names)})"
        case "patch":
            words = [
                "kubectl",
                "patch",
                argument.kind.lower(),
                scope.text(argument.name),
                *_in(scope.text(argument.namespace)),
            ]
            return shlex.join([*words, f"--type={argument.type}", "-p", text_of(scope.fill(argument.patch))])
        case "delete":
            which = (
                [scope.text(argument.name)]
                if argument.name
                else ["-l", _labels(scope.fill(argument.selector))]
            )
            return shlex.join(
                ["kubectl", "delete", argument.kind.lower(), *which, *_in(scope.text(argument.namespace))]
            )
        case "restart":
            return shlex.join(
                [
                    "kubectl",
                    "rollout",
                    "restart",
                    f"{argument.kind.lower()}/{scope.text(argument.name)}",
                    *_in(scope.text(argument.namespace)),
                ]
            )
        case "scale":
            return shlex.join(
                [
                    "kubectl",
                    "scale",
                    f"{argument.kind.lower()}/{scope.text(argument.name)}",
                    f"--replicas={scope.text(argument.replicas)}",
                    *_in(scope.text(argument.namespace)),
                ]
            )
        case "cordon" | "uncordon":
            node = scope.text(argument)
            return shlex.join(["kubectl", step.kind, *(["-l", node] if "=" in node else [node])])
        case "advance":
            return f"eks-lab sandbox advance {argument}"
        case "fill_subnet":
            return f"(other workloads take addresses of {scope.text(argument.subnet)})"
        case "run_out" | "restock":
            return f"({step.kind.replace('_', ' ')}: {scope.text(argument.instance)} in {scope.text(argument.zone)})"
        case "wait":
            return f"(wait at most {argument.most})"
        case _:
            return f"({step.kind})"


def _in(namespace: str) -> list[str]:
    return ["-n", namespace] if namespace else []


def _labels(selector: Mapping[str, str]) -> str:
    return ",".join(f"{key}={value}" for key, value in selector.items())


class _RefusedError(Exception):
    """AWS or the API server refuses."""

    def __init__(self, text: str, code: str) -> None:
        super().__init__(text)
        self.text = text
        self.code = code


# --- the kinds -------------------------------------------------------------------------------------------


def _aws(stage: Stage, command: str) -> Playing[str]:
    yield from ()
    words = [stage.scope.text(word) for word in shlex.split(command)]
    code, out, error = run_aws(stage.world.account, stage.caller, [*words, "--output", "json"], ENVIRONMENT)
    if code:
        found = _CODE.search(error)
        raise _RefusedError(error, found[1] if found else str(code))
    return out


def _apply(stage: Stage, manifests: Any) -> Playing[str]:
    yield from ()
    done = []
    for manifest in manifests if isinstance(manifests, list) else [manifests]:
        document = stage.scope.fill(manifest)
        resource, key = place_of(stage.api, document)
        if resource.namespaced:
            document = {**document, "metadata": {**document["metadata"], "namespace": key.namespace}}
        _note(stage, resource, key)
        try:
            stage.api.patch(resource.id, key, document, type="apply", manager=MANAGER, force=True)
        except ApiError as error:
            raise _refused(error) from error
        done.append(f"{resource.kind.lower()}/{key.name} serverside-applied")
    return "\n".join(done)


def _patch(stage: Stage, wish: Any) -> Playing[str]:
    yield from ()
    return _patched(stage, wish.kind, wish.name, wish.namespace, stage.scope.fill(wish.patch), wish.type)


def _patched(stage: Stage, kind: str, name: str, namespace: str, patch: Any, type: Any = "strategic") -> str:
    scope = stage.scope
    resource = resource_of(stage.api, kind)
    key = key_in(resource, scope.text(name), scope.text(namespace))
    _note(stage, resource, key)
    try:
        stage.api.patch(resource.id, key, patch, type=type, manager=MANAGER)
    except ApiError as error:
        raise _refused(error) from error
    return f"{kind.lower()}/{key.name} patched"


def _delete(stage: Stage, wish: Any) -> Playing[str]:
    yield from ()
    scope = stage.scope
    resource = resource_of(stage.api, wish.kind)
    namespace = scope.text(wish.namespace)
    keys = [key_in(resource, scope.text(wish.name), namespace)] if wish.name else []
    if wish.selector:
        labels: Mapping[str, str] = scope.fill(wish.selector)
        keys = [
            Key(each["metadata"].get("namespace", ""), each["metadata"]["name"])
            for each in stage.api.items(resource.id, namespace)
            if labels.items() <= (each["metadata"].get("labels") or {}).items()
        ]
    for key in keys:
        _note(stage, resource, key)
        try:
            stage.api.delete(resource.id, key)
        except ApiError as error:
            raise _refused(error) from error
    return "\n".join(f'{wish.kind.lower()} "{key.name}" deleted' for key in keys)


def _restart(stage: Stage, wish: Any) -> Playing[str]:
    yield from ()
    template = {"metadata": {"annotations": {RESTARTED_AT: timestamp(stage.now)}}}
    return _patched(stage, wish.kind, wish.name, wish.namespace, {"spec": {"template": template}})


def _scale(stage: Stage, wish: Any) -> Playing[str]:
    yield from ()
    replicas = int(stage.scope.fill(wish.replicas))
    return _patched(stage, wish.kind, wish.name, wish.namespace, {"spec": {"replicas": replicas}})


def _cordon(stage: Stage, which: str) -> Playing[str]:
    yield from ()
    return _set_unschedulable(stage, which, is_unschedulable=True)


def _uncordon(stage: Stage, which: str) -> Playing[str]:
    yield from ()
    return _set_unschedulable(stage, which, is_unschedulable=False)


def _set_unschedulable(stage: Stage, which: str, *, is_unschedulable: bool) -> str:
    """Change one node, or all that have a label, written `key=value`."""
    text = stage.scope.text(which)
    label, _, value = text.partition("=")
    names = [
        each["metadata"]["name"] for each in stage.api.items("nodes") if labels_of(each).get(label) == value
    ]
    patch = {"spec": {"unschedulable": True if is_unschedulable else None}}
    return "\n".join(_patched(stage, "Node", name, "", patch) for name in (names if "=" in text else [text]))


def _fill_subnet(stage: Stage, wish: Any) -> Playing[str]:
    yield from ()
    scope = stage.scope
    made = fill(stage, scope.text(wish.subnet), int(scope.fill(wish.leave)), is_scattered=wish.scattered)
    stage.notes.interfaces += made
    return "\n".join(made)


def _run_out(stage: Stage, wish: Any) -> Playing[str]:
    yield from ()
    pair = [stage.scope.text(wish.instance), stage.scope.text(wish.zone)]
    mended.region(stage.world.account.id, stage.world.account.region).capacity.run_out(*pair)
    stage.notes.out.append(pair)
    return ""


def _restock(stage: Stage, wish: Any) -> Playing[str]:
    yield from ()
    pair = [stage.scope.text(wish.instance), stage.scope.text(wish.zone)]
    mended.region(stage.world.account.id, stage.world.account.region).capacity.restock(*pair)
    stage.notes.out = [each for each in stage.notes.out if each != pair]
    return ""


def _advance(stage: Stage, text: str) -> Playing[str]:
    yield duration(text)
    return ""


def _wait(stage: Stage, wish: Any) -> Playing[str]:
    end = stage.now + duration(wish.most)
    while is_seen(stage, wish.until, stage.began) is wish.gone:
        if stage.now >= end:
            raise StepError(
                f"waited {wish.most} in vain for {_about(wish.until)}{' to go' if wish.gone else ''}"
            )
        yield LOOK_EVERY
    return ""


def _about(observation: Any) -> str:
    wish = getattr(observation, observation.kind)
    names = [each.name for each in fields(wish) if getattr(wish, each.name) not in ("", "*", None, {})]
    return f"{observation.kind} " + ", ".join(f"{name}: {getattr(wish, name)}" for name in names)


def _find(stage: Stage, wishes: Mapping[str, Any]) -> Playing[str]:
    yield from ()
    for name, wish in wishes.items():
        filled = replace(
            wish, **stage.scope.fill({each.name: getattr(wish, each.name) for each in fields(wish)})
        )
        values = [value for obj in objects_of(stage, filled) for value in jsonpath.find(wish.path, obj)]
        if not values:
            raise StepError(f"find: {name}: no {wish.kind} has {wish.path}")
        stage.notes.saved[name] = values[0]
    return ""


def _note(stage: Stage, resource: Resource, key: Key) -> None:
    """Keep what an object was before the first step that changes it."""
    if not stage.is_undoable:
        return
    place = {"resource": resource.id, "namespace": key.namespace, "name": key.name}
    if any(place.items() <= each.items() for each in stage.notes.before):
        return
    before = stage.api.get(resource.id, key)
    if before is not None and controller_of(before) is not None:
        # Its controller makes another one.
        return
    stage.notes.before.append({**place, "object": before})


def _refused(error: ApiError) -> _RefusedError:
    return _RefusedError(printed(error), error.reason)


_KINDS: dict[str, Callable[[Stage, Any], Playing[str]]] = {
    "aws": _aws,
    "apply": _apply,
    "patch": _patch,
    "delete": _delete,
    "restart": _restart,
    "scale": _scale,
    "cordon": _cordon,
    "uncordon": _uncordon,
    "fill_subnet": _fill_subnet,
    "run_out": _run_out,
    "restock": _restock,
    "advance": _advance,
    "wait": _wait,
    "find": _find,
}
