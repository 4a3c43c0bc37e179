"""Instance-type descriptions in the words of EC2's DescribeInstanceTypes."""

from __future__ import annotations

from typing import Any


def description(
    name: str, *, enis: int = 3, ipv4: int = 10, cards: int = 1, **changes: Any
) -> dict[str, Any]:
    """Return the description of one type, every card with as many ENIs."""
    entry: dict[str, Any] = {
        "InstanceType": name,
        "BareMetal": False,
        "BurstablePerformanceSupported": False,
        "CurrentGeneration": True,
        "Hypervisor": "nitro",
        "VCpuInfo": {"DefaultVCpus": 2},
        "MemoryInfo": {"SizeInMiB": 8192},
        "ProcessorInfo": {"SupportedArchitectures": ["x86_64"]},
        "EbsInfo": {"AttachmentLimitType": "shared", "MaximumEbsAttachments": 27},
        "NetworkInfo": {
            "DefaultNetworkCardIndex": 0,
            "MaximumNetworkCards": cards,
            "MaximumNetworkInterfaces": enis * cards,
            "Ipv4AddressesPerInterface": ipv4,
            "NetworkCards": [
                {"NetworkCardIndex": index, "MaximumNetworkInterfaces": enis} for index in range(cards)
            ],
        },
    }
    entry.update(changes)
    return entry
