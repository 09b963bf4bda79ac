"""Files as they come: their bytes by path or URL, unpacked, and the table in them, with its own headers.

Nothing of what the cells mean is decided here.
"""
