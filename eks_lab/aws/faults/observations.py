"""Whether something can be seen in a world: one function a kind of observation. Nothing here changes anything."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterator
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

from eks_lab.aws.command import run_aws
from eks_lab.aws.ec2 import mended
from eks_lab.aws.eks.access import AccessPolicyAuthorizer, user_of
from eks_lab.aws.faults.kinds import key_in, place_of, printed, resource_of
from eks_lab.aws.faults.observation_model import Observation
from eks_lab.aws.faults.references import text_of
from eks_lab.aws.faults.stage import Stage
from eks_lab.aws.principal import Principal
from eks_lab.errors import ContentError
from eks_lab.kube import jsonpath
from eks_lab.sim.apiserver.access import AccessRequest
from eks_lab.sim.kubelet.runtime import ContainerRuntime
from eks_lab.sim.objects import ApiError, Key, Obj, User, labels_of, parse_time
from eks_lab.sim.resource import Resource

READS = ("describe-", "get-", "list-")
"""What the verbs of AWS's reading commands begin with."""
ENVIRONMENT = {"AWS_REGION": "us-east-1"}


def is_seen(stage: Stage, observation: Observation, since: datetime) -> bool:
    """Say whether something can be seen.

    Args:
        stage: the world.
        observation: what to look for; its references are filled in.
        since: of events and log lines only those from this moment on count.

    Raises:
        ContentError: the observation cannot be made: an unknown kind, a reference to nothing.
    """
    kind = observation.kind
    return _KINDS[kind](stage, _Filled(stage, getattr(observation, kind)), since)


class _Filled:
    """The fields of an observation, references filled in when they are read."""

    def __init__(self, stage: Stage, wish: Any) -> None:
        self._stage = stage
        self._wish = wish

    def __getattr__(self, name: str) -> Any:
        return self._stage.scope.fill(getattr(self._wish, name))

    def fits(self, text: str) -> bool:
        """Say whether a text has what `contains` and `matches` want."""
        return self.contains in text and bool(re.search(self.matches, text))


def _event(stage: Stage, wish: Any, since: datetime) -> bool:
    kind, name, reason, namespace = wish.kind, wish.name, wish.reason, wish.namespace
    # Events know whole seconds only.
    since = since.replace(microsecond=0)
    for event in stage.api.items("events", namespace):
        about = event.get("involvedObject") or {}
        if (
            reason in ("", event.get("reason"))
            and kind in ("", about.get("kind"))
            and fnmatchcase(about.get("name", ""), name)
            and _latest(event) >= since
            and wish.fits(event.get("message") or "")
        ):
            return True
    return False


def _latest(event: Obj) -> datetime:
    series = event.get("series") or {}
    text = series.get("lastObservedTime") or event.get("lastTimestamp") or event.get("eventTime")
    return parse_time(text or event["metadata"]["creationTimestamp"])


def _resource(stage: Stage, wish: Any, since: datetime) -> bool:
    found = sum(_says(wish, obj) for obj in objects_of(stage, wish))
    return found == int(wish.count) if wish.count is not None else found > 0


def objects_of(stage: Stage, wish: Any) -> Iterator[Obj]:
    """Yield the objects that a `ResourceIs` names.

    Args:
        stage: the world.
        wish: with kind, name, namespace and selector.
    """
    try:
        resource = resource_of(stage.api, wish.kind)
    except ContentError:
        return
    name, labels = wish.name, wish.selector
    for obj in stage.api.items(resource.id, wish.namespace if resource.namespaced else ""):
        own = labels_of(obj)
        if fnmatchcase(obj["metadata"]["name"], name) and all(
            own.get(key) == value for key, value in labels.items()
        ):
            yield obj


def _says(wish: Any, obj: Obj) -> bool:
    if not wish.path:
        return True
    return any(_is_wanted(wish, value) for value in jsonpath.find(wish.path, obj))


def _is_wanted(wish: Any, value: Any) -> bool:
    if wish.equals is not None and value != wish.equals and text_of(value) != text_of(wish.equals):
        return False
    least = getattr(wish, "gte", None)
    if least is not None and not (_is_number(value) and float(value) >= float(least)):
        return False
    return bool(wish.fits(text_of(value)))


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True


def _log(stage: Stage, wish: Any, since: datetime) -> bool:
    kubelet = stage.cluster.kubelet
    runtime = ContainerRuntime(kubelet)
    pattern, container = wish.pod, wish.container
    for pod in stage.api.items("pods", wish.namespace):
        if not fnmatchcase(pod["metadata"]["name"], pattern):
            continue
        record = kubelet.record_of(pod)
        for each in record.containers if record is not None else ():
            if container not in ("", each.name) or each.process is None:
                continue
            # What a command prints in several lines is one thing to read: a blank line and the error, for one.
            lines = [line.text for line in runtime.lines_of(each.process, None, None) if line.moment >= since]
            if any(wish.fits(line) for line in lines):
                return True
    return False


