package b24test

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test/internal/php"
)

// olderFields holds the id that the settings of an entity's fields have. Its methods are
// crm.deal.userfield.* and the like.
type olderFields string

// olderFieldOwners returns the entities that have such methods.
func olderFieldOwners() []string { return strings.Fields("lead deal contact company quote requisite") }

// olderFieldFamilies returns those of crm.deal.userfield.* and the like, whose rows are those of
// userfieldconfig.
func olderFieldFamilies() []family {
	const names = "ID ENTITY_ID FIELD_NAME USER_TYPE_ID XML_ID SORT"
	g := grammar{engine: classicSQL, groups: groupsDropped, reading: filledText}
	var all []family
	for _, owner := range olderFieldOwners() {
		id := "CRM_" + strings.ToUpper(owner)
		all = append(all, family{
			entity: "crm." + owner + ".userfield", id: "ID", verbs: lists("list"), insists: true, grammar: g, naming: everywhere(namingAnyCase),
			filterable: strings.Fields(names + " MULTIPLE MANDATORY SHOW_FILTER SHOW_IN_LIST EDIT_IN_LIST IS_SEARCHABLE"), turns: turnsAsc, orderable: strings.Fields(names),
			shelf: fieldConfig, shelve: shelveField(id), view: olderFields(id).view, texts: textNumbers, order: "SORT", paging: allRows, noCount: totalAlways,
		})
	}
	return all
}

// filledText is the reading of methods that drop conditions with a list or without a value.
func filledText(value any, _ subject) (v any, use bool) {
	return value, !php.IsArray(value) && php.Text(value) != ""
}

// shelveField converts a seeded row to one of userfieldconfig.
func shelveField(owner string) func(*php.Array) {
	return func(values *php.Array) {
		for name, v := range values.Clone().All() {
			values.Remove(name)
			if items, ok := v.(*php.Array); ok && name == "LIST" {
				v = items.Map(func(item any) any {
					one := php.Object()
					given, _ := item.(*php.Array)
					for name, v := range given.All() {
						one.Set(toCamel(name), text(v))
					}
					return one
				})
				name = "ENUM"
			}
			values.Set(toCamel(strings.ToUpper(name)), v)
		}
		values.Set("entityId", owner)
	}
}

func (o olderFields) methods(entity string) map[string]procedure {
	return map[string]procedure{
		entity + ".add": o.add, entity + ".get": o.get, entity + ".update": o.update, entity + ".delete": o.remove,
		entity + ".list": func(p *Portal, req Request) (any, error) { return o.list(p, entity, req) },
	}
}

// view returns the fields of the entity with their texts in all languages.
func (o olderFields) view(s *store) *store { return o.told(s, settingsLanguage) }

// told returns the fields of the entity with their texts in a language.
func (o olderFields) told(s *store, language string) *store {
	older := newStore(s.fam, newShelf(s.serial))
	for r := range each(s.rows()) {
		if r.fields["entityId"] == string(o) {
			older.put(&record{id: r.id, fields: olderRow(r.fields, language)})
		}
	}
	return older
}

func (o olderFields) list(p *Portal, entity string, req Request) (any, error) {
	s, err := p.data.store(entity)
	if err != nil {
		return nil, err
	}
	filter, err := s.fam.arrayArg(req, "filter")
	if err != nil {
		return nil, err
	}
	language, _ := filter.Fold("LANG")
	if php.IsArray(language) {
		language = ""
	}
	return list(o.told(s, php.Text(language)), req)
}

// named returns the row that a request names.
func (o olderFields) named(p *Portal, req Request) (*record, error) {
	v, _ := req.params.Fold("id")
	id := php.Int(v)
	if id <= 0 {
		return nil, badRequest("", "ID is not defined or invalid.")
	}
	s := p.table(fieldConfig)
	i, ok := s.find(strconv.Itoa(id))
	switch {
	case !ok:
		return nil, badRequest("ERROR_NOT_FOUND", "The entity with ID '"+strconv.Itoa(id)+"' is not found.")
	case s.rows().at(i).fields["entityId"] != string(o):
		return nil, badRequest("", "Access denied.")
	}
	return s.rows().at(i), nil
}

func (o olderFields) get(p *Portal, req Request) (any, error) {
	r, err := o.named(p, req)
	if err != nil {
		return nil, err
	}
	row := olderRow(r.fields, "")
	for _, label := range labelFields() {
		if texts, ok := r.fields[label].(*php.Array); !ok || !texts.Contains(func(language string, _ any) bool { return language == "" }) {
			row[snakeCapitals(label)] = r.fields[label]
		}
	}
	if items, ok := r.fields["enum"].(*php.Array); ok && row["LIST"] != nil {
		row["LIST"] = olderItems(items, "ID SORT VALUE DEF")
	}
	f := family{id: "ID", texts: textNumbers}
	return newTeller(&store{shelf: newShelf(nil), fam: &f}, nil, req).row(&record{id: r.id, fields: row}), nil
}

