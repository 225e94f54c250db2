package b24test

import (
	"fmt"
	"strconv"
	"sync"

	"github.com/b24go/b24"
)

// V3 is the REST 3.0 side of a [Portal], as [b24.V3] is that of a client; [Portal.V3] returns it. It has what only REST 3.0 has: [Portal.Fault],
// [Portal.Requests], [Portal.Calls] and the limits are for both versions. All methods may be called from many goroutines at once.
type V3 struct {
	portal    *Portal
	maxLimits map[string]int // by method in lower case
	keys      keys
	handlers  map[string]Handler // the portal's lock guards it

	mu       sync.Mutex
	tables   map[string]*table3 // by entity
	commands []Request
}

func newV3(p *Portal) *V3 {
	r := &V3{portal: p, maxLimits: p.cfg.maxLimits, handlers: map[string]Handler{}, tables: map[string]*table3{}}
	for entity, def := range knownV3() {
		r.tables[entity] = newTable3(entity, def)
	}
	return r
}

// WebhookURL is the address of the portal's inbound webhook for REST 3.0, with a slash at its end.
func (r *V3) WebhookURL() string {
	cfg := &r.portal.cfg
	return r.portal.origin + cfg.prefix + "/rest/api/" + strconv.FormatInt(cfg.userID, 10) + "/" + cfg.secret + "/"
}

// Handle makes h answer a method. Values, errors and names are as with [Portal.Handle];
// a *b24.Error keeps its Validation, and a code that is a whole number is written as one. They come before the methods of
// [V3.Seed]; any other method does not exist there.
func (r *V3) Handle(method string, h func(req Request) (any, error)) {
	r.portal.mu.Lock()
	defer r.portal.mu.Unlock()
	r.handlers[method] = h
}

// Seed puts rows behind the methods of an entity, "tasks.task" for tasks.task.list, tasks.task.get
// and so on. These are not the rows of [Portal.Seed]: the two APIs have different names for the
// same data. See [V3.Define] for the entities; one that is unknown gets the fields its rows have. A
// row without an id gets the next free one; a row with the id of another takes its place. A row
// that JSON cannot carry fails the test; outside of one it is left out.
//
// Whatever a portal ignores silently is ignored here too: a limit above the largest page, a cursor
// in a list, an unknown field in a select, a row beyond the page of a relation. A filter is read as
// strictly as there, by the types of [TypeV3]. An answer to a method that writes is kept for 24
// hours under its Idempotency-Key if it was a success, and is repeated with Idempotent-Replayed;
// [Portal.Executed] does not count that. Two simultaneous calls with the same key both run, as the
// documentation warns, and a batch ignores a key.
func (r *V3) Seed(entity string, rows ...b24.Params) {
	if entity == "" {
		r.portal.report("b24test: seed: the entity has no name")
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	t := r.table(entity)
	for i, row := range rows {
		if err := t.seed(row); err != nil {
			r.portal.report(fmt.Sprintf("b24test: seed %s: row %d: %v", entity, i, err))
			return
		}
	}
}

// SeedN puts n rows behind the methods of an entity of REST 3.0, row(0) to row(n-1); see [V3.Seed].
func (r *V3) SeedN(entity string, n int, row func(i int) b24.Params) {
	r.Seed(entity) // it is there without rows too
	for i := range n {
		r.Seed(entity, row(i))
	}
}

// Rows are the rows of an entity of REST 3.0, by id. The maps are copies.
func (r *V3) Rows(entity string) []b24.Params {
	r.mu.Lock()
	defer r.mu.Unlock()
	t := r.tables[entity]
	if t == nil {
		return nil
	}
	rows := make([]b24.Params, 0, len(t.rows))
	for _, row := range t.rows {
		rows = append(rows, t.show(row, nil).PlainMap())
	}
	return rows
}

// Commands are the commands of batches of REST 3.0 that were run, in order, as their methods saw them: with references replaced.
// A command that ended its batch with an error is among them, those behind it are not. [Portal.Requests] has the batches themselves.
func (r *V3) Commands() []Request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Request(nil), r.commands...)
}

// table is that of an entity, made if need be. The lock is held.
func (r *V3) table(entity string) *table3 {
	t := r.tables[entity]
	if t == nil {
		t = newTable3(entity, EntityV3{})
		r.tables[entity] = t
	}
	return t
}

// find looks a method up.
func (r *V3) find(method string) Handler { return r.portal.lookUp(method, r.handlers, r.builtin) }

// builtin is what the portal has itself.
func (r *V3) builtin(name string) Handler {
	switch name {
	case "batch":
		return r.batch
	case "rest.documentation.openapi", "documentation":
		return r.openAPI
	}
	return r.method(name)
}

// method is what answers a method of the entities; nil if none of them has it.
func (r *V3) method(name string) Handler {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := len(name) - 1; i > 0; i-- {
		if name[i] != '.' {
			continue
		}
		t := r.tables[name[:i]]
		if t == nil || t.verb(name[i+1:]) == nil {
			continue
		}
		return func(req Request) (any, error) {
			r.mu.Lock()
			defer r.mu.Unlock()
			t := r.tables[name[:i]]
			op := t.verb(name[i+1:])
			if op == nil { // it was defined anew meanwhile
				return nil, methodNotFoundV3(name)
			}
			return op(call3{Request: req, rest: r, table: t})
		}
	}
	return nil
}
