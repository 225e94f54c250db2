package b24test

import (
	"strings"

	"github.com/b24go/b24/b24test/internal/php"
)

// family says how the methods of one entity behave: the differences between them stand here, the code that acts on them elsewhere.
type family struct {
	entity string               // crm.deal for crm.deal.list
	typed  bool                 // one store for each entityTypeId
	shelf  string               // the entity whose rows it tells, if that is another
	view   func(*store) *store  // how it sees them
	verbs  map[string]operation // by the rest of the method's name; "": the entity's name is that of the method

	// What a request is like.
	exact      bool              // argument names are matched as they stand; else letter case does not matter
	checked    bool              // an argument of the wrong type is an error, as controllers say it
	insists    bool              // an order or filter that is not a list is an error, as the classic CRM says it
	names      map[string]string // arguments that go by another name: order, filter, select
	positions  []string          // arguments by place, where names do not count
	inside     string            // the argument that holds all the others
	idArgs     []string          // arguments that may carry the id of a row
	scopes     []scope           // arguments that say which rows are meant
	needs      []string          // keys that have to be at the top of the filter, with their operators
	selectNeed []string          // fields that have to be selected
	find       []string          // fields that the argument FIND looks through
	findVerb   string            // the only method that has FIND; "": all
	sort       bool              // the order is told by the scalars sort and order
	both       bool              // sort counts only with order
	loose      bool              // filter fields may stand at the top level, where there is no filter
	grammar    grammar
	implied    implied
	filterable []string   // the only fields a filter takes, others are ignored; nil: all
	ignored    []string   // fields that a filter may have and that say nothing
	bare       []string   // fields that the top of a filter takes without an operator only
	owned      []string   // fields that there are only at the top of a filter and without an operator
	standing   []standing // conditions of the method's own
	naming     [3]naming  // by place
	strays     [3]stray   // by place
	free       []string   // what names of fields may begin with though nobody has seen them
	turns      turns      // what an order may say beside a field
	orderable  []string   // the only fields an order takes, others are ignored; nil: all
	last       string     // the field that an order sorts by last, wherever it stands
	loud       bool       // a write names fields in capitals
	silent     bool       // a field that is not known gives no rows and no error
	countable  []string   // fields of joins that total can be counted by, at the top of a filter and without an operator
	joins      []join     // members that are rows of other tables to the portal
	bindings   bool       // a filter may name owners in BINDINGS
	confirms   bool       // the argument offset deletes the rows below it

	// What an answer is like.
	id        string   // the id's name in a row; "": rows have none
	textID    bool     // an id is any text
	records   bool     // several rows may have one id
	rows      string   // member of the result with a page's rows; "": the result itself
	row       string   // member of the result with a row; "": the row itself
	byID      bool     // the rows are an object with the ids as keys
	merged    bool     // of the rows of a page that have one id the first is told
	more      string   // member of the result that tells whether as many rows were read as asked for
	camel     bool     // fields are told in lower camel case and may be asked for in capitals
	aliases   *aliases // the names of crm.item.*, whose rows are stored under other ones
	cast      cast
	usual     map[string]any   // what a row has that says nothing else
	traits    map[string]trait // what is documented of the fields, by the names they are stored under
	fields    []string         // fields that exist even if no row has them, beside documentedFields, with their marks
	selects   []string         // what is told without a select; nil: all that is not shy
	withID    bool             // the id is told whatever is selected
	allIfNone bool             // a select without a field that is known is none
	values    bool             // PROPERTY_ fields are told as objects, by ids of their values
	texts     texts
	shy       shy
	order     string // default order, with - before a field that descends; "": an order that looks accidental
	ties      bool   // rows that an order does not tell apart come otherwise each time
	hides     bool   // there may be rows that are counted and never told
	paging    paging
	limit     int  // rows of a page where the caller says how many: the default; 0: all
	most      int  // and the most; 0: any number
	wraps     bool // a page behind the last one is the first
	noCount   noCount
	created   string // fields that an add stamps
	changed   string // field that add and update stamp
	missing   missing
	absent    string // what an update says of a row that does not exist, if that is something else
}

