"""Places (存放处): where the tables of a store lie: beside their locks, or in an object store.

``place.toml`` in the store's folder names another place, and holds no secret:

    url = "s3://bucket/qingyuan"          # or file:///mnt/…
    endpoint = "https://oss.example:9000" # an S3-compatible service of your own
    region = "cn-north-1"
    conditional_put = false               # only for a service that overwrites all the same

Keys come from the environment (``AWS_ACCESS_KEY_ID``, ``AWS_SECRET_ACCESS_KEY``). Locks, pins and
cursors stay in the folder, so the processes that append must share one machine's folder, while
readers and compactors may be anywhere; without conditional puts compactors must share it too.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pyarrow.fs as pafs
import pyarrow.parquet as pq
from deltalake.exceptions import DeltaError

from qingyuan.core.problems import Problem
from qingyuan.store.conditional import Bucket, refuses_to_overwrite
from qingyuan.store.refusals import absence

__all__ = ["FILE", "Place", "filesystem_of"]

FILE = "place.toml"
_SCHEMES = ("s3", "file")
_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
_SYSTEMS: dict[str, pafs.FileSystem] = {}  # by the address of each place that was opened
_PROVEN: set[str] = set()  # stores whose service was seen to refuse an overwrite
_CONNECT_S, _REQUEST_S, _TRIES = 5, 30, 4  # an outage is told within half a minute


@dataclass(frozen=True)
class Place:
    """Where one table lies (存放处)."""

    uri: str
    local: Path | None
    options: Mapping[str, str] = field(default_factory=dict)
    endpoint: str = ""
    region: str = ""
    conditional: bool = True

    @classmethod
    def of(cls, folder: Path, name: str) -> Place:
        """Return the place of table *name* of the store in *folder*.

        Raises
        ------
        Problem
            ``store.place`` when ``place.toml`` names no address this store can use;
            ``store.place_keys`` without keys in the environment.
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
        conditional = told.get("conditional_put", True) is not False
        if urlsplit(url).scheme not in _SCHEMES or not urlsplit(url).path + urlsplit(url).netloc:
            raise Problem("store.place", path=written, given=url)
        endpoint, region = str(told.get("endpoint", "")), str(told.get("region", ""))
        options = {
            key: value
            for key, value in (
                ("AWS_ENDPOINT_URL", endpoint),
                ("AWS_REGION", region),
                ("AWS_ALLOW_HTTP", "true" if endpoint.startswith("http://") else ""),
                *_manners(url),
            )
            if value
        }
        if urlsplit(url).scheme == "s3" and not all(os.environ.get(key) for key in _KEYS):
            raise Problem("store.place_keys", place=url)  # else a cloud's own service is asked
        place = cls(f"{url}/{name}", None, options, endpoint, region, conditional)
        _SYSTEMS[place.uri] = place.system
        return place

    @cached_property
    def system(self) -> pafs.FileSystem:
        """The file system the place is read through."""
        if urlsplit(self.uri).scheme != "s3":
            return pafs.LocalFileSystem()
        parts = urlsplit(self.endpoint)
        given = {"endpoint_override": parts.netloc, "scheme": parts.scheme} if parts.netloc else {}
        return pafs.S3FileSystem(
            **given,
            **({"region": self.region} if self.region else {}),
            connect_timeout=_CONNECT_S,
            request_timeout=_REQUEST_S,
            retry_strategy=pafs.AwsStandardS3RetryStrategy(max_attempts=_TRIES - 1),
        )

    @contextmanager
    def asked(self) -> Iterator[None]:
        """Say in our own words that an object store is away, or will not have us."""
        try:
            yield
        except FileNotFoundError:
            raise
        except (OSError, DeltaError) as fault:
            problem = None if self.local is not None else absence(fault, place=self.uri)
            if problem is None:
                raise
            raise problem from fault

    def prove(self) -> None:
        """See once in a process that the service does not overwrite a commit that is there.

        Raises
        ------
        Problem
            ``store.place_overwrites``: two commits at once could lose one, so none is made;
            ``store.place_away``, ``store.place_refused``.
        """
        store, _, _ = self.uri.rpartition("/")
        if not self.endpoint or not self.conditional or store in _PROVEN:
            return  # a disk and Amazon's own service are known to refuse
        parts = urlsplit(store)
        bucket = Bucket(self.endpoint, self.region, parts.netloc, parts.path.strip("/"))
        with self.asked():
            if not refuses_to_overwrite(bucket, place=store):
                raise Problem("store.place_overwrites", place=store, endpoint=self.endpoint)
        _PROVEN.add(store)

    def address(self, path: str) -> str:
        """Return the address of a data file, given as the log names it or as an address."""
        return f"{self.uri}/{unquote('/'.join(path.split('/')[-2:]))}"

    def parquet(self, path: str) -> pq.ParquetFile:
        """Open a data file; `FileNotFoundError` when it is gone."""
        where = self.address(path)
        if self.local is not None:
            return pq.ParquetFile(where)
        with self.asked():
            return pq.ParquetFile(self.system.open_input_file(_key(where)), pre_buffer=True)

    def text(self, path: str) -> str:
        """Return the text of a small file, such as an entry of the log."""
        if self.local is not None:
            return (self.local / path).read_text("utf-8")
        with self.asked(), self.system.open_input_file(_key(f"{self.uri}/{path}")) as source:
            return bytes(source.read()).decode("utf-8")

    def listing(self) -> dict[str, int]:
        """Return every file of the table with its size in bytes, by its name below the table."""
        base = _key(self.uri)
        with self.asked():
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
            with self.asked():
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


def _manners(url: str) -> tuple[tuple[str, str], ...]:
    """Return how the Delta writer commits to a service and how long it waits for one."""
    if urlsplit(url).scheme != "s3":
        return ()
    return (
        ("aws_conditional_put", "etag"),
        ("connect_timeout", f"{_CONNECT_S}s"),
        ("timeout", f"{_REQUEST_S}s"),
        ("max_retries", str(_TRIES)),
        ("retry_timeout", f"{_REQUEST_S}s"),
    )


def _key(address: str) -> str:
    """Return the address as its file system wants it."""
    return address.removeprefix("s3://").removeprefix("file://")
