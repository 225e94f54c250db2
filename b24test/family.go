package b24test

import (
	"strings"

	"github.com/b24go/b24/b24test/internal/php"
)

// family describes the methods of one entity: the differences between entities are recorded here,
// the code that acts on them is elsewhere.
type family struct {
	entity   string               // crm.deal for crm.deal.list
	invented bool                 // a test defined it
	typed    bool                 // one store for each entityTypeId
	typeID   int                  // that of the store
	twin     string               // the entity whose records crm.item.* returns
	shelf    string               // the entity whose rows it returns, if that is another
	view     func(*store) *store  // how it sees them
	shelve   func(*php.Array)     // completes a row that a test seeds
	verbs    map[string]operation // by the rest of the method's name; "": the method has the name of the entity

	// Properties of a request.
	exact      bool              // argument names must match exactly; otherwise letter case does not matter
	checked    bool              // an argument of the wrong type is an error, reported as controllers do
	insists    bool              // an order or filter that is not a list is an error, reported as the classic CRM does
	names      map[string]string // arguments with another name: order, filter, select
	positions  []string          // arguments by position, if names do not count
	inside     string            // the argument that holds all the others
	idArgs     []string          // arguments that may carry the id of a row
	scopes     []scope           // arguments that determine the rows
	needs      []string          // keys required at the top of the filter, with their operators
	selectNeed []string          // fields that must be selected
	find       []string          // fields that the argument FIND searches
	findVerb   string            // the only method that has FIND; "": all
	sort       bool              // the scalars sort and order set the order
	both       bool              // sort counts only together with order
	loose      bool              // filter fields may be at the top level, if there is no filter
	grammar    grammar
	implied    implied
	filterable []string   // the only fields of a filter, others are ignored; nil: all
	ignored    []string   // filter fields that are allowed but have no effect
	bare       []string   // fields allowed at the top of a filter only without an operator
	owned      []string   // fields that exist only at the top of a filter and without an operator
	standing   []standing // conditions that the method adds
	naming     [3]naming  // by place
	strays     [3]stray   // by place
	free       []string   // prefixes of field names that are valid although no row has had them
	turns      turns      // the directions that an order accepts
	orderable  []string   // the only fields of an order, others are ignored; nil: all
	last       string     // the field that an order always sorts by last
	loud       bool       // a write names fields in capitals
	silent     bool       // an unknown field gives no rows and no error
	countable  []string   // fields of joins that total can be counted by, at the top of a filter and without an operator
	joins      []join     // members that a portal keeps as rows of other tables
	bindings   bool       // a filter may name owners in BINDINGS
	confirms   bool       // the argument offset deletes the rows below it
	unread     string     // the field of rows not read yet: if they are more than a page, it begins at the first of them

	// Properties of an answer.
	id        string   // the name of the id in a row; "": rows have none
	textID    bool     // an id is any text
	records   bool     // several rows may have one id
	rows      string   // member of the result with a page's rows; "": the result itself
	row       string   // member of the result with a row; "": the row itself
	byID      bool     // the rows are an object with the ids as keys
	merged    bool     // of the rows of a page with the same id, only the first is returned
	beside    []string // lists in the result beside the rows, always empty
	within    string   // the field that orders the rows of a page, descending, after they were selected by id
	more      string   // member of the result that reports whether as many rows were read as requested
	camel     bool     // fields are returned in lower camel case and may be requested in capitals
	aliases   *aliases // the names of crm.item.*, whose rows are stored under different names
	cast      cast
	usual     map[string]any   // default values of a row
	traits    map[string]trait // the documented properties of the fields, by the names they are stored under
	fields    []string         // fields that exist even if no row has them, in addition to documentedFields, with their marks
	selects   []string         // fields returned without a select; nil: all that are not shy
	quiet     []string         // fields returned only if a list names them
	withID    bool             // the id is returned whatever is selected
	allIfNone bool             // a select without a known field counts as no select
	values    bool             // PROPERTY_ fields are returned as objects, by the ids of their values
	texts     texts
	shy       shy
	order     string // default order, with - before a descending field; "": an order that looks random
	ties      bool   // rows that are equal in an order are in a different order each time
	hides     bool   // there may be rows that are counted but never returned
	paging    paging
	limit     int  // default number of rows in a page if the caller can choose; 0: all
	most      int  // maximum; 0: any number
	wraps     bool // a page after the last one is the first
	noCount   noCount
	created   string // fields that an add sets to the current time
	changed   string // field that add and update set to the current time
	missing   missing
	absent    string // the answer to an update of a row that does not exist, if it is special
}

