package b24test

import (
	"maps"
	"slices"

	"github.com/b24go/b24/b24test/internal/php"
)

// shelf holds rows, by id. Rows with two representations, such as the records of the CRM, are on
// one shelf.
type shelf struct {
	kept    kept
	made    *made                // the rows, if they are not kept
	fields  map[string]bool      // names that rows had so far, and names that exist without any row
	held    map[string]bool      // names that rows had so far
	kinds   map[string]kind      // of fields that are not documented, by name
	hidden  kept                 // rows that are counted but never returned
	placed  int                  // rows so far without an id
	seeded  map[string]bool      // names in the rows of a test
	truths  map[string]bool      // custom fields that held true
	lists   map[string]bool      // custom fields that held a list
	custom  map[string]*custom   // fields that a test defined or a request added
	gone    map[string]bool      // custom fields that were deleted
	listed  bool                 // a test or a request named the custom fields there are
	lastID  int64                // the highest id so far
	given   int                  // ids assigned so far
	begun   bool                 // a portal's own rows were added, if a test had none
	serial  *serial              // of phones and the like
	files   *room                // nil: rows of settings
	remarks *remarks             // nil: none
	sorted  map[string][]*record // the rows in other orders than by id
}

// record is a row. Its map is never changed: an update replaces the record.
type record struct {
	id     string
	fields map[string]any
	whole  *record // the row that this one was derived from for a query
}

func newShelf(ids *serial) *shelf {
	return &shelf{serial: ids, fields: map[string]bool{}, held: map[string]bool{}, kinds: map[string]kind{}, seeded: map[string]bool{}, truths: map[string]bool{}, lists: map[string]bool{}, custom: map[string]*custom{}, gone: map[string]bool{}, sorted: map[string][]*record{}}
}

// rows returns all rows, by id.
func (s *shelf) rows() rows {
	if s.made != nil {
		return *s.made
	}
	return s.kept
}

// find returns the index of an id, or where it belongs.
func (s *shelf) find(id string) (int, bool) { return find(s.rows(), id) }

// keep stores all rows from now on.
func (s *shelf) keep() {
	if s.made != nil {
		s.kept = slices.Collect(each(*s.made))
		s.made = nil
	}
}

func (s *shelf) put(r *record) {
	s.keep()
	s.note(r.fields)
	s.lastID = higher(s.lastID, r.id)
	clear(s.sorted)
	s.kept = s.kept.put(r)
}

// note records the fields of a row, and what custom ones hold.
func (s *shelf) note(fields map[string]any) {
	for name, v := range fields {
		s.fields[name], s.held[name] = true, true
		s.kinds[name] = s.kinds[name].with(kindOf(v))
		if !isUser(name) {
			continue
		}
		if _, isArray := v.(*php.Array); isArray {
			s.lists[name] = true
		}
		if v == true {
			s.truths[name] = true
		}
	}
}

// forget removes a custom field with its values.
func (s *shelf) forget(name string) {
	if s.custom[name] == nil {
		return
	}
	s.keep()
	for _, r := range slices.Clone(s.kept) {
		if _, ok := r.fields[name]; ok {
			fields := maps.Clone(r.fields)
			delete(fields, name)
			s.put(&record{id: r.id, fields: fields})
		}
	}
	for _, names := range []map[string]bool{s.fields, s.held, s.seeded, s.truths, s.lists} {
		delete(names, name)
	}
	delete(s.kinds, name)
	delete(s.custom, name)
	s.gone[name] = true
}

// drop removes a row; false means that it did not exist.
func (s *shelf) drop(id string) (ok bool) {
	s.keep()
	if s.kept, ok = s.kept.drop(id); ok {
		clear(s.sorted)
	}
	return ok
}
