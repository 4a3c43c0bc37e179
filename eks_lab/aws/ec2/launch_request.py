"""A launch completed from its launch template: what the template says and the call leaves open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.ec2.models import EC2Backend

from eks_lab.aws.ec2.refusal import refuse

_PLAIN = {
    "MetadataOptions": "metadata_options",
    "BlockDeviceMappings": "block_device_mappings",
    "NetworkInterfaces": "nics",
    "DisableApiTermination": "disable_api_termination",
    "EbsOptimized": "ebs_optimized",
}
"""Member of RequestLaunchTemplateData -> argument of run_instances. moto reads the others itself."""


METADATA_DEFAULTS = {"HttpTokens": "required", "HttpPutResponseHopLimit": 2, "HttpEndpoint": "enabled"}
"""Of images with IMDS support v2.0, which all images here are (EC2 user guide, "Configure IMDS for new instances")."""


def check_image(backend: EC2Backend, image_id: str) -> None:
    """Refuse a launch without an image.

    Raises:
        EC2ClientError: MissingParameter, InvalidAMIID.Malformed, InvalidAMIID.NotFound.
    """
    if not image_id:
        raise refuse("MissingParameter", "The request must contain the parameter ImageId")
    if not image_id.startswith("ami-"):
        raise refuse("InvalidAMIID.Malformed", f'Invalid id: "{image_id}" (expecting "ami-...")')
    if image_id not in backend.amis:
        raise refuse("InvalidAMIID.NotFound", f"The image id '[{image_id}]' does not exist")


def completed(backend: EC2Backend, kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a launch with what its launch template adds.

    Args:
        backend: that has the template.
        kwargs: of run_instances; what is given there wins.

    Returns:
        A copy. `is_profile_from_template` says that the instance profile was not in the call itself.

    Raises:
        EC2ClientError: there is no such template or version.
    """
    found = dict(kwargs)
    if not found.get("launch_template"):
        return found
    data = backend._get_template_from_args(found["launch_template"]).data
    found["template_image_id"] = data.get("ImageId") or ""
    for member, argument in _PLAIN.items():
        if not found.get(argument) and data.get(member):
            found[argument] = data[member]
            if argument == "block_device_mappings":
                found[argument] = [_mapping(each) for each in data[member]]
    if found.get("is_instance_type_default") and data.get("InstanceType"):
        found["instance_type"], found["is_instance_type_default"] = data["InstanceType"], False
    if found.get("nics") and found.get("subnet_id"):
        # Whoever launches into a subnet by a template with interfaces (an Auto Scaling group) means the primary one.
        nics = [dict(each) for each in found["nics"]]
        for each in nics:
            each.setdefault("SubnetId", found["subnet_id"])
        found["nics"] = nics
    groups = [group for each in found.get("nics") or [] for group in each.get("Groups") or []]
    if groups and not found.get("security_group_ids"):
        found["security_group_ids"] = []
    profile = data.get("IamInstanceProfile") or {}
    if profile and not found.get("iam_instance_profile_name") and not found.get("iam_instance_profile_arn"):
        found["iam_instance_profile_name"] = profile.get("Name")
        found["iam_instance_profile_arn"] = profile.get("Arn")
        found["is_profile_from_template"] = True
    market = (data.get("InstanceMarketOptions") or {}).get("MarketType")
    if market and not found.get("instance_market_options"):
        found["instance_market_options"] = market
    zone = (data.get("Placement") or {}).get("AvailabilityZone")
    if zone and not found.get("placement") and not found.get("subnet_id"):
        found["placement"] = zone
    return found


def _mapping(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """Return a template's block device; volumes that a launch makes go with the instance unless it says otherwise."""
    ebs = mapping.get("Ebs")
    if not ebs:
        return dict(mapping)
    goes = ebs.get("DeleteOnTermination")
    return {**mapping, "Ebs": {**ebs, "DeleteOnTermination": True if goes is None else goes}}
