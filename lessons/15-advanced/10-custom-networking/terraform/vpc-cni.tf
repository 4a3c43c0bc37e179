# The CNI add-on with custom networking and prefixes. It creates the ENIConfigs itself.

variable "cluster_security_group_id" {
  description = "Group of the pods' interfaces; usually the cluster security group."
  type        = string
}

variable "vpc_cni_role_arn" {
  description = "Role for aws-node, trusted by pods.eks.amazonaws.com."
  type        = string
}

resource "aws_eks_addon" "vpc_cni" {
  cluster_name                = "lab"
  addon_name                  = "vpc-cni"
  resolve_conflicts_on_update = "OVERWRITE"

  pod_identity_association {
    service_account = "aws-node"
    role_arn        = var.vpc_cni_role_arn
  }

  configuration_values = jsonencode({
    env = {
      AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG = "true"
      ENI_CONFIG_LABEL_DEF               = "topology.kubernetes.io/zone"
      ENABLE_PREFIX_DELEGATION           = "true"
      WARM_PREFIX_TARGET                 = "1"
    }
    eniConfig = {
      create = true
      region = "eu-west-1"
      subnets = {
        for zone, subnet in aws_subnet.pods : zone => {
          id             = subnet.id
          securityGroups = [var.cluster_security_group_id]
        }
      }
    }
  })
}
