"""Settings of the VPC CNI add-on: how pods get addresses, and which policies are enforced.

Source: aws/amazon-vpc-cni-k8s v1.23.0, README and docs/prefix-and-ip-target.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from eks_lab.calc.model import Input, Value
from eks_lab.catalog import instance_types
from eks_lab.generate.chosen import Chosen, refuse
from eks_lab.generate.fields import choice, flag, integer
from eks_lab.generate.model import Bundle, Generator, Original

_TEMPLATE = """
{
  "env": {
{% for key, value, reason in settings %}
    "{{ key }}": "{{ value }}"{{ "," if not loop.last }}
    #? {{ reason }}
{% endfor %}
{% if network_policy %}
  },
  "enableNetworkPolicy": "true"
  #? Starts the agent that enforces NetworkPolicy objects. Without it they are accepted and ignored.
{% else %}
  }
{% endif %}
}
"""

Setting = tuple[str, str, str]


def _warm(chosen: Chosen, *, prefixes: bool) -> Iterator[Setting]:
    has_ips = chosen.is_set("warm_ip_target") or chosen.is_set("minimum_ip_target")
    if prefixes and not has_ips:
        yield (
            "WARM_PREFIX_TARGET",
            str(chosen.integer("warm_prefix_target")),
            "Whole free prefixes kept ready: 16 addresses each, so a node may hold 31 it does not use.",
        )
    if chosen.is_set("warm_ip_target"):
        yield (
            "WARM_IP_TARGET",
            str(chosen.integer("warm_ip_target")),
            "Free addresses kept ready. It replaces the coarser targets; every new pod beyond it waits for EC2.",
        )
    if chosen.is_set("minimum_ip_target"):
        yield (
            "MINIMUM_IP_TARGET",
            str(chosen.integer("minimum_ip_target")),
            "Addresses a node holds from the start: about as many as pods it usually runs.",
        )


def _settings(chosen: Chosen) -> Iterator[Setting]:
    prefixes = chosen.text("addresses") == "prefixes"
    yield (
        "ENABLE_PREFIX_DELEGATION",
        "true" if prefixes else "false",
        "Each place of a secondary address holds a /28 prefix of 16 addresses: more pods a node, larger bites from the"
        " subnet."
        if prefixes
        else "Pods take single secondary addresses: the fewest unused ones, and fewer pods a node.",
    )
    yield from _warm(chosen, prefixes=prefixes)
    if chosen.flag("custom_networking"):
        yield (
            "AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG",
            "true",
            "Pods take addresses from the subnet of an ENIConfig and stay off the primary interface.",
        )
        yield (
            "ENI_CONFIG_LABEL_DEF",
            "topology.kubernetes.io/zone",
            "A node uses the ENIConfig that is named like its zone.",
        )
    yield (
        "AWS_VPC_K8S_CNI_EXTERNALSNAT",
        "true" if chosen.flag("external_snat") else "false",
        "Pods keep their own address outside the VPC as well; a NAT gateway translates for the internet."
        if chosen.flag("external_snat")
        else "Outside the VPC's ranges pods appear with the address of their node.",
    )
    if chosen.flag("security_groups_for_pods"):
        yield (
            "ENABLE_POD_ENI",
            "true",
            "One interface of each node becomes a trunk; pods with a SecurityGroupPolicy get a branch of it.",
        )
        yield (
            "POD_SECURITY_GROUP_ENFORCING_MODE",
            chosen.text("enforcing_mode"),
            "All traffic of such a pod passes only its own groups."
            if chosen.text("enforcing_mode") == "strict"
            else "Kubelet's probes and traffic inside the node work as for other pods; the pod's groups judge the rest.",
        )


def render(choices: Mapping[str, Value]) -> Bundle:
    """Return the configuration values of the add-on."""
    chosen = Chosen("vpc-cni-values", choices)
    instance = instance_types.get(chosen.text("instance"))
    prefixes = chosen.text("addresses") == "prefixes"
    if prefixes and not instance.supports_prefixes:
        raise refuse(
            "addresses",
            f"{instance.name} cannot hold prefixes: it is not a Nitro type",
            "Choose secondary, or a Nitro type.",
        )
    if chosen.flag("security_groups_for_pods") and instance.branch_enis == 0:
        raise refuse(
            "security_groups_for_pods",
            f"{instance.name} has no branch interfaces",
            "Types of the t family cannot; choose for example m5.large.",
        )
    notes = [
        (
            "Apply: aws eks update-addon --cluster-name NAME --addon-name vpc-cni --configuration-values"
            " file://vpc-cni-values.json --resolve-conflicts PRESERVE"
        ),
    ]
    if prefixes:
        notes += [
            (
                "A prefix is 16 addresses in one aligned block: a fragmented subnet answers InsufficientCidrBlocks although"
                " it has free addresses. Use fresh subnets or a CIDR reservation of type prefix."
            ),
            "Only new nodes use it, and kubelet's pod limit has to follow where you set it yourself.",
        ]
    if chosen.flag("security_groups_for_pods") and chosen.text("enforcing_mode") == "strict":
        notes.append(
            "In strict mode TCP probes need DISABLE_TCP_EARLY_DEMUX=true on the init container of aws-node."
        )
    if chosen.is_set("minimum_ip_target") and not chosen.is_set("warm_ip_target"):
        notes.append("MINIMUM_IP_TARGET works best together with WARM_IP_TARGET.")
    if chosen.is_set("warm_ip_target") and chosen.integer("warm_ip_target") < 2:
        notes.append(
            "A small WARM_IP_TARGET means many calls to EC2, which throttles them in large clusters."
        )
    file = chosen.file("vpc-cni-values.json", _TEMPLATE, settings=list(_settings(chosen)))
    return chosen.bundle(file, notes=notes)


GENERATOR = Generator(
    name="vpc-cni-values",
    title="Values of the VPC CNI add-on",
    summary="Prefixes or single addresses, warm targets, custom networking, policies: settings of aws-node.",
    produces="values",
    inputs=(
        choice("addresses", "Addresses", ("secondary", "prefixes"), "What an interface holds for pods."),
        integer(
            "warm_prefix_target", "Warm prefixes", 1, "Free prefixes kept ready on a node.", "prefixes", 1, 15
        ),
        integer(
            "warm_ip_target",
            "Warm addresses",
            None,
            "Free addresses kept ready on a node.",
            "addresses",
            1,
            100,
        ),
        integer(
            "minimum_ip_target",
            "Least addresses",
            None,
            "Addresses a node holds from the start.",
            "addresses",
            1,
            250,
        ),
        flag("custom_networking", "Custom networking", False, "Use ENIConfigs."),
        flag("external_snat", "External SNAT", False, "Leave translation to a NAT gateway."),
        flag("network_policy", "Network policies", True, "Enforce NetworkPolicy objects."),
        flag("security_groups_for_pods", "Groups for pods", False, "Give pods security groups of their own."),
        choice(
            "enforcing_mode",
            "Enforcing mode",
            ("strict", "standard"),
            "How security groups of pods are enforced.",
        ),
        Input(
            "instance",
            "Instance type",
            "instance",
            "m5.large",
            "Smallest type of the nodes, to see what it can do.",
        ),
    ),
    render=render,
    lesson="networking.prefix-delegation",
    original=Original(
        "Chapter 3, the two variables of prefix delegation",
        (
            (
                "ENABLE_PREFIX_DELEGATION and WARM_PREFIX_TARGET are right, and not enough: kubelet's limit has to follow"
                " and nodes have to be replaced."
            ),
            "The settings go into the managed add-on instead of the DaemonSet, where the add-on would take them back.",
            "NetworkPolicy enforcement is turned on: the guide's checklist asks for policies that nothing enforces.",
        ),
    ),
)
