variable "account_id" {
  description = "The only AWS account this configuration may touch."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "An AWS account id has twelve digits."
  }
}

variable "region" {
  description = "Region of the cluster and of everything around it."
  type        = string
  default     = "us-east-1"
}

variable "cluster_name" {
  description = "Name of the cluster, and first part of the names of its roles and subnets."
  type        = string
  default     = "lab"
}

variable "kubernetes_version" {
  description = "Minor version of the control plane. No default: choosing it is a decision."
  type        = string

  validation {
    condition     = can(regex("^1[.][0-9]{2}$", var.kubernetes_version))
    error_message = "Give a minor version such as 1.36, without a patch number."
  }
}
