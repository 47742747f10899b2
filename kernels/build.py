"""Build what runs as WebAssembly: `python -m kernels.build`.

The layout engine is Rust (Debian's rustc 1.63 and libstd-rust-dev-wasm32), the rasterizer is C (Debian's clang and
lld 14). A module says in a section of its own which source it was made of; a test compares.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
_LAYOUT = tuple(f"layout/{path.name}" for path in sorted((HERE / "layout").glob("*.rs")))
MODULES = {
    _LAYOUT: HERE.parent / "diagramkit/layout/data/layout.wasm",
    ("rasterizer.c", "canvas.h", "paths.h", "strokes.h", "deflate.h", "rows.h"): HERE.parent
    / "diagramkit/writers/data/rasterizer.wasm",
}
_SECTION = b"source"
_C = (
    "clang",
    "--target=wasm32",
    "-O3",
    "-mbulk-memory",
    "-msimd128",
    "-nostdlib",
    "-ffp-contract=off",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-Wl,--no-entry",
    "-Wl,--strip-all",
)
_RUST = (
    "/usr/bin/rustc",
    "--edition",
    "2021",
    "--target",
    "wasm32-unknown-unknown",
    "--crate-type",
    "cdylib",
    "-C",
    "opt-level=3",
    "-C",
    "panic=abort",
    "-C",
    "target-feature=+bulk-memory,+simd128",
    "-C",
    "strip=symbols",
    "-C",
    "lto=fat",
    "-C",
    "codegen-units=1",
    "-D",
    "warnings",
    "--remap-path-prefix",
    f"{HERE}=kernels",
)


def main() -> int:
    """Build all modules; 1 where that cannot be."""
    for sources, module in MODULES.items():
        rust = sources[0].endswith(".rs")
        command, main_source = (_RUST, "layout/lib.rs") if rust else (_C, sources[0])
        if shutil.which(command[0]) is None:
            packages = "rustc libstd-rust-dev-wasm32 lld" if rust else "clang lld"
            print(
                f"{command[0]} is missing; install it with apt-get install {packages}",
                file=sys.stderr,
            )
            return 1
        with tempfile.TemporaryDirectory() as folder:
            made = Path(folder) / "module.wasm"
            done = subprocess.run([*command, "-o", str(made), str(HERE / main_source)], check=False)
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
