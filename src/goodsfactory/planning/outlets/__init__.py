"""Where an order's output goes."""
