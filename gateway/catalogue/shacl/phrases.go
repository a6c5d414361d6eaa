package shacl

// wordsOf are the phrases of one language, by constraint component. The empty key is for the others.
type wordsOf struct {
	node            []string // what to write for what when there is no path: old, new, …
	shape           string   // {want} without a name
	undescribed     string   // the hint when nothing describes {focus}
	messages, hints map[string]string
}

// phrases by language. {path} is the property, {want} what the constraint asks for, {n} a number, {text}
// a pattern or a language.
var phrases = map[string]wordsOf{"en": english, "fr": french, "de": german, "fi": finnish}

var english = wordsOf{
	node: []string{"the value of {path}", "this node", "{path}", "this node"}, shape: "a shape",
	undescribed: "the data does not describe {focus}: describe it, or name the vocabulary that does",
	messages: map[string]string{
		"Class": "the value of {path} must be an instance of {want}", "Datatype": "the value of {path} must be a valid {want}",
		"NodeKind-IRI": "the value of {path} must be an IRI", "NodeKind-Literal": "the value of {path} must be a literal",
		"NodeKind-BlankNode": "the value of {path} must be a blank node", "NodeKind-BlankNodeOrIRI": "the value of {path} must be an IRI or a blank node, not a literal",
		"NodeKind-BlankNodeOrLiteral": "the value of {path} must not be an IRI", "NodeKind-IRIOrLiteral": "the value of {path} must not be a blank node",
		"MinCount1": "missing {path}", "MinCount": "{path} needs {n} values at least", "MaxCount": "{path} may have {n} value(s) at most", "MaxCount0": "{path} may not be used here",
		"MinExclusive": "the value of {path} must be greater than {want}", "MinInclusive": "the value of {path} must be {want} or greater",
		"MaxExclusive": "the value of {path} must be less than {want}", "MaxInclusive": "the value of {path} must be {want} or less",
		"MinLength": "the value of {path} must have {n} characters at least", "MaxLength": "the value of {path} may have {n} characters at most",
		"Pattern": "the value of {path} must match the pattern {text}", "LanguageIn": "the value of {path} must be in one of the languages {want}",
		"UniqueLang": "{path} has more than one value in the language {text}",
		"Equals":     "{path} must have the same values as {want}", "Disjoint": "{path} may share no value with {want}",
		"LessThan": "the value of {path} must be less than that of {want}", "LessThanOrEquals": "the value of {path} may not be greater than that of {want}",
		"Not": "the value of {path} conforms to {want} and may not", "And": "the value of {path} must meet all of {n} conditions",
		"Or": "the value of {path} meets none of {n} conditions", "Xone": "the value of {path} must meet exactly one of {n} conditions",
		"Node": "the value of {path} must conform to {want}", "QualifiedMinCount1": "{path} needs a value that conforms to {want}",
		"QualifiedMinCount": "{path} needs {n} values at least that conform to {want}", "QualifiedMaxCount": "{path} may have {n} value(s) at most that conform to {want}",
		"Closed": "{path} may not be used here", "HasValue": "{path} must have the value {want}", "In": "the value of {path} is not in the list of permitted values",
		"SPARQL": "the data describes no {want}", "": "{path} does not meet {component}",
	},
	hints: map[string]string{
		"Class": "describe the value with rdf:type {want}, or refer to one that is described so", "Datatype": "write the value as a literal of type {want}",
		"NodeKind-IRI": "write an IRI between angle brackets instead", "NodeKind-Literal": "write text between quotation marks instead",
		"NodeKind-BlankNode": "describe the value between square brackets instead", "NodeKind-BlankNodeOrIRI": "write an IRI between angle brackets, or describe the value between square brackets",
		"NodeKind-BlankNodeOrLiteral": "write text instead, or describe the value between square brackets", "NodeKind-IRIOrLiteral": "write an IRI or text instead",
		"MinCount1": "add {path}", "MinCount": "add values until there are {n}", "MaxCount": "keep {n} at most and remove the others", "MaxCount0": "remove {path}",
		"MinExclusive": "give a greater value", "MinInclusive": "give a greater value", "MaxExclusive": "give a smaller value", "MaxInclusive": "give a smaller value",
		"MinLength": "write more", "MaxLength": "shorten it", "Pattern": "write a value of the form {text}", "LanguageIn": "add a language tag, one of {want}",
		"UniqueLang": "keep one value for each language", "Equals": "give both the same values", "Disjoint": "remove the value from one of them",
		"LessThan": "correct one of the two values", "LessThanOrEquals": "correct one of the two values",
		"And": "see the conditions in the shape", "Or": "meet one of the conditions in the shape", "Xone": "meet one of the conditions in the shape, not several",
		"Node": "describe the value as the shape asks", "QualifiedMinCount1": "add one", "QualifiedMinCount": "add such values until there are {n}", "QualifiedMaxCount": "keep {n} at most and remove the others",
		"Closed": "remove {path}, or correct its spelling", "HasValue": "add the value {want}", "In": "use one of {want}",
		"Not": "change the value so that it no longer does", "SPARQL": "submit a description that holds one", "": "see the shape",
	},
}

