package federation

import (
	"container/list"
	"sync"
)

// recent is a map that keeps no more than so many entries, those last used. It is safe for concurrent
// use.
type recent[K comparable, V any] struct {
	mu    sync.Mutex
	most  int
	at    map[K]*list.Element
	order *list.List // last used in front
}

type entry[K comparable, V any] struct {
	key   K
	value V
}

func newRecent[K comparable, V any](most int) *recent[K, V] {
	return &recent[K, V]{most: most, at: map[K]*list.Element{}, order: list.New()}
}

func (r *recent[K, V]) get(key K) (value V, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	el, ok := r.at[key]
	if !ok {
		return value, false
	}
	r.order.MoveToFront(el)
	return entryOf[K, V](el).value, true
}

// put keeps a value and returns what had to go for it; ok is false when nothing had to.
func (r *recent[K, V]) put(key K, value V) (gone V, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if el, known := r.at[key]; known {
		entryOf[K, V](el).value = value
		r.order.MoveToFront(el)
		return gone, false
	}
	r.at[key] = r.order.PushFront(&entry[K, V]{key, value})
	if len(r.at) <= r.most {
		return gone, false
	}
	last := r.order.Back()
	r.order.Remove(last)
	e := entryOf[K, V](last)
	delete(r.at, e.key)
	return e.value, true
}

func (r *recent[K, V]) drop(key K) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if el, ok := r.at[key]; ok {
		r.order.Remove(el)
		delete(r.at, key)
	}
}

func entryOf[K comparable, V any](el *list.Element) *entry[K, V] {
	e, _ := el.Value.(*entry[K, V]) // nothing else is put in
	return e
}
