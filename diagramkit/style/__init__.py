"""What pictures are drawn with: themes, sizes and AWS group styles (all read from data files), and fonts."""
