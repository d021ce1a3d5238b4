"""Saved state (状态存取): a watch as JSON, so that a restart goes on where it stopped."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from qingyuan.readings.episodes import Episode, Fold, Sample
from qingyuan.readings.tracks import Told, Track

__all__ = ["track_from_json", "track_to_json"]


def track_to_json(track: Track) -> dict[str, Any]:
    """Return a track as plain JSON values."""
    return {
        "base": {
            "recent": [_from_sample(one) for one in track.base.recent],
            "inside": track.base.inside,
            "episode": _from_episode(track.base.episode) if track.base.episode else None,
        },
        "kept": [_from_sample(one) for one in track.kept],
        "told": [{"key": one.key, "episode": _from_episode(one.episode)} for one in track.told],
        "settled_at": track.settled_at.isoformat() if track.settled_at else None,
    }


def track_from_json(data: Mapping[str, Any]) -> Track:
    """Return the track that `track_to_json` wrote; it folds again on first use."""
    base = data["base"]
    return Track(
        base=Fold(
            recent=tuple(_to_sample(one) for one in base["recent"]),
            inside=base["inside"],
            episode=_to_episode(base["episode"]) if base["episode"] else None,
        ),
        kept=[_to_sample(one) for one in data["kept"]],
        told=[Told(one["key"], _to_episode(one["episode"])) for one in data["told"]],
        settled_at=_to_instant(data["settled_at"]),
    )


def _from_sample(sample: Sample) -> list[Any]:
    return [
        sample.time.isoformat(),
        str(sample.value),
        str(sample.limit),
        sample.beyond,
        str(sample.severity),
        None if sample.multiple is None else str(sample.multiple),
    ]


def _to_sample(data: list[Any]) -> Sample:
    time, value, limit, beyond, severity, multiple = data
    return Sample(
        time=datetime.fromisoformat(time),
        value=Decimal(value),
        limit=Decimal(limit),
        beyond=beyond,
        severity=Decimal(severity),
        multiple=None if multiple is None else Decimal(multiple),
    )


def _from_episode(episode: Episode) -> dict[str, Any]:
    return {
        "start": episode.start.isoformat(),
        "last": episode.last.isoformat(),
        "peak": _from_sample(episode.peak),
        "count": episode.count,
        "cleared_at": episode.cleared_at.isoformat() if episode.cleared_at else None,
    }


def _to_episode(data: Mapping[str, Any]) -> Episode:
    return Episode(
        start=datetime.fromisoformat(data["start"]),
        last=datetime.fromisoformat(data["last"]),
        peak=_to_sample(data["peak"]),
        count=data["count"],
        cleared_at=_to_instant(data["cleared_at"]),
    )


def _to_instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
