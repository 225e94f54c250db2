package b24test

import (
	"cmp"
	"maps"
	"strings"

	"github.com/b24go/b24/b24test/internal/php"
)

// customFieldMethods returns the methods of custom fields: userfieldconfig.*, and the older lists,
// which return the same fields in capitals.
func customFieldMethods() map[string]procedure {
	methods := map[string]procedure{
		"userfieldconfig.add": addCustomField, "userfieldconfig.get": getCustomField, "userfieldconfig.update": updateCustomField,
		"userfieldconfig.delete": deleteCustomField,
	}
	for _, owner := range []string{"lead", "deal", "contact", "company", "quote"} {
		methods["crm."+owner+".userfield.list"] = func(p *Portal, req Request) (any, error) { return p.olderFields(owner, req) }
	}
	return methods
}

const (
	fieldConfig    = "userfieldconfig"
	numberType     = "double"
	mostPlaces     = 12 // of a number
	numberSize     = 20 // of its input field
	usualFieldSort = "100"
)

// fieldOf returns the custom field that a request names; a module that is not its own does not have
// it.
func (p *Portal) fieldOf(req Request, refusal string) (*record, error) {
	i, ok := p.table(fieldConfig).find(req.params.Text("id"))
	if !ok || req.params.Text("moduleId") == "" {
		return nil, badRequest("", refusal)
	}
	return p.table(fieldConfig).rows().at(i), nil
}

func addCustomField(p *Portal, req Request) (any, error) {
	s, given := p.table(fieldConfig), req.params.Inner("field")
	entity, name := given.Text("entityId"), given.Text("fieldName")
	if err := badFieldName(entity, name); err != nil {
		return nil, err
	}
	for r := range each(s.rows()) {
		if r.fields["entityId"] == entity && r.fields["fieldName"] == name {
			return nil, badRequest("", "The field "+name+" for object "+entity+" already exists.")
		}
	}
	s.lastID = max(s.lastID, p.table(olderFieldList(entity)).lastID)
	fields := map[string]any{
		"id": s.idValue(s.nextID()), "moduleId": req.params.Text("moduleId"), "entityId": entity, "fieldName": name,
		"userTypeId": given.Text("userTypeId"), "xmlId": nil, "sort": usualFieldSort, "multiple": "N", "mandatory": "N", "showFilter": "N",
		"showInList": "Y", "editInList": "Y", "isSearchable": "N",
	}
	if v, ok := given.Get("multiple"); ok {
		fields["multiple"] = letter(v == "Y")
	}
	setCustomField(fields, given)
	fields["settings"] = fieldSettings(fields, given)
	return customField(s, s.insert(fields), req), nil
}

