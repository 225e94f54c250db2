package b24test

import (
	"maps"
	"slices"
	"strings"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test/internal/php"
)

// customFieldMethods returns the methods of custom fields: userfieldconfig.*, and the older ones,
// which have the same fields in capitals.
func customFieldMethods() map[string]procedure {
	methods := map[string]procedure{
		"userfieldconfig.add": addCustomField, "userfieldconfig.get": getCustomField, "userfieldconfig.update": updateCustomField,
		"userfieldconfig.delete": deleteCustomField, "userfieldconfig.list": listCustomFields, "userfieldconfig.gettypes": customFieldTypes,
		"crm.userfield.types": olderFieldTypes,
	}
	for _, owner := range olderFieldOwners() {
		maps.Copy(methods, olderFields("CRM_"+strings.ToUpper(owner)).methods("crm."+owner+".userfield"))
	}
	return methods
}

// configError is the error of userfieldconfig.*. Most texts of a portal are in its language.
func configError(text string) error { return badRequest("0", text) }

// checkModule refuses a module that has no custom fields.
func (p *Portal) checkModule(req Request) (module string, err error) {
	if v, ok := req.params.Get("moduleId"); !ok || v == nil {
		return "", p.table(fieldConfig).fam.lacks("moduleId")
	}
	module = req.params.Text("moduleId")
	if !slices.Contains([]string{"crm", "catalog", "imopenlines", "rpa", "sign"}, module) {
		return "", configError("No settings for UserFieldAccess")
	}
	return module, nil
}

// isOf reports whether a row of settings belongs to a module. userfieldconfig.* does not know the
// fields of requisites, which have methods of their own.
func isOf(fields map[string]any, module string) bool {
	if m, ok := fields["moduleId"]; ok {
		return m == module
	}
	owner := php.Text(fields["entityId"])
	return owner == "" || owner != requisiteOwner && strings.HasPrefix(owner, strings.ToUpper(module)+"_")
}

// configured returns the row that a request names.
func (p *Portal) configured(req Request, refusal string) (*record, error) {
	module, err := p.checkModule(req)
	if err != nil {
		return nil, err
	}
	s := p.table(fieldConfig)
	v, ok := req.params.Get("id")
	switch {
	case !ok || v == nil:
		return nil, s.fam.lacks("id")
	case !php.IsNumeric(v):
		return nil, badRequest("100", "Invalid value {"+php.Text(v)+"} to match with parameter {id}. Should be value of type int.")
	}
	i, ok := s.find(php.IntString(v))
	if !ok || !isOf(s.rows().at(i).fields, module) {
		return nil, configError(refusal)
	}
	return s.rows().at(i), nil
}

// givenField returns the argument field with the names that an add or update reads: all others are
// silently dropped.
func (p *Portal) givenField(req Request) (*php.Array, error) {
	v, ok := req.params.Get("field")
	if !ok || v == nil {
		return nil, p.table(fieldConfig).fam.lacks("field")
	}
	all, ok := v.(*php.Array)
	if !ok {
		return nil, badRequest("100", "Invalid value {"+php.Text(v)+"} to match with parameter {field}. Should be value of type array.")
	}
	given := php.NewArray()
	for name := range strings.FieldsSeq(`editFormLabel helpMessage multiple userTypeId fieldName enum entityId xmlId sort mandatory showFilter
		isSearchable settings editInList`) {
		if v, ok := all.Get(name); ok {
			given.Set(name, v)
		}
	}
	if v, _ := given.Get("showFilter"); v == "Y" {
		given.Set("showFilter", "E")
	}
	return given, nil
}

