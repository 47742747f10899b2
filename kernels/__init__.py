"""The sources of the WebAssembly modules, and the script that builds them."""
