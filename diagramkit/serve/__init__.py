"""The gallery, live: redrawn on save, with a pane to edit in and icons to choose."""
