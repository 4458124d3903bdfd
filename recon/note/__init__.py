"""Research notes: pieces of the pages put together, kept, made anew and written out.

`kinds` makes a piece anew from its place and its controls, `preview` puts a whole
reconstitution preview together, `keeping` writes a note to a small file and reads it
back, `output` turns it into slides, a document, a workbook, a web page or all of them.
"""
