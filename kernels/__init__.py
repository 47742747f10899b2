"""What runs as WebAssembly (the layout engine in Rust, the painter in C), and how it is built into the package."""
