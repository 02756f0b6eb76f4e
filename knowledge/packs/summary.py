"""What a pack holds, in a few lines for lists and pages."""

from __future__ import annotations

from typing import Any

from knowledge.packs.schema import Pack


def summary(pack: Pack) -> dict[str, Any]:
    """Manifest and counts: {pack, version, label, description, licence, author, updated, counts: {what: n}}."""
    counts = {
        "metrics": len(pack.metrics),
        "terms": len(pack.terms),
        "driver trees": len(pack.trees),
        "segments": len(pack.segments),
        "question templates": sum(len(q) for q in pack.questions.values()),
        "digests": len(pack.digests),
        "events": len(pack.events),
        "quality rules": len(pack.quality),
        "benchmarks": len(pack.benchmarks),
        "playbooks": len(pack.playbooks),
        "passages": len(pack.passages),
    }
    return {**pack.manifest.model_dump(mode="json", exclude={"format"}), "counts": counts}
