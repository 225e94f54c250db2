package b24test

import (
	"slices"
	"strings"
)

// family says how the methods of one entity behave: the differences between them stand here, the code that acts on them elsewhere.
type family struct {
	entity  string // crm.deal for crm.deal.list
	typed   bool   // one store for each entityTypeId
	verbs   map[string]operation
	exact   bool     // argument names are matched as they stand; else letter case does not matter
	idArgs  []string // arguments that may carry the id of a row
	id      string   // the id's name in a row
	rows    string   // member of the result with a page's rows; "": the result itself
	row     string   // member of the result with a row; "": the row itself
	camel   bool     // fields are told in lower camel case and may be asked for in capitals
	fields  []string // fields that exist even if no row has them
	unknown unknown
	texts   texts
	shy     shy
	order   string // default order; "": an order that looks accidental
	sort    bool   // the order is told by the scalars sort and order
	loose   bool   // filter fields may stand at the top level too
	equal   bool   // filter keys are plain names: one with an operator is ignored
	noCount noCount
	created string // fields that an add stamps
	changed string // field that add and update stamp
	missing missing
}

// operation is what a method does; it runs under the lock of the database.
type operation func(s *store, req Request) (any, error)

// unknown says what becomes of a field in filter or order that the entity does not have.
type unknown int

const (
	unknownEmpty   unknown = iota // a name in capitals is a field that is empty in each row; any other is ignored
	unknownIgnored                // ignored
	unknownRefused                // the call is refused
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

// noCount says what becomes of `total` where nothing was counted.
type noCount int

const (
	totalZero   noCount = iota // start=-1: 0
	totalAbsent                // start=-1: not there
	totalOnRows                // as totalZero, and never there without rows
)

// missing says how a row that does not exist is told.
type missing int

const (
	missingNotFound missing = iota // code "" and Not found
	missingItem                    // code NOT_FOUND
	missingTask                    // an empty result, or the code of an action that is not allowed
)

// families are the entities every portal has.
func families() []family {
	return []family{
		classic("crm.deal"),
		classic("crm.lead"),
		classic("crm.company"),
		classic("crm.contact"),
		classic("crm.quote"),
		activity(),
		{
			entity: "crm.item", typed: true, exact: true, idArgs: []string{"id"}, id: "id", rows: "items", row: "item",
			verbs: map[string]operation{"list": list, "get": get, "add": add, "update": update, "delete": remove, "fields": fields},
			camel: true, fields: itemFields(), unknown: unknownRefused, noCount: totalAbsent, missing: missingItem,
			created: "createdTime", changed: "updatedTime",
		},
		{
			entity: "tasks.task", exact: true, idArgs: []string{"taskId", "id"}, id: "id", rows: "tasks", row: "task",
			verbs: map[string]operation{"list": list, "get": get, "add": add, "update": update, "delete": remove, "getfields": fields},
			camel: true, fields: taskFields(), texts: textNumbers, shy: shyUser, order: "id", noCount: totalAbsent, missing: missingTask,
			created: "createdDate", changed: "changedDate",
		},
		{
			entity: "user", id: "ID", verbs: map[string]operation{"get": list, "fields": fields},
			fields: userFields(), unknown: unknownIgnored, texts: textUser, sort: true, loose: true, noCount: totalOnRows,
		},
		{
			entity: "department", id: "ID", verbs: map[string]operation{"get": list, "fields": fields},
			fields: []string{"NAME", "SORT", "PARENT", "UF_HEAD"}, unknown: unknownIgnored, texts: textAll, order: "ID",
			sort: true, loose: true, equal: true,
		},
	}
}

// classic is the family of the old CRM methods: fields in capitals, all values text, result is the rows.
func classic(entity string) family {
	return family{
		entity: entity, idArgs: []string{"id"}, id: "ID", texts: textAll, shy: shyMulti, order: "ID",
		verbs:   map[string]operation{"list": list, "get": get, "add": add, "update": update, "delete": remove, "fields": fields},
		created: "DATE_CREATE", changed: "DATE_MODIFY",
	}
}

func activity() family {
	f := classic("crm.activity")
	f.order, f.created, f.changed = "START_TIME", "CREATED", "LAST_UPDATED"
	return f
}

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

func userFields() []string {
	return strings.Fields(`XML_ID ACTIVE NAME LAST_NAME SECOND_NAME TITLE EMAIL LAST_LOGIN DATE_REGISTER TIME_ZONE IS_ONLINE USER_TYPE
		PERSONAL_GENDER PERSONAL_BIRTHDAY PERSONAL_PHOTO PERSONAL_PHONE PERSONAL_MOBILE PERSONAL_CITY WORK_PHONE WORK_POSITION WORK_COMPANY
		UF_DEPARTMENT UF_PHONE_INNER UF_EMPLOYMENT_DATE`)
}

// field is the name under which a row holds what a request calls name.
func (f *family) field(name string) string {
	if f.camel && isUpper(name) {
		return toCamel(name)
	}
	return name
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

// toUpper makes UF_CRM_5_1699 of ufCrm5_1699.
func toUpper(name string) string {
	var b strings.Builder
	for i := range len(name) {
		c := name[i]
		if i > 0 && name[i-1] != '_' && (c >= 'A' && c <= 'Z' || isDigit(c) && !isDigit(name[i-1])) {
			b.WriteByte('_')
		}
		b.WriteString(strings.ToUpper(name[i : i+1]))
	}
	return b.String()
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// isUser tells whether a field is a custom one.
func isUser(field string) bool {
	return strings.HasPrefix(field, "UF_") || len(field) > 2 && strings.HasPrefix(field, "uf") && field[2] >= 'A' && field[2] <= 'Z'
}

// isMulti tells whether a field of a classic entity holds phones, e-mails and the like.
func isMulti(field string) bool {
	return slices.Contains([]string{"PHONE", "EMAIL", "WEB", "IM", "LINK"}, field)
}
