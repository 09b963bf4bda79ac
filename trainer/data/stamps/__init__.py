"""Times as files write them: their parts, their clock, the periods that they number."""
