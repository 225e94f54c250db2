package b24test

import (
	"maps"
	"slices"
	"strings"

	"github.com/b24go/b24/b24test/internal/php"
)

// fieldListV3 answers *.field.list.
func fieldListV3(c call3) (any, error) {
	sel, err := c.fieldSelect()
	if err != nil {
		return nil, err
	}
	list := php.NewArray()
	for _, name := range c.table.fieldNames() {
		list.Add(c.table.describe(name, sel))
	}
	return php.Object("items", list), nil
}

// fieldGetV3 answers *.field.get.
func fieldGetV3(c call3) (any, error) {
	sel, err := c.fieldSelect()
	if err != nil {
		return nil, err
	}
	v, ok := c.arg("name")
	if !ok {
		return nil, requiredField("name")
	}
	name := php.Text(v)
	if _, ok := c.table.fields[name]; !ok {
		return nil, entityNotFound(name)
	}
	return php.Object("item", c.table.describe(name, sel)), nil
}

// fieldNames returns the names of the fields, the id first.
func (t *table3) fieldNames() []string {
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(t.fields)), func(name string) bool { return name == idField })
	return slices.Insert(names, 0, idField)
}

func (t *table3) describe(name string, sel []string) *php.Array {
	f := t.fields[name]
	kind := string(f.Type)
	if f.Type == DateTimeV3 || f.Type == DateV3 {
		kind = "object"
	}
	all := php.Object("name", name, "type", kind, "title", name, "description", nil, "filterable", !f.NoFilter, "sortable", !f.NoSort,
		"editable", !f.ReadOnly, "multiple", f.Type == ArrayV3)
	if sel == nil {
		return all
	}
	out := php.Object()
	for _, name := range sel {
		v, _ := all.Get(name)
		out.Set(name, v)
	}
	return out
}

func (c call3) fieldSelect() ([]string, error) {
	v, _ := c.arg("select")
	list, ok := v.(*php.Array)
	if !ok || list.Len() == 0 {
		return nil, nil
	}
	var names []string
	for _, v := range list.All() {
		name := php.Text(v)
		if !slices.Contains(strings.Fields("name type title description filterable sortable editable multiple"), name) {
			return nil, errorV3("UNKNOWNDTOPROPERTYEXCEPTION", "Unknown field `"+name+"` for entity `DtoFieldDto`")
		}
		names = append(names, name)
	}
	return names, nil
}
