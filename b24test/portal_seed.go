package b24test

import (
	"fmt"
	"maps"

	"github.com/b24go/b24"
)

// Seed puts rows behind the methods of an entity: "crm.deal" for crm.deal.list, crm.deal.get and so
// on. The name of one of its methods works too, and is required if an entity has no name:
// "bizproc.workflow.instances", "disk.storage.getchildren". A row that cannot be encoded as JSON
// fails the test; outside a test it is left out.
//
// A portal has the entities of the package's table of lists; "crm.item:2" is crm.item.* with
// entityTypeId 2. Fields are in capitals, except in lower camel case for crm.item, crm.type,
// crm.category, tasks.task, socialnetwork.api.workgroup, userfieldconfig, the catalog, orders,
// bookings and generated documents, which translate capitals. All entities exist without rows,
// except crm.item with a type id of 128 or more: such a type exists once it is seeded. Any other
// name fails the test, because a misspelled one would make it pass without rows; [Portal.Define]
// creates an entity that the portal does not have.
//
// Records that both crm.item.* and an older method return are one set: rows of "crm.deal" are also
// rows of "crm.item:2", and likewise for leads (1), contacts (3), companies (4) and quotes (7).
// Rows of "crm.dealcategory" are categories of deals, see "crm.category", and rows of
// "crm.deal.userfield" and its siblings are rows of "userfieldconfig". Such a row only describes a
// field; [Portal.Define] also makes rows have it.
//
// A row without an id gets the next free one; a row with an existing id replaces the row that has
// it, except that each row of im.recent is a separate record, and several of them may have the id
// of one dialog. A numeric id may be 0 or negative. Values are returned as the entity returns them:
// numbers as text if the portal does so, true and false of a flag as Y and N. false of a custom
// field stays false: it is an empty value, and no filter for a value finds it. A phone, e-mail or
// the like may be a text; each gets an id if it has none.
//
// A row gets no default values, except CATEGORY_ID of a deal and HAS_PHONE, HAS_EMAIL and
// HAS_IMOL, and no DATE_CREATE or DATE_MODIFY: a filter by time finds only rows that name their
// time. Times are returned as they are seeded, without a fraction of a second. A write to the CRM or
// a task stores them as a portal in UTC does: in whole seconds, read by PHP's strtotime, which knows
// "yesterday". A value that PHP cannot read is dropped without an error. Filters read times
// likewise.
//
// Data that a portal keeps in a separate table is a list in the row: contactIds, companyIds and
// observers of crm.item hold ids, BINDINGS of crm.activity objects with OWNER_TYPE_ID and OWNER_ID,
// CRM_BINDINGS of voximplant.statistic objects with ENTITY_TYPE and ENTITY_ID, USERS of
// bizproc.task objects with USER_ID and USER_STATUS, and entityTypeId of
// crm.documentgenerator.template numbers.
//
// Methods that ask for the parent of the rows, such as a task or a folder, return the rows that
// belong to it and the rows that do not name a parent.
func (p *Portal) Seed(entity string, rows ...b24.Params) {
	for i, row := range rows {
		if err := p.data.seed(entity, row); err != nil {
			p.report(fmt.Sprintf("b24test: seed %s: row %d: %v", entity, i, err))
			return
		}
	}
	if err := p.data.touch(entity); err != nil {
		p.report(fmt.Sprintf("b24test: seed %s: %v", entity, err))
	}
}

// SeedHidden adds rows that the list of an entity counts but never returns, as a portal hides some
// rows: they are included in total and next, but are on no page. Only catalog.document,
// catalog.store, catalog.productpropertyenum, catalog.productpropertyfeature and
// catalog.productpropertysection have such rows; any other entity fails the test. [Portal.Rows]
// leaves them out.
func (p *Portal) SeedHidden(entity string, rows ...b24.Params) {
	if !p.checks("seed", entity) {
		return
	}
	for i, row := range rows {
		if err := p.data.hide(entity, row); err != nil {
			p.report(fmt.Sprintf("b24test: seed %s: hidden row %d: %v", entity, i, err))
			return
		}
	}
}

// SeedOption configures [Portal.SeedN].
type SeedOption func(*seeding)

type seeding struct {
	id        func(i int) int64
	generated bool
}

// WithIDs gives row i the id id(i), in the id field of the entity. Without it, rows get the next
// free ids.
func WithIDs(id func(i int) int64) SeedOption {
	return func(s *seeding) { s.id = id }
}

// Generated creates each row when a request needs it instead of storing it, for tables of millions
// of rows. row(i) and id(i) must return the same value for the same i each time, row must not call
// the portal, ids must increase, all rows must have the fields of row(0), and the entity must have
// no rows before. As soon as a row is added, changed or removed, all rows are stored.
func Generated() SeedOption {
	return func(s *seeding) { s.generated = true }
}

// SeedN puts n rows behind the methods of an entity, row(0) to row(n-1); see [Portal.Seed]. If row
// is nil, the rows have only an id.
func (p *Portal) SeedN(entity string, n int, row func(i int) b24.Params, opts ...SeedOption) {
	var s seeding
	for _, opt := range opts {
		opt(&s)
	}
	if row == nil {
		row = func(int) b24.Params { return nil }
	}
	if !p.checks("seed", entity) {
		return
	}
	if s.generated {
		if err := p.data.generate(entity, n, row, s.id); err != nil {
			p.report(fmt.Sprintf("b24test: seed %s: %v", entity, err))
		}
		return
	}
	name := p.data.idName(entity)
	for i := range n {
		values := row(i)
		if s.id != nil && name != "" {
			values = withID(values, name, s.id(i))
		}
		p.Seed(entity, values)
	}
}

// withID returns a copy of a row with an id.
func withID(row b24.Params, name string, id int64) b24.Params {
	out := make(b24.Params, len(row)+1)
	maps.Copy(out, row)
	out[name] = id
	return out
}

// Remove deletes rows of an entity by their ids, as another user might while a list is read. An
// unknown id fails the test, and so does an unknown entity.
func (p *Portal) Remove(entity string, ids ...any) {
	if err := p.data.drop(entity, ids); err != nil {
		p.report(fmt.Sprintf("b24test: remove from %s: %v", entity, err))
	}
}

// Rows returns the rows of an entity as its answers contain them, ordered by id. The maps are
// copies. An unknown entity fails the test.
func (p *Portal) Rows(entity string) []b24.Params {
	if !p.checks("rows of", entity) {
		return nil
	}
	return p.data.rows(entity)
}

// checks reports whether the portal has an entity; if not, the test fails.
func (p *Portal) checks(action, entity string) bool {
	err := p.data.check(entity)
	if err != nil {
		p.report(fmt.Sprintf("b24test: %s %s: %v", action, entity, err))
	}
	return err == nil
}

// OnRequest calls f for each request, and for each command of a batch, before it is processed. Use
// it to add and remove rows while a list is read. It replaces the previous f; nil removes it. f may
// call all methods of the portal; simultaneous requests call it concurrently.
func (p *Portal) OnRequest(f func(req Request)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.onRequest = f
}

// show passes a request to the hook of the test.
func (p *Portal) show(req Request) {
	p.mu.Lock()
	f := p.onRequest
	p.mu.Unlock()
	if f != nil {
		f(req)
	}
}
