package b24test

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/b24go/b24/b24test/internal/php"
)

// aliases maps the field names of crm.item.* to those of the older methods, under which the fields
// are stored: TITLE, STATUS_ID, UF_CRM_5_1699.
type aliases struct {
	renamed map[string]string // names of crm.item.* in capitals that are stored under other names: UPDATED_TIME under DATE_MODIFY
	former  map[string]string // the reverse
	inner   map[string]string // names requested so far
	outer   map[string]string // names returned so far
}

func newAliases(renamed map[string]string) *aliases {
	a := &aliases{renamed: renamed, former: map[string]string{}, inner: map[string]string{}, outer: map[string]string{}}
	for name, stored := range renamed {
		a.former[stored] = name
	}
	return a
}

// stored returns the name under which a row holds what a request calls name.
func (a *aliases) stored(name string) string {
	stored, ok := a.inner[name]
	if !ok {
		stored = name
		if !isUpper(name) {
			stored = itemCapitals(name)
		}
		if other := a.renamed[stored]; other != "" {
			stored = other
		}
		a.inner[name] = stored
	}
	return stored
}

// told returns the name of a field in an answer.
func (a *aliases) told(stored string) string {
	name, ok := a.outer[stored]
	if !ok {
		name = itemCamel(a.capitals(stored))
		a.outer[stored] = name
	}
	return name
}

// capitals returns that name in capitals.
func (a *aliases) capitals(stored string) string { return cmp.Or(a.former[stored], stored) }

// writes reports whether a write may use a name for a field: not the name of the older methods if
// crm.item.* has a different one, and a custom field in capitals only if the request declares that
// it uses the original names.
func (a *aliases) writes(name string, original bool) bool {
	if isUpper(name) && isUser(name) {
		return original
	}
	capitals := name
	if !isUpper(name) {
		capitals = itemCapitals(name)
	}
	_, isOwn := a.renamed[capitals]
	return isOwn || a.former[capitals] == ""
}

// itemCamel converts TITLE to title, UF_CRM_5_1699 to ufCrm5_1699 and UF_CRM_1699A to ufCrm_1699A:
// the rest stays unchanged if a portal could not convert it back.
func itemCamel(name string) string {
	if !isUpper(name) || !isSealed(name) {
		return toCamel(name)
	}
	if rest, ok := strings.CutPrefix(name, "UF_CRM"); ok {
		return "ufCrm" + rest
	}
	return "uf" + strings.TrimPrefix(name, "UF_")
}

// isSealed reports whether a name of a custom field in capitals is one that a portal does not
// split.
func isSealed(name string) bool {
	rest, isCustom := strings.CutPrefix(name, "UF_")
	if !isCustom || !strings.ContainsFunc(name, isNumeral) {
		return false
	}
	number, tail, _ := strings.Cut(strings.TrimPrefix(rest, "CRM_"), "_")
	return !strings.HasPrefix(rest, "CRM_") || !isShortNumber(number) || !isPlainTail(tail)
}

// itemCapitals is the inverse of itemCamel.
func itemCapitals(name string) string {
	rest, isCrm := strings.CutPrefix(name, "ufCrm")
	digits := len(rest) - len(strings.TrimLeftFunc(rest, isNumeral))
	switch {
	case !strings.HasPrefix(name, "uf"), !strings.ContainsFunc(name, isNumeral):
		return snakeCapitals(name)
	case isCrm && isShortNumber(rest[:digits]) && isPlainTail(strings.TrimPrefix(rest[digits:], "_")):
		return snakeCapitals(name)
	case isCrm:
		return "UF_CRM" + rest
	}
	return "UF_" + strings.TrimPrefix(name, "uf")
}

// snakeCapitals converts ufCrm5_1699 to UF_CRM_5_1699: an underscore goes before each capital, and
// between letters and digits.
func snakeCapitals(name string) string {
	var b strings.Builder
	for i := range len(name) {
		c := name[i]
		if i > 0 && name[i-1] != '_' && c != '_' && (c >= 'A' && c <= 'Z' || isDigit(c) != isDigit(name[i-1])) {
			b.WriteByte('_')
		}
		b.WriteString(strings.ToUpper(name[i : i+1]))
	}
	return b.String()
}

func isNumeral(r rune) bool { return r >= '0' && r <= '9' }

func isShortNumber(s string) bool {
	return s != "" && len(s) <= 4 && strings.TrimLeftFunc(s, isNumeral) == ""
}

// isPlainTail reports whether what follows the number in the name of a custom field is all digits
// or all letters.
func isPlainTail(s string) bool {
	s = strings.ReplaceAll(s, "_", "")
	letters := strings.IndexFunc(s, isNumeral) < 0
	return s != "" && (letters || strings.TrimLeftFunc(s, isNumeral) == "")
}

