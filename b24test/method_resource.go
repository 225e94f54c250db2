package b24test

import (
	"maps"
	"slices"
	"strings"

	"github.com/b24go/b24/b24test/internal/php"
)

// resource describes the methods of an entity whose writes need certain fields or concern other
// entities. Its rows and its list are those of the family.
type resource struct {
	entity  string
	got     string   // member of the result of get; "": an older entity, whose get answers the row, add the id and update true
	put     string   // member of the results of add and update, if it is another
	needs   []string // fields that an add requires
	keeps   []string // fields that an update requires
	lost    func(id string) error
	settle  func(p *Portal, w *writing) error // checks and completes a write
	removes func(p *Portal, r *record) error  // runs before a row is deleted
	done    func(p *Portal, r *record)        // runs after a row was stored or deleted
	void    bool                              // the result of delete is null
}

// writing is an add or an update while it is checked.
type writing struct {
	req    Request
	id     string
	old    *record        // nil: an add
	given  *php.Array     // the argument fields
	fields map[string]any // of the row
}

// table returns the rows of an entity. The caller holds the lock of the database.
func (p *Portal) table(name string) *store {
	s, err := p.data.store(name)
	if err != nil { // the names are those of families
		return newStore(&family{}, newShelf(&p.data.serial))
	}
	return s.seen()
}

// methods returns the methods of an entity, by name.
func (e resource) methods() map[string]procedure {
	methods := map[string]procedure{
		e.entity + ".add": e.add, e.entity + ".get": e.get, e.entity + ".update": e.update, e.entity + ".delete": e.remove,
	}
	if e.got != "" {
		methods[e.entity+".getfields"] = e.fields
	}
	return methods
}

// fields answers *.getFields of a controller.
func (e resource) fields(p *Portal, _ Request) (any, error) {
	s := p.table(e.entity)
	all := php.Object()
	for _, name := range slices.Sorted(maps.Keys(s.fam.traits)) {
		t := s.fam.traits[name]
		all.Set(name, php.Object(
			"isImmutable", t.addOnly, "isReadOnly", t.readOnly, "isRequired", slices.Contains(e.needs, name), "type", t.typeName(),
		))
	}
	return php.Object(e.got, all), nil
}

// methodsOf returns the methods of several entities.
func methodsOf(all ...resource) map[string]procedure {
	methods := map[string]procedure{}
	for _, e := range all {
		maps.Copy(methods, e.methods())
	}
	return methods
}

func (e resource) get(p *Portal, req Request) (any, error) {
	s := p.table(e.entity)
	r, err := e.find(s, req)
	if err != nil {
		return nil, err
	}
	return Result{Value: e.wrapped(e.got, s.whole(r, req)), work: work{rows: 1}}, nil
}

func (e resource) add(p *Portal, req Request) (any, error) {
	s := p.table(e.entity)
	w, err := e.writing(p, s, req, nil)
	if err != nil {
		return nil, err
	}
	return e.answer(s, e.insert(p, s, w), req)
}

func (e resource) update(p *Portal, req Request) (any, error) {
	s := p.table(e.entity)
	r, err := e.find(s, req)
	if err != nil {
		return nil, err
	}
	w, err := e.writing(p, s, req, r)
	if err != nil {
		return nil, err
	}
	r = e.insert(p, s, w)
	if e.got == "" {
		return true, nil
	}
	return e.answer(s, r, req)
}

func (e resource) remove(p *Portal, req Request) (any, error) {
	s := p.table(e.entity)
	r, err := e.find(s, req)
	if err != nil {
		return nil, err
	}
	if e.removes != nil {
		if err := e.removes(p, r); err != nil {
			return nil, err
		}
	}
	s.drop(r.id)
	if e.done != nil {
		e.done(p, r)
	}
	if e.void {
		return nil, nil //nolint:nilnil // a result of null
	}
	return true, nil
}

// find returns the row that a request names.
func (e resource) find(s *store, req Request) (*record, error) {
	v, ok := s.fam.arg(req, "id")
	switch {
	case e.got == "" && php.Int(v) <= 0:
		return nil, badRequest("", "ID is not defined or invalid.")
	case e.got != "" && (!ok || v == nil):
		return nil, s.fam.lacks("id")
	case e.got != "" && !php.IsNumeric(v):
		return nil, badRequest("100", "Invalid value {"+php.Text(v)+"} to match with parameter {id}. Should be value of type int.")
	}
	id := php.IntString(v)
	i, ok := s.find(id)
	if !ok {
		return nil, e.lost(id)
	}
	return s.rows().at(i), nil
}

