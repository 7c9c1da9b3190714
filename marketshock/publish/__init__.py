"""From exhibits to files: notebooks run, pages laid out, PDFs written."""
