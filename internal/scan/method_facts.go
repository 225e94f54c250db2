package scan

import (
	"strings"
	"sync"
)

// Facts is what is known of a list method before it is called.
type Facts struct {
	// Container is the member of the result that holds the rows; empty means the result itself.
	Container string
	// Shape is the form of the rows.
	Shape Shape
	// IDKey is the id field of a row.
	IDKey string
	// CursorKey is the id's name in filter and order; empty means IDKey.
	CursorKey string
	// Filter, Order and Select are the names of the parameters; empty if the method has none. A dot
	// leads into a parameter.
	Filter, Order, Select string
	// Sort is the parameter for the field to order by, if Order is only the direction.
	Sort string
	// Paging is how the method counts pages.
	Paging Style
	// PageSize is the documented number of rows per page, 0 if unknown.
	PageSize int
	// MaxPageSize is the largest page size a caller may request, 0 if unknown.
	MaxPageSize int
	// Keyset is true if rows can be ordered and filtered by CursorKey.
	Keyset bool
	// Stable is the fields that identify a row and give offset paging a total order, if the id does
	// not.
	Stable []string
	// Joins is how the portal joins the conditions of a filter.
	Joins Joins
	// Letters is what letter case means in the names of a filter.
	Letters Letters
	// JoinsBy is the name of the joining member, if the portal knows it in one letter case only.
	JoinsBy string
	// Capitals and Camel mean that field names in a filter are uppercase, or begin with a lowercase
	// letter: the portal ignores others without an error, and all rows match.
	Capitals, Camel bool
	// Drops lists the operators that the portal ignores together with their condition.
	Drops []string
	// Exact means that parameter names are case-sensitive.
	Exact bool
	// Positive means that ids below 1 are dropped from a list of ids.
	Positive bool
	// Sees lists fields whose conditions depend on all others of the filter: a bound of the id
	// changes what they match.
	Sees []string
	// LastInOrder lists fields that the portal moves after all others of an order: an appended id
	// would precede them.
	LastInOrder []string
	// FullSelect means that a select must hold more than the id.
	FullSelect bool
	// Beside lists the parameters that are not conditions, for a method that also accepts
	// conditions as parameters; if there is a filter, the portal ignores those. Empty: conditions
	// belong in the filter only.
	Beside []string
	// Joined lists fields that join another table if a filter or a select names them, so that a row
	// comes several times. JoinedBy lists the fields that then identify a row. If it is empty, the
	// portal merges the repeated rows after it has cut the page, which is then short.
	Joined, JoinedBy []string
	// Uncounted means that total and next do not count the rows that come.
	Uncounted bool
	// Steps means that a page begins at a multiple of the page size, however many rows the previous
	// one has, and may repeat rows.
	Steps bool
	// PagingIn is the parameter that holds limit and offset; empty if they are parameters
	// themselves.
	PagingIn string
	// LowerCase means that directions are written in lower case.
	LowerCase bool
	// SelectKey is the id's name in a select; empty means CursorKey.
	SelectKey string
	// NoStart means that the start never reaches the method, which can then be read by id only.
	NoStart bool
	// NoBounds means that the portal ignores the operators of a filter, so the list cannot be read
	// by id.
	NoBounds bool
	// Writes means that a call changes data, so it is made only once.
	Writes bool
	// Forgets means that older servers drop bounds of the id from the filter.
	Forgets bool
	// OrderInFilter means that the order belongs in the filter, if there is one.
	OrderInFilter bool
	// AnyContainer means that Container may be absent from the result, which then is the rows
	// itself.
	AnyContainer bool
	// NextIn is the parameter that holds NextParam and `limit`; empty if they are parameters
	// themselves.
	NextIn string
	// NextParam takes the cursor of a page, which is NextKey in the previous result; empty if there
	// is a single page. A key such as "[lowest].id" is a field of a row.
	NextParam, NextKey string
	// NextFirst is the cursor of the first page; empty if that page is asked for without one.
	NextFirst string
	// NextBack is the parameter for the other direction, which the portal would follow instead of
	// NextParam; empty if there is none.
	NextBack string
	// MoreKey is the member of the result that is true if more rows follow the page; empty if there
	// is none.
	MoreKey string
}

