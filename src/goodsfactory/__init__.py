"""Goods Factory: makes any good of the SpaceTraders economy with a whole fleet."""

__version__ = "0.1.0"
