package b24test

import (
	"maps"
	"strings"

	"github.com/b24go/b24/b24test/internal/php"
)

// categoryMethods returns the methods of categories, which the portal calls funnels; the list is
// that of the family.
func categoryMethods() map[string]procedure {
	return map[string]procedure{
		"crm.category.add":    addCategory,
		"crm.category.get":    getCategory,
		"crm.category.update": updateCategory,
		"crm.category.delete": deleteCategory,
		"crm.category.fields": categoryFields,
	}
}

// categorySort is the place of a category that was added without one.
const categorySort = 500

// categoryType returns the type that a request names, if it has categories.
func (p *Portal) categoryType(req Request) (int, error) {
	f := p.data.families["crm.category"]
	v, ok := f.arg(req, "entityTypeId")
	if !ok || v == nil {
		return 0, f.lacks("entityTypeId")
	}
	switch n := php.Int(v); {
	case n >= dealType && n <= 4, n >= firstDynamicType && p.data.hasType(n):
		return n, nil
	case n == 1, n == 7:
		return 0, badRequest("ENTITY_TYPE_NOT_SUPPORTED", "Entity type "+strings.ToUpper(strings.TrimPrefix(twins()[n], "crm."))+" is not supported")
	}
	return 0, badRequest("NOT_FOUND", "Smart process not found")
}

// category returns the type that a request names and its category.
func (p *Portal) category(req Request) (typeID int, r *record, err error) {
	if typeID, err = p.categoryType(req); err != nil {
		return 0, nil, err
	}
	s := p.table("crm.category")
	v, ok := s.fam.arg(req, "id")
	if !ok || v == nil {
		return 0, nil, s.fam.lacks("id")
	}
	i, found := s.find(php.IntString(v))
	if found {
		r = s.rows().at(i)
	}
	if r != nil && r.fields["entityTypeId"] != nil && php.Int(r.fields["entityTypeId"]) != typeID {
		r = nil
	}
	if r == nil && php.Int(v) == 0 {
		r = usualCategory(typeID)
	}
	if r == nil {
		return 0, nil, badRequest("NOT_FOUND", "Element not found")
	}
	return typeID, r, nil
}

func (p *Portal) categoryResult(r *record, req Request) (any, error) {
	return php.Object("category", newTeller(p.table("crm.category"), nil, req).row(r)), nil
}

func getCategory(p *Portal, req Request) (any, error) {
	_, r, err := p.category(req)
	if err != nil {
		return nil, err
	}
	return p.categoryResult(r, req)
}

// addCategory answers crm.category.add. Categories of deals and of smart processes come with
// stages.
func addCategory(p *Portal, req Request) (any, error) {
	typeID, err := p.categoryType(req)
	if err != nil {
		return nil, err
	}
	s := p.table("crm.category")
	given, err := s.fieldsArg(req)
	switch {
	case err != nil:
		return nil, err
	case given.Text("isSystem") == "Y":
		return nil, badRequest("ADDING_DISABLED", "Adding a system category is prohibited")
	case strings.TrimSpace(given.Text("name")) == "":
		return nil, badRequest("0", "Field 'NAME' is required")
	}
	r, err := p.saveCategory(typeID, newCategory(s, typeID, given.Text("name")), given)
	if err != nil {
		return nil, err
	}
	p.addStages(typeID, php.Int(r.id))
	return p.categoryResult(r, req)
}

// newCategory returns the fields of a category that was just added.
func newCategory(s *store, typeID int, name string) map[string]any {
	fields := map[string]any{
		"id": s.idValue(s.nextID()), "name": name, "sort": php.Number(categorySort), "entityTypeId": php.Number(typeID), "isDefault": "N",
	}
	more := []string{"isSystem", "code"}
	if typeID == dealType {
		more = []string{"originId", "originatorId"}
	}
	for _, field := range more {
		fields[field] = ""
	}
	if _, ok := fields["isSystem"]; ok {
		fields["isSystem"] = "N"
	}
	return fields
}

// saveCategory stores a category with the given fields. Only a smart process can have another
// default category.
func (p *Portal) saveCategory(typeID int, fields map[string]any, given *php.Array) (*record, error) {
	s := p.table("crm.category")
	name, hasName := given.Isset("name")
	switch text := php.Text(name); {
	case !hasName:
	case strings.TrimSpace(text) == "" || len([]rune(text)) > 255:
		return nil, badRequest("0", "Field 'NAME' is required")
	default:
		fields["name"] = text
	}
	if v, ok := given.Isset("sort"); ok && php.Int(v) >= 0 {
		fields["sort"] = php.Number(php.Int(v))
	}
	v, _ := given.Get("isDefault")
	isDefault := v == "Y" || v == true
	switch {
	case isDefault && (typeID == 3 || typeID == 4) && fields["isDefault"] != "Y":
		return nil, badRequest("0", "Default client category does not support updating default state")
	case isDefault && typeID >= firstDynamicType:
		p.replaceDefault(typeID)
		fields["isDefault"] = "Y"
	}
	return s.insert(fields), nil
}

