package gate

import "strings"

// officialLanguages are the 24 official languages of the Union (Regulation 1/1958), by ISO 639-1 code.
const officialLanguages = " bg cs da de el en es et fi fr ga hr hu it lt lv mt nl pl pt ro sk sl sv "

// Language says whether a BCP 47 tag names an official language of the Union; regions and scripts do
// not matter (D6.4 R7.1.2).
func Language(tag string) bool {
	primary, _, _ := strings.Cut(strings.ToLower(tag), "-")
	return len(primary) == 2 && strings.Contains(officialLanguages, " "+primary+" ")
}
