"""A real server process that a test may kill: the scripted assistant, a slow loader, and uvicorn, all on one home."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from ingestion.report import LoadedTable, LoadReport


def load_slowly(workspace, paths, *, progress):
    """Takes as long as the file `hold` is there; leaves proof of what was loaded."""
    progress("Reading", 0.1)
    while (workspace.root / "hold").exists():
        time.sleep(0.02)
    for path in paths:
        (workspace.root / f"loaded-{path.name}").write_bytes(path.read_bytes())
    return LoadReport(tables=[LoadedTable(name="t", rows=1, columns=1, origin=p.name) for p in paths])


def main(home: str, port: str) -> None:
    """Serve until killed."""
    import uvicorn

    from api import logs
    from api.app import create_app
    from api.house import Parts
    from evals.fakes.assistant import ScriptedAssistant

    logs.configure()
    app = create_app(home=Path(home), parts=Parts(assistant=ScriptedAssistant(), ingest=load_slowly))
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_config=None, timeout_graceful_shutdown=12)


if __name__ == "__main__":
    main(*sys.argv[1:])