// replaceDefault makes no category of a type the default one.
func (p *Portal) replaceDefault(typeID int) {
	s := p.table("crm.category")
	var old []*record
	for r := range each(s.rows()) {
		if sameID(r.fields["entityTypeId"], typeID) && r.fields["isDefault"] == "Y" {
			old = append(old, r)
		}
	}
	for _, r := range old {
		s.set(r, map[string]any{"isDefault": "N"})
	}
}

func updateCategory(p *Portal, req Request) (any, error) {
	typeID, r, err := p.category(req)
	if err != nil {
		return nil, err
	}
	given, err := p.table("crm.category").fieldsArg(req)
	if err != nil {
		return nil, err
	}
	if r, err = p.saveCategory(typeID, maps.Clone(r.fields), given); err != nil {
		return nil, err
	}
	return p.categoryResult(r, req)
}

// deleteCategory answers crm.category.delete. The default category stays, and one with records.
func deleteCategory(p *Portal, req Request) (any, error) {
	typeID, r, err := p.category(req)
	if err != nil {
		return nil, err
	}
	if err := p.keepsCategory(typeID, r); err != nil {
		return nil, err
	}
	p.dropCategory(typeID, r.id)
	return nil, nil //nolint:nilnil // the result is null
}

func (p *Portal) keepsCategory(typeID int, r *record) error {
	isDefault := r.id == "0" || r.fields["isDefault"] == "Y"
	used := p.usesCategory(typeID, php.Int(r.id))
	switch {
	case r.fields["isSystem"] == "Y":
		return badRequest("REMOVING_DISABLED", "Deletion of system category is prohibited")
	case isDefault && typeID == dealType:
		return badRequest("0", "Default deal category cannot be deleted")
	case isDefault:
		return badRequest("BX_ERROR", "This funnel is the default funnel")
	case used && typeID == dealType:
		return badRequest("0", "Deals related to the funnel "+php.Text(r.fields["name"])+" found")
	case used:
		return badRequest("BX_ERROR", "Elements related to the funnel found")
	}
	return nil
}

// usesCategory reports whether a record of a type is in a category.
func (p *Portal) usesCategory(typeID, id int) bool {
	entity := ownerEntity(typeID)
	if p.data.filled(entity) == nil {
		return false
	}
	for r := range each(p.table(entity).rows()) {
		if sameID(r.fields["CATEGORY_ID"], id) {
			return true
		}
	}
	return false
}

// dropCategory deletes a category and its stages.
func (p *Portal) dropCategory(typeID int, id string) {
	p.table("crm.category").drop(id)
	if entity, prefix := stageDirectory(typeID, php.Int(id)); prefix != "" {
		p.table("crm.status").dropAll(func(fields map[string]any) bool { return fields["ENTITY_ID"] == entity })
	}
}

// addStages adds the stages of a new category.
func (p *Portal) addStages(typeID, id int) {
	entity, prefix := stageDirectory(typeID, id)
	stages := itemStages()
	switch {
	case prefix == "":
		return
	case typeID == dealType:
		stages = dealStages()
	}
	s := p.table("crm.status")
	for i, st := range stages {
		row := st.row(entity, prefix, i)
		row["ID"], row["CATEGORY_ID"] = s.idValue(s.nextID()), php.Number(id)
		s.insert(row)
	}
}

// categoryFields answers crm.category.fields: the default category of deals cannot be chosen.
func categoryFields(p *Portal, req Request) (any, error) {
	typeID, err := p.categoryType(req)
	if err != nil {
		return nil, err
	}
	all := php.Object()
	about := func(name, kind string, required, readOnly bool) {
		all.Set(name, php.Object("type", kind, "isRequired", required, "isReadOnly", readOnly, "isImmutable", false, "isMultiple", false, "isDynamic", false,
			"title", snakeCapitals(name), "upperName", snakeCapitals(name)))
	}
	about("id", "integer", false, true)
	about("name", "string", false, false)
	about("sort", "integer", false, false)
	about("entityTypeId", "integer", true, true)
	about("isDefault", "boolean", false, typeID < firstDynamicType)
	if typeID == dealType {
		about("originId", "string", false, false)
		about("originatorId", "string", false, false)
	} else {
		about("isSystem", "boolean", false, true)
		about("code", "string", false, false)
	}
	return php.Object("fields", all), nil
}
