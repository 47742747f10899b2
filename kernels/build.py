"""Builds the WebAssembly modules: `python -m kernels.build`.

The layout engine is written in Rust (Debian's rustc 1.63 and libstd-rust-dev-wasm32), the rasterizer in C (Debian's
clang and lld 14). A custom section of each module has a digest of its sources, so that a test can tell whether the
module was rebuilt after a change.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

KERNELS = Path(__file__).parent
_LAYOUT = tuple(f"layout/{path.name}" for path in sorted((KERNELS / "layout").glob("*.rs")))
MODULES = {
    _LAYOUT: KERNELS.parent / "diagramkit/layout/data/layout.wasm",
    ("rasterizer.c", "canvas.h", "paths.h", "strokes.h", "deflate.h", "rows.h"): KERNELS.parent
    / "diagramkit/writers/data/rasterizer.wasm",
}
"""The file that each module is built into, by its sources. The first C source includes the other ones."""
_SECTION_NAME = b"source"
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
    "opt-level=2",  # With 3, layouts are not faster, and compiling the module takes an eighth longer.
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
    f"{KERNELS}=kernels",
)


def main() -> int:
    """Build all modules and return the exit code: 1 if a compiler is missing or fails."""
    for sources, module in MODULES.items():
        is_rust = sources[0].endswith(".rs")
        command, main_source = (_RUST, "layout/lib.rs") if is_rust else (_C, sources[0])
        if shutil.which(command[0]) is None:
            packages = "rustc libstd-rust-dev-wasm32 lld" if is_rust else "clang lld"
            print(f"error: {command[0]} is not installed; run: apt-get install {packages}", file=sys.stderr)
            return 1
        with tempfile.TemporaryDirectory() as folder:
            output = Path(folder) / "module.wasm"
            result = subprocess.run([*command, "-o", str(output), str(KERNELS / main_source)], check=False)
            if result.returncode:
                return 1
            module.write_bytes(output.read_bytes() + section(sources))
        print(f"{module.name}: {module.stat().st_size} bytes")
    return 0


def section(sources: tuple[str, ...]) -> bytes:
    """Return a custom section (WebAssembly 2.0, 5.5.3) with the SHA-256 digest of the sources."""
    contents = b"".join((KERNELS / name).read_bytes() for name in sources)
    payload = bytes([len(_SECTION_NAME)]) + _SECTION_NAME + hashlib.sha256(contents).hexdigest().encode("ascii")
    return b"\0" + bytes([len(payload)]) + payload


if __name__ == "__main__":
    sys.exit(main())
