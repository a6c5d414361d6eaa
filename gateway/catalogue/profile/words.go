package profile

import (
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/shacl"
)

// words says findings in one language. What values must be like is worded by the engine.
type words struct {
	lang string
	*shacl.Wording
	phrases
}

// phrases are what this package says itself. %s stands for a name.
type phrases struct {
	notListed, useListed, useInstead, thereAs  string
	unnamed, nameIt, namespace, name, use      string
	relative, writeInFull, tooComplex, simpler string
}

// languages are those of the shapes' messages.
var languages = map[string]phrases{
	"en": {
		"%s is not in the list of %s", "use a value of <%s>", "the list has it as <%s>", "it is there under an obsolete name, <%s>",
		"the dataset has no IRI; nobody can refer to it", "give the dataset an IRI instead of a blank node",
		"the namespace %s is obsolete", "the name %s is obsolete", "use %s",
		"a relative or file: IRI means nothing outside the machine it was written on", "write the full IRI",
		"the description takes too much work to judge", "shorten it, or describe variables in documents the record links to",
	},
	"fr": {
		"%s n’est pas dans la liste : %s", "utilisez une valeur de <%s>", "la liste l’a sous <%s>", "il y est sous un nom obsolète, <%s>",
		"le jeu de données n’a pas d’IRI ; personne ne peut y renvoyer", "donnez au jeu de données un IRI au lieu d’un nœud anonyme",
		"l’espace de noms %s est obsolète", "le nom %s est obsolète", "utilisez %s",
		"un IRI relatif ou file: ne dit rien hors de la machine où il fut écrit", "écrivez l’IRI en entier",
		"la description demande trop de travail pour être jugée", "raccourcissez-la, ou décrivez les variables dans des documents liés",
	},
	"fi": {
		"%s ei ole luettelossa: %s", "käytä arvoa luettelosta <%s>", "luettelossa se on <%s>", "se on mukana vanhentuneella nimellä, <%s>",
		"aineistolla ei ole IRI:ä; kukaan ei voi viitata siihen", "anna aineistolle IRI tyhjän solmun sijaan",
		"nimiavaruus %s on vanhentunut", "nimi %s on vanhentunut", "käytä: %s",
		"suhteellinen tai file:-alkuinen IRI ei merkitse mitään muualla kuin koneella, jolla se kirjoitettiin", "kirjoita IRI kokonaan",
		"kuvauksen arviointi vaatii liikaa työtä", "lyhennä sitä tai kuvaa muuttujat linkitetyissä asiakirjoissa",
	},
}

// wordsIn speaks a language, or English where it is none of the shapes'.
func wordsIn(lang string) *words {
	primary, _, _ := strings.Cut(strings.ToLower(lang), "-")
	p, ok := languages[primary]
	if !ok {
		primary, p = "en", languages["en"]
	}
	return &words{lang: primary, phrases: p, Wording: shacl.NewWording(primary, nil)}
}

// of picks the text in the language, or the English one.
func (w *words) of(texts map[string]string) string {
	if t, ok := texts[w.lang]; ok {
		return t
	}
	return texts["en"]
}

// say is a phrase about names.
func say(phrase string, names ...string) string {
	for _, n := range names {
		phrase = strings.Replace(phrase, "%s", n, 1)
	}
	return phrase
}

// absence says whether a component is about something that is not there. The message of a shape says
// what that is; the others are about a value, whose fault the engine words.
func absence(component string) bool {
	switch component {
	case shacl.MinCountComponent, shacl.HasValueComponent, shacl.OrComponent:
		return true
	}
	return false
}

// message says what is wrong.
func (w *words) message(r *shacl.Result, n *annotated) string {
	switch {
	case absence(r.Component) && len(n.messages) > 0:
		return w.of(n.messages)
	case r.Component == shacl.NodeComponent && n.list != nil:
		return say(w.notListed, catalogue.Compact(n.properties[0]), w.of(n.list.names))
	}
	return w.Message(r)
}

// hint says how to mend it.
func (w *words) hint(g *rdf.Graph, r *shacl.Result, n *annotated, release int) string {
	if r.Component == shacl.MinCountComponent {
		if old, ok := obsoleteSpelling(g, r.Focus, n.properties[0]); ok {
			return say(w.thereAs, old)
		}
	}
	if own := w.of(n.hints); own != "" {
		return own
	}
	if r.Component == shacl.NodeComponent && n.list != nil {
		if now, why := respell(r.Value.Value, release); why != "" {
			return say(w.useInstead, now)
		}
		return say(w.useListed, n.list.Namespaces[0])
	}
	return w.Hint(r)
}
