package b24test

import (
	"slices"

	"github.com/b24go/b24/b24test/internal/php"
)

// shelf holds rows, by id. What is told in two ways, as the records of the CRM are, lies on one shelf.
type shelf struct {
	kept   kept
	made   *made                // the rows, if they are not kept
	fields map[string]bool      // names that rows had so far, and that are there without any row
	held   map[string]bool      // names that rows had so far
	kinds  map[string]kind      // of fields that are not documented, by name
	hidden kept                 // rows that are counted and never told
	placed int                  // rows so far that have no id of their own
	seeded map[string]bool      // names that a test gave to rows
	truths map[string]bool      // custom fields that held true
	lists  map[string]bool      // custom fields that held a list
	lastID int64                // the highest id so far
	given  int                  // ids made so far
	serial *serial              // of phones and the like
	sorted map[string][]*record // the rows in other orders than that of the ids
}

// record is a row. Its map is never changed: an update puts another record in its place.
type record struct {
	id     string
	fields map[string]any
	whole  *record // the row that this one was made of for a query
}

func newShelf(ids *serial) *shelf {
	return &shelf{serial: ids, fields: map[string]bool{}, held: map[string]bool{}, kinds: map[string]kind{}, seeded: map[string]bool{}, truths: map[string]bool{}, lists: map[string]bool{}, sorted: map[string][]*record{}}
}

// rows are all rows, by id.
func (s *shelf) rows() rows {
	if s.made != nil {
		return *s.made
	}
	return s.kept
}

// find is the place of an id, or where it belongs.
func (s *shelf) find(id string) (int, bool) { return find(s.rows(), id) }

// keep keeps all rows from now on.
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

// note notes the fields that a row has, and what custom ones hold.
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

// drop takes a row out; false means that there was none.
func (s *shelf) drop(id string) (ok bool) {
	s.keep()
	if s.kept, ok = s.kept.drop(id); ok {
		clear(s.sorted)
	}
	return ok
}
