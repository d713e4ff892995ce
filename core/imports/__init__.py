"""Importing lists and texts: a file is read, judged line by line, shown, and only then written; each room registers its kinds."""
