"""What will happen: learned production, a model of markets and fleet, and replays of the planner on it."""
