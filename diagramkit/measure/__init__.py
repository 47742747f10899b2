"""How large everything is: text in the carried font, nodes, group titles, edge labels."""
