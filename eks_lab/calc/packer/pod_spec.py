"""A pod's `spec` as the scheduler sees it: effective requests and placement rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from eks_lab.calc.packer import fields
from eks_lab.calc.packer.fields import Fields, Place
from eks_lab.calc.packer.pods import CPU, VOLUMES, HostPort, PodSpec
from eks_lab.calc.packer.quantity import whole_units
from eks_lab.calc.packer.rules import (
    WHOLE_NUMBER,
    Expression,
    NodeTerm,
    PodTerm,
    Selector,
    Spread,
    Toleration,
    current_key,
)

_SELECTOR_OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist")
_NODE_OPERATORS = (*_SELECTOR_OPERATORS, "Gt", "Lt")
_EFFECTS = ("", "NoSchedule", "PreferNoSchedule", "NoExecute")
_POLICIES = ("Honor", "Ignore")
_POD_LEVEL = frozenset({"cpu", "memory"})

Amounts = dict[str, int]


@dataclass(frozen=True, slots=True)
class ClaimUse:
    """A claim a pod mounts, by name."""

    name: str
    is_template: bool = False
    """Whether the pod has a claim of its own from a template (a generic ephemeral volume)."""
    content: Any = None
    """The template."""


@dataclass(frozen=True, slots=True)
class ReadPod:
    """A pod spec with what needs other documents to be understood."""

    spec: PodSpec
    labels: dict[str, str]
    claims: tuple[ClaimUse, ...]
    is_bound: bool
    """Whether `nodeName` says it runs already."""


def read_pod(
    spec: Fields, place: Place, *, namespace: str, labels: dict[str, str], annotations: dict[str, str]
) -> ReadPod:
    """Read a pod spec.

    Args:
        spec: `spec` of a Pod, or of a pod template.
        place: where it stands.
        namespace: of the pod.
        labels: of the pod; the spec returned has none yet.
        annotations: of the pod.

    Raises:
        InputError: a field is not usable; the message names it.
    """
    requests = effective_requests(spec, place)
    claims: tuple[ClaimUse, ...] = ()
    legacy_volumes = 0
    if spec.get("volumes"):
        claims, legacy_volumes = _volumes(spec, place)
    if legacy_volumes:
        requests[VOLUMES] = requests.get(VOLUMES, 0) + legacy_volumes
    affinity = spec.get("affinity")
    rules: dict[str, Any] = {}
    if affinity:
        rules = _affinity(fields.as_mapping(affinity, place / "affinity"), place / "affinity", labels)
    if spec.get("tolerations"):
        rules["tolerations"] = tuple(
            _toleration(*each) for each in fields.mappings(spec, "tolerations", place)
        )
    if spec.get("topologySpreadConstraints"):
        rules["spreads"] = tuple(
            _spread(*each, labels) for each in fields.mappings(spec, "topologySpreadConstraints", place)
        )
    if spec.get("nodeSelector"):
        selector = fields.text_mapping(spec, "nodeSelector", place)
        rules["node_selector"] = tuple(sorted((current_key(key), value) for key, value in selector.items()))
    return ReadPod(
        spec=PodSpec(
            namespace=namespace,
            labels=(),
            requests=tuple(sorted((name, amount) for name, amount in requests.items() if amount)),
            host_ports=_host_ports(spec, place),
            do_not_disrupt=annotations.get("karpenter.sh/do-not-disrupt") == "true",
            is_gated=bool(spec.get("schedulingGates")),
            **rules,
        ),
        labels=labels,
        claims=claims,
        is_bound=bool(spec.get("nodeName")),
    )


def effective_requests(spec: Fields, place: Place) -> Amounts:
    """Return what the scheduler sets aside for a pod.

    The larger of what runs together (containers and sidecars) and of each init container with the
    sidecars started before it; then the overhead of the runtime class. `resources` of the pod itself
    replaces CPU and memory. Source: kubernetes/component-helpers, resource/helpers.go.
    """
    containers = fields.mappings(spec, "containers", place)
    if not containers:
        raise (place / "containers").refusal("Required value")
    total: Amounts = {}
    for container, here in containers:
        _add(total, _requests(container, here))
    if spec.get("initContainers"):
        sidecars: Amounts = {}
        largest: Amounts = {}
        for container, here in fields.mappings(spec, "initContainers", place):
            asked = _requests(container, here)
            if container.get("restartPolicy") == "Always":
                _add(sidecars, asked)
                asked = dict(sidecars)
            else:
                _add(asked, sidecars)
            for name, amount in asked.items():
                largest[name] = max(largest.get(name, 0), amount)
        _add(total, sidecars)
        for name, amount in largest.items():
            total[name] = max(total.get(name, 0), amount)
    if spec.get("resources"):
        pod_level = _requests(spec, place)
        total.update({name: amount for name, amount in pod_level.items() if name in _POD_LEVEL})
    if spec.get("overhead"):
        _add(total, _amounts(spec, "overhead", place))
    return total


def _add(total: Amounts, more: Amounts) -> None:
    for name, amount in more.items():
        total[name] = total.get(name, 0) + amount


def _requests(container: Fields, place: Place) -> Amounts:
    """Return requests; a limit without a request counts as one."""
    resources = container.get("resources")
    if not resources:
        return {}
    here = place / "resources"
    resources = fields.as_mapping(resources, here)
    asked = _amounts(resources, "requests", here)
    if resources.get("limits"):
        for name, amount in _amounts(resources, "limits", here).items():
            asked.setdefault(name, amount)
    return asked


def _amounts(parent: Fields, key: str, place: Place) -> Amounts:
    values = fields.mapping(parent, key, place)
    if not values:
        return {}
    here = place / key
    found: Amounts = {}
    for name, value in values.items():
        amount = fields.quantity(value, here / str(name))
        found[str(name)] = whole_units(amount, 1000 if name == CPU else 1)
    return found


def _host_ports(spec: Fields, place: Place) -> tuple[HostPort, ...]:
    uses_host_network = spec.get("hostNetwork") is True
    found = []
    for container, here in fields.mappings(spec, "containers", place):
        if not container.get("ports"):
            continue
        for port, there in fields.mappings(container, "ports", here):
            number = fields.whole(port, "hostPort", there, 0, most=65_535)
            if not number and uses_host_network:
                number = fields.whole(port, "containerPort", there, 0, most=65_535)
            if number:
                address = fields.text(port, "hostIP", there, "0.0.0.0") or "0.0.0.0"
                found.append((fields.text(port, "protocol", there, "TCP"), address, number))
    return tuple(sorted(set(found)))


def _volumes(spec: Fields, place: Place) -> tuple[tuple[ClaimUse, ...], int]:
    claims = []
    legacy = 0
    for volume, here in fields.mappings(spec, "volumes", place):
        claim = fields.mapping(volume, "persistentVolumeClaim", here)
        if claim:
            claims.append(ClaimUse(fields.text(claim, "claimName", here / "persistentVolumeClaim")))
        ephemeral = fields.mapping(volume, "ephemeral", here)
        if ephemeral:
            there = here / "ephemeral"
            template = fields.required_mapping(ephemeral, "volumeClaimTemplate", there)
            name = fields.text(volume, "name", here, "")
            claims.append(ClaimUse(name, is_template=True, content=template))
        legacy += bool(volume.get("awsElasticBlockStore"))
    return tuple(claims), legacy


def _affinity(affinity: Fields, place: Place, labels: dict[str, str]) -> dict[str, Any]:
    rules: dict[str, Any] = {}
    node = fields.mapping(affinity, "nodeAffinity", place)
    if node:
        here = place / "nodeAffinity"
        required = node.get("requiredDuringSchedulingIgnoredDuringExecution")
        if required is not None:
            at = here / "requiredDuringSchedulingIgnoredDuringExecution"
            terms = fields.mappings(fields.as_mapping(required, at), "nodeSelectorTerms", at)
            if not terms:
                raise (at / "nodeSelectorTerms").refusal("Required value")
            rules["node_terms"] = tuple(_node_term(*term) for term in terms)
        preferred = fields.mappings(node, "preferredDuringSchedulingIgnoredDuringExecution", here)
        rules["node_preferences"] = tuple(
            (
                fields.whole(each, "weight", at, 1, least=1, most=100),
                _node_term(fields.required_mapping(each, "preference", at), at / "preference"),
            )
            for each, at in preferred
        )
    for key, hard, soft in (
        ("podAffinity", "near", "rather_near"),
        ("podAntiAffinity", "apart", "rather_apart"),
    ):
        part = fields.mapping(affinity, key, place)
        if not part:
            continue
        here = place / key
        rules[hard] = tuple(
            _pod_term(*term, labels)
            for term in fields.mappings(part, "requiredDuringSchedulingIgnoredDuringExecution", here)
        )
        rules[soft] = tuple(
            (
                fields.whole(each, "weight", at, 1, least=1, most=100),
                _pod_term(
                    fields.required_mapping(each, "podAffinityTerm", at), at / "podAffinityTerm", labels
                ),
            )
            for each, at in fields.mappings(part, "preferredDuringSchedulingIgnoredDuringExecution", here)
        )
    return rules


def _node_term(term: Fields, place: Place) -> NodeTerm:
    expressions = tuple(
        expression(*each, _NODE_OPERATORS) for each in fields.mappings(term, "matchExpressions", place)
    )
    named = any(
        fields.choice(each, "operator", at, ("In", "NotIn"), None) == "In"
        for each, at in fields.mappings(term, "matchFields", place)
    )
    return NodeTerm(expressions, is_impossible=named or not (expressions or term.get("matchFields")))


def expression(content: Fields, place: Place, operators: tuple[str, ...] = _SELECTOR_OPERATORS) -> Expression:
    """Read one `key operator values`.

    Raises:
        InputError: operator and values do not go together.
    """
    key = fields.text(content, "key", place)
    operator = fields.choice(content, "operator", place, operators, None)
    values = fields.texts(content, "values", place)
    if operator in ("In", "NotIn") and not values:
        raise (place / "values").refusal(f"Required value when operator is {operator}")
    if operator in ("Exists", "DoesNotExist") and values:
        raise (place / "values").refusal(f"may not be specified when operator is {operator}")
    if operator in ("Gt", "Lt", "Gte", "Lte") and not (
        len(values) == 1 and WHOLE_NUMBER.fullmatch(values[0])
    ):
        raise (place / "values").refusal(f"{operator} takes one whole number in quotes")
    return Expression(current_key(key), operator, values)


def selector(parent: Fields, key: str, place: Place) -> Selector | None:
    """Read a label selector; None when it is absent."""
    if parent.get(key) is None:
        return None
    content = fields.mapping(parent, key, place)
    here = place / key
    labels = fields.text_mapping(content, "matchLabels", here)
    return Selector(
        (
            *(Expression(name, "In", (value,)) for name, value in sorted(labels.items())),
            *(expression(*each) for each in fields.mappings(content, "matchExpressions", here)),
        )
    )


def _with_own_labels(
    found: Selector | None, content: Fields, place: Place, labels: dict[str, str]
) -> Selector | None:
    """Return the selector with `matchLabelKeys` and `mismatchLabelKeys` filled in, as the API server does."""
    more = []
    for key, operator in (("matchLabelKeys", "In"), ("mismatchLabelKeys", "NotIn")):
        more += [
            Expression(name, operator, (labels[name],))
            for name in fields.texts(content, key, place)
            if name in labels
        ]
    return found if found is None or not more else Selector((*found.expressions, *more))


def _pod_term(term: Fields, place: Place, labels: dict[str, str]) -> PodTerm:
    key = fields.text(term, "topologyKey", place)
    if not key:
        raise (place / "topologyKey").refusal("Required value")
    return PodTerm(
        topology_key=current_key(key),
        selector=_with_own_labels(selector(term, "labelSelector", place), term, place, labels),
        namespaces=frozenset(fields.texts(term, "namespaces", place)),
        namespace_selector=selector(term, "namespaceSelector", place),
    )


def _toleration(content: Fields, place: Place) -> Toleration:
    key = fields.text(content, "key", place, "")
    operator = fields.choice(content, "operator", place, ("", "Exists", "Equal"), "") or "Equal"
    if not key and operator == "Equal":
        raise (place / "operator").refusal("must be Exists when `key` is empty")
    return Toleration(
        key=key,
        operator=operator,
        value=fields.text(content, "value", place, ""),
        effect=fields.choice(content, "effect", place, _EFFECTS, ""),
    )


def _spread(content: Fields, place: Place, labels: dict[str, str]) -> Spread:
    if content.get("maxSkew") is None:
        raise (place / "maxSkew").refusal("Required value")
    unsatisfiable = fields.choice(
        content, "whenUnsatisfiable", place, ("DoNotSchedule", "ScheduleAnyway"), None
    )
    return Spread(
        topology_key=current_key(fields.text(content, "topologyKey", place)),
        max_skew=fields.whole(content, "maxSkew", place, 1, least=1),
        is_required=unsatisfiable == "DoNotSchedule",
        selector=_with_own_labels(selector(content, "labelSelector", place), content, place, labels),
        min_domains=fields.whole(content, "minDomains", place, 1, least=1),
        honors_affinity=fields.choice(content, "nodeAffinityPolicy", place, _POLICIES, "Honor") == "Honor",
        honors_taints=fields.choice(content, "nodeTaintsPolicy", place, _POLICIES, "Ignore") == "Honor",
    )
