"""CustomResourceDefinitions: names, establishing, serving, cleaning up."""
