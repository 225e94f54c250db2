package b24test

import (
	"errors"
	"fmt"
	"strings"
)

// TypeV3 is the type of a field of REST 3.0. In a filter, the portal accepts only values of that
// type: not 10 for a field of fractions, not "10" for whole numbers, no time with fractions of a
// second. The zero TypeV3 accepts any value.
type TypeV3 string

// The types of fields.
const (
	// IntV3 holds whole numbers.
	IntV3 TypeV3 = "int"
	// FloatV3 holds numbers written with a fraction.
	FloatV3 TypeV3 = "float"
	// StringV3 holds text.
	StringV3 TypeV3 = "string"
	// BoolV3 holds true or false.
	BoolV3 TypeV3 = "bool"
	// ArrayV3 holds lists and maps.
	ArrayV3 TypeV3 = "array"
	// DateTimeV3 holds moments, written as 2006-01-02T15:04:05+03:00.
	DateTimeV3 TypeV3 = "DateTime"
	// DateV3 holds days, written as 2006-01-02.
	DateV3 TypeV3 = "Date"
)

// FieldV3 is a field of an entity of REST 3.0. The zero FieldV3 has any type, and can be filtered
// and ordered by.
type FieldV3 struct {
	// Type is what the field holds.
	Type TypeV3
	// NoFilter refuses a filter by the field.
	NoFilter bool
	// NoSort refuses an order by the field, and a cursor on it.
	NoSort bool
	// Required makes an add without the field fail.
	Required bool
	// ReadOnly refuses the field in an add and an update.
	ReadOnly bool
}

// RelationV3 is a field that holds rows of another entity: what a select with a dot asks for.
type RelationV3 struct {
	// Entity is where the rows are. It may have none.
	Entity string
	// From is the field of this entity that is compared with To; "" means the relation's name with Id at its end.
	From string
	// To is the field of the other entity; "" means id.
	To string
	// Many makes the relation a list of all the rows that match. As on a portal, the rows of one answer share a page of them.
	Many bool
}

// EntityV3 is what an entity of REST 3.0 can do, see [V3.Define]. The zero EntityV3 has the fields its rows had, all methods,
// and pages of 50 rows at most.
type EntityV3 struct {
	// Fields are the fields by name. nil means that rows may have any field, and that the values decide on its type. The field id is always there.
	Fields map[string]FieldV3
	// Relations are the relations by name.
	Relations map[string]RelationV3
	// ListFields are the fields of a list without select. nil means all fields.
	ListFields []string
	// FilterBy are the fields for which the filter of a list must have a condition with =.
	FilterBy []string
	// Methods are the methods by their last parts. nil means list, tail, get, add, update, delete, field.list and field.get;
	// aggregate is there only if it is named, as no portal was seen to have it.
	Methods []string
	// Limit is the page size of a request without a limit. 0 means 50, or MaxLimit if that is less.
	Limit int
	// MaxLimit is the largest page size; a larger request is silently reduced to it. 0 means 50,
	// and the maximum is 1000.
	MaxLimit int
	// AddItem makes an add return the row in item; by default it returns only the id.
	AddItem bool
	// StrictSelect refuses a select of an unknown field. By default the field is silently left out,
	// as portals are said to do.
	StrictSelect bool

	guarded bool // update and delete look for the right first, and know no filter
}

// WithMaxLimitV3 sets the size of the largest page that the named list and tail methods of REST 3.0 give, in rows from 1 to 1000, whatever is asked for.
// Without names it holds for all methods that are not named elsewhere. It comes before the MaxLimit of an [EntityV3].
func WithMaxLimitV3(rows int, methods ...string) Option {
	return func(c *config) error {
		if rows < 1 || rows > hardLimit3 {
			return fmt.Errorf("max limit: %d is outside 1 to %d", rows, hardLimit3)
		}
		if len(methods) == 0 {
			methods = []string{""}
		}
		if c.maxLimits == nil {
			c.maxLimits = map[string]int{}
		}
		for _, m := range methods {
			c.maxLimits[strings.ToLower(m)] = rows
		}
		return nil
	}
}

// Define says what an entity of REST 3.0 can do, in place of what the portal knows of it; rows that are there stay.
//
// A portal knows tasks.task, main.eventlog, mail.message, mail.mailbox, timeman.record, note.collection and note.document;
// any other entity has to be defined or seeded. tasks.task filters by id alone, lists nothing but the id without a select, and has the relations
// creator, responsible, changedBy and closedBy to the entity user, group to group, and parent to tasks.task.
func (r *V3) Define(entity string, def EntityV3) {
	if err := checkEntity3(entity, def); err != nil {
		r.portal.report(fmt.Sprintf("b24test: define %s: %v", entity, err))
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	t := newTable3(entity, def)
	if old := r.tables[entity]; old != nil {
		for _, row := range old.rows {
			t.put(row)
		}
	}
	r.tables[entity] = t
}

func checkEntity3(entity string, def EntityV3) error {
	if entity == "" {
		return errors.New("the entity has no name")
	}
	if def.Limit < 0 || def.MaxLimit < 0 || def.MaxLimit > hardLimit3 {
		return fmt.Errorf("the limits %d and %d are not within 0 to %d", def.Limit, def.MaxLimit, hardLimit3)
	}
	return nil
}