def _console(stage: Stage, wish: Any, since: datetime) -> bool:
    account = stage.world.account
    ec2 = mended.region(account.id, account.region)
    for instance in ec2.find_instances():
        tags = ec2.tags_of(instance.id)
        if instance.is_terminating or tags.get("eks:nodegroup-name") != wish.nodegroup:
            continue
        lines = journal_of(stage, instance.id)
        if any(wish.fits(line) for line in lines):
            return True
    return False


def journal_of(stage: Stage, instance_id: str) -> list[str]:
    """Return the lines of an instance's journal, as `aws ec2 get-console-output` has them."""
    from eks_lab.aws.ec2.instances import observers

    observer: Any = observers.get(stage.world.account.id)
    text: str = observer.console(instance_id) if observer is not None else ""
    return text.splitlines()


def _aws(stage: Stage, wish: Any, since: datetime) -> bool:
    words = shlex.split(stage.scope.text(wish.command))
    if len(words) < 2 or not words[1].startswith(READS):
        raise ContentError(
            f"aws {wish.command}: an observation only reads",
            hint=f"Use a command whose verb begins with {', '.join(READS)}.",
        )
    code, out, error = run_aws(stage.world.account, stage.caller, [*words, "--output", "json"], ENVIRONMENT)
    if code:
        return wish.equals is None and bool(wish.contains or wish.matches) and bool(wish.fits(error))
    value = json.loads(out) if out.strip() else None
    if wish.path:
        import jmespath

        value = jmespath.search(wish.path, value)
    return value is not None and _is_wanted(wish, value)


def _kubectl(stage: Stage, wish: Any, since: datetime) -> bool:
    text = refusal(stage, wish.verb, wish.kind, wish.namespace, wish.manifest, wish.caller)
    return bool(text) and bool(wish.fits(text))


def refusal(stage: Stage, verb: str, kind: str, namespace: str, manifest: Obj, caller: str) -> str:
    """Return how kubectl is refused a request; empty when it is not.

    Args:
        stage: the world.
        verb: `get`, or `create`, which is tried without being kept.
        kind: of what is got.
        namespace: of what is got.
        manifest: of what is created.
        caller: ARN of an IAM user or role; empty is an administrator.
    """
    api = stage.api
    if verb == "create":
        resource, key = place_of(api, manifest)
    else:
        resource = resource_of(api, kind)
        key = key_in(resource, "", namespace)
    if caller:
        user = user_of(stage.world.account.eks, stage.cluster_name, _principal(stage, caller))
        error = (
            ApiError(401, "Unauthorized", "Unauthorized")
            if user is None
            else _forbidden(stage, user, "list" if verb == "get" else verb, resource, key)
        )
        if error is not None:
            return printed(error)
    if verb == "create":
        try:
            api.create(resource.id, manifest, namespace=key.namespace, dry_run=True)
        except ApiError as error:
            return printed(error)
    return ""


def _principal(stage: Stage, arn: str) -> Principal:
    kind, _, name = arn.rpartition(":")[2].partition("/")
    account = stage.world.account.id
    if kind == "role":
        session = f"arn:aws:sts::{account}:assumed-role/{name.rpartition('/')[2]}/session"
        return Principal(
            "assumed-role", account, session, "AROAEXAMPLE:session", name.rpartition("/")[2], "session"
        )
    return Principal("user", account, arn, "AIDAEXAMPLE", name.rpartition("/")[2])


def _forbidden(stage: Stage, user: User, verb: str, resource: Resource, key: Key) -> ApiError | None:
    request = AccessRequest(
        verb, "", True, resource.group, resource.version, resource.plural, "", key.namespace, key.name
    )
    policies = AccessPolicyAuthorizer(stage.world.account.eks, stage.cluster_name)
    if stage.cluster.rbac.authorize(user, request)[0] or policies.authorize(user, request)[0]:
        return None
    where = f'in the namespace "{key.namespace}"' if key.namespace else "at the cluster scope"
    text = (
        f'{resource.id} is forbidden: User "{user.name}" cannot {verb} resource "{resource.plural}" in API group '
        f'"{resource.group}" {where}'
    )
    return ApiError(403, "Forbidden", text)


def _said(stage: Stage, wish: Any, since: datetime) -> bool:
    text = stage.notes.said.get(wish.step)
    return text is not None and bool(wish.fits(text))


_KINDS: dict[str, Callable[[Stage, Any, datetime], bool]] = {
    "event": _event,
    "resource": _resource,
    "log": _log,
    "console": _console,
    "aws": _aws,
    "kubectl": _kubectl,
    "said": _said,
}
