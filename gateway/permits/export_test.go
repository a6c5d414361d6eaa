package permits

// MaxLists is the bound of what is kept.
const MaxLists = maxLists

// Kept counts the lists kept.
func (o *Office) Kept() int {
	o.lists.mu.Lock()
	defer o.lists.mu.Unlock()
	return len(o.lists.lists)
}
