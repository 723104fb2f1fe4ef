"""What a pass of the planner costs, by factories, ships and ended legs: ``python -m bench.scale``."""
