package b24test

import (
	"slices"
	"strconv"
	"strings"

	"github.com/b24go/b24/b24test/internal/php"
)

// crmMethods returns methods about the types of the CRM and about contacts of several entities.
func crmMethods() map[string]procedure {
	return map[string]procedure{
		"user.current":             currentUser,
		"crm.enum.ownertype":       ownerTypes,
		"crm.duplicate.findbycomm": findByContact,
		"crm.address.fields":       addressFields,
	}
}

// currentUser answers user.current: the user whose webhook it is, also one that was not seeded.
func currentUser(p *Portal, req Request) (any, error) {
	s := p.table("user")
	r := &record{id: req.user(), fields: map[string]any{"ID": req.user(), "ACTIVE": "Y", "USER_TYPE": "employee"}}
	if i, ok := s.find(req.user()); ok {
		r = s.rows().at(i)
	}
	return newTeller(s, nil, req).row(r), nil
}

// ownerTypes answers crm.enum.ownertype: the types that every portal has, and seeded ones.
func ownerTypes(p *Portal, _ Request) (any, error) {
	list := php.NewArray()
	add := func(id int, name, code, short string) {
		list.Add(php.Object("ID", php.Number(id), "NAME", name, "SYMBOL_CODE", code, "SYMBOL_CODE_SHORT", short))
	}
	add(1, "Lead", "LEAD", "L")
	add(2, "Deal", "DEAL", "D")
	add(3, "Contact", "CONTACT", "C")
	add(4, "Company", "COMPANY", "CO")
	add(5, "Invoice (old version)", "INVOICE", "I")
	add(31, "Invoice", "SMART_INVOICE", "SI")
	add(7, "Quotation", "QUOTE", "Q")
	add(requisiteType, "Billing details", "REQUISITE", "RQ")
	add(36, "Document", "SMART_DOCUMENT", "DO")
	add(39, "Company document", "SMART_B2E_DOC", "SBD")
	for r := range each(p.table("crm.type").rows()) {
		id := php.Int(r.fields["entityTypeId"])
		add(id, php.Text(r.fields["title"]), "DYNAMIC_"+strconv.Itoa(id), "T"+strconv.FormatInt(int64(id), 16))
	}
	return list, nil
}

// addressFields answers crm.address.fields.
func addressFields(p *Portal, req Request) (any, error) {
	answer, err := fields(p.table("crm.address"), req)
	all, _ := answer.(*php.Array)
	for _, name := range []string{"TYPE_ID", "ENTITY_TYPE_ID", "ENTITY_ID"} {
		about, _ := all.Inner(name).Get("type")
		if about != nil {
			all.Inner(name).Set("isRequired", true)
		}
	}
	return all, err
}

// mostFound is the number of records that crm.duplicate.findbycomm finds for a value, of all types
// together, and of values that it searches for.
const mostFound = 20

// findByContact answers crm.duplicate.findbycomm. Values that are no text are silently skipped.
func findByContact(p *Portal, req Request) (any, error) {
	v, _ := req.params.Fold("type")
	kind := strings.ToUpper(php.Text(v))
	switch kind {
	case "PHONE", "EMAIL":
	case "":
		return nil, badRequest("", "Communication type is not defined.")
	default:
		return nil, badRequest("", "Communication type '"+kind+"' is not supported in current context.")
	}
	v, _ = req.params.Fold("values")
	values, _ := v.(*php.Array)
	if values.Len() == 0 {
		return nil, badRequest("", "Communication values is not defined.")
	}
	v, _ = req.params.Fold("entity_type")
	only := strings.ToUpper(php.Text(v))
	if only == "DEAL" {
		return nil, badRequest("", "Deal is not supported in current context.")
	}
	found := php.Object()
	searched := 0
	for _, v := range values.All() {
		value, isText := v.(string)
		if !isText || value == "" || searched == mostFound {
			continue
		}
		searched++
		p.findContact(found, only, kind, value)
	}
	return found, nil
}

// findContact adds the records with a phone or e-mail to those found, by the names of their types.
func (p *Portal) findContact(found *php.Array, only, kind, value string) {
	n := 0
	for _, entity := range []string{"LEAD", "CONTACT", "COMPANY"} {
		if only != "" && only != entity {
			continue
		}
		for r := range each(p.table("crm." + strings.ToLower(entity)).rows()) {
			if n == mostFound || !slices.ContainsFunc(contacts(r.fields), func(c contact) bool { return c.kind == kind && sameContact(kind, c.value, value) }) {
				continue
			}
			n++
			ids, _ := found.Get(entity)
			list, _ := ids.(*php.Array)
			if list == nil {
				list = php.NewArray()
				found.Set(entity, list)
			}
			id := php.Number(php.Int(r.id))
			if !list.Contains(func(_ string, v any) bool { return v == id }) {
				list.Add(id)
			}
		}
	}
}

// sameContact reports whether two values are one phone or e-mail: of a phone, the digits count.
func sameContact(kind, a, b string) bool {
	if kind == "PHONE" {
		digits := func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}
		a, b = strings.Map(digits, a), strings.Map(digits, b)
		return a != "" && a == b
	}
	return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b))
}
