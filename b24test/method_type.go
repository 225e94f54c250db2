package b24test

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/b24go/b24/b24test/internal/php"
)

// typeMethods returns the methods of the types of smart processes.
func typeMethods() map[string]procedure {
	return map[string]procedure{
		"crm.type.add": addType, "crm.type.get": getType, "crm.type.update": updateType, "crm.type.delete": deleteType,
		"crm.type.getbyentitytypeid": typeByID, "crm.type.fields": typeFields,
	}
}

const (
	lastOlderType = 191  // the highest entityTypeId of the first range
	firstEvenType = 1030 // from here on they are even
)

// hasType reports whether a smart process exists. The caller holds the lock.
func (d *database) hasType(typeID int) bool {
	if d.stores["crm.item:"+strconv.Itoa(typeID)] != nil {
		return true
	}
	s := d.filled("crm.type")
	return s != nil && s.keyed(map[string]int{"entityTypeId": typeID}) != nil
}

// typed returns the row of a smart process; nil if there is none.
func (p *Portal) typed(typeID int) *record {
	return p.table("crm.type").keyed(map[string]int{"entityTypeId": typeID})
}

func noType() error { return badRequest("0", "Smart process not found") }

// typeOf returns the type that a request names.
func (p *Portal) typeOf(req Request) (*record, error) {
	return resource{entity: "crm.type", got: "type", lost: func(string) error { return noType() }}.find(p.table("crm.type"), req)
}

func getType(p *Portal, req Request) (any, error) {
	r, err := p.typeOf(req)
	if err != nil {
		return nil, err
	}
	return p.typeResult(r, req)
}

func typeByID(p *Portal, req Request) (any, error) {
	f := p.data.families["crm.type"]
	v, ok := f.arg(req, "entityTypeId")
	if !ok || v == nil {
		return nil, f.lacks("entityTypeId")
	}
	r := p.typed(php.Int(v))
	if r == nil {
		return nil, noType()
	}
	return p.typeResult(r, req)
}

// typeResult returns a type with the members that a list leaves out.
func (p *Portal) typeResult(r *record, req Request) (any, error) {
	row := p.table("crm.type").whole(r, req)
	relations := p.relations[r.id]
	if relations == nil {
		relations = php.Object("parent", php.NewArray(), "child", php.NewArray())
	}
	row.Set("relations", relations)
	row.Set("linkedUserFields", php.Object("CALENDAR_EVENT|UF_CRM_CAL_EVENT", "N", "TASKS_TASK|UF_CRM_TASK", "N", "TASKS_TASK_TEMPLATE|UF_CRM_TASK", "N"))
	row.Set("customSections", php.NewArray())
	return php.Object("type", row), nil
}

// typeArgs returns the argument fields with its names in camel case, which may be in capitals too.
func (p *Portal) typeArgs(req Request) (*php.Array, error) {
	s := p.table("crm.type")
	given, err := s.fieldsArg(req)
	if err != nil {
		return nil, err
	}
	fields := php.NewArray()
	for name, v := range given.All() {
		fields.Set(s.fam.field(name), v)
	}
	return fields, nil
}

// addType answers crm.type.add. The type begins with one category.
func addType(p *Portal, req Request) (any, error) {
	given, err := p.typeArgs(req)
	if err != nil {
		return nil, err
	}
	typeID, err := p.newTypeID(given)
	if err != nil {
		return nil, err
	}
	s := p.table("crm.type")
	fields := map[string]any{
		"id": s.idValue(s.nextID()), "entityTypeId": php.Number(typeID), "code": "", "customSectionId": nil, "createdBy": php.Number(php.Int(req.user())),
	}
	for name, t := range s.fam.traits {
		if t.flag {
			fields[name] = letter(name == "isSetOpenPermissions")
		}
	}
	s.stamp(fields, "createdTime")
	r, err := p.saveType(fields, given, req)
	if err != nil {
		return nil, err
	}
	if _, err := p.data.store("crm.item:" + strconv.Itoa(typeID)); err != nil {
		return nil, err
	}
	p.addDefaultCategory(typeID)
	return p.typeResult(r, req)
}

// addDefaultCategory adds the category with which a type begins.
func (p *Portal) addDefaultCategory(typeID int) {
	categories := p.table("crm.category")
	category := newCategory(categories, typeID, generalCategory)
	category["isDefault"] = "Y"
	p.addStages(typeID, php.Int(categories.insert(category).id))
}

