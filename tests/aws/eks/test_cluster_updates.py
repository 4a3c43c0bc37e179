"""Updates of clusters: one at a time, each with its type, parameters and end."""

from __future__ import annotations

from typing import Any

import pytest

from eks_lab.aws.eks.surroundings import Key as KmsKey
from tests.aws.eks.lab import Lab

Params = dict[str, Any]


@pytest.mark.parametrize(
    ("part", "kind", "rows"),
    [
        (
            {"resourcesVpcConfig": {"endpointPrivateAccess": True, "publicAccessCidrs": ["203.0.113.0/24"]}},
            "EndpointAccessUpdate",
            ["EndpointPublicAccess", "EndpointPrivateAccess", "PublicAccessCidrs"],
        ),
        (
            {"resourcesVpcConfig": {"securityGroupIds": ["sg-1"]}},
            "VpcConfigUpdate",
            ["Subnets", "SecurityGroups"],
        ),
        (
            {"logging": {"clusterLogging": [{"types": ["api"], "enabled": True}]}},
            "LoggingUpdate",
            ["ClusterLogging"],
        ),
        ({"accessConfig": {"authenticationMode": "API"}}, "AccessConfigUpdate", ["AuthenticationMode"]),
        ({"upgradePolicy": {"supportType": "STANDARD"}}, "UpgradePolicyUpdate", ["UpgradePolicy"]),
        ({"zonalShiftConfig": {"enabled": True}}, "ZonalShiftConfigUpdate", ["ZonalShiftConfig"]),
        ({"deletionProtection": True}, "DeletionProtectionUpdate", ["DeletionProtection"]),
        (
            {"controlPlaneScalingConfig": {"tier": "tier-xl"}},
            "ControlPlaneScalingConfigUpdate",
            ["PreviousTier", "UpdatedTier"],
        ),
        (
            {"remoteNetworkConfig": {"remoteNodeNetworks": [{"cidrs": ["10.80.0.0/16"]}]}},
            "RemoteNetworkConfigUpdate",
            ["RemoteNetworkConfig"],
        ),
        ({"kubeApiServerConfig": {"eventTtl": "30m"}}, "ControlPlaneComponentConfigUpdate", []),
    ],
)
def test_each_kind_of_update(lab: Lab, part: Params, kind: str, rows: list[str]) -> None:
    lab.active()
    update = lab.call("UpdateClusterConfig", name="one", **part)["update"]
    assert (update["type"], update["status"]) == (kind, "InProgress")
    assert [row["type"] for row in update["params"]] == rows
    assert lab.call("DescribeCluster", name="one")["cluster"]["status"] == "UPDATING"
    lab.advance(minutes=6)
    cluster = lab.call("DescribeCluster", name="one")["cluster"]
    assert cluster["status"] == "ACTIVE"
    for member, value in part.items():
        if isinstance(value, dict) and member != "logging":
            assert cluster[member].items() >= value.items()
    assert lab.call("ListUpdates", name="one")["updateIds"] == [update["id"]]
    ended = lab.call("DescribeUpdate", name="one", updateId=update["id"])["update"]
    assert (ended["status"], ended["errors"]) == ("Successful", [])
    repeated = lab.refusal("UpdateClusterConfig", name="one", **part)
    assert repeated.code == "InvalidParameterException", "an update without change is refused"


def test_a_tier_that_does_not_exist_is_refused(lab: Lab) -> None:
    lab.active()
    error = lab.refusal("UpdateClusterConfig", name="one", controlPlaneScalingConfig={"tier": "xl"})
    assert error.code == "InvalidParameterException"
    assert "tier-xl" in error.message


def test_a_second_update_waits(lab: Lab) -> None:
    lab.active()
    first = lab.call("UpdateClusterConfig", name="one", deletionProtection=True)["update"]
    error = lab.refusal(
        "UpdateClusterConfig",
        name="one",
        logging={"clusterLogging": [{"types": ["api"], "enabled": True}]},
    )
    assert error.code == "ResourceInUseException"
    assert error.message == (
        f"Cannot LoggingUpdate because cluster one currently has update {first['id']} in progress"
    )
    assert lab.refusal("DeleteCluster", name="one").code in (
        "InvalidRequestException",
        "ResourceInUseException",
    )


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({}, "The type for cluster update was not provided."),
        (
            {"deletionProtection": True, "zonalShiftConfig": {"enabled": True}},
            "Only one type of update can be allowed.",
        ),
        (
            {"resourcesVpcConfig": {"endpointPublicAccess": True}},
            "false , endpointPublicAccess: true, and Public Endpoint Restrictions: [0.0.0.0/0]",
        ),
        (
            {"logging": {"clusterLogging": [{"types": ["api"], "enabled": False}]}},
            "No changes needed for the logging config provided",
        ),
        (
            {"accessConfig": {"authenticationMode": "CONFIG_MAP"}},
            "Unsupported authentication mode update from API_AND_CONFIG_MAP to CONFIG_MAP",
        ),
        (
            {"resourcesVpcConfig": {"subnetIds": ["subnet-a", "subnet-b"]}},
            "must belong to the same set of AZs",
        ),
        ({"computeConfig": {"enabled": True}}, "is not simulated by eks-lab"),
    ],
)
def test_updates_that_are_refused(lab: Lab, params: Params, text: str) -> None:
    lab.described_as_active()
    error = lab.refusal("UpdateClusterConfig", name="one", **params)
    assert error.code == "InvalidParameterException"
    assert text in error.message


