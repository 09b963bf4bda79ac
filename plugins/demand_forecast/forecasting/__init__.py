"""What the daily forecast does between the trainer's verbs: which model speaks, and whether it drifted."""