var french = wordsOf{
	node: []string{"la valeur de {path}", "ce nœud", "{path}", "ce nœud"}, shape: "une forme",
	undescribed: "les données ne décrivent pas {focus} : décrivez-le, ou indiquez le vocabulaire qui le fait",
	messages: map[string]string{
		"Class": "la valeur de {path} doit être une instance de {want}", "Datatype": "la valeur de {path} doit être un {want} valide",
		"NodeKind-IRI": "la valeur de {path} doit être un IRI", "NodeKind-Literal": "la valeur de {path} doit être un littéral",
		"NodeKind-BlankNode": "la valeur de {path} doit être un nœud anonyme", "NodeKind-BlankNodeOrIRI": "la valeur de {path} doit être un IRI ou un nœud anonyme, pas un littéral",
		"NodeKind-BlankNodeOrLiteral": "la valeur de {path} ne doit pas être un IRI", "NodeKind-IRIOrLiteral": "la valeur de {path} ne doit pas être un nœud anonyme",
		"MinCount1": "{path} manque", "MinCount": "{path} demande au moins {n} valeurs", "MaxCount": "{path} admet au plus {n} valeur(s)", "MaxCount0": "{path} n’est pas admis ici",
		"MinExclusive": "la valeur de {path} doit être supérieure à {want}", "MinInclusive": "la valeur de {path} doit être au moins {want}",
		"MaxExclusive": "la valeur de {path} doit être inférieure à {want}", "MaxInclusive": "la valeur de {path} doit être au plus {want}",
		"MinLength": "la valeur de {path} doit avoir au moins {n} caractères", "MaxLength": "la valeur de {path} doit avoir au plus {n} caractères",
		"Pattern": "la valeur de {path} doit suivre le motif {text}", "LanguageIn": "la valeur de {path} doit être dans l’une des langues {want}",
		"UniqueLang": "{path} a plusieurs valeurs dans la langue {text}",
		"Equals":     "{path} doit avoir les mêmes valeurs que {want}", "Disjoint": "{path} ne doit partager aucune valeur avec {want}",
		"LessThan": "la valeur de {path} doit être inférieure à celle de {want}", "LessThanOrEquals": "la valeur de {path} ne doit pas dépasser celle de {want}",
		"Not": "la valeur de {path} est conforme à {want} et ne doit pas l’être", "And": "la valeur de {path} doit remplir les {n} conditions",
		"Or": "la valeur de {path} ne remplit aucune des {n} conditions", "Xone": "la valeur de {path} doit remplir une seule des {n} conditions",
		"Node": "la valeur de {path} doit être conforme à {want}", "QualifiedMinCount1": "{path} demande une valeur conforme à {want}",
		"QualifiedMinCount": "{path} demande au moins {n} valeurs conformes à {want}", "QualifiedMaxCount": "{path} admet au plus {n} valeur(s) conforme(s) à {want}",
		"Closed": "{path} n’est pas admis ici", "HasValue": "{path} doit avoir la valeur {want}", "In": "la valeur de {path} n’est pas dans la liste des valeurs admises",
		"SPARQL": "les données ne décrivent aucun {want}", "": "{path} ne remplit pas {component}",
	},
	hints: map[string]string{
		"Class": "décrivez la valeur avec rdf:type {want}, ou renvoyez à une valeur ainsi décrite", "Datatype": "écrivez la valeur comme littéral de type {want}",
		"NodeKind-IRI": "écrivez plutôt un IRI entre chevrons", "NodeKind-Literal": "écrivez plutôt un texte entre guillemets",
		"NodeKind-BlankNode": "décrivez plutôt la valeur entre crochets", "NodeKind-BlankNodeOrIRI": "écrivez un IRI entre chevrons, ou décrivez la valeur entre crochets",
		"NodeKind-BlankNodeOrLiteral": "écrivez plutôt un texte, ou décrivez la valeur entre crochets", "NodeKind-IRIOrLiteral": "écrivez plutôt un IRI ou un texte",
		"MinCount1": "ajoutez {path}", "MinCount": "ajoutez des valeurs jusqu’à {n}", "MaxCount": "gardez-en au plus {n} et supprimez les autres", "MaxCount0": "supprimez {path}",
		"MinExclusive": "donnez une valeur plus grande", "MinInclusive": "donnez une valeur plus grande", "MaxExclusive": "donnez une valeur plus petite", "MaxInclusive": "donnez une valeur plus petite",
		"MinLength": "écrivez davantage", "MaxLength": "raccourcissez la valeur", "Pattern": "écrivez une valeur de la forme {text}", "LanguageIn": "ajoutez une étiquette de langue, parmi {want}",
		"UniqueLang": "gardez une seule valeur par langue", "Equals": "donnez les mêmes valeurs aux deux", "Disjoint": "supprimez la valeur de l’une des deux",
		"LessThan": "corrigez l’une des deux valeurs", "LessThanOrEquals": "corrigez l’une des deux valeurs",
		"And": "voyez les conditions dans la forme", "Or": "remplissez l’une des conditions de la forme", "Xone": "remplissez une seule des conditions de la forme",
		"Node": "décrivez la valeur comme la forme le demande", "QualifiedMinCount1": "ajoutez-en une", "QualifiedMinCount": "ajoutez-en jusqu’à {n}", "QualifiedMaxCount": "gardez-en au plus {n} et supprimez les autres",
		"Closed": "supprimez {path}, ou corrigez son orthographe", "HasValue": "ajoutez la valeur {want}", "In": "choisissez parmi {want}",
		"Not": "changez la valeur pour qu’elle ne le soit plus", "SPARQL": "soumettez une description qui en contient", "": "voyez la forme",
	},
}
