"""The Auto Scaling groups behind managed node groups, as the Auto Scaling API shows and changes them.

EKS keeps the groups' sizes and decides about their instances; here they get the form that
`aws autoscaling describe-auto-scaling-groups` prints and that the Cluster Autoscaler reads. Groups that somebody made
with the Auto Scaling API itself are moto's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from eks_lab.aws.ec2.instances import Instance
from eks_lab.aws.errors import AwsError
from eks_lab.aws.service import Call
from eks_lab.sim.objects import Obj, parse_time

if TYPE_CHECKING:
    from eks_lab.aws.account import Account

NODEGROUPS = "nodegroups.eks"
_TAGS = "groupTags"
"""Beside the record's spec: key -> value, and whether new instances get it; what CreateOrUpdateTags has added."""
MOST = 100
"""Groups of one page (API reference, DescribeAutoScalingGroups)."""
_STATES = {
    "pending": "Pending",
    "running": "InService",
    "shutting-down": "Terminating",
    "terminated": "Terminated",
    "stopping": "Terminating",
    "stopped": "Terminating",
}
"""State of an instance -> LifecycleState of its membership."""


def extend_gateway(account: Account) -> None:
    """Let the gateway answer these operations for node groups' Auto Scaling groups."""
    groups = AutoScalingGroups(account)
    for operation, function in (
        ("DescribeAutoScalingGroups", groups.describe_auto_scaling_groups),
        ("DescribeAutoScalingInstances", groups.describe_auto_scaling_instances),
        ("SetDesiredCapacity", groups.set_desired_capacity),
        ("UpdateAutoScalingGroup", groups.update_auto_scaling_group),
        ("TerminateInstanceInAutoScalingGroup", groups.terminate_instance_in_auto_scaling_group),
        ("CreateOrUpdateTags", groups.create_or_update_tags),
    ):
        account.gateway.extend("autoscaling", operation, function)


