"""Parquet files that are the same to the byte whoever writes them: fixed options, no dates, one row group."""

from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from realpolitik.sweeps.columns import Masked
from realpolitik.sweeps.folder import Damaged, Unfit, opened

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


def marks_of(path: Path, most: int | None = None) -> dict[str, str]:
    """Read the marks of a file of at most so many bytes; none if it is no Parquet file."""
    try:
        with opened(path, most=most) as file:
            found = pq.read_schema(file).metadata or {}
    except (pa.ArrowException, OSError, Unfit):
        return {}
    return {key.decode(errors="replace"): value.decode(errors="replace") for key, value in found.items()}


def read_rows(
    path: Path, rows: int, most: int, columns: Sequence[str] | None = None, only: int | None = None
) -> pa.Table:
    """Read a file of so many rows and at most so many bytes: some columns if they are named, one row if it is given.

    `Damaged` if it is another file. A few bytes can state any number of rows, so they are counted before they are read.
    """
    with opened(path, most=most) as file:
        try:
            source = pq.ParquetFile(file, page_checksum_verification=True)
            if source.metadata.num_rows != rows:
                raise pa.ArrowInvalid(f"{source.metadata.num_rows:,} rows, not {rows:,}")
            found = source.read(columns=columns) if only is None else row_of(source, only, columns)
            return found if columns is None else found.select(columns)
        except (pa.ArrowException, OSError, KeyError) as error:
            raise Damaged(f"{path} is not as it was written: {str(error).splitlines()[0]}") from None


def row_of(source: pq.ParquetFile, row: int, columns: Sequence[str] | None) -> pa.Table:
    """Read one row, and no more of the file than the group that it stands in."""
    for group in range(source.num_row_groups):
        rows = source.metadata.row_group(group).num_rows
        if row < rows:
            return source.read_row_group(group, columns=columns).slice(row, 1)
        row -= rows
    raise pa.ArrowInvalid("it has fewer rows than it says")