// add answers crm.deal.userfield.add. The name gets the prefix UF_CRM_ if it does not have it.
func (o olderFields) add(p *Portal, req Request) (any, error) {
	given := req.params
	if v, _ := req.params.Fold("fields"); php.IsArray(v) {
		given, _ = v.(*php.Array)
	}
	kind, name := given.Text("USER_TYPE_ID"), strings.ToUpper(given.Text("FIELD_NAME"))
	var missing []string
	if kind == "" {
		missing = append(missing, "The 'USER_TYPE_ID' field is not found.")
	}
	if name == "" {
		missing = append(missing, "The 'FIELD_NAME' field is not found.")
	}
	if len(missing) > 0 {
		return nil, badRequest("", strings.Join(missing, "\n"))
	}
	if !strings.HasPrefix(name, "UF_CRM_") {
		name = "UF_CRM_" + strings.TrimPrefix(name, "UF_")
	}
	if text := p.badField(string(o), name, kind); text != "" {
		return nil, badRequest(errorCore, text)
	}
	label := given.Text("LABEL")
	if label == "" {
		label = name
	}
	row := newField(string(o), name, kind)
	setMarks(row, olderMarks(given, kind))
	setLabels(row, olderLabels(given, label))
	row["multiple"] = letter(strings.EqualFold(given.Text("MULTIPLE"), "Y") && kind != typeBoolean)
	row["settings"] = typeSettings(kind, olderSettings(kind, given.Inner("SETTINGS"), true))
	return o.save(p, row, given, true)
}

// update answers crm.deal.userfield.update: settings, labels and items that are not given stay.
func (o olderFields) update(p *Portal, req Request) (any, error) {
	r, err := o.named(p, req)
	if err != nil {
		return nil, err
	}
	v, _ := req.params.Fold("fields")
	given, ok := v.(*php.Array)
	if !ok {
		return nil, badRequest("", "Parameter 'fields' must be array.")
	}
	row := maps.Clone(r.fields)
	kind := php.Text(row["userTypeId"])
	setMarks(row, olderMarks(given, kind))
	labels := olderLabels(given, "")
	for _, label := range labelFields() {
		if _, ok := given.Isset(snakeCapitals(label)); !ok {
			labels[label], _ = row[label].(*php.Array)
		}
	}
	setLabels(row, labels)
	settings, _ := row["settings"].(*php.Array)
	merged := settings.Clone()
	for name, v := range olderSettings(kind, given.Inner("SETTINGS"), false).All() {
		merged.Set(name, v)
	}
	row["settings"] = typeSettings(kind, merged)
	return o.save(p, row, given, false)
}

// save stores a field. If an item is refused, the rest of it was stored.
//
//nolint:revive // flag-parameter: add and update answer differently
func (o olderFields) save(p *Portal, row map[string]any, given *php.Array, add bool) (any, error) {
	if add {
		if err := p.data.numberField(row); err != nil {
			return nil, err
		}
	}
	var refused error
	if row["userTypeId"] == typeEnumeration {
		refused = p.data.changeItems(row, olderChanges(given.Inner("LIST"), row["multiple"] == "Y", add))
	}
	if err := p.data.putField(p.data.ownedEntity(string(o)), row); err != nil {
		return nil, err
	}
	if refused != nil {
		return nil, refusedItems(errorCore, refused)
	}
	if add {
		return php.Number(php.Int(row["id"])), nil
	}
	return true, nil
}

const errorCore b24.Code = "ERROR_CORE"

func (o olderFields) remove(p *Portal, req Request) (any, error) {
	r, err := o.named(p, req)
	if err != nil {
		return nil, err
	}
	return p.data.dropField(r.id), nil
}

// olderMarks returns the plain settings as setMarks reads them. The mask of a filter is the usual
// one, and other types than the ones below have none.
func olderMarks(given *php.Array, kind string) *php.Array {
	marks := php.NewArray()
	for name := range strings.FieldsSeq("MANDATORY SHOW_FILTER SHOW_IN_LIST EDIT_IN_LIST IS_SEARCHABLE SORT XML_ID") {
		v, ok := given.Isset(name)
		if !ok {
			continue
		}
		switch {
		case name == "MANDATORY":
			v = strings.ToUpper(php.Text(v))
		case name == "SHOW_FILTER" && !strings.EqualFold(php.Text(v), "Y"), name == "SHOW_FILTER" && slices.Contains(plainTypes(), kind):
			v = "N"
		case name == "SHOW_FILTER" && kind == "employee":
			v = "I"
		case name == "SHOW_FILTER":
			v = "E"
		}
		marks.Set(toCamel(name), v)
	}
	return marks
}

