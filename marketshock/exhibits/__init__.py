"""Charts and tables ready for a page: data, words, sources and drawing in one object."""
