"""A trainer verb as a task of a DAG: as a process of the worker or in a pod, with the same words either way.

A task is green when the verb's manifest says so, which `manifests` reads back from the store.
"""
