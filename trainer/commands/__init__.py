"""What a person types and reads: the command line's words, the verbs behind them, and what is told after.

The highest room of the trainer: it may import all others, and none of them imports it.
"""
