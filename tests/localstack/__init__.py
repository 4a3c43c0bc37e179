"""Real LocalStack, in an environment of its own: `make test-localstack`."""