def test_a_repeated_request_begins_nothing_new(lab: Lab) -> None:
    lab.active()
    first = lab.call("UpdateClusterConfig", name="one", deletionProtection=True, clientRequestToken="t")
    again = lab.call("UpdateClusterConfig", name="one", deletionProtection=True, clientRequestToken="t")
    assert first == again


def test_an_upgrade_goes_one_minor_at_a_time(lab: Lab) -> None:
    lab.active(version="1.34")
    error = lab.refusal("UpdateClusterVersion", name="one", version="1.36")
    assert error.message == "Unsupported Kubernetes minor version update from 1.34 to 1.36"
    before = set(lab.surroundings.interfaces)
    update = lab.call("UpdateClusterVersion", name="one", version="1.35")["update"]
    assert update["type"] == "VersionUpdate"
    assert update["params"][0] == {"type": "Version", "value": "1.35"}
    lab.advance(minutes=10)
    cluster = lab.call("DescribeCluster", name="one")["cluster"]
    assert (cluster["status"], cluster["version"]) == ("ACTIVE", "1.35")
    assert lab.kubernetes.upgrades == [("one", "1.35")]
    assert len(lab.surroundings.interfaces) == 2
    assert not before & set(lab.surroundings.interfaces), "interfaces move on an upgrade"
    assert lab.refusal("UpdateClusterVersion", name="one", version="1.35").code == "InvalidParameterException"


def test_a_rollback_is_possible_for_seven_days(lab: Lab) -> None:
    lab.active(version="1.34")
    assert "it was not upgraded" in _refused_after_birth(lab)
    lab.call("UpdateClusterVersion", name="one", version="1.35")
    lab.advance(minutes=10)
    assert lab.call("UpdateClusterVersion", name="one", version="1.34")["update"]["type"] == "VersionRollback"
    lab.advance(minutes=10)
    lab.call("UpdateClusterVersion", name="one", version="1.35")
    lab.advance(days=8)
    error = lab.refusal("UpdateClusterVersion", name="one", version="1.34")
    assert "more than 7 days ago" in error.message


def _refused_after_birth(lab: Lab) -> str:
    lab.create("two", version="1.35")
    lab.advance(minutes=11)
    return lab.refusal("UpdateClusterVersion", name="two", version="1.34").message


def test_nodes_too_old_stand_in_the_way(lab: Lab) -> None:
    lab.active(version="1.35")
    lab.group()
    lab.advance(minutes=2)
    record = lab.eks.find("nodegroups.eks", "one", "workers")
    assert record is not None
    lab.eks.change("nodegroups.eks", record, version="1.32")
    error = lab.refusal("UpdateClusterVersion", name="one", version="1.36")
    assert error.code == "InvalidRequestException"
    assert error.message.startswith("Nodegroups workers must be updated to match cluster version 1.35")


def test_insights_refuse_unless_forced(lab: Lab) -> None:
    lab.active(version="1.35")
    lab.call("CreateAddon", clusterName="one", addonName="vpc-cni", addonVersion="v1.19.6-eksbuild.7")
    lab.advance(minutes=1)
    error = lab.refusal("UpdateClusterVersion", name="one", version="1.36")
    assert "EKS add-on version compatibility" in error.message
    assert lab.call("UpdateClusterVersion", name="one", version="1.36", force=True)["update"]


def test_at_the_end_of_support_eks_upgrades_by_itself(lab: Lab) -> None:
    """Standard support of 1.34 ends on 2026-12-02; with the policy EXTENDED nothing happens then."""
    lab.active(version="1.34", upgradePolicy={"supportType": "STANDARD"})
    lab.create("two", version="1.34")
    lab.advance(days=8)
    assert lab.call("DescribeCluster", name="one")["cluster"]["version"] == "1.34"
    lab.advance(days=2)
    assert lab.call("DescribeCluster", name="one")["cluster"]["version"] == "1.35"
    assert lab.call("DescribeCluster", name="two")["cluster"]["version"] == "1.34"
    error = lab.refusal("UpdateClusterVersion", name="one", version="1.34")
    assert "it was not upgraded" in error.message, "no way back from an upgrade of EKS's own"


def test_secrets_can_be_encrypted_later_and_once(lab: Lab) -> None:
    key = "arn:aws:kms:us-east-1:123456789012:key/k"
    config = [{"resources": ["secrets"], "provider": {"keyArn": key}}]
    lab.active()
    assert (
        "keyArn"
        in lab.refusal("AssociateEncryptionConfig", clusterName="one", encryptionConfig=config).message
    )
    lab.surroundings.keys[key] = KmsKey(key, "Enabled")
    lab.call("AssociateEncryptionConfig", clusterName="one", encryptionConfig=config)
    lab.advance(minutes=11)
    assert lab.call("DescribeCluster", name="one")["cluster"]["encryptionConfig"] == config
    assert lab.refusal("AssociateEncryptionConfig", clusterName="one", encryptionConfig=config).message == (
        "Cluster already has encryption config"
    )


def test_an_unknown_update_is_not_found(lab: Lab) -> None:
    lab.active()
    assert lab.refusal("DescribeUpdate", name="one", updateId="u").code == "ResourceNotFoundException"
    assert lab.refusal("ListUpdates", name="one", nodegroupName="none").code == "ResourceNotFoundException"
