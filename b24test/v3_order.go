package b24test

import (
	"strings"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test/internal/php"
)

// order3 is an order: none was given, or its terms.
type order3 struct {
	given bool
	terms []term
}

// orderArg reads the argument order.
func (c call3) orderArg() (o order3, err error) {
	v, ok := c.arg("order")
	if !ok {
		return o, nil
	}
	a, ok := v.(*php.Array)
	if !ok {
		return o, invalidOrder(v)
	}
	o.given = true
	for field, dir := range a.All() {
		t, err := c.table.term(field, dir)
		if err != nil {
			return o, err
		}
		o.terms = append(o.terms, t)
	}
	return o, nil
}

func (t *table3) term(field string, dir any) (term, error) {
	if field == "0" { // a list
		return term{}, invalidOrder(dir)
	}
	f, ok := t.fields[field]
	switch {
	case !ok:
		return term{}, unknownProperty(t.entity, field)
	case f.NoSort:
		return term{}, invalidRequest(b24.FieldError{
			Field: field, Message: "Field `" + field + "` of `" + dtoName(t.entity) + "` requires the attribute `Sortable`",
		})
	}
	switch strings.ToUpper(php.Text(dir)) {
	case "ASC":
		return term{field: field}, nil
	case "DESC":
		return term{field: field, desc: true}, nil
	}
	return term{}, invalidOrder(dir)
}
