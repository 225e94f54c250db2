package b24test

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"sync"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test/internal/php"
)

// firstDynamicType is the lowest entityTypeId of a smart process; types below it always exist.
const firstDynamicType = 128

// database holds the rows of all entities.
type database struct {
	mu       sync.Mutex
	families map[string]*family
	methods  map[string]method // by name
	stores   map[string]*store // by entity, crm.item:2 for a typed one
	shelves  map[string]*shelf // by entity, the older one of two that share it
	serial   serial            // of phones and the like
	remarks  *remarks
	items    int               // the highest id of an item of an enumeration
	owners   map[string]string // entities by the id that settings of their fields have
	files    *room
}

// method is a method of an entity.
type method struct {
	fam *family
	run operation
}

// known holds the families and methods that every portal begins with. It is never changed, and
// shared because building it takes longer than most tests do.
var known = sync.OnceValue(func() *database { //nolint:gochecknoglobals // see above
	d := &database{families: map[string]*family{}, methods: map[string]method{}}
	for _, f := range families() {
		d.register(&f)
	}
	return d
})

func newDatabase(cfg config, about *remarks) *database {
	d := &database{
		families: maps.Clone(known().families), methods: maps.Clone(known().methods),
		stores: map[string]*store{}, shelves: map[string]*shelf{}, owners: map[string]string{}, remarks: about,
		files: newRoom(),
	}
	if cfg.oldUsers {
		user := *d.families["user"]
		user.grammar.operators = nil
		d.register(&user)
	}
	return d
}

func (d *database) register(f *family) {
	if f.traits == nil {
		f.traits = fieldTraits(f.entity)
	}
	d.families[f.entity] = f
	for verb, run := range f.verbs {
		name := f.entity
		if verb != "" {
			name += "." + verb
		}
		d.methods[name] = method{fam: f, run: run}
	}
}

// entityOf returns the entity of a name, which may be that of one of its methods, in any letter
// case.
func (d *database) entityOf(name string) string {
	if d.families[name] != nil {
		return name
	}
	lower := strings.ToLower(name)
	if m, ok := d.methods[lower]; ok && d.families[lower] == nil {
		return m.fam.entity
	}
	if d.families[lower] != nil {
		return lower
	}
	return name
}

// key returns the name of the store of an entity or method as Seed names it. The caller holds the
// lock.
func (d *database) key(name string) string {
	entity, typeID, typed := strings.Cut(name, ":")
	if typed {
		return d.entityOf(entity) + ":" + typeID
	}
	return d.entityOf(entity)
}

// store returns the store of an entity or method as Seed names it, and creates it if necessary. The
// caller holds the lock.
func (d *database) store(name string) (*store, error) {
	name = d.key(name)
	if s := d.stores[name]; s != nil {
		return s, nil
	}
	f, shelf, err := d.place(name)
	if err != nil {
		return nil, err
	}
	if d.shelves[shelf] == nil {
		d.shelves[shelf] = newShelf(&d.serial)
		d.shelves[shelf].files, d.shelves[shelf].remarks = d.files, d.remarks
	}
	s := newStore(f, d.shelves[shelf])
	d.stores[name] = s
	return s, nil
}

// place returns the family of an entity and the name of the shelf that has its rows.
func (d *database) place(name string) (f *family, shelf string, err error) {
	entity, typeID, typed := strings.Cut(name, ":")
	if f = d.families[entity]; f == nil {
		return nil, "", d.unknown(entity)
	}
	n, isID := php.Index(typeID)
	switch {
	case f.typed != typed || typed && !isID:
		return nil, "", errors.New("only crm.item takes an entityTypeId, as in crm.item:2")
	case !typed:
		return f, cmp.Or(f.shelf, name), nil
	}
	return itemOf(n), cmp.Or(twins()[n], name), nil
}

// filled returns the store of an entity or method as Seed names it, if there may be rows. The
// caller holds the lock.
func (d *database) filled(name string) *store {
	name = d.key(name)
	shelf := name
	if _, typeID, typed := strings.Cut(name, ":"); typed {
		shelf = cmp.Or(twins()[php.Int(typeID)], name)
	}
	if f := d.families[name]; f != nil && f.shelf != "" {
		shelf = f.shelf
	}
	if d.shelves[shelf] == nil {
		return nil
	}
	s, err := d.store(name)
	if err != nil {
		return nil
	}
	return s
}

func (d *database) touch(name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	_, err := d.store(name)
	return err
}

func (d *database) seed(name string, row b24.Params) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	s, fields, err := d.fresh(name, row)
	if err != nil {
		return err
	}
	s.insert(fields)
	return nil
}

// hide adds a row to an entity that is counted but never returned.
func (d *database) hide(name string, row b24.Params) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	s, fields, err := d.fresh(name, row)
	switch {
	case err != nil:
		return err
	case !s.fam.hides:
		return errors.New("its list has no hidden rows")
	}
	s.hidden = append(s.hidden, &record{fields: fields})
	return nil
}

