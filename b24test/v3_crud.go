package b24test

import (
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test/internal/php"
)

// getV3 answers *.get.
func getV3(c call3) (any, error) {
	sel, err := c.selectArg(nil)
	if err != nil {
		return nil, err
	}
	r, err := c.addressed()
	if err != nil {
		return nil, err
	}
	return Result{Value: php.Object("item", c.rest.show(c.table, []*record{r}, sel)[0]), work: work{rows: 1}}, nil
}

// addressed returns the row that the argument id names.
func (c call3) addressed() (*record, error) {
	id, err := c.idArg()
	if err != nil {
		return nil, err
	}
	if i, ok := find(c.table.rows, id); ok {
		return c.table.rows[i], nil
	}
	return nil, entityNotFound(id)
}

// idArg returns the argument id. A text that is a whole number is accepted.
func (c call3) idArg() (string, error) {
	v, ok := c.arg("id")
	if !ok {
		return "", requiredField("id")
	}
	n, isNumber := php.ParseNumeric(php.String(v))
	if !isNumber || n.Float() != math.Trunc(n.Float()) {
		return "", wrongType("id", IntV3)
	}
	return n.Shortest().String(), nil
}

// addV3 answers *.add.
func addV3(c call3) (any, error) {
	fields, err := c.fieldsArg()
	if err != nil {
		return nil, err
	}
	var missing []b24.FieldError
	for _, name := range slices.Sorted(maps.Keys(c.table.def.Fields)) {
		if c.table.def.Fields[name].Required && fields[name] == nil {
			missing = append(missing, b24.FieldError{Field: name, Message: "Required field `" + name + "` is not specified"})
		}
	}
	if missing != nil {
		return nil, invalidFields(missing)
	}
	fields[idField] = c.table.nextID()
	r := &record{id: php.Text(fields[idField]), fields: fields}
	c.table.put(r)
	if c.table.def.AddItem {
		return php.Object("item", c.table.show(r, nil)), nil
	}
	return php.Object(idField, r.fields[idField]), nil
}

// updateV3 answers *.update, by id or by filter.
func updateV3(c call3) (any, error) {
	fields, err := c.fieldsArg()
	if err != nil {
		return nil, err
	}
	rows, err := c.chosen()
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		changed := maps.Clone(r.fields)
		maps.Copy(changed, fields)
		c.table.put(&record{id: r.id, fields: changed})
	}
	return php.Object("result", true), nil
}

// deleteV3 answers *.delete, by id or by filter.
func deleteV3(c call3) (any, error) {
	rows, err := c.chosen()
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		c.table.rows, _ = c.table.rows.drop(r.id)
	}
	return php.Object("result", true), nil
}

// chosen returns the rows that the argument id or filter names; having both is an error.
func (c call3) chosen() ([]*record, error) {
	_, byID := c.arg("id")
	_, byFilter := c.arg("filter")
	switch {
	case byID && byFilter:
		return nil, invalidRequest(b24.FieldError{Message: "Only one of the properties id, filter may be specified"})
	case byID:
		return c.chosenByID()
	case byFilter && c.table.def.guarded:
		return nil, requiredField("id")
	case !byFilter:
		return nil, invalidRequest(b24.FieldError{Message: "At least one of the properties id, filter must be specified"})
	}
	filter, err := c.filterArg()
	if err != nil {
		return nil, err
	}
	return c.table.matching(filter), nil
}

// chosenByID returns the row that the argument id names. A change of a row that does not exist
// succeeds, unless the entity checks access first.
func (c call3) chosenByID() ([]*record, error) {
	id, err := c.idArg()
	if err != nil {
		return nil, err
	}
	i, ok := find(c.table.rows, id)
	switch {
	case ok:
		return []*record{c.table.rows[i]}, nil
	case c.table.def.guarded:
		return nil, errorV3("ACCESSDENIEDEXCEPTION", "Access denied")
	}
	return nil, nil
}

// fieldsArg reads the argument fields.
func (c call3) fieldsArg() (map[string]any, error) {
	v, ok := c.arg("fields")
	if !ok {
		return nil, requiredField("fields")
	}
	a, ok := v.(*php.Array)
	if !ok {
		return nil, wrongType("fields", ArrayV3)
	}
	var fixed []b24.FieldError
	fields := make(map[string]any, a.Len()+1)
	for name, v := range a.All() {
		f, known := c.table.fields[name]
		open := c.table.def.Fields == nil || strings.HasPrefix(name, "UF_")
		switch {
		case !known && !open:
			return nil, unknownProperty(c.table.entity, name)
		case f.ReadOnly:
			fixed = append(fixed, b24.FieldError{Field: name, Message: "Field `" + name + "` cannot be edited"})
		case !fitsV3(f.Type, v):
			return nil, wrongType(name, f.Type)
		}
		fields[name] = v
	}
	if fixed != nil {
		return nil, invalidFields(fixed)
	}
	return fields, nil
}

// fitsV3 reports whether PHP accepts a value for a field of a type: it converts between numbers,
// text and flags, but not to times or lists.
func fitsV3(t TypeV3, v any) bool {
	_, isArray := v.(*php.Array)
	switch t {
	case DateTimeV3, DateV3, ArrayV3:
		return v == nil || t.takes(v)
	case IntV3, FloatV3:
		return v == nil || php.IsNumeric(v) || typeOf3(v) == BoolV3
	case StringV3, BoolV3:
		return !isArray
	}
	return true
}
