"""What forecasts do between the trainer's verbs: which models speak, what is told of them, how they drift."""
