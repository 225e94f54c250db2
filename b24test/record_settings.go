package b24test

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"

	"github.com/b24go/b24/b24test/internal/php"
)

// settingsLanguage is the language of the labels of defined fields.
const settingsLanguage = "en"

// addSettings adds the rows that describe a field of the CRM to crm.deal.userfield.list and its
// siblings, and to userfieldconfig.list. The caller holds the lock.
func (d *database) addSettings(entity string, c *custom) error {
	owner := settingsOwner(entity, c.Name)
	if owner == "" {
		return nil
	}
	newer, err := d.store("userfieldconfig")
	if err != nil {
		return err
	}
	id := newer.nextID()
	if family := entity + ".userfield"; d.families[family] != nil {
		older, err := d.store(family)
		if err != nil {
			return err
		}
		id = higherID(id, older.nextID())
		row := c.settings(owner)
		row["ID"] = older.idValue(id)
		for label := range strings.FieldsSeq("EDIT_FORM_LABEL LIST_COLUMN_LABEL LIST_FILTER_LABEL") {
			row[label] = orNull(c.Label)
		}
		if c.Type == typeEnumeration {
			row["LIST"] = c.list()
		}
		older.insert(row)
	}
	row := map[string]any{"id": newer.idValue(id), "languageId": php.Object(settingsLanguage, settingsLanguage)}
	for name, v := range c.settings(owner) {
		row[toCamel(name)] = v
	}
	for label := range strings.FieldsSeq("editFormLabel listColumnLabel listFilterLabel") {
		if row[label] = nil; c.Label != "" {
			row[label] = php.Object(settingsLanguage, c.Label)
		}
	}
	newer.insert(row)
	return nil
}

// settingsOwner returns the id that settings of fields have for an entity; "" if it is not one of
// the CRM's records. That of a smart process is the number in the names of its fields.
func settingsOwner(entity, field string) string {
	owners := map[string]string{
		"crm.lead": "CRM_LEAD", "crm.deal": "CRM_DEAL", "crm.contact": "CRM_CONTACT", "crm.company": "CRM_COMPANY", "crm.quote": "CRM_QUOTE",
		"crm.item:31": "CRM_SMART_INVOICE",
	}
	typeID, typed := strings.CutPrefix(entity, "crm.item:")
	if owners[entity] != "" || !typed {
		return owners[entity]
	}
	if m := regexp.MustCompile(`^UF_CRM_([0-9]+)_.`).FindStringSubmatch(field); m != nil {
		typeID = m[1]
	}
	return "CRM_" + typeID
}

// settings returns what both families tell of a field.
func (c *custom) settings(owner string) map[string]any {
	return map[string]any{
		"ENTITY_ID": owner, "FIELD_NAME": c.Name, "USER_TYPE_ID": c.Type, "XML_ID": nil, "SORT": php.Number(100), "MULTIPLE": letter(c.Multiple),
		"MANDATORY": letter(c.Required), "SHOW_FILTER": "E", "SHOW_IN_LIST": "Y", "EDIT_IN_LIST": "Y", "IS_SEARCHABLE": "N", "SETTINGS": c.typeSettings(),
		"ERROR_MESSAGE": nil, "HELP_MESSAGE": nil,
	}
}

// typeSettings returns the settings that depend on the type.
func (c *custom) typeSettings() *php.Array {
	if c.Type != typeEnumeration {
		return php.NewArray()
	}
	return php.Object("DISPLAY", "LIST", "LIST_HEIGHT", php.Number(1), "CAPTION_NO_VALUE", "", "SHOW_NO_VALUE", "Y")
}

// list returns the items of an enumeration.
func (c *custom) list() *php.Array {
	list := php.NewArray()
	for i, item := range c.Items {
		list.Add(php.Object(
			"ID", php.Number(c.ids[i]), "SORT", php.Number(10*(i+1)), "VALUE", item, "DEF", "N", "XML_ID", fmt.Sprintf("%08x", shuffle(item)),
		))
	}
	return list
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
		about.Set("statusType", "")
	}
	if upperName == "" {
		about.Set("title", c.Name)
	} else {
		about.Set("title", cmp.Or(c.Label, c.Name))
	}
	for label := range strings.FieldsSeq("listLabel formLabel filterLabel") {
		about.Set(label, c.Label)
	}
	about.Set("settings", c.typeSettings())
	if upperName != "" {
		about.Set("upperName", upperName)
	}
	return about
}

func higherID(a, b string) string {
	if compareIDs(a, b) < 0 {
		return b
	}
	return a
}

func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}
