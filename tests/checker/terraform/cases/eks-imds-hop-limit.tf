resource "aws_launch_template" "wide" {
  metadata_options {
    http_put_response_hop_limit = 2 # finds
  }
}

resource "aws_launch_template" "good" {
  metadata_options {
    http_put_response_hop_limit = 1
  }
}