// plainTypes returns the types of which the older methods know no settings.
func plainTypes() []string { return []string{"money", "url", "address", typeFile} }

// languages returns the languages of a portal.
func languages() []string {
	return strings.Fields("ar br de en fr hi id in it ja kz la ms pl ru sc tc th tr ua vn")
}

// olderLabels returns the given labels in all languages of the portal: a text is that of each.
func olderLabels(given *php.Array, usual string) map[string]*php.Array {
	labels := map[string]*php.Array{}
	for _, label := range labelFields() {
		v, _ := given.Get(snakeCapitals(label))
		list, _ := v.(*php.Array)
		rest := usual
		if text, ok := v.(string); ok && text != "" {
			rest = text
		}
		labels[label] = php.Object()
		for _, language := range languages() {
			text, _ := list.Get(language)
			if text, ok := text.(string); ok && text != "" {
				labels[label].Set(language, text)
				continue
			}
			labels[label].Set(language, rest)
		}
	}
	return labels
}

// olderSettings returns the given settings that the older methods read.
func olderSettings(kind string, given *php.Array, add bool) *php.Array {
	read := map[string]string{
		typeString: "DEFAULT_VALUE ROWS", typeInteger: "DEFAULT_VALUE", typeDouble: "DEFAULT_VALUE PRECISION", typeBoolean: "DEFAULT_VALUE DISPLAY",
		typeDate: "DEFAULT_VALUE", typeDateTime: "DEFAULT_VALUE", typeEnumeration: "DISPLAY LIST_HEIGHT",
		"iblock_section": "IBLOCK_ID DEFAULT_VALUE DISPLAY LIST_HEIGHT ACTIVE_FILTER", "iblock_element": "IBLOCK_ID DEFAULT_VALUE DISPLAY LIST_HEIGHT ACTIVE_FILTER",
		"crm_status": "ENTITY_TYPE", "crm": "LEAD CONTACT COMPANY DEAL",
	}[kind]
	settings := php.NewArray()
	for name := range strings.FieldsSeq(read) {
		v, ok := given.Isset(name)
		switch usual, isArray := v.(*php.Array); {
		case kind == typeDate && !add:
		case kind == "crm" && (ok || add):
			settings.Set(name, letter(strings.EqualFold(php.Text(v), "Y")))
		case !ok && add && name == "DISPLAY" && strings.HasPrefix(kind, "iblock_"):
			settings.Set(name, "LIST")
		case !ok:
		case name == "DISPLAY", name == "ACTIVE_FILTER":
			settings.Set(name, strings.ToUpper(php.Text(v)))
		case kind == typeDouble && name == "PRECISION" && php.Int(v) < 0:
			settings.Set(name, php.Number(2)) //nolint:mnd // the usual value
		case kind == typeBoolean && name == "DEFAULT_VALUE":
			settings.Set(name, php.Number(min(1, max(0, php.Int(v)))))
		case isArray:
			settings.Set(name, usual.With("TYPE", strings.ToUpper(usual.Text("TYPE"))))
		default:
			settings.Set(name, v)
		}
	}
	return settings
}

// olderChanges returns what the argument LIST means: items that it does not name stay. Of a field
// with one value, at most one item is the default.
//
//nolint:revive // flag-parameter: an add knows no items
func olderChanges(given *php.Array, several, add bool) []itemChange {
	var changes []itemChange
	chosen := -1
	for _, v := range given.All() {
		one, ok := v.(*php.Array)
		if !ok || add && one.Text("VALUE") == "" {
			continue
		}
		c := itemChange{value: one.Text("VALUE"), xmlID: one.Text("XML_ID")}
		if n := one.Int("SORT"); n > 0 {
			c.sort = php.Number(n)
		}
		if !add {
			c.id = max(0, one.Int("ID"))
			c.drop = c.id > 0 && strings.EqualFold(one.Text("DEL"), "Y")
		}
		if v, ok := one.Isset("DEF"); ok {
			isDefault := strings.EqualFold(php.Text(v), "Y")
			switch {
			case several:
				c.def = letter(isDefault)
			case isDefault && chosen < 0:
				chosen = len(changes)
			}
		}
		changes = append(changes, c)
	}
	for i := range changes {
		if chosen >= 0 {
			changes[i].def = letter(i == chosen)
		}
	}
	return changes
}

// olderFieldTypes answers crm.userfield.types.
func olderFieldTypes(*Portal, Request) (any, error) {
	types := php.NewArray()
	for _, kind := range customTypes() {
		types.Add(php.Object("ID", kind, "title", typeTitle(kind)))
	}
	return types, nil
}
