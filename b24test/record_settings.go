package b24test

import (
	"cmp"
	"regexp"
	"strings"

	"github.com/b24go/b24/b24test/internal/php"
)

const (
	fieldConfig      = "userfieldconfig" // the entity whose rows describe custom fields
	settingsLanguage = "en"              // of the portal
	requisiteOwner   = "CRM_REQUISITE"   // userfieldconfig.* does not know it
	usualFieldSort   = 100
)

// labelFields returns the fields of a settings row that hold a text for each language.
func labelFields() []string {
	return []string{"editFormLabel", "listColumnLabel", "listFilterLabel", "errorMessage", "helpMessage"}
}

// fieldOwners returns the ids that settings of fields have for the entities of the CRM.
func fieldOwners() map[string]string {
	return map[string]string{
		"crm.lead": "CRM_LEAD", "crm.deal": "CRM_DEAL", "crm.contact": "CRM_CONTACT", "crm.company": "CRM_COMPANY", "crm.quote": "CRM_QUOTE",
		"crm.requisite": requisiteOwner, "crm.item:31": "CRM_SMART_INVOICE",
	}
}

// settingsOwner returns the id that settings of fields have for an entity; "" if it is not one of
// the CRM's records. That of a smart process is the number in the names of its fields, otherwise
// the id of its type.
func (d *database) settingsOwner(entity, field string) string {
	typeID, typed := strings.CutPrefix(entity, "crm.item:")
	if owner := fieldOwners()[entity]; owner != "" || !typed {
		return owner
	}
	if m := regexp.MustCompile(`^UF_CRM_([0-9]+)_.`).FindStringSubmatch(field); m != nil {
		return "CRM_" + m[1]
	}
	if s := d.filled("crm.type"); s != nil {
		if r := s.keyed(map[string]int{"entityTypeId": php.Int(typeID)}); r != nil {
			return "CRM_" + r.id
		}
	}
	return "CRM_" + typeID
}

// ownedEntity returns the entity that settings of fields mean by an owner; "" if there is none.
func (d *database) ownedEntity(owner string) string {
	for entity, id := range fieldOwners() {
		if id == owner {
			return entity
		}
	}
	if entity := d.owners[owner]; entity != "" {
		return entity
	}
	number, _ := strings.CutPrefix(owner, "CRM_")
	n, ok := php.Index(number)
	if !ok {
		return ""
	}
	if s := d.filled("crm.type"); s != nil {
		if i, ok := s.find(number); ok {
			return "crm.item:" + php.IntString(s.rows().at(i).fields["entityTypeId"])
		}
	}
	if entity := "crm.item:" + number; n >= firstDynamicType && d.stores[entity] != nil {
		return entity
	}
	return ""
}

// newField returns the settings row of a field without an id and items.
func newField(owner, name, kind string) map[string]any {
	fields := map[string]any{
		"entityId": owner, "fieldName": name, "userTypeId": kind, "xmlId": nil, "sort": php.Number(usualFieldSort), "multiple": "N", "mandatory": "N",
		"showFilter": "N", "showInList": "Y", "editInList": "Y", "isSearchable": "N", "settings": typeSettings(kind, nil),
	}
	setLabels(fields, nil)
	if kind == typeEnumeration {
		fields["enum"] = php.NewArray()
	}
	return fields
}

// setLabels replaces all texts of a field. As in the table of a portal, a language that one of them
// has, all have.
func setLabels(fields map[string]any, labels map[string]*php.Array) {
	languages := php.Object()
	for _, label := range labelFields() {
		for language := range labels[label].All() {
			languages.Set(language, language)
		}
	}
	if languages.Len() == 0 {
		languages.Set("", nil)
	}
	fields["languageId"] = languages
	for _, label := range labelFields() {
		texts := php.Object()
		for language := range languages.All() {
			v, _ := labels[label].Get(language)
			if php.IsArray(v) {
				v = nil
			}
			texts.Set(language, text(v))
		}
		fields[label] = texts
	}
}

