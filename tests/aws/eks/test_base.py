"""The base cluster: put there at once, and like any other afterwards."""

from __future__ import annotations

from eks_lab.aws.eks.access import user_of
from eks_lab.aws.eks.base import BASE_ADDONS, BaseCluster, put_base_cluster
from tests.aws.eks.lab import CLUSTER_ROLE, NODE_ROLE, STUDENT, SUBNETS, Lab


def put(lab: Lab, nodes: int = 3) -> None:
    wanted = BaseCluster("one", "1.36", CLUSTER_ROLE, NODE_ROLE, SUBNETS, SUBNETS, STUDENT, nodes=nodes)
    put_base_cluster(lab.eks, wanted)


def test_everything_is_active_at_once_and_stays_so(lab: Lab) -> None:
    start = lab.clock.now()
    put(lab)
    assert lab.clock.now() == start
    assert lab.nodes() == [
        "ip-10-0-1-10.ec2.internal",
        "ip-10-0-129-10.ec2.internal",
        "ip-10-0-65-10.ec2.internal",
    ]
    for minutes in (0, 10):
        lab.advance(minutes=minutes)
        cluster = lab.call("DescribeCluster", name="one")["cluster"]
        assert (cluster["status"], cluster["health"]) == ("ACTIVE", {"issues": []})
        assert cluster["createdAt"] < start
        group = lab.described_group()
        assert (group["status"], group["health"]) == ("ACTIVE", {"issues": []})
        assert sorted(BASE_ADDONS) == lab.call("ListAddons", clusterName="one")["addons"]
        for name in BASE_ADDONS:
            addon = lab.call("DescribeAddon", clusterName="one", addonName=name)["addon"]
            assert (addon["status"], addon["health"]) == ("ACTIVE", {"issues": []}), name
    assert lab.call("ListAccessEntries", clusterName="one")["accessEntries"] == [NODE_ROLE, STUDENT.arn]
    user = user_of(lab.eks, "one", STUDENT)
    assert user is not None
    assert user.name == STUDENT.arn


def test_it_can_be_scaled_and_deleted(lab: Lab) -> None:
    put(lab, nodes=0)
    lab.call(
        "UpdateNodegroupConfig", clusterName="one", nodegroupName="workers", scalingConfig={"desiredSize": 2}
    )
    lab.advance(minutes=3)
    assert len(lab.nodes()) == 2
    lab.call("DeleteNodegroup", clusterName="one", nodegroupName="workers")
    lab.advance(minutes=20)
    lab.call("DeleteCluster", name="one")
    lab.advance(minutes=4)
    assert lab.call("ListClusters") == {"clusters": []}
    assert [rid for rid in lab.store.resources() if lab.store.count(rid)] == []