// addCustomField answers userfieldconfig.add. If an item of an enumeration is refused, the field
// was added.
func addCustomField(p *Portal, req Request) (any, error) {
	module, err := p.checkModule(req)
	if err != nil {
		return nil, err
	}
	given, err := p.givenField(req)
	if err != nil {
		return nil, err
	}
	owner, name, kind := given.Text("entityId"), given.Text("fieldName"), given.Text("userTypeId")
	entity := p.data.ownedEntity(owner)
	switch {
	case module != "crm", entity == "", owner == requisiteOwner, slices.Contains(restrictedTypes(), kind):
		return nil, configError("You cannot create custom fields")
	case !strings.HasPrefix(name, "UF_"+owner+"_"):
		return nil, configError("Incorrect field code")
	}
	if text := p.badField(owner, name, kind); text != "" {
		return nil, configError(text)
	}
	row := newField(owner, name, kind)
	setMarks(row, given)
	setLabels(row, givenLabels(given))
	row["multiple"] = letter(given.Text("multiple") == "Y")
	row["settings"] = typeSettings(kind, given.Inner("settings"))
	if err := p.data.numberField(row); err != nil {
		return nil, err
	}
	var refused error
	if kind == typeEnumeration {
		refused = p.data.changeItems(row, configItems(given.Inner("enum"), nil))
	}
	if err := p.data.putField(entity, row); err != nil {
		return nil, err
	}
	return p.configResult(row, req), refusedItems("0", refused)
}

// restrictedTypes returns the types whose fields only users can add.
func restrictedTypes() []string {
	return strings.Fields(`resourcebooking mail_message hlblock string_formatted video vote url_preview disk_file disk_version snils`)
}

// badField returns why a portal does not add a custom field.
func (p *Portal) badField(owner, name, kind string) string {
	switch {
	case len(name) > 50: //nolint:mnd // the width of the column
		return "Field name is too long (more than 50 characters)."
	case strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != "":
		return "Field name contains invalid characters. Allowed characters are: A-Z, 0-9 and _."
	case !slices.Contains(customTypes(), kind):
		return "Incorrect custom type specified."
	}
	for r := range each(p.table(fieldConfig).rows()) {
		if r.fields["entityId"] == owner && r.fields["fieldName"] == name {
			return "The field " + name + " for object " + owner + " already exists."
		}
	}
	return ""
}

// setMarks sets the given ones of the plain settings, which an update may change too.
func setMarks(row map[string]any, given *php.Array) {
	for name, v := range given.All() {
		switch {
		case v == nil:
		case name == "mandatory", name == "isSearchable":
			row[name] = letter(v == "Y")
		case name == "showInList", name == "editInList":
			row[name] = letter(v != "N")
		case name == "showFilter":
			row[name] = "N"
			if mark := php.Text(v); mark != "" && strings.Contains("NIES", mark[:1]) {
				row[name] = mark[:1]
			}
		case name == "xmlId":
			row[name] = php.Text(v)
		case name == "sort":
			row[name] = php.Number(php.Int(v))
			if row["id"] == nil && php.Int(v) <= 0 {
				row[name] = php.Number(usualFieldSort)
			}
		}
	}
}

// givenLabels returns the labels that userfieldconfig.* reads: only lists by language.
func givenLabels(given *php.Array) map[string]*php.Array {
	const longest = 255
	labels := map[string]*php.Array{"editFormLabel": given.Inner("editFormLabel")}
	if help := given.Inner("helpMessage"); help != nil {
		labels["helpMessage"] = help.Map(func(v any) any {
			text := []rune(strings.TrimSpace(php.Text(v)))
			return string(text[:min(len(text), longest)])
		})
	}
	return labels
}

