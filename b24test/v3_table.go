package b24test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test/internal/php"
)

// idField names the id in every entity of REST 3.0.
const idField = "id"

// table3 holds the rows of an entity, by id. The lock of V3 guards it.
type table3 struct {
	entity string
	def    EntityV3
	fields map[string]FieldV3
	rows   kept
	lastID int64

	defined bool // by a test
}

func newTable3(entity string, def EntityV3) *table3 {
	t := &table3{entity: entity, def: def, fields: map[string]FieldV3{}}
	maps.Copy(t.fields, def.Fields)
	if _, ok := t.fields[idField]; !ok {
		t.fields[idField] = FieldV3{Type: IntV3, ReadOnly: true}
	}
	return t
}

func (t *table3) seed(row b24.Params) error {
	values, err := arrayOf(row)
	if err != nil {
		return err
	}
	fields := make(map[string]any, values.Len()+1)
	for name, v := range values.All() {
		if _, isRelation := t.def.Relations[name]; isRelation {
			return fmt.Errorf("%s is a relation: seed the rows of %s", name, t.def.Relations[name].Entity)
		}
		fields[name] = v
	}
	if fields[idField] == nil {
		fields[idField] = t.nextID()
	}
	id := php.Text(fields[idField])
	if n, ok := php.Index(id); !ok || n < 1 {
		return fmt.Errorf("id: %q is no positive whole number", id)
	}
	t.put(&record{id: id, fields: fields})
	return nil
}

func (t *table3) nextID() json.Number { return json.Number(strconv.FormatInt(t.lastID+1, 10)) }

// put stores a row, replacing one with the same id, and learns its fields.
func (t *table3) put(r *record) {
	for name, v := range r.fields {
		t.learn(name, v)
	}
	t.lastID = higher(t.lastID, r.id)
	t.rows = t.rows.put(r)
}

// learn records a field that rows have. A field that was not defined is only returned, unless the
// entity has all fields of its rows.
func (t *table3) learn(name string, v any) {
	_, defined := t.def.Fields[name]
	open := t.def.Fields == nil
	if defined || name == idField && !open {
		return
	}
	f, seen := t.fields[name]
	kind := typeOf3(v)
	switch {
	case v == nil && seen:
		return
	case !seen || len(t.rows) == 0:
		f = FieldV3{Type: kind, NoFilter: !open, NoSort: !open, ReadOnly: name == idField}
	case f.Type != kind:
		f.Type = mixed3(f.Type, kind)
	}
	t.fields[name] = f
}

// typeOf3 returns the type that a value suggests.
func typeOf3(v any) TypeV3 {
	switch v := v.(type) {
	case json.Number:
		if isWholeV3(v) {
			return IntV3
		}
		return FloatV3
	case bool:
		return BoolV3
	case *php.Array:
		return ArrayV3
	case string:
		switch {
		case isMomentV3(v):
			return DateTimeV3
		case isDayV3(v):
			return DateV3
		}
		return StringV3
	}
	return ""
}

// mixed3 returns the type of a field that was seen with two.
func mixed3(a, b TypeV3) TypeV3 {
	pair := []TypeV3{a, b}
	slices.Sort(pair)
	switch {
	case a == "" || b == "":
		return cmp.Or(a, b)
	case slices.Equal(pair, []TypeV3{FloatV3, IntV3}):
		return FloatV3
	case !slices.ContainsFunc(pair, func(t TypeV3) bool { return t != StringV3 && t != DateV3 && t != DateTimeV3 }):
		return StringV3
	}
	return ""
}

func isWholeV3(n json.Number) bool { return !strings.ContainsAny(n.String(), ".eE") }

// isMomentV3 reports whether a text is a time in the only spelling that REST 3.0 accepts
// (docs/protocol.md 9.3).
func isMomentV3(s string) bool {
	const layout = "2006-01-02T15:04:05-07:00"
	_, err := time.Parse(layout, s)
	return err == nil && len(s) == len(layout)
}

func isDayV3(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// takes reports whether a value has a type.
func (t TypeV3) takes(v any) bool { return t == "" || typeOf3(v) == t || t == StringV3 && isTextV3(v) }

func isTextV3(v any) bool {
	_, ok := v.(string)
	return ok
}

// verb returns the implementation of a method; nil if the entity has no method of that name.
func (t *table3) verb(name string) func(call3) (any, error) {
	methods := t.def.Methods
	if methods == nil {
		methods = []string{"list", "tail", "get", "add", "update", "delete", "field.list", "field.get"}
	}
	if !slices.Contains(methods, name) {
		return nil
	}
	switch name {
	case "list":
		if t.entity == "note.collection" {
			return notesV3
		}
		return listV3
	case "tail":
		return tailV3
	case "get":
		return getV3
	case "add":
		return addV3
	case "update":
		return updateV3
	case "delete":
		return deleteV3
	case "aggregate":
		return aggregateV3
	case "field.list":
		return fieldListV3
	case "field.get":
		return fieldGetV3
	}
	return nil
}

// methods returns the last parts of the names of the entity's methods.
func (t *table3) methods() []string {
	all := []string{"list", "tail", "get", "add", "update", "delete", "aggregate", "field.list", "field.get"}
	return slices.DeleteFunc(all, func(name string) bool { return t.verb(name) == nil })
}

// call3 is a call of a method of an entity.
type call3 struct {
	Request

	rest  *V3
	table *table3
}

// arg returns an argument that was given and is not null: PHP's isset.
func (c call3) arg(name string) (any, bool) { return c.params.Isset(name) }