class AutoScalingGroups:
    """The Auto Scaling groups of an account's node groups."""

    def __init__(self, account: Account) -> None:
        """Look at an account's node groups and EC2."""
        self._account = account

    def describe_auto_scaling_groups(self, params: dict[str, Any], context: Call) -> dict[str, Any]:
        """Return groups by name: those of node groups and moto's, filtered and in pages."""
        wanted = params.get("AutoScalingGroupNames") or []
        own = [self._group(record) for record in self._records()]
        rest = {key: value for key, value in params.items() if key not in ("MaxRecords", "NextToken")}
        others = self._moto("DescribeAutoScalingGroups", rest, context)["AutoScalingGroups"]
        found = [
            each
            for each in own
            if (not wanted or each["AutoScalingGroupName"] in wanted)
            and all(_matches(each, filter) for filter in params.get("Filters") or [])
        ]
        return _page(sorted([*found, *others], key=_name), params, "AutoScalingGroups")

    def describe_auto_scaling_instances(self, params: dict[str, Any], context: Call) -> dict[str, Any]:
        """Return members of groups: those of node groups and moto's."""
        wanted = params.get("InstanceIds") or []
        rest = {key: value for key, value in params.items() if key not in ("MaxRecords", "NextToken")}
        others = self._moto("DescribeAutoScalingInstances", rest, context)["AutoScalingInstances"]
        found = [
            {**member, "AutoScalingGroupName": group["AutoScalingGroupName"]}
            for group in (self._group(record) for record in self._records())
            for member in group["Instances"]
            if not wanted or member["InstanceId"] in wanted
        ]
        rows = sorted([*found, *others], key=lambda each: str(each["InstanceId"]))
        return _page(rows, params, "AutoScalingInstances")

    def set_desired_capacity(self, params: dict[str, Any], context: Call) -> dict[str, Any]:
        """Change how many nodes a group is to have; EKS follows, as it does on AWS.

        Raises:
            AwsError: ValidationError, the number is outside the group's sizes.
        """
        record = self._find(params["AutoScalingGroupName"])
        if record is None:
            return self._moto("SetDesiredCapacity", params, context)
        self._resize(record, {"desiredSize": params["DesiredCapacity"]})
        return {}

    def update_auto_scaling_group(self, params: dict[str, Any], context: Call) -> dict[str, Any]:
        """Change a group's sizes; its other settings are EKS's.

        Raises:
            AwsError: ValidationError.
        """
        record = self._find(params["AutoScalingGroupName"])
        if record is None:
            return self._moto("UpdateAutoScalingGroup", params, context)
        names = {"MinSize": "minSize", "MaxSize": "maxSize", "DesiredCapacity": "desiredSize"}
        self._resize(record, {to: params[name] for name, to in names.items() if name in params})
        return {}

    def terminate_instance_in_auto_scaling_group(
        self, params: dict[str, Any], context: Call
    ) -> dict[str, Any]:
        """Terminate a member: the group replaces it, or becomes smaller.

        Raises:
            AwsError: ValidationError, smaller than the group may be.
        """
        instance_id = params.get("InstanceId")
        if not instance_id:
            raise _invalid("The request must contain the parameter InstanceId")
        for record in self._records():
            for instance in self._members(record):
                if instance.id == instance_id:
                    return self._terminate(record, instance, params["ShouldDecrementDesiredCapacity"])
        return self._moto("TerminateInstanceInAutoScalingGroup", params, context)

    def create_or_update_tags(self, params: dict[str, Any], context: Call) -> dict[str, Any]:
        """Tag groups: those of node groups here, all others in moto."""
        others = []
        for tag in params["Tags"]:
            record = self._find(str(tag.get("ResourceId", "")))
            if record is None:
                others.append(tag)
                continue
            kept = {
                **(record.get(_TAGS) or {}),
                tag["Key"]: [tag.get("Value", ""), bool(tag.get("PropagateAtLaunch"))],
            }
            self._account.store.put(NODEGROUPS, {**record, _TAGS: kept})
        return self._moto("CreateOrUpdateTags", {"Tags": others}, context) if others else {}

    # --- node groups -----------------------------------------------------------------------------------

    def _moto(self, operation: str, params: dict[str, Any], context: Call) -> dict[str, Any]:
        return self._account.gateway.ask_moto("autoscaling", operation, params, context)

    def _records(self) -> Iterator[Obj]:
        for record in self._account.store.items(NODEGROUPS):
            if _group_name(record):
                yield record

    def _find(self, name: str) -> Obj | None:
        return next((each for each in self._records() if _group_name(each) == name), None)

    def _members(self, record: Obj) -> list[Instance]:
        from eks_lab.aws.ec2 import mended
        from eks_lab.aws.ec2.instance_records import INSTANCES

        ec2 = mended.region(self._account.id, self._account.region)
        spec, found = record["spec"], []
        for each in self._account.store.items(INSTANCES, spec["clusterName"]):
            instance = ec2.instance_index.get(each["metadata"]["name"])
            if instance is None or instance.state == "terminated":
                continue
            if each["spec"]["nodegroup"] == spec["nodegroupName"]:
                found.append(instance)
        return found

    def _group(self, record: Obj) -> dict[str, Any]:
        spec = record["spec"]
        name, scaling = _group_name(record), spec["scalingConfig"]
        members = self._members(record)
        own = {
            "eks:cluster-name": spec["clusterName"],
            "eks:nodegroup-name": spec["nodegroupName"],
            "k8s.io/cluster-autoscaler/enabled": "true",
            f"k8s.io/cluster-autoscaler/{spec['clusterName']}": "owned",
            f"kubernetes.io/cluster/{spec['clusterName']}": "owned",
        }
        tags = {**{key: [value, True] for key, value in own.items()}, **(record.get(_TAGS) or {})}
        return {
            "AutoScalingGroupName": name,
            "AutoScalingGroupARN": (
                f"arn:aws:autoscaling:{self._account.region}:{self._account.id}:autoScalingGroup:"
                f"{record['metadata']['uid']}:autoScalingGroupName/{name}"
            ),
            "MinSize": scaling["minSize"],
            "MaxSize": scaling["maxSize"],
            "DesiredCapacity": scaling["desiredSize"],
            "DefaultCooldown": 300,
            "AvailabilityZones": sorted({each.availability_zone or "" for each in members}),
            "LoadBalancerNames": [],
            "TargetGroupARNs": [],
            "HealthCheckType": "EC2",
            "HealthCheckGracePeriod": 15,
            "Instances": [_member(each) for each in members],
            "CreatedTime": parse_time(spec["createdAt"]),
            "SuspendedProcesses": [],
            "VPCZoneIdentifier": ",".join(spec["subnets"]),
            "EnabledMetrics": [],
            "Tags": [
                {
                    "ResourceId": name,
                    "ResourceType": "auto-scaling-group",
                    "Key": key,
                    "Value": value,
                    "PropagateAtLaunch": propagates,
                }
                for key, (value, propagates) in tags.items()
            ],
            "TerminationPolicies": ["AllocationStrategy", "OldestLaunchTemplate", "OldestInstance"],
            "NewInstancesProtectedFromScaleIn": False,
            "ServiceLinkedRoleARN": (
                f"arn:aws:iam::{self._account.id}:role/aws-service-role/autoscaling.amazonaws.com/"
                "AWSServiceRoleForAutoScaling"
            ),
            "CapacityRebalance": spec.get("capacityType") == "SPOT",
        }

    def _resize(self, record: Obj, changes: Mapping[str, int]) -> None:
        spec = record["spec"]
        scaling = {**spec["scalingConfig"], **changes}
        if min(scaling["minSize"], scaling["maxSize"]) < 0:
            raise _invalid("Min and max bounds of an AutoScalingGroup must not be negative.")
        if scaling["minSize"] > scaling["maxSize"]:
            raise _invalid(
                f"Max bound, {scaling['maxSize']}, must be greater than or equal to min bound, {scaling['minSize']}"
            )
        if "desiredSize" not in changes:
            least, most = scaling["minSize"], scaling["maxSize"]
            scaling["desiredSize"] = max(least, min(most, scaling["desiredSize"]))
        if scaling["desiredSize"] > scaling["maxSize"]:
            raise _invalid(
                f"New SetDesiredCapacity value {scaling['desiredSize']} is above max value {scaling['maxSize']}"
                f" for the AutoScalingGroup."
            )
        if scaling["desiredSize"] < scaling["minSize"]:
            raise _invalid(
                f"New SetDesiredCapacity value {scaling['desiredSize']} is below min value {scaling['minSize']}"
                f" for the AutoScalingGroup."
            )
        self._account.store.put(NODEGROUPS, {**record, "spec": {**spec, "scalingConfig": scaling}})

    def _terminate(self, record: Obj, instance: Instance, is_smaller: bool) -> dict[str, Any]:
        now = self._account.clock.now()
        if is_smaller:
            self._resize(record, {"desiredSize": record["spec"]["scalingConfig"]["desiredSize"] - 1})
        instance.terminate()
        return {
            "Activity": {
                "ActivityId": self._account.ids.uid(),
                "AutoScalingGroupName": _group_name(record),
                "Description": f"Terminating EC2 instance: {instance.id}",
                "Cause": f"At {now:%Y-%m-%dT%H:%M:%SZ} instance {instance.id} was taken out of service in response"
                " to a user request.",
                "StartTime": now,
                "StatusCode": "InProgress",
                "Progress": 0,
            }
        }


