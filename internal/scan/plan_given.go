package scan

import (
	"slices"

	"github.com/b24go/b24/internal/jsonwalk"
)

// given plans a reading by the ids in the caller's filter. It returns nil if the filter lists none,
// or if the method cannot be asked for some of them.
func (b *builder) given() reader {
	if !b.facts.Keyset || !b.known || b.facts.Paging == StyleTail || b.joins {
		return nil
	}
	form, all, bad := newKeyForm(b.o, &b.facts, b.list)
	if bad != nil || form.ids == nil {
		return nil // another way reports what is wrong
	}
	ids, ok := sortedIDs(form.ids)
	if !ok {
		return nil
	}
	spans := []span{{0, open}}
	g := &given{form: form, layout: b.layout(true), pace: newPace(b.most(), 0), count: b.o.WantTotal, quota: b.quota(), bind: b.bind}
	if c := b.from; c != nil {
		spans, g.done = c.Spans, c.Done
	}
	g.ids = slices.DeleteFunc(ids, func(id uint64) bool {
		return !all.holds(id) || b.facts.Positive && id <= lowest || !slices.ContainsFunc(spans, func(s span) bool { return s.holds(id) })
	})
	if form.desc {
		slices.Reverse(g.ids)
	}
	g.pace.length = g.pace.ceiling
	if b.from == nil {
		g.instead = func() reader {
			k, bad := b.keyset()
			if bad != nil {
				return nil
			}
			return k
		}
	}
	return g
}

// sortedIDs returns the ids of a list without duplicates. It reports false if one of them is not an
// integer.
func sortedIDs(list []byte) ([]uint64, bool) {
	ids, ok := []uint64{}, true
	add := func(value []byte) bool {
		id, kind := parseID(value)
		ids, ok = append(ids, id), ok && kind == idFine
		return ok
	}
	switch list[0] {
	case '[':
		jsonwalk.Elements(list, add)
	case '{':
		jsonwalk.Members(list, func(_, value []byte) bool { return add(value) })
	default:
		return nil, false
	}
	slices.Sort(ids)
	return slices.Compact(ids), ok
}
