"""Passes and segments of a fleet: DuckDB, the arrays of `hotspots` and plain Python agree."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from fleet_days import FIXES, fleet, plain_passes, plain_segments
from qingyuan.hotspots.segments import passes_of
from qingyuan.store.engine import Engine
from qingyuan.store.fix_expressions import passes, segments


def test_duckdb_finds_the_same_passes_and_medians(tmp_path):
    table = fleet(seed=3, vehicles=4, fixes=400)
    pq.write_table(table, tmp_path / "fixes.parquet")
    asked = Engine().ask([[str(tmp_path / "fixes.parquet")]], passes, schema=FIXES)
    found = asked.sort_by([("vehicle", "ascending"), ("number", "ascending")]).to_pylist()
    assert found == plain_passes(table)
    told = Engine().ask(
        [[str(tmp_path / "fixes.parquet")]], lambda rows: segments(passes(rows)), schema=FIXES
    )
    assert told.to_pylist() == plain_segments(plain_passes(table))


def test_the_arrays_of_one_machine_say_the_same():
    table = fleet(seed=5, vehicles=3, fixes=300).sort_by(
        [("vehicle", "ascending"), ("t", "ascending")]
    )
    names = table.column("vehicle").combine_chunks().dictionary_encode()
    segment, t, rise = (table.column(name).to_numpy() for name in ("segment", "t", "rise"))
    found = passes_of(
        segment, names.indices.to_numpy().astype(np.int64), t.astype(float), rise.astype(float),
        rise.astype(float), rise.astype(float),
    )  # fmt: skip
    told = plain_passes(table)
    assert [row["segment"] for row in told] == found.segment.tolist()
    assert [row["fixes"] for row in told] == found.fixes.tolist()
    assert np.allclose([row["total"] / row["fixes"] for row in told], found.rise10)


def test_no_fixes_make_no_passes():
    none = Engine().ask([[]], passes, schema=FIXES)
    assert (none.num_rows, FIXES.names) == (0, ["vehicle", "t", "segment", "rise"])
    assert pa.types.is_int64(none.schema.field("total").type)