// configItems returns what the argument enum means: items that it does not name are deleted.
func configItems(given, old *php.Array) []itemChange {
	stored := map[int]*php.Array{}
	for _, v := range old.All() {
		if item, ok := v.(*php.Array); ok {
			stored[item.Int("id")] = item
		}
	}
	var changes []itemChange
	for _, v := range given.All() {
		one, ok := v.(*php.Array)
		if !ok {
			continue
		}
		c := itemChange{id: max(0, one.Int("id")), value: one.Text("value"), xmlID: one.Text("xmlId"), def: letter(one.Text("def") == "Y")}
		if v, ok := one.Isset("sort"); ok {
			c.sort = v
		}
		if old := stored[c.id]; old != nil {
			if c.xmlID == "" {
				c.xmlID = old.Text("xmlId")
			}
			if one.Text("def") == "" {
				c.def = old.Text("def")
			}
		}
		delete(stored, c.id)
		changes = append(changes, c)
	}
	for id := range stored {
		changes = append(changes, itemChange{id: id, drop: true})
	}
	return changes
}

// refusedItems returns the error of a portal for items that it did not change.
func refusedItems(code b24.Code, err error) error {
	if err == nil {
		return nil
	}
	return badRequest(code, err.Error())
}

func getCustomField(p *Portal, req Request) (any, error) {
	r, err := p.configured(req, "You do not have permission to view user field settings")
	if err != nil {
		return nil, err
	}
	return p.configResult(r.fields, req), nil
}

// updateCustomField answers userfieldconfig.update: the settings that are given replace the former
// ones as a whole, and one label all labels in all languages. Items change only if the type is
// given too, and all are deleted if only the type is.
func updateCustomField(p *Portal, req Request) (any, error) {
	r, err := p.configured(req, "You cannot change the settings of the user field")
	if err != nil {
		return nil, err
	}
	given, err := p.givenField(req)
	if err != nil {
		return nil, err
	}
	row := maps.Clone(r.fields)
	setMarks(row, given)
	labels := givenLabels(given)
	if labels["editFormLabel"].Len() > 0 || labels["helpMessage"].Len() > 0 {
		setLabels(row, labels)
	}
	if _, ok := given.Get("settings"); ok {
		row["settings"] = typeSettings(php.Text(row["userTypeId"]), given.Inner("settings"))
	}
	var refused error
	if given.Text("userTypeId") == typeEnumeration && row["userTypeId"] == typeEnumeration {
		old, _ := row["enum"].(*php.Array)
		refused = p.data.changeItems(row, configItems(given.Inner("enum"), old))
	}
	if err := p.data.putField(p.data.ownedEntity(php.Text(row["entityId"])), row); err != nil {
		return nil, err
	}
	return p.configResult(row, req), refusedItems("0", refused)
}

func deleteCustomField(p *Portal, req Request) (any, error) {
	r, err := p.configured(req, "You cannot delete the user field")
	if err != nil {
		return nil, err
	}
	p.data.dropField(r.id)
	return nil, nil //nolint:nilnil // the result is null
}

// configResult returns a field with its texts in all languages and its items.
func (p *Portal) configResult(fields map[string]any, req Request) any {
	fields = maps.Clone(fields)
	delete(fields, "moduleId")
	return php.Object("field", newTeller(p.table(fieldConfig), nil, req).row(&record{fields: fields}))
}

// customFieldTypes answers userfieldconfig.getTypes.
func customFieldTypes(p *Portal, req Request) (any, error) {
	if _, err := p.checkModule(req); err != nil {
		return nil, err
	}
	types := php.Object()
	for _, kind := range customTypes() {
		types.Set(kind, php.Object("userTypeId", kind, "description", typeTitle(kind)))
	}
	return php.Object("types", types), nil
}

// typeTitle returns what users see of a type.
func typeTitle(kind string) string {
	titles := map[string]string{
		typeString: "String", typeInteger: "Integer", typeDouble: "Number", typeBoolean: "Yes/No", typeEnumeration: "List", typeDate: "Date",
		typeDateTime: "Date with time", typeFile: "File", "money": "Money", "url": "Link", "address": "Address", "employee": "Linked to employee",
		"crm_status": "Linked to CRM directories", "crm": "Linked to CRM entities", "iblock_section": "Linked to information block sections",
		"iblock_element": "Linked to information block elements",
	}
	return titles[kind]
}