// Shape is the form of the rows of a page.
type Shape uint8

const (
	// ShapeArray is an array of objects.
	ShapeArray Shape = iota
	// ShapeMap is an object whose members are the rows.
	ShapeMap
	// ShapeScalars is an array of scalars.
	ShapeScalars
)

// Joins is how a portal joins the conditions of a filter.
type Joins uint8

const (
	// JoinsUnknown is for a method whose joining is not known.
	JoinsUnknown Joins = iota
	// JoinsAll is for conditions that must all hold; a member named logic is ignored, or an error.
	JoinsAll
	// JoinsLogic is for conditions joined by a member named logic; a number as a name makes a
	// group.
	JoinsLogic
	// JoinsTasks is for conditions joined by a member named ::LOGIC.
	JoinsTasks
)

// Letters is what letter case means in the names of a filter.
type Letters uint8

const (
	// LettersUnknown is for a method whose treatment of letter case is not known.
	LettersUnknown Letters = iota
	// LettersCount is for case-sensitive names.
	LettersCount
	// LettersFree is for case-insensitive names.
	LettersFree
)

// Style is how a method counts its pages.
type Style uint8

const (
	// StyleNone is for a method that answers with all its rows at once.
	StyleNone Style = iota
	// StyleStart is `start`, in multiples of the page size.
	StyleStart
	// StyleOffset is `limit` and `offset`.
	StyleOffset
	// StyleOffsetUpper is `LIMIT` and `OFFSET`.
	StyleOffsetUpper
	// StylePage is `page`, counted from 1.
	StylePage
	// StyleLimit is `limit`, with no way to continue.
	StyleLimit
	// StylePagination is `pagination` of REST 3.0.
	StylePagination
	// StyleTail is `cursor` of REST 3.0.
	StyleTail
	// StyleNext is a cursor in each answer for the following page.
	StyleNext
	// StyleOwn is a paging scheme of the method that this package does not know.
	StyleOwn
)

// LookupV2 returns what is known of a method of /rest/, in any letter case. It reports false for an
// unknown method.
func LookupV2(method string) (Facts, bool) {
	name := strings.ToLower(method)
	f, documented := documentedV2(name)
	f.Keyset = f.Paging == StyleStart && f.namesID()
	f.family(name)
	corrected := correctedV2(name, &f)
	return f.filled(), documented || corrected
}

// LookupV3 is [LookupV2] for REST 3.0.
func LookupV3(method string) (Facts, bool) {
	name := strings.ToLower(method)
	f, documented := documentedV3(name)
	f.Keyset = f.Paging == StylePagination && f.namesID()
	f.Exact = true
	corrected := correctedV3(name, &f)
	return f.filled(), documented || corrected
}

// Known reports whether a method is known to answer with rows.
func Known(method string, v3 bool) bool {
	_, known := lookup(method, v3)
	return known
}

//nolint:revive // flag-parameter: v3 selects the API
func lookup(method string, v3 bool) (Facts, bool) {
	if v3 {
		return LookupV3(method)
	}
	return LookupV2(method)
}

// remembered caches the facts of the methods called so far, because each command of a batch looks
// them up.
type remembered struct {
	mu    sync.RWMutex
	facts map[string]*Facts
}

//nolint:gochecknoglobals // the tables behind it are constants that Go cannot write as such
var met = [2]remembered{{facts: map[string]*Facts{}}, {facts: map[string]*Facts{}}}

// known is lookup with a cache, for callers that only read the facts; nil if the method is unknown.
//
//nolint:revive // flag-parameter: v3 selects the API
func known(method string, v3 bool) *Facts {
	of := &met[0]
	if v3 {
		of = &met[1]
	}
	method = strings.ToLower(method)
	of.mu.RLock()
	f := of.facts[method]
	of.mu.RUnlock()
	if f != nil {
		return f
	}
	found, ok := lookup(method, v3)
	if !ok {
		return nil
	}
	f = new(found)
	of.mu.Lock()
	of.facts[method] = f
	of.mu.Unlock()
	return f
}

// namesID reports whether a method can be read by its id: its documentation shows an id, a filter
// and an order. Each page is checked, so a wrong guess is an error, never a shorter list.
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
