"""A real server process that a test may kill: the scripted assistant, a slow loader, and uvicorn, all on one home."""

from __future__ import annotations

import sys
from pathlib import Path


def main(home: str, port: str) -> None:
    """Serve until killed."""
    import uvicorn

    from api import logs
    from api.app import create_app
    from api.house import Parts
    from evals.fakes.assistant import ScriptedAssistant
    from evals.fakes.loader import load_slowly

    logs.configure()
    app = create_app(home=Path(home), parts=Parts(assistant=ScriptedAssistant(), ingest=load_slowly))
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_config=None, timeout_graceful_shutdown=12)


if __name__ == "__main__":
    main(*sys.argv[1:])
