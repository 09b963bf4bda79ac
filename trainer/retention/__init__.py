"""What no deployment and no run in progress needs any more leaves the record first, and its files go after.

A plan is made from one listing of the store and from what the database names. Removing may be killed at any
instruction and begun again.
"""
