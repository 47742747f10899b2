"""The live gallery (`diagramkit serve`): redrawn on each save, with an editor and a choice of icons."""
