"""What a person is told when something failed, was stopped or is late, and one alert on trial.

Alerts are never in the way: one that does not arrive fails no task.
"""
