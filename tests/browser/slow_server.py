"""A real server with a slow, scripted assistant, which a test may kill in the middle of an answer and start again."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))


def main(home: str, port: str) -> None:
    """Serve until killed; each event of an answer takes a quarter of a second."""
    import uvicorn

    from api.app import create_app
    from api.house import Parts
    from evals.fakes.assistant import ScriptedAssistant

    (Path(home) / "workspaces" / "shop" / "lake").mkdir(parents=True, exist_ok=True)
    app = create_app(home=Path(home), parts=Parts(assistant=ScriptedAssistant(pause=0.25)))
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="warning", timeout_graceful_shutdown=2)


if __name__ == "__main__":
    main(*sys.argv[1:])
