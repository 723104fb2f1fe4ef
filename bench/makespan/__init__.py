"""How fast the factories work: makespan against two baselines and a lower bound, in virtual time.

``python -m bench.makespan --help`` tells how to run it; docs/explanation/benchmarks.md what is measured.
"""
