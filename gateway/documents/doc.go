// Package documents makes the documents of a case for people: decision, draft permit, permit, refusal and
// the decision on an appeal, as PDF in the language of the case.
//
// It is for gateway/exchange, which sends them with the messages they belong to, and for the operator.
// Guarantees: the same facts give the same bytes, whenever and wherever they are made; every font is
// embedded; what others wrote is printed as text and as nothing else, bounded in length, and what was left
// out or replaced is said in the document and in its findings; files are embedded byte for byte.
//
// The documents are tagged: headings, paragraphs and lists of labels with what they stand for, in the order
// in which they are read.
//
// It does not sign: a signed text travels inside the document as a file, and the document says so. Its
// output has not been judged by a validator and is called neither PDF/A nor PDF/UA. It does no I/O and has
// no clock.
//
// Sources: Regulation (EU) 2025/327 Art. 68(10); TEHDAS2 D6.4 §9 (decision card); ISO 32000-1.
package documents
