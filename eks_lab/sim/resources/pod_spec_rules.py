"""The spec of a pod, its own or a template's (ValidatePodSpec), and pod templates (ValidatePodTemplateSpec)."""

from __future__ import annotations

from eks_lab.sim.objects import (
    FieldError,
    Obj,
    duplicate,
    forbidden_field,
    invalid,
    not_supported,
    required,
)
from eks_lab.sim.resources.container_rules import container_errors, image_space_errors
from eks_lab.sim.resources.field_rules import (
    LARGEST_INT32,
    annotation_errors,
    enum_errors,
    ip_errors,
    label_errors,
    label_key_errors,
    label_problems,
    selector_errors,
    subdomain_problems,
)
from eks_lab.sim.resources.resource_rules import requirement_errors
from eks_lab.sim.resources.scheduling_rules import (
    affinity_errors,
    gate_errors,
    spread_errors,
    toleration_errors,
)
from eks_lab.sim.resources.security_rules import pod_security_errors
from eks_lab.sim.resources.volume_rules import volume_errors

__all__ = ["pod_spec_errors", "selector_errors", "template_errors"]

_RESTART_POLICIES = ("Always", "OnFailure", "Never")
_DNS_POLICIES = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
_NAMESERVERS = 3
_SEARCHES = 32
_SEARCH_LETTERS = 2048


def _host_network_errors(spec: Obj, path: str, *, is_pod: bool) -> list[FieldError]:
    errors: list[FieldError] = []
    for number, container in enumerate(spec.get("containers") or ()):
        for position, port in enumerate(container.get("ports") or ()):
            host, own = port.get("hostPort") or 0, port.get("containerPort") or 0
            if (is_pod or host) and host != own:
                here = f"{path}.containers[{number}].ports[{position}].hostPort"
                errors.append(invalid(here, host, "must match `containerPort` when `hostNetwork` is true"))
    return errors


def _host_users_errors(spec: Obj, path: str) -> list[FieldError]:
    """Return the errors of user namespaces together with the host's other namespaces."""
    if spec.get("hostUsers") is not False:
        return []
    errors = [
        forbidden_field(f"{path}.{name}", "when `hostUsers` is false")
        for name in ("hostNetwork", "hostPID", "hostIPC")
        if spec.get(name)
    ]
    for kind in ("containers", "initContainers", "ephemeralContainers"):
        errors.extend(
            forbidden_field(f"{path}.{kind}[{number}].volumeDevices", "when `hostUsers` is false")
            for number, container in enumerate(spec.get(kind) or ())
            if container.get("volumeDevices")
        )
    return errors


def _dns_errors(spec: Obj, path: str) -> list[FieldError]:
    config = spec.get("dnsConfig")
    errors: list[FieldError] = []
    if spec.get("dnsPolicy") == "None":
        if config is None:
            return [required(path, "must provide `dnsConfig` when `dnsPolicy` is None")]
        if not config.get("nameservers"):
            detail = "must provide at least one DNS nameserver when `dnsPolicy` is None"
            errors.append(required(f"{path}.nameservers", detail))
    if config is None:
        return errors
    servers, searches = config.get("nameservers") or [], config.get("searches") or []
    if len(servers) > _NAMESERVERS:
        detail = f"must not have more than {_NAMESERVERS} nameservers"
        errors.append(invalid(f"{path}.nameservers", servers, detail))
    for number, server in enumerate(servers):
        errors.extend(ip_errors(server, f"{path}.nameservers[{number}]"))
    if len(searches) > _SEARCHES:
        detail = f"must not have more than {_SEARCHES} search paths"
        errors.append(invalid(f"{path}.searches", searches, detail))
    if len(" ".join(searches)) > _SEARCH_LETTERS:
        detail = f"must not have more than {_SEARCH_LETTERS} characters (including spaces) in the search list"
        errors.append(invalid(f"{path}.searches", searches, detail))
    for number, search in enumerate(searches):
        here, name = f"{path}.searches[{number}]", search.removesuffix(".")
        if search != ".":
            errors.extend(invalid(here, name, said) for said in subdomain_problems(name))
    for number, option in enumerate(config.get("options") or ()):
        if not option.get("name"):
            errors.append(required(f"{path}.options[{number}]", "must not be empty"))
    return errors


