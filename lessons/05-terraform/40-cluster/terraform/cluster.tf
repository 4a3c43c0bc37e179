variable "public_access_cidrs" {
  description = "Networks that may reach the public endpoint. Empty: private endpoint only."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for cidr in var.public_access_cidrs : can(cidrhost(cidr, 0))])
    error_message = "Each entry is a CIDR, with /32 for a single address."
  }

  validation {
    condition     = !contains(var.public_access_cidrs, "0.0.0.0/0")
    error_message = "0.0.0.0/0 opens the endpoint to everybody. Name the networks that need it."
  }

  validation {
    condition = !anytrue([
      for cidr in var.public_access_cidrs :
      anytrue([for prefix in ["192.0.2.", "198.51.100.", "203.0.113."] : startswith(cidr, prefix)])
    ])
    error_message = "This is a documentation range that nobody can send from. Put your own network here."
  }
}

variable "deletion_protection" {
  description = "Refuse to delete the cluster until this is false and applied."
  type        = bool
  default     = true
}

resource "aws_cloudwatch_log_group" "cluster" {
  name              = "/aws/eks/${var.cluster_name}/cluster"
  retention_in_days = 90
}

resource "aws_eks_cluster" "lab" {
  name     = var.cluster_name
  role_arn = aws_iam_role.cluster.arn
  version  = var.kubernetes_version

  bootstrap_self_managed_addons = false
  deletion_protection           = var.deletion_protection
  enabled_cluster_log_types     = ["api", "audit", "authenticator", "controllerManager", "scheduler"]

  vpc_config {
    subnet_ids              = [for subnet in aws_subnet.control_plane : subnet.id]
    endpoint_private_access = true
    endpoint_public_access  = length(var.public_access_cidrs) > 0
    public_access_cidrs     = length(var.public_access_cidrs) > 0 ? var.public_access_cidrs : null
  }

  access_config {
    authentication_mode                         = "API"
    bootstrap_cluster_creator_admin_permissions = false
  }

  encryption_config {
    resources = ["secrets"]

    provider {
      key_arn = aws_kms_key.cluster.arn
    }
  }

  upgrade_policy {
    support_type = "STANDARD"
  }

  zonal_shift_config {
    enabled = true
  }

  depends_on = [
    aws_cloudwatch_log_group.cluster,
    aws_iam_role_policy_attachment.cluster,
  ]
}

check "version_has_standard_support" {
  data "aws_eks_cluster_versions" "standard" {
    version_status = "STANDARD_SUPPORT"
  }

  assert {
    condition = contains(
      data.aws_eks_cluster_versions.standard.cluster_versions[*].cluster_version,
      var.kubernetes_version,
    )
    error_message = "Kubernetes ${var.kubernetes_version} is not in standard support in ${var.region}."
  }
}
