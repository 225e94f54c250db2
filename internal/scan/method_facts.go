package scan

import (
	"strings"
	"sync"
)

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
	// Stable are the fields that give offset paging a total order where the id does not,
	// and that tell one row from another.
	Stable []string
	// Joins is how the portal joins the conditions of a filter.
	Joins Joins
	// Letters is what letter case means in the names of a filter.
	Letters Letters
	// JoinsBy is the name of the member that joins, where it is known as it stands only.
	JoinsBy string
	// Capitals and Camel tell that the fields of a filter are named in capitals, or begin with a small
	// letter: the portal drops others without an error, and all rows match.
	Capitals, Camel bool
	// Drops are operators that the portal drops with their condition.
	Drops []string
	// Exact tells that the names of the parameters are known as they stand only.
	Exact bool
	// Positive tells that ids below 1 drop out of a list of them.
	Positive bool
	// Sees are fields whose conditions look at all the others of the filter: a bound of the id changes what they find.
	Sees []string
	// LastInOrder are fields that the portal puts behind all others of an order: an id behind them would come before.
	LastInOrder []string
	// FullSelect tells that a select must hold more than the id.
	FullSelect bool
	// Beside are the parameters that are no conditions, of a method whose conditions may
	// stand beside the filter; where there is a filter the portal forgets those. Empty:
	// conditions stand in the filter only.
	Beside []string
	// Joined are fields that join another table where a filter or a select names them, so
	// that a row comes several times. With JoinedBy these fields tell the rows apart;
	// without, the portal makes one of them after it cut the page, which is short then.
	Joined, JoinedBy []string
	// Uncounted tells that total and next are no numbers of the rows that come.
	Uncounted bool
	// Steps tells that a page begins at a multiple of the page size whatever rows the one
	// before it has, and may bring rows that came.
	Steps bool
	// PagingIn is the parameter that holds limit and offset; empty: they are parameters themselves.
	PagingIn string
	// LowerCase tells that directions are written in lower case.
	LowerCase bool
	// SelectKey is the id's name in a select; empty: CursorKey.
	SelectKey string
	// NoStart tells that the place to begin at never reaches the method: it can be read by id only.
	NoStart bool
	// NoBounds tells that the portal drops the operators of a filter: it cannot be read by id.
	NoBounds bool
	// Writes tells that a call changes something: it is made once.
	Writes bool
	// Forgets tells that older servers drop bounds of the id from the filter.
	Forgets bool
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

// Joins is how a portal joins the conditions of a filter.
type Joins uint8

const (
	// JoinsUnknown is for a method of which it is not known.
	JoinsUnknown Joins = iota
	// JoinsAll is for conditions that must all hold; a member logic is dropped, or an error.
	JoinsAll
	// JoinsLogic is for conditions that a member logic joins; a number as the name makes a group.
	JoinsLogic
	// JoinsTasks is for conditions that a member ::LOGIC joins.
	JoinsTasks
)

// Letters is what letter case means in the names of a filter.
type Letters uint8

const (
	// LettersUnknown is for a method of which it is not known.
	LettersUnknown Letters = iota
	// LettersCount is for names that are known as they stand only.
	LettersCount
	// LettersFree is for names that are one in any letter case.
	LettersFree
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

//nolint:revive // flag-parameter: v3 says of which API the method is
func lookup(method string, v3 bool) (Facts, bool) {
	if v3 {
		return LookupV3(method)
	}
	return LookupV2(method)
}

// remembered is what is known of the methods that were called so far: each command of a batch asks.
type remembered struct {
	mu    sync.RWMutex
	facts map[string]*Facts
}

//nolint:gochecknoglobals // the tables behind it are constants that Go cannot write as such
var met = [2]remembered{{facts: map[string]*Facts{}}, {facts: map[string]*Facts{}}}

// known is lookup for what only looks at the facts; nil: nothing is known of the method.
//
//nolint:revive // flag-parameter: v3 says of which API the method is
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