def _claim_errors(spec: Obj, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    seen: set[str] = set()
    for number, claim in enumerate(spec.get("resourceClaims") or ()):
        here, name = f"{path}[{number}]", claim.get("name") or ""
        if not name:
            errors.append(required(f"{here}.name"))
        elif name in seen:
            errors.append(duplicate(f"{here}.name", name))
        else:
            errors.extend(invalid(f"{here}.name", name, said) for said in label_problems(name))
        seen.add(name)
        given = [each for each in ("resourceClaimName", "resourceClaimTemplateName") if claim.get(each)]
        if len(given) != 1:
            detail = "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`"
            if given:
                detail = "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified"
            errors.append(invalid(here, claim, detail))
    return errors


def _name_field_errors(spec: Obj, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    account = spec.get("serviceAccountName")
    if account:
        errors.extend(
            invalid(f"{path}.serviceAccountName", account, said) for said in subdomain_problems(account)
        )
    node = spec.get("nodeName")
    if node:
        errors.extend(invalid(f"{path}.nodeName", node, said) for said in subdomain_problems(node))
    deadline = spec.get("activeDeadlineSeconds")
    if deadline is not None and not 1 <= deadline <= LARGEST_INT32:
        detail = f"must be between 1 and {LARGEST_INT32}, inclusive"
        errors.append(invalid(f"{path}.activeDeadlineSeconds", deadline, detail))
    for field in ("hostname", "subdomain"):
        name = spec.get(field)
        if name:
            errors.extend(invalid(f"{path}.{field}", name, said) for said in label_problems(name))
    return errors


def _rare_field_errors(spec: Obj, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    for number, alias in enumerate(spec.get("hostAliases") or ()):
        here = f"{path}.hostAliases[{number}]"
        errors.extend(ip_errors(alias.get("ip") or "", f"{here}.ip"))
        for name in alias.get("hostnames") or ():
            errors.extend(invalid(f"{here}.hostnames", name, said) for said in subdomain_problems(name))
    for field in ("priorityClassName", "runtimeClassName"):
        name = spec.get(field)
        if name:
            errors.extend(invalid(f"{path}.{field}", name, said) for said in subdomain_problems(name))
    policy = spec.get("preemptionPolicy")
    if policy is not None:
        errors.extend(enum_errors(policy, ("PreemptLowerPriority", "Never"), f"{path}.preemptionPolicy"))
    if spec.get("overhead"):
        errors.extend(requirement_errors({"limits": spec["overhead"]}, f"{path}.overhead"))
    system = spec.get("os")
    if system is not None:
        errors.extend(enum_errors(system.get("name"), ("linux", "windows"), f"{path}.os.name"))
    return errors


def pod_spec_errors(spec: Obj, path: str, *, is_pod: bool) -> list[FieldError]:
    """Return the errors of a pod spec, in the real server's order.

    Args:
        spec: with its defaults.
        path: of it: `spec`, `spec.template.spec`.
        is_pod: False for a template, in which host ports may be left out.
    """
    errors: list[FieldError] = []
    if spec.get("terminationGracePeriodSeconds") is None:
        errors.append(required(f"{path}.terminationGracePeriodSeconds"))
    volumes: dict[str, Obj] = {}
    if spec.get("volumes"):
        found, volumes = volume_errors(spec["volumes"], f"{path}.volumes")
        errors.extend(found)
    if spec.get("resourceClaims"):
        errors.extend(_claim_errors(spec, f"{path}.resourceClaims"))
    errors.extend(container_errors(spec, path, volumes))
    if spec.get("resources"):
        errors.extend(requirement_errors(spec["resources"], f"{path}.resources"))
    if spec.get("hostNetwork"):
        errors.extend(_host_network_errors(spec, path, is_pod=is_pod))
    errors.extend(enum_errors(spec.get("restartPolicy"), _RESTART_POLICIES, f"{path}.restartPolicy"))
    errors.extend(enum_errors(spec.get("dnsPolicy"), _DNS_POLICIES, f"{path}.dnsPolicy"))
    errors.extend(label_errors(spec.get("nodeSelector"), f"{path}.nodeSelector"))
    errors.extend(pod_security_errors(spec, path))
    errors.extend(affinity_errors(spec.get("affinity"), f"{path}.affinity"))
    errors.extend(_dns_errors(spec, f"{path}.dnsConfig"))
    for number, gate in enumerate(spec.get("readinessGates") or ()):
        here = f"{path}.readinessGates[{number}].conditionType"
        errors.extend(label_key_errors(gate.get("conditionType") or "", here))
    if spec.get("schedulingGates"):
        errors.extend(gate_errors(spec["schedulingGates"], f"{path}.schedulingGates"))
    if spec.get("topologySpreadConstraints"):
        here = f"{path}.topologySpreadConstraints"
        errors.extend(spread_errors(spec["topologySpreadConstraints"], here))
    errors.extend(_host_users_errors(spec, path))
    errors.extend(_name_field_errors(spec, path))
    if spec.get("tolerations"):
        errors.extend(toleration_errors(spec["tolerations"], f"{path}.tolerations"))
    errors.extend(_rare_field_errors(spec, path))
    if is_pod:
        errors.extend(_only_pod_errors(spec, path))
    return errors


def _only_pod_errors(spec: Obj, path: str) -> list[FieldError]:
    """Return what only pods are judged by, templates not (validatePodMetadataAndSpec)."""
    errors: list[FieldError] = []
    if not spec.get("serviceAccountName"):
        for number, volume in enumerate(spec.get("volumes") or ()):
            for position, part in enumerate((volume.get("projected") or {}).get("sources") or ()):
                if part.get("serviceAccountToken") is not None:
                    here = f"{path}.volumes[{number}].projected.sources[{position}].serviceAccountToken"
                    detail = "must not be specified when serviceAccountName is not set"
                    errors.append(forbidden_field(here, detail))
    for kind in ("containers", "initContainers"):
        errors.extend(image_space_errors(spec.get(kind) or (), f"{path}.{kind}"))
    return errors


def template_errors(template: Obj, path: str) -> list[FieldError]:
    """Return the errors of a pod template.

    Args:
        template: with its defaults.
        path: of it: `spec.template`.
    """
    metadata = template.get("metadata") or {}
    spec = template.get("spec") or {}
    # The real paths lack "metadata" here.
    errors = label_errors(metadata.get("labels"), f"{path}.labels")
    errors.extend(annotation_errors(metadata.get("annotations"), f"{path}.annotations"))
    errors.extend(pod_spec_errors(spec, f"{path}.spec", is_pod=False))
    if spec.get("ephemeralContainers"):
        here = f"{path}.spec.ephemeralContainers"
        errors.append(forbidden_field(here, "ephemeral containers not allowed in pod template"))
    return errors


def always_restart_errors(template: Obj, kind: str, path: str) -> list[FieldError]:
    """Return the errors of a template whose pods must run for ever.

    Args:
        template: of a ReplicaSet, Deployment, StatefulSet, DaemonSet or ReplicationController.
        kind: as the message names it.
        path: of the template.
    """
    spec = template.get("spec") or {}
    errors: list[FieldError] = []
    policy = spec.get("restartPolicy")
    if policy != "Always":
        errors.append(not_supported(f"{path}.spec.restartPolicy", policy or "", ("Always",)))
    if spec.get("activeDeadlineSeconds") is not None:
        detail = f"activeDeadlineSeconds in {kind} is not Supported"
        errors.append(forbidden_field(f"{path}.spec.activeDeadlineSeconds", detail))
    return errors
