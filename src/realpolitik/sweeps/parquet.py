"""Parquet files that are the same to the byte whoever writes them: fixed options, no dates, one row group."""

from collections.abc import Iterable, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from realpolitik.sweeps.columns import Masked

OPTIONS = {"compression": "zstd", "compression_level": 3, "version": "2.6", "write_page_checksum": True}


def table(columns: Mapping[str, Masked | list[str]], marks: Mapping[str, str]) -> pa.Table:
    """Lay columns out for Arrow, with marks in the metadata of the file."""
    arrays = [pa.array(c) if isinstance(c, list) else pa.array(c[0], mask=c[1]) for c in columns.values()]
    fields = [pa.field(name, array.type) for name, array in zip(columns, arrays, strict=True)]
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields, metadata=dict(marks)))


def encoded(columns: Mapping[str, Masked | list[str]], marks: Mapping[str, str]) -> bytes:
    """Give the bytes of a file."""
    laid = table(columns, marks)
    buffer = BytesIO()
    pq.write_table(laid, buffer, row_group_size=max(1, laid.num_rows), **OPTIONS)
    return buffer.getvalue()


def write_tables(path: Path, tables: Iterable[pa.Table]) -> None:
    """Write one file of several tables, one at a time."""
    writer: pq.ParquetWriter | None = None
    try:
        for laid in tables:
            writer = writer or pq.ParquetWriter(path, laid.schema, **OPTIONS)
            writer.write_table(laid)
    finally:
        if writer is not None:
            writer.close()


def marks_of(path: Any) -> dict[str, str]:
    """Read the marks of a file; none if it is no Parquet file."""
    try:
        found = pq.read_schema(path).metadata or {}
    except (pa.ArrowInvalid, OSError):
        return {}
    return {key.decode(): value.decode() for key, value in found.items()}
