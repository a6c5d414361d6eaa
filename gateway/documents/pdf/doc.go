// Package pdf writes small tagged PDF files (ISO 32000-1): text in embedded TrueType fonts, headings,
// paragraphs and lists with a structure tree, bookmarks, and embedded files.
//
// It is for gateway/documents, which decides what a document says and where it stands. Guarantees: the same
// calls give the same bytes; only the glyphs that occur are embedded; everything drawn is either part of
// the structure or an artefact; embedded files come out byte for byte, with their media types. Text that a
// font has no glyph for is not drawn silently: Font.Has says so beforehand.
//
// It reads no PDF, draws no pictures, does not encrypt and does not sign. Whether a file is PDF/A or
// PDF/UA is for a validator to say.
package pdf
