package b24test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/b24go/b24"
)

// V3 is the REST 3.0 side of a [Portal], as [b24.V3] is that of a client; [Portal.V3] returns it.
// It has only what is specific to REST 3.0: [Portal.Fault], [Portal.Requests], [Portal.Calls] and
// the limits apply to both versions. All methods are safe for concurrent use.
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

// WebhookURL returns the address of the portal's inbound webhook for REST 3.0, with a trailing
// slash.
func (r *V3) WebhookURL() string {
	cfg := &r.portal.cfg
	return r.portal.origin + cfg.prefix + "/rest/api/" + strconv.FormatInt(cfg.userID, 10) + "/" + cfg.secret + "/"
}

// Handle makes h answer a method. Values, errors and names are as with [Portal.Handle]; a
// [*b24.Error] keeps its Validation, and a code that is a whole number is written as one. Handlers
// take precedence over the methods of [V3.Seed]; any other method does not exist there.
func (r *V3) Handle(method string, h func(req Request) (any, error)) {
	r.portal.mu.Lock()
	defer r.portal.mu.Unlock()
	r.handlers[method] = h
}

// Seed puts rows behind the methods of an entity, "tasks.task" for tasks.task.list, tasks.task.get
// and so on. These are not the rows of [Portal.Seed]: the two APIs have different names for the
// same data. See [V3.Define] for the entities; an unknown entity gets the fields of its rows, but a
// name similar to that of a known or defined one fails the test. A row
// without an id gets the next free one; a row with an existing id replaces the row that has it. A
// row that cannot be encoded as JSON fails the test; outside a test it is left out.
//
// Whatever a portal ignores silently is ignored here too: a limit above the largest page, a cursor
// in a list, an unknown field in a select, a row beyond the page of a relation. A filter is read as
// strictly as on a portal, by the types of [TypeV3]. If a method that writes succeeds, its answer
// is kept for 24 hours under its Idempotency-Key and is repeated with Idempotent-Replayed;
// [Portal.Executed] does not count the repeat. Two simultaneous calls with the same key both run,
// as the documentation warns, and a batch ignores a key.
func (r *V3) Seed(entity string, rows ...b24.Params) {
	if err := r.begin(entity); err != nil {
		r.portal.report(fmt.Sprintf("b24test: %s: %v", strings.TrimSpace("seed "+entity), err))
		return
	}
	for i, row := range rows {
		if err := r.seed(entity, row); err != nil {
			r.portal.report(fmt.Sprintf("b24test: seed %s: row %d: %v", entity, i, err))
			return
		}
	}
}

// begin makes an entity exist. The error says why a name is not that of an entity.
func (r *V3) begin(entity string) error {
	if entity == "" {
		return errors.New("the entity has no name")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.tables[entity] == nil {
		if near := nearest(entity, r.described()); near != "" {
			return fmt.Errorf("the portal has no such entity: did you mean %s? V3.Define creates an entity", near)
		}
	}
	r.table(entity)
	return nil
}

// described returns the entities that a portal has or that a test defined. The caller holds the
// lock.
func (r *V3) described() []string {
	names := slices.Collect(maps.Keys(knownV3()))
	for name, t := range r.tables {
		if t.defined {
			names = append(names, name)
		}
	}
	return names
}

func (r *V3) seed(entity string, row b24.Params) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.table(entity).seed(row)
}

// SeedN puts n rows behind the methods of an entity of REST 3.0, row(0) to row(n-1); see [V3.Seed].
func (r *V3) SeedN(entity string, n int, row func(i int) b24.Params) {
	rows := make([]b24.Params, max(n, 0))
	for i := range rows {
		rows[i] = row(i)
	}
	r.Seed(entity, rows...) // the entity exists without rows too
}

// Rows returns the rows of an entity of REST 3.0, ordered by id. The maps are copies.
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

// Commands returns the commands of REST 3.0 batches that were run, in order, as their methods saw
// them: with references replaced. A command that ended its batch with an error is among them, those
// behind it are not. [Portal.Requests] has the batches themselves.
func (r *V3) Commands() []Request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Request(nil), r.commands...)
}

// table returns the table of an entity and creates it if necessary. The caller holds the lock.
func (r *V3) table(entity string) *table3 {
	t := r.tables[entity]
	if t == nil {
		t = newTable3(entity, EntityV3{})
		r.tables[entity] = t
	}
	return t
}

// find looks up a method.
func (r *V3) find(method string) Handler { return r.portal.lookUp(method, r.handlers, r.builtin) }

// builtin returns the portal's own handler of a method.
func (r *V3) builtin(name string) Handler {
	switch name {
	case "batch":
		return r.batch
	case "rest.documentation.openapi", "documentation":
		return r.openAPI
	}
	return r.method(name)
}

// method returns the handler of a method of the entities; nil if none of them has it.
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
			if op == nil { // the entity was redefined meanwhile
				return nil, methodNotFoundV3(name)
			}
			return op(call3{Request: req, rest: r, table: t})
		}
	}
	return nil
}
