"""ipamd of every node: interfaces, warm addresses, pods' addresses."""
