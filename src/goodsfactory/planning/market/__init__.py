"""What a market has, makes and pays, and where to buy, make and sell."""