// labelIn returns the text of a field in a language; nil if it has none. A seeded row may have one
// text for all languages.
func labelIn(fields map[string]any, label, language string) any {
	texts, ok := fields[label].(*php.Array)
	if !ok {
		return fields[label]
	}
	v, _ := texts.Get(language)
	return v
}

// addSettings adds the row that describes a field of a test. The caller holds the lock.
func (d *database) addSettings(entity string, f Field) error {
	owner := d.settingsOwner(entity, f.Name)
	row := newField(owner, f.Name, cmp.Or(f.Type, typeString))
	row["multiple"], row["mandatory"], row["showFilter"] = letter(f.Multiple), letter(f.Required), "E"
	if f.Label != "" {
		label := php.Object(settingsLanguage, f.Label)
		setLabels(row, map[string]*php.Array{"editFormLabel": label, "listColumnLabel": label, "listFilterLabel": label})
	}
	if owner == "" {
		row["id"] = nil
	} else if err := d.numberField(row); err != nil {
		return err
	}
	changes := make([]itemChange, len(f.Items))
	for i, item := range f.Items {
		changes[i] = itemChange{value: item, sort: php.Number(10 * (i + 1))}
	}
	for _, c := range changes { // one by one: two items may have the same text
		if err := d.changeItems(row, []itemChange{c}); err != nil {
			return err
		}
	}
	return d.putField(entity, row)
}

// numberField gives a field the next id.
func (d *database) numberField(row map[string]any) error {
	s, err := d.store(fieldConfig)
	if err != nil {
		return err
	}
	row["id"] = s.idValue(s.nextID())
	s.lastID = higher(s.lastID, php.Text(row["id"]))
	return nil
}

// putField stores a row of settings, and makes its entity have the field. The caller holds the
// lock.
func (d *database) putField(entity string, row map[string]any) error {
	if row["id"] != nil {
		s, err := d.store(fieldConfig)
		if err != nil {
			return err
		}
		s.insert(row)
		d.owners[php.Text(row["entityId"])] = entity
	}
	if entity == "" {
		return nil // a seeded row may describe anything
	}
	s, err := d.store(entity)
	if err != nil {
		return err
	}
	name := s.fam.field(php.Text(row["fieldName"]))
	s.custom[name], s.fields[name] = customOf(row), true
	s.listed = s.listed || isUser(name)
	return nil
}

// dropField removes a field and all its values. The caller holds the lock.
func (d *database) dropField(id string) bool {
	s, err := d.store(fieldConfig)
	if err != nil {
		return false
	}
	i, ok := s.find(id)
	if !ok {
		return false
	}
	r := s.rows().at(i)
	s.drop(id)
	entity := d.ownedEntity(php.Text(r.fields["entityId"]))
	if owned := d.filled(entity); entity != "" && owned != nil {
		owned.forget(owned.fam.field(php.Text(r.fields["fieldName"])))
	}
	return true
}

// describe returns the description of a defined field. In the older methods its title is its name,
// whatever label it has.
func (c *custom) describe(upperName string) *php.Array {
	about := php.Object("type", c.Type, "isRequired", c.Required, "isReadOnly", false, "isImmutable", false, "isMultiple", c.Multiple, "isDynamic", isUser(c.Name))
	switch c.Type {
	case typeEnumeration:
		items := php.NewArray()
		for i, item := range c.Items {
			items.Add(php.Object("ID", php.Number(c.ids[i]).String(), "VALUE", item))
		}
		about.Set("items", items)
	case "crm_status":
		about.Set("statusType", c.settings.Text("ENTITY_TYPE"))
	}
	if upperName == "" {
		about.Set("title", c.Name)
	} else {
		about.Set("title", cmp.Or(c.Label, c.listLabel, c.filterLabel, c.Name))
	}
	about.Set("listLabel", c.listLabel)
	about.Set("formLabel", c.Label)
	about.Set("filterLabel", c.filterLabel)
	about.Set("settings", c.settings)
	if upperName != "" {
		about.Set("upperName", upperName)
	}
	return about
}
