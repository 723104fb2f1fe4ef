"""What a fleet earns: five chains made and sold without end, against the same ships trading greedily."""
