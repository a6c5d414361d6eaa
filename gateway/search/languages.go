package search

import (
	// The languages: stop words and, where there is one, a stemmer. The one for Polish is left out: it is a
	// table of 2 MB.
	"github.com/blevesearch/bleve/v2/analysis/lang/bg"
	"github.com/blevesearch/bleve/v2/analysis/lang/cs"
	"github.com/blevesearch/bleve/v2/analysis/lang/da"
	"github.com/blevesearch/bleve/v2/analysis/lang/de"
	"github.com/blevesearch/bleve/v2/analysis/lang/el"
	"github.com/blevesearch/bleve/v2/analysis/lang/en"
	"github.com/blevesearch/bleve/v2/analysis/lang/es"
	"github.com/blevesearch/bleve/v2/analysis/lang/fi"
	"github.com/blevesearch/bleve/v2/analysis/lang/fr"
	"github.com/blevesearch/bleve/v2/analysis/lang/ga"
	"github.com/blevesearch/bleve/v2/analysis/lang/hr"
	"github.com/blevesearch/bleve/v2/analysis/lang/hu"
	"github.com/blevesearch/bleve/v2/analysis/lang/it"
	"github.com/blevesearch/bleve/v2/analysis/lang/nl"
	"github.com/blevesearch/bleve/v2/analysis/lang/no"
	"github.com/blevesearch/bleve/v2/analysis/lang/pt"
	"github.com/blevesearch/bleve/v2/analysis/lang/ro"
	"github.com/blevesearch/bleve/v2/analysis/lang/sv"
)

// languages are those whose words are known beyond their spelling. A text in another language is
// found by the words as written.
var languages = []struct{ tag, stop, stemmer string }{
	{"bg", bg.StopName, ""}, {"cs", cs.StopName, ""}, {"da", da.StopName, da.SnowballStemmerName}, {"de", de.StopName, de.SnowballStemmerName},
	{"el", el.StopName, ""}, {"en", en.StopName, en.SnowballStemmerName}, {"es", es.StopName, es.SnowballStemmerName},
	{"fi", fi.StopName, fi.SnowballStemmerName}, {"fr", fr.StopName, fr.SnowballStemmerName}, {"ga", ga.StopName, ""},
	{"hr", hr.StopName, hr.StemmerName}, {"hu", hu.StopName, hu.SnowballStemmerName}, {"it", it.StopName, it.SnowballStemmerName},
	{"nl", nl.StopName, nl.SnowballStemmerName}, {"no", no.StopName, no.SnowballStemmerName}, {"pl", "", ""},
	{"pt", pt.StopName, pt.LightStemmerName},
	{"ro", ro.StopName, ro.SnowballStemmerName}, {"sv", sv.StopName, sv.SnowballStemmerName},
	{"et", "", ""}, {"lt", "", ""}, {"lv", "", ""}, {"mt", "", ""}, {"sk", "", ""}, {"sl", "", ""},
}

// sameAs names the language whose words another tag shares here.
var sameAs = map[string]string{"nb": "no", "nn": "no", "und": "en"}
