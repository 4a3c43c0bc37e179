account_id         = "111122223333"
kubernetes_version = "1.36"

access = {
  platform = {
    principal_arn = "arn:aws:iam::111122223333:role/platform-admin"
    policy        = "AmazonEKSClusterAdminPolicy"
  }
  payments = {
    principal_arn = "arn:aws:iam::111122223333:role/payments-developer"
    policy        = "AmazonEKSViewPolicy"
    namespaces    = ["payments"]
  }
}