// told returns the name of a field in an answer.
func (f *family) told(field string) string {
	if f.aliases != nil && field != "" {
		return f.aliases.told(field)
	}
	return field
}

// scope is an argument that determines the rows: those that have its value in a field, and those
// without such a field.
type scope struct {
	arg, field string
	required   bool
	zero       bool   // 0, and no value, mean all rows, which then come in pages
	op         string // another comparison than for equality
}

// standing is a condition that a method adds by itself: a field has the value, or is missing.
type standing struct {
	field  string
	value  any
	unless []string // keys of a filter that replace it
}

// join is a member of a row that holds several values, each of which a portal keeps as a row of
// another table. If a filter names one of its fields, a row appears once for each of them.
type join struct {
	member string            // of the row: values, or objects
	fields map[string]string // members of the objects by the field name in a request; nil: the member is the field
	shown  bool              // a row returns the value it was found by, and an order or select that names a field acts like a filter
}

// operation does the work of a method; it runs under the lock of the database.
type operation func(s *store, req Request) (any, error)

// implied describes whether the method's own condition is at the same level as those of the caller,
// at the top of the filter: with OR it then lets all rows through.
type implied int

const (
	impliedNever   implied = iota
	impliedAlways          // it is
	impliedDynamic         // it is unless entityTypeId is that of leads or of deals
)

// implies reports whether the condition is at that level in a request.
func (f *family) implies(req Request) bool {
	if f.implied != impliedDynamic {
		return f.implied == impliedAlways
	}
	typeID, _ := f.arg(req, "entityTypeId")
	n := php.Int(typeID)
	return n != 1 && n != 2
}

// turns describes the directions that an order accepts.
type turns int

const (
	turnsDesc   turns = iota // DESC in any letter case is descending, anything else ascending
	turnsAsc                 // ASC in any letter case is ascending, anything else descending
	turnsUpper               // DESC in capitals is descending, anything else ascending
	turnsLower               // asc or desc in lower case; with anything else the field is ignored
	turnsExact               // ASC or DESC in capitals; with anything else the field is ignored
	turnsORM                 // ASC or DESC in any letter case; anything else is refused by an ORM
	turnsStrict              // ASC or DESC in capitals; anything else is refused with INVALID_ARG_VALUE
	turnsFold                // ASC or DESC in any letter case; anything else is refused with INVALID_ARG_VALUE
)

// texts describes which values are returned as text.
type texts int

const (
	textNone    texts = iota // values unchanged, the id as a number
	textNumbers              // numbers at the top level of a row
	textAll                  // numbers everywhere, true and false as Y and N
	textUser                 // numbers everywhere, true and false unchanged
)

// shy describes which fields are returned only if a select names them.
type shy int

const (
	shyNone  shy = iota
	shyUser      // custom fields
	shyMulti     // custom fields, phones and the like
)

// paging describes which of the found rows make a page.
type paging int

const (
	byPage   paging = iota // start, rounded down to a multiple of the page size
	byOffset               // start unchanged
	byLimit                // limit and offset, or start
	byNav                  // NAV_PARAMS with nPageSize and iNumPage, or start
	byArg                  // the argument offset; next follows start
	pageOne                // the first rows, whatever start is; next follows it
	allRows                // all of them
)

// noCount describes `total` if nothing was counted.
type noCount int

const (
	totalZero   noCount = iota // start=-1: 0
	totalAbsent                // start=-1: missing
	totalOnRows                // as totalZero, and always missing without rows
	totalAlways                // start=-1 makes no difference: the rows are counted and next is returned
	totalMinus                 // never counted: -1, and next is returned
	totalNever                 // never counted, and neither total nor next is returned
	totalPage                  // the rows of the page are counted, and next is always missing; start=-1: missing
	totalNone                  // 0, and next is always missing; start=-1: missing
)

// missing describes the answer for a row that does not exist.
type missing int

const (
	missingNotFound missing = iota // code "" and Not found
	missingItem                    // code NOT_FOUND
	missingTask                    // an empty result, or the code for an action that is not allowed
)

func userNames() []string { return strings.Fields("NAME LAST_NAME SECOND_NAME WORK_POSITION") }
