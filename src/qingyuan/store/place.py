"""Places (存放处): where the tables of a store lie: beside their locks, or in an object store.

``place.toml`` in the store's folder names another place, and holds no secret:

    url = "s3://bucket/qingyuan"          # or file:///mnt/…
    endpoint = "https://oss.example:9000" # an S3-compatible service of your own
    region = "cn-north-1"

Keys come from the environment (``AWS_ACCESS_KEY_ID``, ``AWS_SECRET_ACCESS_KEY``). Locks, pins and
cursors stay in the folder, so the processes that append must share one machine's folder, while
readers and compactors may be anywhere.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pyarrow.fs as pafs
import pyarrow.parquet as pq

from qingyuan.core.problems import Problem

__all__ = ["FILE", "Place", "filesystem_of"]

FILE = "place.toml"
_SCHEMES = ("s3", "file")
_SYSTEMS: dict[str, pafs.FileSystem] = {}  # by the address of each place that was opened


@dataclass(frozen=True)
class Place:
    """Where one table lies (存放处)."""

    uri: str
    local: Path | None
    options: Mapping[str, str] = field(default_factory=dict)
    endpoint: str = ""
    region: str = ""

    @classmethod
    def of(cls, folder: Path, name: str) -> Place:
        """Return the place of table *name* of the store in *folder*.

        Raises
        ------
        Problem
            ``store.place`` when ``place.toml`` names no address this store can use.
        """
        written = Path(folder) / FILE
        if not written.exists():
            path = Path(folder) / name
            return cls(str(path), path)
        try:
            told = tomllib.loads(written.read_text("utf-8"))
            url = str(told["url"]).rstrip("/")
        except (tomllib.TOMLDecodeError, KeyError) as fault:
            raise Problem("store.place", path=written, given=str(fault)) from None
        if urlsplit(url).scheme not in _SCHEMES or not urlsplit(url).path + urlsplit(url).netloc:
            raise Problem("store.place", path=written, given=url)
        endpoint, region = str(told.get("endpoint", "")), str(told.get("region", ""))
        options = {
            key: value
            for key, value in (
                ("AWS_ENDPOINT_URL", endpoint),
                ("AWS_REGION", region),
                ("AWS_ALLOW_HTTP", "true" if endpoint.startswith("http://") else ""),
            )
            if value
        }
        place = cls(f"{url}/{name}", None, options, endpoint, region)
        _SYSTEMS[place.uri] = place.system
        return place

    @cached_property
    def system(self) -> pafs.FileSystem:
        """The file system the place is read through."""
        if urlsplit(self.uri).scheme != "s3":
            return pafs.LocalFileSystem()
        parts = urlsplit(self.endpoint)
        given = {"endpoint_override": parts.netloc, "scheme": parts.scheme} if parts.netloc else {}
        return pafs.S3FileSystem(**given, **({"region": self.region} if self.region else {}))

    def address(self, path: str) -> str:
        """Return the address of a data file, given as the log names it or as an address."""
        return f"{self.uri}/{unquote('/'.join(path.split('/')[-2:]))}"

    def parquet(self, path: str) -> pq.ParquetFile:
        """Open a data file; `FileNotFoundError` when it is gone."""
        where = self.address(path)
        if self.local is not None:
            return pq.ParquetFile(where)
        return pq.ParquetFile(self.system.open_input_file(_key(where)))

    def text(self, path: str) -> str:
        """Return the text of a small file, such as an entry of the log."""
        if self.local is not None:
            return (self.local / path).read_text("utf-8")
        with self.system.open_input_file(_key(f"{self.uri}/{path}")) as source:
            return bytes(source.read()).decode("utf-8")

    def listing(self) -> dict[str, int]:
        """Return every file of the table with its size in bytes, by its name below the table."""
        base = _key(self.uri)
        found = self.system.get_file_info(
            pafs.FileSelector(base, recursive=True, allow_not_found=True)
        )
        return {
            one.path.removeprefix(base).lstrip("/"): int(one.size)
            for one in found
            if one.type == pafs.FileType.File
        }

    def remove(self, path: str) -> None:
        """Remove a file below the table; one that is gone already is no fault."""
        try:
            self.system.delete_file(_key(f"{self.uri}/{path}"))
        except FileNotFoundError:
            return


def filesystem_of(address: str) -> pafs.FileSystem | None:
    """Return the file system of an object store's address; None for a plain path."""
    if "://" not in address:
        return None
    for uri, system in _SYSTEMS.items():
        if address.startswith(f"{uri}/"):
            return system
    raise KeyError(address)


def _key(address: str) -> str:
    """Return the address as its file system wants it."""
    return address.removeprefix("s3://").removeprefix("file://")
