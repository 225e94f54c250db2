package b24test

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/b24go/b24/b24test/internal/php"
)

// custom is a field that a test defined, or a request added: what its row of settings says.
type custom struct {
	Field

	ids                    []int // of Items
	listLabel, filterLabel string
	settings               *php.Array
}

// customOf returns the field that a row of settings describes.
func customOf(row map[string]any) *custom {
	c := &custom{Field: Field{
		Name: php.Text(row["fieldName"]), Type: php.Text(row["userTypeId"]), Label: php.Text(labelIn(row, "editFormLabel", settingsLanguage)),
		Multiple: row["multiple"] == "Y", Required: row["mandatory"] == "Y",
	}}
	c.listLabel, c.filterLabel = php.Text(labelIn(row, "listColumnLabel", settingsLanguage)), php.Text(labelIn(row, "listFilterLabel", settingsLanguage))
	c.settings, _ = row["settings"].(*php.Array)
	items, _ := row["enum"].(*php.Array)
	for _, v := range items.All() {
		if item, ok := v.(*php.Array); ok {
			c.ids, c.Items = append(c.ids, item.Int("id")), append(c.Items, item.Text("value"))
		}
	}
	return c
}

// The types of custom fields whose values are converted.
const (
	typeString      = "string"
	typeInteger     = "integer"
	typeDouble      = "double"
	typeBoolean     = "boolean"
	typeEnumeration = "enumeration"
	typeDate        = "date"
	typeDateTime    = "datetime"
	typeFile        = "file"
)

// customTypes returns the types that crm.userfield.types lists.
func customTypes() []string {
	return strings.Fields(`string integer double boolean enumeration datetime date money url address file employee crm_status
		iblock_section iblock_element crm`)
}

// trait returns the properties of the field's values.
func (c *custom) trait() trait {
	t := trait{several: c.Multiple}
	switch c.Type {
	case typeInteger, typeEnumeration, "employee", "iblock_section", "iblock_element":
		t.whole = true
	case typeDouble:
		t.fraction = true
	case typeDate, typeDateTime:
		t.moment = true
	}
	return t
}

// traitOf returns the properties of a field that is documented or defined.
func (s *store) traitOf(field string) trait {
	if c := s.custom[field]; c != nil {
		return c.trait()
	}
	return s.fam.traits[field]
}

// refuses returns the reason why a write is refused: a defined field holds no such value. The text
// is not a portal's, which is in its language.
func (s *store) refuses(values *php.Array) error {
	for name, v := range values.All() {
		c := s.custom[s.fam.field(name)]
		if c == nil {
			continue
		}
		if kind := c.mismatch(v); kind != "" {
			return badRequest("", "The value of the field \""+c.labelOrName()+"\" is not "+kind+".")
		}
	}
	return nil
}

func (c *custom) labelOrName() string {
	if c.Label != "" {
		return c.Label
	}
	return c.Name
}

// mismatch describes what a value should be but is not; "" if a portal accepts it.
func (c *custom) mismatch(v any) string {
	if c.Type != typeInteger && c.Type != typeDouble || !c.Multiple && php.IsArray(v) {
		return ""
	}
	for _, one := range c.values(v) {
		text := php.Text(one)
		if _, isBool := one.(bool); isBool || text == "" {
			continue
		}
		switch {
		case c.Type == typeInteger && !isWhole(text):
			return "a whole number"
		case c.Type == typeDouble && !php.IsNumeric(withPoint(text)):
			return "a number"
		}
	}
	return ""
}

// isWhole reports whether a text is digits after at most one sign.
func isWhole(text string) bool {
	digits := strings.TrimPrefix(strings.TrimPrefix(text, "+"), "-")
	return digits != "" && len(text)-len(digits) < 2 && strings.TrimLeft(digits, "0123456789") == ""
}

// values returns the values of a write, one if the field holds one.
func (c *custom) values(v any) []any {
	if c.Multiple {
		return php.Several(v).Values()
	}
	if a, ok := v.(*php.Array); ok {
		return a.Values()[:min(1, a.Len())]
	}
	return []any{v}
}

