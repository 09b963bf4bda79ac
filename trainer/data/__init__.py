"""Where demand and weather come from, what is refused, and what the calendar and the sun say about an hour.

`read_source` gives what a place holds, `canonical` makes the one frame of it that everything else reads:
hourly, UTC, without holes, with a report of all that had to be mended on the way.
"""
