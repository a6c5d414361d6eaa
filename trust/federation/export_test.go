package federation

import (
	"context"
	"fmt"
)

// Kept counts the entities remembered by their chains and the dates of statements.
func Kept(r *Resolver) (brought, newest int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.brought.at), len(r.newest)
}

// Crowd makes the resolver remember so many more entities, as of now.
func Crowd(r *Resolver, brought, newest int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.o.Clock()
	for i := range brought {
		id := fmt.Sprintf("https://crowd.test/%d", i)
		r.brought.put(id, &resolved{entity: &Entity{ID: id}, fetched: now})
	}
	for i := range newest {
		r.newest[pair{"https://crowd.test", fmt.Sprintf("https://crowd.test/%d", i)}] = now.Unix()
	}
}

// LoadAnew loads an entity for a caller that knew nothing of it when it asked.
func LoadAnew(ctx context.Context, r *Resolver, entity string) error {
	_, err := r.load(ctx, entity, nil, false)
	return err
}

// KeptOnboarded counts the onboarded entities and the statements that are kept.
func KeptOnboarded(r *Resolver) (known, documents int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.known.at), len(r.fetch.kept.near.at)
}
