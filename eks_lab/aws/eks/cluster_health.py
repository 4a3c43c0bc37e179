"""Health of a cluster, asked of the account at the moment it is described."""

from __future__ import annotations

from eks_lab.aws.eks.cluster_validation import trusts
from eks_lab.aws.eks.context import Eks
from eks_lab.aws.eks.records import issue
from eks_lab.sim.objects import Obj


def health_of(eks: Eks, record: Obj) -> list[Obj]:
    """Return the issues of a cluster: what it needs of the account and has lost.

    Codes are botocore's `ClusterIssueCode`; the sentences are modelled.
    """
    spec = record["spec"]
    kept: list[Obj] = list((spec.get("health") or {}).get("issues") or ())
    if spec["status"] not in ("ACTIVE", "UPDATING"):
        return kept
    vpc = spec["resourcesVpcConfig"]
    found = kept
    missing = [each for each in vpc["subnetIds"] if eks.surroundings.subnet(each) is None]
    if missing:
        found.append(issue("Ec2SubnetNotFound", "The subnets of the cluster could not be found.", missing))
    groups = [*vpc["securityGroupIds"], *filter(None, [vpc.get("clusterSecurityGroupId")])]
    lost = [each for each in groups if eks.surroundings.security_group_vpc(each) is None]
    if lost:
        found.append(
            issue("Ec2SecurityGroupNotFound", "The security groups of the cluster could not be found.", lost)
        )
    role = eks.surroundings.role(spec["roleArn"])
    if role is None:
        found.append(issue("IamRoleNotFound", "The cluster role could not be found.", [spec["roleArn"]]))
    elif not trusts(role.trust, "eks.amazonaws.com"):
        found.append(issue("AccessDenied", "EKS cannot assume the cluster role.", [spec["roleArn"]]))
    for each in spec.get("encryptionConfig") or ():
        found += _key_issues(eks, each["provider"]["keyArn"])
    return found


def _key_issues(eks: Eks, arn: str) -> list[Obj]:
    key = eks.surroundings.kms_key(arn)
    if key is None:
        return [issue("KmsKeyNotFound", "The KMS key of the cluster could not be found.", [arn])]
    if key.state == "Disabled":
        return [issue("KmsKeyDisabled", "The KMS key of the cluster is disabled.", [arn])]
    if key.state == "PendingDeletion":
        return [issue("KmsKeyMarkedForDeletion", "The KMS key of the cluster is to be deleted.", [arn])]
    return []
