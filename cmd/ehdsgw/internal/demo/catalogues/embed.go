// Package catalogues holds two national catalogues written for demonstrations: descriptions of
// datasets in HealthDCAT-AP Release 8 whose hosts, holders and numbers are made up (RFC 2606).
//
// It serves the demo command. France has five valid descriptions, one that is incomplete and one
// document that is malformed, so that quarantine can be seen; Finland has four valid ones. A test
// keeps it so. It is no reference for what a real catalogue must hold: catalogue/profile is.
package catalogues

import (
	"embed"
	"io/fs"
)

// The health data access bodies the descriptions name (healthdcatap:hdab).
const (
	HDABFrance  = "https://ncp.fr.example/hdab/national"
	HDABFinland = "https://ncp.fi.example/hdab/national"
)

//go:embed fr fi
var files embed.FS

// FR is the French catalogue.
func FR() fs.FS { return sub("fr") }

// FI is the Finnish catalogue.
func FI() fs.FS { return sub("fi") }

// sub is a directory of the embedded files; its name is a constant, so it is there.
func sub(name string) fs.FS {
	dir, err := fs.Sub(files, name)
	if err != nil {
		panic("catalogues: " + err.Error())
	}
	return dir
}
