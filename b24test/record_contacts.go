package b24test

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/b24go/b24/b24test/internal/php"
)

// multiField is the member of a record of crm.item.* that holds its phones, e-mails and the like.
const multiField = "fm"

// multiKinds returns the fields of a record that hold phones, e-mails and the like.
func multiKinds() []string { return []string{"PHONE", "EMAIL", "WEB", "IM", "LINK"} }

// isMulti reports whether a field of a classic entity holds phones, e-mails and the like.
func isMulti(field string) bool { return slices.Contains(multiKinds(), field) }

// contact is a phone, e-mail or the like of a record, also as requested by a write.
type contact struct {
	id    int // 0: a new one
	kind  string
	form  string // WORK
	value string // "": delete it
}

// serial assigns ids to contacts, consecutively for all entities.
type serial struct{ last int }

func (s *serial) next() int {
	s.last++
	return s.last
}

// hasContacts reports whether rows of the family have phones and the like.
func (f *family) hasContacts() bool { return f.traits["PHONE"].several }

// contacts returns those of a row, by id.
func contacts(fields map[string]any) []contact {
	var list []contact
	for _, kind := range multiKinds() {
		rows, _ := fields[kind].(*php.Array)
		for _, v := range rows.All() {
			if r, ok := v.(*php.Array); ok {
				list = append(list, contact{id: r.Int("ID"), kind: kind, form: r.Text("VALUE_TYPE"), value: r.Text("VALUE")})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b contact) int { return cmp.Compare(a.id, b.id) })
	return list
}

// setContacts stores those of a row; a portal has no field for a kind without contacts.
func setContacts(fields map[string]any, list []contact) {
	for _, kind := range multiKinds() {
		rows := php.NewArray()
		for _, c := range list {
			if c.kind == kind {
				rows.Add(php.Object("ID", strconv.Itoa(c.id), "VALUE_TYPE", c.form, "VALUE", c.value, "TYPE_ID", kind))
			}
		}
		delete(fields, kind)
		if rows.Len() > 0 {
			fields[kind] = rows
		}
	}
}

// equals reports whether a portal takes two contacts for one.
func (c contact) equals(other contact) bool {
	return c.kind == other.kind && cmp.Or(c.form, usualForm(c.kind)) == other.form && c.value == other.value
}

// changeContacts applies a write to a row's contacts. A contact with an id that the row does not
// have is added as a new one, except that a portal of a newer version keeps equal ones once.
func (s *store) changeContacts(fields map[string]any, wanted []contact) {
	list := contacts(fields)
	for _, want := range wanted {
		i := slices.IndexFunc(list, func(c contact) bool { return c.id == want.id && want.id > 0 })
		switch {
		case want.value == "" && i >= 0:
			list = slices.Delete(list, i, i+1)
		case want.value == "", i < 0 && slices.ContainsFunc(list, want.equals):
		case i >= 0:
			list[i].value, list[i].form = want.value, cmp.Or(want.form, list[i].form)
		default:
			want.id, want.form = 0, cmp.Or(want.form, usualForm(want.kind)) // no later key of the same write can mean it
			list = append(list, want)
		}
	}
	for i := range list {
		if list[i].id == 0 {
			list[i].id = s.serial.next()
		}
	}
	setContacts(fields, list)
	maps.Copy(fields, hasContacts(fields))
}

// hasContacts returns the fields that report whether a row has phones and the like.
func hasContacts(fields map[string]any) map[string]any {
	has := map[string]any{"HAS_PHONE": "N", "HAS_EMAIL": "N", "HAS_IMOL": "N"}
	for _, c := range contacts(fields) {
		switch {
		case c.kind == "PHONE":
			has["HAS_PHONE"] = "Y"
		case c.kind == "EMAIL":
			has["HAS_EMAIL"] = "Y"
		case c.kind == "IM" && strings.HasPrefix(c.value, "imol|"):
			has["HAS_IMOL"] = "Y"
		}
	}
	return has
}

// mayHaveContacts reports whether a seeded row mentions any.
func mayHaveContacts(fields map[string]any) bool {
	return fields["FM"] != nil || slices.ContainsFunc(multiKinds(), func(kind string) bool { return fields[kind] != nil })
}

func usualForm(kind string) string {
	if kind == "IM" {
		return "OTHER"
	}
	return "WORK"
}

// classicContacts returns the contacts of a kind in a classic write: a contact without a type gets
// the default type.
func classicContacts(kind string, v any) []contact {
	rows, _ := v.(*php.Array)
	var list []contact
	for _, v := range rows.All() {
		r, _ := v.(*php.Array)
		c := contact{id: max(0, r.Int("ID")), kind: kind, form: cmp.Or(r.Text("VALUE_TYPE"), usualForm(kind)), value: r.Text("VALUE")}
		if c.id > 0 && strings.EqualFold(r.Text("DELETE"), "Y") {
			c.value = ""
		}
		list = append(list, c)
	}
	return list
}

// itemContacts returns the contacts in a write of crm.item.*, by their ids; other keys are those of
// new ones. A single contact does not need a list.
func itemContacts(v any) []contact {
	rows, _ := v.(*php.Array)
	if rows.Text("typeId") != "" {
		alone := php.NewArray()
		alone.Set("new", rows)
		rows = alone
	}
	var list []contact
	for key, v := range rows.All() {
		r, _ := v.(*php.Array)
		value, _ := r.Get("value")
		c := contact{kind: r.Text("typeId"), form: r.Text("valueType"), value: r.Text("value")}
		if id, ok := php.Index(key); ok {
			c.id = id
		}
		if isMulti(c.kind) && value != nil {
			list = append(list, c)
		}
	}
	return list
}

// seedContacts converts the contacts of a seeded row to the form in which they are stored, with
// their ids or new ones.
func seedContacts(fields map[string]any, ids *serial) {
	var list []contact
	for _, kind := range multiKinds() {
		list = append(list, seededContacts(kind, fields[kind])...)
	}
	fm, _ := fields["FM"].(*php.Array)
	for _, v := range fm.All() {
		r, _ := v.(*php.Array)
		list = append(list, contact{id: r.Int("id"), kind: r.Text("typeId"), form: r.Text("valueType"), value: r.Text("value")})
	}
	delete(fields, "FM")
	for _, c := range list {
		ids.last = max(ids.last, c.id)
	}
	for i := range list {
		if list[i].id == 0 {
			list[i].id = ids.next()
		}
		list[i].form = cmp.Or(list[i].form, usualForm(list[i].kind))
	}
	slices.SortStableFunc(list, func(a, b contact) int { return cmp.Compare(a.id, b.id) })
	setContacts(fields, list)
}

// seededContacts returns those of one kind; a test may write a text for a row.
func seededContacts(kind string, v any) []contact {
	var list []contact
	for _, v := range php.Several(v).All() {
		c := contact{kind: kind, value: php.Text(v)}
		if r, ok := v.(*php.Array); ok {
			c = contact{id: r.Int("ID"), kind: kind, form: r.Text("VALUE_TYPE"), value: r.Text("VALUE")}
		}
		if c.value != "" {
			list = append(list, c)
		}
	}
	return list
}

// tellContacts returns the contacts of a row as crm.item.* does.
func tellContacts(fields map[string]any) *php.Array {
	list := php.NewArray()
	for _, c := range contacts(fields) {
		list.Add(php.Object("id", php.Number(c.id), "valueType", c.form, "value", c.value, "typeId", c.kind))
	}
	return list
}

// firstContacts returns the members of a select of crm.item.* that hold the first phone and the
// first e-mail of a record. They are returned only if a select names them.
func firstContacts(sel *php.Array) []string {
	var names []string
	for _, name := range []string{"email", "phone"} {
		if sel.Contains(func(_ string, v any) bool { return v == name }) {
			names = append(names, name)
		}
	}
	return names
}

// firstContact returns the value of the first contact of a kind, nil if there is none.
func firstContact(fields map[string]any, kind string) any {
	for _, c := range contacts(fields) {
		if c.kind == kind {
			return c.value
		}
	}
	return nil
}
