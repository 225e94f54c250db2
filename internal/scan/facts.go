package scan

import "strings"

// Facts are what is known of a list method before it is called.
type Facts struct {
	// Container is the member of the result with the rows; empty: the result itself.
	Container string
	// Shape is the form of the rows.
	Shape Shape
	// IDKey is the id field of a row.
	IDKey string
	// CursorKey is the id's name in filter and order; empty: IDKey.
	CursorKey string
	// Filter, Order and Select are the names of the parameters; empty: there
	// is none. A dot leads into a parameter.
	Filter, Order, Select string
	// Sort is the parameter that takes the field to order by, where Order takes the direction alone.
	Sort string
	// Paging is how the method counts pages.
	Paging Style
	// PageSize is the documented number of rows a page, 0: not known.
	PageSize int
	// MaxPageSize is the most a caller may ask for, 0: not known.
	MaxPageSize int
	// Keyset tells that rows can be ordered and filtered by CursorKey.
	Keyset bool
	// Stable are the fields that give offset paging a total order where the id does not.
	Stable []string
	// OrderInFilter tells that the order stands in the filter, if there is one.
	OrderInFilter bool
	// AnyContainer tells that Container may be absent from the result, which then is the rows.
	AnyContainer bool
	// NextIn is the parameter in which NextParam stands beside the `limit`; empty: they are parameters themselves.
	NextIn string
	// NextParam takes the cursor of a page, which NextKey in the result before it names; empty: there is one page only.
	NextParam, NextKey string
	// MoreKey is the member of the result that is true where rows are left behind the page; empty: there is none.
	MoreKey string
}

// Shape is the form of a page's rows.
type Shape uint8

const (
	// ShapeArray is an array of objects.
	ShapeArray Shape = iota
	// ShapeMap is an object whose members are the rows.
	ShapeMap
	// ShapeScalars is an array of plain values.
	ShapeScalars
)

// Style is the way a method counts its pages.
type Style uint8

const (
	// StyleNone is for a method that answers with all its rows.
	StyleNone Style = iota
	// StyleStart is `start`, in multiples of the page size.
	StyleStart
	// StyleOffset is `limit` and `offset`.
	StyleOffset
	// StyleOffsetUpper is `LIMIT` and `OFFSET`.
	StyleOffsetUpper
	// StylePage is `page`, counted from 1.
	StylePage
	// StyleLimit is `limit` without a way to go on.
	StyleLimit
	// StylePagination is `pagination` of REST 3.0.
	StylePagination
	// StyleTail is `cursor` of REST 3.0.
	StyleTail
	// StyleNext is a cursor that each answer names for the page behind it.
	StyleNext
	// StyleOwn is for pages of the method's own making.
	StyleOwn
)

// LookupV2 tells what is known of a method of /rest/; letter case does not
// matter. It reports false for a method nothing is known of.
func LookupV2(method string) (Facts, bool) {
	name := strings.ToLower(method)
	f, documented := documentedV2(name)
	f.Keyset = f.Paging == StyleStart && f.namesID()
	corrected := correctedV2(name, &f)
	return f.filled(), documented || corrected
}

// LookupV3 is [LookupV2] for REST 3.0.
func LookupV3(method string) (Facts, bool) {
	name := strings.ToLower(method)
	f, documented := documentedV3(name)
	f.Keyset = f.Paging == StylePagination && f.namesID()
	corrected := correctedV3(name, &f)
	return f.filled(), documented || corrected
}

// namesID tells a method that can be read by its id: the documentation shows
// an id, a filter and an order. Each page is checked, so that a wrong guess is
// an error and no shorter list.
func (f *Facts) namesID() bool {
	return f.Shape == ShapeArray && strings.EqualFold(f.IDKey, "id") &&
		strings.EqualFold(f.Filter, "filter") && strings.EqualFold(f.Order, "order")
}

func (f *Facts) filled() Facts {
	if f.CursorKey == "" {
		f.CursorKey = f.IDKey
	}
	return *f
}
