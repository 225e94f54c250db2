package b24test

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/b24go/b24"
)

// firstDynamicType is the lowest entityTypeId of a smart process; types below it are always there.
const firstDynamicType = 128

// database holds the rows of all entities.
type database struct {
	mu       sync.Mutex
	families map[string]*family
	stores   map[string]*store // by entity, crm.item:2 for a typed one
}

func newDatabase() *database {
	d := &database{families: map[string]*family{}, stores: map[string]*store{}}
	for _, f := range families() {
		d.families[f.entity] = &f
	}
	return d
}

// store is that of an entity as Seed names it; made if need be. The lock is held.
func (d *database) store(name string) (*store, error) {
	if s := d.stores[name]; s != nil {
		return s, nil
	}
	entity, typeID, typed := strings.Cut(name, ":")
	f := d.families[entity]
	if f == nil {
		other := classic(entity)
		other.created, other.changed = "", ""
		f = &other
		d.families[entity] = f
	}
	if _, isID := index(typeID); f.typed != typed || typed && !isID {
		return nil, errors.New("an entityTypeId belongs to crm.item and to nothing else, as in crm.item:2")
	}
	s := newStore(f)
	d.stores[name] = s
	return s, nil
}

func (d *database) touch(name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	_, err := d.store(name)
	return err
}

func (d *database) seed(name string, row b24.Params) error {
	v, err := toPHP(row)
	if err != nil {
		return err
	}
	values, ok := v.(*array)
	if !ok {
		return errors.New("not an object")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	s, err := d.store(name)
	if err != nil {
		return err
	}
	fields := s.normal(values)
	id := scalar(fields[s.fam.id])
	if id == "" {
		id = s.nextID()
	}
	if n, ok := index(id); !ok || n < 1 {
		return fmt.Errorf("%s: %q is no positive whole number", s.fam.id, id)
	}
	fields[s.fam.id] = s.idValue(id)
	s.insert(fields)
	return nil
}

func (d *database) rows(name string) []b24.Params {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.stores[name]
	if s == nil {
		return nil
	}
	rows := make([]b24.Params, 0, len(s.rows))
	for _, r := range s.rows {
		rows = append(rows, s.fam.show(r, nil, Request{}).plainMap())
	}
	return rows
}

// method is what answers a method of the entities; nil if none of them has it.
func (d *database) method(name string) Handler {
	i := strings.LastIndexByte(name, '.')
	if i < 0 {
		return nil
	}
	d.mu.Lock()
	f := d.families[name[:i]]
	d.mu.Unlock()
	if f == nil {
		return nil
	}
	op := f.verbs[name[i+1:]]
	if op == nil {
		return nil
	}
	return func(req Request) (any, error) {
		d.mu.Lock()
		defer d.mu.Unlock()
		s, err := d.addressed(f, req)
		if err != nil {
			return nil, err
		}
		return op(s, req)
	}
}

// addressed is the store a request works on: for a typed entity that of its entityTypeId.
func (d *database) addressed(f *family, req Request) (*store, error) {
	if !f.typed {
		return d.store(f.entity)
	}
	v, ok := f.arg(req, "entityTypeId")
	if !ok {
		return nil, badRequest("100", "Could not find value for parameter {entityTypeId}")
	}
	id := intval(v)
	name := f.entity + ":" + strconv.Itoa(id)
	if id < 1 || id >= firstDynamicType && d.stores[name] == nil {
		return nil, badRequest("NOT_FOUND", "Smart process not found")
	}
	return d.store(name)
}
