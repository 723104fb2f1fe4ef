"""The supply chain of a good: make or buy, and where."""
