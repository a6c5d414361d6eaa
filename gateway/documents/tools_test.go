package documents

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// tool is a program of others that reads PDF, or a reason to leave a test out.
func tool(t *testing.T, name string) func(args ...string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not installed (Debian: qpdf, poppler-utils)", name)
	}
	return func(args ...string) string {
		t.Helper()
		out, err := exec.CommandContext(t.Context(), path, args...).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
		return string(out)
	}
}

// written renders a document into a file.
func written(t *testing.T, f Facts) string {
	t.Helper()
	d, err := made(t).Render(f)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), d.Name)
	if err := os.WriteFile(path, d.Content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// What readers of PDF make of the documents: they are sound, their fonts are embedded, their language is
// set, the text can be read, and the signed file comes out as it went in.
// shows R9.2.4
func TestReadersOfPDF(t *testing.T) {
	t.Parallel()
	qpdf, text, fonts, detach := tool(t, "qpdf"), tool(t, "pdftotext"), tool(t, "pdffonts"), tool(t, "pdfdetach")
	for _, k := range Kinds() {
		for _, l := range []string{"en", "fr", "fi"} {
			t.Run(string(k)+" "+l, func(t *testing.T) {
				t.Parallel()
				f := facts(k, l)
				path := written(t, f)
				golden(t, string(k)+"."+l+".txt", text("-layout", "-enc", "UTF-8", path, "-"))
				if l != "en" {
					return
				}
				qpdf("--check", path)
				for _, line := range strings.Split(strings.TrimSpace(fonts(path)), "\n")[2:] {
					if !strings.Contains(line, "yes") || strings.Contains(line, "Type 1") {
						t.Errorf("a font is not embedded: %s", line)
					}
				}
				for _, x := range f.Files {
					out := filepath.Join(t.TempDir(), "out")
					if list := detach("-list", path); !strings.Contains(list, x.Name) {
						t.Errorf("the files are %s", list)
					}
					detach("-save", "1", "-o", out, path)
					if got, err := os.ReadFile(out); err != nil || !bytes.Equal(got, x.Content) {
						t.Errorf("%s came out as %q, %v", x.Name, got, err)
					}
					if all := qpdf("--qdf", "--object-streams=disable", path, "-"); !strings.Contains(all, "/Subtype /application#2fehds-permit+jwt") &&
						!strings.Contains(all, "/Subtype /application#2fehds-decision+jwt") || !strings.Contains(all, "/Lang (en)") {
						t.Error("no media type, or no language")
					}
				}
			})
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	// How wide the gaps are is the reader's business.
	var lines []string
	for _, line := range strings.Split(strings.ReplaceAll(got, "\f", "\n-- next page --\n"), "\n") {
		if words := strings.Fields(line); len(words) > 0 {
			lines = append(lines, strings.Join(words, " "))
		}
	}
	got = strings.Join(lines, "\n") + "\n"
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (go test -update rewrites it): %s", name, diff)
	}
}

// pangrams have the letters of the official languages of the Union.
var pangrams = map[string]string{
	"bg": "Ах чудна българска земьо, полюшвай цъфтящи жита", "cs": "Nechť již hříšné saxofony ďáblů rozezvučí síň úděsnými tóny waltzu, tanga a quickstepu",
	"da": "Høj bly gom vandt fræk sexquiz på wc", "de": "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich", "el": "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία, ΰ ΐ Ώ",
	"en": "The quick brown fox jumps over the lazy dog", "es": "El pingüino Wenceslao hizo kilómetros bajo exhaustiva lluvia y frío, añoraba a su querido cachorro",
	"et": "Põdur Zagrebi tšellomängija-följetonist Ciqo külmetas kehvas garaažis", "fi": "Törkylempijävongahdus, Åbo",
	"fr": "Portez ce vieux whisky au juge blond qui fume, cœur, naïf, çà, œuvre, Ÿ", "ga": "D’fhuascail Íosa Úrmhac na hÓighe Beannaithe pór Éava agus Ádhaimh",
	"hr": "Gojazni đačić s biciklom drži hmelj i finu vatu u džepu nošnje", "hu": "Árvíztűrő tükörfúrógép, Ő Ű", "it": "Quel vituperabile xenofobo zelante assaggia il whisky ed esclama: alleluja, perché è più città",
	"lt": "Įlinkdama fechtuotojo špaga sublykčiojusi pragręžė apvalų arbūzą", "lv": "Glāžšķūņa rūķīši dzērumā čiepj Baha koncertflīģeļu vākus, ģ ņ",
	"mt": "Ħġieġ, ċavetta u żunżan", "nl": "Pa’s wijze lynx bezag vroom het fikse aquaduct, ĳ, één", "pl": "Pchnąć w tę łódź jeża lub ośm skrzyń fig, źdźbło",
	"pt": "À noite, vovô Kowalsky vê o ímã cair no pé do pingüim queixoso e vovó põe açúcar no chá de tâmaras", "ro": "Muzicologă în bej vând whisky și tequila, preț fix, Ș Ț",
	"sk": "Kŕdeľ šťastných ďatľov učí pri ústí Váhu mĺkveho koňa obhrýzať kôru a žrať čerstvé mäso", "sl": "Hišničin bratec vzgaja polže pod fikusom", "sv": "Flygande bäckasiner söka hwila på mjuka tuvor",
}

// Every official language of the Union can be printed and read back.
func TestLanguagesOfTheUnion(t *testing.T) {
	t.Parallel()
	text, fonts := tool(t, "pdftotext"), made(t).fonts
	f := facts(PrePermit, "en")
	f.Card.Conditions = nil
	for l, s := range pangrams {
		if c := fonts.clean(s); c.replaced || c.text != s {
			t.Errorf("%s cannot be printed: %s", l, c.text)
		}
		f.Card.Conditions = append(f.Card.Conditions, s)
	}
	spaceless := func(s string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsSpace(r) {
				return -1
			}
			return r
		}, s)
	}
	got := spaceless(text("-layout", "-enc", "UTF-8", written(t, f), "-"))
	for l, s := range pangrams {
		if !strings.Contains(got, spaceless(s)) {
			t.Errorf("%s is not in the text", l)
		}
	}
	if len(pangrams) != 24 {
		t.Errorf("%d languages", len(pangrams))
	}
}
