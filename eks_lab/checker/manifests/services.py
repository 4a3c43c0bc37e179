"""Services: do they reach pods, on ports those have, through the right load balancer."""

from __future__ import annotations

from collections.abc import Iterator

from eks_lab.checker.manifests.manifest import Manifest, ManifestSet, items, part, string_map, text
from eks_lab.checker.model import Finding
from eks_lab.checker.rule import ERROR, NOTE, WARNING, Rule
from eks_lab.kube.labels import from_labels

NO_ENDPOINTS = Rule(
    "k8s-service-no-endpoints",
    WARNING,
    "A Service's selector matches no pods that stand here: it will have no endpoints, and connections are refused.",
    "Select the labels of the pod template.",
    "troubleshooting.method",
)
TARGET_PORT = Rule(
    "k8s-service-port",
    ERROR,
    "A Service's targetPort names a port that its pods do not have: it gets no endpoint for it.",
    "Name a container port, or write its number.",
    "troubleshooting.method",
)
TARGET_NUMBER = Rule(
    "k8s-service-other-port",
    WARNING,
    "A Service sends to a port that none of its pods declares: a slip, or a port missing from the list.",
    "Use the container's port, or declare this one.",
    "troubleshooting.method",
)
PORT_NAMES = Rule(
    "k8s-service-port-names",
    ERROR,
    "A Service with several ports needs a different name for each.",
    "Name every port.",
)
CLASSIC = Rule(
    "eks-classic-load-balancer",
    NOTE,
    "A LoadBalancer Service without class or annotation is taken by the old in-tree controller, which makes a Classic "
    "Load Balancer, the generation AWS replaced (EKS Auto Mode makes an NLB).",
    "Write loadBalancerClass: service.k8s.aws/nlb and install the AWS Load Balancer Controller.",
    "networking.vpc-cni",
)
OLD_NLB = Rule(
    "eks-nlb-annotation",
    WARNING,
    "The annotation's value belongs to the in-tree controller, or to the first release of the AWS Load Balancer "
    "Controller; it gets fixes no more.",
    "Write aws-load-balancer-type: external with aws-load-balancer-nlb-target-type: ip, or loadBalancerClass: "
    "service.k8s.aws/nlb.",
    "networking.vpc-cni",
)
RULES = (NO_ENDPOINTS, TARGET_PORT, TARGET_NUMBER, PORT_NAMES, CLASSIC, OLD_NLB)

_ANNOTATION = "service.beta.kubernetes.io/aws-load-balancer-"


def check(together: ManifestSet) -> Iterator[Finding]:
    """Yield findings about Services."""
    for service in together.of_kind("Service"):
        if service.group:
            continue
        yield from _endpoints(service, together)
        yield from _port_names(service)
        if text(service.spec, "type") == "LoadBalancer":
            yield from _load_balancer(service)


def _endpoints(service: Manifest, together: ManifestSet) -> Iterator[Finding]:
    selector = from_labels(string_map(part(service.spec, "selector")))
    if selector.nothing or text(service.spec, "type") == "ExternalName":
        return
    pods = together.selected(selector, service.namespace)
    if not pods:
        near = [one for one in together.templates if one.owner.namespace == service.namespace]
        if together.whole and near:
            labels = "; ".join(
                sorted(
                    {
                        f"{one.owner}: " + ", ".join(f"{k}={v}" for k, v in sorted(one.labels.items()))
                        for one in near
                    }
                )[:3]
            )
            yield service.finding(
                NO_ENDPOINTS, ("spec", "selector"), f"no pod here has {selector} (there are {labels})"
            )
        return
    ports = [
        port for pod in pods for _, container in pod.all_containers() for _, port in items(container, "ports")
    ]
    names = {text(port, "name") for port in ports} - {""}
    numbers = [port.get("containerPort") for port in ports]
    for position, port in items(service.spec, "ports"):
        target = port.get("targetPort", port.get("port"))
        path = ("spec", "ports", position, "targetPort" if "targetPort" in port else "port")
        if isinstance(target, str) and not target.isdecimal() and target not in names:
            shown = ", ".join(sorted(names)) or "no named ports"
            yield service.finding(
                TARGET_PORT, path, f'targetPort "{target}" is no port of its pods ({shown})'
            )
        elif isinstance(target, int) and numbers and target not in numbers:
            shown = ", ".join(str(one) for one in sorted({n for n in numbers if isinstance(n, int)}))
            yield service.finding(TARGET_NUMBER, path, f"it sends to port {target}; its pods declare {shown}")


def _port_names(service: Manifest) -> Iterator[Finding]:
    ports = items(service.spec, "ports")
    seen: set[str] = set()
    for position, port in ports if len(ports) > 1 else ():
        name = text(port, "name")
        if not name:
            yield service.finding(
                PORT_NAMES, ("spec", "ports", position), f"spec.ports[{position}].name: Required value"
            )
        elif name in seen:
            yield service.finding(
                PORT_NAMES,
                ("spec", "ports", position, "name"),
                f'spec.ports[{position}].name: Duplicate value: "{name}"',
            )
        seen.add(name)


def _load_balancer(service: Manifest) -> Iterator[Finding]:
    kind = service.annotations.get(f"{_ANNOTATION}type", "")
    if kind in ("nlb", "nlb-ip"):
        yield service.finding(
            OLD_NLB,
            ("metadata", "annotations", f"{_ANNOTATION}type"),
            f"{_ANNOTATION}type: {kind} is outdated",
        )
    elif not kind and not service.spec.get("loadBalancerClass"):
        yield service.finding(CLASSIC, ("spec", "type"), "type: LoadBalancer names no class")