// writing reads the fields of an add, or of an update of a row.
func (e resource) writing(p *Portal, s *store, req Request, old *record) (*writing, error) {
	values, err := s.fieldsArg(req)
	if err != nil {
		return nil, err
	}
	w := &writing{req: req, old: old, given: values, fields: map[string]any{}}
	needs := e.needs
	if old != nil {
		w.id, w.fields, needs = old.id, maps.Clone(old.fields), e.keeps
	} else {
		w.id = s.nextID()
	}
	if err := s.lacksFields(values, needs); err != nil {
		return nil, err
	}
	before := maps.Clone(w.fields)
	s.write(w.fields, req, values, old == nil)
	if e.got != "" {
		s.retype(w.fields, before)
	}
	if e.settle != nil {
		if err := e.settle(p, w); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// lacksFields returns the error of a controller for required fields that are missing.
func (s *store) lacksFields(values *php.Array, needs []string) error {
	missing := slices.DeleteFunc(slices.Clone(needs), func(name string) bool {
		return values.Contains(func(key string, v any) bool { return s.fam.field(key) == name && v != nil })
	})
	if len(missing) == 0 {
		return nil
	}
	return badRequest("0", "Required fields: "+strings.Join(missing, ", "))
}

// insert stores the row of a write.
func (e resource) insert(p *Portal, s *store, w *writing) *record {
	if w.old == nil {
		s.fillUsual(w.fields)
		w.fields[s.fam.id] = s.idValue(w.id)
		s.stamp(w.fields, s.fam.created)
	}
	s.stamp(w.fields, s.fam.changed)
	r := s.insert(w.fields)
	if e.done != nil {
		e.done(p, r)
	}
	return r
}

// answer returns the result of an add or of an update of a controller.
func (e resource) answer(s *store, r *record, req Request) (any, error) {
	if e.got == "" {
		return php.Number(php.Int(r.id)), nil
	}
	name := e.put
	if name == "" {
		name = e.got
	}
	return e.wrapped(name, s.whole(r, req)), nil
}

func (resource) wrapped(name string, row *php.Array) *php.Array {
	if name == "" {
		return row
	}
	return php.Object(name, row)
}

// whole returns a row with all documented fields: a get answers null for those without a value.
func (s *store) whole(r *record, req Request) *php.Array {
	row := newTeller(s, nil, req).row(r)
	for _, field := range slices.Sorted(maps.Keys(s.fam.traits)) {
		name := s.fam.told(field)
		if _, ok := row.Get(name); !ok && !s.fam.traits[field].several && !s.fam.untold(field) {
			row.Set(name, nil)
		}
	}
	return row
}

// retype converts the fields that a write changed to the types in which a controller answers them.
func (s *store) retype(fields, before map[string]any) {
	for field, v := range fields {
		if t, ok := s.fam.traits[field]; ok && !php.IsArray(v) && before[field] != v {
			fields[field] = t.typed(v)
		}
	}
}

// typed returns a value as a field of the trait has it in an answer that has types.
func (t trait) typed(v any) any {
	switch {
	case t.flag:
		return letter(v == "Y" || v == "y" || v == true || v == "1")
	case v == nil, v == "" && (t.whole || t.fraction || t.moment):
		return nil
	case t.whole:
		return php.Number(php.Int(v))
	case t.fraction:
		n, _ := php.ParseNumeric(php.FloatString(v))
		return n.Shortest()
	}
	return php.String(v)
}

// user returns the id of the user whose webhook a request uses.
func (r Request) user() string {
	if _, ok := php.Index(r.User); ok {
		return r.User
	}
	return "1"
}

// exists reports whether a record of the CRM exists.
func (p *Portal) exists(typeID, id int) bool {
	r := p.owner(typeID, id)
	return r != nil
}

// owner returns a record of the CRM by its type; nil if there is none.
func (p *Portal) owner(typeID, id int) *record {
	name := ownerEntity(typeID)
	if name == "" || p.data.filled(name) == nil {
		return nil
	}
	s := p.table(name)
	i, ok := s.find(php.Number(id).String())
	if !ok {
		return nil
	}
	return s.rows().at(i)
}

// requisiteType is the entityTypeId of requisites.
const requisiteType = 8

// ownerEntity returns the entity with the rows of a type.
func ownerEntity(typeID int) string {
	switch name := twins()[typeID]; {
	case name != "":
		return name
	case typeID == requisiteType:
		return "crm.requisite"
	case typeID > requisiteType:
		return "crm.item:" + php.Number(typeID).String()
	}
	return ""
}

// set stores a row with some fields changed.
func (s *store) set(r *record, changes map[string]any) {
	fields := maps.Clone(r.fields)
	maps.Copy(fields, changes)
	s.put(&record{id: r.id, fields: fields})
}

// dropAll removes the rows for which f is true.
func (s *store) dropAll(f func(fields map[string]any) bool) {
	var ids []string
	for r := range each(s.rows()) {
		if f(r.fields) {
			ids = append(ids, r.id)
		}
	}
	for _, id := range ids {
		s.shelf.drop(id)
	}
}

// sameID reports whether a value is the id n.
func sameID(v any, n int) bool { return v != nil && php.Int(v) == n }
