resource "aws_security_group" "efs" {
  name        = "${var.cluster_name}-efs"
  description = "NFS from the nodes of the cluster to the mount targets."
  vpc_id      = aws_vpc.lab.id
}

resource "aws_vpc_security_group_ingress_rule" "efs_from_nodes" {
  security_group_id            = aws_security_group.efs.id
  referenced_security_group_id = aws_eks_cluster.lab.vpc_config[0].cluster_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = 2049
  to_port                      = 2049
}

resource "aws_efs_file_system" "shared" {
  encrypted        = true
  performance_mode = "generalPurpose"
  throughput_mode  = "elastic"

  tags = { Name = "${var.cluster_name}-shared" }
}

# One mount target a zone, in the node subnets.
resource "aws_efs_mount_target" "shared" {
  for_each = aws_subnet.nodes

  file_system_id  = aws_efs_file_system.shared.id
  subnet_id       = each.value.id
  security_groups = [aws_security_group.efs.id]
}

output "efs_file_system_id" {
  description = "Goes into the StorageClass."
  value       = aws_efs_file_system.shared.id
}
