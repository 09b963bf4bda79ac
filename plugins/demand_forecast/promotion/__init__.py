"""Who is champion: the gate that decides from figures, the transaction that records it, and the way back.

Only `deployments`, through `deployment_rows`, and the statements in `sql` write to the record.
"""
