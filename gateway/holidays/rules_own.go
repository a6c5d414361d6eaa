package holidays

import "github.com/rickar/cal/v2"

// ownRules are the rules of the Member States the library has none for.
func ownRules(country string) []*cal.Holiday {
	switch country {
	case "CY":
		return cyprus()
	case "EE":
		return estonia()
	case "FI":
		return finland()
	case "HU":
		return hungary()
	case "LU":
		return luxembourg()
	case "MT":
		return malta()
	case "PT":
		return portugal()
	}
	return nil
}

func cyprus() []*cal.Holiday {
	return []*cal.Holiday{
		fixed("Πρωτοχρονιά", 1, 1, 0), fixed("Θεοφάνεια", 1, 6, 0), orthodox("Καθαρά Δευτέρα", -48),
		fixed("Εικοστή Πέμπτη Μαρτίου", 3, 25, 0), fixed("Πρώτη Απριλίου", 4, 1, 0),
		orthodox("Μεγάλη Παρασκευή", -2), orthodox("Κυριακή του Πάσχα", 0), orthodox("Δευτέρα του Πάσχα", 1),
		fixed("Πρωτομαγιά", 5, 1, 0), orthodox("Κατακλυσμός", 50), fixed("Κοίμηση της Θεοτόκου", 8, 15, 0),
		fixed("Ημέρα Ανεξαρτησίας", 10, 1, 0), fixed("Ημέρα του Όχι", 10, 28, 0),
		fixed("Παραμονή Χριστουγέννων", 12, 24, 0), fixed("Χριστούγεννα", 12, 25, 0), fixed("Δεύτερη μέρα Χριστουγέννων", 12, 26, 0),
	}
}

func estonia() []*cal.Holiday {
	return []*cal.Holiday{
		fixed("uusaasta", 1, 1, 0), fixed("iseseisvuspäev", 2, 24, 0), easter("suur reede", -2),
		easter("ülestõusmispühade 1. püha", 0), fixed("kevadpüha", 5, 1, 0), easter("nelipühade 1. püha", 49),
		fixed("võidupüha", 6, 23, 0), fixed("jaanipäev", 6, 24, 0), fixed("taasiseseisvumispäev", 8, 20, 0),
		fixed("jõululaupäev", 12, 24, 0), fixed("esimene jõulupüha", 12, 25, 0), fixed("teine jõulupüha", 12, 26, 0),
	}
}

// finland leaves out the eves of midsummer and Christmas. Finnish law on periods treats them as days
// off; a body that follows it adds them in the configuration.
func finland() []*cal.Holiday {
	return []*cal.Holiday{
		fixed("uudenvuodenpäivä", 1, 1, 0), fixed("loppiainen", 1, 6, 0), easter("pitkäperjantai", -2),
		easter("pääsiäispäivä", 0), easter("2. pääsiäispäivä", 1), fixed("vappu", 5, 1, 0),
		easter("helatorstai", 39), easter("helluntaipäivä", 49), saturdayFrom("juhannuspäivä", 6, 20),
		saturdayFrom("pyhäinpäivä", 10, 31), fixed("itsenäisyyspäivä", 12, 6, 0),
		fixed("joulupäivä", 12, 25, 0), fixed("tapaninpäivä", 12, 26, 0),
	}
}

// hungary leaves out the days that a decree moves each year.
func hungary() []*cal.Holiday {
	return []*cal.Holiday{
		fixed("újév", 1, 1, 0), fixed("1848-as forradalom", 3, 15, 0), easter("nagypéntek", -2), easter("húsvétvasárnap", 0),
		easter("húsvéthétfő", 1), fixed("a munka ünnepe", 5, 1, 0), easter("pünkösdvasárnap", 49), easter("pünkösdhétfő", 50),
		fixed("az államalapítás ünnepe", 8, 20, 0), fixed("1956-os forradalom", 10, 23, 0), fixed("mindenszentek", 11, 1, 0),
		fixed("karácsony", 12, 25, 0), fixed("karácsony másnapja", 12, 26, 0),
	}
}

func luxembourg() []*cal.Holiday {
	return []*cal.Holiday{
		fixed("Jour de l'An", 1, 1, 0), easter("lundi de Pâques", 1), fixed("Fête du travail", 5, 1, 0),
		fixed("Journée de l'Europe", 5, 9, 2019), easter("Ascension", 39), easter("lundi de Pentecôte", 50),
		fixed("Fête nationale", 6, 23, 0), fixed("Assomption", 8, 15, 0), fixed("Toussaint", 11, 1, 0),
		fixed("Noël", 12, 25, 0), fixed("Saint-Étienne", 12, 26, 0),
	}
}

func malta() []*cal.Holiday {
	return []*cal.Holiday{
		fixed("L-Ewwel tas-Sena", 1, 1, 0), fixed("Nawfraġju ta' San Pawl", 2, 10, 0), fixed("San Ġużepp", 3, 19, 0),
		fixed("Jum il-Ħelsien", 3, 31, 0), easter("Il-Ġimgħa l-Kbira", -2), fixed("Jum il-Ħaddiem", 5, 1, 0),
		fixed("Sette Giugno", 6, 7, 0), fixed("San Pietru u San Pawl", 6, 29, 0), fixed("Santa Marija", 8, 15, 0),
		fixed("Jum il-Vitorja", 9, 8, 0), fixed("Jum l-Indipendenza", 9, 21, 0), fixed("Il-Kunċizzjoni", 12, 8, 0),
		fixed("Jum ir-Repubblika", 12, 13, 0), fixed("Il-Milied", 12, 25, 0),
	}
}

func portugal() []*cal.Holiday {
	return []*cal.Holiday{
		fixed("Ano Novo", 1, 1, 0), easter("Sexta-feira Santa", -2), easter("Páscoa", 0), fixed("Dia da Liberdade", 4, 25, 0),
		fixed("Dia do Trabalhador", 5, 1, 0), easter("Corpo de Deus", 60), fixed("Dia de Portugal", 6, 10, 0),
		fixed("Assunção de Nossa Senhora", 8, 15, 0), fixed("Implantação da República", 10, 5, 0), fixed("Todos os Santos", 11, 1, 0),
		fixed("Restauração da Independência", 12, 1, 0), fixed("Imaculada Conceição", 12, 8, 0), fixed("Natal", 12, 25, 0),
	}
}