// twins returns the entities whose records crm.item.* has too, by entityTypeId.
func twins() map[int]string {
	return map[int]string{1: "crm.lead", 2: "crm.deal", 3: "crm.contact", 4: "crm.company", 7: "crm.quote"}
}

// renamedFields returns the names of crm.item.* in capitals that differ from those of the older
// methods.
func renamedFields(entity string) map[string]string {
	names := map[string]string{
		"CREATED_TIME": "DATE_CREATE", "UPDATED_TIME": "DATE_MODIFY", "CREATED_BY": "CREATED_BY_ID", "UPDATED_BY": "MODIFY_BY_ID",
	}
	more := map[string]map[string]string{
		"crm.lead": {
			"STAGE_ID": "STATUS_ID", "STAGE_SEMANTIC_ID": "STATUS_SEMANTIC_ID", "MOVED_BY": "MOVED_BY_ID", "OBSERVERS": "OBSERVER_IDS",
		},
		"crm.deal":    {"MOVED_BY": "MOVED_BY_ID", "OBSERVERS": "OBSERVER_IDS"},
		"crm.contact": {"OBSERVERS": "OBSERVER_IDS"},
		"crm.company": {"OBSERVERS": "OBSERVER_IDS", "TYPE_ID": "COMPANY_TYPE", "CONTACT_IDS": "CONTACT_ID"},
		"crm.quote":   {"STAGE_ID": "STATUS_ID"},
	}
	maps.Copy(names, more[entity])
	return names
}

// itemOf returns the family of crm.item.* with an entityTypeId, whose rows are stored with the
// names of the older methods.
func itemOf(typeID int) *family {
	f := item()
	f.id, f.created, f.changed = "ID", "CREATED_TIME", "UPDATED_TIME"
	entity := twins()[typeID]
	f.twin, f.typeID = entity, typeID
	if entity == "" {
		f.aliases = newAliases(nil)
		f.traits = map[string]trait{}
		for name, t := range fieldTraits(f.entity) {
			f.traits[f.aliases.stored(name)] = t
		}
	} else {
		f.aliases = newAliases(renamedFields(entity))
		f.created, f.changed = "DATE_CREATE", "DATE_MODIFY"
		f.traits = itemTraits(entity)
	}
	f.usual = usualValues(entity)
	f.joinItems()
	f.fields = slices.Collect(maps.Keys(f.traits))
	return &f
}

// usualValues returns the default values of the records of an entity.
func usualValues(entity string) map[string]any {
	if entity == "crm.deal" {
		return map[string]any{"CATEGORY_ID": "0"}
	}
	return nil
}

// itemTraits returns the fields of a record as crm.item.* has them: it does not write addresses,
// and differs in a few other fields.
func itemTraits(entity string) map[string]trait {
	traits := fieldTraits(entity)
	for name, t := range traits {
		if strings.HasPrefix(name, "ADDRESS") || strings.HasPrefix(name, "REG_ADDRESS") {
			t.readOnly = true
			traits[name] = t
		}
	}
	maps.Copy(traits, traitsOf("ENTITY_TYPE_ID#* "+map[string]string{
		"crm.lead":    "WEBFORM_ID# OBSERVER_IDS#+",
		"crm.deal":    "CATEGORY_ID# OBSERVER_IDS#+ QUOTE_ID# LEAD_ID# CLOSED?* IS_RETURN_CUSTOMER?* IS_REPEATED_APPROACH?*",
		"crm.contact": "CATEGORY_ID# OBSERVER_IDS#+ LEAD_ID#",
		"crm.company": "CATEGORY_ID# OBSERVER_IDS#+ LEAD_ID# IS_MY_COMPANY?^",
		"crm.quote":   "WEBFORM_ID# QUOTE_NUMBER CLOSED?* PERSON_TYPE_ID#*",
	}[entity]))
	return traits
}

// untold reports whether the family does not return a field that its rows may have.
func (f *family) untold(field string) bool {
	_, documented := f.traits[field]
	isItem := slices.Contains(slices.Collect(maps.Values(twins())), f.entity)
	return isItem && !documented && slices.Contains([]string{"CATEGORY_ID", "WEBFORM_ID", "OBSERVER_IDS", "ENTITY_TYPE_ID"}, field)
}

// boundFields returns the fields that hold the first of several linked records, by the one that
// holds them all.
func boundFields() map[string]string {
	return map[string]string{"CONTACT_IDS": "CONTACT_ID", "COMPANY_IDS": "COMPANY_ID"}
}

// bound returns a row with all linked records, of which a row may name only the first: a portal
// keeps them in a table of their own.
func (f *family) bound(r *record) *record {
	if f.twin == "" {
		return r
	}
	for all, first := range boundFields() {
		id := r.fields[first]
		if !f.traits[all].several || r.fields[all] != nil || php.IsArray(id) || php.Int(id) <= 0 {
			continue
		}
		fields := maps.Clone(r.fields)
		fields[all] = php.List(id)
		r = &record{id: r.id, fields: fields}
	}
	return r
}
