"""One file per verb: what it reads, what it makes, and what its manifest says of it."""