// fresh returns a row as its store holds it, with an id if rows have one. The caller holds the
// lock.
func (d *database) fresh(name string, row b24.Params) (*store, map[string]any, error) {
	values, err := arrayOf(row)
	if err != nil {
		return nil, nil, err
	}
	if f := d.families[d.key(name)]; f != nil && f.shelf != "" {
		name = f.shelf
		f.shelve(values)
	}
	s, err := d.store(name)
	if err != nil {
		return nil, nil, err
	}
	if err := s.checkSeeded(values); err != nil {
		return nil, nil, err
	}
	fields := s.normal(values)
	s.noteSeeded(fields)
	if s.fam.id != "" {
		id := php.Text(fields[s.fam.id])
		if id == "" {
			id = s.nextID()
		}
		if _, ok := php.Index(id); !s.fam.textID && !ok {
			return nil, nil, fmt.Errorf("%s: %q is not a whole number", s.fam.id, id)
		}
		fields[s.fam.id] = s.idValue(id)
	}
	s.fillIn(fields, &d.serial)
	return s, fields, nil
}

// generate adds rows to an entity that are not stored. Without id they have the ids from 1 to n.
func (d *database) generate(name string, n int, row func(i int) b24.Params, id func(i int) int64) error {
	if id == nil {
		id = func(i int) int64 { return int64(i) + 1 }
	}
	if n < 1 {
		return errors.New("no rows to generate")
	}
	first, err := arrayOf(row(0))
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	s, err := d.store(name)
	switch {
	case err != nil:
		return err
	case s.fam.id == "" || s.fam.textID || s.fam.view != nil:
		return errors.New("only rows whose ids are numbers can be generated")
	case s.rows().len() > 0:
		return errors.New("the entity has rows already")
	}
	if err := s.checkSeeded(first); err != nil {
		return err
	}
	s.noteSeeded(s.normal(first))
	s.lastID = id(n - 1)
	d.serial.last = max(d.serial.last, int(s.lastID+1)*contactsOfARow)
	s.made = &made{high: n, idName: s.fam.id, idOf: id, row: func(i int) map[string]any {
		values, err := arrayOf(row(i))
		if err != nil {
			values = php.NewArray() // the first row was valid
		}
		fields := s.normal(values)
		s.fillIn(fields, &serial{last: int(id(i)) * contactsOfARow})
		return fields
	}}
	return nil
}

// contactsOfARow is more than the number of phones and the like of a generated row: their ids are
// derived from the row's id.
const contactsOfARow = 100

// arrayOf returns a row as a PHP array.
func arrayOf(row b24.Params) (*php.Array, error) {
	if row == nil {
		return php.NewArray(), nil
	}
	v, err := php.FromGo(row)
	if err != nil {
		return nil, err
	}
	values, ok := v.(*php.Array)
	if !ok {
		return nil, errors.New("not an object")
	}
	return values, nil
}

// idName returns an entity's name for the id of a row.
func (d *database) idName(name string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	s, err := d.store(name)
	if err != nil {
		return "ID" // seeding reports the error
	}
	return s.fam.told(s.fam.id)
}

// drop removes rows by their ids; the error names the first that does not exist.
func (d *database) drop(name string, ids []any) error {
	if err := d.check(name); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.filled(name)
	remove := func(id string) bool { return s != nil && s.drop(id) }
	if s != nil && cmp.Or(s.fam.shelf, s.fam.entity) == fieldConfig {
		remove = d.dropField
	}
	for _, id := range ids {
		if !remove(fmt.Sprint(id)) {
			return fmt.Errorf("no row %v", id)
		}
	}
	return nil
}

func (d *database) rows(name string) []b24.Params {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.filled(name)
	if s == nil {
		return nil
	}
	s = s.seen()
	rows := make([]b24.Params, 0, s.rows().len())
	t := newTeller(s, nil, Request{})
	for r := range each(s.rows()) {
		rows = append(rows, t.row(r).PlainMap())
	}
	return rows
}

// method returns the work of a method of the entities; nil if none of them has it.
func (d *database) method(name string) procedure {
	d.mu.Lock()
	m, ok := d.methods[name]
	d.mu.Unlock()
	if !ok {
		return nil
	}
	return func(_ *Portal, req Request) (any, error) {
		s, err := d.addressed(m.fam, req)
		if err != nil {
			return nil, err
		}
		return m.run(s.seen(), req)
	}
}

// addressed returns the store of a request: for a typed entity that of its entityTypeId.
func (d *database) addressed(f *family, req Request) (*store, error) {
	if !f.typed {
		return d.store(f.entity)
	}
	v, ok := f.arg(req, "entityTypeId")
	if !ok {
		return nil, badRequest("100", "Could not find value for parameter {entityTypeId}")
	}
	id := php.Int(v)
	name := f.entity + ":" + strconv.Itoa(id)
	if id < 1 || id >= firstDynamicType && !d.hasType(id) {
		return nil, badRequest("NOT_FOUND", "Smart process not found")
	}
	return d.store(name)
}
