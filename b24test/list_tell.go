package b24test

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/b24go/b24/b24test/internal/php"
)

// teller converts the rows for one answer. It determines each field once, and reads no value that
// is not returned.
type teller struct {
	fam      *family
	id       string          // as returned
	lists    map[string]bool // custom fields that hold several values
	custom   map[string]*custom
	sel      *php.Array // nil: all fields
	capital  bool       // custom fields have their original names
	contacts bool       // phones and the like are in one member
	firsts   []string   // the first phone and e-mail, if they are selected
	files    func(field string, c *custom) func(id string, v any) any
	columns  map[string]column // by the name a field is stored under
	fields   map[string]string // that name by the returned one
}

// column is how a field appears in an answer.
type column struct {
	name string // "": it is not returned
	tell func(id string, v any) any
}

func newTeller(s *store, sel *php.Array, req Request) *teller {
	f := s.fam
	capital := f.aliases != nil && php.Text(req.Params["useOriginalUfNames"]) == "Y"
	t := &teller{fam: f, id: f.told(f.id), lists: s.lists, custom: s.custom, sel: sel, capital: capital, columns: map[string]column{}, fields: map[string]string{}}
	t.files = func(field string, c *custom) func(id string, v any) any { return s.tellingFiles(field, c, req) }
	if f.aliases != nil && f.hasContacts() {
		t.firsts = firstContacts(sel)
	}
	t.contacts = f.aliases != nil && f.hasContacts() && (len(sel.Values()) == 0 || slices.Contains(sel.Values(), any("*")))
	return t
}

// row converts a row: the selected fields, the id first, then by name.
func (t *teller) row(r *record) *php.Array {
	r = t.fam.bound(r)
	names := make([]string, 0, len(r.fields)+1)
	for field := range r.fields {
		c, ok := t.columns[field]
		if !ok {
			c = t.column(field)
			t.columns[field], t.fields[c.name] = c, field
		}
		if c.name != "" {
			names = append(names, c.name)
		}
	}
	if t.contacts {
		names = append(names, multiField)
	}
	names = append(names, t.firsts...)
	slices.SortFunc(names, t.before)
	row := php.Object()
	for _, name := range names {
		if slices.Contains(t.firsts, name) {
			row.Set(name, firstContact(r.fields, strings.ToUpper(name)))
			continue
		}
		if field, ok := t.fields[name]; ok {
			row.Set(name, t.columns[field].tell(r.id, r.fields[field]))
			continue
		}
		row.Set(name, tellContacts(r.fields))
	}
	return row
}

// before orders the id before all other fields.
func (t *teller) before(a, b string) int {
	switch t.id {
	case a:
		return -1
	case b:
		return 1
	}
	return strings.Compare(a, b)
}

func (t *teller) column(field string) column {
	if strings.Contains(field, ".") || t.fam.untold(field) || t.fam.aliases != nil && t.fam.hasContacts() && isMulti(field) || !t.fam.selected(field, t.sel) {
		return column{}
	}
	c := column{name: t.fam.told(field), tell: t.fam.telling(field, t.lists[field])}
	switch d := t.custom[field]; {
	case t.fam.holdsFiles(d):
		c.tell = t.files(field, d)
	case d != nil && t.fam.aliases != nil:
		c.tell = d.itemValue
	}
	if t.capital && isUser(field) {
		c.name = field
	}
	return c
}

// telling returns the conversion of the values of a field.
func (f *family) telling(field string, several bool) func(id string, v any) any {
	switch {
	case f.aliases != nil:
		kind := f.traits[field]
		kind.several = kind.several || several
		return func(_ string, v any) any { return itemValue(v, kind) }
	case f.values && strings.HasPrefix(field, "PROPERTY_"):
		return propertyValue
	case f.texts == textUser && field == "ACTIVE":
		return func(_ string, v any) any { return v == "Y" }
	case f.texts == textAll && isUser(field):
		return customValue
	case f.texts == textAll, f.texts == textUser:
		return func(_ string, v any) any { return text(v) }
	case f.texts == textNumbers:
		return numberAsText
	}
	return func(_ string, v any) any { return v }
}

// propertyValue returns the value of a property by its id, which no test seeds.
func propertyValue(id string, v any) any {
	told := text(v)
	if _, isArray := v.(*php.Array); isArray || v == nil {
		return told
	}
	return php.Object(id+"1", told)
}

// customValue converts a custom field: one for several values that is empty is false.
func customValue(_ string, v any) any {
	if list, ok := v.(*php.Array); ok && list.Len() == 0 {
		return false
	}
	return text(v)
}

func numberAsText(_ string, v any) any {
	if _, isArray := v.(*php.Array); isArray {
		return v
	}
	return text(v)
}

// itemValue converts a value as crm.item.* does: numbers are numbers, true and false are Y and N.
func itemValue(v any, t trait) any {
	switch v := v.(type) {
	case bool:
		if t.several && !v {
			return php.NewArray()
		}
		return letter(v)
	case string:
		if n, ok := php.ParseNumeric(v); ok && (t.whole || t.fraction) {
			return n.Shortest()
		}
	case json.Number:
		if n, ok := php.ParseNumeric(v.String()); ok && t.fraction {
			return n.Shortest()
		}
	case *php.Array:
		return v.Map(func(inner any) any { return itemValue(inner, t) })
	}
	return v
}
