"""Reads one file of any kind into Parquet tables; runs only inside the limited worker process."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from ingestion import archives, databases, formats
from ingestion.delimited import read_text_table
from ingestion.documents import Document, read_document, read_lines
from ingestion.extract import Extract, Fault, Reading, Unreadable
from ingestion.names import table_name
from ingestion.nested import Nest, Source
from ingestion.plain_text import as_utf8, unpack
from ingestion.regular import read_regular
from ingestion.shaping import shape_table
from ingestion.sheets import raw_sheets

_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "python_enable_replacements": False,
    "memory_limit": "700MB",
    "threads": 2,
}


class FileReader:
    """Reads the file at `path` (shown to people as `name`) into Parquet files under `out`."""

    def __init__(self, path: Path, name: str, out: Path, *, inside: bool = False) -> None:
        self._path, self._name, self._out, self._inside = path, name, out, inside
        self.result = Reading()

    def read(self) -> Reading:
        """All tables and faults of the file; a fault of one sheet or member leaves the others alone."""
        with tempfile.TemporaryDirectory(dir=self._out.parent) as scratch:
            try:
                self._read(formats.kind_of(self._path, self._name), Path(scratch))
            except Unreadable as problem:
                self._fault(problem)
            except duckdb.OutOfMemoryException:
                self._fault(Unreadable("The file needs too much memory.", "Split it, or save it as Parquet."))
            except RecursionError:
                self._fault(Unreadable("The file is nested too deeply.", "Flatten it and export it again."))
        if not self.result.tables and not self.result.faults:
            self._fault(Unreadable("The file holds no table with data.", "Check that you exported the right one."))
        return self.result

    def _read(self, kind: formats.Kind, scratch: Path) -> None:
        readers: dict[formats.Kind, Callable[[Path], None]] = {
            "zip": self._zip, "packed": self._packed, "sheet": self._sheet, "parquet": self._parquet,
            "duckdb": self._duckdb, "sqlite": self._sqlite,
        }  # fmt: skip
        reader = readers.get(kind)
        if reader:
            reader(scratch)
        else:
            self._text(kind, self._path, scratch)

    def _text(self, kind: formats.Kind, path: Path, scratch: Path) -> None:
        if kind == "delimited":
            with _engine(scratch) as connection:
                name = table_name(_stem(self._name))
                if (table := read_regular(connection, path, scratch, self._target(), name)) is not None:
                    self._add(table)
                    return
        clean = scratch / "clean"
        notes = as_utf8(path, clean)
        with _engine(scratch) as connection:
            if kind != "delimited":
                self._json(connection, read_lines(clean) if kind == "ndjson" else read_document(clean), scratch, notes)
                return
            raw = read_text_table(connection, clean, scratch)
            raw.warnings = notes + raw.warnings
            self._add(shape_table(connection, raw, self._target(), table_name(_stem(self._name))))

    def _json(self, connection: duckdb.DuckDBPyConnection, document: Document, scratch: Path, notes: list[str]) -> None:
        nest = Nest(connection, scratch, lambda raw, name: shape_table(connection, raw, self._target(), name))
        source = Source(table_name(_stem(self._name)), lambda: ((None, record) for record in document.records()))
        for extract in nest.extracts(source):
            if extract.part is None:
                extract.warnings = notes + extract.warnings + document.warnings
            self._add(extract)

    def _packed(self, scratch: Path) -> None:
        inner = formats.inner_name(self._name)
        target = scratch / "unpacked"
        unpack(self._path, target)
        ending = formats.kind_of(target, inner if formats.supported(Path(inner)) else "data.csv")
        if ending not in formats.TEXT_KINDS:
            raise Unreadable("Only CSV and JSON may be packed this way.", "Unpack the file and load what is inside.")
        self._text(ending, target, scratch)

    def _sheet(self, scratch: Path) -> None:
        if self._path.open("rb").read(2) == b"PK":
            formats.directory(self._path)
        stem, several = table_name(_stem(self._name)), 0
        with _engine(scratch) as connection:
            for sheet, raw in raw_sheets(connection, self._path, scratch):
                if raw is None:
                    continue
                several += 1
                with self._part(sheet):
                    extract = shape_table(connection, raw, self._target(), table_name(sheet))
                    extract.part = sheet
                    self._add(extract)
        if several == 1 and self.result.tables:
            self.result.tables[0].name = stem

    def _parquet(self, scratch: Path) -> None:
        link = scratch / "source.parquet"
        link.symlink_to(self._path.absolute())
        with _engine(scratch) as connection:
            self._add(databases.parquet_table(connection, link, self._target(), table_name(_stem(self._name))))

    def _duckdb(self, scratch: Path) -> None:
        with _engine(scratch) as connection:
            for extract in databases.duckdb_tables(connection, self._path, self._out):
                self._add(extract)

    def _sqlite(self, scratch: Path) -> None:
        with _engine(scratch) as connection:
            for extract in databases.sqlite_tables(connection, self._path, self._out, scratch):
                self._add(extract)

    def _zip(self, scratch: Path) -> None:
        if self._inside:
            raise Unreadable("An archive inside an archive is not opened.", "Unpack it and load the files inside.")
        for number, (name, member) in enumerate(archives.members(self._path, scratch)):
            if isinstance(member, Fault):
                member.part = name
                self.result.faults.append(member)
                continue
            out = self._out / f"member-{number}"
            out.mkdir()
            reading = FileReader(member, name, out, inside=True).read()
            member.unlink()
            for table in reading.tables:
                table.part = _inside(name, table.part)
                for key in table.foreign_keys:
                    key["to"] = _inside(name, key["to"])
            for fault in reading.faults:
                fault.part = _inside(name, fault.part)
            self.result.tables += reading.tables
            self.result.faults += reading.faults

    @contextmanager
    def _part(self, part: str) -> Iterator[None]:
        """A fault inside belongs to this part alone."""
        try:
            yield
        except Unreadable as problem:
            self.result.faults.append(Fault(problem.reason, problem.hint, problem.line, part))

    def _fault(self, problem: Unreadable) -> None:
        self.result.faults.append(Fault(problem.reason, problem.hint, problem.line))

    def _target(self) -> Path:
        return self._out / f"table-{len(self.result.tables)}.parquet"

    def _add(self, extract: Extract) -> None:
        self.result.tables.append(extract)


def _inside(member: str, part: str | None) -> str:
    """The part of an archive that is this part of one of its members."""
    return f"{member} › {part}" if part else member


def _stem(name: str) -> str:
    inner = formats.inner_name(name)
    return Path(inner).stem if formats.supported(Path(inner)) else inner


@contextmanager
def _engine(scratch: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={**_CONFIG, "temp_directory": str(scratch / "spill")}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET enable_progress_bar = false")
        yield connection