// told is the name under which an answer tells a field.
func (f *family) told(field string) string {
	if f.aliases != nil && field != "" {
		return f.aliases.told(field)
	}
	return field
}

// scope is an argument that says which rows are meant: those with its value in a field, and those without such a field.
type scope struct {
	arg, field string
	required   bool
	op         string // compares otherwise
}

// standing is a condition that a method adds by itself: a field has the value, or is not there.
type standing struct {
	field  string
	value  any
	unless []string // keys of a filter that replace it
}

// join is a member of a row that holds several values, each of which is a row of another table to the portal. If a filter names one of its fields,
// a row comes once for each of them.
type join struct {
	member string            // of the row: values, or objects
	fields map[string]string // members of the objects by the field that a request calls them; nil: the member is the field
	shown  bool              // a row tells the value it was found by, and an order or select that names a field does as much as a filter
}

// operation is what a method does; it runs under the lock of the database.
type operation func(s *store, req Request) (any, error)

// implied says whether a condition of the method's own stands among those of the caller, at the top of the filter: with OR it lets everything in.
type implied int

const (
	impliedNever   implied = iota
	impliedAlways          // it does
	impliedDynamic         // it does if entityTypeId is neither that of leads nor that of deals
)

// implies tells whether it does in a request.
func (f *family) implies(req Request) bool {
	if f.implied != impliedDynamic {
		return f.implied == impliedAlways
	}
	typeID, _ := f.arg(req, "entityTypeId")
	n := php.Int(typeID)
	return n != 1 && n != 2
}

// turns says what an order may say beside the name of a field.
type turns int

const (
	turnsDesc   turns = iota // DESC in any letter case is descending, all else ascending
	turnsAsc                 // ASC in any letter case is ascending, all else descending
	turnsUpper               // DESC in capitals is descending, all else ascending
	turnsLower               // asc or desc in small letters; with anything else the field is ignored
	turnsExact               // ASC or DESC in capitals; with anything else the field is ignored
	turnsORM                 // ASC or DESC in any letter case; anything else is what an ORM refuses
	turnsStrict              // ASC or DESC in capitals; anything else is refused with INVALID_ARG_VALUE
	turnsFold                // ASC or DESC in any letter case; anything else is refused with INVALID_ARG_VALUE
)

// texts says which values are told as text.
type texts int

const (
	textNone    texts = iota // values as they are, the id as a number
	textNumbers              // numbers at the top level of a row
	textAll                  // numbers everywhere, true and false as Y and N
	textUser                 // numbers everywhere, true and false as they are
)

// shy says which fields are told only if a select names them.
type shy int

const (
	shyNone  shy = iota
	shyUser      // custom fields
	shyMulti     // custom fields, phones and the like
)

// paging says which rows of those found make a page.
type paging int

const (
	byPage   paging = iota // start, rounded down to a multiple of the page size
	byOffset               // start as it is
	byLimit                // limit and offset, or start
	byNav                  // NAV_PARAMS with nPageSize and iNumPage, or start
	byArg                  // the argument offset; next goes by start
	pageOne                // the first rows, whatever start says; next goes by it
	allRows                // all of them
)

// noCount says what becomes of `total` where nothing was counted.
type noCount int

const (
	totalZero   noCount = iota // start=-1: 0
	totalAbsent                // start=-1: not there
	totalOnRows                // as totalZero, and never there without rows
	totalAlways                // start=-1 makes no difference: the rows are counted and next is there
	totalMinus                 // nothing is ever counted: -1, and next is there
	totalNever                 // nothing is ever counted, and neither total nor next is there
	totalPage                  // the rows of the page are counted, and next is never there; start=-1: not there
	totalNone                  // 0, and next is never there; start=-1: not there
)

// missing says how a row that does not exist is told.
type missing int

const (
	missingNotFound missing = iota // code "" and Not found
	missingItem                    // code NOT_FOUND
	missingTask                    // an empty result, or the code of an action that is not allowed
)

func userNames() []string { return strings.Fields("NAME LAST_NAME SECOND_NAME WORK_POSITION") }
