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
	// DateTimeV3 holds points in time, written as 2006-01-02T15:04:05+03:00.
	DateTimeV3 TypeV3 = "DateTime"
	// DateV3 holds dates, written as 2006-01-02.
	DateV3 TypeV3 = "Date"
)

// FieldV3 describes a field of an entity of REST 3.0. The zero FieldV3 has any type, and can be
// filtered and ordered by.
type FieldV3 struct {
	// Type is the type of the field's values.
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

// RelationV3 describes a field that holds rows of another entity, which a select with a dot
// requests.
type RelationV3 struct {
	// Entity is the entity that has the rows. It may have none.
	Entity string
	// From is the field of this entity that is compared with To; "" means the relation's name
	// followed by Id.
	From string
	// To is the field of the other entity; "" means id.
	To string
	// Many makes the relation a list of all matching rows. As on a portal, the rows of one answer
	// share one page of them.
	Many bool
}

// EntityV3 describes what an entity of REST 3.0 can do, see [V3.Define]. The zero EntityV3 has the
// fields of its rows, all methods, and pages of up to 50 rows.
type EntityV3 struct {
	// Fields describes the fields by name. nil means that rows may have any field, and that the
	// values determine its type. The field id always exists.
	Fields map[string]FieldV3
	// Relations describes the relations by name.
	Relations map[string]RelationV3
	// ListFields names the fields of a list without select. nil means all fields.
	ListFields []string
	// FilterBy names the fields for which the filter of a list must have a condition with =.
	FilterBy []string
	// Methods names the methods by their last parts. nil means list, tail, get, add, update,
	// delete, field.list and field.get; aggregate exists only if it is named, because it has not
	// been seen on any portal.
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

	guarded bool // update and delete check access first, and have no filter
}

// WithMaxLimitV3 sets the largest page that the named list and tail methods of REST 3.0 return,
// from 1 to 1000 rows, whatever limit the request has. Without names it applies to all methods that
// are not named elsewhere. It takes precedence over the MaxLimit of an [EntityV3].
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

// Define describes an entity of REST 3.0, replacing the portal's own description; existing rows
// stay.
//
// A portal knows tasks.task, main.eventlog, mail.message, mail.mailbox, timeman.record,
// note.collection and note.document; any other entity has to be defined or seeded. tasks.task can
// be filtered only by id, lists only the id without a select, and has the relations creator,
// responsible, changedBy and closedBy to the entity user, group to group, and parent to tasks.task.
func (r *V3) Define(entity string, def EntityV3) {
	if err := checkEntity3(entity, def); err != nil {
		r.portal.report(fmt.Sprintf("b24test: define %s: %v", entity, err))
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	t := newTable3(entity, def)
	t.defined = true
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
