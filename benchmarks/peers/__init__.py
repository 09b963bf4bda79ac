"""Forecasters that are not ours, each with an honest feature set, behind benchmarks.protocol.Peer."""
