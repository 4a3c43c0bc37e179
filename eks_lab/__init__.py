"""eks-lab: learn to run Kubernetes on AWS by doing it.

Nothing is imported here: `eks-lab --version` has to answer before any subsystem loads.
"""

__version__ = "0.1.0"