// badFieldName returns why a custom field cannot be added.
func badFieldName(entity, name string) error {
	switch rest, ok := strings.CutPrefix(name, "UF_"+entity+"_"); {
	case entity == "" || !ok:
		return badRequest("", "Incorrect field code")
	case strings.Trim(rest, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != "":
		return badRequest("", "Field name contains invalid characters")
	case len(name) > 50:
		return badRequest("", "Field name is too long")
	}
	return nil
}

func getCustomField(p *Portal, req Request) (any, error) {
	r, err := p.fieldOf(req, "You cannot access the custom field settings")
	if err != nil {
		return nil, err
	}
	return customField(p.table(fieldConfig), r, req), nil
}

// updateCustomField answers userfieldconfig.update: the settings and the labels that are given
// replace the former ones as a whole, and what identifies the field stays.
func updateCustomField(p *Portal, req Request) (any, error) {
	r, err := p.fieldOf(req, "You cannot change the custom field settings")
	if err != nil {
		return nil, err
	}
	fields, given := maps.Clone(r.fields), req.params.Inner("field")
	setCustomField(fields, given)
	if given.Inner("settings") != nil {
		fields["settings"] = fieldSettings(fields, given)
	}
	s := p.table(fieldConfig)
	return customField(s, s.insert(fields), req), nil
}

func deleteCustomField(p *Portal, req Request) (any, error) {
	r, err := p.fieldOf(req, "You cannot change the custom field settings")
	if err != nil {
		return nil, err
	}
	p.table(fieldConfig).drop(r.id)
	p.table(olderFieldList(php.Text(r.fields["entityId"]))).drop(r.id)
	return nil, nil //nolint:nilnil // the result is null
}

// setCustomField sets the given fields that may change.
func setCustomField(fields map[string]any, given *php.Array) {
	for _, name := range []string{
		"mandatory", "showFilter", "showInList", "editInList", "isSearchable", "sort", "xmlId",
		"editFormLabel", "listColumnLabel", "listFilterLabel", "errorMessage", "helpMessage",
	} {
		if v, ok := given.Get(name); ok {
			fields[name] = v
		}
	}
}

// fieldSettings returns the given settings, with the usual values of those of a number that are not
// given.
func fieldSettings(fields map[string]any, given *php.Array) *php.Array {
	settings := given.Inner("settings")
	if fields["userTypeId"] != numberType {
		if settings == nil {
			return php.NewArray()
		}
		return settings
	}
	all := php.Object("PRECISION", php.Number(min(max(0, settings.Int("PRECISION")), mostPlaces)))
	all.Set("SIZE", php.Number(cmp.Or(settings.Int("SIZE"), numberSize)))
	for _, name := range []string{"MIN_VALUE", "MAX_VALUE"} {
		v, _ := settings.Get(name)
		all.Set(name, cmp.Or[any](v, php.Number(0)))
	}
	v, _ := settings.Get("DEFAULT_VALUE")
	all.Set("DEFAULT_VALUE", v)
	return all
}

func customField(s *store, r *record, req Request) any {
	return php.Object("field", newTeller(s, nil, req).row(r))
}

// olderFieldList returns the entity of crm.deal.userfield.list for CRM_DEAL.
func olderFieldList(entity string) string {
	return "crm." + strings.ToLower(strings.TrimPrefix(entity, "CRM_")) + ".userfield"
}

// olderFields answers crm.deal.userfield.list and the like, with the custom fields that were added
// through userfieldconfig. Labels are returned in one language, if the filter names it.
func (p *Portal) olderFields(owner string, req Request) (any, error) {
	s := p.table("crm." + owner + ".userfield")
	filter, _ := req.params.Fold("filter")
	given, _ := filter.(*php.Array)
	language, _ := given.Fold("LANG")
	for r := range each(p.table(fieldConfig).rows()) {
		if r.fields["entityId"] == "CRM_"+strings.ToUpper(owner) {
			fields := olderField(r, php.Text(language))
			if i, ok := s.find(r.id); ok && s.rows().at(i).fields["LIST"] != nil {
				fields["LIST"] = s.rows().at(i).fields["LIST"]
			}
			s.insert(fields)
		}
	}
	answer, err := list(s, req)
	result, ok := answer.(Result)
	if rows, isRows := result.Value.(*php.Array); ok && isRows {
		for _, row := range rows.All() {
			if row, ok := row.(*php.Array); ok {
				row.Remove("LANG")
				s.restoreSettings(row)
			}
		}
	}
	return answer, err
}

// olderField returns a custom field in capitals.
func olderField(r *record, language string) map[string]any {
	fields := map[string]any{"LANG": language}
	for name, v := range r.fields {
		labels, _ := v.(*php.Array)
		switch {
		case name == "moduleId":
		case strings.HasSuffix(name, "Label") || strings.HasSuffix(name, "Message"):
			if label, ok := labels.Get(language); ok {
				fields[snakeCapitals(name)] = label
			}
		default:
			fields[snakeCapitals(name)] = v
		}
	}
	return fields
}

// restoreSettings returns the settings of a row of an older list as they are stored: numbers stay
// numbers, unlike those of the field itself.
func (s *store) restoreSettings(row *php.Array) {
	i, ok := s.find(row.Text("ID"))
	if _, told := row.Get("SETTINGS"); ok && told {
		row.Set("SETTINGS", s.rows().at(i).fields["SETTINGS"])
	}
}
