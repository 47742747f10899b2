"""What runs as WebAssembly, as C, and how it is built into the package."""
