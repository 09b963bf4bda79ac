"""Faults, each done for real to the processes, the servers or the files of a site, and mended again."""
