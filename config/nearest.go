package config

// nearest returns the candidate with the smallest edit distance to s; the first
// one wins a tie.
func nearest(s string, candidates []string) string {
	best, found := 1<<30, ""
	for _, c := range candidates {
		if d := distance(clip(s), c); d < best {
			best, found = d, c
		}
	}
	return found
}

// clip keeps the work bounded for absurdly long keys.
func clip(s string) string { return s[:min(len(s), 64)] }

// distance is the Levenshtein distance over bytes.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, diagonal+1, row[j]+1)
		}
	}
	return row[len(b)]
}
