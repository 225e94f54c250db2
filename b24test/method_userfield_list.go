package b24test

import (
	"maps"
	"strings"

	"github.com/b24go/b24/b24test/internal/php"
)

// listCustomFields answers userfieldconfig.list. It returns texts only in the language that the
// select names, and never items.
func listCustomFields(p *Portal, req Request) (any, error) {
	module, err := p.checkModule(req)
	if err != nil {
		return nil, err
	}
	if owners, ok := p.ownersAsked(req); ok && len(owners) == 0 {
		return nil, configError("You do not have permission to view user field settings")
	}
	language, req := withoutLanguage(req)
	fields := *p.data.families[fieldConfig]
	fields.scopes, fields.traits = nil, maps.Clone(fields.traits)
	texts := append(labelFields(), "languageId")
	for _, name := range append(texts, "enum") {
		if name == "enum" || language == "" {
			delete(fields.traits, name)
		}
	}
	s := newStore(&fields, newShelf(&p.data.serial))
	for r := range each(p.table(fieldConfig).rows()) {
		if !isOf(r.fields, module) {
			continue
		}
		row := maps.Clone(r.fields)
		for _, name := range append(texts, "enum", "moduleId") {
			delete(row, name)
		}
		for _, name := range texts {
			if language != "" {
				row[name] = byLanguage(labelIn(r.fields, name, language))
			}
		}
		s.put(&record{id: r.id, fields: row})
	}
	answer, err := list(s, req)
	eachRow(answer, "fields", func(row *php.Array) {
		if _, ok := row.Get("settings"); !ok {
			row.Set("settings", nil)
		}
	})
	return answer, err
}

// byLanguage returns a text as a list by language: a portal names its own, in whatever language the
// text is.
func byLanguage(text any) any {
	if text == nil {
		return nil
	}
	return php.Object(settingsLanguage, text)
}

// ownersAsked returns the owners in a filter that a portal has; ok is false if the filter names
// none.
func (p *Portal) ownersAsked(req Request) (owners []string, ok bool) {
	var asked *php.Array
	for name, v := range req.params.Inner("filter").All() {
		if phpSnake(name) == "ENTITY_ID" || name == "entity_id" {
			asked = php.Several(v)
		}
	}
	if asked.Len() == 0 {
		return nil, false
	}
	seeded := map[string]bool{}
	for r := range each(p.table(fieldConfig).rows()) {
		seeded[php.Text(r.fields["entityId"])] = true
	}
	for _, v := range asked.All() {
		if owner := php.Text(v); seeded[owner] || p.data.ownedEntity(owner) != "" {
			owners = append(owners, owner)
		}
	}
	return owners, true
}

// withoutLanguage takes the language out of a select, which then returns the texts too.
func withoutLanguage(req Request) (language string, changed Request) {
	given := req.params.Inner("select")
	sel := php.NewArray()
	for name, v := range given.All() {
		if phpSnake(name) != "LANGUAGE" {
			sel.Set(name, v)
			continue
		}
		language, _ = v.(string)
	}
	if language == "" {
		return "", req
	}
	for _, name := range append(labelFields(), "languageId") {
		sel.Set(snakeCapitals(name), snakeCapitals(name))
	}
	req.params = req.params.With("select", sel)
	return language, req
}

// eachRow calls f for each row of the answer of a list.
func eachRow(answer any, member string, f func(row *php.Array)) {
	result, _ := answer.(Result)
	rows, _ := result.Value.(*php.Array)
	if member != "" {
		rows = rows.Inner(member)
	}
	for _, v := range rows.All() {
		if row, ok := v.(*php.Array); ok {
			f(row)
		}
	}
}

// olderRow returns a row of settings in capitals, with its texts in one language; "" leaves them
// out.
func olderRow(fields map[string]any, language string) map[string]any {
	row := map[string]any{}
	for name, v := range fields {
		switch name {
		case "moduleId", "languageId", "enum":
		case "editFormLabel", "listColumnLabel", "listFilterLabel", "errorMessage", "helpMessage":
			if language != "" {
				row[snakeCapitals(name)] = labelIn(fields, name, language)
			}
		default:
			row[snakeCapitals(name)] = v
		}
	}
	if items, ok := fields["enum"].(*php.Array); ok && fields["userTypeId"] == typeEnumeration {
		row["LIST"] = olderItems(items, "ID SORT VALUE DEF XML_ID")
	}
	return row
}

// olderItems returns items of an enumeration in capitals.
func olderItems(items *php.Array, names string) *php.Array {
	list := php.NewArray()
	for _, v := range items.All() {
		if item, ok := v.(*php.Array); ok {
			one := php.Object()
			for name := range strings.FieldsSeq(names) {
				v, _ := item.Get(toCamel(name))
				one.Set(name, text(v))
			}
			list.Add(one)
		}
	}
	return list
}
