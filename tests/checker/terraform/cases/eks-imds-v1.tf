resource "aws_launch_template" "bare" { # finds
}

resource "aws_launch_template" "optional" {
  metadata_options {
    http_tokens = "optional" # finds
  }
}

resource "aws_launch_template" "good" {
  metadata_options {
    http_tokens = "required"
  }
}
