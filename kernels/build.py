"""Build what runs as WebAssembly: `python -m kernels.build`, with clang and lld (Debian's 14).

A module says in a section of its own which source it was made of; a test compares.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
MODULES = {
    ("router.c",): HERE.parent / "diagramkit/layout/routing/data/router.wasm",
    ("painter.c", "canvas.h", "paths.h", "strokes.h", "deflate.h", "rows.h"): HERE.parent
    / "diagramkit/writers/data/painter.wasm",
}
_SECTION = b"source"
_FLAGS = (
    "--target=wasm32", "-O3", "-mbulk-memory", "-msimd128", "-nostdlib", "-ffp-contract=off", "-Wall", "-Wextra",
    "-Werror", "-Wl,--no-entry", "-Wl,--strip-all",
)  # fmt: skip


def main() -> int:
    """Build all modules; 1 where that cannot be."""
    compiler = shutil.which("clang")
    if compiler is None:
        print("there is no clang here; install it with apt-get install clang lld", file=sys.stderr)
        return 1
    for sources, module in MODULES.items():
        with tempfile.TemporaryDirectory() as folder:
            made = Path(folder) / "module.wasm"
            done = subprocess.run(
                [compiler, *_FLAGS, "-o", str(made), str(HERE / sources[0])], check=False
            )
            if done.returncode:
                return 1
            module.write_bytes(made.read_bytes() + section(sources))
        print(f"{module.name}: {module.stat().st_size} bytes")
    return 0


def section(sources: tuple[str, ...]) -> bytes:
    """A custom section (WebAssembly 2.0, 5.5.3) with the digest of the sources."""
    source = b"".join((HERE / name).read_bytes() for name in sources)
    payload = bytes([len(_SECTION)]) + _SECTION + hashlib.sha256(source).hexdigest().encode("ascii")
    return b"\0" + bytes([len(payload)]) + payload


if __name__ == "__main__":
    sys.exit(main())
