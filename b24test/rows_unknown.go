package b24test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// check reports whether Seed may name an entity.
func (d *database) check(name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	_, _, err := d.place(d.key(name))
	return err
}

// unknown returns the error for an entity that the portal does not have. The caller holds the lock.
func (d *database) unknown(entity string) error {
	if _, isV3 := knownV3()[entity]; isV3 {
		return fmt.Errorf("%s is an entity of REST 3.0: use the methods of Portal.V3", entity)
	}
	const define = "Portal.Define creates an entity"
	if near := nearest(entity, slices.Collect(maps.Keys(d.families))); near != "" {
		return fmt.Errorf("the portal has no such entity: did you mean %s? %s", near, define)
	}
	return fmt.Errorf("the portal has no such entity: %s", define)
}

// nearest returns the candidate that a misspelled name probably means; "" if none is similar. Of
// equally similar ones it is the first by name.
func nearest(name string, candidates []string) string {
	name = strings.ToLower(name)
	best, least := "", max(1, len(name)/4)+1
	for _, c := range slices.Sorted(slices.Values(candidates)) {
		if d := distance(name, strings.ToLower(c), least); d < least {
			best, least = c, d
		}
	}
	return best
}

// distance counts the letters to insert, delete or replace to make b of a. A result of limit or
// more is not exact.
func distance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := before
			if a[i] != b[j] {
				cost = min(before, row[j], row[j+1]) + 1
			}
			before, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
