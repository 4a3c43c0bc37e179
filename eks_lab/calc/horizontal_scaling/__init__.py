"""The Kubernetes HorizontalPodAutoscaler: one decision, and a timeline of them.

State in, decision out: nothing here keeps time, reads files or knows a form, so that a calculator and a
simulated controller can share it. Amounts are whole milli-units, as the controller counts them
(a load of 1.5 is 1500, a CPU of 250m is 250); utilisation is in whole percent.
"""
