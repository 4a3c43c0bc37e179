"""Faults as data: arming them in a running world, seeing their symptoms, ending them; see docs/faults.md."""
