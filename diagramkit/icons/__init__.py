"""Icons: the catalog of all icons, and the resolver that chooses one for each node."""
