"""What planning costs as agents, factories and ships grow: ``python -m bench.scale``."""
