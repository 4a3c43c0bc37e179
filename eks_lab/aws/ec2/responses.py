"""Operations of EC2 whose parameters or answers moto leaves out."""

from __future__ import annotations

import base64
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.ec2.responses import EC2Response
from moto.ec2.responses.instances import InstanceResponse
from moto.ec2.responses.launch_templates import LaunchTemplates
from moto.ec2.utils import add_tag_specification

from eks_lab.aws.ec2.instances import observers
from eks_lab.aws.ec2.moment import now
from eks_lab.aws.ec2.refusal import refuse

TYPES_A_PAGE = 100
"""Most instance types of one answer (API reference, DescribeInstanceTypes)."""
_moto_run_instances = InstanceResponse.run_instances
_moto_block_devices = InstanceResponse._parse_block_device_mapping
_moto_create_launch_template = LaunchTemplates.create_launch_template


class MendedResponse(EC2Response):
    """Methods that `mended.install` puts in place of moto's."""

    def create_network_interface(self) -> ActionResult:
        """Create an interface, with prefixes when asked."""
        counts = {
            "secondary_ips_count": self._get_int_param("SecondaryPrivateIpAddressCount", 0),
            "ipv4_prefix_count": self._get_int_param("Ipv4PrefixCount", 0),
            "ipv4_prefixes": [each["Ipv4Prefix"] for each in self._get_param("Ipv4Prefixes", [])],
            "ipv6_addresses": [each["Ipv6Address"] for each in self._get_param("Ipv6Addresses", [])],
            "ipv6_address_count": self._get_int_param("Ipv6AddressCount", 0),
        }
        self.error_on_dryrun()
        interface = self.ec2_backend.create_network_interface(
            self._get_param("SubnetId"),
            self._get_param("PrivateIpAddress"),
            self._get_param("PrivateIpAddresses", []),
            self._get_param("Groups", []),
            self._get_param("Description"),
            add_tag_specification(self._get_param("TagSpecifications", [])),
            **counts,
        )
        return ActionResult({"NetworkInterface": interface})

    def assign_private_ip_addresses(self) -> ActionResult:
        """Assign secondary addresses or prefixes; only the new ones are answered."""
        interface_id = self._get_param("NetworkInterfaceId")
        backend = self.ec2_backend
        before = backend.interface_of(interface_id)
        addresses, prefixes = set(before.secondary_addresses), set(before.prefixes)
        after = backend.assign_private_ip_addresses(
            interface_id,
            self._get_param("PrivateIpAddresses", []),
            self._get_int_param("SecondaryPrivateIpAddressCount", 0),
            self._prefixes(),
            self._get_int_param("Ipv4PrefixCount", 0) or 0,
        )
        answer: dict[str, Any] = {"NetworkInterfaceId": interface_id}
        new = [each for each in after.secondary_addresses if each not in addresses]
        if new:
            answer["AssignedPrivateIpAddresses"] = [{"PrivateIpAddress": each} for each in new]
        new = [each for each in after.prefixes if each not in prefixes]
        if new:
            answer["AssignedIpv4Prefixes"] = [{"Ipv4Prefix": each} for each in new]
        return ActionResult(answer)

    def unassign_private_ip_addresses(self) -> ActionResult:
        """Take secondary addresses or prefixes back."""
        self.ec2_backend.unassign_private_ip_addresses(
            self._get_param("NetworkInterfaceId"), self._get_param("PrivateIpAddresses", []), self._prefixes()
        )
        return EmptyResult()

    def modify_network_interface_attribute(self) -> ActionResult:
        """Change an interface, and whether it goes with its instance, which moto leaves out."""
        interface = self.ec2_backend.interface_of(self._get_param("NetworkInterfaceId"))
        attachment = self._get_param("Attachment", {})
        self.error_on_dryrun()
        if attachment:
            if attachment.get("AttachmentId") != interface.attachment_id:
                raise refuse(
                    "InvalidAttachmentID.NotFound",
                    f"The attachment ID '{attachment.get('AttachmentId')}' does not exist",
                )
            interface.delete_on_termination = bool(attachment.get("DeleteOnTermination"))
        self.ec2_backend.modify_network_interface_attribute(
            interface.id,
            self._get_param("Groups", []),
            self._get_param("SourceDestCheck.Value"),
            self._get_param("Description.Value"),
        )
        return EmptyResult()

    def run_instances(self) -> ActionResult:
        """Launch MaxCount instances if they can be had, else as many as can, down to MinCount."""
        least, most = int(self._get_param("MinCount", 1)), int(self._get_param("MaxCount", 1))
        if least < 1 or most < least:
            raise refuse("InvalidParameterValue", f"Invalid value '{most}' for MaxCount.")
        params: Any = self._params_of_launch()
        for count in range(most, least, -1):
            try:
                params["MinCount"] = count
                return _moto_run_instances(self)
            except Exception as error:
                if getattr(error, "code", "") not in _SCARCITY:
                    raise
        params["MinCount"] = least
        return _moto_run_instances(self)

    def _parse_block_device_mapping(self) -> list[dict[str, Any]]:
        """Delete a root volume with its instance unless the call says otherwise; moto never does."""
        mappings = _moto_block_devices(self)
        for asked, mapping in zip(self._get_param("BlockDeviceMappings", []), mappings, strict=False):
            if asked.get("Ebs", {}).get("DeleteOnTermination") is None:
                mapping["Ebs"]["DeleteOnTermination"] = True
        return mappings

    def create_launch_template(self) -> ActionResult:
        """Tag the template alone; moto writes its own tags into what it launches, too."""
        answer = _moto_create_launch_template(self)
        made: Any = answer.result
        template = self.ec2_backend.get_launch_template(made["LaunchTemplate"]["LaunchTemplateId"])
        data = template.default_version().data
        launched = [
            each
            for each in data.pop("TagSpecifications", [])
            if each.get("ResourceType") != "launch-template"
        ]
        if launched:
            data["TagSpecifications"] = launched
        return answer

    def get_console_output(self) -> ActionResult:
        """Return what the instance wrote while it started: cloud-init and the kubelet's journal."""
        instance = self.ec2_backend.instance_of(self._get_param("InstanceId"))
        observer = observers.get(instance.owner_id)
        text = observer.console(instance.id) if observer is not None else ""
        return ActionResult(
            {
                "InstanceId": instance.id,
                "Timestamp": now(),
                "Output": base64.b64encode(text.encode()).decode(),
            }
        )

    def describe_instance_types(self) -> ActionResult:
        """Describe instance types in pages of 100; moto answers all of them at once, which takes seconds."""
        names = self._get_param("InstanceTypes", [])
        token = str(self._get_param("NextToken") or "0")
        if not token.isdecimal() or len(token) > 9:
            raise refuse("InvalidParameterValue", "Unable to parse pagination token")
        self.error_on_dryrun()
        found = self.ec2_backend.describe_instance_types(names, self._filters_from_querystring())
        start = int(token)
        end = (
            len(found)
            if names
            else start + min(self._get_int_param("MaxResults", TYPES_A_PAGE), TYPES_A_PAGE)
        )
        return ActionResult(
            {"InstanceTypes": found[start:end], "NextToken": str(end) if end < len(found) else None}
        )

    def _prefixes(self) -> list[str]:
        return [
            each["Ipv4Prefix"] if isinstance(each, dict) else str(each)
            for each in self._get_param("Ipv4Prefixes", [])
        ]

    def _params_of_launch(self) -> Any:
        """Return the parsed parameters of this call, which moto reads MinCount from."""
        return self.params


_SCARCITY = frozenset(
    {"InsufficientInstanceCapacity", "InsufficientFreeAddressesInSubnet", "VcpuLimitExceeded"}
)
"""Codes at which EC2 starts fewer instances than MaxCount."""

REPLACED = (
    "create_network_interface",
    "assign_private_ip_addresses",
    "unassign_private_ip_addresses",
    "modify_network_interface_attribute",
    "run_instances",
    "create_launch_template",
    "_parse_block_device_mapping",
    "get_console_output",
    "describe_instance_types",
    "_prefixes",
    "_params_of_launch",
)
"""Methods of moto's EC2Response that are replaced or added."""
