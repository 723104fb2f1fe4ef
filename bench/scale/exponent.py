"""How fast a cost grows: the exponent of a power of the size."""

import math
from collections.abc import Sequence


def exponent(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """The slope of the straight line through (log size, log cost) by least squares.

    1 is linear growth, 2 is quadratic. Raises ValueError for fewer than two different sizes or a cost of 0.
    """
    if len(set(sizes)) < 2:
        raise ValueError("An exponent needs two sizes or more.")
    x = [math.log(size) for size in sizes]
    y = [math.log(cost) for cost in costs]
    mean_x, mean_y = math.fsum(x) / len(x), math.fsum(y) / len(y)
    rise = math.fsum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
    return rise / math.fsum((a - mean_x) ** 2 for a in x)
