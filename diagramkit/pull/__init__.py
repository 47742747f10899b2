"""What somebody changed in draw.io or PowerPoint, written back into the source of the picture.

`picture_changes` compares the shapes of a page with its record, `positions` turns positions into pins, `new_labels`
texts into labels, and `additions` new shapes into nodes, edges and groups. `write_back` applies the changes to the
source.
"""