// newTypeID returns the entityTypeId of a new type: the given one, or the next free one.
func (p *Portal) newTypeID(given *php.Array) (int, error) {
	typeID := given.Int("entityTypeId")
	if v, _ := given.Get("entityTypeId"); !php.Truthy(v) {
		for typeID = firstEvenType; p.data.hasType(typeID); {
			typeID += 2
		}
	}
	switch {
	case typeID < firstDynamicType, typeID > lastOlderType && typeID < firstEvenType, typeID >= firstEvenType && typeID%2 != 0:
		return 0, badRequest("INVALID_ARG_VALUE", "entityTypeId is out of allowed range")
	case p.data.hasType(typeID):
		return 0, badRequest("BX_INVALID_VALUE", "A smart process with the entityTypeId "+strconv.Itoa(typeID)+" already exists")
	}
	return typeID, nil
}

// saveType stores a type with the given fields.
func (p *Portal) saveType(fields map[string]any, given *php.Array, req Request) (*record, error) {
	s := p.table("crm.type")
	for name, v := range given.All() {
		switch t, ok := s.fam.traits[name]; {
		case !ok, t.readOnly, t.addOnly, name == "customSectionId":
		case t.flag:
			fields[name] = t.typed(v)
		default:
			fields[name] = php.Text(v)
		}
	}
	title := strings.TrimSpace(php.Text(fields["title"]))
	if title == "" {
		return nil, badRequest("BX_EMPTY_REQUIRED", `Required field "Title" is missing.`)
	}
	fields["title"], fields["updatedBy"] = title, php.Number(php.Int(req.user()))
	s.stamp(fields, "updatedTime")
	r := s.insert(fields)
	if v, ok := given.Get("relations"); ok {
		given, _ := v.(*php.Array)
		p.relations[r.id] = php.Object("parent", relationsOf(given.Inner("parent")), "child", relationsOf(given.Inner("child")))
	}
	return r, nil
}

// relationsOf returns relations as a portal answers them: the flag that a request gives as the word
// true.
func relationsOf(given *php.Array) *php.Array {
	list := php.NewArray()
	for _, v := range given.All() {
		if one, ok := v.(*php.Array); ok {
			shown := one.Text("isChildrenListEnabled") == "true"
			if flag, _ := one.Get("isChildrenListEnabled"); flag == true {
				shown = true
			}
			list.Add(php.Object("entityTypeId", php.Number(one.Int("entityTypeId")), "isChildrenListEnabled", letter(shown), "isPredefined", "N"))
		}
	}
	return list
}

func updateType(p *Portal, req Request) (any, error) {
	r, err := p.typeOf(req)
	if err != nil {
		return nil, err
	}
	given, err := p.typeArgs(req)
	if err != nil {
		return nil, err
	}
	if r, err = p.saveType(maps.Clone(r.fields), given, req); err != nil {
		return nil, err
	}
	return p.typeResult(r, req)
}

// deleteType answers crm.type.delete: with the type, its categories and their stages end.
func deleteType(p *Portal, req Request) (any, error) {
	r, err := p.typeOf(req)
	if err != nil {
		return nil, err
	}
	typeID := php.Int(r.fields["entityTypeId"])
	items := "crm.item:" + strconv.Itoa(typeID)
	if s := p.data.filled(items); s != nil && s.rows().len() > 0 {
		return nil, badRequest("BX_ERROR", "You cannot delete an entity type that has elements")
	}
	p.table("crm.type").drop(r.id)
	var categories []string
	for c := range each(p.table("crm.category").rows()) {
		if sameID(c.fields["entityTypeId"], typeID) {
			categories = append(categories, c.id)
		}
	}
	for _, id := range categories {
		p.dropCategory(typeID, id)
	}
	delete(p.data.stores, items)
	delete(p.data.shelves, items)
	delete(p.relations, r.id)
	return php.NewArray(), nil
}

// typeFields answers crm.type.fields.
func typeFields(p *Portal, _ Request) (any, error) {
	traits := p.table("crm.type").fam.traits
	all := php.Object()
	for _, name := range slices.Sorted(maps.Keys(traits)) {
		t := traits[name]
		kind := t.typeName()
		switch {
		case t.flag:
			kind = "boolean"
		case name == "createdBy", name == "updatedBy":
			kind = "user"
		}
		required := name == "title" || name == "entityTypeId"
		all.Set(name, php.Object("type", kind, "isRequired", required, "isReadOnly", t.readOnly && !t.moment, "isImmutable", t.addOnly || name == "customSectionId",
			"isMultiple", false, "isDynamic", false, "title", name, "upperName", snakeCapitals(name)))
	}
	return php.Object("fields", all), nil
}
