"""What is known of each hour beside its demand: calendar, holidays, sun, weather, and how far back to look.

NumPy and pandas alone; nothing here has been fitted to anything but means and deviations.
"""
