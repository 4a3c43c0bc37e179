resource "aws_launch_template" "plain" {
  block_device_mappings {
    ebs { # finds
      volume_size = 50
    }
  }
}

resource "aws_launch_template" "good" {
  block_device_mappings {
    ebs {
      encrypted = true
    }
  }
}

resource "aws_efs_file_system" "plain" { # finds
}

resource "aws_efs_file_system" "good" {
  encrypted = true
}
