package b24test

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

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
	searched := map[string]bool{}
	for _, v := range values.All() {
		value, isText := v.(string)
		code := contactCode(kind, value)
		if !isText || value == "" {
			continue
		}
		if kind == "PHONE" {
			value = code // other spellings of a phone are not searched for again, those of an e-mail are
		}
		if searched[value] || len(searched) == mostFound {
			continue
		}
		searched[value] = true
		p.findContact(found, only, kind, code)
	}
	return found, nil
}

// findContact adds the records with a phone or e-mail to those found, by the names of their types.
func (p *Portal) findContact(found *php.Array, only, kind, code string) {
	n := 0
	if code == "" {
		return
	}
	for _, entity := range []string{"LEAD", "CONTACT", "COMPANY"} {
		if only != "" && only != entity {
			continue
		}
		for r := range each(p.table("crm." + strings.ToLower(entity)).rows()) {
			if n == mostFound || !slices.ContainsFunc(contacts(r.fields), func(c contact) bool { return c.kind == kind && contactCode(kind, c.value) == code }) {
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

// contactCode returns what two spellings of one phone or e-mail have in common.
func contactCode(kind, value string) string {
	if kind == "PHONE" {
		return phoneCode(value)
	}
	return strings.ToLower(strings.TrimSpace(value))
}

// phoneCode returns a phone as a portal compares it: its digits without an extension, and in a long
// one 7 for a leading 8, and nothing for 00, 011 or 0 (docs/protocol.md 15.13).
func phoneCode(value string) string {
	const long = 10
	if strings.HasPrefix(value, "+8") && utf8.RuneCountInString(value) >= long {
		value = "00" + value[1:]
	}
	code := regexp.MustCompile(`[^0-9#*,;]`).ReplaceAllString(value, "")
	if len(code) >= long {
		code = withoutTrunk(code)
	}
	return regexp.MustCompile(`(\d+)[;#]*[\d,]*`).ReplaceAllString(code, "$1")
}

// withoutTrunk returns a phone without the digits that are dialed before the code of a country.
func withoutTrunk(code string) string {
	for _, kept := range []string{"80", "81", "82"} {
		if strings.HasPrefix(code, kept) {
			return code
		}
	}
	for _, trunk := range [][2]string{{"00", ""}, {"011", ""}, {"8", "7"}, {"0", ""}} {
		if rest, ok := strings.CutPrefix(code, trunk[0]); ok {
			return trunk[1] + rest
		}
	}
	return code
}
