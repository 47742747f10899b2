"""What runs as WebAssembly (the layout engine in Rust, the rasterizer in C), and how it is built into the package."""
