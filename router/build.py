"""Build the search for edges' ways: `python -m router.build`, with clang and lld (Debian's 14).

The module says in a section of its own which source it was made of; a test compares.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCE = Path(__file__).with_name("router.c")
MODULE = SOURCE.parent.parent / "diagramkit/layout/routing/data/router.wasm"
SECTION = b"source"
_FLAGS = (
    "--target=wasm32", "-O3", "-nostdlib", "-fno-builtin", "-ffp-contract=off", "-Wall", "-Wextra",
    "-Werror", "-Wl,--no-entry", "-Wl,--strip-all",
)  # fmt: skip


def main() -> int:
    """Build it; 1 where that cannot be."""
    compiler = shutil.which("clang")
    if compiler is None:
        print("there is no clang here; install it with apt-get install clang lld", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "router.wasm"
        done = subprocess.run([compiler, *_FLAGS, "-o", str(made), str(SOURCE)], check=False)
        if done.returncode:
            return 1
        MODULE.write_bytes(made.read_bytes() + section(SOURCE.read_bytes()))
    print(f"{MODULE.name}: {MODULE.stat().st_size} bytes")
    return 0


def section(source: bytes) -> bytes:
    """A custom section (WebAssembly 2.0, 5.5.3) with the digest of the source."""
    payload = bytes([len(SECTION)]) + SECTION + hashlib.sha256(source).hexdigest().encode("ascii")
    return b"\0" + bytes([len(payload)]) + payload


if __name__ == "__main__":
    sys.exit(main())