def _group_name(record: Obj) -> str:
    groups = (record["spec"].get("resources") or {}).get("autoScalingGroups") or []
    return str(groups[0]["name"]) if groups else ""


def _member(instance: Instance) -> dict[str, Any]:
    return {
        "InstanceId": instance.id,
        "InstanceType": instance.instance_type,
        "AvailabilityZone": instance.availability_zone,
        "LifecycleState": _STATES[instance.state],
        "HealthStatus": "Healthy" if instance.state in ("pending", "running") else "Unhealthy",
        "ProtectedFromScaleIn": False,
    }


def _matches(group: Mapping[str, Any], filter: Mapping[str, Any]) -> bool:
    name, values = str(filter.get("Name", "")), filter.get("Values") or []
    tags = {each["Key"]: each["Value"] for each in group["Tags"]}
    if name == "tag-key":
        return any(key in values for key in tags)
    if name == "tag-value":
        return any(value in values for value in tags.values())
    return tags.get(name.removeprefix("tag:")) in values


def _name(group: Mapping[str, Any]) -> str:
    return str(group["AutoScalingGroupName"])


def _page(rows: list[Any], params: Mapping[str, Any], member: str) -> dict[str, Any]:
    token = str(params.get("NextToken") or "0")
    if not token.isdecimal() or len(token) > 9:
        raise AwsError("InvalidNextToken", "The token is not valid.")
    start, most = int(token), min(int(params.get("MaxRecords") or MOST), MOST)
    if most < 1:
        raise _invalid(f"MaxRecords must be between 1 and {MOST}, but was {most}.")
    answer: dict[str, Any] = {member: rows[start : start + most]}
    if start + most < len(rows):
        answer["NextToken"] = str(start + most)
    return answer


def _invalid(message: str) -> AwsError:
    return AwsError("ValidationError", message)
