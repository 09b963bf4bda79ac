"""Which versions a rollback turned away: a forecast does not fall back to what somebody rejected by name."""

from __future__ import annotations

from typing import Final

# A rollback is known by what it puts in a champion's place: a version that was champion before it. A version
# that won, or was brought back, after that is judged by its last term. Refits carry what was judged: with one
# of them, all are turned away that came before, unless what is brought back is of their kind as well.
TURNED_AWAY: Final = """
    SELECT alike.region, alike.version FROM (
        SELECT region, version, decided_at, coalesce(judged_version, version) AS judged,
               lead(coalesce(judged_version, version)) OVER (PARTITION BY region ORDER BY decided_at)
                   AS successor_judged,
               lead(version) OVER (PARTITION BY region ORDER BY decided_at) AS successor,
               lead(id) OVER (PARTITION BY region, version ORDER BY decided_at) IS NULL AS is_last
        FROM model_deployments WHERE status <> 'rejected'
    ) AS term
    JOIN model_deployments AS alike
        ON alike.region = term.region
        AND (alike.version = term.version
             OR (term.successor_judged <> term.judged AND alike.decided_at < term.decided_at
                 AND coalesce(alike.judged_version, alike.version) = term.judged))
    WHERE is_last AND EXISTS (
        SELECT FROM model_deployments AS earlier
        WHERE earlier.region = term.region AND earlier.version = term.successor
          AND earlier.status <> 'rejected' AND earlier.decided_at < term.decided_at
    )
"""
"""A query of (region, version) over model_deployments, for both sides' choice of a fallback."""

USABLE: Final = f"""
    region = %(region)s AND status <> 'rejected' AND files_removed_at IS NULL AND trained_to <= %(moment)s
    AND version IS DISTINCT FROM %(other_than)s AND (region, version) NOT IN ({TURNED_AWAY})
"""
"""A condition on model_deployments: versions that a forecast for `moment` may be made with, but `other_than`.
They learned from nothing after it, no rollback turned them away, and their files are there. When a champion
was decided on does not count: a replay speaks for years ago, decisions are made now."""
USABLE_ORDER: Final = "status = 'active' DESC, id DESC"
"""The champion first, then the last one before it."""
