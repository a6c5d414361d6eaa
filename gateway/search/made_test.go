package search

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// vocabulary are words of health data catalogues in some languages.
var vocabulary = map[string][]string{
	"en": strings.Fields("registry patients hospital stays cancer diabetes cohort study medication prescriptions vaccination laboratory results imaging genomic sequences mortality causes claims reimbursement primary care emergency visits mental health pregnancy newborn screening wearable devices questionnaire biobank samples longitudinal annual national regional survey quality outcomes surgery"),
	"fr": strings.Fields("registre patients hôpital séjours cancer diabète cohorte étude médicaments ordonnances vaccination laboratoire résultats imagerie séquences génomiques mortalité causes remboursements soins primaires urgences santé mentale grossesse dépistage néonatal questionnaire biobanque échantillons annuel national régional enquête qualité chirurgie données"),
	"de": strings.Fields("Register Patienten Krankenhaus Aufenthalte Krebs Diabetes Kohorte Studie Medikamente Verordnungen Impfungen Labor Befunde Bildgebung Genomsequenzen Sterblichkeit Todesursachen Abrechnungsdaten Hausarzt Notaufnahme Schwangerschaft Screening Fragebogen Biobank Proben jährlich national regional Erhebung Qualität Chirurgie Krankenkassen"),
	"fi": strings.Fields("rekisteri potilaat sairaala hoitojaksot syöpä diabetes kohortti tutkimus lääkkeet reseptit rokotukset laboratorio tulokset kuvantaminen genomi kuolleisuus kuolinsyyt korvaukset perusterveydenhuolto päivystys mielenterveys raskaus seulonta kysely biopankki näytteet vuosittainen kansallinen alueellinen laatu leikkaukset terveystiedot"),
}

var languageTags = []string{"en", "fr", "de", "fi"}

// made makes n documents, the same for the same n.
func made(n int) func(yield func(Document) bool) {
	return func(yield func(Document) bool) {
		r := rand.New(rand.NewPCG(1, uint64(n)))
		pick := func(lang string, words int) string {
			var b strings.Builder
			for range words {
				v := vocabulary[lang]
				// some words are frequent, most are rare
				i := int(float64(len(v)) * r.Float64() * r.Float64())
				b.WriteString(v[i] + " ")
				if r.IntN(6) == 0 {
					fmt.Fprintf(&b, "x%d ", r.IntN(n))
				}
			}
			return strings.TrimSpace(b.String())
		}
		countries := strings.Fields("FI FR DE NL SE ES IT PL PT AT BE DK")
		categories := strings.Fields("EHRS SDOH HGEN CLAI REGI TRIA QUES BIOB WELL GENO")
		access := strings.Fields("PUBLIC RESTRICTED NON_PUBLIC")
		for i := range n {
			lang := languageTags[i%len(languageTags)]
			d := Document{
				Key: fmt.Sprintf("eu:%08d", i), Origin: EU, Country: countries[i%len(countries)], Identifier: fmt.Sprintf("set/%d", i), CentralID: fmt.Sprintf("%08d", i),
				Title:       map[string]string{lang: pick(lang, 6), "en": pick("en", 6)},
				Description: map[string]string{lang: pick(lang, 60), "en": pick("en", 60)},
				Keywords:    map[string][]string{"en": {pick("en", 1), pick("en", 2)}, lang: {pick(lang, 1)}},
				Categories:  []string{categories[r.IntN(len(categories))], categories[r.IntN(len(categories))]}, Themes: []string{"HEAL"}, Access: access[r.IntN(3)],
				Publisher: fmt.Sprintf("Institute %d", r.IntN(500)), Modified: time.Unix(1_700_000_000+int64(r.IntN(1e7)), 0).UTC(), Version: fmt.Sprintf("sha256:%064x", i),
				Content: []byte(strings.Repeat(fmt.Sprintf("<https://x.example/%d> <http://purl.org/dc/terms/title> %q .\n", i, pick("en", 6)), 15)),
			}
			if !yield(d) {
				return
			}
		}
	}
}
