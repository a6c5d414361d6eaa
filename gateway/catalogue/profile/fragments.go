package profile

import (
	"embed"
	"fmt"
	"strconv"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

//go:embed shapes/*.ttl
var shapeFiles embed.FS

// Fragments of the shapes of a release, by file. What came with a release stays until a later file that
// stands beside it says otherwise.
var (
	ofR5     = []string{"common", "r5", "before-r8", "lists", "former-lists"}
	ofR6     = []string{"common", "from-r6", "before-r8", "lists", "former-lists"}
	ofR7     = []string{"common", "from-r6", "from-r7", "r7", "before-r8", "lists", "former-lists"}
	ofR8     = []string{"common", "from-r6", "from-r7", "r8", "lists", "health-lists"}
	ofLegal  = []string{"legal-minimum"}
	levelsR5 = map[string][]string{"public": {"public"}, "restricted": {"restricted"}, "non-public": {"non-public"}}
	levelsR6 = map[string][]string{"public": {"public"}, "restricted": {"restricted"}, "non-public": {"non-public", "non-public-from-r6"}}
)

// fragment reads one of the embedded files.
func fragment(name string) (*rdf.Graph, error) {
	f, err := shapeFiles.Open("shapes/" + name + ".ttl")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return rdf.Read(uninterrupted{}, f, rdf.Turtle, rdf.ReadOptions{File: name + ".ttl"})
}

// shapesGraph puts fragments together. Blank nodes of two files are never the same.
func shapesGraph(names []string) (*rdf.Graph, error) {
	out := rdf.NewGraph()
	for i, name := range names {
		g, err := fragment(name)
		if err != nil {
			return nil, fmt.Errorf("profile: shapes: %w", err)
		}
		apart := func(t rdf.Term) rdf.Term {
			if t.Kind == rdf.Blank {
				t.Value = strconv.Itoa(i) + "-" + t.Value
			}
			return t
		}
		for t := range g.All() {
			t.S, t.O = apart(t.S), apart(t.O)
			out.Add(t)
		}
	}
	return out, nil
}
