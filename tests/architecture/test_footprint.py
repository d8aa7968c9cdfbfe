"""What a booted web process holds: none of the heavy libraries, and less than 150 MB."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.project import ROOT

HEAVY = ("pandas", "numpy", "scipy", "xlsxwriter", "openpyxl", "python_calamine", "docx", "lxml", "typst")
MOST_MEGABYTES = 150

PROBE = """
import json, sys
from wsgi import app
app.test_client().get("/healthz", headers={"Host": "localhost"})
status = open("/proc/self/status").read()
resident = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
roots = sorted({name.partition(".")[0] for name in sys.modules})
print(json.dumps({"roots": roots, "megabytes": resident / 1024}))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads the memory from /proc")
def test_the_web_process_is_light(tmp_path: Path) -> None:
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("HEED_", "COV"))}
    environment = bare | {"HEED_DATA": str(tmp_path / "data")}
    done = subprocess.run(
        [sys.executable, "-c", PROBE], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    assert not set(HEAVY) & set(seen["roots"])
    assert seen["megabytes"] < MOST_MEGABYTES
