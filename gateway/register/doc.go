// Package register is the public register of a nation's health data access bodies: which applications came
// in, what was decided and why, which permits are in force and for whom, what came of them, and measures
// for non-compliance.
//
// It is for gateway/console, which shows it, and for the assembly, which fills it from the record: entries
// are made from case documents and filings by a pure function, so the register can be made anew at any
// time. Guarantees: what an entry names are applicants and holders that are legal persons, bodies and
// datasets; a natural person who applies is shown as one and not named; whoever the form or a permit names
// as a person, and every address of mail or telephone, is taken out of texts before anything is kept. The
// register is memory only and holds nothing that is not public.
//
// It does not decide what is due when: gateway/access has the clock of Art. 57(1)(j).
//
// Sources: Regulation (EU) 2025/327 Art. 57(1)(j), 58(1)(f) and (g), 61(4), 63(7).
package register
