"""Who looks at which market, and when."""
