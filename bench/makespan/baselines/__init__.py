"""How the baselines plan: every load as large as a hold, wanted by what markets show and what was carried.

These are rules of their own. They stay as they are when the program's planner gets other ones, so that its
figures are always set beside the same. Orders have a number of units, strategy PREFER_FABRICATE and terminal
HOLD; nobody pauses one.
"""
