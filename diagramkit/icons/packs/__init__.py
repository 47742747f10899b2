"""Icon packs: fetch them, clean their icons, store them, and find them again."""
