"""The pictures of a run, and the words on them in each language.

`texts` is light; only `pictures` needs matplotlib, and is imported where something is drawn.
"""