// withPoint returns a number as a field of fractions reads it: with a comma, and with spaces.
func withPoint(text string) string { return strings.NewReplacer(",", ".", " ", "").Replace(text) }

// stores returns what a write stores for a value; keep is false if the portal leaves the field
// unchanged.
func (c *custom) stores(in cast, v any) (value any, keep bool) {
	if !c.Multiple {
		return c.storesOne(in, v)
	}
	list := php.NewArray()
	for _, one := range c.values(v) {
		if value, keep := c.storesOne(in, one); keep && value != nil {
			list.Add(value)
		}
	}
	return fullValues(list), true
}

func (c *custom) storesOne(in cast, v any) (value any, keep bool) {
	t := c.trait()
	isArray := php.IsArray(v)
	switch {
	case c.Type == typeBoolean:
		return c.flag(in, v), true
	case c.Type == typeFile:
		return v, true
	case c.Type == typeEnumeration && isArray:
		one := c.values(v)
		if len(one) == 0 {
			return nil, true
		}
		v = one[0]
	case t.moment && (in == castItem && !php.Truthy(v) || v == ""):
		return nil, true
	case t.moment:
		return momentOf(v, c.Type == typeDate)
	}
	switch {
	case v == nil, v == "", v == false:
		return nil, true
	case t.whole:
		return php.IntString(v), true
	case t.fraction && !isArray:
		return php.FloatString(withPoint(php.String(v))), true
	}
	return php.String(v), true
}

// flag returns what a boolean stores: an older method converts the value as PHP does, for which
// every letter is true.
func (c *custom) flag(in cast, v any) string {
	yes := php.Truthy(v)
	if in == castItem {
		yes = castItem.flag(trait{}, v)
	}
	if yes {
		return "1"
	}
	return "0"
}

// seeds returns what is stored for a value of a seeded row.
func (c *custom) seeds(v any) any {
	if c.Type == typeBoolean && (v == "Y" || v == "N") {
		v = v == "Y"
	}
	if c.trait().moment {
		return seededMoments(v)
	}
	value, keep := c.stores(castClassic, v)
	if !keep {
		return v // checkSeeded refuses it
	}
	return value
}

// checkSeeded reports whether a row holds values that its defined fields cannot have.
func (s *store) checkSeeded(values *php.Array) error {
	for name, v := range values.All() {
		c := s.custom[s.fam.field(name)]
		if c == nil {
			continue
		}
		if err := c.checkSeeded(v); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func (c *custom) checkSeeded(v any) error {
	list, isArray := v.(*php.Array)
	if isArray && !c.Multiple && c.Type != typeFile {
		return errors.New("the field holds one value")
	}
	if !isArray {
		list = php.List(v)
	}
	kind := c.mismatch(v)
	for _, one := range list.All() {
		text := php.Text(one)
		switch {
		case one == nil, text == "", one == false:
		case c.Type == typeEnumeration && !slices.Contains(c.ids, php.Int(text)):
			return c.noItem(text)
		case c.Type == typeBoolean && !slices.Contains(strings.Fields("Y N 0 1 true"), text):
			kind = "a boolean"
		case c.trait().moment && !php.IsTime(one):
			kind = "a date"
		}
		if kind != "" {
			return fmt.Errorf("%q is not %s", text, kind)
		}
	}
	return nil
}

// noItem is the error for the value of an enumeration that is not the id of an item.
func (c *custom) noItem(text string) error {
	if i := slices.Index(c.Items, text); i >= 0 {
		return fmt.Errorf("an enumeration holds the ids of items, and that of %q is %d", text, c.ids[i])
	}
	about := make([]string, len(c.ids))
	for i, id := range c.ids {
		about[i] = strconv.Itoa(id) + " " + c.Items[i]
	}
	return fmt.Errorf("%q is not the id of an item: %s", text, strings.Join(about, ", "))
}

// itemValue returns a value as crm.item.* does.
func (c *custom) itemValue(_ string, v any) any {
	if c.Type == typeBoolean && v != nil {
		return letter(v == "1")
	}
	return itemValue(v, c.trait())
}
