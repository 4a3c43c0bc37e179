vairable "typo" { # finds
}

resource "aws_vpc" { # finds
  cidr_block = "10.0.0.0/16"
}

variable "name" {
  typ = string # finds

  validation { # finds
    condition = var.name != ""
  }
}

stray = 1 # finds

output "empty" { # finds
}

variable "kind" {
  type = strnig # finds
}

resource "aws_vpc" "both" { # finds
  count      = 1
  for_each   = toset(["a"])
  cidr_block = "10.0.0.0/16"
}

variable "good" {
  type        = object({ name = string, size = optional(number, 3) })
  description = "Right."

  validation {
    condition     = var.good.size > 0
    error_message = "More than nothing."
  }
}

moved {
  from = aws_vpc.old
  to   = aws_vpc.both
}
