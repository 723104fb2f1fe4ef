"""What each rule of planning is worth: ``python -m bench.ablation`` measures the program without it."""
