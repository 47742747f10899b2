"""What pictures are drawn with: themes, sizes, AWS groups (all data), and the font."""
