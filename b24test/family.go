package b24test

import (
	"strings"
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
	checked    bool              // an argument of the wrong type is an error
	names      map[string]string // arguments that go by another name: order, filter, select
	positions  []string          // arguments by place, where names do not count
	inside     string            // the argument that holds all the others
	idArgs     []string          // arguments that may carry the id of a row
	scopes     []scope           // arguments that say which rows are meant
	needs      []string          // fields that have to be in the filter
	find       []string          // fields that the argument FIND looks through
	sort       bool              // the order is told by the scalars sort and order
	both       bool              // sort counts only with order
	loose      bool              // filter fields may stand at the top level, where there is no filter
	equal      bool              // filter keys are plain names: one with an operator is ignored
	filterable []string          // the only fields a filter takes, others are ignored; nil: all
	operators  []string          // the only operators a filter takes; nil: all
	capitals   bool              // fields have to be named in capitals
	upper      bool              // letter case of fields in filter and order does not matter
	unknown    unknown
	loud       bool // a write names fields in capitals
	anyOrder   bool // a field that is unknown in the order is ignored, whatever a filter does

	// What an answer is like.
	id      string   // the id's name in a row; "": rows have none
	textID  bool     // an id is any text
	zero    bool     // an id may be 0
	rows    string   // member of the result with a page's rows; "": the result itself
	row     string   // member of the result with a row; "": the row itself
	byID    bool     // the rows are an object with the ids as keys
	more    string   // member of the result that tells whether there is a further page
	camel   bool     // fields are told in lower camel case and may be asked for in capitals
	aliases *aliases // the names of crm.item.*, whose rows are stored under other ones
	fields  []string // fields that exist even if no row has them
	cast    cast
	usual   map[string]any   // what a row has that says nothing else
	traits  map[string]trait // what is documented of the fields, by the names they are stored under
	selects []string         // what is told without a select; nil: all that is not shy
	values  bool             // PROPERTY_ fields are told as objects, by ids of their values
	texts   texts
	shy     shy
	order   string // default order, with - before it when it is descending; "": an order that looks accidental
	paging  paging
	limit   int  // rows of a page where the caller says how many: the default; 0: all
	most    int  // and the most; 0: any number
	wraps   bool // a page behind the last one is the first
	noCount noCount
	created string // fields that an add stamps
	changed string // field that add and update stamp
	missing missing
	absent  string // what an update says of a row that does not exist, if that is something else
}

// scope is an argument that says which rows are meant: those with its value in a field, and those without such a field.
type scope struct {
	arg, field string
	required   bool
	op         string // compares otherwise
}

// operation is what a method does; it runs under the lock of the database.
type operation func(s *store, req Request) (any, error)

// unknown says what becomes of a field in filter or order that the entity does not have.
type unknown int

const (
	unknownEmpty   unknown = iota // a name in capitals is a field that is empty in each row; any other is ignored
	unknownIgnored                // ignored
	unknownRefused                // the call is refused with INVALID_ARG_VALUE
	unknownWrong                  // the call is refused with ERROR_ARGUMENT
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
)

// missing says how a row that does not exist is told.
type missing int

const (
	missingNotFound missing = iota // code "" and Not found
	missingItem                    // code NOT_FOUND
	missingTask                    // an empty result, or the code of an action that is not allowed
)

func itemFields() []string {
	return strings.Fields(`title xmlId createdTime updatedTime movedTime createdBy updatedBy movedBy categoryId opened stageId previousStageId
		begindate closedate companyId contactId contactIds opportunity isManualOpportunity taxValue currencyId mycompanyId sourceId
		sourceDescription webformId assignedById observers name lastName secondName companyTitle post birthdate typeId comments
		lastActivityBy lastActivityTime utmSource utmMedium utmCampaign utmContent utmTerm closed leadId quoteId entityTypeId`)
}

func taskFields() []string {
	return strings.Fields(`parentId title description mark priority multitask replicate groupId stageId createdBy createdDate responsibleId
		changedBy changedDate statusChangedBy statusChangedDate closedBy closedDate activityDate dateStart deadline startDatePlan endDatePlan
		guid xmlId status realStatus timeEstimate timeSpentInLogs durationPlan durationFact durationType accomplices auditors tag favorite`)
}

func userNames() []string { return strings.Fields("NAME LAST_NAME SECOND_NAME WORK_POSITION") }

func userFields() []string {
	return strings.Fields(`XML_ID ACTIVE NAME LAST_NAME SECOND_NAME TITLE EMAIL LAST_LOGIN DATE_REGISTER TIME_ZONE IS_ONLINE USER_TYPE
		PERSONAL_GENDER PERSONAL_BIRTHDAY PERSONAL_PHOTO PERSONAL_PHONE PERSONAL_MOBILE PERSONAL_CITY WORK_PHONE WORK_POSITION WORK_COMPANY
		UF_DEPARTMENT UF_PHONE_INNER UF_EMPLOYMENT_DATE`)
}

// field is the name under which a row holds what a request calls name.
func (f *family) field(name string) string {
	if f.aliases != nil {
		return f.aliases.stored(name)
	}
	if f.camel && isUpper(name) {
		return toCamel(name)
	}
	return name
}

// told is the name under which an answer tells a field.
func (f *family) told(field string) string {
	if f.aliases != nil && field != "" {
		return f.aliases.told(field)
	}
	return field
}

func isUpper(name string) bool { return name == strings.ToUpper(name) }

// toCamel makes ufCrm5_1699 of UF_CRM_5_1699: an underscore stays only between two digits.
func toCamel(name string) string {
	var b strings.Builder
	upper := false
	for i := range len(name) {
		c := name[i]
		switch {
		case c == '_' && i > 0 && i+1 < len(name) && isDigit(name[i-1]) && isDigit(name[i+1]):
			b.WriteByte(c)
		case c == '_':
			upper = b.Len() > 0
		case upper:
			b.WriteByte(c)
			upper = false
		default:
			b.WriteString(strings.ToLower(name[i : i+1]))
		}
	}
	return b.String()
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// isUser tells whether a field is a custom one.
func isUser(field string) bool {
	return strings.HasPrefix(field, "UF_") || len(field) > 2 && strings.HasPrefix(field, "uf") && field[2] >= 'A' && field[2] <= 'Z'
}
