variable "name" {}

locals {
  zones = ["a"]
  typo  = local.zonse # finds
}

module "net" {
  source = "example/net/aws"
}

data "aws_region" "here" {}

resource "aws_subnet" "one" {
  vpc_id     = aws_vpc.nobody.id # finds
  cidr_block = var.cidr          # finds

  tags = {
    Name   = var.name
    Zone   = local.zones[0]
    Region = data.aws_region.here.id
    Other  = data.aws_region.there.id # finds
    Net    = module.net.name
    Nets   = module.nets.name # finds
    Path   = path.modul       # finds
    Word   = plainword        # finds
    Loop   = join(",", [for zone in local.zones : "${zone}-${zoen}"]) # finds
  }

  depends_on = [aws_vpc.gone] # finds
}
