resource "aws_internet_gateway" "lab" {
  vpc_id = aws_vpc.lab.id

  tags = { Name = var.cluster_name }
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.lab.id

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.lab.id
  }

  tags = { Name = "${var.cluster_name}-public" }
}

resource "aws_route_table_association" "public" {
  for_each = aws_subnet.public

  subnet_id      = each.value.id
  route_table_id = aws_route_table.public.id
}

resource "aws_eip" "nat" {
  for_each = local.zone_index

  domain = "vpc"
  tags   = { Name = "${var.cluster_name}-nat-${each.key}" }
}

resource "aws_nat_gateway" "zone" {
  for_each = local.zone_index

  allocation_id = aws_eip.nat[each.key].id
  subnet_id     = aws_subnet.public[each.key].id
  tags          = { Name = "${var.cluster_name}-${each.key}" }

  depends_on = [aws_internet_gateway.lab]
}

# One route table a zone, so that each zone leaves through its own NAT gateway.
resource "aws_route_table" "nodes" {
  for_each = local.zone_index

  vpc_id = aws_vpc.lab.id

  route {
    cidr_block     = "0.0.0.0/0"
    nat_gateway_id = aws_nat_gateway.zone[each.key].id
  }

  tags = { Name = "${var.cluster_name}-nodes-${each.key}" }
}

resource "aws_route_table_association" "nodes" {
  for_each = aws_subnet.nodes

  subnet_id      = each.value.id
  route_table_id = aws_route_table.nodes[each.key].id
}

# No route but the local one: nothing in these subnets starts a conversation outside the VPC.
resource "aws_route_table" "control_plane" {
  vpc_id = aws_vpc.lab.id

  tags = { Name = "${var.cluster_name}-control-plane" }
}

resource "aws_route_table_association" "control_plane" {
  for_each = aws_subnet.control_plane

  subnet_id      = each.value.id
  route_table_id = aws_route_table.control_plane.id
}
