package ckan

import (
	"fmt"
	"strings"
)

// unfold brings a package into the shape of portals with a schema: what other portals keep among the
// extras becomes fields, and fields such as contact_name become parts.
func unfold(pkg map[string]any) error {
	extras, err := elements(pkg["extras"])
	if err != nil {
		return fmt.Errorf("extras: %w", err)
	}
	for _, e := range extras {
		extra, err := object(e)
		if err != nil {
			return fmt.Errorf("extras: %w", err)
		}
		if key, _ := extra["key"].(string); key != "" && blank(pkg[key]) && !strings.HasPrefix(key, "\x00") {
			pkg[key] = extra["value"]
		}
	}
	for field, parts := range map[string]map[string][]string{
		"contact": {
			"uri": {"contact_uri"}, "name": {"contact_name", "maintainer", "author"}, "email": {"contact_email", "maintainer_email", "author_email"},
			"identifier": {"contact_identifier"}, "url": {"contact_url"},
		},
		"publisher": agentParts("publisher"), "creator": agentParts("creator"), "hdab": agentParts("hdab"),
		"temporal_coverage": {"start": {"temporal_start"}, "end": {"temporal_end"}},
		"spatial_coverage": {
			"uri": {"spatial_uri"}, "text": {"spatial_text"}, "geom": {"spatial", "spatial_geom"}, "bbox": {"spatial_bbox"}, "centroid": {"spatial_centroid"},
		},
	} {
		if !blank(pkg[field]) {
			continue
		}
		part := map[string]any{}
		for to, from := range parts {
			for _, f := range from {
				if !blank(pkg[f]) {
					part[to] = pkg[f]
					break
				}
			}
		}
		if len(part) > 0 {
			pkg[field] = []any{part}
		}
	}
	return nil
}

func agentParts(of string) map[string][]string {
	parts := map[string][]string{}
	for _, p := range []string{"uri", "name", "email", "url", "type", "identifier"} {
		parts[p] = []string{of + "_" + p}
	}
	return parts
}

// blank says whether a value says nothing.
func blank(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return strings.TrimSpace(v) == ""
	case []any:
		return len(v) == 0
	}
	return false
}
