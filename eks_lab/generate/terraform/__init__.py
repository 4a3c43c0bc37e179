"""The generator of Terraform: `generator.GENERATOR` and `vpc_plan.choices_from_vpc_plan`."""
